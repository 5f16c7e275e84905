"""What a decision needs of other consignments: split orders, reused numbers, limits already used."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from psycopg import Cursor

from greenlane.desk.reading import Read, Row, changed
from greenlane.engine.context import Context
from greenlane.engine.filing import grouped_within
from greenlane.law.graph import walk
from greenlane.model.schema import PRIOR_USE_DECIMALS
from greenlane.packs import jurisdiction_of
from greenlane.privacy.persons import fold
from greenlane.store.limits import Use, uses_of
from greenlane.store.lookups import Known, known
from greenlane.values.money import exponent
from greenlane.values.pseudonym import pseudonym

_PRIOR = "consignee.prior_use."


def kept_for_later(whole: Read, context: Context) -> list[Row]:
    """Return what the store keeps of each consignment for later filings.

    It is ``group.key``, ``goods_value``, ``person``, ``named``.
    """
    keyed = context.keyed("name")
    kept = []
    for value, row in zip(whole.filing.values, whole.rows, strict=True):
        name = row["consignee.name"]
        kept.append(
            {
                "group.key": value["group.key"],
                "goods_value": value["value"],
                "person": None if value["person"] is None else value["person"][:32],
                "named": None if name is None else pseudonym(fold(name), keyed)[:16],
            }
        )
    return kept


def known_before(cursor: Cursor[Any], party: str, whole: Read, kept: Sequence[Row]) -> Known:
    """Return what stands before a filing, of which the store keeps *kept*; sums reach over every party's filings."""
    keys = {one["group.key"] for one in kept} - {None}
    persons = {one["person"] for one in kept} - {None}
    return known(cursor, party, whole.ids, sorted(keys), sorted(persons))


def group_facts(whole: Read, kept: Sequence[Row], before: Known) -> list[Row]:
    """Return the group facts of a filing with what was filed before added.

    There is a row a consignment: `greenlane.engine.groups.GROUP_SCHEMA`.
    """
    rows = grouped_within(whole.filing.values)
    for row, one in zip(rows, kept, strict=True):
        held = before.groups.get(one["group.key"])
        if held is not None:
            known = row["group.value"] is not None and held.value is not None
            row["group.value"] = row["group.value"] + held.value if known else None
            row["group.count"] += held.count
            row["group.ordinal"] += held.count
        names = before.names.get(one["person"])
        if names and names - {one["named"]}:
            row["screen.reused_id"] = True
    return rows


def reads_prior_use(context: Context, code: str) -> bool:
    """Say whether a law asks what a person has already used of a limit."""
    law = context.law(code)
    for formula in law.formulas:
        plan = context.plan(law, formula)
        for node in walk(plan.assessment.assessment.roots()):
            if node.op == "field" and str(node.data[0]).startswith(_PRIOR):
                return True
    return False


class PriorUse:
    """Fills in what persons used of their limits, from the service's own register, where the sender doesn't say.

    A sender's own word stands: it may know of uses elsewhere.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._reads: dict[str, bool] = {}

    def wanted(self, code: str | None) -> bool:
        """Say whether the law of this code asks for prior use."""
        if code is None:
            return False
        if code not in self._reads:
            self._reads[code] = reads_prior_use(self._context, code)
        return self._reads[code]

    def filled(
        self, cursor: Cursor[Any], whole: Read, persons: list[str | None], values: list[int | None]
    ) -> tuple[Read, list[Use | None]]:
        """Return the filing with prior use filled in, and the use that each consignment itself makes.

        Args:
            persons: Pseudonym of each consignee for limits; None: it can't be told from others.
            values: Value of the goods in minor units of the law's currency.
        """
        rows = [(row["destination_country"], row["declaration_date"]) for row in whole.rows]
        codes = [jurisdiction_of(country) for country, _ in rows]
        asked = [
            place for place, code in enumerate(codes) if self.wanted(code) and persons[place] is not None
        ]
        made: list[Use | None] = [None] * len(rows)
        if not asked:
            return whole, made
        names = [f"{_PRIOR}{what}" for what in ("day_amount", "month_amount", "year_amount")]
        counts = [f"{_PRIOR}{what}" for what in ("quarter_count", "year_count")]
        columns = {name: [row[name] for row in whole.rows] for name in (*names, *counts)}
        before = uses_of(cursor, {str(persons[place]) for place in asked})
        for place in asked:
            person, code, day = str(persons[place]), str(codes[place]), rows[place][1]
            known = before.setdefault((person, code), [])
            digits = exponent(self._context.law(code).currency_of(rows[place][0]))
            for name, since in zip(names, _since(day), strict=True):
                if columns[name][place] is None:
                    columns[name][place] = _sum(known, since, day, 10 ** (PRIOR_USE_DECIMALS - digits))
            for name, since in zip(counts, _counted_since(day), strict=True):
                if columns[name][place] is None:
                    columns[name][place] = sum(use.count for use in known if since <= use.day <= day)
            use = Use(person, code, day, values[place], 1)
            known.append(use)
            made[place] = use
        return changed(whole, columns), made


def _since(day: date) -> tuple[date, date, date]:
    return day, day.replace(day=1), day.replace(month=1, day=1)


def _counted_since(day: date) -> tuple[date, date]:
    return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1), day.replace(month=1, day=1)


def _sum(uses: list[Use], since: date, until: date, scale: int) -> int | None:
    own = [use.amount for use in uses if since <= use.day <= until]
    known = [amount for amount in own if amount is not None]
    return sum(known) * scale if len(known) == len(own) else None


__all__ = ["PriorUse", "group_facts", "kept_for_later", "known_before", "reads_prior_use"]
