"""The sections of a report: each a sentence, bars and the table behind them."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from greenlane.assess.vocabulary import CATEGORIES, CHARGE_NAMES, COLLECTED, PARTIES
from greenlane.engine.names import CHAPTER_NAMES, COUNTRY_NAMES
from greenlane.engine.report_chart import (
    SHOWN,
    Bar,
    Chart,
    Section,
    Table,
    counted,
    first_up,
    percent,
    permille,
    ranking,
    reader,
    units,
)
from greenlane.engine.report_rows import (
    Row,
    added,
    by_currency,
    count_of,
    fates,
    first_down,
    reason_of,
    title_of,
)

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
_MOMENTS = {"at_sale": "with the price", "at_border": "at the border", "periodic": "on a statement"}
_KINDS = {"duty": "Duty", "tax": "Tax", "fee": "Fees"}


def _what_happens(summary: dict[str, Any]) -> Section:
    total = summary["totals"]["consignments"]
    rows = [(_FATES[name], count, name) for name, count in fates(summary).items()]
    return Section(
        "dispositions",
        "What happens to them",
        "The worst ground decides; every outcome names its reasons.",
        [counted("Consignments by disposition", rows, total, "flow", "dispositions.csv", "Disposition")],
        narrow=True,
    )


def _categories(summary: dict[str, Any]) -> Section:
    counts = added(summary["categories"], "category")
    rows = [(f"{number}: {CATEGORIES[number]}", counts[number], str(number)) for number in sorted(counts)]
    return Section(
        "categories",
        "Categories",
        "The four categories of the WCO immediate release guidelines.",
        [
            counted(
                "Consignments by category",
                rows,
                summary["totals"]["consignments"],
                "flow",
                "categories.csv",
                "Category",
            )
        ],
        narrow=True,
    )


def _countries(summary: dict[str, Any]) -> Section:
    charts: list[Chart] = []
    euro = summary.get("euro")
    groups = [("EUR", euro["destinations"])] if euro else by_currency(summary["destinations"])
    alone: list[tuple[str, Row]] = []
    for currency, rows in groups:
        if len(rows) == 1:
            alone.append((currency, rows[0]))
            continue
        charts += _country_charts(rows, currency, bool(euro))
    if alone:
        charts.append(_alone(alone))
    words = "Revenue counts the consignments whose duty, tax or fees are known, whoever collects them."
    if not euro and len(groups) > 1:
        words += " Each currency stands for itself; none is converted."
    return Section("countries", "Value and revenue by country of destination", words, charts, paired=True)


def _country_charts(rows: list[Row], currency: str, converted: bool) -> list[Chart]:
    amount = reader(currency)
    table = _country_table([(currency, row) for row in rows], f"countries-{currency.lower()}.csv")
    ranked = ranking(rows, lambda row: amount(row["value"]), lambda row: country(row["destination"]))
    most = max((value for _, value, _ in ranked), default=0)
    value_bars = [
        Bar(label, units(value, currency), (("value", permille(value, most)),), _unknowns(own, ("value",)))
        for label, value, own in ranked
    ]
    suffix = ", converted" if converted else ""
    return [
        Chart(f"Value of goods, {currency}{suffix}", value_bars, table),
        _revenue_chart(rows, currency, suffix, table),
    ]


def _revenue_chart(rows: list[Row], currency: str, suffix: str, table: Table) -> Chart:
    amount = reader(currency)
    kinds = ("duty", "tax", "fees")
    ranked = ranking(
        rows, lambda row: sum(amount(row[name]) for name in kinds), lambda row: country(row["destination"])
    )
    most = max((value for _, value, _ in ranked), default=0)
    bars = [
        Bar(
            label,
            units(value, currency),
            tuple((name, permille(sum(amount(row[name]) for row in own), most)) for name in kinds),
            _unknowns(own, kinds),
        )
        for label, value, own in ranked
    ]
    legend = (("duty", "Duty"), ("tax", "Tax"), ("fees", "Fees"))
    return Chart(f"Duty, tax and fees, {currency}{suffix}", bars, table, legend)


def _alone(rows: list[tuple[str, Row]]) -> Chart:
    bars = []
    for currency, row in rows:
        amount = reader(currency)
        values = [(name, amount(row[name])) for name in ("duty", "tax", "fees")]
        whole = sum(value for _, value in values)
        parts = tuple((name, permille(value, whole)) for name, value in values)
        text = f"{units(whole, currency)} {currency}"
        note = f"on goods worth {units(amount(row['value']), currency)} {currency}"
        bars.append(Bar(country(row["destination"]), text, parts, note))
    legend = (("duty", "Duty"), ("tax", "Tax"), ("fees", "Fees"))
    caption = "Composition of revenue, each country in its own currency"
    return Chart(caption, bars, _country_table(rows, "countries-other.csv"), legend)


def _country_table(rows: list[tuple[str, Row]], file: str) -> Table:
    amounts = ("value", "duty", "tax", "fees", "payable")
    head = (
        "Country",
        "Currency",
        "Consignments",
        "Items",
        "Value",
        "Duty",
        "Tax",
        "Fees",
        "Due at border",
        "Unknown",
    )
    listed = [
        (
            country(row["destination"]),
            currency,
            str(row["consignments"]),
            str(row["items"]),
            *(row[name] or "not known" for name in amounts),
            str(max(row[f"{name}_unknown"] for name in amounts)),
        )
        for currency, row in rows
    ]
    return Table(head, listed, (False, False, *[True] * 8), file)


def _who_pays(summary: dict[str, Any]) -> Section:
    charts = []
    for currency, rows in by_currency(summary["revenue"], "charges"):
        amount = reader(currency)
        ways: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(_KINDS, 0))
        for row in rows:
            ways[row["collected"], row["payer"]][row["kind"]] += amount(row["amount"])
        sums = {way: sum(kinds.values()) for way, kinds in ways.items()}
        known = {(row["collected"], row["payer"]) for row in rows if row["amount"] is not None}
        most = max(sums.values(), default=0)
        bars = [
            Bar(
                f"{first_up(PARTIES.get(payer, payer))}, {_MOMENTS.get(moment, moment)}",
                units(sums[moment, payer], currency) if (moment, payer) in known else "not known",
                tuple((_hue(kind), permille(value, most)) for kind, value in ways[moment, payer].items()),
            )
            for moment, payer in sorted(ways, key=lambda way: -sums[way])
        ]
        listed = [
            (
                CHARGE_NAMES.get(row["name"], row["name"]),
                COLLECTED.get(row["collected"], row["collected"]),
                PARTIES.get(row["payer"], row["payer"]),
                str(row["charges"]),
                row["amount"] or "not known",
                str(row["amount_unknown"]),
                str(row["waived"]),
            )
            for row in sorted(rows, key=lambda row: -amount(row["amount"]))
        ]
        head = ("Charge", "Collected", "Payer", "Charges", f"Amount, {currency}", "Unknown", "Waived")
        table = Table(
            head, listed, (False, False, False, True, True, True, True), f"charges-{currency.lower()}.csv"
        )
        charts.append(
            Chart(
                f"Who hands it over, and when, {currency}",
                bars,
                table,
                tuple((_hue(k), v) for k, v in _KINDS.items()),
            )
        )
    words = "Every charge that is known. The payer hands it to the treasury; the law may name another debtor."
    return Section("payers", "Who pays, and when", words, charts, paired=True)


def _certainty(summary: dict[str, Any]) -> Section:
    counts = added(summary["certainties"], "certainty")
    total = summary["totals"]["consignments"]
    rows = [
        (f"{first_up(name)}: {words}", counts[name], name)
        for name, words in _SURENESS.items()
        if name in counts
    ]
    charts = []
    if rows:
        charts.append(counted("Consignments by certainty", rows, total, "sure", "certainty.csv", "Certainty"))
    bars, listed = [], []
    for currency, own in by_currency(summary["certainty_of_amounts"], "charges"):
        amount = reader(currency)
        values = {row["certainty"]: amount(row["amount"]) for row in own}
        whole = sum(values.values())
        if not whole:
            continue
        parts = tuple((name, permille(values.get(name, 0), whole)) for name in _SURENESS)
        bars.append(
            Bar(
                f"{units(whole, currency)} {currency}",
                f"{percent(values.get('certain', 0), whole)} certain",
                parts,
            )
        )
        listed += [
            (
                currency,
                row["certainty"],
                str(row["charges"]),
                row["amount"] or "not known",
                str(row["amount_unknown"]),
            )
            for row in own
        ]
    if bars:
        table = Table(
            ("Currency", "Certainty", "Charges", "Amount", "Unknown"),
            listed,
            (False, False, True, True, True),
            "certainty-of-amounts.csv",
        )
        legend = tuple((name, name) for name in _SURENESS if name != "unknown")
        charts.append(Chart("Known amounts by certainty of the law behind them", bars, table, legend))
    weak = counts.get("unverified", 0) + counts.get("contested", 0)
    words = f"{weak:,} consignments ({percent(weak, total)}) rest on law that is unverified or contested."
    return Section("certainty", "How sure the law is", words, charts, paired=True)


def _incomplete(summary: dict[str, Any]) -> Section:
    reasons = summary["reasons_incomplete"]
    total = summary["totals"]["incomplete"]
    rows = [(reason_of(row["code"]), row["consignments"], row["code"]) for row in reasons]
    charts = (
        [counted("Incomplete consignments by reason", rows, total, "gap", "incomplete.csv", "Reason")]
        if rows
        else []
    )
    words = f"{total:,} outcomes name what is unknown instead of a total. Some have several reasons."
    return Section("incomplete", "Why outcomes are incomplete", words, charts, narrow=True)


def _risk(summary: dict[str, Any]) -> Section:
    scores = summary["scores"]
    total = summary["totals"]["consignments"]
    rows = [(f"{row['from']} to {row['to']}", row["consignments"], "") for row in scores[1:]]
    zero = scores[0]["consignments"] if scores else 0
    words = f"{zero:,} consignments ({percent(zero, total)}) show no risk indicator; these are the others."
    charts = [counted("Consignments by risk score", rows, total, "flow", "risk.csv", "Score")] if rows else []
    return Section("risk", "Risk scores", words, charts, narrow=True)


def _senders(summary: dict[str, Any]) -> Section:
    rows = summary["senders"]
    most = max((row["findings"] for row in rows), default=0)
    bars = [
        Bar(
            str(row["sender"] or "not named"),
            f"{row['findings']:,}",
            (("gap", permille(row["findings"], most)),),
            f"{row['per_100']} per 100",
            f"Mostly: {first_down(reason_of(row['most_frequent']))}",
        )
        for row in rows
    ]
    listed = [
        (
            str(row["sender"] or ""),
            str(row["consignments"]),
            str(row["findings"]),
            row["per_100"],
            row["most_frequent"],
            str(row["most_frequent_findings"]),
        )
        for row in rows
    ]
    head = ("Sender", "Consignments", "Findings", "Per 100", "Most frequent", "Of these")
    table = Table(head, listed, (False, True, True, True, False, True), "senders.csv")
    words = (
        "The sender is the platform, else the seller, else the carrier. Only what a sender can mend is"
        " counted: errors and warnings about data, not those about law or reference data."
    )
    return Section(
        "senders", "Findings by sender", words, [Chart("Most findings", bars, table)] if rows else []
    )


def _chapters(summary: dict[str, Any]) -> Section:
    rows = summary["chapters"]
    counts = added(rows, "chapter", "items")
    names = {code: f"{code} {CHAPTER_NAMES.get(code, '')}" if code else "no code" for code in counts}
    ranked = ranking(list(counts.items()), lambda pair: pair[1], lambda pair: names[pair[0]])
    most = max((count for _, count, _ in ranked), default=0)
    bars = [Bar(label, f"{count:,}", (("flow", permille(count, most)),)) for label, count, _ in ranked]
    listed = [
        (
            row["chapter"] or "",
            CHAPTER_NAMES.get(row["chapter"], ""),
            row["currency"] or "",
            str(row["items"]),
            row["value"] or "not known",
            str(row["value_unknown"]),
        )
        for row in rows
    ]
    head = ("Chapter", "Goods", "Currency", "Items", "Value", "Unknown")
    table = Table(head, listed, (False, False, False, True, True, True), "chapters.csv")
    words = "Chapters of the Harmonized System; values stand in the table by currency."
    return Section(
        "chapters",
        "What the parcels hold",
        words,
        [Chart("Items by chapter", bars, table)] if rows else [],
        True,
    )


def _departures(summary: dict[str, Any]) -> Section:
    counts = added(summary["departures"], "departure")
    total = summary["totals"]["consignments"]
    ranked = ranking(list(counts.items()), lambda pair: pair[1], lambda pair: country(pair[0]))
    rows = [(label, count, "") for label, count, _ in ranked]
    channels = added(summary["channels"], "channel")
    ways = ", ".join(
        f"{percent(n, total)} {name}" for name, n in sorted(channels.items(), key=lambda p: -p[1])
    )
    charts = [
        counted("Consignments by country of departure", rows, total, "flow", "departures.csv", "Country")
    ]
    return Section(
        "departures", "Where they come from", f"By channel: {ways}.", charts if rows else [], narrow=True
    )


def _bands(summary: dict[str, Any]) -> Section:
    charts = []
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in summary["bands"]:
        if row["currency"] is not None:
            groups[row["jurisdiction"], row["currency"]].append(row)
    for (jurisdiction, currency), own in sorted(groups.items(), key=lambda pair: -count_of(pair[1])):
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
        charts.append(counted(caption, rows, count_of(own), "value", f"bands-{jurisdiction}.csv", "Value"))
    words = "A band holds its upper end, as thresholds of law do. Each law in its own currency."
    return Section("bands", "How much they are worth", words, charts, paired=True)


def _findings(summary: dict[str, Any]) -> Section:
    rows = summary["findings"]
    ranked = sorted(rows, key=lambda row: -row["consignments"])
    most = max((row["consignments"] for row in rows), default=0)
    bars = [
        Bar(
            title_of(row["code"]),
            f"{row['consignments']:,}",
            (("flow" if row["severity"] == "info" else "gap", permille(row["consignments"], most)),),
            under=f"{row['code']}, {row['severity']}",
        )
        for row in ranked[:SHOWN]
    ]
    listed = [
        (row["code"], row["severity"], title_of(row["code"]), str(row["findings"]), str(row["consignments"]))
        for row in ranked
    ]
    head = ("Code", "Severity", "Meaning", "Findings", "Consignments")
    table = Table(head, listed, (False, False, False, True, True), "findings.csv")
    legend = (("gap", "Error or warning"), ("flow", "For information"))
    charts = [Chart("Consignments by finding", bars, table, legend)] if rows else []
    return Section("findings", "All findings", "What was wrong, odd or worth knowing, by code.", charts)


SECTIONS: tuple[Callable[[dict[str, Any]], Section], ...] = (
    _what_happens,
    _categories,
    _countries,
    _who_pays,
    _certainty,
    _incomplete,
    _risk,
    _senders,
    _chapters,
    _departures,
    _bands,
    _findings,
)


def _unknowns(rows: list[Row], names: tuple[str, ...]) -> str:
    count = sum(max(row[f"{name}_unknown"] for name in names) for row in rows)
    return f"{count:,} unknown" if count else ""


def country(code: str | None) -> str:
    return "not known" if code is None else COUNTRY_NAMES.get(code, code)


def _hue(kind: str) -> str:
    return "fees" if kind == "fee" else kind
