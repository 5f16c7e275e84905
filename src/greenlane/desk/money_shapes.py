"""What is asked and told about payments: the types that desk, service and client share."""

from typing import Annotated

import msgspec
from msgspec import Meta

PartyId = Annotated[
    str, Meta(max_length=40, description="The party whose filings or accounts the money is for.")
]
Amount = Annotated[
    str, Meta(pattern=r"^[0-9]{1,11}(\.[0-9]{1,3})?$", description="In units of the currency: 12.30.")
]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217.")]
MoneyReference = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,69}$",
        description="The money's own number, as the bank or the payer gives it; the same one means the same money.",
    ),
]
HolderName = Annotated[
    str,
    Meta(
        pattern=r"^(seller|platform|carrier|declarant|qualified_party|party|guarantor|buyer)(/.{1,80})?$",
        max_length=100,
        description="A payer of the party: role and id as in seller/S1, or the role alone.",
    ),
]
CoverId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", max_length=40)]
Period = Annotated[
    str, Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", description="A month of the period: 2026-07.")
]


class Payment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Money that came in, and what it is for.

    One of: a consignment; what a holder owes; a return (scheme and period, of a holder); a deferred payment
    account; what a guarantor owes; none of these: whatever the party's consignments have open, oldest first.
    ``holder`` also says who paid, and whose deposit keeps what is left over.
    """

    party: PartyId
    amount: Amount
    currency: Currency
    reference: MoneyReference
    consignment_id: Annotated[str, Meta(max_length=70)] | None = None
    holder: HolderName | None = None
    scheme: Annotated[str, Meta(max_length=20)] | None = None
    period: Period | None = None
    deferred_account: CoverId | None = None
    guarantee: CoverId | None = None


class Payout(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Money of a deposit that goes back to its holder: the buyer of a consignment, or a holder."""

    party: PartyId
    amount: Amount
    currency: Currency
    reference: MoneyReference
    consignment_id: Annotated[str, Meta(max_length=70)] | None = None
    holder: HolderName | None = None


class Withdrawal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """That a payment has fallen away, as when the bank calls it back."""

    party: PartyId


class Applied(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a part of a payment paid."""

    account: str
    amount: str
    consignment_id: str | None = None


class Paid(msgspec.Struct, frozen=True, kw_only=True):
    """A payment or payout as the book has it, and which consignments it moved on."""

    reference: str
    party: str
    holder: str
    amount: str
    currency: str
    applied: list[Applied]
    kept_on_deposit: str
    phases: dict[str, str]
    repeated: bool = False


__all__ = [
    "Amount",
    "Applied",
    "CoverId",
    "Currency",
    "HolderName",
    "MoneyReference",
    "Paid",
    "PartyId",
    "Payment",
    "Payout",
    "Period",
    "Withdrawal",
]
