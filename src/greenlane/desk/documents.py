"""Documents and images of a consignment: attached, listed, read; commands name them by their ids."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import msgspec
from cryptography.exceptions import InvalidTag
from psycopg import Cursor

from greenlane.clearance import PostedCommand
from greenlane.desk.audit import entry
from greenlane.desk.bodies import open_body, seal_body
from greenlane.desk.caller import Caller, Forbidden
from greenlane.desk.desk import Desk
from greenlane.desk.requests import Answered, Asked, answered, remember
from greenlane.desk.results import DocumentTold
from greenlane.desk.seeing import NotFound, find, viewer_of
from greenlane.privacy.audit import Told
from greenlane.privacy.errors import REFUSED
from greenlane.privacy.purposes import Purpose, permission
from greenlane.privacy.purposes import Role as Acting
from greenlane.store import documents as rows
from greenlane.values.errors import GreenlaneError

MOST = 200
"""Documents of one consignment."""

_BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "application/pdf": (b"%PDF-",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/tiff": (b"II*\x00", b"MM\x00*"),
}
MEDIA_TYPES = (*_BEGINNINGS, "text/plain")
"""Media types of documents: none that a browser would run."""


class NotThisMedia(GreenlaneError):
    """A document is of a media type that isn't taken, or its content is of another."""


class TooManyDocuments(GreenlaneError):
    """A consignment has as many documents as it may."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A document as it came in."""

    kind: str
    media_type: str
    body: bytes


def attach(
    desk: Desk, caller: Caller, party: str | None, consignment_id: str, sent: Sent, request: Asked | None
) -> Answered:
    """Attach a document to a consignment; the same content again gives the document that is there (200).

    Raises:
        NotFound: The caller sees no such consignment.
        NotThisMedia: Its media type isn't taken, or its content is of another.
        TooManyDocuments: The consignment has as many as it may.
    """
    _check(sent)
    owner, key = find(desk, caller, party, consignment_id)
    digest = hashlib.sha256(sent.body).hexdigest()
    with desk.database.writing(owner, request=request.mark if request else None) as cursor:
        if request is not None and (before := answered(cursor, request)) is not None:
            return before
        now = desk.clock.now()
        held = rows.same(cursor, key, digest, sent.kind)
        if held is None and rows.count(cursor, key) >= MOST:
            raise TooManyDocuments(f"a consignment takes up to {MOST} documents")
        made = held or rows.Attached(
            uuid4(), key, owner, sent.kind, sent.media_type, digest, len(sent.body), caller.actor, now
        )
        if held is None:
            rows.attach(cursor, made, seal_body(sent.body, made.id, desk.masters))
        answer = Answered(201 if held is None else 200, "application/json", msgspec.json.encode(_told(made)))
        if request is not None:
            remember(cursor, request, answer, now)
    return answer


def listed(desk: Desk, caller: Caller, party: str | None, consignment_id: str) -> list[DocumentTold]:
    """Return the documents of a consignment.

    Raises:
        NotFound: The caller sees no such consignment.
    """
    _, key = find(desk, caller, party, consignment_id)
    with desk.database.reading(viewer_of(caller)) as cursor:
        return [_told(one) for one in rows.of(cursor, key)]


def read(
    desk: Desk, caller: Caller, number: UUID, purpose: Purpose | None = None
) -> tuple[DocumentTold, bytes]:
    """Return a document with its content; who isn't of its party says what for, and stands in the audit log for it.

    A document may name persons, so a purpose is one for which the caller's role may read people's data.

    Raises:
        NotFound: The caller sees no such document.
        Forbidden: No purpose is stated, or none that the caller's roles have.
    """
    with desk.database.reading(viewer_of(caller)) as cursor:
        found = rows.one(cursor, number)
    if found is None:
        raise NotFound("there is no such document, or it isn't yours to see")
    document, sealed = found
    others = caller.staff or caller.party != document.party
    told: Told = {"document": str(number), "purpose": None if purpose is None else str(purpose)}
    if others and not _permitted(caller, purpose):
        with desk.database.writing() as cursor:
            entry(cursor, desk, caller.actor, REFUSED, told)
        raise Forbidden(
            "reading another party's document needs a purpose for which your role reads people's data"
        )
    try:
        body = open_body(sealed, number, desk.masters_to_open(sealed))
    except InvalidTag:
        raise NotFound("this document can't be opened any more") from None
    if others:
        with desk.database.writing() as cursor:
            entry(cursor, desk, caller.actor, "document_read", told)
    return _told(document), body


def _permitted(caller: Caller, purpose: Purpose | None) -> bool:
    held = {str(role) for role in caller.roles}
    return purpose is not None and any(permission(role, purpose) for role in Acting if str(role) in held)


def check_references(cursor: Cursor[Any], key: int, command: PostedCommand) -> None:
    """Go on only where each document that a command names by id is one of the consignment.

    Other references (a permit's number, a scan's) stand for what is kept elsewhere.

    Raises:
        NotFound: One isn't.
    """
    named = set(_ids(msgspec.to_builtins(command)))
    if named and rows.attached(cursor, key, named) != named:
        raise NotFound("a document that the command names isn't attached to this consignment")


def _ids(told: dict[str, Any]) -> Iterator[UUID]:
    for name in ("documents", "scan", "note", "proof", "permit"):
        value = told.get(name)
        for text in value if isinstance(value, list | tuple) else (value,):
            try:
                yield UUID(text)
            except (ValueError, TypeError, AttributeError):
                continue


def _check(sent: Sent) -> None:
    if sent.media_type not in MEDIA_TYPES:
        raise NotThisMedia(f"a document is of one of these media types: {', '.join(MEDIA_TYPES)}")
    if not sent.body:
        raise NotThisMedia("the document is empty")
    if sent.media_type == "text/plain":
        try:
            sent.body.decode()
        except UnicodeDecodeError:
            raise NotThisMedia("text is UTF-8") from None
    elif not sent.body.startswith(_BEGINNINGS[sent.media_type]):
        raise NotThisMedia(f"the content doesn't begin as {sent.media_type} does")


def _told(document: rows.Attached) -> DocumentTold:
    return DocumentTold(
        id=document.id,
        kind=document.kind,
        media_type=document.media_type,
        size=document.size,
        sha256=document.sha256,
        at=document.at,
    )


__all__ = [
    "MEDIA_TYPES",
    "NotThisMedia",
    "Sent",
    "TooManyDocuments",
    "attach",
    "check_references",
    "listed",
    "read",
]
