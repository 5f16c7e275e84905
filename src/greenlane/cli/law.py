"""Commands that read, compare and check the law."""

import sys
from datetime import date
from pathlib import Path

import click

from greenlane.cli.frame import DAY, FOUND, json_option, print_json, told
from greenlane.cli.lawful import known_at_option, store_option


@click.group()
def law() -> None:
    """Read, compare and check the law."""


day_option = click.option(
    "--as-of", type=DAY, default=lambda: date.today(), show_default="today", help="The day of the law."
)


@law.command("list")
@json_option
@told
def law_list(as_json: bool) -> None:
    """List the jurisdictions whose law is held, with the days covered."""
    from greenlane.assess.pages import list_packs

    rows = list_packs()
    if as_json:
        print_json(rows)
        return
    for row in rows:
        until = row["to"] or "open"
        countries = f"{len(row['countries'])} countries" if len(row["countries"]) > 1 else row["countries"][0]
        click.echo(
            f"{row['code']:<6}{row['name']:<18}{row['currency']:<5}{countries:<14}{row['from']} to {until:<12}"
            f"{row['formulas']} formulas, {row['parameters']} parameters"
        )


@law.command("show")
@click.argument("code")
@day_option
@known_at_option
@json_option
@told
def law_show(code: str, as_of: date, known_at: date | None, as_json: bool) -> None:
    """Print a jurisdiction's rules on a day, with amounts, articles and certainty."""
    from greenlane.assess.pages import show, show_data
    from greenlane.packs import pack

    if as_json:
        print_json(show_data(pack(code), as_of, known_at))
    else:
        click.echo(show(pack(code), as_of, known_at))


@law.command("diff")
@click.argument("code")
@click.argument("before", type=DAY)
@click.argument("after", type=DAY)
@known_at_option
@json_option
@told
def law_diff(code: str, before: date, after: date, known_at: date | None, as_json: bool) -> None:
    """Say in words what changed between two days."""
    from greenlane.assess.changes import diff, diff_data
    from greenlane.packs import pack

    if as_json:
        print_json(diff_data(pack(code), before, after, known_at))
    else:
        click.echo(diff(pack(code), before, after, known_at))


@law.command("timeline")
@click.argument("code")
@known_at_option
@json_option
@told
def law_timeline(code: str, known_at: date | None, as_json: bool) -> None:
    """List every day on which a jurisdiction's law changes, and what changes."""
    from greenlane.assess.changes import timeline, timeline_data
    from greenlane.packs import pack

    if as_json:
        print_json(timeline_data(pack(code), known_at))
    else:
        click.echo(timeline(pack(code), known_at))


@law.command("check")
@click.argument("codes", nargs=-1)
@known_at_option
@store_option
@json_option
@told
def law_check(codes: tuple[str, ...], known_at: date | None, store: Path | None, as_json: bool) -> None:
    """Prove that a pack holds together: cover, sources, words, bounds; every pack where none is named."""
    from greenlane.decide.check import check
    from greenlane.engine.context import Sources
    from greenlane.law.assumptions import Assumptions
    from greenlane.packs import CODES, pack
    from greenlane.reference import load

    held = load(store)
    sources = Sources(held.tariff, held.fx, Assumptions())
    found = {code: check(pack(code), sources, known_at=known_at) for code in codes or CODES}
    if as_json:
        print_json(
            {
                code: [{"code": p.code, "where": p.where, "message": p.message} for p in ps]
                for code, ps in found.items()
            }
        )
    for code, problems in found.items():
        if as_json:
            continue
        click.echo(f"{code}: {len(problems)} problems" if problems else f"{code}: holds together")
        for problem in problems:
            click.echo(f"  {problem.code} {problem.where}: {problem.message}")
    if any(found.values()):
        sys.exit(FOUND)


@law.command("new")
@click.argument("code")
@click.option("--name", required=True, help="What the jurisdiction is called in English.")
@click.option("--currency", required=True, help="ISO 4217 code of its amounts.")
@click.option("--countries", default="", help="Countries covered, as in CH,LI; default the country of CODE.")
@click.option(
    "--from",
    "start",
    type=DAY,
    default=lambda: date.today().replace(month=1, day=1),
    show_default="1 January of this year",
    help="First day that the pack will cover.",
)
@click.option(
    "--dir",
    "checkout",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    show_default="here",
    help="The checkout of greenlane to write into.",
)
@json_option
@told
def law_new(
    code: str, name: str, currency: str, countries: str, start: date, checkout: Path, as_json: bool
) -> None:
    """Lay out the files of a new jurisdiction: a pack that loads, with placeholders where the law goes, and its test."""
    from greenlane.engine.new_pack import in_words, new_pack

    listed = [country.strip() for country in countries.split(",") if country.strip()]
    new = new_pack(code, name, currency, start, checkout, listed)
    if as_json:
        written = [str(path) for path in new.written]
        print_json({"code": code, "written": written, "changed": str(new.changed), "next": new.steps})
    else:
        click.echo(in_words(new))


LAW = (law,)
