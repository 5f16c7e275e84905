"""Payments, payouts, guarantees, deferred payment accounts."""

from dataclasses import dataclass

from greenlane.client.calling import Caller, new_key
from greenlane.desk.money_covers import (
    AccountTold,
    AccountWanted,
    CoverWanted,
    Draw,
    GuaranteeTold,
    GuaranteeWanted,
    NewLimit,
    Raise,
)
from greenlane.desk.money_shapes import Paid, Payment, Payout, Withdrawal
from greenlane.desk.money_statements import PeriodStatementTold
from greenlane.desk.results import Moved


@dataclass(frozen=True, slots=True)
class Money:
    """Money that came in or goes out, and what stands for it."""

    caller: Caller

    def pay(self, payment: Payment, *, once: str | None = None) -> Paid:
        """Register money that came in; what has nothing open any more is released."""
        return self.caller.call("POST", "/payments", Paid, body=payment, once=once or new_key())

    def payment(self, reference: str, *, party: str | None = None) -> Paid:
        """Read what a payment paid."""
        values, query = {"reference": reference}, {"party": party}
        return self.caller.call("GET", "/payments/{reference}", Paid, values=values, query=query)

    def withdraw(self, reference: str, party: str, *, once: str | None = None) -> Paid:
        """Take back a payment that fell away."""
        return self.caller.call(
            "POST",
            "/payments/{reference}/withdrawal",
            Paid,
            values={"reference": reference},
            body=Withdrawal(party=party),
            once=once or new_key(),
        )

    def pay_out(self, payout: Payout, *, once: str | None = None) -> Paid:
        """Pay money of a deposit to its holder."""
        return self.caller.call("POST", "/payouts", Paid, body=payout, once=once or new_key())

    def cover(
        self, consignment_id: str, wanted: CoverWanted, *, party: str | None = None, once: str | None = None
    ) -> Moved:
        """Cover what is due by a guarantee or a deferred payment account."""
        return self.caller.call(
            "POST",
            "/consignments/{consignment_id}/cover",
            Moved,
            values={"consignment_id": consignment_id},
            query={"party": party},
            body=wanted,
            once=once or new_key(),
        )


@dataclass(frozen=True, slots=True)
class Guarantees:
    """Guarantees of parties."""

    caller: Caller

    def add(self, wanted: GuaranteeWanted, *, once: str | None = None) -> GuaranteeTold:
        """Register a guarantee."""
        return self.caller.call("POST", "/guarantees", GuaranteeTold, body=wanted, once=once or new_key())

    def listed(self, *, party: str | None = None) -> list[GuaranteeTold]:
        """List guarantees: what each covers, and how much of it is in use."""
        return self.caller.call("GET", "/guarantees", list[GuaranteeTold], query={"party": party})

    def raise_limit(self, number: str, wanted: Raise, *, once: str | None = None) -> GuaranteeTold:
        """Raise the limit of a guarantee; one reference raises it once."""
        return self.caller.call(
            "POST",
            "/guarantees/{number}/increases",
            GuaranteeTold,
            values={"number": number},
            body=wanted,
            once=once or new_key(),
        )

    def revoke(self, number: str, *, once: str | None = None) -> GuaranteeTold:
        """Revoke a guarantee: it covers nothing new."""
        return self.caller.call(
            "POST",
            "/guarantees/{number}/revocation",
            GuaranteeTold,
            values={"number": number},
            once=once or new_key(),
        )

    def draw(self, number: str, consignment_id: str, *, once: str | None = None) -> GuaranteeTold:
        """Let the guarantor owe what the payer of a consignment has not paid."""
        wanted = Draw(consignment_id=consignment_id)
        return self.caller.call(
            "POST",
            "/guarantees/{number}/draws",
            GuaranteeTold,
            values={"number": number},
            body=wanted,
            once=once or new_key(),
        )


@dataclass(frozen=True, slots=True)
class DeferredAccounts:
    """Deferred payment accounts of parties."""

    caller: Caller

    def add(self, wanted: AccountWanted, *, once: str | None = None) -> AccountTold:
        """Register a deferred payment account."""
        return self.caller.call(
            "POST", "/deferred-accounts", AccountTold, body=wanted, once=once or new_key()
        )

    def listed(self, *, party: str | None = None) -> list[AccountTold]:
        """List deferred payment accounts: the limit of each and what stands on it."""
        return self.caller.call("GET", "/deferred-accounts", list[AccountTold], query={"party": party})

    def raise_limit(self, number: str, limit: str, *, once: str | None = None) -> AccountTold:
        """Give an account a higher limit."""
        return self.caller.call(
            "POST",
            "/deferred-accounts/{number}/limit",
            AccountTold,
            values={"number": number},
            body=NewLimit(limit=limit),
            once=once or new_key(),
        )

    def revoke(self, number: str, *, once: str | None = None) -> AccountTold:
        """Revoke an account: it takes nothing new."""
        return self.caller.call(
            "POST",
            "/deferred-accounts/{number}/revocation",
            AccountTold,
            values={"number": number},
            once=once or new_key(),
        )

    def statement(self, number: str, month: str) -> PeriodStatementTold:
        """Read what an account asks for after a month (``2026-07``), and by when."""
        return self.caller.call(
            "GET",
            "/deferred-accounts/{number}/statements/{month}",
            PeriodStatementTold,
            values={"number": number, "month": month},
        )


__all__ = ["DeferredAccounts", "Guarantees", "Money"]
