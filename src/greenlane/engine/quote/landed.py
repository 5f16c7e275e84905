"""Landed cost: what the buyer has paid in all when the parcel is there, and what of it is an estimate."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from greenlane.assess.plan import CONTESTED, DATE_ASSUMED
from greenlane.assess.vocabulary import CHARGE_NAMES
from greenlane.decide.outcome import Decision
from greenlane.engine.context import Context
from greenlane.law.graph import Node, choose, const, field, lookup, muldiv, total, walk
from greenlane.law.parameters import ASSUMED, PENDING, Certainty
from greenlane.packs.building import converted
from greenlane.tariff.exchange import FX_SUBSTITUTED
from greenlane.tariff.version import STALE
from greenlane.values.errors import UsageError
from greenlane.values.money import CURRENCIES, Rounding, divide, exponent, format_scaled

GOODS = total(converted(field("items.value")))
"""The prices of the lines in the pack's currency, each converted and rounded."""

PARTS: dict[str, Node] = {
    "goods": GOODS,
    "freight": choose(field("freight_in_price"), 0, converted(field("freight"))),
    "insurance": converted(field("insurance")),
    "other_charges": converted(field("other_charges")),
    "carrier_fees": muldiv(
        field("carrier_fees"),
        [lookup("fx_fees", "numerator")],
        [lookup("fx_fees", "denominator")],
        Rounding.HALF_UP,
    ),
}
"""What a landed cost is made of beside the charges. Freight that stands inside the prices counts there."""

CHARGES = ("duty", "tax", "fees")


@cache
def _sum(charges: Node, complete: Node) -> Node:
    found = charges
    for part in PARTS.values():
        found = found + part
    return choose(complete, found, const(None))


def landed_node(decision: Decision) -> Node:
    """Return the node of the landed cost of a decision's plan: the parts and every charge, whoever hands it over."""
    return _sum(decision.plan.assessment.total, decision.plan.assessment.complete)


def landed_cost(decision: Decision) -> dict[str, Any]:
    """Return the landed cost and its parts in the pack's currency; null what is not known.

    ``at_sale``, ``at_border`` and ``periodic`` part the charges by when they are collected.
    """
    value, amount = decision.ints.value, decision.amount
    assessed = decision.plan.assessment
    parts = {name: amount(value(node)) for name, node in PARTS.items()}
    moments = {
        moment: amount(_collected(decision, moment)) for moment in ("at_sale", "at_border", "periodic")
    }
    return {
        **parts,
        "duty": amount(value(assessed.duty)),
        "tax": amount(value(assessed.tax)),
        "fees": amount(value(assessed.fees)),
        **moments,
        "total": amount(value(landed_node(decision))),
        "currency": decision.currency,
        "freight_in_price": bool(decision.facts.consignment["freight_in_price"]),
    }


def _collected(decision: Decision, moment: str) -> int | None:
    """Return the sum of the charges of one moment, or None where one is not known."""
    counted = [c.counted for c in decision.plan.assessment.charges if c.charge.collected == moment]
    amounts = [decision.ints.value(node) for node in counted]
    return None if None in amounts else sum(int(amount or 0) for amount in amounts)


@dataclass(frozen=True, slots=True)
class Rate:
    """An exchange rate to show an amount in another currency: never one that decides anything."""

    base: str
    currency: str
    numerator: int | None
    denominator: int | None
    source: str
    day: date | None
    notes: tuple[str, ...]

    def convert(self, minor: int) -> str | None:
        """Return an amount in the other currency, rounded half up."""
        if self.numerator is None or self.denominator is None:
            return None
        return format_scaled(
            divide(minor * self.numerator, self.denominator, Rounding.HALF_UP), exponent(self.currency)
        )


def rate_for(context: Context, base: str, currency: str, day: date, decision: Decision | None = None) -> Rate:
    """Return the rate that shows *base* in *currency*: assumed for the run, else the ECB's of the day.

    Where the ECB quotes none of *base*, the rate at which *decision* converted the prices leads back to their
    currency, and the ECB's from there.

    Raises:
        UsageError: *currency* is none that intake knows.
    """
    if currency not in CURRENCIES:
        raise UsageError(f"--in: {currency} is no currency code of ISO 4217 (three letters, like USD)")
    assumed = context.assumptions.exchange(base, currency)
    if assumed:
        return Rate(base, currency, *assumed, "assumed for this run", day, ())
    answer = context.reference.fx.rate("ecb", base, currency, day)
    if answer.numerator is None and decision is not None:
        prices = str(decision.facts.consignment["currency"])
        parts = decision.facts.lookup("fx", 0).parts
        top, bottom = parts["numerator"].value, parts["denominator"].value
        beyond = context.reference.fx.rate("ecb", prices, currency, day)
        if top and bottom and beyond.numerator is not None and beyond.denominator is not None:
            notes = tuple(finding.message for finding in beyond.findings)
            source = f"the law for {prices}/{base}, then {beyond.source}"
            ratio = int(bottom) * beyond.numerator, int(top) * beyond.denominator
            return Rate(base, currency, *ratio, source, beyond.day, notes)
    notes = tuple(finding.message for finding in answer.findings)
    return Rate(base, currency, answer.numerator, answer.denominator, answer.source, answer.day, notes)


# What each finding says of an amount: why it may come out otherwise.
_KINDS = {
    ASSUMED: "assumed",
    CONTESTED: "contested",
    DATE_ASSUMED: "assumed",
    FX_SUBSTITUTED: "substituted",
    PENDING: "pending",
    STALE: "stale",
}


def estimates(decision: Decision | None, outcome: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what of an outcome may come out otherwise, and why.

    ``kind`` is assumed, contested, substituted, stale, pending, unverified or unknown; ``charge`` is the place in
    ``charges`` or null.
    """
    found: list[dict[str, Any]] = []
    for finding in outcome["findings"]:
        kind = _KINDS.get(finding["code"])
        if kind is None and outcome["status"] == "incomplete" and finding["severity"] != "info":
            kind = "unknown"
        if kind:
            path = finding["path"] or ""
            place = path.removeprefix("/charges/")
            charge = int(place) if path.startswith("/charges/") and place.isdecimal() else None
            found.append({"kind": kind, "charge": charge, "message": finding["message"]})
    if decision is not None:
        found += [{"kind": "unverified", "charge": None, "message": words} for words in _unverified(decision)]
    if any(entry["kind"] == "substituted" for entry in found):
        # The substitute is told already.
        found = [
            entry for entry in found if not entry["message"].partition(": ")[2].startswith("the exchange")
        ]
    return [entry for place, entry in enumerate(found) if entry not in found[:place]]


def _unverified(decision: Decision) -> list[str]:
    """Return what the amounts rest on that no source seen confirms, with the place where it is said to stand."""
    words = []
    for planned in decision.plan.assessment.charges:
        charge = planned.charge
        for leaf in walk([charge.when, planned.due]):
            if leaf.op not in ("param", "lookup"):
                continue
            for place in range(decision.facts.items):
                asked = decision.ints.was_asked
                if not asked(leaf, place) or not asked(charge.amount, place):
                    continue
                said = decision.facts.resolved(leaf, place)
                if said.certainty == Certainty.UNVERIFIED:
                    words.append(_leaf_words(decision, leaf, charge.name, said.source))
    return list(dict.fromkeys(words))


def _leaf_words(decision: Decision, leaf: Node, charge: str, source: str) -> str:
    name = str(leaf.data[0])
    if leaf.op == "param":
        what = decision.plan.assessment.pack.parameters.by_id[name.partition("#")[0]].name
    else:
        what = _FAMILIES.get(name) or f"what the {CHARGE_NAMES[charge]} takes for such goods"
    return f"not confirmed by a source that was seen: {what}" + (f" ({source})" if source else "")


_FAMILIES = {"fx": "the exchange rate", "fx_fees": "the exchange rate of the carrier's fees",
             "tariff": "the rate of duty", "vat": "the rate of VAT", "gst": "the rate of GST"}  # fmt: skip
