"""Commands that guard people's data: the audit log checked, the vault's master key rotated, erasures made again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from greenlane.cli.frame import FILE, FOUND, json_option, print_json, told

home_option = click.option(
    "--home", type=click.Path(path_type=Path, file_okay=False), help="Folder of database and keys."
)
database_option = click.option(
    "--database", help="Address of a PostgreSQL server; default: the embedded one."
)


@contextmanager
def opened_database(home: Path | None, database: str | None) -> Iterator[tuple[Any, Any]]:
    """Give the settings, and the database as it is: brought up to date, with a small pool."""
    from greenlane.service.serve import database_of
    from greenlane.service.settings import read_settings
    from greenlane.store.database import Database

    settings = read_settings(None, flags={"home": home, "database": database})
    with database_of(settings) as url:
        opened = Database(url, connections=4)
        opened.open()
        try:
            yield settings, opened
        finally:
            opened.close()


@click.group()
def audit() -> None:
    """Check the audit log of a service."""


@audit.command("verify")
@home_option
@database_option
@click.option(
    "--anchor",
    "anchors",
    multiple=True,
    metavar="SEQ:DIGEST",
    help="Head of the log as it was exported; several may be given.",
)
@json_option
@told
def audit_verify(home: Path | None, database: str | None, anchors: tuple[str, ...], as_json: bool) -> None:
    """Check every entry of the audit log and the proof of every erasure; exit 1 where something is broken.

    With anchors a log that was cut off or written anew is found too.
    """
    from greenlane.desk.audit import verify

    heads = [_anchor(text) for text in anchors]
    with opened_database(home, database) as (_, opened), opened.snapshot() as cursor:
        found = verify(cursor, heads)
    wrong = [found.broken.finding] if found.broken else found.unproven
    head = None if found.head is None else {"seq": found.head.seq, "digest": found.head.digest}
    if as_json:
        print_json(
            {
                "whole": found.whole,
                "entries": found.entries,
                "head": head,
                "erasures": found.erasures,
                "broken": found.broken.seq if found.broken else None,
                "findings": [finding.as_dict() for finding in wrong],
            }
        )
    elif found.whole:
        click.echo(f"whole: {found.entries:,} entries, {found.erasures:,} erasures proven")
        if head:
            click.echo(f"head: {head['seq']}:{head['digest']}")
    elif found.broken:
        click.echo(f"broken at entry {found.broken.seq}: {found.broken.finding.message}")
    else:
        for finding in wrong:
            click.echo(f"erasure of key {finding.path[1:]}: {finding.message}")
    if not found.whole:
        raise SystemExit(FOUND)


def _anchor(text: str) -> Any:
    from greenlane.privacy.audit import Anchor

    seq, _, digest = text.partition(":")
    if not seq.isdigit() or len(digest) != 64:
        raise click.ClickException("--anchor: write SEQ:DIGEST as POST /audit/anchor gave it")
    return Anchor(int(seq), digest)


@click.group()
def vault() -> None:
    """Rotate the master key of the vault, and bury again what rose with a restore."""


@vault.command("rotate")
@home_option
@database_option
@json_option
@told
def vault_rotate(home: Path | None, database: str | None, as_json: bool) -> None:
    """Make a new master key and wrap every person's key under it; a running service goes on.

    Where GREENLANE_MASTER_KEY holds the masters, put the new one first there yourself: then this only wraps anew.
    """
    from greenlane.desk.rotation import rewrap_all
    from greenlane.privacy.keys import load_masters, rotate

    with opened_database(home, database) as (settings, opened):
        given = os.environ.get("GREENLANE_MASTER_KEY") is not None
        masters = load_masters(settings.folder) if given else rotate(settings.folder)
        done = rewrap_all(opened, masters)
    if as_json:
        print_json(
            {"keys": done.keys, "bodies": done.bodies, "left": done.left, "master": masters.current.id.hex()}
        )
        return
    click.echo(
        f"{done.keys:,} keys wrapped and {done.bodies:,} bodies sealed under master {masters.current.id.hex()}"
    )
    if done.left:
        click.echo(f"{done.left:,} still need a retired master: run this again before you take it away")
    else:
        click.echo("Nothing needs a retired master any more: it may be taken away.")


@vault.command("bury")
@click.argument("file", type=FILE)
@home_option
@database_option
@json_option
@told
def vault_bury(file: Path, home: Path | None, database: str | None, as_json: bool) -> None:
    """After a restore, destroy again the keys that FILE, an answer of GET /persons/erasures, tells were erased."""
    import sys

    import msgspec

    from greenlane.desk.erasing import bury_again
    from greenlane.service.serve import open_desk
    from greenlane.values.errors import UsageError

    data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    try:
        told_of = [one["tombstone"] for one in msgspec.json.decode(data)["erasures"] if one["tombstone"]]
    except (msgspec.DecodeError, KeyError, TypeError):
        raise UsageError(f"{file}: this isn't an answer of GET /persons/erasures") from None
    with opened_database(home, database) as (settings, opened):
        desk = open_desk(settings, opened.url)
        try:
            count = bury_again(desk, "system:restore", told_of)
        finally:
            desk.database.close()
    if as_json:
        print_json({"erasures": len(told_of), "buried": count})
        return
    click.echo(f"{count:,} of {len(told_of):,} erasures had to be made again")


GUARDING = (audit, vault)
