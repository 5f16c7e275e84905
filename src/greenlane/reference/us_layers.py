"""Importer of the dated overlays on the US tariff, as Yale Budget Lab's tariff-rate-tracker has them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from greenlane.reference.list_rows import HEADER, entry_row
from greenlane.reference.official_file import read_table, read_text
from greenlane.reference.rate_text import share
from greenlane.reference.store import Draft
from greenlane.tariff import Entry
from greenlane.values.errors import ReferenceError_
from greenlane.values.money import format_rate

_PUBLISHER = "Yale Budget Lab tariff-rate-tracker, from USTR, Commerce and CBP lists"
_ANNEXES = date(2026, 4, 6)
"""Proclamation in force that day: section 232 by annex, on the full value."""
_IEEPA_LAST = date(2026, 2, 23)
"""Collection under IEEPA ended on 2026-02-24, after Learning Resources v. Trump of 2026-02-20."""

# First and last day of each heading of the lists against China. Where the heading's own text in chapter 99
# gives the day it is that one; the days of the first four lists are those of the notices 83 FR 28710,
# 83 FR 40823, 84 FR 20459 (list 3 at 25 %) and 85 FR 3741 (list 4A at 7.5 %), which are not in the folder.
_S301_DAYS: dict[str, tuple[date | None, date | None]] = {
    "9903.88.01": (date(2018, 7, 6), None),
    "9903.88.02": (date(2018, 8, 23), None),
    "9903.88.03": (date(2019, 5, 10), None),
    "9903.88.04": (date(2019, 5, 10), None),
    "9903.88.15": (date(2020, 2, 14), None),
    "9903.91.01": (date(2024, 9, 27), None),
    "9903.91.02": (date(2024, 9, 27), None),
    "9903.91.03": (date(2024, 9, 27), None),
    "9903.91.05": (date(2025, 1, 1), None),
    "9903.91.06": (date(2026, 1, 1), None),
    "9903.91.07": (date(2026, 1, 1), None),
    "9903.91.08": (date(2026, 1, 1), None),
    "9903.91.11": (date(2025, 1, 1), None),
    "9903.92.10": (None, date(2026, 11, 9)),
}
_SUSPENDED = "9903.88.16"
"""List 4B. The schedule's own text says that the provision is suspended."""

_LIST_4A, _LIST_3_BY_NUMBER = "9903.88.15", "9903.88.04"

# U.S. notes 20(g), 20(s)(ii) and 31(h) to chapter 99 divide some subheadings by statistical number. The
# table in the folder is cut to eight digits and puts each of them wholly under every heading. The notes are
# not there: these two are as third parties quote them; of the others it is only known that they are divided.
_BY_NUMBER: dict[tuple[str, str], tuple[str, ...]] = {
    ("63079098", "9903.88.15"): ("25", "35", "82", "84", "85", "87", "89", "91"),
    ("63079098", "9903.91.07"): ("42", "44", "50", "70", "75"),
    ("85176200", "9903.88.03"): (),
    ("85176200", "9903.88.04"): ("10", "20"),
    ("85176200", "9903.88.15"): ("90",),
}
_NUMBERED = frozenset(code for code, _ in _BY_NUMBER)

_S232_STARTS = {
    "autos_passenger": date(2025, 4, 3),
    "autos_light_trucks": date(2025, 4, 3),
    "copper": date(2025, 8, 1),
    "mhd_vehicles": date(2025, 11, 1),
    "buses": date(2025, 11, 1),
    "semiconductors": date(2026, 1, 16),
}
"""Legal first days, from the folder's policy_timing.md; the other programmes are not dated there."""


@dataclass
class _List:
    dataset: str
    title: str
    valid_from: date
    valid_until: date | None
    rows: list[tuple[str, ...]] = field(default_factory=list)
    unparsed: list[tuple[str, str, str]] = field(default_factory=list)

    def add(
        self,
        where: str,
        prefix: str,
        days: tuple[date | None, date | None],
        rate: int | None = None,
        partial: bool = False,
        source: str = "",
        **attributes: str,
    ) -> None:
        code = prefix.replace(".", "").strip()
        if not (code.isascii() and code.isdecimal() and 2 <= len(code) <= 10):
            self.unparsed.append((where, prefix, "not a commodity code"))
            return
        said = tuple(sorted((key, value) for key, value in attributes.items() if value))
        self.rows.append(entry_row(Entry(code, *days, rate, partial, source or self.title, said)))


def import_us_layers(
    path: Path, valid_from: date | None, valid_until: date | None, recorded: date | None
) -> list[Draft]:
    """Read the folder into goods lists: ``us-s301``, ``us-s232``, ``us-s122-exempt``, ``us-ieepa-exempt`` ….

    Lists that stay open are vouched for until the last revision that the folder knows, unless *valid_until*
    says otherwise.

    Raises:
        ReferenceError_: Not that folder, or a file in it cannot be read.
    """
    if not path.is_dir() or not (path / "policy_params.yaml").is_file():
        raise ReferenceError_(f"{path.name} is not the folder of the US layers (it holds policy_params.yaml)")
    try:
        policy: dict[str, Any] = yaml.load(read_text(path / "policy_params.yaml"), Loader=yaml.BaseLoader)
        last = max(
            row["effective_date"] for _, row in read_table(path / "revision_dates.csv", ("effective_date",))
        )
        known = valid_until or date.fromisoformat(last)
        lists = [
            *_s301(path, policy, known),
            *_s232(path, policy, known),
            _s122(path, policy),
            *_ieepa(path),
        ]
    except (KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError):
        raise ReferenceError_(
            f"{path.name}: policy_params.yaml or revision_dates.csv is not as expected"
        ) from None
    return [
        Draft(
            made.dataset, "list", made.title, _PUBLISHER, "MIT", valid_from or made.valid_from,
            made.valid_until, recorded or made.valid_from, HEADER, made.rows, made.unparsed,
            {"nomenclature": "us-hts"},
        )
        for made in lists
    ]  # fmt: skip


def _s301(path: Path, policy: dict[str, Any], known: date) -> list[_List]:
    rates = {entry["ch99_pattern"]: share(entry["s301_rate"]) for entry in policy["section_301_rates"]}
    live = _List("us-s301", "US section 301, lists against China", date(2018, 7, 6), known)
    idle = _List(
        "us-s301-suspended", "US section 301, list 4B (suspended, never charged)", date(2019, 9, 1), known
    )
    rows = list(read_table(path / "s301_product_lists.csv", ("hts8", "list", "ch99_code")))
    divided = _divided(row for _, row in rows)
    for number, row in rows:
        heading, code = row["ch99_code"], row["hts8"]
        where = f"s301_product_lists.csv line {number}"
        if heading == _SUSPENDED:
            idle.add(where, code, (None, None), rates.get(heading), list=row["list"], ch99=heading)
        elif heading not in rates or heading not in _S301_DAYS:
            live.unparsed.append((where, heading, "heading without a rate or a day"))
        else:
            endings = _BY_NUMBER.get((code, heading), () if code in _NUMBERED else ("",))
            for ending in endings:
                live.add(
                    where, code + ending, _S301_DAYS[heading], rates[heading], code in divided - _NUMBERED,
                    f"HTSUS {heading}", list=row["list"], ch99=heading,
                )  # fmt: skip
    for code in sorted(_NUMBERED):
        live.add("notes 20 and 31 to chapter 99", code, (None, None), None, True, "HTSUS 9903.88 and 9903.91")
    return [live, idle]


def _divided(rows: Iterable[Mapping[str, str]]) -> frozenset[str]:
    """Return the codes of which each heading takes a part: list 4A never overlaps the lists before it."""
    headings: dict[str, set[str]] = {}
    for row in rows:
        if row["ch99_code"] != _SUSPENDED:
            headings.setdefault(row["hts8"], set()).add(row["ch99_code"])
    return frozenset(
        code for code, found in headings.items()
        if _LIST_3_BY_NUMBER in found or (_LIST_4A in found and len(found) > 1)
    )  # fmt: skip


def _s232(path: Path, policy: dict[str, Any], known: date) -> list[_List]:
    duty = _List("us-s232", "US section 232", date(2018, 3, 23), known)
    gone = _List("us-s232-removed", "US section 232, annex II: removed from scope", _ANNEXES, known)
    before = _ANNEXES - timedelta(days=1)
    half = share("0.5")
    for metal, chapters in policy["section_232_chapters"].items():
        for chapter in chapters:
            for first, last, rate in (
                (date(2018, 3, 23), date(2025, 6, 3), None),
                (date(2025, 6, 4), before, half),
            ):
                duty.add("policy_params.yaml", chapter, (first, last), rate, True, program=metal, metal=metal)
    for program, entry in policy["section_232_headings"].items():
        first_day = _S232_STARTS.get(program)
        last_day = before if program == "copper" else None
        basis = "copper_content" if program == "copper" else ""
        for prefix in entry.get("prefixes", ()):
            rate = share(entry["default_rate"])
            # Passenger cars and chips also depend on use or a technical test; the whole prefix is not meant.
            partial = program in ("semiconductors", "copper")
            duty.add(
                "policy_params.yaml",
                prefix,
                (first_day, last_day),
                rate,
                partial,
                program=program,
                basis=basis,
            )
    for number, row in read_table(
        path / "s232_derivative_products.csv",
        ("hts_prefix", "ch99_code", "derivative_type", "effective_date"),
    ):
        started = date.fromisoformat(row["effective_date"]) if row["effective_date"] else date(2025, 3, 12)
        content = row["ch99_code"] in ("9903.81.91", "9903.85.08")
        metal = row["derivative_type"]
        duty.add(
            f"s232_derivative_products.csv line {number}", row["hts_prefix"], (started, before), half, False,
            f"HTSUS {row['ch99_code']}", program=f"{metal}_derivative", metal=metal, ch99=row["ch99_code"],
            basis=f"{metal}_content" if content else "", undated="" if row["effective_date"] else "1",
        )  # fmt: skip
    tiers = policy["section_232_annexes"]["annexes"]
    for number, row in read_table(
        path / "s232_annex_products.csv", ("hts_prefix", "annex", "metal_type", "source", "effective_date")
    ):
        where = f"s232_annex_products.csv line {number}"
        tier = tiers[{"1a": "annex_1a", "1b": "annex_1b", "2": "annex_2", "3": "annex_3"}[row["annex"]]]
        days = (date.fromisoformat(row["effective_date"]), None)
        into = gone if row["annex"] == "2" else duty
        floor = tier.get("floor_rate")
        rate = share(floor or tier["rate"])
        uk_rate = format_rate(share(tier["uk_rate"])) if "uk_rate" in tier else ""
        into.add(
            where, row["hts_prefix"], days, rate, program="annex", annex=row["annex"],
            metal=row["metal_type"], method="floor" if floor else "", uk_rate=uk_rate,
        )  # fmt: skip
    return [duty, gone]


def _s122(path: Path, policy: dict[str, Any]) -> _List:
    term = policy["section_122"]
    first, last = date.fromisoformat(term["effective_date"]), date.fromisoformat(term["expiry_date"])
    made = _List("us-s122-exempt", "US section 122, exempt products", first, last)
    for number, row in read_table(path / "s122_exempt_products.csv", ("hts8",)):
        made.add(f"s122_exempt_products.csv line {number}", row["hts8"], (first, last))
    return made


def _ieepa(path: Path) -> Iterable[_List]:
    everywhere = _List(
        "us-ieepa-exempt", "US IEEPA reciprocal duty, exempt products", date(2025, 4, 5), _IEEPA_LAST
    )
    for number, row in read_table(path / "ieepa_exempt_products.csv", ("hts10",)):
        everywhere.add(
            f"ieepa_exempt_products.csv line {number}", row["hts10"], (None, _IEEPA_LAST), undated="1"
        )
    groups: dict[str, _List] = {}
    for number, row in read_table(path / "fentanyl_carveout_products.csv", ("hts8", "ch99_code", "category")):
        made = _group(groups, f"us-fentanyl-{row['category'].replace('_', '-')}", date(2025, 3, 7))
        where = f"fentanyl_carveout_products.csv line {number}"
        made.add(where, row["hts8"], (None, _IEEPA_LAST), ch99=row["ch99_code"], undated="1")
    for number, row in read_table(
        path / "floor_exempt_products.csv", ("hts8", "category", "country_group", "ch99_code")
    ):
        made = _group(groups, f"us-floor-exempt-{row['country_group']}", date(2025, 8, 7))
        where = f"floor_exempt_products.csv line {number}"
        made.add(
            where,
            row["hts8"],
            (None, _IEEPA_LAST),
            category=row["category"],
            ch99=row["ch99_code"],
            undated="1",
        )
    for number, row in read_table(
        path / "country_eo_exempt_products.csv",
        ("ch99_code", "hts10", "effective_date_start", "effective_date_end", "source"),
    ):
        made = _group(groups, f"us-eo-exempt-{row['ch99_code']}", date(2025, 8, 6))
        end = row["effective_date_end"]
        days = (
            date.fromisoformat(row["effective_date_start"]),
            date.fromisoformat(end) if end else _IEEPA_LAST,
        )
        where = f"country_eo_exempt_products.csv line {number}"
        made.add(where, row["hts10"], days, source=row["source"], ch99=row["ch99_code"])
    return [everywhere, *groups.values()]


def _group(groups: dict[str, _List], dataset: str, first: date) -> _List:
    title = "US IEEPA, " + dataset.removeprefix("us-").replace("-", " ")
    return groups.setdefault(dataset, _List(dataset, title, first, _IEEPA_LAST))
