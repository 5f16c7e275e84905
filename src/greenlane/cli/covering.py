"""Commands on what stands for money: guarantees, deferred payment accounts, payouts, payments read and withdrawn."""

from typing import TYPE_CHECKING, Any

import click

from greenlane.cli.frame import DAY
from greenlane.cli.money import tell_paid
from greenlane.cli.remote import moment_text, party_option, print_told, remote

if TYPE_CHECKING:
    from collections.abc import Callable

    from greenlane.client import Client
    from greenlane.desk.money_covers import AccountTold, GuaranteeTold


def _validity(function: "Callable[..., Any]") -> "Callable[..., Any]":
    for option in (
        click.option(
            "--at-filing", is_flag=True, help="Every filing of the party uses it without being asked."
        ),
        click.option(
            "--until", "valid_until", type=DAY, required=True, help="Last day on which it is valid."
        ),
        click.option("--from", "valid_from", type=DAY, required=True, help="First day on which it is valid."),
    ):
        function = option(function)
    return function


def _converted(given: dict[str, Any], kind: type[Any]) -> Any:
    import msgspec

    try:
        return msgspec.convert({k: v for k, v in given.items() if v is not None}, kind)
    except msgspec.ValidationError as error:
        raise click.UsageError(str(error)) from None


@click.group()
def guarantee() -> None:
    """Guarantees: what a guarantor stands for, so that goods go before payment."""


@guarantee.command("add")
@click.argument("number")
@click.argument("party")
@click.argument("guarantor")
@click.argument("amount")
@click.argument("currency")
@_validity
@remote
def guarantee_add(client: "Client", number: str, as_json: bool, **given: Any) -> None:
    """Register guarantee NUMBER of PARTY, for which the organisation GUARANTOR stands up to AMOUNT."""
    from greenlane.desk.money_covers import GuaranteeWanted

    _tell_guarantees([client.guarantees.add(_converted({"id": number, **given}, GuaranteeWanted))], as_json)


@guarantee.command("list")
@party_option
@remote
def guarantee_list(client: "Client", party: str | None, as_json: bool) -> None:
    """List guarantees: what each covers, and how much of it is in use."""
    _tell_guarantees(client.guarantees.listed(party=party), as_json, listed=True)


@guarantee.command("raise")
@click.argument("number")
@click.argument("amount")
@click.argument("reference")
@remote
def guarantee_raise(client: "Client", number: str, as_json: bool, **given: Any) -> None:
    """Raise the limit of a guarantee by AMOUNT; the same REFERENCE raises it once."""
    from greenlane.desk.money_covers import Raise

    _tell_guarantees([client.guarantees.raise_limit(number, _converted(given, Raise))], as_json)


@guarantee.command("revoke")
@click.argument("number")
@remote
def guarantee_revoke(client: "Client", number: str, as_json: bool) -> None:
    """Revoke a guarantee: it covers nothing new, what it covers stands."""
    _tell_guarantees([client.guarantees.revoke(number)], as_json)


@guarantee.command("draw")
@click.argument("number")
@click.argument("consignment_id")
@remote
def guarantee_draw(client: "Client", number: str, consignment_id: str, as_json: bool) -> None:
    """Let the guarantor owe what the payer of a consignment has not paid."""
    _tell_guarantees([client.guarantees.draw(number, consignment_id)], as_json)


def _tell_guarantees(found: "list[GuaranteeTold]", as_json: bool, *, listed: bool = False) -> None:
    if as_json:
        print_told(found if listed else found[0])
        return
    for one in found:
        state = f"  revoked {moment_text(one.revoked_at)}" if one.revoked_at else ""
        click.echo(
            f"{one.id}  {one.party}  {one.guarantor}  {one.available} of {one.limit} {one.currency} free, "
            f"{one.reserved} reserved, {one.drawn} drawn  {one.valid_from} to {one.valid_until}{state}"
        )
    if not found:
        click.echo("There is none.")


@click.group()
def deferred() -> None:
    """Deferred payment accounts: what is owed is paid by a day of the next month."""


@deferred.command("add")
@click.argument("number")
@click.argument("party")
@click.argument("holder")
@click.argument("amount")
@click.argument("currency")
@click.option("--due-day", type=click.IntRange(1, 28), help="Day of the next month; default 16.")
@_validity
@remote
def deferred_add(client: "Client", number: str, as_json: bool, **given: Any) -> None:
    """Register deferred payment account NUMBER of PARTY, held by HOLDER (seller/S1), up to AMOUNT."""
    from greenlane.desk.money_covers import AccountWanted

    told = client.deferred_accounts.add(_converted({"id": number, **given}, AccountWanted))
    _tell_accounts([told], as_json)


@deferred.command("list")
@party_option
@remote
def deferred_list(client: "Client", party: str | None, as_json: bool) -> None:
    """List deferred payment accounts: the limit of each and what stands on it."""
    _tell_accounts(client.deferred_accounts.listed(party=party), as_json, listed=True)


@deferred.command("raise")
@click.argument("number")
@click.argument("limit")
@remote
def deferred_raise(client: "Client", number: str, limit: str, as_json: bool) -> None:
    """Give an account the higher LIMIT."""
    from greenlane.desk.money_covers import NewLimit

    _converted({"limit": limit}, NewLimit)
    _tell_accounts([client.deferred_accounts.raise_limit(number, limit)], as_json)


@deferred.command("revoke")
@click.argument("number")
@remote
def deferred_revoke(client: "Client", number: str, as_json: bool) -> None:
    """Revoke an account: it takes nothing new, what stands on it is owed."""
    _tell_accounts([client.deferred_accounts.revoke(number)], as_json)


@deferred.command("statement")
@click.argument("number")
@click.argument("month")
@remote
def deferred_statement(client: "Client", number: str, month: str, as_json: bool) -> None:
    """Read what an account asks for after MONTH (2026-07), and by when."""
    told = client.deferred_accounts.statement(number, month)
    if as_json:
        print_told(told)
        return
    one = told.statement
    click.echo(f"{one.account}: {told.payable} {one.currency} to be paid by {told.due}")
    for posting in one.postings:
        side = f"debit {posting.debit}" if posting.debit else f"credit {posting.credit}"
        click.echo(
            f"  {posting.at[:10]}  {posting.kind}  {posting.consignment_id or posting.reference}  {side}"
        )


def _tell_accounts(found: "list[AccountTold]", as_json: bool, *, listed: bool = False) -> None:
    if as_json:
        print_told(found if listed else found[0])
        return
    for one in found:
        state = f"  revoked {moment_text(one.revoked_at)}" if one.revoked_at else ""
        click.echo(
            f"{one.id}  {one.party}  {one.holder}  {one.standing} of {one.limit} {one.currency} used, "
            f"due on day {one.due_day}  {one.valid_from} to {one.valid_until}{state}"
        )
    if not found:
        click.echo("There is none.")


@click.command()
@click.argument("consignment_id")
@click.option("--guarantee", "guarantee_number", help="By this guarantee.")
@click.option("--deferred-account", help="By this deferred payment account.")
@party_option
@remote
def cover(
    client: "Client",
    consignment_id: str,
    guarantee_number: str | None,
    deferred_account: str | None,
    party: str | None,
    as_json: bool,
) -> None:
    """Cover what is due on a consignment, so that it is released before payment."""
    from greenlane.desk.money_covers import CoverWanted

    if (guarantee_number is None) == (deferred_account is None):
        raise click.UsageError("name one of --guarantee and --deferred-account")
    given = {"guarantee": guarantee_number, "deferred_account": deferred_account}
    moved = client.money.cover(consignment_id, _converted(given, CoverWanted), party=party)
    if as_json:
        print_told(moved)
    else:
        click.echo(f"{moved.consignment_id} of {moved.party}: {moved.phase}, version {moved.version}")


@click.command()
@click.argument("party")
@click.argument("amount")
@click.argument("currency")
@click.argument("reference")
@click.option("--consignment", "consignment_id", help="To the buyer of this consignment.")
@click.option("--holder", help="To this holder, as seller/S1.")
@remote
def payout(client: "Client", as_json: bool, **given: Any) -> None:
    """Pay money of a deposit of PARTY back to its holder; the same REFERENCE pays once."""
    from greenlane.desk.money_shapes import Payout

    tell_paid(client.money.pay_out(_converted(given, Payout)), as_json)


@click.group()
def payment() -> None:
    """Payments that were registered by `greenlane pay`."""


@payment.command("show")
@click.argument("reference")
@party_option
@remote
def payment_show(client: "Client", reference: str, party: str | None, as_json: bool) -> None:
    """Read what a payment paid."""
    tell_paid(client.money.payment(reference, party=party), as_json)


@payment.command("withdraw")
@click.argument("reference")
@click.argument("party")
@remote
def payment_withdraw(client: "Client", reference: str, party: str, as_json: bool) -> None:
    """Take back a payment that fell away: what it paid is open again."""
    tell_paid(client.money.withdraw(reference, party), as_json)


@click.command()
@party_option
@click.option("--holder", help="Of this holder, as seller/S1.")
@click.option("--family", help="Of this family, as deposit.")
@remote
def accounts(
    client: "Client", party: str | None, holder: str | None, family: str | None, as_json: bool
) -> None:
    """List accounts with both sides and the balance of each."""
    found = list(client.books.balances(party=party, holder=holder, family=family))
    if as_json:
        print_told(found)
        return
    for one in found:
        click.echo(f"{one.account}  {one.balance} {one.currency} {one.side}")
    if not found:
        click.echo("There is none.")


COVERING = (guarantee, deferred, cover, payout, payment, accounts)
