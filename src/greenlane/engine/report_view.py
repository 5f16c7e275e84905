"""What a report shows: the sentences and figures at its head, its sections, its foot. No markup here."""

from typing import Any

from greenlane.engine.report_chart import percent, reader, whole_units
from greenlane.engine.report_rows import Row, by_currency, fates, first_down, reason_of
from greenlane.engine.report_sections import SECTIONS
from greenlane.values.money import exponent, format_scaled

_CLOSING = (
    "An amount that isn't known is counted as not known and is in no sum. Sums of different currencies are never"
    " added. Every outcome can be recomputed and explained with `greenlane explain`."
)


def view(summary: dict[str, Any]) -> dict[str, Any]:
    """Return what the template shows for a summary."""
    run = summary.get("run") or {}
    sections = [make(summary) for make in SECTIONS]
    return {
        "title": "Clearance report",
        "closing": _CLOSING,
        "period": _period(summary["days"]),
        "headline": _headline(summary),
        "money": _money_words(summary),
        "key_figures": _figures(summary, run),
        "sections": [section for section in sections if section.charts],
        "foot": _foot(summary, run),
    }


def _period(days: list[Row]) -> str:
    if not days:
        return "No consignments"
    first, last = days[0]["day"], days[-1]["day"]
    return f"Declared on {first}" if first == last else f"Declared from {first} to {last}"


def _headline(summary: dict[str, Any]) -> str:
    total = summary["totals"]["consignments"]
    if not total:
        return "No consignment was accepted."
    counts = fates(summary)
    free, paid = counts.get("release", 0), counts.get("release_on_payment", 0)
    words = f"{free:,} of {total:,} consignments ({percent(free, total)}) can be released at once"
    if paid:
        words += f"; {paid:,} ({percent(paid, total)}) as soon as what is due at the border is paid"
    others = total - free - paid
    if others:
        words += f"; {others:,} ({percent(others, total)}) need more"
        reasons = summary["reasons_incomplete"]
        if reasons and 2 * summary["totals"]["incomplete"] > others:
            first = reasons[0]
            words += f", {first['consignments']:,} of them because {first_down(reason_of(first['code']))}"
    return words + "."


def _money_words(summary: dict[str, Any]) -> str:
    euro = summary.get("euro")
    if euro:
        return _revenue_words(euro["totals"], "EUR") + f" Other currencies are converted by {euro['source']}."
    groups = by_currency(summary["destinations"])
    if not groups:
        return "No amount is known."
    currency, rows = groups[0]
    words = _revenue_words(_sums(rows), currency)
    others = [code for code, _ in groups[1:]]
    return f"{words} {_and(others)} stand further down, unconverted." if others else words


def _and(words: list[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _revenue_words(sums: dict[str, str], currency: str) -> str:
    duty, tax, fees, due, value = (
        f"{whole_units(sums[name], currency):,}" for name in ("duty", "tax", "fees", "payable", "value")
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
        ("Released at once", percent(totals["released_at_once"], count), f"{totals['released_at_once']:,}"),
        ("Fully worked out", percent(totals["assessed"], count), f"{totals['assessed']:,}"),
        (
            "Not complete",
            percent(totals["incomplete"], count),
            f"{totals['incomplete']:,}, never released by machine",
        ),
    ]
    if "rejected" in run:
        twice = f"{run.get('duplicates', 0):,} came twice, {run.get('amendments', 0):,} amended"
        made.append(("Refused at intake", f"{run['rejected']:,}", twice))
    return made


def _foot(summary: dict[str, Any], run: Row) -> list[tuple[str, str]]:
    made: list[tuple[str, str]] = []
    names = {"law": "Law", "lists": "Lists and rates", "model": "Risk model"}
    for kind, name in names.items():
        versions = [
            row["version"] for row in summary["versions"] if row["kind"] == kind and row["version"] != "none"
        ]
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


def _sums(rows: list[Row]) -> dict[str, str]:
    currency = rows[0]["currency"]
    amount = reader(currency)
    names = ("value", "duty", "tax", "fees", "payable")
    return {name: format_scaled(sum(amount(row[name]) for row in rows), exponent(currency)) for name in names}
