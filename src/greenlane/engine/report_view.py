"""What a report shows: sentences, bars and tables made from a run's summary. No markup here."""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import StringIO
from typing import Any
from urllib.parse import quote

from greenlane.assess.vocabulary import CATEGORIES, CHARGE_NAMES, COLLECTED, PARTIES
from greenlane.decide.plan import DISPOSITIONS
from greenlane.engine.names import CHAPTER_NAMES, COUNTRY_NAMES
from greenlane.values.finding import kind_of
from greenlane.values.money import Rounding, divide, exponent, format_scaled, parse_scaled

Row = dict[str, Any]

_SHOWN = 12
"""Bars of a ranking before the rest is added up."""

_FATES = {
    "release": "released at once",
    "release_on_payment": "released once what is due is paid",
    "request_information": "waiting for an answer",
    "request_screening": "to be screened",
    "inspect": "to be inspected",
    "hold": "held",
    "do_not_load": "not to be loaded",
    "refuse": "refused",
}
_SURENESS = {
    "certain": "law read at its source",
    "unverified": "law not yet checked at its source",
    "contested": "law with two readings",
    "unknown": "an amount isn't known",
}
_KINDS = {"duty": "Duty", "tax": "Tax", "fee": "Fees"}
_RISKY = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a chart: widths are parts per thousand of the longest row, with the hue of each part."""

    label: str
    text: str
    parts: tuple[tuple[str, int], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The figures behind a chart. ``numbers`` says which columns hold numbers."""

    head: tuple[str, ...]
    rows: list[tuple[str, ...]]
    numbers: tuple[bool, ...]
    file: str

    @property
    def link(self) -> str:
        """The table as CSV in a ``data:`` address; no cell begins like a spreadsheet formula."""
        text = StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(self.head)
        writer.writerows([_neutral(cell) for cell in row] for row in self.rows)
        return "data:text/csv;charset=utf-8," + quote("\ufeff" + text.getvalue())


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars with a caption, a legend where a bar has several parts, and the table behind them."""

    caption: str
    bars: list[Bar]
    table: Table
    legend: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, a sentence that says what to see, and charts; a narrow one shares its line with the next."""

    id: str
    title: str
    words: str
    charts: list[Chart] = field(default_factory=list)
    narrow: bool = False


def view(summary: dict[str, Any]) -> dict[str, Any]:
    """Return what the template shows for a summary."""
    run = summary.get("run") or {}
    sections = [make(summary) for make in _SECTIONS]
    return {
        "period": _period(summary["days"]),
        "headline": _headline(summary),
        "money": _money_words(summary),
        "key_figures": _figures(summary, run),
        "sections": [section for section in sections if section.charts],
        "foot": _foot(summary, run),
    }


# -- sentences ------------------------------------------------------------------------------------------------


def _period(days: list[Row]) -> str:
    if not days:
        return "No consignments"
    first, last = days[0]["day"], days[-1]["day"]
    return f"Declared on {first}" if first == last else f"Declared from {first} to {last}"


def _headline(summary: dict[str, Any]) -> str:
    total = summary["totals"]["consignments"]
    if not total:
        return "No consignment was accepted."
    fates = _fates(summary)
    free, paid = fates.get("release", 0), fates.get("release_on_payment", 0)
    words = f"{free:,} of {total:,} consignments ({_share(free, total)}) can be released at once"
    if paid:
        words += f"; {paid:,} ({_share(paid, total)}) as soon as what is due at the border is paid"
    others = total - free - paid
    if others:
        words += f"; {others:,} ({_share(others, total)}) need more"
        reasons = summary["reasons_incomplete"]
        if reasons and 2 * summary["totals"]["incomplete"] > others:
            first = reasons[0]
            words += f", {first['consignments']:,} of them because {_lower(_title(first['code']))}"
    return words + "."


def _money_words(summary: dict[str, Any]) -> str:
    euro = summary.get("euro")
    if euro:
        return _revenue_words(euro["totals"], "EUR") + f" Other currencies are converted by {euro['source']}."
    words = [_revenue_words(_sums(rows), currency) for currency, rows in _by_currency(summary["destinations"])]
    return " ".join(words[:3])


def _revenue_words(sums: dict[str, str], currency: str) -> str:
    duty, tax, fees, due, value = (
        f"{_whole(sums[name], currency):,}" for name in ("duty", "tax", "fees", "payable", "value")
    )
    return (
        f"On goods worth {value} {currency}, {duty} of duty, {tax} of tax and {fees} of fees are known;"
        f" {due} {currency} of it is due at the border."
    )


def _figures(summary: dict[str, Any], run: Row) -> list[tuple[str, str, str]]:
    totals = summary["totals"]
    count = totals["consignments"]
    made = [
        ("Consignments", f"{count:,}", f"{totals['items']:,} items"),
        ("Released at once", _share(totals["released_at_once"], count), f"{totals['released_at_once']:,}"),
        ("Fully worked out", _share(totals["assessed"], count), f"{totals['assessed']:,}"),
        ("Not complete", _share(totals["incomplete"], count), f"{totals['incomplete']:,}, never released by machine"),
    ]
    if "rejected" in run:
        twice = f"{run.get('duplicates', 0):,} came twice, {run.get('amendments', 0):,} amended"
        made.append(("Refused at intake", f"{run['rejected']:,}", twice))
    return made


def _foot(summary: dict[str, Any], run: Row) -> list[tuple[str, str]]:
    made: list[tuple[str, str]] = []
    names = {"law": "Law", "lists": "Lists and rates", "model": "Risk model"}
    for kind, name in names.items():
        versions = [row["version"] for row in summary["versions"] if row["kind"] == kind and row["version"] != "none"]
        if versions:
            made.append((name, ", ".join(versions)))
    if summary.get("euro"):
        rates = ", ".join(f"1 {code} = {rate} EUR" for code, rate in summary["euro"]["rates"].items())
        made.append(("Rates to the euro", f"{rates}; {summary['euro']['source']}"))
    if run.get("known_at"):
        made.append(("Law as known on", str(run["known_at"])))
    if run.get("greenlane"):
        made.append(("greenlane", str(run["greenlane"])))
    if run.get("command"):
        made.append(("Command", str(run["command"])))
    return made


# -- sections -------------------------------------------------------------------------------------------------


def _what_happens(summary: dict[str, Any]) -> Section:
    total = summary["totals"]["consignments"]
    rows = [(_FATES[name], count, name) for name, count in _fates(summary).items()]
    return Section(
        "dispositions", "What happens to them", "The worst ground decides; every outcome names its reasons.",
        [_counted("Consignments by disposition", rows, total, "flow", "dispositions.csv", "Disposition")], narrow=True,
    )


def _categories(summary: dict[str, Any]) -> Section:
    counts = _added(summary["categories"], "category")
    rows = [(f"{number}: {CATEGORIES[number]}", counts[number], str(number)) for number in sorted(counts)]
    return Section(
        "categories", "Categories", "The four categories of the WCO immediate release guidelines.",
        [
            _counted(
                "Consignments by category", rows, summary["totals"]["consignments"], "flow", "categories.csv",
                "Category",
            )
        ],
        narrow=True,
    )


def _countries(summary: dict[str, Any]) -> Section:
    charts: list[Chart] = []
    euro = summary.get("euro")
    groups = [("EUR", euro["destinations"])] if euro else _by_currency(summary["destinations"])
    alone: list[tuple[str, Row]] = []
    for currency, rows in groups:
        if len(rows) == 1:
            alone.append((currency, rows[0]))
            continue
        charts += _country_charts(rows, currency, bool(euro))
    if alone:
        charts.append(_alone(alone))
    words = "Revenue is every charge that is known, whoever collects it."
    if not euro and len(groups) > 1:
        words += " Each currency stands for itself; none is converted."
    return Section("countries", "Value and revenue by country of destination", words, charts)


def _country_charts(rows: list[Row], currency: str, converted: bool) -> list[Chart]:
    amount = _reader(currency)
    table = _country_table([(currency, row) for row in rows], f"countries-{currency.lower()}.csv")
    ranked = _ranked(rows, lambda row: amount(row["value"]), lambda row: _country(row["destination"]))
    most = max((value for _, value, _ in ranked), default=0)
    value_bars = [
        Bar(label, _units(value, currency), (("value", _permille(value, most)),), _unknowns(own, ("value",)))
        for label, value, own in ranked
    ]
    suffix = ", converted" if converted else ""
    return [
        Chart(f"Value of goods, {currency}{suffix}", value_bars, table),
        _revenue_chart(rows, currency, suffix, table),
    ]


def _revenue_chart(rows: list[Row], currency: str, suffix: str, table: Table) -> Chart:
    amount = _reader(currency)
    kinds = ("duty", "tax", "fees")
    ranked = _ranked(
        rows, lambda row: sum(amount(row[name]) for name in kinds), lambda row: _country(row["destination"])
    )
    most = max((value for _, value, _ in ranked), default=0)
    bars = [
        Bar(
            label, _units(value, currency),
            tuple((name, _permille(sum(amount(row[name]) for row in own), most)) for name in kinds),
            _unknowns(own, kinds),
        )
        for label, value, own in ranked
    ]
    legend = (("duty", "Duty"), ("tax", "Tax"), ("fees", "Fees"))
    return Chart(f"Duty, tax and fees, {currency}{suffix}", bars, table, legend)


def _alone(rows: list[tuple[str, Row]]) -> Chart:
    bars = []
    for currency, row in rows:
        amount = _reader(currency)
        values = [(name, amount(row[name])) for name in ("duty", "tax", "fees")]
        whole = sum(value for _, value in values)
        parts = tuple((name, _permille(value, whole)) for name, value in values)
        text = f"{_units(whole, currency)} {currency}"
        note = f"on goods worth {_units(amount(row['value']), currency)} {currency}"
        bars.append(Bar(_country(row["destination"]), text, parts, note))
    legend = (("duty", "Duty"), ("tax", "Tax"), ("fees", "Fees"))
    caption = "Composition of revenue, each country in its own currency"
    return Chart(caption, bars, _country_table(rows, "countries-other.csv"), legend)


def _country_table(rows: list[tuple[str, Row]], file: str) -> Table:
    amounts = ("value", "duty", "tax", "fees", "payable")
    head = ("Country", "Currency", "Consignments", "Items", "Value", "Duty", "Tax", "Fees", "Due at border", "Unknown")
    listed = [
        (
            _country(row["destination"]), currency, str(row["consignments"]), str(row["items"]),
            *(row[name] or "not known" for name in amounts),
            str(max(row[f"{name}_unknown"] for name in amounts)),
        )
        for currency, row in rows
    ]
    return Table(head, listed, (False, False, *[True] * 8), file)


def _who_pays(summary: dict[str, Any]) -> Section:
    charts = []
    for currency, rows in _by_currency(summary["revenue"], "charges"):
        amount = _reader(currency)
        ways: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(_KINDS, 0))
        for row in rows:
            ways[row["collected"], row["payer"]][row["kind"]] += amount(row["amount"])
        sums = {way: sum(kinds.values()) for way, kinds in ways.items()}
        most = max(sums.values(), default=0)
        bars = [
            Bar(
                f"{_first_up(PARTIES.get(payer, payer))}, {COLLECTED.get(moment, moment)}",
                _units(sums[moment, payer], currency),
                tuple((_hue(kind), _permille(value, most)) for kind, value in ways[moment, payer].items()),
            )
            for moment, payer in sorted(ways, key=lambda way: -sums[way])
        ]
        listed = [
            (
                CHARGE_NAMES.get(row["name"], row["name"]), COLLECTED.get(row["collected"], row["collected"]),
                PARTIES.get(row["payer"], row["payer"]), str(row["charges"]), row["amount"] or "not known",
                str(row["amount_unknown"]), str(row["waived"]),
            )
            for row in sorted(rows, key=lambda row: -amount(row["amount"]))
        ]
        head = ("Charge", "Collected", "Payer", "Charges", f"Amount, {currency}", "Unknown", "Waived")
        table = Table(head, listed, (False, False, False, True, True, True, True), f"charges-{currency.lower()}.csv")
        charts.append(
            Chart(f"Who hands it over, and when, {currency}", bars, table, tuple((_hue(k), v) for k, v in _KINDS.items()))
        )
    words = "The payer hands the money to the treasury; who owes it in law stands on each charge."
    return Section("payers", "Who pays, and when", words, charts)


def _certainty(summary: dict[str, Any]) -> Section:
    counts = _added(summary["certainties"], "certainty")
    total = summary["totals"]["consignments"]
    rows = [(f"{_first_up(name)}: {words}", counts[name], name) for name, words in _SURENESS.items() if name in counts]
    charts = []
    if rows:
        charts.append(_counted("Consignments by certainty", rows, total, "sure", "certainty.csv", "Certainty"))
    bars, listed = [], []
    for currency, own in _by_currency(summary["certainty_of_amounts"], "charges"):
        amount = _reader(currency)
        values = {row["certainty"]: amount(row["amount"]) for row in own}
        whole = sum(values.values())
        if not whole:
            continue
        parts = tuple((name, _permille(values.get(name, 0), whole)) for name in _SURENESS)
        bars.append(Bar(f"{_units(whole, currency)} {currency}", f"{_share(values.get('certain', 0), whole)} certain", parts))
        listed += [
            (currency, row["certainty"], str(row["charges"]), row["amount"] or "not known", str(row["amount_unknown"]))
            for row in own
        ]
    if bars:
        table = Table(
            ("Currency", "Certainty", "Charges", "Amount", "Unknown"), listed, (False, False, True, True, True),
            "certainty-of-amounts.csv",
        )
        legend = tuple((name, name) for name in _SURENESS if name != "unknown")
        charts.append(Chart("Known amounts by certainty of the law behind them", bars, table, legend))
    weak = counts.get("unverified", 0) + counts.get("contested", 0)
    words = f"{weak:,} consignments ({_share(weak, total)}) rest on law that is unverified or contested."
    return Section("certainty", "How sure the law is", words, charts)


def _incomplete(summary: dict[str, Any]) -> Section:
    reasons = summary["reasons_incomplete"]
    total = summary["totals"]["incomplete"]
    rows = [(_title(row["code"]), row["consignments"], row["code"]) for row in reasons]
    charts = [_counted("Incomplete consignments by reason", rows, total, "gap", "incomplete.csv", "Reason")] if rows else []
    words = f"{total:,} outcomes name what is unknown instead of a total. One consignment may have several reasons."
    return Section("incomplete", "Why outcomes are incomplete", words, charts, narrow=True)


def _risk(summary: dict[str, Any]) -> Section:
    scores = summary["scores"]
    total = summary["totals"]["consignments"]
    rows = [(f"{row['from']} to {row['to']}", row["consignments"], "") for row in scores[1:]]
    zero = scores[0]["consignments"] if scores else 0
    words = f"{zero:,} consignments ({_share(zero, total)}) show no risk indicator; these are the others."
    charts = [_counted("Consignments by risk score", rows, total, "flow", "risk.csv", "Score")] if rows else []
    return Section("risk", "Risk scores", words, charts, narrow=True)


def _senders(summary: dict[str, Any]) -> Section:
    rows = summary["senders"]
    most = max((row["findings"] for row in rows), default=0)
    bars = [
        Bar(
            str(row["sender"] or "not named"), f"{row['findings']:,}", (("gap", _permille(row["findings"], most)),),
            f"{row['per_100']} per 100; mostly: {_lower(_title(row['most_frequent']))}",
        )
        for row in rows
    ]
    listed = [
        (str(row["sender"] or ""), str(row["consignments"]), str(row["findings"]), row["per_100"], row["most_frequent"],
         str(row["most_frequent_findings"]))
        for row in rows
    ]
    head = ("Sender", "Consignments", "Findings", "Per 100", "Most frequent", "Of these")
    table = Table(head, listed, (False, True, True, True, False, True), "senders.csv")
    words = (
        "The sender is the platform, else the seller, else the carrier. Only what a sender can mend is counted:"
        " errors and warnings about data, not those about law or reference data."
    )
    return Section("senders", "Findings by sender", words, [Chart("Most findings", bars, table)] if rows else [])


def _chapters(summary: dict[str, Any]) -> Section:
    rows = summary["chapters"]
    counts = _added(rows, "chapter", "items")
    names = {code: f"{code} {CHAPTER_NAMES.get(code, '')}" if code else "no code" for code in counts}
    ranked = _ranked(list(counts.items()), lambda pair: pair[1], lambda pair: names[pair[0]])
    most = max((count for _, count, _ in ranked), default=0)
    bars = [Bar(label, f"{count:,}", (("flow", _permille(count, most)),)) for label, count, _ in ranked]
    listed = [
        (row["chapter"] or "", CHAPTER_NAMES.get(row["chapter"], ""), row["currency"] or "", str(row["items"]),
         row["value"] or "not known", str(row["value_unknown"]))
        for row in rows
    ]
    head = ("Chapter", "Goods", "Currency", "Items", "Value", "Unknown")
    table = Table(head, listed, (False, False, False, True, True, True), "chapters.csv")
    words = "Chapters of the Harmonized System; values stand in the table by currency."
    return Section("chapters", "What the parcels hold", words, [Chart("Items by chapter", bars, table)] if rows else [], True)


def _departures(summary: dict[str, Any]) -> Section:
    counts = _added(summary["departures"], "departure")
    total = summary["totals"]["consignments"]
    ranked = _ranked(list(counts.items()), lambda pair: pair[1], lambda pair: _country(pair[0]))
    rows = [(label, count, "") for label, count, _ in ranked]
    channels = _added(summary["channels"], "channel")
    ways = ", ".join(f"{_share(n, total)} {name}" for name, n in sorted(channels.items(), key=lambda p: -p[1]))
    charts = [_counted("Consignments by country of departure", rows, total, "flow", "departures.csv", "Country")]
    return Section("departures", "Where they come from", f"By channel: {ways}.", charts if rows else [], narrow=True)


def _bands(summary: dict[str, Any]) -> Section:
    charts = []
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in summary["bands"]:
        if row["currency"] is not None:
            groups[row["jurisdiction"], row["currency"]].append(row)
    for (jurisdiction, currency), own in sorted(groups.items(), key=lambda pair: -_count(pair[1])):
        rows = []
        for row in own:
            if row["above"] is None:
                label = "not known"
            elif row["up_to"] is None:
                label = f"above {row['above']:,}"
            else:
                label = f"{row['above']:,} to {row['up_to']:,}"
            rows.append((label, row["consignments"], row["value"] or ""))
        caption = f"{jurisdiction.upper()}: consignments by value, {currency}"
        charts.append(_counted(caption, rows, _count(own), "value", f"bands-{jurisdiction}.csv", "Value"))
    words = "A band holds its upper end, as thresholds of law do. Each law in its own currency."
    return Section("bands", "How much they are worth", words, charts)


def _findings(summary: dict[str, Any]) -> Section:
    rows = summary["findings"]
    ranked = sorted(rows, key=lambda row: -row["consignments"])
    most = max((row["consignments"] for row in rows), default=0)
    bars = [
        Bar(
            _title(row["code"]), f"{row['consignments']:,}",
            (("flow" if row["severity"] == "info" else "gap", _permille(row["consignments"], most)),),
            f"{row['code']}, {row['severity']}",
        )
        for row in ranked[:_SHOWN]
    ]
    listed = [
        (row["code"], row["severity"], _title(row["code"]), str(row["findings"]), str(row["consignments"])) for row in ranked
    ]
    head = ("Code", "Severity", "Meaning", "Findings", "Consignments")
    table = Table(head, listed, (False, False, False, True, True), "findings.csv")
    legend = (("gap", "Error or warning"), ("flow", "For information"))
    charts = [Chart("Consignments by finding", bars, table, legend)] if rows else []
    return Section("findings", "All findings", "What was wrong, odd or worth knowing, by code.", charts)


_SECTIONS: tuple[Callable[[dict[str, Any]], Section], ...] = (
    _what_happens, _categories, _countries, _who_pays, _certainty, _incomplete, _risk, _senders, _chapters, _departures,
    _bands, _findings,
)


# -- figures --------------------------------------------------------------------------------------------------


def _counted(
    caption: str, rows: list[tuple[str, int, str]], total: int, hue: str, file: str, head: str
) -> Chart:
    """Return a chart of counts: (label, count, code or amount) in the order given."""
    most = max((count for _, count, _ in rows), default=0)
    bars = [Bar(_first_up(label), f"{count:,}", ((hue, _permille(count, most)),), _share(count, total)) for label, count, _ in rows]
    listed = [(label, code, str(count), _share(count, total)) for label, count, code in rows]
    if any(code for _, _, code in rows):
        second = "Amount" if hue == "value" else "Code"
        return Chart(caption, bars, Table((head, second, "Consignments", "Share"), listed, (False, hue == "value", True, True), file))
    short = [(label, count, share) for label, _, count, share in listed]
    return Chart(caption, bars, Table((head, "Consignments", "Share"), short, (False, True, True), file))


def _ranked(rows: list[Any], size: Callable[[Any], int], name: Callable[[Any], str]) -> list[tuple[str, int, list[Any]]]:
    """Return (label, size, rows) from large to small; past `_SHOWN` the rest is one row."""
    ordered = sorted(rows, key=lambda row: (-size(row), name(row)))
    if len(ordered) <= _SHOWN + 1:
        return [(name(row), size(row), [row]) for row in ordered]
    rest = ordered[_SHOWN:]
    shown = [(name(row), size(row), [row]) for row in ordered[:_SHOWN]]
    return [*shown, (f"{len(rest)} others", sum(size(row) for row in rest), rest)]


def _fates(summary: dict[str, Any]) -> dict[str, int]:
    counts = _added(summary["dispositions"], "disposition")
    return {name: counts[name] for name in DISPOSITIONS if name in counts}


def _added(rows: Iterable[Row], key: str, measure: str = "consignments") -> dict[Any, int]:
    counts: dict[Any, int] = defaultdict(int)
    for row in rows:
        counts[row[key]] += row[measure]
    return dict(counts)


def _by_currency(rows: list[Row], measure: str = "consignments") -> list[tuple[str, list[Row]]]:
    """Return rows by currency, the one with most consignments or charges first; rows without one are left out."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["currency"] is not None:
            groups[row["currency"]].append(row)
    return sorted(groups.items(), key=lambda pair: -_count(pair[1], measure))


def _count(rows: list[Row], measure: str = "consignments") -> int:
    return sum(int(row[measure]) for row in rows)


def _sums(rows: list[Row]) -> dict[str, str]:
    currency = rows[0]["currency"]
    amount = _reader(currency)
    names = ("value", "duty", "tax", "fees", "payable")
    return {name: format_scaled(sum(amount(row[name]) for row in rows), exponent(currency)) for name in names}


def _reader(currency: str) -> Callable[[str | None], int]:
    """Return what reads an amount as minor units; one that isn't known adds nothing, and is told beside it."""
    digits = exponent(currency)
    return lambda text: 0 if text is None else parse_scaled(text, digits)


def _unknowns(rows: list[Row], names: tuple[str, ...]) -> str:
    count = sum(max(row[f"{name}_unknown"] for name in names) for row in rows)
    return f"{count:,} not known" if count else ""


def _units(minor: int, currency: str) -> str:
    return f"{divide(minor, 10 ** exponent(currency), Rounding.HALF_UP):,}"


def _whole(text: str, currency: str) -> int:
    return divide(parse_scaled(text, exponent(currency)), 10 ** exponent(currency), Rounding.HALF_UP)


def _permille(part: int, whole: int) -> int:
    return part * 1000 // whole if whole else 0


def _share(part: int, whole: int) -> str:
    if not whole:
        return "0 %"
    return format_scaled(divide(part * 1000, whole, Rounding.HALF_UP), 1) + " %"


def _country(code: str | None) -> str:
    return "not known" if code is None else COUNTRY_NAMES.get(code, code)


def _hue(kind: str) -> str:
    return "fees" if kind == "fee" else kind


def _title(code: str) -> str:
    try:
        return kind_of(code).title.rstrip(".")
    except KeyError:
        return code


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _first_up(words: str) -> str:
    return words[:1].upper() + words[1:]


def _neutral(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_RISKY) else cell
