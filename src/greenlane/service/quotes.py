"""Quotes: what a consignment would cost landed, from the same law as a filing."""

from typing import Annotated, Any

import anyio
import msgspec
from litestar import Request, post
from litestar.params import QueryParameter

from greenlane.desk.weight import Bound, holds_more
from greenlane.engine.quote import Asked, make_quotes, read_destinations
from greenlane.service.access import ANONYMOUS, TAKES
from greenlane.service.problems import ErrorItem, Problem
from greenlane.service.requesting import TheDesk
from greenlane.service.shapes import Quoted
from greenlane.values.errors import UsageError
from greenlane.values.finding import kind_of

_MOST_BYTES = 1024 * 1024
_MOST = Bound(100, 2_000)


@post(
    "/quotes",
    status_code=200,
    tags=["quotes"],
    opt={ANONYMOUS: True, TAKES: "quote"},
    security=[],
    request_max_body_size=_MOST_BYTES,
)
async def quote(
    request: Request[Any, Any, Any],
    desk: TheDesk,
    to: Annotated[
        str | None, QueryParameter(description="Destinations to compare, DE,FR,GB, or all.")
    ] = None,
    currency: Annotated[
        str | None, QueryParameter(description="Show amounts in this currency as well.", pattern="^[A-Z]{3}$")
    ] = None,
    total: Annotated[
        str | None, QueryParameter(description="Find the price whose landed cost is this.", max_length=30)
    ] = None,
) -> list[Quoted]:
    """Quote the landed cost of consignments (JSON of the contract) at one or many destinations."""
    body = await request.body()

    def work() -> list[Quoted]:
        if holds_more(body, _MOST):
            raise Problem(
                413, "too-many-items", f"a quote takes up to {_MOST.records} consignments as plain JSON"
            )
        if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
            raise Problem(422, "refused", "a quote takes a JSON object, an array of objects, or NDJSON")
        try:
            places = read_destinations(to) if to is not None else None
            asked = Asked(places, (to or "").strip().lower() == "all", currency, total)
            made = make_quotes(body, "-", asked, desk.context)
        except UsageError as error:
            raise Problem(422, "refused", str(error)) from None
        if not made.quotes:
            errors = [
                ErrorItem(
                    code=f["code"], path=f["path"] or "/", message=f["message"], fix=kind_of(f["code"]).fix
                )
                for f in made.findings.to_dicts()
            ]
            raise Problem(422, "refused", "none of this could be read as a consignment", errors)
        return msgspec.convert([one.as_dict() for one in made.quotes], list[Quoted])

    return await anyio.to_thread.run_sync(work)


QUOTES = [quote]
