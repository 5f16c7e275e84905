"""What is owed: postings from the charges of a decision, and their exact reversal by the next."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from greenlane.ledger.payments import balances_by_cause, carry_over, give_back
from greenlane.ledger.refusal import AMOUNT_UNKNOWN, COLLECTED_TWICE, PostingRefused
from greenlane.ledger.schemes import scheme_of
from greenlane.ledger.transfer import Account, Cause, Transfer, account, charge_ids, holder, post
from greenlane.ledger.undeclared import told
from greenlane.values.money import exponent, parse_scaled

_minor = lru_cache(8192)(parse_scaled)


def obligations(
    key: int,
    version: int,
    party: str,
    outcome: Mapping[str, Any],
    at: datetime,
    names: Mapping[str, str] | None = None,
    day: date | None = None,
) -> list[Transfer]:
    """Return what the charges of an outcome oblige to: one transfer a charge that is above zero.

    Each debits the receivable of its payer and moment and credits the revenue of jurisdiction and charge. What
    is taken with the price stands on the account of the seller or platform for that moment, so it is never
    part of what the border asks for. A waived charge is owed by nobody.

    Args:
        key: Internal number of the consignment.
        version: Which decision of the consignment this is, from 1.
        party: Who filed; answers for a payer whose id isn't given.
        outcome: As `greenlane.decide.outcome` gives it: ``jurisdiction``, ``member``, ``currency``, ``charges``.
        at: Aware time of the decision.
        names: Id of each role that has one: seller, platform, carrier, declarant, qualified_party.
        day: On which the tax became chargeable. With it, the memo of a tax that a period return declares tells
            that return its day, base and rate.
    Raises:
        PostingRefused: An amount isn't known, or one levy on one item would be collected at sale and at the
            border.
    """
    currency = outcome["currency"]
    charges: Sequence[Mapping[str, Any]] = outcome["charges"]
    if not charges and currency is not None:
        return []
    if currency is None or outcome.get("status") == "incomplete":
        raise PostingRefused(AMOUNT_UNKNOWN, "/status", "the outcome is incomplete, so nothing is owed yet")
    digits = exponent(currency)
    names = names or {}
    member = outcome.get("member")
    levied_by = outcome["jurisdiction"] if member is None else f"{outcome['jurisdiction']}/{member}"
    made: list[Transfer] = []
    moments: dict[tuple[str, str | None], str] = {}
    ids = charge_ids("obligation", key, version, len(charges))
    for place, charge in enumerate(charges):
        text = charge["amount"]
        if text is None:
            raise PostingRefused(
                AMOUNT_UNKNOWN, f"/charges/{place}/amount", "the charge applies and its amount isn't known"
            )
        amount = _minor(text, digits)
        if amount == 0 or charge.get("waived"):
            continue
        name, moment, item, payer = charge["name"], charge["collected"], charge["item_id"], charge["payer"]
        first = moments.setdefault((name, item), moment)
        if first != moment and "at_sale" in (first, moment):
            words = f"{name} on one item is collected {first} and {moment}"
            raise PostingRefused(COLLECTED_TWICE, f"/charges/{place}", words)
        debit, credit, declared = _way(
            payer, party, names.get(payer), levied_by, outcome["jurisdiction"], charge["kind"], name, moment
        )
        if debit is None:
            debit = Account(f"receivable:{holder(payer, key, party, names)}:{moment}")
        memo: tuple[str, ...] = (charge["liable"], "" if item is None else item)
        if declared and day is not None:
            memo += told(charge, day, digits)
        cause = Cause(key, version, place)
        made.append(Transfer(ids[place], debit, credit, amount, currency, "obligation", cause, at, "", memo))
    return made


@lru_cache(8192)
def _way(
    payer: str,
    party: str,
    named: str | None,
    levied_by: str,
    jurisdiction: str,
    kind: str,
    name: str,
    moment: str,
) -> tuple[Account | None, Account, bool]:
    """Return where a charge goes from and to, and whether a period return declares it: alike for most charges.

    The account of a buyer is None: nobody else has it, so that it isn't worth remembering.
    """
    names = {} if named is None else {payer: named}
    debit = None if payer == "buyer" else account("receivable", holder(payer, 0, party, names), moment)
    declared = kind == "tax" and scheme_of(jurisdiction, moment) is not None
    return debit, account("revenue", levied_by, name), declared


def reassess(
    posted: Iterable[Transfer],
    key: int,
    version: int,
    party: str,
    outcome: Mapping[str, Any] | None,
    at: datetime,
    names: Mapping[str, str] | None = None,
    day: date | None = None,
) -> list[Transfer]:
    """Return the transfers by which a new decision replaces the old: reversal, what was paid, what is owed now.

    What still stands of each old obligation is taken back. What had paid it goes back the way it came: money
    to the deposit of who paid, a deferred amount off its account. Then the new charges are posted, and the money
    that came free pays those of the same payer and moment. The same decision gives the same transfers.

    Args:
        posted: Every transfer of the consignment so far.
        outcome: The new outcome; None where nothing is owed any more (cancelled, returned).
    """
    reference = f"decision {version}"
    before = [
        t
        for t in posted
        if t.cause.key == key and t.cause.version < version and not t.reference.startswith(f"{reference}/")
    ]
    reversed_ = [
        post("reversal", t.cause, t.credit, t.debit, amount, t.currency, at, f"{reference}/", t.memo)
        for t, amount in standing(before)
    ]
    returned = give_back([*before, *reversed_], at, reference)
    new = [] if outcome is None else obligations(key, version, party, outcome, at, names, day)
    applied = carry_over([*before, *reversed_, *returned, *new], returned, at)
    return [*reversed_, *returned, *new, *applied]


def standing(posted: Iterable[Transfer]) -> list[tuple[Transfer, int]]:
    """Return each obligation of which something stands, with how much: less reversals and refunds."""
    listed = list(posted)
    taken: dict[Cause, int] = {}
    for t in listed:
        if t.kind in ("reversal", "refund"):
            taken[t.cause] = taken.get(t.cause, 0) + t.amount
    left = ((t, t.amount - taken.get(t.cause, 0)) for t in listed if t.kind == "obligation")
    return [(t, amount) for t, amount in left if amount > 0]


def due_at_border(posted: Iterable[Transfer]) -> dict[str, int]:
    """Return by currency what is still open and due before release: minor units; empty where nothing is.

    A consignment whose dues stand on a deferred payment account has none open.
    """
    due: dict[str, int] = {}
    for (name, _, currency), amount in balances_by_cause(posted).items():
        if amount > 0 and name.startswith("receivable:") and name.endswith(":at_border"):
            due[currency] = due.get(currency, 0) + amount
    return due
