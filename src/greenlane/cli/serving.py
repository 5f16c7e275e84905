"""Commands that run the service."""

from pathlib import Path
from typing import Any

import click

from greenlane.cli.frame import json_option, print_json, told
from greenlane.cli.setting_up import where_options


@click.command()
@where_options
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
            print_json({"url": serving.url, "key_file": str(serving.key_file) if serving.key_file else None})
            return
        click.echo(f"greenlane answers at {serving.url}/api/v1 (OpenAPI: {serving.url}/api/v1/openapi.json)")
        if serving.key_file:
            click.echo(f"The administrator's key, made at this first start, is in {serving.key_file}")

    run(read_settings(file, flags=flags), told_start)


@click.command()
@where_options
@json_option
@told
def migrate(file: Path | None, as_json: bool, **flags: Any) -> None:
    """Bring the database to this version's schema, as every start of the service does too."""
    from greenlane.service.serve import database_of
    from greenlane.service.settings import read_settings
    from greenlane.store.server import migrate as run

    with database_of(read_settings(file, flags=flags)) as url:
        revision = run(url)
    if as_json:
        print_json({"revision": revision})
    else:
        click.echo(f"the database is of revision {revision}")


@click.group()
def ledger() -> None:
    """Look after the book of a clearance service."""


@ledger.command("check")
@where_options
@json_option
@told
def ledger_check(file: Path | None, as_json: bool, **flags: Any) -> None:
    """Check the whole book: every transfer, the balances kept beside them, one standing decision a consignment."""
    from greenlane.desk.money_check import check
    from greenlane.service.serve import database_of
    from greenlane.service.settings import read_settings
    from greenlane.store.database import Database

    with database_of(read_settings(file, flags=flags)) as url:
        database = Database(url, connections=1)
        database.open()
        try:
            made = check(database)
        finally:
            database.close()
    if as_json:
        print_json(
            {
                "sound": made.sound,
                "parties": made.parties,
                "transfers": made.transfers,
                "sums": made.currencies,
                "findings": [finding.as_dict() for finding in made.findings],
            }
        )
    else:
        for finding in made.findings:
            click.echo(f"{finding.path}: {finding.message}")
        sums = (
            ", ".join(f"{currency} {net}" for currency, net in sorted(made.currencies.items())) or "nothing"
        )
        click.echo(f"{made.transfers:,} transfers of {made.parties:,} parties; over all accounts: {sums}")
        click.echo("the book holds together" if made.sound else "the book does not hold together")
    if not made.sound:
        raise SystemExit(1)


SERVING = (serve, migrate, ledger)
