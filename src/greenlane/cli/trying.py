"""Commands to try things with: templates, generated streams, benchmarks."""

from datetime import date
from pathlib import Path

import click

from greenlane.cli.frame import DAY, json_option, print_json, told


@click.group()
def template() -> None:
    """Print templates to fill in."""


@template.command("csv")
def template_csv() -> None:
    """Print the CSV template: the header and one example row."""
    from greenlane.model import template_csv as text

    click.echo(text(), nl=False)


@click.command()
@click.option("--consignments", required=True, type=click.IntRange(1), help="How many consignments.")
@click.option("--seed", required=True, type=int, help="The same seed gives the same stream.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help=".parquet, .csv or .ndjson"
)
@click.option("--start", type=DAY, default="2026-06-15", show_default=True, help="First day of declaration.")
@click.option(
    "--days", type=click.IntRange(1, 366), default=31, show_default=True, help="Over how many days."
)
@click.option(
    "--to",
    "destinations",
    help="Countries of destination, DE,JP,BR, in equal shares, or all: every law held. Default: six laws.",
)
@told
def generate(
    consignments: int, seed: int, out: Path, start: date, days: int, destinations: str | None
) -> None:
    """Write a seeded stream with the shape of real flow, and the labels of its planted cases beside it."""
    from greenlane.engine.names import COUNTRY_NAMES
    from greenlane.sandbox import generate as run
    from greenlane.sandbox import world

    weights = None
    if destinations is not None:
        named = [code.strip().upper() for code in destinations.split(",")]
        weights = world() if named == ["ALL"] else dict.fromkeys(named, 1)
        strange = sorted(code for code in weights if code not in COUNTRY_NAMES)
        if strange:
            raise click.ClickException(f"--to: {', '.join(strange)} is no country code (ISO 3166-1 alpha-2)")
    report = run(consignments, seed, out, start=start, days=days, destinations=weights)
    click.echo(f"{report.consignments:,} consignments with {report.items:,} items: {report.out}")
    click.echo(f"labels of planted cases: {report.labels}")


@click.command()
@click.argument("name", required=False)
@click.option(
    "--items", type=click.IntRange(10_000), default=1_000_000, show_default=True, help="Items to clear."
)
@json_option
@told
def bench(name: str | None, items: int, as_json: bool) -> None:
    """Measure on this machine, as ratios in one run.

    NAME is bulk, packs, whatif, rows, one, filing, service or messages; without it, all.
    """
    from greenlane.bench.run import run_bench

    result = run_bench(name, items)
    if as_json:
        print_json(result.as_dict())
    else:
        click.echo(result.in_words())


TRYING = (template, generate, bench)
