"""What the API takes and gives beside filings and commands: the types that the service and its client share."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from greenlane.clearance import Role
from greenlane.desk.caller import Right


class ErrorItem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong: where, what, and how to mend it."""

    code: str
    path: str
    message: str
    fix: str = ""


class ProblemShape(msgspec.Struct, frozen=True, kw_only=True):
    """A problem as RFC 9457 has it, with every single error in ``errors``."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[ErrorItem] = []


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the service can work now."""

    status: str
    database: bool
    version: str


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A planned time in which the service may not answer."""

    starts_at: datetime
    ends_at: datetime
    words: str


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How the service is, and when it won't be: machine-readable, for every operator's own system."""

    status: str
    at: datetime
    sandbox: bool
    filings_waiting: int | None
    planned: list[Window]


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
