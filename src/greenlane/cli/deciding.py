"""Commands that decide files of consignments, and read what was decided."""

import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from greenlane.cli.converting import day_or_today, received_option
from greenlane.cli.frame import DAY, FILE, FOUND, json_option, print_json, progress_bar, told
from greenlane.cli.lawful import (
    assume_option,
    assumed_facts,
    context_of,
    known_at_option,
    store_option,
    there,
)
from greenlane.values.finding import kind_of


@click.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for results."
)
@click.option("--workers", type=click.IntRange(1, 256), help="Processes; default one a core.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["parquet", "csv", "ndjson"]),
    default="parquet",
    show_default=True,
    help="Format of the results.",
)
@click.option("--resume", is_flag=True, help="Go on with a run that was interrupted.")
@received_option
@known_at_option
@assume_option
@store_option
@json_option
@told
def clear(
    files: tuple[Path, ...],
    out: Path,
    workers: int | None,
    form: str,
    resume: bool,
    received: date | None,
    known_at: date | None,
    assume: Path | None,
    store: Path | None,
    as_json: bool,
) -> None:
    """Clear files of consignments, foreign messages too: one outcome each, with charges, findings, summary, report."""
    from greenlane.engine.clear import clear as run

    with progress_bar(not as_json) as progress:
        report = run(
            files,
            out,
            workers=workers,
            form=form,
            known_at=known_at,
            resume=resume,
            store=there(store),
            assumed=assumed_facts(assume),
            progress=progress,
            command=" ".join(["greenlane", *sys.argv[1:]]),
            received=day_or_today(received),
        )
    if as_json:
        print_json(report.summary)
    else:
        _tell(report)
    unreadable = [f for f in report.findings if f["severity"] == "error"]
    if unreadable or report.rejected:
        sys.exit(FOUND)


def _tell(report: Any) -> None:
    run = report.summary["run"]
    for finding in report.findings:
        row = "" if finding["row"] is None else f", row {finding['row']}"
        where = f" {finding['path']}:" if finding["path"] else ""
        click.echo(
            f"{finding['severity']}: {finding['file']}{row}:{where} {finding['code']}: {finding['message']}",
            err=True,
        )
        if finding["severity"] == "error":
            click.echo(f"    Fix: {kind_of(finding['code']).fix}", err=True)
    click.echo(f"{run['consignments']:,} consignments with {run['items']:,} items decided", nl=False)
    click.echo(
        f", {run['rejected']:,} rejected ({run['rejected_rows']:,} rows)"
        if run["rejected"]
        else ", none rejected"
    )
    if run["duplicates"] or run["amendments"]:
        click.echo(f"{run['duplicates']:,} sent again unchanged, {run['amendments']:,} amended")
    for name in ("outcomes", "charges", "findings"):
        click.echo(f"  {report.out / name}")
    if run["rejected"]:
        click.echo(f"  {report.out / 'rejected'}")
    click.echo(f"  {report.out / 'summary.json'}")
    click.echo(f"Look at {report.out / 'report.html'}")


@click.command()
@click.argument("out", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("consignment_id")
@json_option
@told
def explain(out: Path, consignment_id: str, as_json: bool) -> None:
    """Recompute one decision of a run and print every step with its article."""
    from greenlane.engine.explain import explain_run, in_words

    def again(known_at: str | None, assumed: dict[str, Any], store: str | None) -> Any:
        return context_of(
            date.fromisoformat(known_at) if known_at else None, assumed, Path(store) if store else None
        )

    explained = explain_run(out, consignment_id, again)
    if as_json:
        print_json(explained.as_dict())
    else:
        click.echo(in_words(explained))
    if explained.same is False:
        sys.exit(FOUND)


@click.command()
@click.argument("run", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--since", required=True, type=DAY, help="First day of declaration to decide again.")
@click.option(
    "--law",
    "laws",
    required=True,
    multiple=True,
    help="The other law: held, a day (as known then), a version, or a file of amendments; may be repeated.",
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for results."
)
@click.option("--workers", type=click.IntRange(1, 256), help="Processes; default one a core.")
@json_option
@told
def replay(
    run: Path, since: date, laws: tuple[str, ...], out: Path, workers: int | None, as_json: bool
) -> None:
    """Decide a finished run again under another law: refunds, further claims, and proof that none is missing."""
    from greenlane.engine.replay import in_words
    from greenlane.engine.replay import replay as again

    with progress_bar(not as_json) as progress:
        report = again(run, out, since=since, law=laws, workers=workers, progress=progress)
    if as_json:
        print_json(report.summary)
    else:
        click.echo(in_words(report))
    if not report.complete:
        sys.exit(FOUND)


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--set",
    "settings",
    multiple=True,
    required=True,
    help="A change: parameter=value, parameter[KEY]=value, @DAY behind it for from a day; may be repeated.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="whatif",
    show_default=True,
    help="Folder for the tables and the page.",
)
@click.option("--elasticity", help="How demand answers the landed cost, such as -1.5; default: volume stays.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes; default one a core.")
@known_at_option
@assume_option
@store_option
@json_option
@told
def whatif(
    files: tuple[Path, ...],
    settings: tuple[str, ...],
    out: Path,
    elasticity: str | None,
    workers: int | None,
    known_at: date | None,
    assume: Path | None,
    store: Path | None,
    as_json: bool,
) -> None:
    """Compare the law as it is with a changed one on files of consignments: volume, revenue, cost."""
    from greenlane.engine.whatif import in_words
    from greenlane.engine.whatif import whatif as run

    with progress_bar(not as_json) as progress:
        result = run(
            files,
            out,
            settings,
            elasticity=elasticity,
            workers=workers,
            known_at=known_at,
            store=there(store),
            assumed=assumed_facts(assume),
            progress=progress,
        )
    if as_json:
        print_json(result.summary)
    else:
        click.echo(in_words(result))


@click.command()
@click.argument("out", type=click.Path(path_type=Path, file_okay=False, exists=True))
@told
def forget(out: Path) -> None:
    """Remove what is personal from the folder of a run: spooled input and rejected rows."""
    from greenlane.engine.forget import forget as run

    removed = run(out)
    click.echo(f"{removed} files with personal data removed from {out}")


DECIDING = (clear, explain, replay, whatif, forget)
