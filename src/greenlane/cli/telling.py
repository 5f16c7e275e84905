"""Commands on what a party is told: its feed of notices, and its webhooks."""

from itertools import islice
from typing import TYPE_CHECKING

import click

from greenlane.cli.remote import moment_text, print_told, remote

if TYPE_CHECKING:
    from greenlane.client import Client
    from greenlane.service.notice_shapes import WebhookTold


@click.command()
@click.option("--since", type=click.IntRange(0), default=0, show_default=True, help="Behind this place.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="Most notices.")
@click.option("--proof", is_flag=True, help="With JSON: each with its signature.")
@remote
def notices(client: "Client", since: int, limit: int, proof: bool, as_json: bool) -> None:
    """Read the notices of your party from a place of the feed on, as often as you like."""
    found = list(islice(client.notices.since(since, proof=proof), limit))
    if as_json:
        print_told(found)
        return
    for notice in found:
        data = notice.data
        amounts = "".join(f"  {one.name} {one.amount} {one.currency}" for one in data.amounts)
        when = moment_text(notice.timestamp)
        click.echo(f"{data.cursor:>8}  {when}  {data.consignment_id}  {notice.type}{amounts}")
    if not found:
        click.echo("Nothing new.")


@click.group()
def webhook() -> None:
    """Receivers to which the notices of your party are sent."""


@webhook.command("add")
@click.argument("address")
@click.option("--hmac", is_flag=True, help="Sign with a shared secret too; it is printed this once.")
@remote
def webhook_add(client: "Client", address: str, hmac: bool, as_json: bool) -> None:
    """Register a receiver of every notice from now on."""
    made = client.receivers.add(address, hmac=hmac)
    if as_json:
        print_told(made)
        return
    click.echo(f"webhook {made.id}; notices behind {made.cursor} are sent, earlier ones by replay")
    for public in made.keys:
        click.echo(f"  signed by {public}")
    if made.secret:
        click.echo(f"  and by the secret {made.secret}")


@webhook.command("list")
@remote
def webhook_list(client: "Client", as_json: bool) -> None:
    """List the webhooks, and how each fares."""
    found = client.receivers.listed()
    if as_json:
        print_told(found)
        return
    for one in found:
        click.echo(_words(one))
    if not found:
        click.echo("There is none.")


def _words(one: "WebhookTold") -> str:
    state = f"disabled: {one.reason}" if one.disabled_at else f"{one.waiting:,} waiting"
    return f"{one.id}  {one.url}  {state}  last success {moment_text(one.succeeded_at)}"


@webhook.command("remove")
@click.argument("webhook_id")
@remote
def webhook_remove(client: "Client", webhook_id: str, as_json: bool) -> None:
    """Delete a webhook; the feed keeps every notice."""
    client.receivers.remove(webhook_id)
    if as_json:
        print_told({"id": webhook_id, "removed": True})
    else:
        click.echo(f"webhook {webhook_id} is deleted")


@webhook.command("enable")
@click.argument("webhook_id")
@remote
def webhook_enable(client: "Client", webhook_id: str, as_json: bool) -> None:
    """Let a disabled webhook get its notices again; none that came meanwhile is lost."""
    told = client.receivers.enable(webhook_id)
    if as_json:
        print_told(told)
    else:
        click.echo(_words(told))


@webhook.command("replay")
@click.argument("webhook_id")
@click.argument("first", type=click.IntRange(0))
@click.argument("last", type=click.IntRange(0))
@remote
def webhook_replay(client: "Client", webhook_id: str, first: int, last: int, as_json: bool) -> None:
    """Send the notices from place FIRST to place LAST of the feed again."""
    told = client.receivers.replay(webhook_id, first, last)
    if as_json:
        print_told(told)
    else:
        click.echo(f"{told.notices:,} notices are sent again")


@webhook.command("failures")
@click.argument("webhook_id")
@remote
def webhook_failures(client: "Client", webhook_id: str, as_json: bool) -> None:
    """List the notices whose last attempt failed."""
    found = list(client.receivers.failures(webhook_id))
    if as_json:
        print_told(found)
        return
    for one in found:
        then = moment_text(one.next_at) if one.next_at else "given up"
        click.echo(
            f"{one.cursor:>8}  {one.consignment_id}  attempt {one.attempt}  {one.failure}  next {then}"
        )
    if not found:
        click.echo("None has failed.")


@webhook.command("test")
@click.argument("webhook_id")
@remote
def webhook_test(client: "Client", webhook_id: str, as_json: bool) -> None:
    """Send a signed test notice now; ends with 1 where it isn't delivered."""
    told = client.receivers.test(webhook_id)
    if as_json:
        print_told(told)
    else:
        click.echo(
            f"delivered in {told.elapsed_ms} ms" if told.delivered else f"not delivered: {told.failure}"
        )
    if not told.delivered:
        click.get_current_context().exit(1)


TELLING = (notices, webhook)
