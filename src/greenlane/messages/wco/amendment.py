"""Amendments: a declaration of type COR names what it changes by pointers, and holds the new values."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from greenlane.messages.foreign import ForeignFinding, Message, Place
from greenlane.messages.wco import findings as codes
from greenlane.messages.wco.declaration import message_of
from greenlane.messages.wco.elements import DECLARATION
from greenlane.messages.wco.leaves import Leaves, element_of
from greenlane.messages.wco.mapping import ITEM, ROOT
from greenlane.messages.wco.writing import leaves_of, number_in, wrapped

_ITEMS = f"{ROOT}/{ITEM}"


def amended(original: Message, correction: Message) -> Message:
    """Return *original* with everything changed that *correction* points at.

    A pointer that names a tag sets that element, or takes it away where the correction has none; one that ends at a
    section replaces the section. Goods items are those of the numbers that the pointers tell. What no pointer names
    stays. The message's findings are those of the result; a pointer that leads nowhere is an error among them.
    """
    kept, new = leaves_of(original), leaves_of(correction)
    numbers = _numbers(kept)
    sent = _numbers(new)
    faults: list[ForeignFinding] = []
    for at, pointers in _pointers(new):
        found = _path(pointers)
        if found is None:
            faults.append(
                ForeignFinding(
                    codes.AMENDMENT, Place(at, DECLARATION.wco(at)), "expected sections of the declaration", 0
                )
            )
            continue
        path, item = found
        into = path if item is None else _item(path, numbers.get(item, len(numbers) + 1))
        source = path if item is None else _item(path, sent.get(item, 0))
        if item is not None and item not in numbers and item in sent:
            numbers[item] = len(numbers) + 1
            kept[f"{_item(_ITEMS, numbers[item])}/SequenceNumeric"] = (item, ())
        for one in [one for one in kept if _below(one, into)]:
            del kept[one]
        kept |= {into + one[len(source) :]: held for one, held in new.items() if _below(one, source)}
    leaves = ((path, *held) for path, held in kept.items())
    whole = wrapped(element_of(leaves, DECLARATION), original.carried)
    day = original.consignments[0].get("declaration_date") if original.consignments else None
    made = message_of(whole, day)
    return replace(made, findings=(*made.findings, *faults))


def _below(path: str, group: str) -> bool:
    return path == group or path.startswith(f"{group}/")


def _numbers(leaves: Leaves) -> dict[str, int]:
    """Return which place the item of a sequence number has."""
    return {
        held[0].strip().lstrip("0"): number_in(path, _ITEMS)
        for path, held in leaves.items()
        if path.startswith(_ITEMS)
        and path.count("/") == _ITEMS.count("/") + 1
        and path.endswith("/SequenceNumeric")
    }


def _item(path: str, place: int) -> str:
    return path if place == 1 else path.replace(_ITEMS, f"{_ITEMS}[{place}]", 1)


def _pointers(leaves: Leaves) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Give each amendment with its chain of pointers, in order."""
    chains: dict[str, dict[int, dict[str, str]]] = {}
    for path, (text, _) in leaves.items():
        top, _, rest = path.removeprefix(f"{ROOT}/").partition("/")
        if not top.startswith("Amendment"):
            continue
        chain = chains.setdefault(f"{ROOT}/{top}", {})
        step, _, name = rest.partition("/")
        if step.startswith("Pointer"):
            chain.setdefault(number_in(f"/{step}", "/Pointer"), {})[name] = text.strip()
    for at, chain in chains.items():
        yield at, [chain[number] for number in sorted(chain)]


def _path(pointers: Sequence[dict[str, str]]) -> tuple[str, str | None] | None:
    """Return the path that pointers lead to, with the sequence number of its goods item; None for nowhere."""
    parent, path, item = "", "", None
    for pointer in pointers:
        for kind in ("DocumentSectionCode", "TagID"):
            code = pointer.get(kind)
            if not code:
                continue
            name = DECLARATION.by_wco.get((parent, code))
            if name is None:
                return None
            number = pointer.get("SequenceNumeric", "1").lstrip("0") if kind == "DocumentSectionCode" else "1"
            if not number.isdecimal():
                return None
            path = f"{path}/{name}"
            if path == _ITEMS:
                item = number
            elif number != "1":
                path = f"{path}[{number}]"
            parent = name
    return (path, item) if path.count("/") > 1 else None
