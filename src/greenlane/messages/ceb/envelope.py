"""A short message as text: what stands around its documents, by shapes that were read before, and each document."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from greenlane.messages.carrying import Span, Spans
from greenlane.messages.ceb.elements import KINDS, Kind
from greenlane.messages.ceb.shape import Sound, sound
from greenlane.messages.foreign import Carried
from greenlane.messages.shapes import ANY, Cut, Section, Shape, Shapes, parted, plain_cut

_ROOT = re.compile(r"<(?:[\w.-]+:)?CEB(\d{3})Message(?:\s[^<>]*)?>", re.ASCII)
_GUID = re.compile(r'(?<=\sguid=")[0-9A-Za-z-]{1,40}(?=")')
"""The number of a message, which stands in its root and would make every message a shape of its own."""


class OuterShape(Shape):
    """The shape of an envelope: the root as it is carried without its number, what its documents need to be known."""

    __slots__ = ("root", "spaces", "version")

    def __init__(self, root: Carried, carried: Sequence[Carried], spaces: str) -> None:
        attributes = [one.attributes for one in carried]
        paths = [one.path.removeprefix(root.path) for one in carried]
        super().__init__(
            paths, attributes, [ANY] * len(paths), (), sum(not one.text.strip() for one in carried)
        )
        self.root = root
        self.spaces = spaces
        self.version = dict(root.attributes).get("version", "")


_OUTER: Final[Shapes[OuterShape]] = Shapes()


@dataclass(frozen=True, slots=True)
class Known:
    """A short message whose envelope and documents are known; ``carried`` is that of the envelope."""

    kind: Kind
    version: str
    carried: Spans
    documents: list[Sound]


@dataclass(frozen=True, slots=True)
class Short:
    """A short message in parts; ``guid`` is the number that was taken out of its root."""

    kind: Kind
    guid: str
    prolog: str
    around: Cut
    documents: list[str]

    def known(self) -> Known | None:
        """Return the message if the shapes of its parts are known."""
        outer = _OUTER.known(self.around, self.prolog)
        if outer is None:
            return None
        shape = outer.shape
        documents = []
        for text in self.documents:
            found = sound(self.kind, text, shape.spaces)
            if found is None:
                return None
            documents.append(found)
        given = shape.root.attributes
        attributes = tuple([("guid", self.guid) if pair[0] == "guid" else pair for pair in given])
        top = Carried(shape.root.path, "", attributes)
        nothing = (None,) * len(outer.raw)
        span = Span(top.path, shape.paths, outer.raw, shape.attributes, nothing, 0, len(nothing))
        return Known(self.kind, shape.version, Spans([(top,), span]), documents)

    def learn(self, carried: Sequence[Carried], spaces: str) -> None:
        """Keep the shape of the envelope, of which *carried* is all: it was read element by element and is sound."""
        root, *others = carried
        if dict(root.attributes).get("guid") != self.guid:
            return
        raw = tuple(one.text for one in others)
        shape = OuterShape(root, others, spaces)
        _OUTER.learn(self.around, self.prolog, Section(shape, raw, tuple(text.strip() for text in raw)))


def short_message(text: str, prolog: str) -> Short | None:
    """Part the text of a short message, null for what is none or has other things in it than one kind of document."""
    root = _ROOT.match(text)
    kind = None if root is None else KINDS.get(root[1])
    if root is None or kind is None or not kind.head_name:
        return None
    guid = _GUID.search(root[0])
    if guid is None:
        return None
    found = parted(text[: guid.start()] + text[guid.end() :], kind.business)
    around = None if found is None else plain_cut(found.head)
    if found is None or around is None:
        return None
    documents = [f"<{found.name}>{inside}</{found.name}>" for inside in found.items]
    return Short(kind, guid[0], prolog, around, documents)


def forget() -> None:
    """Forget every shape."""
    _OUTER.clear()


__all__ = ["Known", "Short", "forget", "short_message"]
