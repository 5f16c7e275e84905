"""People's data: reading it for a purpose, extracts, erasure, notes, the audit log."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import msgspec

from greenlane.client.calling import Caller, new_key
from greenlane.desk.told import Erasure, Logged, Revealed
from greenlane.privacy.purposes import Purpose
from greenlane.service.persons import (
    EraseDue,
    ErasePerson,
    ExtractWanted,
    HoldWanted,
    NoteWanted,
    Order,
    Person,
    RevealWanted,
)
from greenlane.service.shapes import AnchorMade, Erased, HoldMade

_PAGE = 500


class _Note(msgspec.Struct, frozen=True):
    note: str


@dataclass(frozen=True, slots=True)
class Persons:
    """People's data. What is read in the clear isn't kept by the client either."""

    caller: Caller

    def reveal(
        self,
        consignment_id: str,
        purpose: Purpose,
        *,
        party: str | None = None,
        case: str | None = None,
        roles: Sequence[Literal["consignor", "consignee", "seller", "note"]] = (),
        elements: Sequence[str] = (),
    ) -> Revealed:
        """Read people's data of a consignment in the clear; each reading is in the audit log."""
        wanted = RevealWanted(
            consignment_id=consignment_id,
            purpose=purpose,
            party=party,
            case=case,
            roles=tuple(roles),
            elements=tuple(elements),
        )
        return self.caller.call("POST", "/persons/reveal", Revealed, body=wanted)

    def extract(self, person: Person, case: str) -> dict[str, Any]:
        """Tell a person, who has proved who they are, everything that is held about them."""
        wanted = ExtractWanted(person=person, case=case)
        return self.caller.call("POST", "/persons/extract", dict[str, Any], body=wanted)

    def erase(self, person: Person, override: Order | None = None) -> Erased:
        """Erase one person; each erasure comes with its proof."""
        wanted = ErasePerson(person=person, override=override)
        return self.caller.call("POST", "/persons/erase", Erased, body=wanted)

    def erase_due(self) -> Erased:
        """Erase what is due by its clock, now."""
        return self.caller.call("POST", "/persons/erase", Erased, body=EraseDue())

    def erasures(self) -> Iterator[Erasure]:
        """Yield erasures in the order of the audit log."""
        return self.caller.pages("/persons/erasures", "erasures", Erasure, limit=_PAGE)

    def keep(self, consignment_id: str, case: str, *, party: str | None = None) -> HoldMade:
        """Keep the people's data of a consignment for a case, beyond its clock."""
        wanted = HoldWanted(consignment_id=consignment_id, case=case, party=party)
        return self.caller.call("POST", "/persons/holds", HoldMade, body=wanted)

    def let_go(self, hold: UUID) -> None:
        """End such a hold."""
        return self.caller.call("DELETE", "/persons/holds/{hold}", type(None), values={"hold": hold})

    def note(
        self, consignment_id: str, text: str, *, party: str | None = None, once: str | None = None
    ) -> str:
        """Put free text about a consignment into the vault; commands take its reference as their note."""
        return self.caller.call(
            "POST",
            "/consignments/{consignment_id}/notes",
            _Note,
            values={"consignment_id": consignment_id},
            query={"party": party},
            body=NoteWanted(text=text),
            once=once or new_key(),
        ).note


@dataclass(frozen=True, slots=True)
class Audit:
    """The audit log."""

    caller: Caller

    def entries(self) -> Iterator[Logged]:
        """Yield the log from its beginning: each entry as it is hashed, with its digest."""
        return self.caller.pages("/audit", "entries", Logged, limit=_PAGE)

    def anchor(self) -> AnchorMade:
        """Take the head of the chain, to be kept elsewhere."""
        return self.caller.call("POST", "/audit/anchor", AnchorMade)


__all__ = ["Audit", "Person", "Persons"]
