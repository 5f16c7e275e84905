"""Deliveries, as the store keeps them and the dispatcher asks for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from greenlane.exchange.keys import SharedSecret
from greenlane.exchange.notice import Notice
from greenlane.values.errors import GreenlaneError


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A receiver that a party has registered and that is not disabled.

    ``secret`` is there only where the receiver asked for HMAC beside Ed25519. ``succeeded_at`` is when it last took a
    notice, ``None`` where it never did.
    """

    id: str
    party: str
    url: str
    secret: SharedSecret | None = None
    succeeded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notice on its way to one endpoint, claimed for one attempt.

    ``claim`` is the number of this claim among all of the delivery, by which its result is known.
    ``attempt`` counts from 1 since the delivery was made or last replayed, this attempt included; ``first_attempt_at``
    is when that count began.
    """

    id: str
    endpoint_id: str
    notice: Notice
    claim: int
    attempt: int
    first_attempt_at: datetime


class Failure(StrEnum):
    """Why an attempt failed, as the failure list tells it."""

    ADDRESS_REFUSED = "address_refused"
    CONNECTION = "connection"
    TIMEOUT = "timeout"
    REDIRECT = "redirect"
    STATUS = "status"
    GONE = "gone"
    UNSENDABLE = "unsendable"
    INTERNAL = "internal"


OURS = frozenset({Failure.UNSENDABLE, Failure.INTERNAL})
"""Failures that say nothing about the receiver."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt. ``failure`` is ``None`` where the receiver took the notice."""

    failure: Failure | None
    status: int | None
    elapsed_ms: int
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What the store writes down after an attempt.

    Delivered where ``answer.failure`` is ``None``; else tried again at ``next_at``, or given up where that is ``None``.
    """

    delivery: Delivery
    at: datetime
    answer: Answer
    next_at: datetime | None


class Disabled(StrEnum):
    """Why an endpoint gets nothing more until its party enables it again."""

    GONE = "gone"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """One line of a party's failure list: a delivery whose last attempt failed, waiting or given up."""

    id: str
    endpoint_id: str
    notice_id: str
    consignment_id: str
    cursor: int
    attempt: int
    at: datetime
    failure: Failure
    status: int | None
    next_at: datetime | None


class StoreUnavailable(GreenlaneError):
    """The store cannot be reached now; what was asked may or may not have been done, and is asked again."""


class DeliveryStore(Protocol):
    """What the dispatcher needs of the store. Each method is one transaction, or raises `StoreUnavailable`.

    A delivery is *pending* (with ``due_at``), *delivered* or *given up*. It is made pending, due at once, in the
    transaction that appends the event, one for each endpoint of the party, disabled ones too. The *head* of an
    endpoint and a consignment is its pending delivery with the lowest cursor. Heads alone are ever claimed, and none
    while a delivery of the same endpoint and consignment is claimed: a notice that waits for another attempt holds
    back the later ones of its consignment, and of no other.
    """

    async def waiting(self, now: datetime) -> Sequence[Endpoint]:
        """Return the enabled endpoints with a head due at *now* that can be claimed, longest due first."""

    async def claim(self, room: Mapping[str, int], now: datetime, until: datetime) -> Sequence[Delivery]:
        """Take due heads for this process alone until *until*: for each endpoint id up to its number, earliest due first.

        Adds one to ``claim`` and ``attempt`` of each, and sets ``first_attempt_at`` to *now* where that makes 1. What
        another process has claimed is passed over without waiting (SKIP LOCKED), and so are disabled endpoints. A claim
        that ran out (its process died) counts as none: the notice is sent again.
        """

    async def record(self, results: Sequence[Result]) -> None:
        """Write results down and end their claims.

        A result counts only where the delivery is still at its ``claim`` number: late is fine, but once the claim ran
        out and was taken anew, the new one's result decides. Where a replay was asked for meanwhile, the delivery
        becomes pending, whatever the result. Sets the endpoint's ``succeeded_at`` where something was delivered.
        """

    async def disable(self, endpoint_id: str, at: datetime, reason: Disabled) -> None:
        """Stop an endpoint. Its deliveries stay as they are, pending ones too, and go on when it is enabled again."""

    async def replay(self, endpoint_id: str, first: int, last: int, at: datetime) -> int:
        """Send again each notice of the endpoint's party with *first* <= cursor <= *last*; return how many.

        Each becomes pending, due at *at*, attempt 0, whatever it was; one that came before the endpoint was registered
        becomes a delivery. One that is claimed just now ends that attempt first, so that order holds.
        """

    async def failures(self, party: str, after: int, limit: int) -> Sequence[FailedDelivery]:
        """Return the party's deliveries with cursor > *after* whose last attempt failed, by cursor, then endpoint.

        Waiting ones and given up ones; not those delivered since, nor those replayed and not tried yet.
        """
