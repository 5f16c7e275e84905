"""One consignment over HTTP: state, events, decision, commands; the officer's queue."""

from datetime import datetime
from typing import Annotated, Any

import anyio.to_thread
import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from greenlane.clearance import PostedCommand
from greenlane.clearance.commands import Code
from greenlane.desk import commanding, looking
from greenlane.desk.caller import Right
from greenlane.service.access import RIGHT
from greenlane.service.requesting import (
    Cursor,
    IdempotencyKey,
    Limit,
    PartyOf,
    TheCaller,
    TheDesk,
    pack,
    reply,
    request_of,
    unpack,
)
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
) -> dict[str, Any]:
    """List consignments in the order in which they were filed."""
    (after,) = unpack(cursor, int) if cursor else (0,)
    wanted = Wanted(
        phase=phase,
        channel=channel,
        disposition=disposition,
        transport_document=transport_document,
        party=party,
    )
    found = await anyio.to_thread.run_sync(looking.listed, desk, caller, wanted, after, limit)
    more = pack(found[-1].pop("key")) if len(found) == limit else None
    return {"consignments": [_without_key(row) for row in found], "next": more}


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
) -> dict[str, Any]:
    """Page through what is open, the nearest deadline first; an agency sees what it is asked about."""
    after = unpack(cursor, datetime | None, int) if cursor else None
    wanted = Wanted(phase=phase, channel=channel, disposition=disposition, party=party)
    found = await anyio.to_thread.run_sync(looking.queue, desk, caller, wanted, after, limit)
    more = pack(found[-1]["deadline"], found[-1]["key"]) if len(found) == limit else None
    return {"consignments": [_without_key(row) for row in found], "next": more}


def _without_key(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "key"}


@get("/consignments/{consignment_id:str}", tags=["consignments"], opt={RIGHT: Right.READ})
async def read_one(
    desk: TheDesk, caller: TheCaller, consignment_id: FromPath[str], party: PartyOf = None
) -> dict[str, Any]:
    """Read where a consignment stands, what stands against its release, and its outcome with every charge."""
    return await anyio.to_thread.run_sync(looking.one, desk, caller, party, consignment_id)


@get("/consignments/{consignment_id:str}/events", tags=["consignments"], opt={RIGHT: Right.READ})
async def read_events(
    desk: TheDesk, caller: TheCaller, consignment_id: FromPath[str], party: PartyOf = None
) -> dict[str, Any]:
    """Read what has happened to a consignment, from the first event on."""
    return {"events": await anyio.to_thread.run_sync(looking.events, desk, caller, party, consignment_id)}


@get("/consignments/{consignment_id:str}/explanation", tags=["consignments"], opt={RIGHT: Right.READ})
async def explain(
    desk: TheDesk, caller: TheCaller, consignment_id: FromPath[str], party: PartyOf = None
) -> dict[str, Any]:
    """Make the decision again from the facts that were kept, and read every step with its article."""
    return await anyio.to_thread.run_sync(looking.explanation, desk, caller, party, consignment_id)


@post(
    "/consignments/{consignment_id:str}/commands",
    status_code=200,
    tags=["consignments"],
    opt={RIGHT: Right.COMMAND},
)
async def command(
    request: Request[Any, Any, Any],
    data: JSONBody[PostedCommand],
    desk: TheDesk,
    caller: TheCaller,
    consignment_id: FromPath[str],
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
)
async def redecide(
    request: Request[Any, Any, Any],
    data: JSONBody[Redecision],
    desk: TheDesk,
    caller: TheCaller,
    consignment_id: FromPath[str],
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
