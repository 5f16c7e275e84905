"""Filings over HTTP: bulk first, each consignment with its own result."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import anyio.to_thread
from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter

from greenlane.clearance.vocabulary import Stage
from greenlane.desk import filings as desk_filings
from greenlane.desk.caller import Right
from greenlane.desk.commanding import viewer_of
from greenlane.desk.filings import Filing, Receipt
from greenlane.desk.results import ItemResult
from greenlane.desk.singles import Single, is_object
from greenlane.service.access import RIGHT
from greenlane.service.problems import Problem
from greenlane.service.requesting import (
    Cursor,
    IdempotencyKey,
    Limit,
    TheBatcher,
    TheCaller,
    TheDesk,
    TheSettings,
    aware,
    pack,
    reply,
    request_of,
    unpack,
)
from greenlane.store import filings as rows

StageOf = Annotated[Stage, QueryParameter(description="At which stage of the journey this is filed.")]
Departs = Annotated[
    datetime | None, QueryParameter(description="When the goods depart, with its offset from UTC.")
]
Arrives = Annotated[
    datetime | None, QueryParameter(description="When the goods arrive, with its offset from UTC.")
]


@post("/filings", status_code=200, tags=["filings"], opt={RIGHT: Right.FILE})
async def file(
    request: Request[Any, Any, Any],
    desk: TheDesk,
    caller: TheCaller,
    settings: TheSettings,
    idempotency_key: IdempotencyKey = None,
    stage: StageOf = "pre_arrival",
    departs_at: Departs = None,
    arrives_at: Arrives = None,
) -> Response[bytes]:
    """File many consignments: a JSON array, NDJSON, CSV or Parquet of the contract, up to 100,000 items.

    A filing of moderate size is decided before the answer, whole or not at all (200); a larger one is received,
    sealed (202), and decided afterwards part by part. One bad record rejects no other.
    """
    body = await request.body()
    if not body:
        raise Problem(400, "empty", "the request has no body; send consignments")
    filing = Filing(body, stage, aware(departs_at, "departs_at"), aware(arrives_at, "arrives_at"))
    asked = request_of(request, caller, idempotency_key, body)
    work = desk_filings.file_now if len(body) <= settings.inline_bytes else desk_filings.receive
    return reply(await anyio.to_thread.run_sync(work, desk, caller, filing, asked))


@get("/filings", tags=["filings"], opt={RIGHT: Right.FILINGS})
async def list_filings(
    desk: TheDesk, caller: TheCaller, limit: Limit = 100, cursor: Cursor = None
) -> dict[str, Any]:
    """List filings, the newest first."""
    after = unpack(cursor, datetime, UUID) if cursor else None

    def work() -> list[dict[str, Any]]:
        with desk.database.reading(viewer_of(caller)) as store:
            return rows.listed(store, after, limit)

    found = await anyio.to_thread.run_sync(work)
    more = pack(found[-1]["received_at"], found[-1]["filing"]) if len(found) == limit else None
    return {"filings": found, "next": more}


@get("/filings/{filing:uuid}", tags=["filings"], opt={RIGHT: Right.FILINGS})
async def read_filing(desk: TheDesk, caller: TheCaller, filing: FromPath[UUID]) -> Receipt:
    """Say how far a filing is."""

    def work() -> Receipt | None:
        with desk.database.reading(viewer_of(caller)) as store:
            return desk_filings.receipt_of(store, filing)

    found = await anyio.to_thread.run_sync(work)
    if found is None:
        raise Problem(404, "not-found", "there is no such filing, or it isn't yours to see")
    return found


@get("/filings/{filing:uuid}/results", tags=["filings"], opt={RIGHT: Right.FILINGS})
async def read_results(
    desk: TheDesk, caller: TheCaller, filing: FromPath[UUID], limit: Limit = 1000, cursor: Cursor = None
) -> dict[str, Any]:
    """Read what became of each record of a filing, in pages."""
    (after,) = unpack(cursor, int) if cursor else (0,)

    def work() -> tuple[Receipt | None, list[ItemResult]]:
        with desk.database.reading(viewer_of(caller)) as store:
            receipt = desk_filings.receipt_of(store, filing)
            return receipt, desk_filings.results(store, filing, after, limit) if receipt else []

    receipt, found = await anyio.to_thread.run_sync(work)
    if receipt is None:
        raise Problem(404, "not-found", "there is no such filing, or it isn't yours to see")
    more = pack(after + len(found)) if len(found) == limit or receipt.status == "received" else None
    return {"status": receipt.status, "results": found, "next": more}


@post("/consignments", status_code=201, tags=["filings"], opt={RIGHT: Right.FILE})
async def file_one(
    request: Request[Any, Any, Any],
    batcher: TheBatcher,
    caller: TheCaller,
    idempotency_key: IdempotencyKey = None,
    stage: StageOf = "pre_arrival",
    departs_at: Departs = None,
    arrives_at: Arrives = None,
) -> Response[bytes]:
    """File one consignment (a JSON object of the contract): accepted 201, amended or repeated 200.

    Intake's refusal is 422 and the procedure's 409, both with the result and its findings.
    """
    body = await request.body()
    if not is_object(body):
        raise Problem(400, "json", "this takes one JSON object, a consignment of the contract")
    single = Single(
        caller.party,
        caller.actor,
        body,
        stage,
        aware(departs_at, "departs_at"),
        aware(arrives_at, "arrives_at"),
        request_of(request, caller, idempotency_key, body),
    )
    return reply(await batcher.file(single))


FILINGS = [file, list_filings, read_filing, read_results, file_one]
