"""The page of a what-if: today and the changed law side by side, by country, goods and value."""

from typing import Any

from greenlane.engine.names import CHAPTER_NAMES, COUNTRY_NAMES
from greenlane.engine.report_chart import (
    Bar,
    Chart,
    Section,
    Table,
    percent,
    permille,
    ranking,
    reader,
    units,
)
from greenlane.engine.whatif_part import KINDS
from greenlane.measure.part import BANDS

Row = dict[str, Any]

_CLOSING = (
    "Both sides are decided on the same consignments by the same program; only the named values of the law differ."
    " Amounts are summed over the consignments whose charges are all known on both sides. Sums of different"
    " currencies are never added. A consignment counts under the goods of its dearest item."
)
_LEGEND = (("duty", "Duty"), ("tax", "Tax"), ("fees", "Fees"))
_HEAD = (
    "Consignments", "Compared", "Value compared", "Revenue now", "Revenue then", "Duty now", "Duty then",
    "Tax now", "Tax then", "Fees now", "Fees then", "Paying before release now", "then", "Cost each now", "then",
    "Owe less", "Owe more",
)  # fmt: skip
_MEASURES = (
    "consignments", "compared", "compared_value", "before.revenue", "after.revenue", "before.duty", "after.duty",
    "before.tax", "after.tax", "before.fees", "after.fees", "before.paying", "after.paying", "before.cost",
    "after.cost", "less", "more",
)  # fmt: skip


def view(summary: dict[str, Any]) -> dict[str, Any]:
    """Return what the template shows for a comparison."""
    return {
        "title": "What if",
        "period": _period(summary),
        "headline": _headline(summary),
        "money": " ".join(_change_words(change) for change in summary["changes"]),
        "key_figures": _figures(summary),
        "sections": [
            s for s in (_countries(summary), _paying(summary), _goods(summary), _bands(summary)) if s.charts
        ],
        "foot": _foot(summary),
        "closing": _CLOSING,
    }


def _period(summary: dict[str, Any]) -> str:
    days = [day for pair in summary["days"].values() for day in pair]
    return f"Declared from {min(days)} to {max(days)}" if days else "No consignments"


def _headline(summary: dict[str, Any]) -> str:
    count, changed = summary["consignments"], summary["changed"]
    if not changed:
        return f"None of {count:,} consignments would owe anything else."
    return f"{changed:,} of {count:,} consignments ({percent(changed, count)}) would owe something else."


def _change_words(change: Row) -> str:
    key = f" [{change['key']}]" if "key" in change else ""
    since = f" from {change['from']}" if "from" in change else ""
    return f"{change['parameter']}{key} = {change['value']}{since}: {change['effect']}."


def _figures(summary: dict[str, Any]) -> list[tuple[str, str, str]]:
    rows = summary["by_country"]
    paying = [sum(row[f"{side}.paying"] for row in rows) for side in ("before", "after")]
    less, more = (sum(row[name] for row in rows) for name in ("less", "more"))
    unknown = sum(row["consignments"] - row["compared"] for row in rows)
    return [
        ("Consignments", f"{summary['consignments']:,}", f"{summary['items']:,} items"),
        ("Need payment before release", f"{paying[1]:,}", f"{paying[0]:,} today"),
        ("Owe more", f"{more:,}", "than today"),
        ("Owe less", f"{less:,}", "than today"),
        ("Not compared", f"{unknown:,}", "something in them is unknown"),
    ]


def _touched(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["less"] or row["more"]] or rows


def _by_currency(rows: list[Row]) -> list[tuple[str, list[Row]]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row["currency"]:
            found.setdefault(row["currency"], []).append(row)
    return sorted(found.items(), key=lambda pair: -sum(row["consignments"] for row in pair[1]))


def _name(code: str | None) -> str:
    return COUNTRY_NAMES.get(code or "", code or "not known")


def _countries(summary: dict[str, Any]) -> Section:
    charts = []
    for currency, rows in _by_currency(_touched(summary["by_country"])):
        table = _table(
            "Country", [(_name(row["destination"]), row) for row in rows], f"countries-{currency}.csv"
        )
        pairs = [(label, size, own) for label, size, own in _ranked(rows, currency, "destination", _name)]
        charts.append(_revenue(f"Duty, tax and fees, {currency}", pairs, currency, table))
    words = "Two bars for each country: the law as it is, and the changed law."
    return Section("countries", "Revenue by country of destination", words, charts, paired=True)


def _ranked(rows: list[Row], currency: str, key: str, name: Any) -> list[tuple[str, int, list[Row]]]:
    amount = reader(currency)
    return ranking(
        rows,
        lambda row: max(amount(row["before.revenue"]), amount(row["after.revenue"])),
        lambda row: name(row[key]),
    )


def _revenue(caption: str, pairs: list[tuple[str, int, list[Row]]], currency: str, table: Table) -> Chart:
    amount = reader(currency)
    sums = {
        (label, side): [sum(amount(row[f"{side}.{kind}"]) for row in own) for kind in KINDS]
        for label, _, own in pairs
        for side in ("before", "after")
    }
    most = max((sum(values) for values in sums.values()), default=0)
    bars = []
    for label, _, _ in pairs:
        for side, word in (("before", label), ("after", "")):
            values = sums[label, side]
            parts = tuple((kind, permille(value, most)) for kind, value in zip(KINDS, values, strict=True))
            bars.append(
                Bar(word, units(sum(values), currency), parts, "" if side == "before" else "changed law")
            )
    return Chart(caption, bars, table, _LEGEND)


def _paying(summary: dict[str, Any]) -> Section:
    rows = [row for row in _touched(summary["by_country"]) if row["currency"]]
    ranked = ranking(
        rows,
        lambda row: max(row["before.paying"], row["after.paying"]),
        lambda row: _name(row["destination"]),
    )
    most = max((size for _, size, _ in ranked), default=0)
    bars = []
    for label, _, own in ranked:
        for side, word in (("before", label), ("after", "")):
            count = sum(row[f"{side}.paying"] for row in own)
            note = "" if side == "before" else "changed law"
            bars.append(Bar(word, f"{count:,}", (("flow", permille(count, most)),), note))
    table = _table("Country", [(_name(row["destination"]), row) for row in rows], "paying.csv")
    chart = Chart("Consignments that need payment before release", bars, table)
    words = "Parcels that wait for money cost time at the border, whatever the amount."
    return Section("paying", "Consignments that need payment", words, [chart] if rows else [])


def _goods(summary: dict[str, Any]) -> Section:
    charts = []
    for currency, rows in _by_currency(_touched(summary["by_goods"])):

        def name(code: str | None) -> str:
            return f"{code} {CHAPTER_NAMES.get(code, '')}" if code else "no code"

        table = _table("Goods", [(name(row["chapter"]), row) for row in rows], f"goods-{currency}.csv")
        charts.append(
            _revenue(
                f"Duty, tax and fees, {currency}", _ranked(rows, currency, "chapter", name), currency, table
            )
        )
    words = "Chapters of the Harmonized System."
    return Section("goods", "Revenue by goods", words, charts, paired=True)


def band_words(band: int | None) -> str:
    """Name a band of values.

    Example:
        >>> band_words(0), band_words(7), band_words(None)
        ('0 to 1', 'above 1,000', 'not known')
    """
    if band is None:
        return "not known"
    if band + 1 >= len(BANDS):
        return f"above {BANDS[band]:,}"
    return f"{BANDS[band]:,} to {BANDS[band + 1]:,}"


def _bands(summary: dict[str, Any]) -> Section:
    charts = []
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in _touched(summary["by_band"]):
        if row["currency"]:
            groups.setdefault((row["jurisdiction"], row["currency"]), []).append(row)
    for (code, currency), rows in sorted(
        groups.items(), key=lambda pair: -sum(r["consignments"] for r in pair[1])
    ):
        ordered = sorted(rows, key=lambda row: -1 if row["band"] is None else row["band"])
        amount = reader(currency)
        most = max(
            (amount(row[f"{side}.cost"]) for row in ordered for side in ("before", "after")), default=0
        )
        bars = []
        for row in ordered:
            for side, label in (("before", band_words(row["band"])), ("after", "")):
                text = row[f"{side}.cost"] or "not known"
                note = f"{row['compared']:,} consignments" if side == "before" else "changed law"
                bars.append(Bar(label, text, (("value", permille(amount(row[f"{side}.cost"]), most)),), note))
        table = _table("Value", [(band_words(row["band"]), row) for row in ordered], f"bands-{code}.csv")
        charts.append(Chart(f"{code.upper()}: duty, tax and fees per consignment, {currency}", bars, table))
    words = "What a consignment bears on average, by the value of its goods. A band holds its upper end."
    return Section("bands", "Cost per consignment by value", words, charts, paired=True)


def _table(first: str, rows: list[tuple[str, Row]], file: str) -> Table:
    listed = [(label, row["currency"], *(_cell(row[name]) for name in _MEASURES)) for label, row in rows]
    return Table((first, "Currency", *_HEAD), listed, (False, False, *[True] * len(_HEAD)), file.lower())


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _foot(summary: dict[str, Any]) -> list[tuple[str, str]]:
    made = [("Change", _change_words(change)) for change in summary["changes"]]
    made += [
        (f"Law {code}", f"{old}; changed {new}")
        for code, (old, new) in summary["law_versions"].items()
        if old != new
    ]
    if summary["elasticity"]:
        made.append(
            ("Elasticity of demand", f"{summary['elasticity']}, assumed; used in the tables in CSV only")
        )
    return made
