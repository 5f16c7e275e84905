"""A document of a message as its elements: what reading gives beside consignments, and what replies are."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from greenlane.messages.ceb.elements import KINDS, Kind


@dataclass(frozen=True, slots=True)
class Document:
    """One order, payment, waybill, inventory, return or warehouse-in, or one reply to one.

    ``head`` and ``items`` hold the text of each element by name, stripped; they may be personal and are not
    shown. ``path`` is that of the business element.
    """

    kind: str
    path: str
    head: Mapping[str, str] = field(repr=False)
    items: tuple[Mapping[str, str], ...] = field(default=(), repr=False)

    @property
    def of(self) -> Kind:
        """Its kind with the table of its elements."""
        return KINDS[self.kind]

    def get(self, name: str) -> str:
        """Return the text of an element of the head, empty for none."""
        return self.head.get(name, "")

    def place(self, name: str, item: int | None = None) -> str:
        """Return the path of an element of the head, or of line *item* counted from 1.

        Example:
            >>> Document("621", "/CEB621Message/Inventory", {}).place("qty", 2)
            '/CEB621Message/Inventory/InventoryList[2]/qty'
        """
        if item is not None:
            return f"{self.path}/{self.of.item_name}{f'[{item}]' if item > 1 else ''}/{name}"
        group = f"/{self.of.head_name}" if self.of.head_name else ""
        return f"{self.path}{group}/{name}"
