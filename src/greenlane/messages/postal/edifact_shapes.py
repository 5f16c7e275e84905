"""Items in EDIFACT by their shape: their separators, which places are empty, and what tells the kind of each segment.

An item is cut into its components at once. A shape that was read segment by segment and found sound is kept, so that
the next item of that shape costs three look-ups.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from greenlane.messages.postal.fields import BY_NAME, ROWS, UNITS
from greenlane.messages.postal.fields import Spot as At
from greenlane.messages.postal.records import Record
from greenlane.messages.postal.segments import Segment
from greenlane.messages.postal.shapes import Shape, Spot
from greenlane.messages.postal.takings import Pick, pick
from greenlane.messages.postal.turning import NUMBERS, is_text

_LONGEST: Final = 16 << 10
_MOST: Final = 512
_TAG: Final = re.compile(r"[A-Z]{3}")
_OTHERS: Final = bytes(set(range(256)) - set(b"+:'"))
_RELEASED: Final = ((b"??", b"\x01"), (b"?+", b"\x02"), (b"?:", b"\x03"), (b"?'", b"\x04"))
_SHOWN: Final = {1: "?", 2: "+", 3: ":", 4: "'"}
_FIXED: Final[dict[str, set[At]]] = {}
"""By tag the places whose text tells what the segment or its unit is."""
for _row in ROWS:
    _own = _FIXED.setdefault(_row.segment, set())
    _own |= {at for at, _ in (*_row.match, *_row.also)}
    _own |= {UNITS[_row.segment]} if _row.segment in UNITS else set()


@dataclass(frozen=True, slots=True)
class Block:
    """An item cut into components: all of them in order, its separators, which are empty; whether signs were released."""

    components: Sequence[str] = field(repr=False)
    separators: bytes
    filled: bytes
    released: bool


@dataclass(frozen=True, slots=True)
class Known:
    """A shape, and where its texts stand among the components; ``commas`` and ``days`` are turned as EDIFACT has them."""

    shape: Shape
    texts: Pick
    commas: tuple[int, ...]
    days: tuple[int, ...]

    def of(self, block: Block) -> Sequence[str]:
        """Return the texts of an item in the order of the shape."""
        texts = self.texts(block.components)
        if self.days or self.commas or block.released:
            found = list(texts)
            if block.released:
                found = [text if text.isprintable() else text.translate(_SHOWN) for text in found]
            for place in self.commas:
                found[place] = found[place].replace(",", ".", 1)
            for place in self.days:
                text = found[place]
                if len(text) == 8 and text.isdecimal():
                    found[place] = f"{text[:4]}-{text[4:6]}-{text[6:]}"
            return found
        return texts


@dataclass(slots=True)
class _Frame:
    """All shapes of the same separators and empty places: first by their tags, then by what else tells the kind."""

    tags: Pick
    kinds: dict[tuple[str, ...], tuple[Pick, dict[tuple[str, ...], Known]]] = field(default_factory=dict)


_FRAMES: dict[tuple[bytes, bytes], _Frame] = {}


def cut(raw: bytes, encoding: str) -> Block | None:
    """Cut an item, from CNI to its last terminator; null where it has to be read sign by sign."""
    if len(raw) > _LONGEST:
        return None
    if b"\n" in raw:
        raw = raw.replace(b"'\r\n", b"'").replace(b"'\n", b"'")
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return None
    if not is_text(text):
        return None
    released = b"?" in raw
    if released:
        for pair, sign in _RELEASED:
            raw = raw.replace(pair, sign)
        if b"?" in raw:
            return None
        text = raw.decode(encoding)
    components = text.replace(":", "+").replace("'", "+").split("+")
    return Block(components, raw.translate(None, _OTHERS), bytes(map(bool, components)), released)


def known(block: Block) -> Known | None:
    """Return the shape of an item, null where it has to be read."""
    frame = _FRAMES.get((block.separators, block.filled))
    if frame is None:
        return None
    kind = frame.kinds.get(frame.tags(block.components))
    if kind is None:
        return None
    marks, found = kind
    return found.get(marks(block.components))


def remember(block: Block, read: Callable[[Sequence[Segment]], Record | None]) -> None:
    """Keep the shape of a sound item: it is read once more, with the place of each text instead of the text."""
    tags: list[int] = []
    fixed: list[int] = []
    segments: list[Segment] = []
    place = 0
    for number, separators in enumerate(block.separators.split(b"'")[:-1], 1):
        tag = block.components[place]
        if _TAG.fullmatch(tag) is None or separators.startswith(b":"):
            return
        tags.append(place)
        elements: list[list[str]] = []
        for sign in separators.decode():
            place += 1
            if sign == "+":
                elements.append([])
            at = (len(elements), len(elements[-1]) + 1)
            text = block.components[place]
            if at in _FIXED.get(tag, ()):
                fixed.append(place)
                text = text.translate(_SHOWN)
            elif text:
                text = str(place)
            elements[-1].append(text)
        segments.append(Segment(number, tag, tuple(map(tuple, elements))))
        place += 1
    record = read(segments)
    if record is None or not all(record.pieces):
        return
    leaves = [(int(leaf.text), piece, BY_NAME[name], leaf) for piece, name, leaf in record.leaves()]
    spots = [
        Spot(piece, row, leaf.unit, leaf.path.removeprefix(record.path)) for _, piece, row, leaf in leaves
    ]
    _keep(
        block,
        tags,
        fixed,
        Known(
            Shape(spots),
            pick([place for place, *_ in leaves]),
            tuple(place for place, spot in enumerate(spots) if spot.row.how in NUMBERS),
            tuple(place for place, spot in enumerate(spots) if spot.row.how == "day"),
        ),
    )


def _keep(block: Block, tags: Sequence[int], fixed: Sequence[int], made: Known) -> None:
    if count() >= _MOST:
        forget()
    frame = _FRAMES.setdefault((block.separators, block.filled), _Frame(pick(tags)))
    _, found = frame.kinds.setdefault(frame.tags(block.components), (pick(fixed), {}))
    found[pick(fixed)(block.components)] = made


def count() -> int:
    """Return how many shapes are kept."""
    return sum(len(found) for frame in _FRAMES.values() for _, found in frame.kinds.values())


def forget() -> None:
    """Keep no shape any more."""
    _FRAMES.clear()
