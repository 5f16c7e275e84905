"""Commands on messages of any format: validate, convert."""

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from greenlane.cli.frame import DAY, FOUND, json_option, print_json, told

received_option = click.option(
    "--received", type=DAY, help="Day on which the message came in, where it tells none; default today."
)
from_option = click.option(
    "--from", "read_as", help="Format of the file; default: found out from its content."
)


def day_or_today(day: date | None) -> date:
    return day or datetime.now(UTC).date()


def tell(findings: Sequence[Any], err: bool = False) -> None:
    """Print findings, one after the other, each with its fix."""
    for one in findings:
        where = f"{one.consignment_id or one.file}: " if one.row is not None or one.consignment_id else ""
        wco = f" (WCO {one.wco})" if one.wco else ""
        found = one.as_dict()
        click.echo(f"{found['severity']}: {where}{one.path}{wco}: {one.code}: {one.message}", err=err)
        click.echo(f"    fix: {found['fix']}", err=err)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--schemas",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of the publisher's XML schemas; they aren't shipped.",
)
@from_option
@received_option
@json_option
@told
def validate(
    file: Path, schemas: Path | None, read_as: str | None, received: date | None, as_json: bool
) -> None:
    """Check a file of any format: JSON, NDJSON, CSV, Parquet or a foreign message; every fault at once, with its fix."""
    from greenlane.engine.validation import validate as run

    result = run(file, day_or_today(received), read_as, schemas)
    if as_json:
        print_json(
            {
                "file": result.file,
                "format": result.format,
                "consignments": result.consignments,
                "rejected": result.rejected,
                "findings": [one.as_dict() for one in result.findings],
            }
        )
    else:
        tell(result.findings)
        click.echo(
            f"{result.file}: {result.format or 'no format that is read'}: {result.consignments:,} consignments sound, "
            f"{result.rejected:,} rejected, {result.errors:,} errors, "
            f"{len(result.findings) - result.errors:,} other findings"
        )
    if result.errors:
        sys.exit(FOUND)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--to", "form", required=True, help="json, ndjson, csv, parquet, or a foreign format by its name."
)
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="File to write.")
@click.option(
    "--header",
    "headers",
    multiple=True,
    help="NAME=VALUE that the message needs and no consignment holds; may be repeated.",
)
@from_option
@received_option
@json_option
@told
def convert(
    file: Path,
    form: str,
    out: Path,
    headers: tuple[str, ...],
    read_as: str | None,
    received: date | None,
    as_json: bool,
) -> None:
    """Write a file of consignments in another format; what that cannot express is listed, with exit code 1."""
    from greenlane.engine.conversion import convert as run

    header = {}
    for one in headers:
        name, sign, value = one.partition("=")
        if not sign or not name.isidentifier():
            raise click.ClickException(f"--header {name}: write NAME=VALUE")
        header[name] = value
    result = run(file, out, form, day_or_today(received), read_as, header)
    if as_json:
        print_json(
            {
                "from": result.source,
                "to": result.target,
                "written": result.written,
                "rejected": result.rejected,
                "findings": [one.as_dict() for one in result.findings],
                "lost": [one.as_dict() for one in result.lost],
            }
        )
    else:
        tell(result.findings, err=True)
        tell(result.lost)
        click.echo(
            f"{result.source} to {result.target}: {result.written:,} consignments written, "
            f"{result.rejected:,} rejected, {len(result.lost):,} elements not in the result: {out}"
        )
    if not result.whole:
        sys.exit(FOUND)


CONVERTING = (validate, convert)
