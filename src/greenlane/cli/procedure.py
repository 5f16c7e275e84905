"""Commands of officers and agencies on a running service: the queue, and what they may order.

The options of each order are made from its type, so that the command line takes what the procedure takes.
"""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, get_args

import click
import msgspec

from greenlane.clearance import PostedCommand, name_of
from greenlane.clearance.commands import ReturnedItem
from greenlane.cli.remote import moment_text, party_option, print_told, remote

if TYPE_CHECKING:
    from greenlane.client import Client
    from greenlane.desk.results import Moved


@click.command()
@click.option("--phase", help="Only those in this phase.")
@click.option("--channel", help="Only those of this channel.")
@click.option("--disposition", help="Only those with this disposition.")
@click.option("--party", help="Only those of this party.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Most rows.")
@remote
def queue(client: "Client", limit: int, as_json: bool, **wanted: Any) -> None:
    """List what is open, the nearest deadline first; an agency sees what it is asked about."""
    rows = list(islice(client.consignments.queue(**wanted, page=min(limit, 1000)), limit))
    if as_json:
        print_told(rows)
        return
    for row in rows:
        score = "" if row.score is msgspec.UNSET else f"  score {row.score}"
        click.echo(
            f"{moment_text(row.deadline):<16}  {row.phase:<16}  {row.disposition:<19}  "
            f"{row.party}  {row.consignment_id}{score}"
        )
    if not rows:
        click.echo("Nothing is open.")


@click.group()
@click.argument("consignment_id")
@click.pass_context
def command(context: click.Context, consignment_id: str) -> None:
    """Give an order of the procedure on a consignment: hold, release, answer, object, …"""
    context.obj = consignment_id


def _option(field: msgspec.inspect.Field) -> Callable[[Any], Any]:
    """Return the option of a field: what it takes, whether it must be there, whether it may be repeated."""
    kind = field.type
    takes: dict[str, Any] = {"required": field.required, "default": None}
    if isinstance(kind, msgspec.inspect.UnionType):
        kind = next(one for one in kind.types if not isinstance(one, msgspec.inspect.NoneType))
    words = _WORDS.get(field.name, field.name.replace("_", " ").capitalize() + ".")
    if isinstance(kind, msgspec.inspect.VarTupleType):
        takes["multiple"] = True
        words += " May be repeated."
        kind = kind.item_type
    match kind:
        case msgspec.inspect.LiteralType():
            takes["type"] = click.Choice([str(value) for value in kind.values])
        case msgspec.inspect.IntType():
            takes["type"] = click.IntRange(kind.ge, kind.le)
        case msgspec.inspect.DateTimeType():
            takes["metavar"] = "MOMENT"
        case msgspec.inspect.StructType():
            assert kind.cls is ReturnedItem, kind.cls
            takes["metavar"] = "ITEM=QUANTITY"
    return click.option(f"--{field.name.replace('_', '-')}", field.name, help=words, **takes)


_WORDS = {
    "reason": "Code of the reason, as invoice_missing.",
    "grounds": "Code of the grounds.",
    "note": "Number of a stored note.",
    "documents": "Number of a stored document.",
    "scan": "Number of a stored image.",
    "proof": "Number of the document that proves it.",
    "permit": "Number of the permit.",
    "previous": "Declaration under which the goods first left.",
    "elements": "Data element asked for, as consignee.address.",
    "methods": "Screening method.",
    "items": "Item and how much of it goes back.",
    "departed_at": "When, with the offset from UTC; default now.",
    "arrived_at": "When, with the offset from UTC; default now.",
    "screened_at": "When, with the offset from UTC.",
    "referral": "Number of the referral.",
    "hold": "Number of the hold.",
    "inspection": "Number of the inspection.",
    "returned": "Number of the return.",
    "proposes": "What the hold proposes.",
    "agency": "The agency.",
}


def _given(kind: type[Any], options: Mapping[str, Any]) -> Any:
    """Return an order of what stood on the command line."""
    told: dict[str, Any] = {"command": name_of(kind)}
    for name, value in options.items():
        if value is None or value == ():
            continue
        told[name] = [_item(text) for text in value] if name == "items" else value
    try:
        return msgspec.convert(told, kind, strict=False)
    except msgspec.ValidationError as error:
        raise click.UsageError(str(error)) from None


def _item(text: str) -> dict[str, str]:
    item, mark, quantity = text.rpartition("=")
    if not mark:
        raise click.UsageError("--items takes ITEM=QUANTITY, as 1=2")
    return {"item_id": item, "quantity": quantity}


def _order(kind: type[Any]) -> click.Command:
    """Return the command that gives one kind of order."""

    @party_option
    @remote
    def give(client: "Client", party: str | None, as_json: bool, **options: Any) -> None:
        given = _given(kind, options)
        _tell(client.consignments.command(_consignment_id(), given, party=party), as_json)

    fields = msgspec.inspect.type_info(kind).fields  # type: ignore[attr-defined]
    for field in reversed(fields):
        give = _option(field)(give)
    return click.command(name_of(kind), help=kind.__doc__)(give)


@click.command()
@click.option("--reason", required=True, help=_WORDS["reason"])
@party_option
@remote
def redecide(client: "Client", reason: str, party: str | None, as_json: bool) -> None:
    """Decide anew under the law as it is held now; the money follows."""
    _tell(client.consignments.redecide(_consignment_id(), reason, party=party), as_json)


def _consignment_id() -> str:
    return str(click.get_current_context().obj)


def _tell(moved: "Moved", as_json: bool) -> None:
    if as_json:
        print_told(moved)
        return
    click.echo(f"{moved.consignment_id} of {moved.party}: {moved.phase}, version {moved.version}")
    for event in moved.events:
        click.echo(f"  {moment_text(event.at)}  {event.type}")
    if moved.deadline is not None:
        click.echo(f"  next deadline {moment_text(moved.deadline)}")


for kind in get_args(PostedCommand):
    command.add_command(_order(kind))
command.add_command(redecide)

PROCEDURE = (queue, command)
