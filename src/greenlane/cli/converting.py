"""Commands on messages of any format: validate, convert, quality."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from greenlane.cli.frame import DAY, FOUND, json_option, print_json, told
from greenlane.cli.lawful import store_option, there

if TYPE_CHECKING:
    from greenlane.engine.tally import Tally

received_option = click.option(
    "--received", type=DAY, help="Day on which the message came in, where it tells none; default today."
)
from_option = click.option(
    "--from", "read_as", help="Format of the file; default: found out from its content."
)


def day_or_today(day: date | None) -> date:
    return day or datetime.now(UTC).date()


lang_option = click.option(
    "--language",
    "--lang",
    "lang",
    type=click.Choice(["en", "fr", "es", "zh", "ar"]),
    default="en",
    show_default=True,
    help="Language of messages, titles and fixes.",
)


def dicts_of(findings: Sequence[Any], lang: str) -> list[dict[str, Any]]:
    from greenlane.reference.catalogues import fix_in, title_in
    from greenlane.reference.wording import message_in

    return [
        one.as_dict(fix_in(one.code, lang))
        | {"title": title_in(one.code, lang), "message": message_in(one.message, lang)}
        for one in findings
    ]


def tell(findings: Sequence[Any], lang: str, err: bool = False) -> None:
    """Print findings, one after the other, each with its fix."""
    from greenlane.reference.catalogues import fix_in, title_in, words_in
    from greenlane.reference.wording import message_in

    word = words_in(lang)("Fix")
    for one in findings:
        row = "" if one.row is None else f", row {one.row:,}"
        where = f"{one.consignment_id or one.file}{row}: " if row or one.consignment_id else ""
        wco = f" (WCO {one.wco})" if one.wco else ""
        click.echo(
            f"{one.severity}: {where}{one.path}{wco}: {one.code}: {message_in(one.message, lang)}", err=err
        )
        if lang != "en":
            click.echo(f"    {title_in(one.code, lang)}", err=err)
        click.echo(f"    {word}: {fix_in(one.code, lang)}", err=err)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--schemas",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of the publisher's XML schemas; they aren't shipped.",
)
@click.option(
    "--list", "listed", type=click.Path(path_type=Path, dir_okay=False), help="CSV to write of every finding."
)
@from_option
@received_option
@lang_option
@json_option
@told
def validate(
    file: Path,
    schemas: Path | None,
    listed: Path | None,
    read_as: str | None,
    received: date | None,
    lang: str,
    as_json: bool,
) -> None:
    """Check a file of any format: JSON, NDJSON, CSV, Parquet or a foreign message; every fault at once, with its fix."""
    from greenlane.engine.validation import validate as run

    result = run(file, day_or_today(received), read_as, schemas, listed, lang)
    if as_json:
        print_json(
            {
                "file": result.file,
                "format": result.format,
                "consignments": result.consignments,
                "rejected": result.rejected,
                "findings": dicts_of(result.findings.examples(), lang),
                "findings_by_kind": _kinds(result.findings),
            }
        )
    else:
        _tell_kinds(result.findings, lang)
        click.echo(
            f"{result.file}: {result.format or 'no format that is read'}: {result.consignments:,} consignments sound, "
            f"{result.rejected:,} rejected, {result.errors:,} errors, "
            f"{result.findings.total - result.errors:,} other findings"
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
@click.option(
    "--list",
    "listed",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV to write of every finding and everything that is not in the result.",
)
@from_option
@received_option
@lang_option
@json_option
@told
def convert(
    file: Path,
    form: str,
    out: Path,
    headers: tuple[str, ...],
    listed: Path | None,
    read_as: str | None,
    received: date | None,
    lang: str,
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
    result = run(file, out, form, day_or_today(received), read_as, header, listed, lang)
    if as_json:
        print_json(
            {
                "from": result.source,
                "to": result.target,
                "written": result.written,
                "rejected": result.rejected,
                "findings": dicts_of(result.findings.examples(), lang),
                "findings_by_kind": _kinds(result.findings),
                "lost": dicts_of(result.lost.examples(), lang),
                "lost_by_kind": _kinds(result.lost),
            }
        )
    else:
        _tell_kinds(result.findings, lang, err=True)
        _tell_kinds(result.lost, lang)
        click.echo(
            f"{result.source} to {result.target}: {result.written:,} consignments written, "
            f"{result.rejected:,} rejected, {result.lost.total:,} elements not in the result: {out}"
        )
    if not result.whole:
        sys.exit(FOUND)


def _kinds(tally: "Tally") -> list[dict[str, Any]]:
    return [{"code": kind.code, "path": kind.path, "count": count} for kind, count, _ in tally.kinds()]


def _tell_kinds(tally: "Tally", lang: str, err: bool = False) -> None:
    """Print the first findings of each kind, and how many there are."""
    from greenlane.engine.tally import EXAMPLES

    for kind, count, first in tally.kinds():
        tell(first[:EXAMPLES], lang, err)
        if count > EXAMPLES:
            click.echo(
                f"    {kind.code} at {kind.path}: {count:,} in all; --list FILE gives every one", err=err
            )


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for reports."
)
@click.option("--sender", help="Who sent the files; default the platform, seller or carrier that they name.")
@click.option(
    "--journeys",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV: consignment_id, filed_at, departs_at, arrives_at, released_at.",
)
@click.option(
    "--outcomes",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Notices of a service as JSON (greenlane notices --json): when each was filed and released.",
)
@click.option("--database", help="Address of a service's PostgreSQL: its event log tells the journeys.")
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of a service with its own database, instead of --database.",
)
@click.option("--party", help="Whose consignments in the database; default anybody's.")
@click.option(
    "--inspections",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV of what inspections found: consignment_id, item_id, element, found.",
)
@store_option
@received_option
@lang_option
@json_option
@told
def quality(
    files: tuple[Path, ...],
    out: Path,
    sender: str | None,
    journeys: Path | None,
    outcomes: Path | None,
    database: str | None,
    home: Path | None,
    party: str | None,
    inspections: Path | None,
    store: Path | None,
    received: date | None,
    lang: str,
    as_json: bool,
) -> None:
    """Score what senders filed: a page for each with every defect, its effect and fix, and the rows to put right."""
    from greenlane.cli.guarding import opened_database
    from greenlane.engine.quality import Beside, Measured, measure
    from greenlane.engine.quality_files import read_inspections, read_journeys
    from greenlane.engine.quality_outcomes import first_of, from_database, read_notices
    from greenlane.engine.quality_outcomes import told as told_by
    from greenlane.engine.quality_report import CorrectedFiles, write_reports
    from greenlane.reference import load

    if out.exists() and any(out.iterdir()):
        raise click.ClickException(f"{out}: the folder holds something already; name another")
    sources = [told_by(read_journeys(journeys))] if journeys else []
    if outcomes:
        sources.append(told_by(read_notices(outcomes)))
    with ExitStack() as opened:
        if database or home:
            _, service = opened.enter_context(opened_database(home, database))
            sources.append(from_database(opened.enter_context(service.snapshot()), party))
        beside = Beside(first_of(sources), read_inspections(inspections) if inspections else {}, sender)
        rows = opened.enter_context(closing(CorrectedFiles(out, lang)))
        measured = None
        for one in measure(files, day_or_today(received), load(there(store)).terms, beside):
            if isinstance(one, Measured):
                measured = one
            else:
                rows.add(one)
    assert measured is not None
    pages = write_reports(measured, out, lang)
    counted, flows = measured.quality, measured.quality.flows()
    score, records = counted.right_first_time(flows), sum(counted.records.values())
    if as_json:
        print_json(
            {
                "consignments": records,
                "right_first_time": score,
                "unreadable": dicts_of(measured.unreadable, lang),
                "pages": [str(page) for page in pages],
            }
        )
    else:
        tell(measured.unreadable, lang, err=True)
        share = "none" if score is None else f"{score // 10}.{score % 10} %"
        click.echo(f"{records:,} consignments of {len(pages):,} senders, right the first time: {share}")
        for page in pages[:20]:
            click.echo(f"  {page}")
        if len(pages) > 20:
            click.echo(f"  and {len(pages) - 20:,} more; scores of all: {out / 'scores.csv'}")
    if counted.faulty or measured.unreadable:
        sys.exit(FOUND)


CONVERTING = (validate, convert, quality)
