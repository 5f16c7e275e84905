"""Quotes: landed cost of consignments at one or many destinations, from the same law and digests as a filing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from greenlane.decide.outcome import Decision
from greenlane.engine.context import Context
from greenlane.engine.decider import (
    Prepared,
    decision_on,
    found_by_intake,
    items_at,
    outcome_of,
    prepare,
)
from greenlane.engine.explain import Step, steps_taken
from greenlane.engine.groups import alone, goods_values
from greenlane.engine.quote.codes import CodeRange, End, Leanings, code_range, possible_codes
from greenlane.engine.quote.given import Given, read_given
from greenlane.engine.quote.landed import estimates, landed_cost, rate_for
from greenlane.engine.quote.places import Sent, send
from greenlane.engine.quote.pricing import Pricing, price_for, read_total, unsolved
from greenlane.law.pack import Pack
from greenlane.model import Batch
from greenlane.packs import jurisdiction_of
from greenlane.tariff.schedule import RANGE
from greenlane.values.errors import UsageError
from greenlane.values.finding import Finding
from greenlane.values.money import exponent, parse_scaled


@dataclass(frozen=True, slots=True)
class Asked:
    """What a quote is asked beside the consignment.

    ``to`` None is each consignment's own destination. ``currency`` is another one to show amounts in, ``total``
    the landed cost to find a price for, as written.
    """

    to: tuple[str, ...] | None = None
    abroad: bool = False
    """Leave out destinations under the law of the country of departure."""
    currency: str | None = None
    total: str | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """One consignment at one destination.

    ``outcome`` is that of a filing; where a short code leaves several it is incomplete and ``range`` has the ends.
    """

    row: Mapping[str, Any]
    items: tuple[Mapping[str, Any], ...]
    short: Mapping[str, str]
    notes: tuple[str, ...]
    outcome: dict[str, Any]
    steps: tuple[Step, ...]
    landed: dict[str, Any] | None
    estimates: tuple[dict[str, Any], ...]
    converted: dict[str, Any] | None
    range: dict[str, Any] | None
    pricing: Pricing | None

    @property
    def destination(self) -> str:
        """The country of destination."""
        return str(self.row["destination_country"])

    def as_dict(self) -> dict[str, Any]:
        """Return the quote as JSON: the outcome of the contract, and what a quote adds to it."""
        return {
            **self.outcome,
            "destination_country": self.destination,
            "scheme": self.row["scheme"],
            "steps": [step.as_dict() for step in self.steps],
            "landed_cost": self.landed,
            "converted": self.converted,
            "estimates": list(self.estimates),
            "range": self.range,
            "price_inclusive": None if self.pricing is None else self.pricing.data,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Quotes:
    """The quotes in the order given, destinations of a consignment together; and what intake refused."""

    quotes: tuple[Quote, ...]
    findings: pl.DataFrame
    refused: bool

    def by_consignment(self) -> dict[str, list[Quote]]:
        """Return the quotes of each consignment."""
        found: dict[str, list[Quote]] = {}
        for quote in self.quotes:
            found.setdefault(str(quote.row["consignment_id"]), []).append(quote)
        return found


def make_quotes(data: bytes, name: str, asked: Asked, context: Context) -> Quotes:
    """Quote every consignment of a JSON text at every destination asked for.

    Each consignment is looked at alone: what a person receives beside it on the same day does not count.

    Raises:
        UsageError: What is asked does not fit; the message says what would.
    """
    given = read_given(data, name)
    severe = given.batch.findings.filter(pl.col("severity") == "error")
    sent = _sent(given, asked)
    _one_currency(sent, asked, context)
    quotes = _quotes(given, sent, asked, context) if sent else ()
    return Quotes(quotes, given.batch.findings, bool(len(severe)))


def _sent(given: Given, asked: Asked) -> list[Sent]:
    items: dict[int, list[dict[str, Any]]] = {}
    for item in given.batch.items.iter_rows(named=True):
        items.setdefault(item["row"], []).append(item)
    found = []
    for place, row in enumerate(given.batch.consignments.iter_rows(named=True)):
        named = row["consignment_id"]
        short = {item: code for (owner, item), code in given.short.items() if owner == named}
        home = jurisdiction_of(row["departure_country"]) if asked.abroad else None
        places = [to for to in asked.to or (None,) if home is None or jurisdiction_of(to or "") != home]
        found += [send(row, items[place], short, to) for to in places]
    return found


def _one_currency(sent: list[Sent], asked: Asked, context: Context) -> None:
    """Refuse one amount for destinations of several currencies, and an amount that is none."""
    if asked.total is None:
        return
    countries = dict.fromkeys(str(one.row["destination_country"]) for one in sent)
    codes = {code for code in map(jurisdiction_of, countries) if code}
    currencies = sorted({context.law(code).currency for code in codes})
    if len(currencies) > 1:
        raise UsageError(
            f"--total is an amount in the destination's currency, and these have {', '.join(currencies)}; "
            "ask for destinations of one currency at a time"
        )
    for currency in currencies:
        read_total(asked.total, currency)


def _quotes(given: Given, sent: list[Sent], asked: Asked, context: Context) -> tuple[Quote, ...]:
    consignments = pl.DataFrame([one.row for one in sent], schema=given.batch.consignments.schema)
    rows = [{**item, "row": place} for place, one in enumerate(sent) for item in one.items]
    items = pl.DataFrame(rows, schema=given.batch.items.schema)
    batch = Batch(consignments, items, given.batch.findings, given.batch.rejected)
    prepared = prepare(batch, context, alone(goods_values(batch, context)))
    leanings = Leanings(context)
    return tuple(_quote(prepared, place, one, asked, leanings) for place, one in enumerate(sent))


def _quote(prepared: Prepared, place: int, sent: Sent, asked: Asked, leanings: Leanings) -> Quote:
    context = leanings.context
    row = prepared.consignments.row(place, named=True)
    items = items_at(prepared, place)
    intake = found_by_intake(prepared, place)
    decision = decision_on(row, items, context)
    code = jurisdiction_of(row["destination_country"])
    law = context.law(code) if code else None
    ranged = None if decision is None or law is None else _range(row, items, sent, law, decision, leanings)
    notes = (*sent.notes, *_same_territory(row, law))
    told: dict[str, Any] | None = None
    if ranged is not None:
        told = _range_told(ranged, row, items, intake, context)
        if ranged.definite and ranged.low is not None and not _same_total(decision, ranged.low.decision):
            decision = ranged.low.decision
    definite = ranged is None or ranged.definite
    # Before the outcome asks for more than the charges rest on.
    steps = steps_taken(decision) if decision is not None and definite else ()
    outcome = outcome_of(decision, row, intake, context)
    if ranged is not None:
        outcome = _of_range(outcome, ranged, told or {})
    landed = landed_cost(decision) if decision is not None and definite else None
    found = [
        *(_range_estimates(ranged, told) if ranged is not None and told is not None else ()),
        *(
            entry
            for entry in estimates(decision if definite else None, outcome)
            if told is None or entry["message"] != " ".join(range_words(told))
        ),
    ]
    return Quote(
        row,
        tuple(items),
        sent.short,
        notes,
        outcome,
        steps,
        landed,
        tuple(found),
        _converted(landed, told, row, asked, law, context, decision),
        told,
        _pricing(decision, ranged, row, asked),
    )


def _same_territory(row: Mapping[str, Any], law: Pack | None) -> tuple[str, ...]:
    if law is None or row["departure_country"] not in law.members:
        return ()
    return (
        f"the goods leave from within {law.name}: where they are in free circulation, nothing is imported",
    )


def _range(
    row: Mapping[str, Any],
    items: list[Mapping[str, Any]],
    sent: Sent,
    law: Pack,
    decision: Decision,
    leanings: Leanings,
) -> CodeRange | None:
    possible = possible_codes(row, items, sent.short, law, leanings.context)
    if not possible:
        return None
    return code_range(row, items, possible, law, decision.plan.assessment.formula, leanings)


def _same_total(one: Decision | None, other: Decision) -> bool:
    if one is None:
        return False
    totals = [decision.ints.value(decision.plan.assessment.total) for decision in (one, other)]
    return totals[0] is not None and totals[0] == totals[1]


def _range_told(
    ranged: CodeRange,
    row: Mapping[str, Any],
    items: list[Mapping[str, Any]],
    intake: list[Finding],
    context: Context,
) -> dict[str, Any]:
    """Return the range as JSON: for each short code how many it may be, and the ends with their charges."""

    def end(found: End | None) -> dict[str, Any] | None:
        if found is None:
            return None
        outcome = outcome_of(found.decision, row, intake, context)
        return {
            "codes": {str(items[place]["item_id"]): list(codes) for place, codes in found.codes.items()},
            **{name: outcome[name] for name in ("charges", "duty", "tax", "fees", "total", "currency")},
            "landed_cost": landed_cost(found.decision),
        }

    return {
        "definite": ranged.definite,
        "exact": ranged.exact,
        "items": [
            {
                "item_id": items[one.item]["item_id"],
                "given": one.given or None,
                "codes": len(one.codes),
                "alone": one.codes == (one.given,),
                "not_worked_out": ranged.uncounted[one.item],
                "source": one.source or None,
                "own_tariff": one.own,
                "partial": one.partial,
            }
            for one in ranged.possible
        ],
        "lowest": end(ranged.low),
        "highest": end(ranged.high),
    }


def _of_range(outcome: dict[str, Any], ranged: CodeRange, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outcome of a consignment with short codes: as it is where every code leads to it.

    Where they lead to several it is incomplete and has no amount. What a part of a tariff says is unverified.
    """
    paths = tuple(f"/items/{one.item}/hs_code" for one in ranged.possible)
    kept = [finding for finding in outcome["findings"] if finding["path"] not in paths]
    if ranged.definite:
        unsure = ranged.partial and outcome["certainty"] == "certain"
        return {**outcome, "certainty": "unverified" if unsure else outcome["certainty"]}
    words = range_words(told)
    return {
        **outcome,
        **dict.fromkeys(("duty", "tax", "fees", "total", "payable_at_border")),
        "charges": [],
        "findings": [*kept, Finding(RANGE, paths[0], " ".join(words), None).as_dict()],
        "status": "incomplete",
        "certainty": "unknown",
        "disposition": "hold",
        "reasons": ["the commodity code leaves open what is owed"],
    }


def _range_estimates(ranged: CodeRange, told: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = [{"kind": "range", "charge": None, "message": words} for words in range_words(told)]
    found += [
        {"kind": "contested", "charge": None, "message": f"For some of the possible codes: {words}."}
        for words in ranged.contested
        if ranged.kinds > len(ranged.possible)
    ]
    return found


def range_words(told: Mapping[str, Any]) -> list[str]:
    """Say how many codes the short ones may be, in which publication, and what charges they lead to."""
    words = []
    for item in told["items"]:
        given = f"Code {item['given']}" if item["given"] else "No code is given: it"
        held = "the part that is held of " if item["partial"] else ""
        if not item["source"]:
            words.append(f"Item {item['item_id']}: no tariff is held that lists the codes of such goods.")
            continue
        if not item["codes"]:
            words.append(f"Item {item['item_id']}: {held}{item['source']} has no code that begins so.")
            continue
        if item["codes"] == 1 and item["alone"]:
            words.append(f"Item {item['item_id']}: {given} bears several rates in {held}{item['source']}.")
            continue
        many = "1 code" if item["codes"] == 1 else f"{item['codes']:,} codes"
        whose = "" if item["own_tariff"] else "; no tariff of the destination is held, these are of another"
        words.append(f"Item {item['item_id']}: {given} may be {many} of {held}{item['source']}{whose}.")
        if item["not_worked_out"]:
            words.append(f"For {item['not_worked_out']:,} of them the charges cannot be worked out.")
    low, high = told["lowest"], told["highest"]
    if low and high:
        span = f"from {low['total']} to {high['total']} {low['currency']}"
        if low["total"] == high["total"]:
            span = f"{low['total']} {low['currency']}"
        if told["definite"]:
            words.append(f"All of them lead to the same charges, {low['total']} {low['currency']}.")
        elif any(item["not_worked_out"] for item in told["items"]):
            words.append(f"For the others the charges are {span}.")
        else:
            words.append(f"The charges are {span}.")
    if not told["exact"]:
        words.append("There are too many combinations to try them all, so a wider range is possible.")
    return words


def _converted(
    landed: Mapping[str, Any] | None,
    told: Mapping[str, Any] | None,
    row: Mapping[str, Any],
    asked: Asked,
    law: Pack | None,
    context: Context,
    decision: Decision | None,
) -> dict[str, Any] | None:
    if asked.currency is None or law is None:
        return None
    rate = rate_for(context, law.currency, asked.currency, row["declaration_date"], decision)

    def shown(parts: Mapping[str, Any] | None) -> str | None:
        if parts is None or parts["total"] is None:
            return None
        return rate.convert(parse_scaled(parts["total"], exponent(law.currency)))

    ends = {
        name: shown(told[name]["landed_cost"] if told[name] else None) for name in ("lowest", "highest")
    } if told else {}  # fmt: skip
    return {
        "currency": asked.currency,
        "landed_cost": shown(landed),
        **ends,
        "source": None if rate.base == rate.currency else rate.source,
        "day": None if rate.day is None else rate.day.isoformat(),
        "notes": list(rate.notes),
    }


def _pricing(
    decision: Decision | None, ranged: CodeRange | None, row: Mapping[str, Any], asked: Asked
) -> Pricing | None:
    if asked.total is None:
        return None
    if decision is None:
        return unsolved(asked.total, "", "no law is held for this destination on this day")
    if ranged is not None and (not ranged.definite or ranged.kinds > len(ranged.possible)):
        reason = "the code may stand for goods whose charges differ; give it to the digits of the tariff line"
        return unsolved(asked.total, decision.currency, reason)
    if ranged is None or ranged.low is None:
        items = decision.facts.item_rows
    else:
        items = ranged.low.decision.facts.item_rows
    return price_for(decision, row, items, read_total(asked.total, decision.currency))
