"""Lines for a period return, read off the book: what no return has declared yet."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from greenlane.ledger.returns import ItemLine
from greenlane.ledger.schemes import Scheme
from greenlane.ledger.transfer import TOLD_FROM, Cause, Transfer, parts_of
from greenlane.values.money import parse_rate, parse_scaled


def told(charge: Mapping[str, Any], day: date, digits: int) -> tuple[str, str, str]:
    """Return what the obligation of a tax tells its return in its memo: day, base in minor units, rate.

    Args:
        digits: Decimals of the currency.
    """
    base = charge["base"]
    return _written(day), "0" if base is None else _minor_text(base, digits), charge["rate"] or ""


@lru_cache(8192)
def _minor_text(text: str, digits: int) -> str:
    return str(parse_scaled(text, digits))


_written = lru_cache(1024)(date.isoformat)


def undeclared(posted: Iterable[Transfer], scheme: Scheme) -> list[ItemLine]:
    """Return the lines of a scheme that no return has declared, in order of their causes.

    An obligation is a line; each reversal or refund is a line that takes back, of the same day. What was taken
    back whole before any return told it is left out: there is nothing to declare.

    Args:
        posted: Every transfer on the accounts in question, with its returns.
    """
    owed: list[Transfer] = []
    taken: dict[Cause, list[Transfer]] = {}
    declared: set[tuple[Cause, str]] = set()
    for t in posted:
        if t.kind == "obligation" and _declares(scheme, t):
            owed.append(t)
        elif t.kind in ("reversal", "refund"):
            taken.setdefault(t.cause, []).append(t)
        elif t.kind == "return":
            declared.add((t.cause, t.reference.rpartition("/")[2]))
    found: list[ItemLine] = []
    for t in sorted(owed, key=lambda t: t.cause):
        lines = _lines(t, sorted(taken.get(t.cause, ()), key=lambda back: (back.at, back.reference)))
        left = [line for line in lines if (t.cause, line.source) not in declared]
        if len(left) < len(lines) or sum(line.tax for line in left) != 0:
            found += left
    return found


def _declares(scheme: Scheme, t: Transfer) -> bool:
    levied_by = parts_of(t.credit)[1].partition("/")[0]
    return len(t.memo) > TOLD_FROM and scheme.declares(levied_by, parts_of(t.debit)[-1])


def _lines(owed: Transfer, taken: list[Transfer]) -> list[ItemLine]:
    day, base_text, rate_text = owed.memo[TOLD_FROM:]
    jurisdiction, _, member = parts_of(owed.credit)[1].partition("/")
    base = int(base_text)
    rate = parse_rate(rate_text) if rate_text else None

    def line(base: int, tax: int, source: str) -> ItemLine:
        return ItemLine(
            owed.cause, owed.debit, date.fromisoformat(day), member or jurisdiction, rate, base, tax,
            owed.currency, source,
        )  # fmt: skip

    lines = [line(base, owed.amount, "")]
    before = 0
    for back in taken:
        after = before + back.amount
        part = base * after // owed.amount - base * before // owed.amount
        lines.append(line(-part, -back.amount, back.reference.rstrip("/")))
        before = after
    return lines
