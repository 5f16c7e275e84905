"""What the law of Japan says of goods by code: the group of the simplified tariff."""

from collections.abc import Sequence
from datetime import date

from greenlane.law.pack import Lookup, LookupResult
from greenlane.law.parameters import Resolved
from greenlane.packs.building import Law, Sources, only_with_code, schedule_days

SCHEDULE = "jp-tariff"
"""Id of the general tariff, where it is loaded."""

FREE, OTHERS = 6, 7
"""Groups of the simplified tariff: goods that bear nothing, and goods that no other group names."""

_QUESTION = (
    "Whether the general tariff makes these goods free, so that the simplified rate isn't due|free of duty"
)


def simplified_group(law: Law) -> Lookup:
    """The look-up ``simplified``: the number of the group, `FREE` where the general tariff is free too.

    Of other goods whose general tariff isn't held, whether they are free is open: both readings stand.
    """
    days = law.goods.boundaries()

    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, known_at: date | None) -> LookupResult:
        code, origin = keys[0] or "", keys[1]
        free = _free(sources, code, origin, day, known_at)
        if free:
            return LookupResult({"group": Resolved(FREE)})
        found = law.under(sources).goods.find("category", code, "*", day, known_at)
        if found is not None:
            dated = found[1]
            return LookupResult(
                {
                    "group": Resolved(
                        int(dated.value or OTHERS), int(dated.certainty), source=dated.source.cite
                    )
                }
            )
        if free is False:
            return LookupResult({"group": Resolved(OTHERS)})
        return LookupResult({"group": Resolved(OTHERS, 0, FREE, _QUESTION, "simplified tariff table")})

    def boundaries(sources: Sources) -> Sequence[date]:
        return sorted({*days, *schedule_days(SCHEDULE)(sources)})

    return only_with_code(
        Lookup(
            "simplified",
            ("items.hs_code", "items.origin_country", "day:declaration"),
            ("group",),
            ask,
            boundaries,
            contestable=True,
        )
    )


def _free(sources: Sources, code: str, origin: str | None, day: date, known_at: date | None) -> bool | None:
    """Whether the general tariff is free; None where it isn't known."""
    assumed = sources.assumed.duty(code, origin)
    if assumed is not None:
        return not assumed.rate and not assumed.amount
    rate = sources.tariff.duty(SCHEDULE, code, origin, day, known_at).rate
    return None if rate is None else not rate.ad_valorem and not rate.specific
