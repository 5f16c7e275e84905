"""One consignment over HTTP: state, events, decision, commands; the officer's queue."""

from typing import Annotated, Any

import anyio.to_thread
import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, QueryParameter

from greenlane.clearance import PostedCommand
from greenlane.clearance.commands import Code
from greenlane.desk import commanding, looking
from greenlane.desk.caller import Right
from greenlane.desk.results import Moved
from greenlane.desk.shown import Explained, Shown
from greenlane.service.access import RIGHT
from greenlane.service.languages import headers_of, language_of, shown_in
from greenlane.service.requesting import (
    ConsignmentId,
    Cursor,
    IdempotencyKey,
    Limit,
    Moment,
    Number,
    PartyOf,
    TheCaller,
    TheDesk,
    answers,
    pack,
    reply,
    request_of,
    unpack,
)
from greenlane.service.shapes import Consignments, Events
from greenlane.store.consignments import Wanted

Phase = Annotated[str | None, QueryParameter(description="Only those in this phase.", max_length=40)]
Channel = Annotated[str | None, QueryParameter(description="Only those of this channel.", max_length=40)]
Disposition = Annotated[
    str | None, QueryParameter(description="Only those with this disposition.", max_length=40)
]
Document = Annotated[
    str | None, QueryParameter(description="Only those of this transport document.", max_length=70)
]


class Redecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a consignment is decided anew."""

    reason: Code


@get("/consignments", tags=["consignments"], opt={RIGHT: Right.READ})
async def list_consignments(
    desk: TheDesk,
    caller: TheCaller,
    phase: Phase = None,
    channel: Channel = None,
    disposition: Disposition = None,
    transport_document: Document = None,
    party: PartyOf = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Consignments:
    """List consignments in the order in which they were filed."""
    (after,) = unpack(cursor, Number) if cursor else (0,)
    wanted = Wanted(
        phase=phase,
        channel=channel,
        disposition=disposition,
        transport_document=transport_document,
        party=party,
    )
    found, last = await anyio.to_thread.run_sync(looking.listed, desk, caller, wanted, after, limit)
    return Consignments(found, None if last is None else pack(last))


@get("/queue", tags=["consignments"], opt={RIGHT: Right.QUEUE})
async def queue(
    desk: TheDesk,
    caller: TheCaller,
    phase: Phase = None,
    channel: Channel = None,
    disposition: Disposition = None,
    party: PartyOf = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Consignments:
    """Page through what is open, the nearest deadline first; an agency sees what it is asked about."""
    after = unpack(cursor, Moment | None, Number) if cursor else None
    wanted = Wanted(phase=phase, channel=channel, disposition=disposition, party=party)
    found, last = await anyio.to_thread.run_sync(looking.queue, desk, caller, wanted, after, limit)
    return Consignments(found, None if last is None else pack(*last))


@get(
    "/consignments/{consignment_id:str}",
    tags=["consignments"],
    opt={RIGHT: Right.READ},
    responses=answers(Shown, 200),
)
async def read_one(
    request: Request[Any, Any, Any],
    desk: TheDesk,
    caller: TheCaller,
    consignment_id: ConsignmentId,
    party: PartyOf = None,
) -> Response[Shown]:
    """Read where a consignment stands, what stands against its release, and its outcome with every charge."""
    found = await anyio.to_thread.run_sync(looking.one, desk, caller, party, consignment_id)
    language = language_of(request)
    return Response(shown_in(found, language), headers=headers_of(language))


@get("/consignments/{consignment_id:str}/events", tags=["consignments"], opt={RIGHT: Right.READ})
async def read_events(
    desk: TheDesk, caller: TheCaller, consignment_id: ConsignmentId, party: PartyOf = None
) -> Events:
    """Read what has happened to a consignment, from the first event on."""
    return Events(await anyio.to_thread.run_sync(looking.events, desk, caller, party, consignment_id))


@get("/consignments/{consignment_id:str}/explanation", tags=["consignments"], opt={RIGHT: Right.READ})
async def explain(
    desk: TheDesk, caller: TheCaller, consignment_id: ConsignmentId, party: PartyOf = None
) -> Explained:
    """Make the decision again from the facts that were kept, and read every step with its article."""
    return await anyio.to_thread.run_sync(looking.explanation, desk, caller, party, consignment_id)


@post(
    "/consignments/{consignment_id:str}/commands",
    status_code=200,
    tags=["consignments"],
    opt={RIGHT: Right.COMMAND},
    responses={200: ResponseSpec(Moved, description="Where it stands now.", generate_examples=False)},
)
async def command(
    request: Request[Any, Any, Any],
    data: JSONBody[PostedCommand],
    desk: TheDesk,
    caller: TheCaller,
    consignment_id: ConsignmentId,
    party: PartyOf = None,
    idempotency_key: IdempotencyKey = None,
) -> Response[bytes]:
    """Give a command of the procedure: hold, release, answer, object, …

    What the caller's role may not do is 403, what the procedure doesn't allow now 409 with the reason and the fix.
    """
    asked = request_of(request, caller, idempotency_key, await request.body())
    return reply(
        await anyio.to_thread.run_sync(commanding.command, desk, caller, party, consignment_id, data, asked)
    )


@post(
    "/consignments/{consignment_id:str}/redecision",
    status_code=200,
    tags=["consignments"],
    opt={RIGHT: Right.REDECIDE},
    responses={200: ResponseSpec(Moved, description="Where it stands now.", generate_examples=False)},
)
async def redecide(
    request: Request[Any, Any, Any],
    data: JSONBody[Redecision],
    desk: TheDesk,
    caller: TheCaller,
    consignment_id: ConsignmentId,
    party: PartyOf = None,
    idempotency_key: IdempotencyKey = None,
) -> Response[bytes]:
    """Decide a consignment anew under the law as it is held now; the money follows, what was released stays released."""
    asked = request_of(request, caller, idempotency_key, await request.body())
    return reply(
        await anyio.to_thread.run_sync(
            commanding.redecide, desk, caller, party, consignment_id, data.reason, asked
        )
    )


CONSIGNMENTS = [list_consignments, queue, read_one, read_events, explain, command, redecide]
