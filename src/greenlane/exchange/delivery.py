"""Deliveries, as the store keeps them and the dispatcher asks for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from greenlane.exchange.keys import SharedSecret
from greenlane.exchange.notice import Notice


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

    ``attempt`` counts from 1 since the delivery was made or last replayed, this attempt included; ``first_attempt_at``
    is when that count began.
    """

    id: str
    endpoint_id: str
    notice: Notice
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


class DeliveryStore(Protocol):
    """What the dispatcher needs of the store. Each method is one transaction.

    A delivery is *pending* (with ``due_at``), *delivered* or *given up*. It is made pending, due at once, in the
    transaction that appends the event, one for each enabled endpoint of the party. The *head* of an endpoint and a
    consignment is the pending delivery with the lowest cursor; heads alone are ever claimed, so a notice that waits
    for another attempt holds back the later ones of its consignment and of no other.
    """

    async def waiting(self, now: datetime) -> Sequence[Endpoint]:
        """Return the enabled endpoints that have a head due at *now* and not claimed, longest waiting first."""

    async def claim(self, endpoint_id: str, now: datetime, until: datetime, limit: int) -> Sequence[Delivery]:
        """Take up to *limit* due heads of an enabled endpoint, earliest due first, for this process alone until *until*.

        Adds one to ``attempt`` of each, and sets ``first_attempt_at`` to *now* where it is the first. What another
        process has claimed is passed over without waiting (SKIP LOCKED). A claim that ran out (the process died)
        counts as none: the notice is sent again. While any delivery of a consignment is claimed, none of the same
        endpoint and consignment is a head.
        """

    async def record(self, results: Sequence[Result]) -> None:
        """Write results down and end their claims.

        A delivered notice stays delivered, however late its result comes. A failure is written only where ``attempt``
        is still the delivery's own: after a claim ran out, or a replay, an older failure changes nothing. Sets the
        endpoint's ``succeeded_at`` where something was delivered.
        """

    async def disable(self, endpoint_id: str, at: datetime, reason: Disabled) -> None:
        """Stop an endpoint. Its deliveries stay as they are, pending ones too, and go on when it is enabled again."""

    async def replay(self, endpoint_id: str, first: int, last: int, at: datetime) -> int:
        """Make every delivery of the endpoint with *first* <= cursor <= *last* pending again and count them.

        Whatever its state: due at *at*, attempt 0. A claim in flight is left to end, and its failure is passed over. What the party's feed
        holds in that range and was never to be delivered there (the endpoint is newer) becomes a delivery as well.
        """

    async def failures(self, party: str, after: int, limit: int) -> Sequence[FailedDelivery]:
        """Return deliveries of the party with cursor > *after* whose last attempt failed, by cursor, then endpoint."""
