"""Webhooks over HTTP: register, list, delete, enable, replay, failures, test."""

from datetime import UTC, datetime
from typing import Annotated

import anyio.to_thread
import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from greenlane.desk import webhooks
from greenlane.desk.caller import Right
from greenlane.exchange.keys import SharedSecret
from greenlane.exchange.notice import Notice
from greenlane.service.access import RIGHT
from greenlane.service.notices import Place
from greenlane.service.problems import Problem
from greenlane.service.requesting import Limit, TheCaller, TheDesk, TheSender, TheSettings
from greenlane.store.webhooks import Webhook

Url = Annotated[str, Meta(min_length=1, max_length=2000, description="https://host/path")]
CursorOf = Annotated[int, Meta(ge=0, le=2**62, description="A place of the feed.")]


class WebhookWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A receiver; with ``hmac`` each notice is signed by a shared secret too, the caller's own or a new one."""

    url: Url
    hmac: bool = False
    secret: Annotated[str, Meta(max_length=100, description="whsec_… of 24 to 64 bytes")] | None = None


class WebhookMade(msgspec.Struct, frozen=True, kw_only=True):
    """A new webhook. ``secret`` is told this once; notices up to ``cursor`` are not sent but by replay."""

    id: str
    url: str
    created_at: datetime
    keys: list[str]
    secret: str | None
    cursor: int


class WebhookTold(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook; ``waiting`` counts the notices that it is still to get, to 10,000."""

    id: str
    url: str
    hmac: bool
    created_at: datetime
    succeeded_at: datetime | None
    disabled_at: datetime | None
    reason: str | None
    waiting: int


class Webhooks(msgspec.Struct, frozen=True):
    """The webhooks of a party."""

    webhooks: list[WebhookTold]


class ReplayWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which places of the feed are sent again, both included."""

    first: CursorOf = msgspec.field(name="from")
    last: CursorOf = msgspec.field(name="to")


class ReplayTold(msgspec.Struct, frozen=True):
    """How many notices will be sent again."""

    notices: int


class FailureTold(msgspec.Struct, frozen=True, kw_only=True):
    """A notice whose last attempt failed: tried again at ``next_at``, or given up where that is null."""

    notice_id: str
    consignment_id: str
    cursor: int
    attempt: int
    at: datetime
    failure: str
    status: int | None
    next_at: datetime | None


class Failures(msgspec.Struct, frozen=True):
    """A page of the failure list; ``next`` is null at its end."""

    failures: list[FailureTold]
    next: int | None


class Tested(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a test notice."""

    delivered: bool
    failure: str | None
    status: int | None
    elapsed_ms: int


@post("/webhooks", tags=["notices"], opt={RIGHT: Right.WEBHOOKS})
async def add_webhook(
    data: JSONBody[WebhookWanted],
    desk: TheDesk,
    caller: TheCaller,
    settings: TheSettings,
    sender: TheSender,
) -> WebhookMade:
    """Register a receiver of every notice from now on; its address is judged now and at each attempt."""
    secret = SharedSecret.read(data.secret) if data.secret is not None else None
    if secret is None and data.hmac:
        secret = SharedSecret.generate()

    def work() -> WebhookMade:
        made = webhooks.register(
            desk, caller, data.url, secret, allow_private=settings.allow_private_webhooks
        )
        return WebhookMade(
            id=made.id,
            url=data.url,
            created_at=made.created_at,
            keys=list(sender.keyring.public(caller.party)),
            secret=None if made.secret is None else made.secret.text(),
            cursor=made.cursor,
        )

    return await anyio.to_thread.run_sync(work)


@get("/webhooks", tags=["notices"], opt={RIGHT: Right.WEBHOOKS})
async def list_webhooks(desk: TheDesk, caller: TheCaller) -> Webhooks:
    """List the caller's webhooks, and how each fares."""
    found = await anyio.to_thread.run_sync(webhooks.listed, desk, caller)
    return Webhooks([_told(one) for one in found])


@get("/webhooks/{webhook:str}", tags=["notices"], opt={RIGHT: Right.WEBHOOKS})
async def read_webhook(webhook: FromPath[str], desk: TheDesk, caller: TheCaller) -> WebhookTold:
    """Read how one webhook fares."""
    return _told(await anyio.to_thread.run_sync(webhooks.one, desk, caller, webhook))


@delete("/webhooks/{webhook:str}", tags=["notices"], opt={RIGHT: Right.WEBHOOKS})
async def remove_webhook(webhook: FromPath[str], desk: TheDesk, caller: TheCaller) -> None:
    """Delete a webhook with what it was still to get; the feed keeps every notice."""
    await anyio.to_thread.run_sync(webhooks.remove, desk, caller, webhook)


@post("/webhooks/{webhook:str}/enable", status_code=200, tags=["notices"], opt={RIGHT: Right.WEBHOOKS})
async def enable_webhook(webhook: FromPath[str], desk: TheDesk, caller: TheCaller) -> WebhookTold:
    """Let a disabled webhook get its notices again; none that came meanwhile is lost."""
    return _told(await anyio.to_thread.run_sync(webhooks.enable, desk, caller, webhook))


@post("/webhooks/{webhook:str}/replay", status_code=200, tags=["notices"], opt={RIGHT: Right.WEBHOOKS})
async def replay(
    webhook: FromPath[str], data: JSONBody[ReplayWanted], desk: TheDesk, caller: TheCaller
) -> ReplayTold:
    """Send any range of the feed again, also what came before the webhook was registered."""
    if data.last < data.first:
        raise Problem(422, "refused", "`to` comes before `from`")

    def work() -> ReplayTold:
        return ReplayTold(webhooks.replay(desk, caller, webhook, data.first, data.last, datetime.now(UTC)))

    return await anyio.to_thread.run_sync(work)


@get("/webhooks/{webhook:str}/failures", tags=["notices"], opt={RIGHT: Right.WEBHOOKS})
async def list_failures(
    webhook: FromPath[str], desk: TheDesk, caller: TheCaller, cursor: Place = 0, limit: Limit = 100
) -> Failures:
    """List the notices whose last attempt failed, by place in the feed: those that wait and those given up."""
    found = await anyio.to_thread.run_sync(webhooks.failures, desk, caller, webhook, cursor, limit)
    told = [
        FailureTold(
            notice_id=one.notice_id, consignment_id=one.consignment_id, cursor=one.cursor, attempt=one.attempt,
            at=one.at, failure=one.failure, status=one.status, next_at=one.next_at,
        )
        for one in found
    ]  # fmt: skip
    return Failures(told, found[-1].cursor if len(found) == limit else None)


@post("/webhooks/{webhook:str}/test", status_code=200, tags=["notices"], opt={RIGHT: Right.WEBHOOKS})
async def test_webhook(webhook: FromPath[str], desk: TheDesk, caller: TheCaller, sender: TheSender) -> Tested:
    """Send a signed test notice now, also to a disabled webhook, and say what came of it."""
    endpoint = await anyio.to_thread.run_sync(webhooks.endpoint, desk, caller, webhook)
    now = datetime.now(UTC)
    notice = Notice("webhook.test", caller.party, "", 0, now, "A test: nothing has happened.")
    answer = await sender.send(endpoint, notice, now)
    return Tested(
        delivered=answer.failure is None,
        failure=answer.failure,
        status=answer.status,
        elapsed_ms=answer.elapsed_ms,
    )


def _told(one: Webhook) -> WebhookTold:
    return WebhookTold(
        id=one.id, url=one.url, hmac=one.sealed is not None, created_at=one.created_at,
        succeeded_at=one.succeeded_at, disabled_at=one.disabled_at, reason=one.reason, waiting=one.waiting,
    )  # fmt: skip


WEBHOOKS = [
    add_webhook,
    list_webhooks,
    read_webhook,
    remove_webhook,
    enable_webhook,
    replay,
    list_failures,
    test_webhook,
]
