"""Clear real listings of a marketplace as parcels from China to the United States, Germany and Great Britain.

    python scripts/real_listings.py [--out FOLDER]

The listings are `data/hscodecomp/items.jsonl` under $GREENLANE_SHARED (default: ../shared beside the
checkout): those with a price, each with the ten digits that its seller gave. The official files beside them
are imported into a store of its own; then each day is cleared by the command that users have. What a listing
doesn't say is set once for all, in `consignments`.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import click
import polars as pl

from greenlane.reference import Reference, load

ROOT = Path(__file__).resolve().parents[1]
DAYS = (date(2026, 3, 15), date(2026, 11, 1))
IMPORTS = (
    ("us-hts", "tariff_us/hts_2025.csv.gz", "--from", "2025-01-01"),
    ("us-hts", "tariff_us/hts_2026_rev4.csv.gz", "--from", "2026-02-24", "--until", "2026-04-05"),
    ("us-layers", "tariff_us_layers"),
    ("uk-eu-tariff", "tariff_uk_eu/observations.csv.gz"),
    ("hs-correlation", "hs/HS2022toHS2017.xlsx"),
    ("hs", "hs/harmonized-system.csv"),
)
"""Kind, file and days, as `greenlane reference import` takes them."""

DESTINATIONS = ("US", "DE", "GB")
IOSS_LIMIT = Decimal("150.00")
_OF_RISK = ("description.vague_term", "goods.prohibited_word", "fx.substituted")
"""Findings that leave no amount open."""
_ELSEWHERE = {"US(Origin)": "US", "BR(Origin)": "BR", "Jp(origin)": "JP", "AE(Origin)": "AE"}
"""The origins that listings name beside China, as the marketplace writes them."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One listing: its place in the file from 0, its text, its price rounded to the cent."""

    number: int
    name: str
    hs_code: str
    price: Decimal
    currency: str
    origin: str
    package_kg: str | None


def listings(path: Path) -> Iterator[Listing]:
    """Read the listings that have a price.

    Prices are averages over offers and carry up to ten decimals; they are rounded half up to the cent.
    """
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file):
            row = json.loads(line, parse_float=Decimal, parse_int=Decimal)
            if row.get("price") is None:
                continue
            attributes = json.loads(row["product_attributes"] or "{}")
            price = row["price"].quantize(Decimal("0.01"), ROUND_HALF_UP)
            origin = _ELSEWHERE.get(attributes.get("Origin", ""), "CN")
            weight = attributes.get("Package weight")
            yield Listing(
                number, row["product_name"], row["hs_code"], price, row["currency_code"], origin,
                None if weight == "null" else weight,
            )  # fmt: skip


def consignments(listing: Listing, day: date, held: Reference) -> Iterator[dict[str, Any]]:
    """Make one consignment a destination: an express parcel with one item, paid for on its day.

    Freight and insurance are stated as nought, each parcel goes to a made-up consignee of its own. Germany
    stands for the Union, under IOSS where the goods are worth 150 euro or less.
    """
    for country in DESTINATIONS:
        ioss = country == "DE" and _in_euro(listing, day, held) <= IOSS_LIMIT
        yield {
            "consignment_id": f"{country}-{listing.number:03d}-{day:%Y%m%d}",
            "channel": "express", "transaction": "b2c", "transport_mode": "air", "departure_country": "CN",
            "destination_country": country, "declaration_date": day.isoformat(),
            "order_date": day.isoformat(), "export_date": day.isoformat(),
            "currency": listing.currency, "freight": "0", "insurance": "0",
            "scheme": "IOSS" if ioss else None, "scheme_id": "IM3720000224" if ioss else None,
            "seller": {"id": "S1", "name": "Example Trading", "country": "CN"},
            "platform": {"id": "M1", "name": "Example Market"}, "carrier": {"id": "C1"},
            "consignee": {
                "id": f"P{listing.number:03d}", "name": "A. Example", "country": country, "person": True,
            },
            "items": [
                {
                    "item_id": "1", "description": listing.name, "quantity": "1", "value": str(listing.price),
                    "hs_code": _code(listing.hs_code, country, day, held), "origin_country": listing.origin,
                    "gross_mass_kg": listing.package_kg,
                }
            ],
        }  # fmt: skip


def _code(given: str, country: str, day: date, held: Reference) -> str:
    """Return the digits that the destination's tariff can read: in the US as many of the ten as it has."""
    schedule = held.tariff.schedule("us-hts", day)
    if country != "US" or schedule is None:
        return given[:6]
    return next((given[:length] for length in (10, 8) if schedule.finest(given[:length])), given[:6])


def _in_euro(listing: Listing, day: date, held: Reference) -> Decimal:
    rate = held.fx.rate("eu-customs", listing.currency, "EUR", day)
    if rate.numerator is None or rate.denominator is None:
        raise click.ClickException(f"no rate of {listing.currency} in EUR is held for {day}")
    euro = listing.price * rate.numerator / rate.denominator
    return euro.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _greenlane(*words: str) -> str:
    """Run the command that users have; 1 says that rows were rejected, which the tables show."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / "greenlane"), *words], capture_output=True, text=True, check=False
    )
    if done.returncode > 1:
        raise click.ClickException(done.stderr.strip())
    return done.stdout


def import_all(data: Path, store: Path) -> None:
    """Import the whole official files."""
    for kind, name, *days in IMPORTS:
        _greenlane("reference", "import", kind, str(data / name), *days, "--reference", str(store))


def clear_day(data: Path, day: date, store: Path, out: Path) -> Path:
    """Write the consignments of one day, clear them, and return the folder of the results."""
    held = load(store)
    stream = out / f"listings-{day}.ndjson"
    with stream.open("w", encoding="utf-8") as file:
        for listing in listings(data / "hscodecomp" / "items.jsonl"):
            for consignment in consignments(listing, day, held):
                file.write(json.dumps(consignment, ensure_ascii=False) + "\n")
    results = out / f"cleared-{day}"
    _greenlane("clear", str(stream), "--out", str(results), "--reference", str(store), "--workers", "1")
    return results


def table(results: Path) -> str:
    """Return what became of one day's consignments: a table, then why some are incomplete."""
    outcomes = pl.read_parquet(results / "outcomes" / "*.parquet")
    findings = pl.read_parquet(results / "findings" / "*.parquet")
    lines = [
        "| destination | consignments | assessed | incomplete | currency | duty | tax | fees | total |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for code in ("us", "eu", "gb"):
        rows = outcomes.filter(pl.col("jurisdiction") == code)
        done = rows.filter(pl.col("status") == "assessed")
        sums = [str(_sum(done[name])) for name in ("duty", "tax", "fees", "total")]
        currency = "/".join(sorted(set(rows["currency"].drop_nulls())))
        counts = [str(n) for n in (rows.height, done.height, rows.height - done.height)]
        lines.append("| " + " | ".join([code.upper(), *counts, currency, *sums]) + " |")
    for code in ("us", "eu", "gb"):
        lines += _reasons(outcomes.filter(pl.col("jurisdiction") == code), findings)
    return "\n".join(lines)


def _sum(amounts: pl.Series) -> Decimal:
    return sum((Decimal(text) for text in amounts), Decimal("0.00"))


def _reasons(rows: pl.DataFrame, findings: pl.DataFrame) -> list[str]:
    open_ = rows.filter(pl.col("status") == "incomplete")
    if not open_.height:
        return []
    told = findings.filter(
        pl.col("consignment_id").is_in(open_["consignment_id"].implode())
        & (pl.col("severity") != "info")
        & ~pl.col("code").is_in(_OF_RISK)
    )
    seen: Counter[tuple[str, str]] = Counter()
    for code, message in told.select("code", "message").unique(maintain_order=True).rows():
        holders = told.filter((pl.col("code") == code) & (pl.col("message") == message))["consignment_id"]
        seen[(code, _general(message))] += holders.n_unique()
    which = f"{open_['jurisdiction'][0].upper()} ({open_.height})"
    lines = ["", f"Incomplete, {which}; one may have several findings:", ""]
    return [*lines, *(f"- {count} `{code}`: {words}" for (code, words), count in seen.most_common())]


def _general(message: str) -> str:
    """Leave the codes and rates of one item out of a message, so that the same reason counts once."""
    words = re.sub(r"[:,] \(?\d{6,10}\b.*$", "", message)
    return re.sub(r"\b\d{6,10}\b", "…", words)


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder; a new one by default.")
def main(out: Path | None) -> None:
    """Import the official files, clear the listings on both days and print the tables."""
    data = Path(os.environ.get("GREENLANE_SHARED", ROOT.parent / "shared")) / "data"
    if not (data / "hscodecomp").is_dir():
        raise click.ClickException("the official files are not beside this checkout (GREENLANE_SHARED)")
    folder = out or Path(tempfile.mkdtemp(prefix="listings-"))
    folder.mkdir(parents=True, exist_ok=True)
    import_all(data, folder / "store")
    for day in DAYS:
        results = clear_day(data, day, folder / "store", folder)
        click.echo(f"\n{day}\n\n{table(results)}")
    click.echo(f"\nEverything is in {folder}")


if __name__ == "__main__":
    main()
