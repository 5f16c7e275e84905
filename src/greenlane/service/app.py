"""The API put together: handlers, access, problems, document, logs and metrics."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache, partial
from typing import Any

import msgspec
from litestar import Litestar, Request, Router
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi.spec import Tag

from greenlane.desk.desk import Desk
from greenlane.desk.notices import keyring
from greenlane.desk.persons import refused
from greenlane.exchange.sender import Sender
from greenlane.service.access import Limits, caller_of_request, guard
from greenlane.service.administration import ADMINISTRATION
from greenlane.service.answers import ANSWERS
from greenlane.service.batcher import Batcher
from greenlane.service.consignments import CONSIGNMENTS
from greenlane.service.document import PREFIX, make_document
from greenlane.service.documents import DOCUMENTS
from greenlane.service.edge import Edge
from greenlane.service.filings import FILINGS
from greenlane.service.gatherer import Gatherer, transactions_at_once
from greenlane.service.health import HEALTH
from greenlane.service.logs import Watch
from greenlane.service.metrics import METRICS, measuring
from greenlane.service.money import MONEY
from greenlane.service.money_books import BOOKS
from greenlane.service.notices import NOTICES
from greenlane.service.paths import Paths
from greenlane.service.persons import PERSONS
from greenlane.service.problems import of_depth, of_domain, of_fault, of_http
from greenlane.service.quotes import QUOTES
from greenlane.service.settings import Settings
from greenlane.service.tokens import Tokens
from greenlane.service.trade import TRADE
from greenlane.service.webhooks import WEBHOOKS
from greenlane.service.work import working
from greenlane.values.errors import GreenlaneError

TAGS = (
    Tag("filings", "File consignments and read what became of them."),
    Tag("consignments", "One consignment: its state, events, commands, documents; the officer's queue."),
    Tag("notices", "What a party is told: its feed, and webhooks."),
    Tag("money", "Statements, payments, guarantees, period returns."),
    Tag("persons", "People's data: reading it for a purpose, extracts, erasure, the audit chain."),
    Tag("quotes", "What would a consignment cost?"),
    Tag("administration", "Parties, keys, agencies, planned windows; the sandbox."),
    Tag("health", "Is the service well?"),
)


HANDLERS = (
    *FILINGS,
    *TRADE,
    *CONSIGNMENTS,
    *ANSWERS,
    *DOCUMENTS,
    *NOTICES,
    *WEBHOOKS,
    *MONEY,
    *BOOKS,
    *PERSONS,
    *QUOTES,
    *ADMINISTRATION,
    *HEALTH,
)
"""Every handler of the API."""


@cache
def document() -> bytes:
    """Return the OpenAPI document of the API."""
    return msgspec.json.encode(make_document(HANDLERS, TAGS))


def create_app(desk: Desk, settings: Settings) -> Litestar:
    """Return the API over a desk.

    Args:
        desk: The use cases, with an open database.
        settings: Limits, access and sandbox.
    """
    tokens = (
        Tokens(settings.oidc_issuer, settings.oidc_audience, settings.oidc_keys)
        if settings.oidc_issuer
        else None
    )

    def authenticate(text: str) -> Any:
        if tokens is not None and text.count(".") == 2:
            caller = tokens.caller_of(text, int(desk.clock.machine().timestamp()))
            return caller if caller is not None and desk.knows(caller) else None
        return desk.caller_of_key(text)

    watch = Watch()
    batcher = Batcher(desk)
    gatherer = Gatherer(desk, transactions_at_once(settings.workers, os.cpu_count() or 1))
    desk.filed = METRICS.filed
    sender = Sender(keyring(desk.masters), allow_private=settings.allow_private_webhooks)

    @asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        async with (
            measuring(desk.database),
            sender,
            batcher.running(),
            gatherer.running(),
            working(desk, sender),
        ):
            yield

    limits = Limits(settings.rate_per_minute, settings.anonymous_per_minute)
    app = Litestar(
        route_handlers=[Router(PREFIX, route_handlers=list(HANDLERS))],
        guards=[guard(authenticate, limits, partial(refused, desk))],
        dependencies={
            "desk": Provide(_always(desk), sync_to_thread=False),
            "caller": Provide(_caller, sync_to_thread=False),
            "settings": Provide(_always(settings), sync_to_thread=False),
            "batcher": Provide(_always(batcher), sync_to_thread=False),
            "gatherer": Provide(_always(gatherer), sync_to_thread=False),
            "sender": Provide(_always(sender), sync_to_thread=False),
            "openapi": Provide(document, sync_to_thread=False),
        },
        exception_handlers={
            HTTPException: of_http,
            GreenlaneError: of_domain,
            RecursionError: of_depth,
            Exception: of_fault,
        },
        middleware=[watch.middleware(settings.request_seconds)],
        request_max_body_size=settings.request_bytes,
        lifespan=[running],
        openapi_config=None,
        debug=False,
        pdb_on_exception=False,
        logging_config=None,
    )
    app.asgi_handler = Edge(app.asgi_handler, desk, Paths(PREFIX, HANDLERS))
    return app


def _always(value: Any) -> Callable[[], Any]:
    def give() -> Any:
        return value

    return give


def _caller(request: Request[Any, Any, Any]) -> Any:
    return caller_of_request(request)
