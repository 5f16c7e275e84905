"""Rows and standings as they are read; fields that a later service adds are passed over."""

from datetime import date, datetime
from typing import Any

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A consignment in a list or in the queue.

    ``score`` is told to the administration alone.
    """

    party: str
    consignment_id: str
    phase: str
    open: bool
    deadline: datetime | None
    version: int
    filed_at: datetime
    declaration_date: date | None
    departure_country: str | None
    destination_country: str | None
    channel: str | None
    transport_document: str | None
    jurisdiction: str | None
    disposition: str
    score: int | None = None


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """A time limit that runs: for whom it waits, and whether it is past."""

    what: str
    at: datetime
    overdue: bool
    number: int | None
    agency: str | None


class Standing(Row, frozen=True, kw_only=True):
    """Where one consignment stands, with its outcome and what stands against its release."""

    outcome: dict[str, Any]
    stage: str | None
    late: bool | None
    may_load: bool
    standing_against_release: list[str]
    clocks: list[Clock]


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a consignment; a party reads the code of its notice, the administration who acted."""

    version: int
    type: str
    at: datetime
    data: dict[str, Any]
    actor: str | None = None
    notice: str | None = None


class Recordeds(msgspec.Struct, frozen=True):
    """The events of a consignment, from the first on."""

    events: list[Recorded]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Each step of a decision with its article, and whether it comes out as it was stored."""

    consignment_id: str
    law_version: str
    law_version_now: str
    same: bool
    steps: list[dict[str, Any]]
    reasons: list[str]


__all__ = ["Clock", "Explanation", "Recorded", "Recordeds", "Row", "Standing"]
