"""A document in sections that are sound: its texts, its consignment, what it carries and what is to be told of it."""

from collections.abc import Sequence
from typing import Any

from greenlane.messages.carrying import Span, Spans
from greenlane.messages.ceb.documents import Document
from greenlane.messages.ceb.elements import Field
from greenlane.messages.ceb.inventory import assumed, channel_of, unknown
from greenlane.messages.ceb.shape import PartShape, Sound, turned
from greenlane.messages.foreign import Consignment, ForeignFinding
from greenlane.messages.shapes import Section

Held = Sequence[str | None]


def document_of(sound: Sound, path: str) -> Document:
    """Return the texts of a document that stands at *path*."""
    head, *items = (dict(zip(one.shape.names, one.texts, strict=True)) for one in (sound.head, *sound.items))
    return Document(sound.kind.number, path, head, tuple(items))


def carried_of(sound: Sound, document: Document, held: Sequence[Held]) -> Spans:
    """Return what is carried of it; *held* has for each section which fields hold its texts."""
    spans = []
    for number, (section, names) in enumerate(zip((sound.head, *sound.items), held, strict=True)):
        start = document.path
        if number:
            start = (
                f"{start}/{sound.kind.item_name}"
                if number == 1
                else f"{start}/{sound.kind.item_name}[{number}]"
            )
        shape = section.shape
        spans.append(Span(start, shape.paths, section.raw, shape.attributes, names, 0, len(names)))
    return Spans(spans)


def consignment_of(
    sound: Sound, document: Document, number: int
) -> tuple[Consignment, list[Held], list[ForeignFinding]]:
    """Return the consignment that an inventory declares, what of its sections it holds, and what is to be told."""
    made: Consignment = {}
    found = list(assumed(document, number))
    lost: list[Field] = []
    held = [_fill(made, sound.head, lost)]
    found += [unknown(document.place(one.name), one, number) for one in lost]
    if "consignment_id" not in made and document.get("orderNo"):
        made["consignment_id"] = document.get("orderNo")
    made["channel"] = channel_of(made)
    made["transaction"] = "b2c"
    made["destination_country"] = "CN"
    consignee = made.setdefault("consignee", {})
    consignee["country"], consignee["person"] = "CN", True
    items = made["items"] = []
    for line, section in enumerate(sound.items, 1):
        item: dict[str, Any] = {}
        lost = []
        held.append(_fill(item, section, lost))
        found += [unknown(document.place(one.name, line), one, number) for one in lost]
        items.append(item)
    if len(items) == 1:
        head = sound.head
        for place, _, name, known in head.shape.masses:
            value, back = turned("mass", head.texts[place])
            if value is not None:
                items[0][name] = value
            if back and head.raw[place] == head.texts[place]:
                held[0] = [*held[0][:place], known.field, *held[0][place + 1 :]]
    return made, held, found


def _fill(into: dict[str, Any], section: Section[PartShape], lost: list[Field]) -> Held:
    """Take the fields of a section, and note what has no counterpart; return which fields hold its texts."""
    shape, raw, texts = section
    for group, names, pick in shape.groups:
        owner = into.setdefault(group, {}) if group else into
        owner.update(zip(names, pick(texts), strict=True))
    altered = []
    for place, group, name, known in shape.turns:
        value, back = turned(known.how, texts[place])
        if value is None:
            lost.append(known)
        else:
            (into.setdefault(group, {}) if group else into)[name] = value
        if not back:
            altered.append(place)
    if not altered and raw == texts:
        return shape.held
    return [
        name if place not in altered and raw[place] == texts[place] else None
        for place, name in enumerate(shape.held)
    ]


__all__ = ["carried_of", "consignment_of", "document_of"]
