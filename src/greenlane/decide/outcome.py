"""Outcomes as values, and one consignment decided on integers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from greenlane.assess.plan import CONTESTED, ELEMENT_UNKNOWN, ChargePlan
from greenlane.assess.vocabulary import CHARGE_NAMES
from greenlane.decide.plan import DISPOSITIONS, DecisionPlan, category_reasons
from greenlane.law.graph import ITEM, Node
from greenlane.law.integers import Integers
from greenlane.law.leaves import SingleFacts
from greenlane.law.pack import Cases, Said, Words
from greenlane.law.parameters import Certainty
from greenlane.values.finding import Finding, Severity, declare, kind_of
from greenlane.values.money import exponent, format_rate, format_scaled

NO_PACK = declare(
    "jurisdiction.none",
    Severity.ERROR,
    "No law pack covers the country of destination.",
    "Add a pack, or clear the consignment by hand.",
)
OUTSIDE_SPAN = declare(
    "law.outside_span",
    Severity.ERROR,
    "The declaration date lies outside the days that the law pack covers.",
    "Check the date; for a day before the pack begins, assess by hand.",
)


@dataclass(frozen=True, slots=True)
class Versions:
    """What an outcome was decided under."""

    law: str
    lists: str
    model: str


class Decision:
    """One consignment under one plan: every node of the plan can be asked for its value."""

    def __init__(self, plan: DecisionPlan, facts: SingleFacts) -> None:
        self.plan = plan
        self.facts = facts
        self.ints = Integers(facts)
        self.currency = plan.assessment.pack.currency_of(facts.consignment.get("destination_country"))
        self._digits = exponent(self.currency)

    def amount(self, value: Any) -> str | None:
        """Write minor units as the contract does."""
        return None if value is None else format_scaled(int(value), self._digits)

    def words(self, text: Words, item: int = 0) -> str:
        """Put amounts and their currency into words."""
        return "".join(self._part(part, item) for part in text)

    def _part(self, part: str | Node | Said, item: int) -> str:
        if isinstance(part, Said):
            return self.currency
        if isinstance(part, str):
            return part
        amount = self.amount(self.ints.at(part, item))
        return "an unknown amount" if amount is None else amount

    def case(self, pairs: Cases) -> str:
        """Return the word of the first case that holds."""
        return next(word for node, word in pairs if node is None or self.ints.value(node) is True)

    def charges(self) -> list[dict[str, Any]]:
        """Return the charges that apply, in the pack's order and then by item."""
        found = []
        for planned in self.plan.assessment.charges:
            charge = planned.charge
            places = range(self.facts.items) if ITEM in (charge.level, charge.when.level) else (None,)
            for place in places:
                if self.ints.at(charge.when, place or 0) is not False:
                    found.append(self._charge(planned, place))
        return found

    def _charge(self, planned: ChargePlan, place: int | None) -> dict[str, Any]:
        charge = planned.charge
        item = place or 0
        at = self.ints.at
        applies = at(charge.when, item)
        waived = bool(charge.waived and applies and at(planned.waived, item))
        sure = at(planned.certainty, item)
        amount = at(planned.due, item) if applies else None
        own = None
        if charge.own:
            own_amount = at(charge.own.amount, item)
            own_rate = at(charge.own.rate, item)
            digits = exponent(charge.own.currency)
            own = (
                None
                if own_amount is None
                else {
                    "amount": format_scaled(int(own_amount), digits),
                    "currency": charge.own.currency,
                    "rate": None if own_rate is None else format_rate(int(own_rate)),
                }
            )
        payer = self.case(charge.payer or charge.liable)
        rate = None if charge.rate is None else at(charge.rate, item)
        return {
            "kind": charge.kind,
            "name": charge.name,
            "item_id": None if place is None else self.facts.item_rows[item]["item_id"],
            "base": None if charge.base is None else self.amount(at(charge.base, item)),
            "rate": None if rate is None else format_rate(int(rate)),
            "amount": self.amount(amount),
            "assessed": self.amount(at(charge.amount, item) if applies else None),
            "liable": self.case(charge.liable),
            "payer": payer,
            "collected": charge.collected,
            "certainty": Certainty(3 if amount is None else int(sure or 0)).word,
            "waived": {"reason": charge.waived.reason, "law": charge.waived.law}
            if waived and charge.waived
            else None,
            "own": own,
            "rule": charge.rule,
            "article": charge.law,
        }

    def findings(self) -> list[Finding]:
        """Return what the decision itself has to say, in the order of `ordered`."""
        found = [*self._contested(), *self._remarks(), *self._leaves()]
        return ordered(found)

    def _contested(self) -> list[Finding]:
        found = []
        number = 0
        for planned in self.plan.assessment.charges:
            charge = planned.charge
            places = range(self.facts.items) if ITEM in (charge.level, charge.when.level) else (None,)
            for place in places:
                item = place or 0
                if self.ints.at(charge.when, item) is False:
                    continue
                for other in planned.rivals:
                    if self.ints.at(other.differs, item) is True:
                        resolved = self.facts.resolved(other.leaf, item)
                        amount = self.amount(self.ints.at(other.amount, item)) or ""
                        words = contested_words(resolved.question, charge.name, amount)
                        found.append(Finding(CONTESTED, f"/charges/{number}", words, resolved.source or None))
                number += 1
        return found

    def _remarks(self) -> list[Finding]:
        found = []
        for remark in self.plan.remarks:
            places = range(self.facts.items) if remark.when.level == ITEM else (None,)
            for place in places:
                if self.ints.at(remark.when, place or 0) is True:
                    prefix = "" if place is None else f"/items/{place}"
                    found.append(
                        Finding(
                            remark.code,
                            prefix + remark.path,
                            self.words(remark.message, place or 0),
                            remark.law,
                        )
                    )
        return found

    def _leaves(self) -> list[Finding]:
        found: list[Finding] = []
        incomplete = self.ints.value(self.plan.assessment.complete) is not True
        for leaf, needed in self.plan.assessment.demand.items():
            places = range(self.facts.items) if leaf.level == ITEM else (None,)
            for place in places:
                item = place or 0
                if self._needed(needed, place) is not True:
                    continue
                prefix = "" if place is None else f"/items/{place}"
                if leaf.op == "field":
                    if incomplete and self.ints.at(leaf, item) is None:
                        found.append(missing_element(leaf.data[0], prefix))
                    continue
                if leaf.op == "param":
                    given = self.facts.resolved(leaf, item).findings
                else:
                    given = self.facts.lookup(leaf.data[0], item).findings
                found += [Finding(f.code, prefix + f.path, f.message, f.law) for f in given]
        return found

    def _needed(self, needed: Node, place: int | None) -> Any:
        if place is None and needed.level == ITEM:
            return True in self.ints.values(needed)
        return self.ints.at(needed, place or 0)

    def outcome(self, versions: Versions, digest: str, given: list[Finding]) -> dict[str, Any]:
        """Return the outcome in the form of the contract.

        Args:
            versions: Of law, lists and model.
            digest: Input digest.
            given: Findings of intake, put among the decision's own.
        """
        plan, value = self.plan, self.ints.value
        assessed = plan.assessment
        pack = assessed.pack
        complete = value(assessed.complete) is True
        rank = int(value(plan.disposition) or 0)
        row = self.facts.consignment
        charges = self.charges()
        for charge in charges:
            charge["law"] = {
                "pack": pack.code,
                "rule": charge.pop("rule"),
                "article": charge.pop("article"),
                "version": versions.law,
            }
        group = None
        if row.get("group.key") is not None:
            group = {
                "key": row["group.key"],
                "value": self.amount(row.get("group.value")),
                "count": row.get("group.count"),
                "ordinal": row.get("group.ordinal"),
            }
        return {
            "consignment_id": row["consignment_id"],
            "jurisdiction": pack.code,
            "member": row["destination_country"] if len(pack.members) > 1 else None,
            "category": value(assessed.category),
            "category_reason": next(w for n, w in category_reasons(assessed) if value(n) is True),
            "customs_value": self.amount(value(assessed.assessment.customs_value)),
            "intrinsic_value": self.amount(value(assessed.assessment.intrinsic_value)),
            "currency": self.currency,
            "charges": charges,
            "duty": self.amount(value(assessed.duty)),
            "tax": self.amount(value(assessed.tax)),
            "fees": self.amount(value(assessed.fees)),
            "total": self.amount(value(assessed.total)) if complete else None,
            "payable_at_border": self.amount(value(assessed.payable)),
            "status": "assessed" if complete else "incomplete",
            "certainty": Certainty(int(value(assessed.certainty) or 0)).word,
            "findings": [finding.as_dict() for finding in ordered([*given, *self.findings()])],
            "risk": {
                "score": value(plan.score),
                "indicators": [
                    {"code": sign.code, "weight": sign.weight, "reason": sign.reason}
                    for sign in plan.indicators
                    if value(sign.when) is True
                ],
            },
            "disposition": DISPOSITIONS[rank],
            "reasons": self.reasons(),
            "group": group,
            "law_version": versions.law,
            "lists_version": versions.lists,
            "model_version": versions.model,
            "input_digest": digest,
        }

    def reasons(self) -> list[str]:
        """Return the words of every ground that applies, worst first."""
        shown = [ground for ground in self.plan.grounds if self.ints.value(ground.when) is True]
        shown.sort(key=lambda ground: -ground.rank)
        return [self.words(ground.reason) for ground in shown]


def contested_words(question: str, name: str, amount: str) -> str:
    """Return the words of a contested finding from ``question|how the other reading is named``.

    Example:
        >>> contested_words("Whether the flat duty enters the IOSS tax base|with it", "vat", "8.93")
        'Whether the flat duty enters the IOSS tax base is unsettled; with it the VAT is 8.93.'
    """
    return f"{contested_beginning(question, name)}{amount}."


def contested_beginning(question: str, name: str) -> str:
    """Return the words of a contested finding up to the amount."""
    asked, _, other = question.partition("|")
    return f"{asked} is unsettled; {other or 'under the other reading'} the {CHARGE_NAMES[name]} is "


def missing_element(name: str, prefix: str) -> Finding:
    """Return the finding for an element that the law needs and that isn't known."""
    bare = name.removeprefix("items.")
    element = bare.removesuffix("_mg") + "_kg" if bare.endswith("_mg") else bare
    message = f"{element} isn't given, and what is owed depends on it"
    return Finding(ELEMENT_UNKNOWN, f"{prefix}/{element.replace('.', '/')}", message, None)


def ordered(findings: list[Finding]) -> list[Finding]:
    """Sort findings (errors first, then path, code, words, law) and drop repeats."""
    rank = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
    unique = dict.fromkeys(findings)
    return sorted(
        unique, key=lambda f: (rank[kind_of(f.code).severity], f.path, f.code, f.message, f.law or "")
    )


def undecidable(
    consignment: Mapping[str, Any],
    code: str,
    message: str,
    versions: Versions,
    digest: str,
    given: list[Finding],
    jurisdiction: str | None = None,
) -> dict[str, Any]:
    """Return the outcome of a consignment that no law pack covers on its day: incomplete, and held."""
    found = Finding(code, "/destination_country" if code == NO_PACK else "/declaration_date", message, None)
    return {
        "consignment_id": consignment["consignment_id"],
        "jurisdiction": jurisdiction,
        "member": None,
        "category": 4,
        "category_reason": "the law isn't known here",
        "customs_value": None,
        "intrinsic_value": None,
        "currency": None,
        "charges": [],
        "duty": None,
        "tax": None,
        "fees": None,
        "total": None,
        "payable_at_border": None,
        "status": "incomplete",
        "certainty": "unknown",
        "findings": [finding.as_dict() for finding in ordered([*given, found])],
        "risk": {"score": 0, "indicators": []},
        "disposition": "hold",
        "reasons": ["what is owed can't be worked out yet, see the findings"],
        "group": None,
        "law_version": versions.law,
        "lists_version": versions.lists,
        "model_version": versions.model,
        "input_digest": digest,
    }


def outside_words(pack: str, start: date, end: date | None) -> str:
    """Return the words for a day outside a pack's span."""
    until = "" if end is None else f" up to {end.isoformat()}, not included"
    return f"the law of {pack} is held from {start.isoformat()}{until}; the declaration is of another day"
