"""The greenlane command."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any

import click

from greenlane import __version__
from greenlane.values.errors import GreenlaneError

FOUND = 1
USAGE = 2


class Day(click.ParamType[date]):
    """A day written YYYY-MM-DD."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the day or refuse it."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no day of the calendar; write YYYY-MM-DD", param, ctx)


DAY = Day()
FILE = click.Path(path_type=Path, allow_dash=True)


def told(function: Callable[..., Any]) -> Callable[..., Any]:
    """Turn what goes wrong on purpose into one line and exit code 2."""

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except GreenlaneError as error:
            raise click.ClickException(str(error)) from None
        except BrokenPipeError:
            sys.stderr.close()
            return None
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{where}{error.strerror or error}") from None

    return run


class _Group(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            error.show()
            ctx.exit(USAGE)


def _json(content: Any) -> None:
    click.echo(json.dumps(content, indent=1, ensure_ascii=False))


def _assumed(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    text = sys.stdin.read() if str(path) == "-" else _text(path)
    try:
        found = json.loads(text)
    except ValueError:
        raise click.ClickException(f"{path}: --assume takes a JSON object") from None
    if not isinstance(found, dict):
        raise click.ClickException(f"{path}: --assume takes a JSON object")
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{path}: cannot be read ({type(error).__name__})") from None


def _context(known_at: date | None, assumed: dict[str, Any], store: Path | None) -> Any:
    from greenlane.engine.context import context
    from greenlane.law.assumptions import read_assumptions

    return context(store=_there(store), known_at=known_at, assumptions=read_assumptions(assumed))


def _there(store: Path | None) -> Path | None:
    if store is not None and not store.is_dir():
        raise click.ClickException(
            f"{store}: there is no reference store; greenlane reference import makes one"
        )
    return store


known_at_option = click.option("--known-at", type=DAY, help="Law and reference data as known on this day.")
store_option = click.option(
    "--reference",
    "store",
    type=click.Path(path_type=Path, file_okay=False),
    help="Reference store; default $GREENLANE_HOME/reference.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
assume_option = click.option("--assume", type=FILE, help="JSON of facts to assume for this run.")


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="greenlane")
def main() -> None:
    """Clear cross-border e-commerce: law, duty, tax, risk and release for parcels."""


@main.command()
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
    known_at: date | None,
    assume: Path | None,
    store: Path | None,
    as_json: bool,
) -> None:
    """Clear files of consignments: one outcome each, with charges, findings, a summary and a report."""
    from greenlane.engine.clear import clear as run

    with _progress(not as_json) as progress:
        report = run(
            files,
            out,
            workers=workers,
            form=form,
            known_at=known_at,
            resume=resume,
            store=_there(store),
            assumed=_assumed(assume),
            progress=progress,
            command=" ".join(["greenlane", *sys.argv[1:]]),
        )
    if as_json:
        _json(report.summary)
    else:
        _tell(report)
    unreadable = [f for f in report.findings if f["severity"] == "error"]
    if unreadable or report.rejected:
        sys.exit(FOUND)


def _tell(report: Any) -> None:
    run = report.summary["run"]
    for finding in report.findings:
        click.echo(
            f"{finding['severity']}: {finding['file']}: {finding['code']}: {finding['message']}", err=True
        )
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


@contextmanager
def _progress(shown: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on standard error where that is a terminal."""
    if not shown or not sys.stderr.isatty():
        yield lambda what, done, of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    with Progress(
        TextColumn("{task.description:<20}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    ) as bar:
        shown_tasks: dict[str, Any] = {}

        def step(what: str, done: int, of: int) -> None:
            if what not in shown_tasks:
                shown_tasks[what] = bar.add_task(what, total=of)
            bar.update(shown_tasks[what], completed=done)

        yield step


@main.command()
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
    made = make_quotes(_bytes(file), str(file), asked, _context(known_at, _assumed(assume), store))
    if not made.quotes:
        _refused(made.findings, as_json)
    if as_json:
        found = [one.as_dict() for one in made.quotes]
        _json(found[0] if len(found) == 1 and places is None and not made.refused else found)
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


def _bytes(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{file}: cannot be read ({type(error).__name__})") from None


def _refused(findings: Any, as_json: bool) -> None:
    if as_json:
        _json({"findings": findings.to_dicts()})
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


@main.command()
@click.argument("out", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("consignment_id")
@json_option
@told
def explain(out: Path, consignment_id: str, as_json: bool) -> None:
    """Recompute one decision of a run and print every step with its article."""
    from greenlane.engine.explain import explain_run, in_words

    def again(known_at: str | None, assumed: dict[str, Any], store: str | None) -> Any:
        return _context(
            date.fromisoformat(known_at) if known_at else None, assumed, Path(store) if store else None
        )

    explained = explain_run(out, consignment_id, again)
    if as_json:
        _json(explained.as_dict())
    else:
        click.echo(in_words(explained))
    if explained.same is False:
        sys.exit(FOUND)


@main.command()
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

    with _progress(not as_json) as progress:
        report = again(run, out, since=since, law=laws, workers=workers, progress=progress)
    if as_json:
        _json(report.summary)
    else:
        click.echo(in_words(report))
    if not report.complete:
        sys.exit(FOUND)


@main.command()
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

    with _progress(not as_json) as progress:
        result = run(
            files,
            out,
            settings,
            elasticity=elasticity,
            workers=workers,
            known_at=known_at,
            store=_there(store),
            assumed=_assumed(assume),
            progress=progress,
        )
    if as_json:
        _json(result.summary)
    else:
        click.echo(in_words(result))


@main.command()
@click.argument("out", type=click.Path(path_type=Path, file_okay=False, exists=True))
@told
def forget(out: Path) -> None:
    """Remove what is personal from the folder of a run: spooled input and rejected rows."""
    from greenlane.engine.forget import forget as run

    removed = run(out)
    click.echo(f"{removed} files with personal data removed from {out}")


@main.group()
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
        _json(rows)
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
        _json(show_data(pack(code), as_of, known_at))
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
        _json(diff_data(pack(code), before, after, known_at))
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
        _json(timeline_data(pack(code), known_at))
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
        _json(
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
        _json({"code": code, "written": written, "changed": str(new.changed), "next": new.steps})
    else:
        click.echo(in_words(new))


@main.group()
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
        _json(rows)
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
        _json(rows)
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


@main.group()
def template() -> None:
    """Print templates to fill in."""


@template.command("csv")
def template_csv() -> None:
    """Print the CSV template: the header and one example row."""
    from greenlane.model import template_csv as text

    click.echo(text(), nl=False)


@main.command()
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


@main.command()
@click.argument("name", required=False)
@click.option(
    "--items", type=click.IntRange(10_000), default=1_000_000, show_default=True, help="Items to clear."
)
@json_option
@told
def bench(name: str | None, items: int, as_json: bool) -> None:
    """Measure on this machine, as ratios in one run; NAME is bulk, packs, whatif, rows, one or filing."""
    from greenlane.bench.run import run_bench

    result = run_bench(name, items)
    if as_json:
        _json(result.as_dict())
    else:
        click.echo(result.in_words())


@main.command()
@click.option(
    "--config", "file", type=click.Path(path_type=Path, dir_okay=False), help="TOML file of settings."
)
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Folder of database and keys.")
@click.option("--database", help="Address of a PostgreSQL server; default: the embedded one.")
@click.option("--host", help="Address to listen on; default 127.0.0.1.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port to listen on; default 8750, 0 takes a free one."
)
@click.option("--workers", type=click.IntRange(1, 256), help="Service processes; default 1.")
@click.option(
    "--sandbox", is_flag=True, default=None, help="Test codes, a movable clock, an outage to switch on."
)
@json_option
@told
def serve(file: Path | None, as_json: bool, **flags: Any) -> None:
    """Run the clearance service: filings in, decisions, money, notices out."""
    from greenlane.service.serve import Serving
    from greenlane.service.serve import serve as run
    from greenlane.service.settings import read_settings

    def told_start(serving: Serving) -> None:
        if as_json:
            _json({"url": serving.url, "key_file": str(serving.key_file) if serving.key_file else None})
            return
        click.echo(f"greenlane answers at {serving.url}/api/v1 (OpenAPI: {serving.url}/api/v1/openapi.json)")
        if serving.key_file:
            click.echo(f"The administrator's key, made at this first start, is in {serving.key_file}")

    run(read_settings(file, flags=flags), told_start)
