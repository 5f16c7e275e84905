"""Commands on the store of official files."""

from datetime import date
from pathlib import Path
from typing import Any

import click

from greenlane.cli.frame import DAY, json_option, print_json, told
from greenlane.cli.lawful import store_option


@click.group()
def reference() -> None:
    """Import official files and see what is held."""


@reference.command("import")
@click.argument("kind")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--from", "valid_from", type=DAY, help="First day that the publication is in force.")
@click.option("--until", "valid_until", type=DAY, help="Last day that its publisher vouches for.")
@click.option("--recorded", type=DAY, help="Day on which it was published.")
@store_option
@json_option
@told
def reference_import(
    kind: str,
    path: Path,
    valid_from: date | None,
    valid_until: date | None,
    recorded: date | None,
    store: Path | None,
    as_json: bool,
) -> None:
    """Import an official file into the local store; KIND is one that `greenlane reference kinds` lists."""
    from greenlane.reference import default_store, import_file

    report = import_file(
        kind,
        path,
        store or default_store(),
        valid_from=valid_from,
        valid_until=valid_until,
        recorded=recorded,
    )
    rows = [_dataset(info) for info in report.datasets]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(f"{row['dataset']:<28}{row['parsed']:>8,} lines computed{row['unparsed']:>7,} not")
        for reason, count in sorted(row["unparsed_by_reason"].items(), key=lambda pair: -pair[1]):
            click.echo(f"    {count:>7,}  {reason}")
    for note in report.notes:
        click.echo(note)
    if report.already:
        click.echo("Every one of these was in the store before.")


@reference.command("list")
@store_option
@json_option
@told
def reference_list(store: Path | None, as_json: bool) -> None:
    """List what the local store holds beside the starter reference of the package."""
    from greenlane.reference import default_store, list_datasets

    rows = [_dataset(info) for info in list_datasets(store or default_store())]
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo("The store holds nothing; the starter reference of the package is used.")
    for row in rows:
        until = row["valid_until"] or "open"
        click.echo(
            f"{row['dataset']:<28}{row['valid_from']} to {until:<12}{row['parsed']:>8,} lines  {row['title']}"
        )


@reference.command("kinds")
def reference_kinds() -> None:
    """List the kinds of files that can be imported."""
    from greenlane.reference import KINDS

    for kind in sorted(KINDS):
        click.echo(kind)


def _dataset(info: Any) -> dict[str, Any]:
    import msgspec

    found: dict[str, Any] = msgspec.to_builtins(info)
    return found


REFERENCE = (reference,)
