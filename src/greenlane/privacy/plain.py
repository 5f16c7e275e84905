"""Plain personal data in memory: it never shows itself, and nothing writes it out by accident."""

from collections.abc import Mapping
from typing import NoReturn

Value = str | int | bool


class Personal:
    """Personal elements of one role of one consignment, by column.

    Not a dataclass on purpose: JSON encoders and ``asdict`` write dataclasses out. ``reveal`` is the only
    way to the values.

    Example:
        >>> told = Personal("consignee", {"consignee.name": "A. Example"})
        >>> told, f"{told}"
        (Personal(consignee, 1 element), 'Personal(consignee, 1 element)')
        >>> told.reveal()["consignee.name"]
        'A. Example'
    """

    __slots__ = ("_values", "role")

    def __init__(self, role: str, values: Mapping[str, Value]) -> None:
        self.role = role
        self._values = values

    def reveal(self) -> Mapping[str, Value]:
        """Return the plain values."""
        return self._values

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Personal) and (self.role, self._values) == (other.role, other._values)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Personal({self.role}, {len(self)} element{'' if len(self) == 1 else 's'})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("personal data is sealed, not pickled")
