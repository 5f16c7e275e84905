"""Where an entry summary stands, from the notices that were exchanged about it; and whether its goods may be loaded."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from greenlane.messages.ics2.notices import Notice
from greenlane.values.errors import GreenlaneError


class OutOfOrder(GreenlaneError):
    """A notice that cannot come where the entry summary stands."""


class Stand(StrEnum):
    """Where an entry summary stands."""

    SENT = "sent"
    REJECTED = "rejected"
    REGISTERED = "registered"
    WAITING = "waiting"
    REFERRED = "referred"
    DO_NOT_LOAD = "do_not_load"
    ASSESSED = "assessed"
    INVALIDATED = "invalidated"


STANDS: Final = {
    Stand.SENT: "sent, nothing came back yet",
    Stand.REJECTED: "refused with errors before it was registered",
    Stand.REGISTERED: "has its MRN",
    Stand.WAITING: "registered; other parts of it are missing (N02, N11)",
    Stand.REFERRED: "information or screening is asked and the assessment not complete",
    Stand.DO_NOT_LOAD: "the goods must not be loaded",
    Stand.ASSESSED: "assessment complete",
    Stand.INVALIDATED: "withdrawn",
}
_LIVE: Final = frozenset({Stand.REGISTERED, Stand.WAITING, Stand.REFERRED, Stand.DO_NOT_LOAD, Stand.ASSESSED})
MOVES: Final[dict[str, frozenset[Stand]]] = {
    "R01": frozenset({Stand.SENT}),
    "N99": frozenset(Stand) - {Stand.INVALIDATED, Stand.REJECTED},
    "N02": _LIVE,
    "N11": _LIVE,
    "Q01": _LIVE,
    "Q02": _LIVE,
    "Q03": _LIVE,
    "R02": frozenset({Stand.REFERRED, Stand.DO_NOT_LOAD}),
    "R03": frozenset({Stand.REFERRED, Stand.DO_NOT_LOAD}),
    "N03": _LIVE,
    "Q04": _LIVE,
    "R07": _LIVE,
}
"""Where each notice may come."""


@dataclass(frozen=True, slots=True)
class EntrySummary:
    """What is known of one entry summary.

    ``asked`` are open requests by reference with the notice that asked; ``answered`` those that an answer is on its
    way for. An answer ends nothing: customs does, by N03.
    """

    mrn: str | None = None
    rejected: bool = False
    waiting: bool = False
    asked: tuple[tuple[str, str], ...] = ()
    answered: frozenset[str] = frozenset()
    do_not_load: bool = False
    assessed: bool = False
    invalidated: bool = False

    @property
    def stand(self) -> Stand:
        """Where it stands."""
        found = (
            (self.invalidated, Stand.INVALIDATED),
            (self.rejected, Stand.REJECTED),
            (self.mrn is None, Stand.SENT),
            (self.do_not_load, Stand.DO_NOT_LOAD),
            (bool(self.asked), Stand.REFERRED),
            (self.assessed, Stand.ASSESSED),
            (self.waiting, Stand.WAITING),
        )
        return next((stand for holds, stand in found if holds), Stand.REGISTERED)

    @property
    def may_load(self) -> bool:
        """Whether the goods may be loaded: registered, nothing asked, no order against it.

        A complete assessment is no condition.

        Example:
            >>> EntrySummary().may_load, EntrySummary(mrn="26DE0000000000001A").may_load
            (False, True)
        """
        return self.stand in (Stand.REGISTERED, Stand.WAITING, Stand.ASSESSED)


def step(summary: EntrySummary, notice: Notice) -> EntrySummary:
    """Return the entry summary after one notice.

    Raises:
        OutOfOrder: The notice is about another MRN, cannot come here, or answers what was not asked.
    """
    kind = notice.kind
    if summary.stand not in MOVES.get(kind, frozenset()):
        raise OutOfOrder(f"{kind} cannot come while the entry summary is {summary.stand}")
    if summary.mrn is not None and notice.mrn not in (None, summary.mrn):
        raise OutOfOrder(f"{kind} is about another entry summary")
    if kind == "R01":
        return replace(summary, mrn=notice.mrn)
    if kind == "N99":
        return replace(summary, rejected=summary.mrn is None)
    if kind in ("N02", "N11"):
        return replace(summary, waiting=True)
    if kind == "Q01":
        return replace(summary, do_not_load=True, assessed=False)
    if kind in ("Q02", "Q03"):
        asked = dict(summary.asked)
        for request in notice.requests:
            asked[request.reference or ""] = kind
        return replace(summary, asked=tuple(asked.items()), assessed=False)
    if kind in ("R02", "R03"):
        return _answered(summary, notice)
    if kind == "N03":
        return replace(
            summary, asked=(), answered=frozenset(), do_not_load=False, assessed=True, waiting=False
        )
    return summary if kind == "Q04" else replace(summary, invalidated=True)


def _answered(summary: EntrySummary, notice: Notice) -> EntrySummary:
    asked = dict(summary.asked)
    references = [answer.reference or "" for answer in notice.answers]
    references += [screening.reference or "" for screening in notice.screenings]
    for reference in references:
        if asked.get(reference) != f"Q{notice.kind[1:]}":
            raise OutOfOrder(f"{notice.kind} answers a request that is not open")
    return replace(summary, answered=summary.answered | set(references))
