"""The command that says what a parcel costs landed."""

import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from greenlane.cli.frame import FILE, FOUND, bytes_of, json_option, print_json, told
from greenlane.cli.lawful import assume_option, assumed_facts, context_of, known_at_option, store_option


@click.command()
@click.argument("file", type=FILE)
@click.option("--to", help="Destinations to compare: countries like DE,FR,GB, or all.")
@click.option("--in", "currency", help="Show the landed cost in this currency as well.")
@click.option("--total", help="Find the price whose landed cost is this, in the destination's currency.")
@click.option("--detail", help="Show this destination in detail where there are several.")
@click.option("--steps", is_flag=True, help="Show how each amount was worked out.")
@known_at_option
@assume_option
@store_option
@json_option
@told
def quote(
    file: Path,
    to: str | None,
    currency: str | None,
    total: str | None,
    detail: str | None,
    steps: bool,
    known_at: date | None,
    assume: Path | None,
    store: Path | None,
    as_json: bool,
) -> None:
    """Say what consignments (JSON, an array or NDJSON) cost landed, at one or many destinations, and why."""
    from greenlane.engine.quote import Asked, make_quotes, read_destinations

    if str(file) == "-" and str(assume) == "-":
        raise click.ClickException("FILE and --assume cannot both be standard input; write one to a file")
    places = read_destinations(to) if to is not None else None
    wanted = read_destinations(detail)[0] if detail is not None else None
    asked = Asked(places, (to or "").strip().lower() == "all", currency and currency.upper(), total)
    made = make_quotes(bytes_of(file), str(file), asked, context_of(known_at, assumed_facts(assume), store))
    if not made.quotes:
        _refused(made.findings, as_json)
    if as_json:
        found = [one.as_dict() for one in made.quotes]
        print_json(found[0] if len(found) == 1 and places is None and not made.refused else found)
    else:
        _print_quotes(made, wanted, steps)
    if made.refused:
        _told_refused(made.findings)
        sys.exit(FOUND)


def _print_quotes(made: Any, wanted: str | None, steps: bool) -> None:
    from rich.console import Console

    from greenlane.engine.quote.tables import print_comparison, print_detail, print_list

    console = Console(highlight=False)
    shown = [one for one in made.quotes if one.destination == wanted]
    if wanted is not None and not shown:
        there = ", ".join(dict.fromkeys(one.destination for one in made.quotes))
        raise click.ClickException(f"--detail: {wanted} is not among the destinations quoted: {there}")
    listed = list(made.by_consignment().values())
    if len(made.quotes) == 1:
        shown = list(made.quotes)
    elif all(len(one) == 1 for one in listed):
        print_list(console, made.quotes)
    else:
        for one in listed:
            print_comparison(console, one)
    for one in shown:
        print_detail(console, one, steps)


def _refused(findings: Any, as_json: bool) -> None:
    if as_json:
        print_json({"findings": findings.to_dicts()})
    else:
        _told_refused(findings)
    sys.exit(FOUND)


def _told_refused(findings: Any) -> None:
    """Say on standard error what intake found, with the fix."""
    from greenlane.values.finding import kind_of

    for row in findings.to_dicts():
        where = f"{row['consignment_id']}: " if row["consignment_id"] else ""
        click.echo(
            f"{row['severity']}: {where}{row['code']} at {row['path'] or '/'}: {row['message']}", err=True
        )
        click.echo(f"  fix: {kind_of(row['code']).fix}", err=True)


QUOTING = (quote,)
