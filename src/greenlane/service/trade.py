"""Orders, payments, waybills and inventories over HTTP: what each party sent, and which checks failed in it."""

from typing import Annotated, Any
from uuid import UUID

import anyio.to_thread
from litestar import Request, Response, get
from litestar.params import QueryParameter

from greenlane.desk.caller import Right
from greenlane.desk.seeing import viewer_of
from greenlane.reference.catalogues import fix_in, title_in
from greenlane.reference.wording import message_in
from greenlane.service.access import RIGHT
from greenlane.service.languages import headers_of, language_of
from greenlane.service.requesting import Cursor, Limit, Moment, TheCaller, TheDesk, answers, pack, unpack
from greenlane.service.shapes import FailedCheck, TradeDocument, TradeDocuments
from greenlane.store import trade_documents as rows
from greenlane.store.trade_documents import Failed, Held

FailedOnly = Annotated[
    bool | None,
    QueryParameter(description="Only those in which a check failed, or only those in which none did."),
]


@get(
    "/trade-documents",
    tags=["filings"],
    opt={RIGHT: Right.FILINGS},
    responses=answers(TradeDocuments, 200),
)
async def list_trade_documents(
    request: Request[Any, Any, Any],
    desk: TheDesk,
    caller: TheCaller,
    failed: FailedOnly = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response[TradeDocuments]:
    """List the orders, payments, waybills, inventories and returns that the caller's party sent, the newest first.

    They are compared as soon as the inventory and what it names are there, and again when one changes. Each party reads
    the checks that failed in its own document, and nothing of the others'.
    """
    after = unpack(cursor, Moment, UUID) if cursor else None

    def work() -> list[Held]:
        with desk.database.reading(viewer_of(caller)) as store:
            return rows.listed(store, failed, after, limit)

    found = await anyio.to_thread.run_sync(work)
    language = language_of(request)
    more = pack(found[-1].at, found[-1].document.id) if len(found) == limit else None
    told = TradeDocuments([_told(one, language) for one in found], more)
    return Response(told, headers=headers_of(language))


def _told(held: Held, language: str) -> TradeDocument:
    one = held.document
    compared = "fails" if held.failed else "agrees"
    return TradeDocument(
        party=one.party,
        kind=one.kind,
        issuer=one.issuer,
        number=one.number,
        order_number=one.order_number,
        status="waiting" if held.compared_at is None else compared,
        received_at=held.at,
        compared_at=held.compared_at,
        failed=[_check(check, language) for check in held.failed],
    )


def _check(one: Failed, language: str) -> FailedCheck:
    return FailedCheck(
        check=one.check,
        code=one.code,
        title=title_in(one.code, language),
        path=one.path,
        message=message_in(one.message, language),
        fix=fix_in(one.code, language),
    )


TRADE = [list_trade_documents]
