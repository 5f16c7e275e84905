"""Quotes on a terminal: destinations side by side, and one of them in detail."""

from collections.abc import Iterable, Mapping, Sequence
from textwrap import fill
from typing import Any

from rich import box
from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.table import Table

from greenlane.assess.vocabulary import CHARGE_NAMES, PARTIES
from greenlane.engine.names import COUNTRY_NAMES
from greenlane.engine.quote.quote import Quote
from greenlane.values.money import exponent, format_rate, format_scaled, parse_rate, parse_scaled

WIDE = 100
"""Columns from which the certainty of a charge has a column of its own."""

_MOMENTS = {"at_sale": "with the price", "at_border": "at the border", "periodic": "after release"}
_CODES_SHOWN = 6
_MOST_TOLD = 10
_ANY = 1_000


def print_comparison(console: Console, quotes: Sequence[Quote]) -> None:
    """Print one consignment at several destinations side by side, then what each leaves open."""
    first = quotes[0].row
    console.print(
        f"[bold]{escape(str(first['consignment_id']))}[/bold] from {_country(first['departure_country'])}, "
        f"declared {first['declaration_date']}: what it costs when it has landed"
    )
    console.print(_comparison(console, quotes))
    _footnotes(console, quotes)


def print_list(console: Console, quotes: Sequence[Quote]) -> None:
    """Print several consignments, each at its own destination."""
    console.print("[bold]What each consignment costs when it has landed[/bold]")
    console.print(_comparison(console, quotes, ids=True))
    _footnotes(console, quotes, ids=True)


def _comparison(console: Console, quotes: Sequence[Quote], ids: bool = False) -> Table:
    """Return the widest layout that fits the terminal."""
    shown = next((q.converted["currency"] for q in quotes if q.converted), None)
    rows = [_cells(quote) for quote in quotes]
    made = None
    for layout in _LAYOUTS:
        names = [name for name in layout if shown or name != "In"]
        made = _laid_out(["Consignment", *names] if ids else names, rows, shown)
        if console.measure(made, options=console.options.update(width=_ANY)).maximum <= console.width:
            break
    assert made is not None
    return made


def _laid_out(names: Sequence[str], rows: Sequence[Mapping[str, str]], shown: str | None) -> Table:
    table = _table()
    for name in names:
        amount = name in _AMOUNTS
        title = f"In {shown}" if name == "In" else name
        justify: JustifyMethod = "right" if amount else "left"
        table.add_column(
            title, justify=justify, overflow="fold", min_width=_longest(rows, name) if amount else 1
        )
    for row in rows:
        table.add_row(*(row[name] for name in names))
    return table


def _longest(rows: Sequence[Mapping[str, str]], name: str) -> int:
    """Return the room that the amounts of a column need; its title may wrap."""
    lines = [line for row in rows for line in _plain(row[name]).splitlines()]
    return max(map(len, lines), default=1)


def _plain(text: str) -> str:
    return text.removeprefix("[bold]").removesuffix("[/bold]")


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))


def _cells(quote: Quote) -> dict[str, str]:
    """Return what each column of the comparison shows of a quote."""
    o, landed = quote.outcome, quote.landed
    ends = _ends(quote)
    low = quote.range["lowest"] if quote.range else None
    before = landed or (low["landed_cost"] if low else None)
    charges = {name: _between(ends, name) if ends else _or_unknown(o[name]) for name in _SUMS}
    return {
        "Consignment": escape(str(quote.row["consignment_id"])),
        "Destination": _country(quote.destination),
        "To": quote.destination,
        "Scheme": escape(quote.row["scheme"] or "none"),
        "": o["currency"] or "",
        "Before charges": _or_unknown(_before_charges(before)),
        "Duty": charges["duty"],
        "Tax": charges["tax"],
        "Fees": charges["fees"],
        "Charges": charges["total"],
        "Landed cost": f"[bold]{_landed(landed, ends)}[/bold]",
        "In": _shown(quote),
        "Sure?": _sure(quote),
    }


_SUMS = ("duty", "tax", "fees", "total")
_AMOUNTS = ("Before charges", "Duty", "Tax", "Fees", "Charges", "Landed cost", "In")
_LAYOUTS = (
    ("Destination", "Scheme", "", "Before charges", "Duty", "Tax", "Fees", "Landed cost", "In", "Sure?"),
    ("To", "Scheme", "", "Before charges", "Charges", "Landed cost", "In", "Sure?"),
    ("To", "", "Charges", "Landed cost", "In", "Sure?"),
    ("To", "", "Landed cost", "In"),
)
"""Columns of the comparison from the widest to the narrowest terminal."""


def _landed(landed: Mapping[str, Any] | None, ends: tuple[Any, Any] | None) -> str:
    if ends:
        return _between(tuple(end and end["landed_cost"] for end in ends), "total")
    return _or_unknown(landed["total"] if landed else None)


def _between(ends: Sequence[Mapping[str, Any] | None], name: str) -> str:
    low, high = ends
    if low is None or high is None:
        return "not known"
    return low[name] if low[name] == high[name] else f"{low[name]}\nto {high[name]}"


def _before_charges(landed: Mapping[str, Any] | None) -> str | None:
    """Return goods, freight, insurance, other charges and carrier fees together."""
    if landed is None:
        return None
    parts = [landed[name] for name in ("goods", "freight", "insurance", "other_charges", "carrier_fees")]
    if None in parts:
        return None
    digits = exponent(landed["currency"])
    return format_scaled(sum(parse_scaled(part, digits) for part in parts), digits)


def _shown(quote: Quote) -> str:
    found = quote.converted
    if found is None:
        return "not known"
    if found["landed_cost"] is None and found.get("lowest") and _ends(quote) != (None, None):
        low, high = found["lowest"], found["highest"]
        return low if low == high else f"{low}\nto {high}"
    return _or_unknown(found["landed_cost"])


def _sure(quote: Quote) -> str:
    o = quote.outcome
    if o["status"] == "incomplete":
        return "range" if (_ends(quote) or (None,))[0] else "incomplete"
    return str(o["certainty"])


def _ends(quote: Quote) -> tuple[Any, Any] | None:
    """Return the ends of a range; none where some of the codes cannot be worked out, so that it has no ends."""
    told = quote.range
    if not told or told["definite"]:
        return None
    if any(item["not_worked_out"] for item in told["items"]):
        return (None, None)
    return (told["lowest"], told["highest"])


def _footnotes(console: Console, quotes: Sequence[Quote], ids: bool = False) -> None:
    """Print what differs for each destination: notes, estimates, rates of exchange; alike ones together."""

    def named(quote: Quote) -> str:
        return str(quote.row["consignment_id"]) if ids else quote.destination

    everyone = {named(quote) for quote in quotes}
    prices: dict[str, list[str]] = {}
    told: dict[str, list[str]] = {}
    for quote in quotes:
        for words in quote.pricing.words if quote.pricing else ():
            prices.setdefault(words, []).append(named(quote))
        for words in _notes(quote):
            told.setdefault(words, []).append(named(quote))
    sections = [("Price for a landed cost", prices)]
    if len(quotes) <= _MOST_TOLD:
        sections.append(("What to know about them", told))
    for title, listed in sections:
        if listed:
            console.print(f"[bold]{title}[/bold]")
        for words, whom in listed.items():
            whose = "all" if set(whom) == everyone and len(everyone) > 1 else ", ".join(dict.fromkeys(whom))
            _line(console, f"{whose}: {words}")
    if told and len(quotes) > _MOST_TOLD:
        _line(
            console,
            f"{len(told)} notes and estimates: --detail shows those of one destination, --json all.",
            "",
        )


def _notes(quote: Quote) -> list[str]:
    words = [*quote.notes, *(f"{e['kind']}: {e['message']}" for e in quote.estimates)]
    shown = quote.converted
    if shown and shown["source"] and shown["landed_cost"] is not None:
        words.append(f"shown in {shown['currency']} at the rate of {shown['source']}")
        words += shown["notes"]
    return words


def print_detail(console: Console, quote: Quote, steps: bool) -> None:
    """Print one quote: goods, charges, landed cost, what is estimated, what happens, and the steps if asked."""
    o, row = quote.outcome, quote.row
    where = _country(quote.destination)
    console.print(
        f"[bold]{escape(str(row['consignment_id']))}[/bold]: {_country(row['departure_country'])} to {where}, "
        f"declared {row['declaration_date']}"
    )
    scheme = "no scheme" if row["scheme"] is None else f"scheme {row['scheme']}"
    _line(console, f"Law: {o['jurisdiction'] or 'none is held'}, version {o['law_version']}; {scheme}", "")
    console.print(_goods(quote))
    if quote.range and not quote.range["definite"]:
        _print_range(console, quote)
    else:
        _print_charges(console, o)
    if quote.landed:
        _print_landed(console, quote)
    if quote.pricing:
        console.print("[bold]Price for a landed cost[/bold]")
        _print_pricing(console, quote)
    for title, words in (
        ("What is estimated, and why", [f"{e['kind']}: {e['message']}" for e in quote.estimates]),
        ("For this destination", quote.notes),
    ):
        if words:
            console.print(f"[bold]{title}[/bold]")
            for one in words:
                _line(console, f"- {one}")
            console.print()
    console.print("[bold]What would happen[/bold]")
    _line(console, o["disposition"].replace("_", " "))
    for reason in o["reasons"]:
        _line(console, f"- {reason}")
    rest = _other_findings(quote)
    if rest:
        console.print("\n[bold]Findings[/bold]")
        for found in rest:
            _line(
                console, f"{found['severity']} {found['code']} at {found['path'] or '/'}: {found['message']}"
            )
    if steps and quote.steps:
        console.print("\n[bold]How it was worked out[/bold]")
        for number, step in enumerate(quote.steps, 1):
            item = f", item {step.item}" if step.item is not None else ""
            says = f" ({step.says})" if step.says else ""
            _line(console, f"{number}. {step.name.replace('_', ' ')}{item}{says}: {step.value}. [{step.law}]")
    console.print(f"\nInput digest {o['input_digest']}", soft_wrap=True)


def _other_findings(quote: Quote) -> list[dict[str, Any]]:
    """Return the findings that no estimate tells."""
    told = {entry["message"] for entry in quote.estimates}
    return [f for f in quote.outcome["findings"] if f["message"] not in told and f["code"] != "tariff.range"]


def _goods(quote: Quote) -> Table:
    table = _table()
    table.add_column("Item", overflow="fold")
    table.add_column("Goods", overflow="fold")
    table.add_column("Code", no_wrap=True)
    table.add_column("Origin", no_wrap=True)
    table.add_column("Quantity", justify="right", no_wrap=True)
    table.add_column(f"Value {quote.row['currency']}", justify="right", no_wrap=True)
    digits = exponent(quote.row["currency"])
    for item in quote.items:
        code = quote.short.get(item["item_id"]) or item["hs_code"] or "none"
        number = format_scaled(item["quantity"], 3).rstrip("0").rstrip(".")
        unit = "" if item["unit"] == "C62" else f" {item['unit']}"
        table.add_row(
            escape(str(item["item_id"])),
            escape(item["description"]),
            code,
            item["origin_country"] or "?",
            number + unit,
            format_scaled(item["value"], digits),
        )
    return table


def _print_charges(console: Console, o: Mapping[str, Any]) -> None:
    if not o["charges"]:
        console.print("No charge applies.\n")
        return
    console.print(_charges(o["charges"], o["currency"], console.width))


def _charges(charges: Iterable[Mapping[str, Any]], currency: str, width: int) -> Table:
    """Return the charges as a table; the article stands below the name, on narrow terminals with the certainty."""
    wide = width >= WIDE
    table = _table()
    table.add_column("Charge [dim]and article[/dim]", overflow="fold", min_width=24)
    table.add_column("Item", overflow="fold")
    table.add_column("Base", justify="right", no_wrap=True)
    table.add_column("Rate", justify="right", no_wrap=True)
    table.add_column(f"Amount {currency}", justify="right", min_width=7)
    table.add_column("Payer", overflow="fold")
    table.add_column("Collected", overflow="fold", min_width=8)
    if wide:
        table.add_column("Sure?", overflow="fold")
    for charge in charges:
        article = charge["law"]["article"] + ("" if wide else f"; {charge['certainty']}")
        waived = f"\n[dim]assessed {charge['assessed']}, not collected[/dim]" if charge["waived"] else ""
        own = charge["own"]
        fixed = f"\n[dim]{own['amount']} {own['currency']}[/dim]" if own else ""
        table.add_row(
            f"{escape(CHARGE_NAMES[charge['name']])}\n[dim]{escape(article)}[/dim]",
            escape(str(charge["item_id"] or "all")),
            charge["base"] or "",
            _percent(charge["rate"]),
            _or_unknown(charge["amount"]) + waived + fixed,
            PARTIES[charge["payer"]].removeprefix("the "),
            _MOMENTS[charge["collected"]],
            *((charge["certainty"],) if wide else ()),
        )
    return table


def _percent(rate: str | None) -> str:
    """Write a rate as per cent.

    Example:
        >>> _percent("0.19"), _percent(None)
        ('19 %', '')
    """
    return "" if rate is None else f"{format_rate(parse_rate(rate) * 100)} %"


def _print_landed(console: Console, quote: Quote) -> None:
    landed = quote.landed
    assert landed is not None
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column("")
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("")
    inside = "inside the prices" if landed["freight_in_price"] else ""
    table.add_row("Goods", _or_unknown(landed["goods"]), "")
    table.add_row("Freight", _or_unknown(landed["freight"]), inside)
    for name in ("insurance", "other_charges", "carrier_fees"):
        if landed[name] is None or parse_scaled(landed[name], 3):
            table.add_row(name.replace("_", " ").capitalize(), _or_unknown(landed[name]), "")
    moments = [f"{landed[name]} {words}" for name, words in _MOMENTS.items() if _some(landed[name])]
    charges = [landed[name] for name in ("duty", "tax", "fees")]
    for name, amount in zip(("Duty", "Tax", "Fees"), charges, strict=True):
        if amount is None or _some(amount):
            table.add_row(name, _or_unknown(amount), "")
    shown = quote.converted
    beside = ""
    if shown and shown["source"] and shown["landed_cost"] is not None:
        beside = f"= {shown['landed_cost']} {shown['currency']} ({shown['source']})"
    table.add_row(
        "[bold]Landed cost[/bold]", f"[bold]{_or_unknown(landed['total'])}[/bold]", f"{landed['currency']} {beside}"
    )  # fmt: skip
    console.print(table)
    if moments:
        _line(console, f"Of it charges: {', '.join(moments)}.", "")
    for words in shown["notes"] if shown else ():
        _line(console, words, "")
    console.print()


def _some(amount: str | None) -> bool:
    return amount is not None and any(digit in "123456789" for digit in amount)


def _print_range(console: Console, quote: Quote) -> None:
    told = quote.range
    assert told is not None
    for end in ("lowest", "highest"):
        found = told[end]
        if found is None:
            continue
        partly = " that can be worked out" if _ends(quote) == (None, None) else ""
        console.print(
            f"[bold]The {end} charges{partly}: {found['total']} {found['currency']}[/bold], "
            f"landed cost {_or_unknown(found['landed_cost']['total'])} {found['currency']}"
        )
        for item, codes in found["codes"].items():
            more = f" and {len(codes) - _CODES_SHOWN:,} more" if len(codes) > _CODES_SHOWN else ""
            _line(console, f"item {item} as {', '.join(codes[:_CODES_SHOWN])}{more}")
        _print_charges(console, found)
    if told["lowest"] is None:
        console.print("What is owed cannot be worked out for any of the possible codes.\n")


def _print_pricing(console: Console, quote: Quote) -> None:
    assert quote.pricing is not None
    for words in quote.pricing.words:
        _line(console, words)
    data = quote.pricing.data
    for found in data.get("prices", ()):
        if len(quote.items) > 1:
            items = ", ".join(f"item {i['item_id']} {i['value']}" for i in found["from"]["items"])
            _line(console, f"Lines at {found['from']['price']} {data['price_currency']}: {items}")
    leaps = data.get("thresholds") or ()
    if leaps and data["status"] == "found":
        for leap in leaps:
            _line(
                console,
                f"Note: above a price of {leap['before']['price']} {data['price_currency']} the landed cost leaps from "
                f"{leap['before']['landed_cost']} to {leap['after']['landed_cost']} {data['currency']}: "
                f"{'; '.join(leap['rules']) or 'a rule of the law changes'}",
            )
    console.print()


def _line(console: Console, words: str, indent: str = "  ") -> None:
    """Print a sentence wrapped, with its further lines set in."""
    text = fill(
        words, console.width, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False
    )
    console.print(escape(text), soft_wrap=True)


def _country(code: str | None) -> str:
    return f"{COUNTRY_NAMES.get(code or '', 'an unknown country')} ({code})"


def _or_unknown(amount: str | None) -> str:
    return "not known" if amount is None else amount
