"""Make the starter reference of the package from official files.

    python scripts/make_starter.py [SHARED]

SHARED is the folder with `data/` and `samples/` (default: $GREENLANE_SHARED, else ../shared beside it).
How the figures come about:

1. The subheadings and their names are in `scripts/starter_subheadings.txt`; each must exist in HS 2022.
2. The files are imported by the importers that users have, into a temporary store: the US tariff of 2026
   revision 4, the US layers, the UK and EU tariffs of 2021, the correlation of HS 2022 with HS 2017.
3. Each rate is the answer of the look-up for the six digits: one rate where all the lines below agree, the
   lowest and highest where they differ, `?` where a line's rate cannot be computed or the rates compared.
4. Membership of the US lists is asked for the two periods that the layers know from 2026-02-24: until
   2026-04-05 and from 2026-04-06.
5. Terms come as facts from the lists of stop words and of unacceptable descriptions, prohibited words from
   `scripts/starter_terms.txt`, prohibited goods and units are written by hand in the package.

What is written carries the publication, its days and the source file's SHA-256 in `publications.csv`.
"""

import csv
import os
import sys
import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from greenlane.reference.imports import import_file
from greenlane.reference.list_rows import HEADER, entry_row
from greenlane.reference.load import Reference, load
from greenlane.reference.store import file_sha256
from greenlane.tariff import Answer, Entry, Listing, Membership, fold
from greenlane.values.errors import UsageError

ROOT = Path(__file__).resolve().parents[1]
STARTER = ROOT / "src" / "greenlane" / "reference" / "starter"
PERIODS = ((date(2026, 2, 24), date(2026, 4, 5)), (date(2026, 4, 6), None))
SCHEDULES = (("eu-cet", date(2026, 2, 24)), ("uk-gt", date(2026, 2, 24)), ("us-hts", date(2026, 2, 24)))
LAYERS = ("us-s301", "us-s232", "us-s122-exempt")


def main(shared: Path) -> None:
    """Write every file of the starter that is made."""
    data, samples = shared / "data", shared / "samples"
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder)
        sources = {
            "us-hts": data / "tariff_us" / "hts_2026_rev4.csv.gz",
            "us-layers": data / "tariff_us_layers",
            "uk-eu-tariff": data / "tariff_uk_eu" / "observations.csv.gz",
            "hs-correlation": data / "hs" / "HS2022toHS2017.xlsx",
            "hs": data / "hs" / "harmonized-system.csv",
        }
        for kind, path in sources.items():
            days = PERIODS[0] if kind == "us-hts" else (None, None)
            import_file(kind, path, store, valid_from=days[0], valid_until=days[1])
        held = load(store)
    names = subheadings(held)
    write(
        "subheadings.csv",
        ("hs6", "name", "eu_cet", "uk_gt", "us_general"),
        (
            (code, name, *(cell(held.tariff.duty(s, code, None, day)) for s, day in SCHEDULES))
            for code, name in names.items()
        ),
    )
    write("layers.csv", ("list_id", *HEADER), layers(held, names))
    write("terms.csv", ("list_id", "text", "language", "category", "reason", "rests_on"), terms(samples))
    write(
        "publications.csv",
        ("id", "form", "title", "publisher", "valid_from", "valid_until", "recorded", "source", "sha256"),
        publications(held, sources, samples),
    )


def subheadings(held: Reference) -> dict[str, str]:
    """Read the chosen subheadings; refuse one that HS 2022 does not have."""
    names: dict[str, str] = {}
    for line in (ROOT / "scripts" / "starter_subheadings.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            code, _, name = line.partition(" ")
            if code not in held.nomenclature.names:
                raise UsageError(f"{code} is not a subheading of HS 2022")
            names[code] = name
    return dict(sorted(names.items()))


def cell(answer: Answer) -> str:
    """Write an answer as a cell of `subheadings.csv`."""
    if answer.rate is not None:
        return answer.rate.text
    if answer.low is not None and answer.high is not None:
        return f"{answer.low.text}|{answer.high.text}"
    return "" if any(f.code == "tariff.code_unknown" for f in answer.findings) else "?"


def layers(held: Reference, codes: Iterable[str]) -> Iterable[tuple[str, ...]]:
    """Yield the entries of the US lists by subheading; equal entries of both periods are one."""
    for list_id in LAYERS:
        for code in codes:
            by_period = [entries_of(held, list_id, code, first) for first, _ in PERIODS]
            for made in sorted(by_period[0] | by_period[1], key=repr):
                first = None if made in by_period[0] else PERIODS[1][0]
                last = None if made in by_period[1] else PERIODS[0][1]
                days = Entry(made.prefix, first, last, made.rate, made.partial, made.source, made.attributes)
                yield (list_id, *entry_row(days))


def divided(listing: Listing) -> bool:
    """Tell whether lines below bear different rates; of several on one line the later took its place."""
    rates: dict[str, int] = {}
    for entry in listing.entries:
        if entry.rate is not None:
            rates[entry.prefix] = max(entry.rate, rates.get(entry.prefix, 0))
    return len(set(rates.values())) > 1


def entries_of(held: Reference, list_id: str, code: str, day: date) -> set[Entry]:
    """Return the undated entries that say of a subheading what the list says on a day."""
    listing = held.tariff.listed(list_id, code, day)
    if listing.member in (Membership.NO, Membership.NOT_LOADED):
        return set()
    partial = listing.member is Membership.PARTLY or divided(listing)
    return {
        Entry(
            code,
            None,
            None,
            entry.rate,
            partial or (entry.partial and len(entry.prefix) <= 6),
            entry.source,
            tuple(kv for kv in entry.attributes if kv[0] != "undated"),
        )
        for entry in listing.entries
    }


def terms(samples: Path) -> Iterable[tuple[str, ...]]:
    """Yield the starter's terms, each once a list."""
    for list_id, path in (
        ("stop-words", samples / "ics2_stopwords_partial.csv"),
        ("vague-terms", samples / "pact" / "unacceptable_descriptions.csv"),
    ):
        with path.open(encoding="utf-8-sig", newline="") as handle:
            for text in sorted({fold(row["term"]) for row in csv.DictReader(handle)}):
                yield (list_id, text, "en", "", "", "")
    seen: set[str] = set()
    for line in (ROOT / "scripts" / "starter_terms.txt").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        category, reason, rests_on, words = line.split("|")
        for group in words.split(";"):
            language, _, listed = group.strip().partition(": ")
            for text in (fold(word) for word in listed.split(",")):
                if text not in seen:
                    seen.add(text)
                    yield ("prohibited-words", text, language, category, reason, rests_on)


def publications(held: Reference, sources: dict[str, Path], samples: Path) -> Iterable[tuple[str, ...]]:
    """Yield where each part of the starter comes from and the days that it is good for."""
    kinds = {"us-hts": "us-hts", "eu-cet": "uk-eu-tariff", "uk-gt": "uk-eu-tariff"}
    for schedule_id, day in SCHEDULES:
        made = held.tariff.schedule(schedule_id, day)
        assert made is not None
        source = sources[kinds[schedule_id]]
        yield (
            schedule_id,
            "schedule",
            f"{made.title} (starter)",
            made.publisher,
            *days_of(made.valid_from, made.valid_until, made.recorded),
            source.name,
            file_sha256(source),
        )
    for list_id in LAYERS:
        goods = next(g for g in held.tariff.lists if g.list_id == list_id)
        first = max(goods.valid_from, PERIODS[0][0])
        yield (
            list_id,
            "list",
            f"{goods.title} (starter)",
            goods.publisher,
            *days_of(first, goods.valid_until, first),
            sources["us-layers"].name,
            file_sha256(sources["us-layers"]),
        )
    own = "greenlane, from the conventions named at each entry"
    yield (
        "prohibited-goods",
        "list",
        "Prohibited goods (starter)",
        own,
        "2016-01-01",
        "",
        "2016-01-01",
        "",
        "",
    )
    yield (
        "prohibited-words",
        "terms",
        "Words for prohibited goods (starter)",
        own,
        "2016-01-01",
        "",
        "2016-01-01",
        "",
        "",
    )
    for list_id, title, publisher, start, path in (
        (
            "stop-words",
            "EU ICS2 stop words (incomplete: 92 terms, A to Ge)",
            "European Commission",
            "2023-03-01",
            samples / "ics2_stopwords_partial.csv",
        ),
        (
            "vague-terms",
            "Descriptions that Canada's air cargo targeting does not accept, guide 1.9",
            "Transport Canada",
            "2025-12-09",
            samples / "pact" / "unacceptable_descriptions.csv",
        ),
    ):
        yield (list_id, "terms", title, publisher, start, "", start, path.name, file_sha256(path))


def days_of(first: date, last: date | None, recorded: date) -> tuple[str, str, str]:
    """Write the three days of a publication."""
    return (first.isoformat(), last.isoformat() if last else "", recorded.isoformat())


def write(name: str, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    """Write one file of the starter."""
    with (STARTER / name).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header)
        count = 0
        for row in rows:
            writer.writerow(row)
            count += 1
    print(f"{name}: {count} rows")


if __name__ == "__main__":
    place = (
        sys.argv[1] if len(sys.argv) > 1 else os.environ.get("GREENLANE_SHARED", str(ROOT.parent / "shared"))
    )
    main(Path(place))
