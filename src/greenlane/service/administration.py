"""Parties, keys, agencies, planned windows; the sandbox's clock and outage."""

from datetime import datetime, timedelta
from typing import Annotated

import anyio.to_thread
import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from greenlane.clearance import Role
from greenlane.desk import administration as desk_admin
from greenlane.desk.caller import Right
from greenlane.service.access import RIGHT
from greenlane.service.problems import Problem
from greenlane.service.requesting import TheCaller, TheDesk, aware

Id = Annotated[
    str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,39}$", description="Lower case letters, digits, hyphens.")
]
Name = Annotated[
    str, Meta(min_length=1, max_length=200, description="Name of an organisation, never of a person.")
]


class Party(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An organisation that files or acts."""

    id: Id
    name: Name


class Agency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another authority, with the commodity codes (first digits) that it wants to see."""

    id: Id
    name: Name
    prefixes: Annotated[list[Annotated[str, Meta(pattern="^[0-9]{2,10}$")]], Meta(max_length=1000)]


class KeyWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An API key to be made; ``scopes`` narrows what the roles may do."""

    party: Id
    roles: Annotated[list[Role], Meta(min_length=1, max_length=6)]
    expires_at: datetime
    scopes: list[Right] = []
    agency: Id | None = None


class KeyMade(msgspec.Struct, frozen=True, kw_only=True):
    """An API key; its text is told this once."""

    id: str
    key: str
    expires_at: datetime


class WindowWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A planned window in which the service may not answer."""

    starts_at: datetime
    ends_at: datetime
    words: Annotated[str, Meta(min_length=1, max_length=400)]


class ClockMove(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far the sandbox's clock is from the machine's, in seconds."""

    offset_s: Annotated[int, Meta(ge=-315_360_000, le=315_360_000)]


class ClockTold(msgspec.Struct, frozen=True):
    """What the sandbox's clock says."""

    now: datetime


class Outage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how many seconds the sandbox answers 503; 0 ends it."""

    seconds: Annotated[int, Meta(ge=0, le=3600)]


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
async def end_key(key: FromPath[str], desk: TheDesk, caller: TheCaller) -> None:
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
