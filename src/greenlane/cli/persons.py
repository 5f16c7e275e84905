"""Commands on people's data: notes, readings for a purpose, extracts, erasure with its proof, holds of a case.

A person is told by a JSON file or standard input, never by words of the command line that others can read.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from greenlane.cli.frame import FILE, bytes_of
from greenlane.cli.remote import party_option, print_told, remote
from greenlane.privacy.purposes import Purpose

if TYPE_CHECKING:
    from greenlane.client import Client
    from greenlane.service.persons import Order, Person
    from greenlane.service.shapes import Erased

_ROLES = ("consignor", "consignee", "seller", "note")


@click.command()
@click.argument("consignment_id")
@click.argument("file", type=FILE)
@party_option
@remote
def note(client: "Client", consignment_id: str, file: Path, party: str | None, as_json: bool) -> None:
    """Put the text of FILE into the vault, about a consignment; orders take the reference as their note."""
    try:
        text = bytes_of(file).decode("utf-8")
    except UnicodeDecodeError:
        raise click.ClickException(f"{file}: is no text in UTF-8") from None
    reference = client.persons.note(consignment_id, text, party=party)
    if as_json:
        print_told({"note": reference})
    else:
        click.echo(reference)


@click.group()
def person() -> None:
    """People's data: read for a purpose, told to the person, erased."""


@person.command("reveal")
@click.argument("consignment_id")
@click.argument("purpose", type=click.Choice([one.value for one in Purpose]))
@click.option("--case", help="Number of the case, where the purpose asks for one.")
@click.option("--role", "roles", multiple=True, type=click.Choice(_ROLES), help="Only this one. Repeatable.")
@click.option("--element", "elements", multiple=True, help="Only this, as consignee.name. Repeatable.")
@party_option
@remote
def person_reveal(
    client: "Client", consignment_id: str, purpose: str, party: str | None, as_json: bool, **wanted: Any
) -> None:
    """Read people's data of a consignment in the clear, for PURPOSE; the audit log tells of it."""
    told = client.persons.reveal(consignment_id, Purpose(purpose), party=party, **wanted)
    if as_json:
        print_told(told)
        return
    for one in told.persons:
        state = "" if one.state == "read" else f"  {one.state}{f': {one.message}' if one.message else ''}"
        click.echo(f"{one.role}, version {one.version}{state}")
        for name, value in one.elements.items():
            click.echo(f"  {name}: {value}")
    if not told.persons:
        click.echo("Nothing is held that role and purpose open.")


@person.command("extract")
@click.argument("case")
@click.argument("file", type=FILE)
@remote
def person_extract(client: "Client", case: str, file: Path, as_json: bool) -> None:
    """Print as JSON all that is held about the person in FILE, who proved who they are under CASE."""
    print_told(client.persons.extract(_person(file), case))


@person.command("erase")
@click.argument("file", type=FILE)
@click.option("--reason", help="Code of the order by which data goes that would be kept.")
@click.option("--case", help="Number of that order.")
@remote
def person_erase(client: "Client", file: Path, reason: str | None, case: str | None, as_json: bool) -> None:
    """Erase the person in FILE by destroying the keys; each erasure comes with its proof."""
    _tell(client.persons.erase(_person(file), _order(reason, case)), as_json)


@person.command("erase-due")
@remote
def person_erase_due(client: "Client", as_json: bool) -> None:
    """Erase what is due by its clock, now."""
    _tell(client.persons.erase_due(), as_json)


@person.command("erasures")
@remote
def person_erasures(client: "Client", as_json: bool) -> None:
    """List erasures in the order of the audit log, each with its proof."""
    found = list(client.persons.erasures())
    if as_json:
        print_told(found)
        return
    for one in found:
        click.echo(f"{one.seq:>8}  {one.digest}  {'proven' if one.proven else 'NOT PROVEN'}")
    if not found:
        click.echo("Nothing was erased.")


@person.command("keep")
@click.argument("consignment_id")
@click.argument("case")
@party_option
@remote
def person_keep(client: "Client", consignment_id: str, case: str, party: str | None, as_json: bool) -> None:
    """Keep the people's data of a consignment for CASE, beyond its clock."""
    made = client.persons.keep(consignment_id, case, party=party)
    if as_json:
        print_told(made)
    else:
        click.echo(f"hold {made.hold}")


@person.command("let-go")
@click.argument("hold", type=click.UUID)
@remote
def person_let_go(client: "Client", hold: UUID, as_json: bool) -> None:
    """End such a hold."""
    client.persons.let_go(hold)
    if as_json:
        print_told({"hold": str(hold), "ended": True})
    else:
        click.echo(f"hold {hold} is ended")


def _person(file: Path) -> "Person":
    """Read a person; what is wrong is said by field, never by value."""
    import msgspec

    from greenlane.service.persons import Person

    try:
        return msgspec.json.decode(bytes_of(file), type=Person)
    except msgspec.DecodeError as error:
        raise click.UsageError(f"{file}: {error}") from None


def _order(reason: str | None, case: str | None) -> "Order | None":
    import msgspec

    from greenlane.service.persons import Order

    if reason is None and case is None:
        return None
    if reason is None or case is None:
        raise click.UsageError("an order takes both --reason and --case")
    try:
        return msgspec.convert({"reason": reason, "case": case}, Order)
    except msgspec.ValidationError as error:
        raise click.UsageError(str(error)) from None


def _tell(erased: "Erased", as_json: bool) -> None:
    if as_json:
        print_told(erased)
        return
    for one in erased.erasures:
        click.echo(f"{one.seq:>8}  {one.digest}  {'proven' if one.proven else 'NOT PROVEN'}")
    click.echo(f"{len(erased.erasures):,} erased")


PERSONS = (note, person)
