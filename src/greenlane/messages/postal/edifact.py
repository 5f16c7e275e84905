"""Postal messages in EDIFACT: segments to the fields of items and back, by the table."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, Final

from greenlane.messages.foreign import ForeignFinding, Place
from greenlane.messages.postal import findings as codes
from greenlane.messages.postal.edifact_shapes import cut, known, remember
from greenlane.messages.postal.fields import BY_NAME, GROUPS, OF_SEGMENT, ROWS, UNITS, Row, Spot
from greenlane.messages.postal.records import Head, Leaf, Part, Record
from greenlane.messages.postal.segments import (
    BLANK,
    CHUNK,
    Segment,
    Stopped,
    Tokens,
    charset_for,
    chunks,
    opened,
    segment,
    segments,
)
from greenlane.messages.postal.shapes import SHAPED, Drawn, Shape
from greenlane.messages.postal.turning import NUMBERS

KINDS: Final = ("ITMATT", "CUSITM", "CUSRSP")
VERSION: Final = "D:00A:UN:GL1"
"""Version of the directory and of greenlane's arrangement, as UNH has them."""
MOST_PIECES: Final = 1_000
MOST_FINDINGS: Final = 1_000

_OPENS: Final = {"CNI": "item", "CST": "piece"}
_PARTIES: Final = {"CZ": "sender", "CN": "recipient"}
_MARKS: Final = {group: f"NAD+{code}" for code, group in _PARTIES.items()}
_ITEM: Final = b"CNI+"
_COUNT: Final = b"CNT+"
_MARGIN: Final = 16


def parts(source: BinaryIO) -> Iterator[Part]:
    """Read the items of an interchange one after the other, in flat memory.

    A source that is refused ends with a part that holds the refusal.
    """
    reader = _Reader()
    try:
        tokens, first = opened(source.read(CHUNK))
        for piece, is_item in _pieces(chunks(source, first), tokens.usual):
            if is_item and tokens.idle and reader.shaped:
                end = _end(piece)
                piece, rest = piece[:end], piece[end:]
                yield from _shaped(piece, tokens, reader)
                if tokens.idle:
                    yield from reader.ended()
                piece = rest
            for one in tokens.feed(piece):
                yield from reader.take(one)
        tokens.end()
        yield from reader.end()
    except Stopped as stopped:
        yield from reader.stop(stopped.finding)


def _shaped(piece: bytes, tokens: Tokens, reader: "_Reader") -> Iterator[Part]:
    """Read one item by its shape, or segment by segment and keep its shape."""
    block = cut(piece, tokens.encoding)
    found = known(block) if block is not None else None
    if block is not None and found is not None:
        count = block.separators.count(b"'")
        tokens.number += count
        yield from reader.draw(found.shape, found.of(block), count)
        return
    told = reader.told
    for one in tokens.feed(piece):
        yield from reader.take(one)
    if block is not None and reader.told == told:
        remember(block, _probed)


def _end(piece: bytes) -> int:
    """Return where an item ends: before the count of items, or with the piece."""
    at = piece.rfind(_COUNT)
    return at if at > 0 and _closes(piece[max(at - _MARGIN, 0) : at]) else len(piece)


def _closes(before: bytes) -> bool:
    """Say whether a segment has ended here."""
    before = before.rstrip(BLANK)
    return before.endswith(b"'") and not before.endswith(b"?'")


def _pieces(given: Iterable[bytes], parted: bool) -> Iterator[tuple[bytes, bool]]:
    """Part bytes where an item begins; say of each piece whether it is from there to where the next one begins."""
    held, begin, search, is_item = b"", 0, 0, False
    for chunk in given:
        held, begin = held[begin:], 0
        if len(held) > CHUNK:
            yield held[:-_MARGIN], False
            held, is_item = held[-_MARGIN:], False
        search = max(len(held) - len(_ITEM) + 1, 1)
        held += chunk
        while parted and (at := held.find(_ITEM, search)) >= 0:
            search = at + len(_ITEM)
            if _closes(held[max(at - _MARGIN, 0) : at]):
                yield held[begin:at], is_item
                begin, is_item = at, True
    yield held[begin:], is_item and _end(held[begin:]) < len(held) - begin


def _probed(read: Sequence[Segment]) -> Record | None:
    """Return the item that segments make, null where they are not all of it."""
    reader = _Reader()
    for one in read:
        reader.take_of_item(one)
    return reader.sound()


@dataclass(frozen=True, slots=True)
class _Kind:
    """A segment of the layout: its rows, where its unit stands, and every spot that has a meaning."""

    rows: tuple[Row, ...]
    unit_at: Spot | None
    taken: set[Spot]


def _kinds(group: str, tag: str) -> tuple[_Kind, ...]:
    rows = OF_SEGMENT.get((group, tag), ())
    made = []
    for match in dict.fromkeys(row.match for row in rows):
        own = tuple(row for row in rows if row.match == match)
        taken = {row.at for row in own} | {spot for spot, _ in match}
        taken |= {spot for row in own for spot, _ in row.also}
        unit_at = UNITS.get(tag)
        taken |= {unit_at} if unit_at else set()
        taken |= {(1, 1)} if tag == "CNI" else set()
        made.append(_Kind(own, unit_at, taken))
    return tuple(made)


_KINDS: Final = {(group, tag): _kinds(group, tag) for group, tag in OF_SEGMENT}


def _kind(group: str, one: Segment) -> _Kind | None:
    """Find what a segment is in its group; within a party also what belongs to the item."""
    for kind in _KINDS.get((group, one.tag), ()):
        if all(one.get(*spot) == value for spot, value in kind.rows[0].match):
            return kind
    return _kind("item", one) if group in _MARKS else None


class _Reader:
    """Follows an interchange segment by segment."""

    def __init__(self) -> None:
        self._kind = self._version = self._message = self._interchange = ""
        self._head = Head()
        self._record: Record | None = None
        self._group = "head"
        self._last = -1
        self._findings: list[ForeignFinding] = []
        self._told = 0
        self._segments = self._items = self._messages = 0
        self._expected_items = ""
        self._state = "start"
        self._head_seen: dict[str, Leaf] = {}
        self._seen = self._head_seen
        self._ordered = True

    @property
    def shaped(self) -> bool:
        """Whether items are expected that are read by shape."""
        return self._state == "message" and self._kind in SHAPED

    @property
    def told(self) -> int:
        """How many findings were made."""
        return self._told

    def draw(self, shape: Shape, texts: Sequence[str], segments: int) -> Iterator[Part]:
        """Take an item of a known shape and give it."""
        self._segments += segments
        self._items += 1
        drawn = Drawn(shape, texts, f"CNI[{self._items}]")
        yield Part(self._kind, self._version, self._head, drawn, self._flushed())
        self._group, self._last, self._seen, self._ordered = "head", -1, self._head_seen, True

    def ended(self) -> Iterator[Part]:
        """Give the item that ended here, whatever is wrong with what comes after it."""
        if self._record is not None:
            yield self._item()

    def take_of_item(self, one: Segment) -> None:
        """Take one segment of an item outside of a message."""
        self._body(one)

    def sound(self) -> Record | None:
        """Return the one item that was taken, null where anything is wrong with it."""
        return self._record if self._items == 1 and not self._told else None

    def take(self, one: Segment) -> Iterator[Part]:
        """Take one segment; give the item or message that it ends."""
        if self._state == "start":
            self._open_interchange(one)
        elif self._state == "between" and one.tag == "UNH":
            self._open_message(one)
        elif self._state == "between" and one.tag == "UNZ":
            self._close_interchange(one)
        elif self._state == "message" and one.tag not in ("UNB", "UNH", "UNZ"):
            self._segments += 1
            if one.tag in ("CNI", "CNT", "UNT") and self._record is not None:
                yield self._item()
            if one.tag == "UNT":
                yield self._close_message(one)
            else:
                self._body(one)
        else:
            raise Stopped(codes.SYNTAX, one.number, f"no {one.tag} is expected here")

    def _open_interchange(self, one: Segment) -> None:
        if one.tag != "UNB":
            raise Stopped(codes.NOT_POSTAL, one.number, "expected UNB as the first segment")
        day, time = one.get(4, 1), one.get(4, 2)
        prepared = ""
        if len(day) in (6, 8) and len(time) == 4 and (day + time).isdecimal():
            day = day if len(day) == 8 else f"20{day}"
            prepared = f"{day[:4]}-{day[4:6]}-{day[6:]}T{time[:2]}:{time[2:]}"
        self._head = Head(one.get(2), one.get(3), prepared=prepared)
        self._interchange = one.get(5)
        self._state = "between"

    def _open_message(self, one: Segment) -> None:
        kind = one.get(2)
        if kind not in KINDS:
            raise Stopped(codes.NOT_POSTAL, one.number, f"expected one of {', '.join(KINDS)} in UNH")
        self._kind = kind
        self._version = ":".join(part for part in one.elements[1][1:] if part)
        self._message = one.get(1)
        self._segments, self._items, self._expected_items = 1, 0, ""
        self._head_seen = {}
        self._group, self._last, self._seen = "head", -1, self._head_seen
        self._head = Head(self._head.sender, self._head.recipient, prepared=self._head.prepared)
        self._messages += 1
        self._state = "message"

    def _body(self, one: Segment) -> None:
        self._regroup(one)
        kind = _kind(self._group, one)
        path = self._path(one.tag, kind.rows[0] if kind is not None else None)
        if kind is None:
            self._strange(one, path)
            return
        if self._ordered and kind.rows[0].order < self._last:
            self._ordered = False
            self._say(codes.ORDER, path, "expected it before what came before it")
        self._last = max(self._last, kind.rows[0].order)
        unit = one.get(*kind.unit_at) if kind.unit_at else ""
        for row in kind.rows:
            if text := one.get(*row.at):
                self._put(row, text, unit, path)
        for e, element in enumerate(one.elements, 1):
            for c, text in enumerate(element, 1):
                if text and (e, c) not in kind.taken:
                    self._strange(one, path, kind)
                    return

    def _regroup(self, one: Segment) -> None:
        group = _OPENS.get(one.tag)
        if one.tag == "NAD":
            group = _PARTIES.get(one.get(1))
        if group is None:
            return
        if group == "item":
            self._items += 1
            self._record = Record(f"CNI[{self._items}]")
            self._seen = self._record.fields
            self._last = -1
            self._ordered = True
        if self._record is None:
            raise Stopped(codes.SYNTAX, one.number, f"expected CNI before {one.tag}")
        if group == "piece":
            if len(self._record.pieces) == MOST_PIECES:
                raise Stopped(codes.BOUNDS, one.number, f"expected up to {MOST_PIECES:,} content pieces")
            self._seen = {}
            self._record.pieces.append(self._seen)
            self._last = -1
        elif self._group == "piece" and group in _PARTIES.values():
            self._seen = self._record.fields
            self._say(codes.ORDER, f"segment {one.number} {one.tag}", "expected it before the content pieces")
        self._group = group

    def _put(self, row: Row, text: str, unit: str, path: str) -> None:
        path = f"{path}/{row.at[0]}.{row.at[1]}"
        if row.name in self._seen:
            self._say(codes.REPEATED, path, f"expected {row.name} once, it came before")
            self._strange_text(path, text)
            return
        if row.how in NUMBERS:
            text = text.replace(",", ".", 1)
        if row.how == "day" and len(text) == 8 and text.isdecimal():
            text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
        if row.name == "ITEM_COUNT":
            self._expected_items = text
        if row.group == "head":
            self._head = _headed(self._head, row.name, text)
        self._seen[row.name] = Leaf(text, path, unit)

    def _strange(self, one: Segment, path: str, kind: "_Kind | None" = None) -> None:
        """Keep what the layout has no place for: the segment, without what was read of it but what tells its kind."""
        dropped: set[Spot] = set()
        words = "the layout has no such segment here"
        if kind is not None:
            dropped = kind.taken - {spot for spot, _ in kind.rows[0].match}
            words = "the segment holds more than the layout has"
        self._say(codes.UNKNOWN, path, words)
        elements = (
            ["" if (e, c) in dropped else text for c, text in enumerate(element, 1)]
            for e, element in enumerate(one.elements, 1)
        )
        self._strange_text(path, segment(one.tag, *elements))

    def _strange_text(self, path: str, text: str) -> None:
        if self._record is not None:
            if len(self._record.strange) >= MOST_FINDINGS:
                raise Stopped(codes.BOUNDS, self._segments, "more segments of no layout than are carried")
            self._record.strange.append((path, text))

    def _path(self, tag: str, row: Row | None) -> str:
        start = f"{self._record.path}/" if self._record is not None else ""
        group = self._group if row is None else row.group
        if group in _MARKS and tag != "NAD":
            start += f"{_MARKS[group]}/"
        if group == "piece" and self._record is not None:
            start += f"CST[{len(self._record.pieces)}]/"
        return start + (tag if row is None else row.mark)

    def _item(self) -> Part:
        part = Part(self._kind, self._version, self._head, self._record, self._flushed())
        self._record = None
        self._group, self._last, self._seen = "head", -1, self._head_seen
        return part

    def _close_message(self, one: Segment) -> Part:
        if one.get(1) != str(self._segments):
            self._say(codes.COUNT, "UNT/1", f"expected {self._segments}, as many segments as came")
        if one.get(2) != self._message:
            self._say(codes.COUNT, "UNT/2", "expected the reference of UNH")
        if self._expected_items and self._expected_items.lstrip("0") != str(self._items):
            self._say(codes.COUNT, "CNT+2", f"expected {self._items}, as many items as came")
        if not self._items:
            self._say(codes.MISSING, "CNI", "expected at least one item")
        self._state = "between"
        return Part(self._kind, self._version, self._head, None, self._flushed())

    def _close_interchange(self, one: Segment) -> None:
        if one.get(1) != str(self._messages):
            self._say(codes.COUNT, "UNZ/1", f"expected {self._messages}, as many messages as came")
        if one.get(2) != self._interchange:
            self._say(codes.COUNT, "UNZ/2", "expected the reference of UNB")
        self._state = "end"

    def end(self) -> Iterator[Part]:
        """Say what is missing at the end of the data."""
        if self._state == "start":
            self._say(codes.NOT_POSTAL, "segment 1", "expected UNB, nothing came")
        elif self._state != "end":
            self._say(codes.SYNTAX, "UNZ", "the data ends before the interchange does")
        if self._record is not None:
            yield self._item()
        if self._findings or (self._state == "end" and not self._messages):
            if not self._messages and not self._findings:
                self._say(codes.NOT_POSTAL, "UNH", "expected a message in the interchange")
            yield Part(self._kind, self._version, self._head, None, self._flushed())

    def stop(self, finding: ForeignFinding) -> Iterator[Part]:
        """End with what stopped the reading; the item that was open counts as not received."""
        self._findings.append(finding)
        yield Part(self._kind, self._version, self._head, None, self._flushed())

    def _say(self, code: str, path: str, message: str) -> None:
        self._told += 1
        if self._told <= MOST_FINDINGS:
            self._findings.append(ForeignFinding(code, Place(path), message))
        elif self._told == MOST_FINDINGS + 1:
            self._findings.append(ForeignFinding(codes.BOUNDS, Place(path), "more findings than are listed"))

    def _flushed(self) -> tuple[ForeignFinding, ...]:
        found, self._findings = tuple(self._findings), []
        return found


def _headed(head: Head, name: str, text: str) -> Head:
    if name == "MESG_REF":
        return Head(head.sender, head.recipient, text, head.function, head.prepared)
    if name == "MESG_TYPE_CD":
        return Head(head.sender, head.recipient, head.reference, text, head.prepared)
    return head


def written(kind: str, head: Head, records: Iterable[Record]) -> bytes:
    """Write one interchange of one message."""
    body = [
        segment("UNH", "1", (kind, *VERSION.split(":"))),
        segment("BGM", "CI", head.reference, head.function),
    ]
    number = 0
    for number, record in enumerate(records, 1):
        body += _item_segments(record, number)
    body.append(segment("CNT", ("2", str(number))))
    body.append(segment("UNT", str(len(body) + 1), "1"))
    day, _, time = head.prepared.partition("T")
    stamp = (day.replace("-", ""), time.replace(":", "")[:4])
    charset = charset_for(body)
    reference = head.reference[:14] or "1"
    whole = [
        "UNA:+.? '",
        segment("UNB", (charset, "4"), head.sender, head.recipient, stamp, reference),
        *body,
        segment("UNZ", "1", reference),
    ]
    return "\n".join(whole).encode("iso8859-1" if charset == "UNOC" else "utf-8") + b"\n"


def _item_segments(record: Record, number: int) -> Iterator[str]:
    kept: dict[str, list[str]] = {}
    for path, raw in record.strange:
        if raw.endswith("'"):
            steps = path.split("/")[1:]
            mark = next((step for step in steps if step.startswith(("NAD+", "CST["))), "")
            kept.setdefault(mark, []).append(raw)
    for group in GROUPS[1:-1]:
        yield from _group_segments(group, record.fields, number, kept.pop(_MARKS.get(group, ""), ()))
    for place, piece in enumerate(record.pieces, 1):
        yield from _group_segments("piece", piece, place, kept.pop(f"CST[{place}]", ()))


def _group_segments(
    group: str, fields: Mapping[str, Leaf], number: int, kept: Sequence[str]
) -> Iterator[str]:
    """Write the segments of one group and what was carried in it; rows that share segment and match stand in one."""
    made: dict[tuple[str, tuple[tuple[Spot, str], ...]], dict[Spot, str]] = {}
    if group == "piece":
        made["CST", ()] = {}
    for row in ROWS:
        leaf = fields.get(row.name)
        if row.group != group or leaf is None or row is not BY_NAME[row.name]:
            continue
        spots = made.setdefault((row.segment, row.match), {})
        spots.update((*row.match, *row.also))
        spots[row.at] = leaf.text.replace("-", "") if row.how == "day" else leaf.text
        unit_at = UNITS.get(row.segment)
        if unit_at and leaf.unit:
            spots[unit_at] = leaf.unit
    if group in _MARKS and (made or kept):
        match = (((1, 1), "CZ" if group == "sender" else "CN"),)
        made = {("NAD", match): made.pop(("NAD", match), dict(match)), **made}
    for (tag, _), spots in made.items():
        if tag == "CNI":
            spots[1, 1] = str(number)
        for raw in kept if tag in _OPENS else ():
            if raw.startswith(tag):
                spots.update(_spots(raw))
        yield segment(tag, *_elements(spots))
    yield from (raw for raw in kept if raw[:3] not in _OPENS)


def _spots(raw: str) -> dict[Spot, str]:
    """Read a segment that was carried: what stands in it where."""
    *_, one = segments(BytesIO(f"UNB+UNOW'{raw}".encode()))
    return {
        (e, c): text for e, element in enumerate(one.elements, 1) for c, text in enumerate(element, 1) if text
    }


def _elements(spots: Mapping[Spot, str]) -> list[list[str]]:
    last = max((element for element, _ in spots), default=0)
    return [
        [
            spots.get((element, component), "")
            for component in range(1, 1 + max((c for e, c in spots if e == element), default=0))
        ]
        for element in range(1, last + 1)
    ]


__all__ = ["KINDS", "MOST_FINDINGS", "MOST_PIECES", "VERSION", "parts", "written"]
