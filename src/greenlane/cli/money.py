"""Commands on money: payments that came in, statements, period returns."""

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from greenlane.cli.frame import DAY
from greenlane.cli.remote import party_option, print_told, remote

if TYPE_CHECKING:
    from greenlane.client import Client
    from greenlane.desk.money_returns import ReturnTold
    from greenlane.desk.money_shapes import Paid


@click.command()
@click.argument("party")
@click.argument("amount")
@click.argument("currency")
@click.argument("reference")
@click.option("--consignment", "consignment_id", help="Paid for this consignment.")
@click.option("--holder", help="Who paid, as seller/S1; paid for what it owes.")
@click.option("--scheme", help="Paid for a return of this scheme, of the period, by the holder.")
@click.option("--period", help="The period of that return, as 2026-07.")
@click.option("--deferred-account", help="Paid for this deferred payment account.")
@click.option("--guarantee", help="Paid for what the guarantor of this guarantee owes.")
@remote
def pay(client: "Client", as_json: bool, **given: Any) -> None:
    """Register money of PARTY that came in under the bank's REFERENCE; the same reference counts once.

    Without an option it pays what the party's consignments have open, the oldest first.
    """
    import msgspec

    from greenlane.desk.money_shapes import Payment

    try:
        payment = msgspec.convert({k: v for k, v in given.items() if v is not None}, Payment)
    except msgspec.ValidationError as error:
        raise click.UsageError(str(error)) from None
    tell_paid(client.money.pay(payment), as_json)


def tell_paid(paid: "Paid", as_json: bool) -> None:
    """Print a payment or payout as the book has it."""
    if as_json:
        print_told(paid)
        return
    again = " (registered before)" if paid.repeated else ""
    click.echo(f"{paid.reference}: {paid.amount} {paid.currency} of {paid.holder}{again}")
    for part in paid.applied:
        click.echo(f"  {part.amount}  {part.consignment_id or part.account}")
    click.echo(f"  {paid.kept_on_deposit} kept on deposit")
    for name, phase in sorted(paid.phases.items()):
        click.echo(f"  {name} is {phase}")


@click.command()
@click.option("--first", type=DAY, required=True, help="First day.")
@click.option("--until", type=DAY, required=True, help="Day up to which it goes, not included.")
@click.option("--account", help="Of this account, as balances show it.")
@click.option("--holder", help="Of this holder, as seller/S1.")
@click.option("--consignment", "consignment_id", help="Of the buyer of this consignment.")
@click.option("--currency", help="Only this currency.")
@party_option
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@remote
def statement(client: "Client", first: date, until: date, as_csv: bool, as_json: bool, **of: Any) -> None:
    """Read the statement of an account, of a holder, or of a consignment's buyer."""
    if as_csv:
        click.echo(client.books.statements_csv(first, until, **of), nl=False)
        return
    found = client.books.statements(first, until, **of)
    if as_json:
        print_told(found)
        return
    for one in found:
        click.echo(f"{one.account}, {one.currency}: {one.opening} {one.opening_side} on {one.start}")
        for posting in one.postings:
            side = f"debit {posting.debit}" if posting.debit else f"credit {posting.credit}"
            what = posting.consignment_id or posting.reference
            when = f"{posting.at[:10]} {posting.at[11:16]}"
            click.echo(f"  {when}  {posting.kind}  {what}  {side}  {posting.balance} {posting.side}")
        click.echo(f"  {one.closing} {one.closing_side} at the end")
    if not found:
        click.echo("Nothing was posted.")


@click.group()
def returns() -> None:
    """Period returns of a scheme, as IOSS."""


@returns.command("list")
@party_option
@remote
def returns_list(client: "Client", party: str | None, as_json: bool) -> None:
    """List the returns that were sent."""
    found = client.returns.listed(party=party)
    if as_json:
        print_told(found)
        return
    for one in found:
        click.echo(
            f"{one['scheme']} {one['period']}  {one['party']}  {one['holder']}  number {one['number']}"
        )
    if not found:
        click.echo("None was sent.")


@returns.command("show")
@click.argument("scheme")
@click.argument("month")
@click.option("--holder", help="Whose, as seller/S1.")
@party_option
@click.option("--csv", "as_csv", is_flag=True, help="Print its lines as CSV.")
@remote
def returns_show(
    client: "Client",
    scheme: str,
    month: str,
    holder: str | None,
    party: str | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Read the return of the period that MONTH (2026-07) lies in: the draft, or as it was sent."""
    if as_csv:
        click.echo(client.returns.csv(scheme, month, holder=holder, party=party), nl=False)
    else:
        _tell(client.returns.one(scheme, month, holder=holder, party=party), as_json)


@returns.command("send")
@click.argument("scheme")
@click.argument("month")
@click.option("--holder", help="Whose, as seller/S1.")
@remote
def returns_send(client: "Client", scheme: str, month: str, holder: str | None, as_json: bool) -> None:
    """Send the return of a period that is over; corrections of earlier periods are part of it."""
    _tell(client.returns.send(scheme, month, holder=holder), as_json)


def _tell(told: "ReturnTold", as_json: bool) -> None:
    if as_json:
        print_told(told)
        return
    click.echo(f"{told.scheme} {told.period} of {told.holder}, number {told.number}, due {told.due}")
    for row in told.rows:
        click.echo(f"  {row.member}  rate {row.rate or '?'}  base {row.base}  tax {row.tax}")
    for one in told.corrections:
        click.echo(f"  correction of {one.period}, {one.member}: {one.tax}")
    click.echo(f"  payable {told.payable} {told.currency}, {len(told.lines):,} lines")
    for finding in told.findings:
        click.echo(f"  {finding.code} at {finding.path}: {finding.message}", err=True)


MONEY = (pay, statement, returns)
