"""Parties, keys, agencies, planned windows; the sandbox's clock and outage."""

from datetime import timedelta
from typing import Annotated

import anyio.to_thread
from litestar import delete, get, post, put
from litestar.params import JSONBody, PathParameter

from greenlane.desk import administration as desk_admin
from greenlane.desk.caller import Right
from greenlane.desk.clocks import run_out
from greenlane.service.access import RIGHT
from greenlane.service.problems import Problem
from greenlane.service.requesting import TheCaller, TheDesk, aware
from greenlane.service.shapes import (
    Agency,
    ClockMove,
    ClockTold,
    KeyMade,
    KeyWanted,
    Outage,
    Party,
    WindowWanted,
)

KeyId = Annotated[
    str,
    PathParameter(description="Id of the key: the part between its underscores.", pattern="^[0-9a-f]{12}$"),
]


@post("/parties", tags=["administration"], opt={RIGHT: Right.ADMIN})
async def add_party(data: JSONBody[Party], desk: TheDesk, caller: TheCaller) -> Party:
    """Register an organisation, or give it another name."""
    await anyio.to_thread.run_sync(desk_admin.add_party, desk, caller, data.id, data.name)
    return data


@get("/parties", tags=["administration"], opt={RIGHT: Right.ADMIN})
async def list_parties(desk: TheDesk) -> list[Party]:
    """List the organisations."""
    rows = await anyio.to_thread.run_sync(desk_admin.parties, desk)
    return [Party(*row) for row in rows]


@put("/agencies", tags=["administration"], opt={RIGHT: Right.ADMIN})
async def put_agency(data: JSONBody[Agency], desk: TheDesk, caller: TheCaller) -> Agency:
    """Register an agency and the goods that it wants to see, or change them."""
    await anyio.to_thread.run_sync(desk_admin.put_agency, desk, caller, data.id, data.name, data.prefixes)
    return data


@post("/keys", tags=["administration"], opt={RIGHT: Right.ADMIN})
async def add_key(data: JSONBody[KeyWanted], desk: TheDesk, caller: TheCaller) -> KeyMade:
    """Make an API key; its text is told this once and kept nowhere."""
    expires_at = aware(data.expires_at, "expires_at")
    assert expires_at is not None

    def work() -> KeyMade:
        made = desk_admin.add_key(
            desk, caller, party=data.party, roles=data.roles, scopes=data.scopes, agency=data.agency,
            expires_at=expires_at,
        )  # fmt: skip
        return KeyMade(id=made.id, key=made.text, expires_at=made.expires_at)

    return await anyio.to_thread.run_sync(work)


@delete("/keys/{key:str}", tags=["administration"], opt={RIGHT: Right.ADMIN})
async def end_key(key: KeyId, desk: TheDesk, caller: TheCaller) -> None:
    """End an API key at once."""
    if not await anyio.to_thread.run_sync(desk_admin.end_key, desk, caller, key):
        raise Problem(404, "not-found", "there is no such key in force")


@post("/windows", tags=["administration"], opt={RIGHT: Right.ADMIN})
async def plan_window(data: JSONBody[WindowWanted], desk: TheDesk, caller: TheCaller) -> WindowWanted:
    """Announce a planned window; the status tells it to everybody."""
    starts_at, ends_at = aware(data.starts_at, "starts_at"), aware(data.ends_at, "ends_at")
    assert starts_at is not None and ends_at is not None
    if ends_at <= starts_at:
        raise Problem(422, "refused", "a window ends after it begins")
    await anyio.to_thread.run_sync(desk_admin.plan_window, desk, caller, starts_at, ends_at, data.words)
    return data


@put("/sandbox/clock", tags=["administration"], opt={RIGHT: Right.SANDBOX})
async def move_clock(data: JSONBody[ClockMove], desk: TheDesk) -> ClockTold:
    """Move the sandbox's clock; time limits that run out take effect at once."""
    _sandbox(desk)

    def work() -> ClockTold:
        desk_admin.move_clock(desk, timedelta(seconds=data.offset_s))
        run_out(desk)
        return ClockTold(desk.clock.now())

    return await anyio.to_thread.run_sync(work)


@put("/sandbox/outage", tags=["administration"], opt={RIGHT: Right.SANDBOX})
async def switch_outage(data: JSONBody[Outage], desk: TheDesk) -> Outage:
    """Let the sandbox answer 503 for a while, to everything but health, status and this."""
    _sandbox(desk)
    await anyio.to_thread.run_sync(desk_admin.switch_outage, desk, data.seconds)
    return data


def _sandbox(desk: TheDesk) -> None:
    if not desk.sandbox:
        raise Problem(404, "not-found", "this service isn't a sandbox")


ADMINISTRATION = [
    add_party,
    list_parties,
    put_agency,
    add_key,
    end_key,
    plan_window,
    move_clock,
    switch_outage,
]
