"""What a price-inclusive search found, for people and for machines: prices, grey zones and the rules behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from greenlane.decide.outcome import Decision
from greenlane.engine.quote.landed import GOODS, landed_cost
from greenlane.engine.quote.price import Answer, Point, PriceSearch, Threshold, scaled
from greenlane.law.graph import Node, walk
from greenlane.law.leaves import SingleFacts
from greenlane.values.errors import UsageError
from greenlane.values.money import MAX_MINOR, exponent, format_scaled, parse_scaled

FOUND, UNREACHABLE, UNSOLVED = "found", "unreachable", "unsolved"


@dataclass(frozen=True, slots=True)
class Pricing:
    """The answer to ``--total``: ``data`` is its JSON, ``words`` say it in sentences."""

    data: dict[str, Any]
    words: tuple[str, ...]


def read_total(text: str, currency: str) -> int:
    """Read the amount of ``--total`` in minor units of the destination's currency.

    Raises:
        UsageError: It is no amount of that currency; the message says what to write.

    Example:
        >>> read_total("180.00", "EUR")
        18000
    """
    digits = exponent(currency)
    try:
        amount = parse_scaled(text, digits)
    except ValueError as error:
        raise UsageError(
            f"--total: {text!r} is {error}; write an amount in {currency} like {format_scaled(18000, digits)}"
        ) from None
    if amount < 0:
        raise UsageError(f"--total: {text} is negative; write an amount of zero or more")
    if amount > MAX_MINOR:
        raise UsageError(f"--total: {text} is more than intake accepts")
    return amount


def unsolved(total: str, currency: str, reason: str) -> Pricing:
    """Return the answer where no search was made."""
    data = {"total": total, "currency": currency, "status": UNSOLVED, "reason": reason}
    return Pricing(data, (f"No price can be told: {reason}.",))


def price_for(
    decision: Decision, row: Mapping[str, Any], items: Sequence[Mapping[str, Any]], amount: int
) -> Pricing:
    """Search the prices whose landed cost is *amount* and put what was found into words."""
    fx = decision.facts.lookup("fx", 0).parts
    numerator, denominator = fx["numerator"].value, fx["denominator"].value
    if not numerator or not denominator:
        return unsolved(
            decision.amount(amount) or "",
            decision.currency,
            f"no exchange rate of {row['currency']} in {decision.currency} is held; assume one with --assume",
        )
    search = PriceSearch(decision.plan, row, items, decision.facts.resolver)
    return _Telling(decision, search, amount).pricing(search.search(amount, int(numerator), int(denominator)))


class _Telling:
    """Words and JSON of one answer."""

    def __init__(self, decision: Decision, search: PriceSearch, amount: int) -> None:
        self.decision, self.search, self.amount = decision, search, amount
        self.currency = decision.currency
        self.price_currency = str(search.row["currency"])

    def price(self, minor: int) -> str:
        return format_scaled(minor, exponent(self.price_currency))

    def cost(self, minor: int) -> str:
        return format_scaled(minor, exponent(self.currency))

    def pricing(self, answer: Answer) -> Pricing:
        data: dict[str, Any] = {
            "total": self.cost(self.amount),
            "currency": self.currency,
            "status": FOUND if answer.solutions else UNREACHABLE,
            "reason": None,
            "price_currency": self.price_currency,
            "prices": [
                {"from": self.at(first), "to": self.at(last)} if first != last else {"from": self.at(first)}
                for first, last in answer.solutions
            ],
            "grey_zone": None if answer.solutions else self.grey_zone(answer),
            "thresholds": [self.threshold(found) for found in answer.thresholds],
            "unknown_prices": [
                {"from": self.price(a), "to": None if b is None else self.price(b)} for a, b in answer.unknown
            ],
        }
        if not answer.solutions and answer.below is None and answer.above is None:
            data["status"] = UNSOLVED
            data["reason"] = "the landed cost is not known at any price, see the findings"
        return Pricing(data, tuple(self.words(data)))

    def at(self, price: int) -> dict[str, Any]:
        """Return a price with its lines, the taxes that are collected with it and the landed cost."""
        items = scaled(self.search.items, price)
        decision = Decision(
            self.decision.plan,
            SingleFacts(self.search.row_at(price), list(items), self.search.resolver),
        )
        landed = landed_cost(decision)
        goods = int(decision.ints.value(GOODS) or 0)
        at_sale = decision.amount(0) if landed["at_sale"] is None else landed["at_sale"]
        with_taxes = goods + parse_scaled(at_sale or "0", exponent(self.currency))
        return {
            "price": self.price(price),
            "items": [{"item_id": i["item_id"], "value": self.price(i["value"])} for i in items],
            "price_in_currency": landed["goods"],
            "charges_at_sale": landed["at_sale"],
            "price_with_charges_at_sale": self.cost(with_taxes),
            "landed_cost": landed,
        }

    def grey_zone(self, answer: Answer) -> dict[str, Any]:
        below, above = answer.below, answer.above
        kind = "threshold" if answer.crossed else "rounding"
        if below is None:
            kind = "beginning"
        elif above is None:
            kind = "unknown"
        return {
            "kind": kind,
            "below": None if below is None else self.point(below),
            "above": None if above is None else self.point(above),
            "rules": list(dict.fromkeys(w for found in answer.crossed for w in self.rules(found))),
        }

    def point(self, found: Point) -> dict[str, str]:
        return {"price": self.price(found.price), "landed_cost": self.cost(found.cost)}

    def threshold(self, found: Threshold) -> dict[str, Any]:
        return {
            "before": self.point(found.before),
            "after": self.point(found.after),
            "rules": self.rules(found),
        }

    def rules(self, found: Threshold) -> list[str]:
        """Return the words of each comparison that changes: its parameter, else the step that it decides."""
        words = [self._rule(node, item) for node, item in found.changed]
        return list(dict.fromkeys(word for word in words if word))

    def _rule(self, node: Node, item: int) -> str:
        assessed = self.decision.plan.assessment
        for arg in node.args:
            if arg in self.search.varying:
                continue
            named = [leaf for leaf in walk([arg]) if leaf.op == "param"]
            if len(named) == 1:
                parameter = assessed.pack.parameters.by_id[named[0].data[0].partition("#")[0]]
                value = self.search.fixed.at(arg, item)
                source = self.decision.facts.resolved(named[0], item).source
                told = ""
                if parameter.unit == "amount" and value is not None:
                    told = f", {self.cost(int(value))} {self.currency}"
                return f"{parameter.name}{told}" + (f" [{source}]" if source else "")
        holding = [step for step in assessed.steps if node in walk([step])]
        if not holding:
            return ""
        name, law, says = min(holding, key=lambda step: sum(1 for _ in walk([step]))).data
        return (
            f"{str(name).replace('_', ' ')}" + (f" ({says})" if says else "") + (f" [{law}]" if law else "")
        )

    def words(self, data: Mapping[str, Any]) -> list[str]:
        said = []
        here, there = self.currency, self.price_currency
        if data["status"] == UNSOLVED:
            return [f"No price can be told: {data['reason']}."]
        for found in data["prices"]:
            first, last = found["from"], found.get("to")
            span = f"{first['price']} {there}" if last is None else (
                f"{first['price']} to {last['price']} {there}"
            )  # fmt: skip
            said.append(
                f"A price of {span} for the goods before taxes makes the landed cost {data['total']} {here}. "
                f"With what is collected at the sale it is {(last or first)['price_with_charges_at_sale']} {here}."
            )
        if len(data["prices"]) > 1:
            said.append("Several prices lead there, because the landed cost falls at a threshold.")
        if data["grey_zone"]:
            said += self._grey_words(data["grey_zone"])
        for found in data["unknown_prices"]:
            until = "on" if found["to"] is None else f"to {found['to']} {there}"
            said.append(
                f"At prices from {found['from']} {there} {until} the landed cost is not known, so none is told there."
            )
        return said

    def _grey_words(self, zone: Mapping[str, Any]) -> list[str]:
        here, there, wanted = self.currency, self.price_currency, self.cost(self.amount)
        below, above = zone["below"], zone["above"]
        said = f"No price makes the landed cost {wanted} {here}. "
        if zone["kind"] == "beginning":
            least = f"{above['landed_cost']} {here}" if above else "more"
            return [
                f"{said}The parcel comes to {least} at the least, at a price of {above['price']} {there}."
            ]
        near = f"The nearest below is {below['landed_cost']} {here}, at a price of {below['price']} {there}"
        if above is None:
            return [f"{said}{near}; above it nothing is known."]
        near += f"; the nearest above is {above['landed_cost']} {here}, at {above['price']} {there}."
        if zone["kind"] == "rounding":
            return [f"{said}{near} Amounts between are passed over by rounding."]
        rules = "; ".join(zone["rules"]) or "a rule of the law"
        return [
            f"{said}{near}",
            f"Grey zone: between these two amounts the landed cost leaps, because of {rules}.",
        ]
