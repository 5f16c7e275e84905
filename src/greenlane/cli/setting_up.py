"""Commands that set up a service on its own database, before anybody can call it: parties, agencies, keys."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from greenlane.cli.frame import json_option, print_json, told

if TYPE_CHECKING:
    from greenlane.desk.caller import Caller
    from greenlane.desk.desk import Desk

_ROLES = ("operator", "officer", "supervisor", "agency", "auditor", "administrator")


def where_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which database is meant, as `greenlane serve` takes them."""
    for option in (
        click.option("--database", help="Address of a PostgreSQL server; default: the embedded one."),
        click.option(
            "--home", type=click.Path(path_type=Path, file_okay=False), help="Folder of database and keys."
        ),
        click.option(
            "--config",
            "file",
            type=click.Path(path_type=Path, dir_okay=False),
            help="TOML file of settings.",
        ),
    ):
        function = option(function)
    return function


def on_the_desk(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a command of a function that takes the desk and a caller first: directly on the service's database."""

    @where_options
    @json_option
    @wraps(function)
    @told
    def run(file: Path | None, home: Path | None, database: str | None, **rest: Any) -> Any:
        with _desk(file, home=home, database=database) as (desk, caller):
            return function(desk, caller, **rest)

    return run


@contextmanager
def _desk(file: Path | None, **flags: Any) -> "Iterator[tuple[Desk, Caller]]":
    from greenlane.clearance import Role
    from greenlane.desk.administration import add_party
    from greenlane.desk.caller import Caller
    from greenlane.service.serve import ADMINISTRATION, database_of, open_desk
    from greenlane.service.settings import read_settings

    settings = read_settings(file, flags=flags)
    caller = Caller("command", ADMINISTRATION, frozenset({Role.ADMINISTRATOR}))
    with database_of(settings) as url:
        desk = open_desk(settings, url)
        try:
            add_party(desk, caller, ADMINISTRATION, "The administration")
            yield desk, caller
        finally:
            desk.database.close()


@click.group()
def party() -> None:
    """Organisations that file or act, on the service's own database."""


@party.command("add")
@click.argument("party_id")
@click.argument("name")
@on_the_desk
def party_add(desk: "Desk", caller: "Caller", party_id: str, name: str, as_json: bool) -> None:
    """Register an organisation, or give it another name; PARTY_ID has lower case letters, digits, hyphens."""
    from greenlane.desk.administration import add_party
    from greenlane.service.shapes import Party

    add_party(desk, caller, _checked(Party, id=party_id, name=name).id, name)
    _tell(as_json, {"party": party_id, "name": name}, f"{party_id} is registered")


@click.group()
def agency() -> None:
    """Other authorities that have their own say, on the service's own database."""


@agency.command("set")
@click.argument("agency_id")
@click.argument("name")
@click.option("--prefix", "prefixes", multiple=True, help="Commodity code it wants to see; may be repeated.")
@on_the_desk
def agency_set(
    desk: "Desk", caller: "Caller", agency_id: str, name: str, prefixes: tuple[str, ...], as_json: bool
) -> None:
    """Register an agency and the goods that it wants to see, or change them."""
    from greenlane.desk.administration import put_agency
    from greenlane.service.shapes import Agency

    _checked(Agency, id=agency_id, name=name, prefixes=list(prefixes))
    put_agency(desk, caller, agency_id, name, prefixes)
    told = {"agency": agency_id, "name": name, "prefixes": list(prefixes)}
    _tell(as_json, told, f"{agency_id} is asked about {', '.join(prefixes) or 'nothing by itself'}")


@click.group()
def key() -> None:
    """API keys, on the service's own database."""


@key.command("make")
@click.option("--party", "party_id", required=True, help="Whose key it is.")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice(_ROLES), help="May be repeated."
)
@click.option("--scope", "scopes", multiple=True, help="Narrow what the roles may do; may be repeated.")
@click.option("--agency", "agency_id", help="For the role agency: which.")
@click.option(
    "--days", type=click.IntRange(1, 3660), default=365, show_default=True, help="How long it is good."
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="New file for the key, for your eyes only."
)
@on_the_desk
def key_make(
    desk: "Desk",
    caller: "Caller",
    party_id: str,
    roles: tuple[str, ...],
    scopes: tuple[str, ...],
    agency_id: str | None,
    days: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Make an API key and print it, or write it to a file; it is told this once and kept nowhere."""
    from greenlane.clearance import Role
    from greenlane.desk.administration import add_key
    from greenlane.desk.caller import Right

    strange = sorted(set(scopes) - {str(right) for right in Right})
    if strange:
        raise click.UsageError(f"--scope {strange[0]}: scopes are {', '.join(map(str, Right))}")
    if out is not None and out.exists():
        raise click.ClickException(f"{out}: there is a file already")
    made = add_key(
        desk,
        caller,
        party=party_id,
        roles=[Role(role) for role in roles],
        scopes=[Right(scope) for scope in scopes],
        agency=agency_id,
        expires_at=desk.clock.now() + timedelta(days=days),
    )
    told: dict[str, Any] = {"id": made.id, "expires_at": made.expires_at.isoformat()}
    if out is None:
        _tell(as_json, told | {"key": made.text}, made.text)
        return
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as written:
        written.write(made.text + "\n")
    _tell(as_json, told | {"file": str(out)}, f"key {made.id} is in {out}, good for {days} days")


@key.command("revoke")
@click.argument("key_id")
@on_the_desk
def key_revoke(desk: "Desk", caller: "Caller", key_id: str, as_json: bool) -> None:
    """End an API key at once; KEY_ID is the middle part of its text, never the whole."""
    from greenlane.desk.administration import end_key

    if not end_key(desk, caller, key_id):
        raise click.ClickException("there is no such key in force")
    _tell(as_json, {"id": key_id, "ended": True}, f"key {key_id} is ended")


def _checked(kind: type[Any], **values: Any) -> Any:
    """Return a value of the API's type, or refuse it as the API would."""
    import msgspec

    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise click.UsageError(str(error)) from None


def _tell(as_json: bool, content: dict[str, Any], words: str) -> None:
    if as_json:
        print_json(content)
    else:
        click.echo(words)


SETTING_UP = (party, agency, key)
