"""A filing of any format, read part by part."""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import Cursor

from greenlane.clearance.vocabulary import Stage
from greenlane.desk.bodies import open_body
from greenlane.desk.caller import Caller
from greenlane.desk.desk import Desk
from greenlane.desk.foreign import Most, Originals, TooMany, parts_of
from greenlane.desk.reading import Read, read
from greenlane.desk.weight import holds_more
from greenlane.messages.families import HEAD, formats, sniffed
from greenlane.messages.files import Bounds, TooMuch, open_source, read_part
from greenlane.store import messages
from greenlane.store.filings import Received

MOST_ITEMS = 100_000
"""Items in one filing."""
MOST_TEXT = 512 * 1024 * 1024
"""Bytes of text in one filing once it is unpacked."""
PART_ITEMS = 5_000
"""Items decided and stored in one transaction."""


@dataclass(frozen=True, slots=True)
class Filing:
    """What comes in: the bytes as sent, where the goods are on their way, the foreign format that they are in.

    ``light`` says that its values were counted (`greenlane.desk.weight.holds_more`), few enough to be read at once.
    """

    body: bytes
    stage: Stage
    departs_at: datetime | None = None
    arrives_at: datetime | None = None
    form: str | None = None
    light: bool = False

    def received(self, number: UUID, caller: Caller, now: datetime) -> Received:
        """What is kept of it before it is decided."""
        return Received(
            number,
            caller.party,
            caller.actor,
            now,
            self.stage,
            self.departs_at,
            self.arrives_at,
            self.form,
        )


class Corrected:
    """Declarations that the corrections of a filing begin from, as they are read before the party's lock is held."""

    def __init__(self, desk: Desk, party: str) -> None:
        self._desk, self._party = desk, party
        self._read: dict[str, UUID | None] = {}

    def __call__(self, name: str) -> bytes | None:
        """Return a declaration that was filed under an id, and note which message it came in."""
        with self._desk.database.cursor() as cursor:
            held = messages.original(cursor, self._party, name)
        self._read[name] = None if held is None else held[0]
        return None if held is None else open_body(held[1], held[0], self._desk.masters_to_open(held[1]))

    def stand(self, cursor: Cursor[Any]) -> bool:
        """Say whether none of those read since the last question was corrected meanwhile.

        The caller holds the party's lock.
        """
        noted, self._read = self._read, {}
        for name, number in noted.items():
            held = messages.original(cursor, self._party, name)
            if (None if held is None else held[0]) != number:
                return False
        return True


def parts_of_filing(
    body: bytes, form: str | None, desk: Desk, originals: Originals, received: date, *, light: bool = False
) -> Iterator[Read]:
    """Read a filing of any format in parts, one after the other; light JSON at once.

    Args:
        light: It is known to be light; otherwise that is found out.
    Raises:
        TooMany: It holds more than a filing may; told before the first part.
    """
    foreign = sniffed(body[:HEAD]) if form is None else formats()[form]
    if foreign is not None:
        for part_of in parts_of(body, foreign, received, Most(MOST_ITEMS, PART_ITEMS), originals):
            yield read(part_of.batch, desk.context, part_of.sent)
        return
    if body[:64].lstrip()[:1] in (b"{", b"[") and (light or not holds_more(body)):
        yield read(body, desk.context)
        return
    with tempfile.TemporaryDirectory(prefix="greenlane-", dir=desk.spool) as folder:
        path = Path(folder) / "filing"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(body)
        try:
            source = open_source(path, Path(folder) / "work", Bounds(MOST_ITEMS, MOST_TEXT))
        except TooMuch as error:
            raise TooMany(str(error)) from None
        if len(source.findings):
            yield read(_about_whole(source.findings), desk.context)
        for part in source.parts(PART_ITEMS):
            yield read(read_part(part), desk.context)


def _about_whole(findings: Any) -> Any:
    from greenlane.model import empty_batch

    return replace(empty_batch(), findings=findings)


__all__ = ["MOST_ITEMS", "Corrected", "Filing", "TooMany", "parts_of_filing"]
