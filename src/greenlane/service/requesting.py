"""What handlers share: the idempotency key of a request, the caller, answers of the desk, cursors."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, PathParameter, QueryParameter, SkipValidation
from msgspec import Meta

from greenlane.desk.caller import Caller
from greenlane.desk.desk import Desk
from greenlane.desk.requests import Answered, Asked, asked
from greenlane.exchange.sender import Sender
from greenlane.service.batcher import Batcher
from greenlane.service.gatherer import Gatherer
from greenlane.service.problems import Problem
from greenlane.service.settings import Settings

TheDesk = NamedDependency[SkipValidation[Desk]]
TheCaller = NamedDependency[SkipValidation[Caller]]
TheSettings = NamedDependency[SkipValidation[Settings]]
TheSender = NamedDependency[SkipValidation[Sender]]
TheBatcher = NamedDependency[SkipValidation[Batcher]]
TheGatherer = NamedDependency[SkipValidation[Gatherer]]

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        description="The same key and request give the same answer; made by the caller, up to 100 characters.",
        max_length=100,
        min_length=1,
        pattern=r"^[\x21-\x7e]+$",
    ),
]
Limit = Annotated[int, QueryParameter(description="Most entries of a page.", ge=1, le=1000)]
Cursor = Annotated[
    str | None,
    QueryParameter(description="Where the next page begins, as the page before says.", max_length=200),
]
PartyOf = Annotated[
    str | None,
    QueryParameter(
        description="Whose consignment; needed where it isn't the caller's own.",
        max_length=40,
        pattern=r"^[a-z0-9][a-z0-9-]*$",
    ),
]
ConsignmentId = Annotated[
    str,
    PathParameter(
        description="Id of the consignment, as its party filed it; a slash in it is written %2F.",
        max_length=70,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/#-]*$",
    ),
]
Number = Annotated[int, Meta(ge=0, le=2**63 - 1)]
"""A number in a cursor."""
Moment = Annotated[datetime, Meta(tz=True)]
"""A moment in a cursor."""


def answers(kind: Any, *statuses: int) -> dict[int, ResponseSpec]:
    """Return what the document says of the answers of a handler that gives them as they were made."""
    words = {200: "As it stands.", 201: "Made.", 202: "Received."}
    return {
        status: ResponseSpec(kind, description=words[status], generate_examples=False) for status in statuses
    }


def request_of(request: Request[Any, Any, Any], caller: Caller, key: str | None, body: bytes) -> Asked | None:
    """Return the request with its idempotency key; None where it has none."""
    if key is None:
        return None
    query = request.url.query.encode()
    return asked(
        caller.party, f"{caller.actor}:{key}", request.method.encode(), request.url.path.encode(), query, body
    )


def reply(answer: Answered) -> Response[bytes]:
    """Return an answer of the desk as it was made."""
    return Response(answer.body, status_code=answer.status, media_type=answer.media_type)


def pack(*parts: Any) -> str:
    """Return an opaque cursor that stands for some values.

    Example:
        >>> unpack(pack(7, "a"), int, str)
        (7, 'a')
    """
    return base64.urlsafe_b64encode(msgspec.json.encode(parts)).decode().rstrip("=")


def unpack(cursor: str, *kinds: Any) -> tuple[Any, ...]:
    """Read an opaque cursor.

    Raises:
        Problem: It isn't one that this service made.
    """
    try:
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        found: tuple[Any, ...] = msgspec.json.decode(packed, type=tuple[kinds])  # type: ignore[valid-type]
    except (binascii.Error, msgspec.DecodeError, ValueError, RecursionError):
        raise Problem(400, "cursor", "this cursor isn't one of this service; begin without one") from None
    return found


def aware(moment: datetime | None, name: str) -> datetime | None:
    """Return a moment in UTC.

    Raises:
        Problem: It has no time zone.
    """
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise Problem(400, "bad-request", f"{name} needs its offset from UTC, as in 2026-07-02T12:00:00Z")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise Problem(400, "bad-request", f"{name} is no moment of this calendar") from None


__all__ = [
    "ConsignmentId",
    "Cursor",
    "IdempotencyKey",
    "Limit",
    "Moment",
    "Number",
    "PartyOf",
    "TheBatcher",
    "TheCaller",
    "TheDesk",
    "TheGatherer",
    "TheSender",
    "TheSettings",
    "answers",
    "aware",
    "pack",
    "reply",
    "request_of",
    "unpack",
]
