"""Time limits and choices of an administration, as one value that comes in with each command."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from greenlane.clearance.vocabulary import Stage, TransportMode


@dataclass(frozen=True, slots=True)
class LeadTime:
    """How long before departure or arrival a filing of one stage is due.

    ``certainty`` is ``unverified`` where the figure is common knowledge not checked against the text.
    """

    stage: Stage
    transport_mode: TransportMode
    before: Literal["departure", "arrival"]
    minutes: int
    source: str
    certainty: Literal["certain", "unverified"]


_DA = "Delegated Regulation (EU) 2015/2446"
LEAD_TIMES: Final[tuple[LeadTime, ...]] = (
    LeadTime(
        "pre_loading", "air", "departure", 0, f"{_DA} art. 106(2a), minimum data before loading", "unverified"
    ),
    LeadTime("pre_loading", "post", "departure", 0, f"{_DA} art. 106(2a), as for the aircraft", "unverified"),
    LeadTime(
        "pre_loading", "sea", "departure", 24 * 60, f"{_DA} art. 105(a), containers before loading", "certain"
    ),
    LeadTime(
        "pre_arrival", "air", "arrival", 4 * 60, f"{_DA} art. 106, flights of four hours and more", "certain"
    ),
    LeadTime("pre_arrival", "post", "arrival", 4 * 60, f"{_DA} art. 106, as for the aircraft", "unverified"),
    LeadTime("pre_arrival", "sea", "arrival", 4 * 60, f"{_DA} art. 105(b), bulk and break bulk", "certain"),
    LeadTime("pre_arrival", "rail", "arrival", 2 * 60, f"{_DA} art. 107, the longer journeys", "certain"),
    LeadTime("pre_arrival", "road", "arrival", 60, f"{_DA} art. 108", "certain"),
)
"""The European Union's entry summary declaration, as the German customs administration publishes its table."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What an administration sets for itself.

    The defaults are the project's own where no source is named: an administration puts its law's figures in.

    Law:
        Objection and review of 30 days each: Finance Act 1994 (GB) ss. 14A to 15E (unverified).
        Return of goods bought at a distance within 90 days: Delegated Regulation (EU) 2015/2446 art. 148(3) (unverified).
    """

    objection: timedelta = timedelta(days=30)
    review: timedelta = timedelta(days=30)
    answer: timedelta = timedelta(hours=48)
    reaction: timedelta = timedelta(hours=24)
    inspection: timedelta = timedelta(hours=24)
    agency: timedelta = timedelta(hours=48)
    release_target: timedelta = timedelta(hours=24)
    declared_return: timedelta = timedelta(days=90)
    refund: timedelta = timedelta(days=30)
    release_before_arrival: bool = False
    lead_times: tuple[LeadTime, ...] = LEAD_TIMES

    def lead_time(self, stage: Stage, mode: TransportMode | None) -> LeadTime | None:
        """Return the lead time of a stage and mode, or null where none is set."""
        for lead in self.lead_times:
            if lead.stage == stage and lead.transport_mode == mode:
                return lead
        return None

    def late(
        self,
        stage: Stage,
        mode: TransportMode | None,
        at: datetime,
        departs_at: datetime | None,
        arrives_at: datetime | None,
    ) -> bool | None:
        """Say whether a filing at *at* comes late; null when that can't be known.

        Example:
            >>> from datetime import timezone
            >>> noon = datetime(2026, 7, 2, 12, tzinfo=timezone.utc)
            >>> Policy().late("pre_arrival", "road", noon, None, noon + timedelta(minutes=59))
            True
            >>> Policy().late("pre_arrival", "road", noon, None, None) is None
            True
            >>> Policy().late("arrival", "road", noon, None, None)
            False
        """
        if stage == "arrival":
            return False
        lead = self.lead_time(stage, mode)
        moment = departs_at if lead is not None and lead.before == "departure" else arrives_at
        if lead is None or moment is None:
            return None
        return at > moment - timedelta(minutes=lead.minutes)


DEFAULT: Final = Policy()
