"""Commands of an operator on a running service: file, and see what became of it."""

import mimetypes
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from greenlane.cli.frame import FILE, FOUND, bytes_of
from greenlane.cli.remote import MOMENT, moment_text, party_option, print_told, remote

if TYPE_CHECKING:
    from greenlane.client import Client
    from greenlane.desk.results import ItemResult, Receipt
    from greenlane.desk.shown import Shown

_STAGES = ("pre_loading", "pre_arrival", "arrival")
_KINDS = (
    "invoice",
    "proof_of_payment",
    "permit",
    "certificate",
    "transport_document",
    "image",
    "scan",
    "note",
    "other",
)
_WELL = frozenset({"accepted", "amended", "repeated"})


@click.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--stage", type=click.Choice(_STAGES), default="pre_arrival", show_default=True, help="Stage.")
@click.option("--departs-at", type=MOMENT, help="When the goods depart, as 2026-07-02T12:00:00Z.")
@click.option("--arrives-at", type=MOMENT, help="When the goods arrive.")
@click.option("--no-wait", is_flag=True, help="Don't wait for filings too large to be decided at once.")
@remote
def file(
    client: "Client",
    files: tuple[Path, ...],
    stage: Any,
    departs_at: datetime | None,
    arrives_at: datetime | None,
    no_wait: bool,
    as_json: bool,
) -> None:
    """File consignments (JSON, NDJSON, CSV or Parquet) with a service: a result for each."""
    told: list[dict[str, Any]] = []
    failed = False
    for path in files:
        receipt = client.filings.file(
            bytes_of(path),
            stage=stage,
            departs_at=departs_at,
            arrives_at=arrives_at,
            wait_s=None if no_wait else 3600.0,
        )
        results = [] if receipt.status == "received" else list(client.filings.results(receipt))
        failed = failed or receipt.problem is not None or any(r.result not in _WELL for r in results)
        if as_json:
            told.append({"file": str(path), "receipt": _bare(receipt), "results": results})
        else:
            _tell(path, receipt, results)
    if as_json:
        print_told(told)
    if failed:
        sys.exit(FOUND)


def _bare(receipt: "Receipt") -> dict[str, Any]:
    from msgspec.structs import asdict

    return {name: value for name, value in asdict(receipt).items() if name != "results"}


def _tell(path: Path, receipt: "Receipt", results: "list[ItemResult]") -> None:
    for result in results:
        name = result.consignment_id or f"row {result.row or '?'}"
        owed = f"{result.total} {result.currency}" if result.total is not None else "-"
        if result.result in _WELL:
            click.echo(f"{name}  {result.result}  {result.phase}  {result.disposition}  {owed}")
            continue
        click.echo(f"{name}  {result.result}", err=True)
        for finding in result.findings:
            click.echo(f"  {finding.code} at {finding.path}: {finding.message}", err=True)
            click.echo(f"  fix: {finding.fix}", err=True)
    if receipt.problem is not None:
        click.echo(f"error: {path}: {receipt.problem}", err=True)
    names = ("accepted", "amended", "repeated", "rejected", "refused")
    counts = [f"{getattr(receipt, name):,} {name}" for name in names if getattr(receipt, name)]
    told = ", ".join(counts) or ("not yet decided" if receipt.status == "received" else "nothing in it")
    click.echo(f"{path}: {told}; filing {receipt.filing}")


@click.command()
@click.argument("consignment_id", required=False)
@click.option("--events", is_flag=True, help="Show what happened, from the first event on.")
@click.option("--steps", is_flag=True, help="Make the decision again and show each step with its article.")
@party_option
@remote
def status(
    client: "Client", consignment_id: str | None, events: bool, steps: bool, party: str | None, as_json: bool
) -> None:
    """Say where a consignment stands; without one, how the service is and what it plans."""
    if consignment_id is None:
        _tell_service(client, as_json)
        return
    standing = client.consignments.one(consignment_id, party=party)
    recorded = client.consignments.events(consignment_id, party=party) if events else None
    explained = client.consignments.explanation(consignment_id, party=party) if steps else None
    if as_json:
        more = {"events": recorded, "explanation": explained}
        told = {"consignment": standing} | {name: value for name, value in more.items() if value is not None}
        print_told(told if events or steps else standing)
        return
    _tell_standing(standing)
    for event in recorded or ():
        who = f"  by {event.actor}" if event.actor else ""
        click.echo(f"{event.version:>3}  {moment_text(event.at)}  {event.type}{who}")
    for number, step in enumerate(explained.steps if explained else (), 1):
        says = f" ({step.says})" if step.says else ""
        click.echo(f"{number:>3}. {step.step.replace('_', ' ')}{says}: {step.value}. [{step.law}]")


def _tell_service(client: "Client", as_json: bool) -> None:
    found = client.wellness.status()
    if as_json:
        print_told(found)
    else:
        waiting = "?" if found.filings_waiting is None else f"{found.filings_waiting:,}"
        kind = " (sandbox)" if found.sandbox else ""
        click.echo(f"{found.status}{kind} at {moment_text(found.at)} UTC, {waiting} filings waiting")
        for window in found.planned:
            span = f"{moment_text(window.starts_at)} to {moment_text(window.ends_at)}"
            click.echo(f"planned: {span}: {window.words}")
    if found.status == "unavailable":
        sys.exit(FOUND)


def _tell_standing(standing: "Shown") -> None:
    outcome = standing.outcome
    click.echo(f"{standing.consignment_id} of {standing.party}: {standing.phase}")
    click.echo(f"  decided: {standing.disposition}, category {outcome.category}, {outcome.status}")
    for reason in outcome.reasons:
        click.echo(f"  - {reason}")
    amounts = [
        f"{name} {getattr(outcome, name)} {outcome.currency}"
        for name in ("duty", "tax", "fees", "total", "payable_at_border")
        if getattr(outcome, name) is not None
    ]
    click.echo(f"  {', '.join(amounts) or 'amounts unknown'}".replace("payable_at_border", "at the border"))
    if standing.standing_against_release:
        click.echo(f"  stands against release: {', '.join(standing.standing_against_release)}")
    for clock in standing.clocks:
        click.echo(f"  {clock.what}: {moment_text(clock.at)}{' (overdue)' if clock.overdue else ''}")


@click.command()
@click.argument("consignment_id")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--kind", type=click.Choice(_KINDS), default="other", show_default=True, help="What it is.")
@click.option("--media", help="Its media type, as application/pdf; default: as its name ends.")
@party_option
@remote
def attach(
    client: "Client",
    consignment_id: str,
    path: Path,
    kind: str,
    media: str | None,
    party: str | None,
    as_json: bool,
) -> None:
    """Attach a document or an image to a consignment; commands name it by the id that is printed."""
    from greenlane.service.shapes import DocumentKind

    guessed = media or mimetypes.guess_type(path.name)[0]
    if guessed is None:
        raise click.UsageError(f"{path}: its name doesn't tell the media type; give --media")
    told = client.consignments.attach(
        consignment_id, bytes_of(path), guessed, kind=DocumentKind(kind), party=party
    )
    if as_json:
        print_told(told)
    else:
        click.echo(f"{told.id}  {told.kind}  {told.media_type}")


FILING = (file, status, attach)
