"""Period returns, balances, statements, the trial balance and the check of the book."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from greenlane.client.calling import Caller, new_key
from greenlane.desk.money_returns import ReturnTold, Wanted
from greenlane.desk.money_statements import AccountBalance, StatementTold, Trial
from greenlane.service.shapes import CheckTold

_PAGE = 500


class _Statements(msgspec.Struct, frozen=True):
    statements: list[StatementTold]


@dataclass(frozen=True, slots=True)
class Returns:
    """Period returns of a scheme, as IOSS."""

    caller: Caller

    def listed(self, *, party: str | None = None) -> list[dict[str, Any]]:
        """List the returns that were sent."""
        return self.caller.call("GET", "/returns", list[dict[str, Any]], query={"party": party})

    def one(
        self, scheme: str, month: str, *, holder: str | None = None, party: str | None = None
    ) -> ReturnTold:
        """Read the return of the period that a month (``2026-07``) lies in: the draft, or as it was sent."""
        return self.caller.call(
            "GET",
            "/returns/{scheme}/{month}",
            ReturnTold,
            values={"scheme": scheme, "month": month},
            query={"holder": holder, "party": party, "form": "json"},
        )

    def csv(self, scheme: str, month: str, *, holder: str | None = None, party: str | None = None) -> str:
        """Read the lines of a return as CSV."""
        return self.caller.call(
            "GET",
            "/returns/{scheme}/{month}",
            bytes,
            values={"scheme": scheme, "month": month},
            query={"holder": holder, "party": party, "form": "csv"},
        ).decode()

    def send(
        self, scheme: str, month: str, *, holder: str | None = None, once: str | None = None
    ) -> ReturnTold:
        """Send the return of a period that is over."""
        return self.caller.call(
            "POST",
            "/returns/{scheme}/{month}",
            ReturnTold,
            values={"scheme": scheme, "month": month},
            body=Wanted(holder=holder),
            once=once or new_key(),
        )


@dataclass(frozen=True, slots=True)
class Books:
    """Accounts and what stands on them. A statement is of an account, a holder, or a consignment's buyer."""

    caller: Caller

    def balances(
        self, *, party: str | None = None, holder: str | None = None, family: str | None = None
    ) -> Iterator[AccountBalance]:
        """Yield accounts with both sides and the balance of each, in order."""
        query = {"party": party, "holder": holder, "family": family}
        return self.caller.pages("/accounts", "accounts", AccountBalance, limit=_PAGE, query=query)

    def statements(
        self,
        first: date,
        until: date,
        *,
        account: str | None = None,
        holder: str | None = None,
        consignment_id: str | None = None,
        party: str | None = None,
        currency: str | None = None,
    ) -> list[StatementTold]:
        """Read statements from a day up to a day, which isn't included."""
        query = {
            "first": first, "until": until, "account": account, "holder": holder,
            "consignment_id": consignment_id, "party": party, "currency": currency,
        }  # fmt: skip
        return self.caller.call("GET", "/accounts/statement", _Statements, query=query).statements

    def statements_csv(
        self,
        first: date,
        until: date,
        *,
        account: str | None = None,
        holder: str | None = None,
        consignment_id: str | None = None,
        party: str | None = None,
        currency: str | None = None,
    ) -> str:
        """Read the same as CSV."""
        query = {
            "first": first, "until": until, "account": account, "holder": holder,
            "consignment_id": consignment_id, "party": party, "currency": currency, "form": "csv",
        }  # fmt: skip
        return self.caller.call("GET", "/accounts/statement", bytes, query=query).decode()

    def trial_balance(self, *, party: str | None = None) -> Trial:
        """Read the trial balance, and whether all sums to zero."""
        return self.caller.call("GET", "/ledger/trial-balance", Trial, query={"party": party})

    def check(self) -> CheckTold:
        """Check the whole book."""
        return self.caller.call("GET", "/ledger/check", CheckTold)


__all__ = ["Books", "Returns"]
