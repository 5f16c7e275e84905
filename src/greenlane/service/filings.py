"""Filings over HTTP: bulk first, each consignment with its own result."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import anyio.to_thread
import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from greenlane.clearance.vocabulary import Stage
from greenlane.desk import filings as desk_filings
from greenlane.desk.caller import Right
from greenlane.desk.filing_parts import Filing
from greenlane.desk.results import ItemResult, Receipt
from greenlane.desk.seeing import viewer_of
from greenlane.desk.singles import Single, is_object
from greenlane.desk.weight import holds_more
from greenlane.messages.media import format_of
from greenlane.service.access import RIGHT, TAKES, caller_of_request
from greenlane.service.languages import headers_of, language_of, receipt_in, result_in, results_in
from greenlane.service.problems import ErrorItem, Problem
from greenlane.service.requesting import (
    Cursor,
    IdempotencyKey,
    Limit,
    Moment,
    Number,
    TheBatcher,
    TheCaller,
    TheDesk,
    TheGatherer,
    TheSettings,
    aware,
    pack,
    request_of,
    unpack,
)
from greenlane.service.shapes import Filings, Results
from greenlane.store import filings as rows

StageOf = Annotated[Stage, QueryParameter(description="At which stage of the journey this is filed.")]
Departs = Annotated[
    datetime | None, QueryParameter(description="When the goods depart, with its offset from UTC.")
]
Arrives = Annotated[
    datetime | None, QueryParameter(description="When the goods arrive, with its offset from UTC.")
]


@post(
    "/filings",
    status_code=200,
    tags=["filings"],
    opt={RIGHT: Right.FILE, TAKES: "filing"},
    responses={
        200: ResponseSpec(Receipt, description="Decided, with a result for each.", generate_examples=False),
        202: ResponseSpec(Receipt, description="Received; decided afterwards.", generate_examples=False),
    },
)
async def file(
    request: Request[Any, Any, Any],
    desk: TheDesk,
    gatherer: TheGatherer,
    caller: TheCaller,
    settings: TheSettings,
    idempotency_key: IdempotencyKey = None,
    stage: StageOf = "pre_arrival",
    departs_at: Departs = None,
    arrives_at: Arrives = None,
) -> Response[bytes]:
    """File many consignments: JSON, NDJSON, CSV or Parquet of the contract, or a foreign message; up to 100,000 items.

    A filing of moderate size, and of no more than 10,000 records, is decided before the answer, whole or not at
    all (200); a larger or packed one is received, sealed (202), and decided afterwards part by part. One bad record
    rejects no other.

    What a body is says its Content-Type; a general one (`application/xml`, `text/plain`, `application/octet-stream`)
    leaves it to the content. A type that the content contradicts is 415.
    """
    body = await request.body()
    if not body:
        raise Problem(400, "empty", "the request has no body; send consignments")
    asked = request_of(request, caller, idempotency_key, body)
    form = await anyio.to_thread.run_sync(format_of, request.headers.get("content-type", ""), body)
    filing = Filing(
        body,
        stage,
        aware(departs_at, "departs_at"),
        aware(arrives_at, "arrives_at"),
        None if form is None else form.name,
        light=len(body) <= settings.inline_bytes and not await anyio.to_thread.run_sync(holds_more, body),
    )
    if filing.light:
        answer = await gatherer.file(caller, filing, asked)
    else:
        answer = await anyio.to_thread.run_sync(desk_filings.receive, desk, caller, filing, asked)
    language = language_of(request)
    return Response(
        receipt_in(answer.body, language),
        status_code=answer.status,
        media_type=answer.media_type,
        headers=headers_of(language),
    )


@get("/filings", tags=["filings"], opt={RIGHT: Right.FILINGS})
async def list_filings(
    desk: TheDesk, caller: TheCaller, limit: Limit = 100, cursor: Cursor = None
) -> Filings:
    """List filings, the newest first."""
    after = unpack(cursor, Moment, UUID) if cursor else None

    def work() -> list[Receipt]:
        with desk.database.reading(viewer_of(caller)) as store:
            return msgspec.convert(rows.listed(store, after, limit), list[Receipt])

    found = await anyio.to_thread.run_sync(work)
    more = pack(found[-1].received_at, found[-1].filing) if len(found) == limit else None
    return Filings(found, more)


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
    request: Request[Any, Any, Any],
    desk: TheDesk,
    caller: TheCaller,
    filing: FromPath[UUID],
    limit: Limit = 1000,
    cursor: Cursor = None,
) -> Response[Results]:
    """Read what became of each record of a filing, in pages."""
    (after,) = unpack(cursor, Number) if cursor else (0,)

    def work() -> tuple[Receipt | None, list[ItemResult]]:
        with desk.database.reading(viewer_of(caller)) as store:
            receipt = desk_filings.receipt_of(store, filing)
            return receipt, desk_filings.results(store, filing, after, limit) if receipt else []

    receipt, found = await anyio.to_thread.run_sync(work)
    if receipt is None:
        raise Problem(404, "not-found", "there is no such filing, or it isn't yours to see")
    more = pack(after + len(found)) if len(found) == limit or receipt.status == "received" else None
    language = language_of(request)
    return Response(Results(receipt.status, results_in(found, language), more), headers=headers_of(language))


@post(
    "/consignments",
    status_code=201,
    tags=["filings"],
    opt={RIGHT: Right.FILE, TAKES: "consignment"},
    responses={
        201: ResponseSpec(ItemResult, description="Accepted.", generate_examples=False),
        200: ResponseSpec(ItemResult, description="Amended or repeated.", generate_examples=False),
    },
)
async def file_one(
    request: Request[Any, Any, Any],
    batcher: TheBatcher,
    idempotency_key: IdempotencyKey = None,
    stage: StageOf = "pre_arrival",
    departs_at: Departs = None,
    arrives_at: Arrives = None,
) -> Response[bytes]:
    """File one consignment (a JSON object of the contract): accepted 201, amended or repeated 200.

    Intake's refusal is 422 and the procedure's 409, problems with the result and every finding.
    """
    # Not as a second dependency: the framework starts a group of tasks for more than one.
    caller = caller_of_request(request)
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
    answer = await batcher.file(single)
    if answer.status >= HTTPStatus.BAD_REQUEST:
        raise _not_filed(answer.status, msgspec.json.decode(answer.body, type=ItemResult))
    language = language_of(request)
    return Response(
        result_in(answer.body, language),
        status_code=answer.status,
        media_type=answer.media_type,
        headers=headers_of(language),
    )


def _not_filed(status: int, result: ItemResult) -> Problem:
    errors = [
        ErrorItem(code=f.code, path=f.path, message=f.message, fix=f.fix)
        for f in result.findings
        if f.severity == "error"
    ]
    words = "intake refuses this consignment; see errors" if status == 422 else "the procedure refuses this"
    return Problem(status, result.result, words, errors, result=result)


FILINGS = [file, list_filings, read_filing, read_results, file_one]
