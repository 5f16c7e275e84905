"""A typed client of the clearance service.

    >>> from greenlane.client import Client
    >>> client = Client("https://clearance.example", key="gl_…")
    >>> client.url
    'https://clearance.example'

Each group of endpoints is an attribute. Every call that changes something has an idempotency key of its own, under
which it is made again after 429, 503 and lost connections, so that it is carried out once. Lists are read page by page.
"""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import httpx

from greenlane import __version__
from greenlane.client.administration import Administration, Sandbox, Wellness
from greenlane.client.calling import Caller, Retry, new_key
from greenlane.client.consignments import Consignments
from greenlane.client.errors import ClientError, ServiceProblem, StillWaiting, Unexpected, Unreachable
from greenlane.client.filings import Filings
from greenlane.client.notices import Notices, Receivers
from greenlane.service.shapes import Quoted

if TYPE_CHECKING:
    from greenlane.client.books import Books, Returns
    from greenlane.client.money import DeferredAccounts, Guarantees, Money
    from greenlane.client.persons import Audit, Persons

_ANSWER_S = 150.0
_CONNECT_S = 5.0


class Client:
    """Calls one service with one key.

    Args:
        url: Address of the service, without ``/api/v1``.
        key: API key or bearer token; None: only what anybody may ask.
        retry: How long calls are made again that the service couldn't answer.
        http: An httpx client to use, for certificates or proxies of one's own; None: one is made.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        retry: Retry | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        self.url = url
        self._http = http or httpx.Client(
            timeout=httpx.Timeout(_ANSWER_S, connect=_CONNECT_S),
            headers={"User-Agent": f"greenlane/{__version__}"},
        )
        self._caller = Caller(self._http, url, key, retry or Retry())
        self.filings = Filings(self._caller)
        self.consignments = Consignments(self._caller)
        self.administration = Administration(self._caller)
        self.notices = Notices(self._caller)
        self.receivers = Receivers(self._caller)
        self.sandbox = Sandbox(self._caller)
        self.wellness = Wellness(self._caller)

    # These types come with the law's engine, which takes a second to import; only those who use them wait.

    @property
    def money(self) -> "Money":
        """Payments, payouts, cover."""
        from greenlane.client.money import Money

        return Money(self._caller)

    @property
    def guarantees(self) -> "Guarantees":
        """Guarantees of parties."""
        from greenlane.client.money import Guarantees

        return Guarantees(self._caller)

    @property
    def deferred_accounts(self) -> "DeferredAccounts":
        """Deferred payment accounts of parties."""
        from greenlane.client.money import DeferredAccounts

        return DeferredAccounts(self._caller)

    @property
    def persons(self) -> "Persons":
        """People's data."""
        from greenlane.client.persons import Persons

        return Persons(self._caller)

    @property
    def audit(self) -> "Audit":
        """The audit log."""
        from greenlane.client.persons import Audit

        return Audit(self._caller)

    @property
    def returns(self) -> "Returns":
        """Period returns."""
        from greenlane.client.books import Returns

        return Returns(self._caller)

    @property
    def books(self) -> "Books":
        """Balances, statements, the check of the book."""
        from greenlane.client.books import Books

        return Books(self._caller)

    def quote(
        self,
        consignments: bytes | Mapping[str, Any] | Sequence[Mapping[str, Any]],
        *,
        to: str | None = None,
        currency: str | None = None,
        total: str | None = None,
    ) -> list[Quoted]:
        """Say what consignments cost landed, at one or many destinations; a service that is out is asked again."""
        return self._caller.call(
            "POST",
            "/quotes",
            list[Quoted],
            query={"to": to, "currency": currency, "total": total},
            body=consignments,
            once=new_key(),
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> "Client":
        """Use the client in a block, and close it behind."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()


__all__ = [
    "Client",
    "ClientError",
    "Retry",
    "ServiceProblem",
    "StillWaiting",
    "Unexpected",
    "Unreachable",
]
