"""Part a consignment into what everybody may see and what goes into the vault.

Which elements are personal says the data-element table, nothing else.
"""

from collections.abc import Mapping

from greenlane.model import CONSIGNMENT_ELEMENTS, ITEM_ELEMENTS, consignment_schema
from greenlane.model.handling import HANDLING, DataClass, RetentionClass
from greenlane.privacy.plain import Personal, Value
from greenlane.values.errors import UsageError

PERSONAL: dict[str, str] = {e.name: e.name.partition(".")[0] for e in CONSIGNMENT_ELEMENTS if e.personal}
"""Each personal element with the role of its person."""

NOTE = "note"
"""The role of a note: free text about a consignment, which may name anybody."""

CLASSES: dict[str, DataClass] = {name: HANDLING[name].data_class for name in PERSONAL} | {
    f"{NOTE}.{name}": DataClass.NOTE for name in ("text", "at", "actor")
}
"""Each element that is sealed, with its class."""

ROLES = (*dict.fromkeys(PERSONAL.values()), NOTE)
"""Roles in which a person stands in a consignment, and that of its notes."""

SEALED: dict[tuple[str, RetentionClass], tuple[str, ...]] = {
    (role, kept): names
    for role in ROLES
    for kept in RetentionClass
    if (names := tuple(n for n, own in PERSONAL.items() if own == role and HANDLING[n].retention is kept))
} | {(NOTE, RetentionClass.PERSON): tuple(name for name, own in CLASSES.items() if own is DataClass.NOTE)}
"""What is sealed together: the elements of one role that one clock erases."""

_PUBLIC = frozenset(consignment_schema()) - PERSONAL.keys()

if any(e.personal for e in ITEM_ELEMENTS):
    raise AssertionError("an element of goods items is personal; the vault seals consignments only")


def split(row: Mapping[str, object]) -> tuple[dict[str, object], tuple[Personal, ...]]:
    """Part one row of `greenlane.model.Batch.consignments`.

    Args:
        row: Values by column name (``consignee.name``).
    Returns:
        The public elements, and for each role of a person who is told anything of its personal ones.
    Raises:
        UsageError: A column that the table does not know: it might be personal.

    Example:
        >>> split({"consignment_id": "C1", "consignee.name": "A. Example"})
        ({'consignment_id': 'C1'}, (Personal(consignee, 1 element),))
    """
    if strange := sum(1 for name in row if name not in _PUBLIC and name not in PERSONAL):
        raise UsageError(f"{strange} columns of the row are not in the data-element table")
    public = {name: value for name, value in row.items() if name in _PUBLIC}
    return public, persons_in(row)


def persons_in(row: Mapping[str, object]) -> tuple[Personal, ...]:
    """Return for each role of a person in a row what is told of its personal elements."""
    found = []
    get = row.get
    for role, names in _NAMES.items():
        told: dict[str, Value] = {}
        for name in names:
            value = get(name)
            if value is None:
                continue
            if not isinstance(value, (str, int)):
                raise UsageError(f"{name} is neither text nor a whole number")
            told[name] = value
        if told:
            found.append(Personal(role, told))
    return tuple(found)


_NAMES = {role: tuple(name for name, own in PERSONAL.items() if own == role) for role in PERSONAL.values()}
