"""What every layout is read into and written from: the fields of one postal item by name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from greenlane.messages.foreign import Carried, Consignment, ForeignFinding

if TYPE_CHECKING:
    from greenlane.messages.postal.shapes import Drawn


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value. ``path`` is where it stood; ``unit`` a unit that came with it (KGM, GRM, C62), else empty."""

    text: str = field(repr=False)
    path: str = ""
    unit: str = ""


@dataclass(slots=True)
class Record:
    """One postal item: its fields by name, those of each content piece, and what the layout doesn't know.

    ``strange`` holds path and raw text in the sender's format.
    """

    path: str = ""
    fields: dict[str, Leaf] = field(default_factory=dict)
    pieces: list[dict[str, Leaf]] = field(default_factory=list)
    strange: list[tuple[str, str]] = field(default_factory=list, repr=False)

    def leaves(self) -> Iterator[tuple[int | None, str, Leaf]]:
        """Give every value with its piece (from 0, None for the item) and name."""
        for name, leaf in self.fields.items():
            yield None, name, leaf
        for number, piece in enumerate(self.pieces):
            for name, leaf in piece.items():
                yield number, name, leaf


@dataclass(frozen=True, slots=True)
class Reading:
    """One postal item as read."""

    consignment: Consignment
    carried: Sequence[Carried]
    findings: tuple[ForeignFinding, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """What stands once a message. ``prepared`` is written as YYYY-MM-DDTHH:MM, empty where it isn't told."""

    sender: str = ""
    recipient: str = ""
    reference: str = ""
    function: str = ""
    prepared: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What a layout gives for one postal item, or with ``record`` None for the end of a message."""

    kind: str
    version: str
    head: Head
    record: "Record | Drawn | None"
    findings: tuple[ForeignFinding, ...] = ()
