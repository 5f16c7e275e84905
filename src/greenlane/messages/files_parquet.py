"""How much a Parquet file unpacks to, as its pages say themselves, before any of them is unpacked.

A page that is said to be small is not unpacked to more than that. The footer and the heads of pages are Thrift in its
compact form, of which as much is read as they use.
"""

from collections.abc import Iterator
from typing import Any, Final

_MOST_FOOTER: Final = 4 << 20
_MOST_DEPTH: Final = 16
_BOOLEANS: Final = (1, 2)
_GROUPS, _COLUMNS, _COLUMN, _COMPRESSED, _DATA, _DICTIONARY = 4, 1, 3, 7, 9, 11
_PAGE_UNPACKED, _PAGE_PACKED = 2, 3

Fields = dict[int, Any]


def unpacked_bytes(data: bytes) -> int:
    """Return how many bytes the pages of a Parquet file hold once they are unpacked.

    Raises:
        ValueError: Its footer or a page's head cannot be read.
    """
    length = int.from_bytes(data[-8:-4], "little")
    if len(data) < 12 or not 0 < length <= min(len(data) - 12, _MOST_FOOTER):
        raise ValueError("expected a footer")
    try:
        footer, _ = _fields(data, len(data) - 8 - length, 0)
        columns = [column[_COLUMN] for group in footer[_GROUPS] for column in group[_COLUMNS]]
        return sum(size for column in columns for size in _pages(data, column))
    except (IndexError, KeyError, TypeError):
        raise ValueError("expected a footer that names its columns") from None


def _pages(data: bytes, column: Fields) -> Iterator[int]:
    at = min(place for place in (column[_DATA], column.get(_DICTIONARY) or column[_DATA]) if place >= 0)
    end = at + column[_COMPRESSED]
    while at < end:
        head, at = _fields(data, at, 0)
        if head[_PAGE_UNPACKED] < 0 or head[_PAGE_PACKED] < 0:
            raise ValueError("expected pages of a size")
        at += head[_PAGE_PACKED]
        yield head[_PAGE_UNPACKED]


def _number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("expected a number of 64 bits")


def _signed(data: bytes, at: int) -> tuple[int, int]:
    value, at = _number(data, at)
    return (value >> 1) ^ -(value & 1), at


def _fields(data: bytes, at: int, depth: int) -> tuple[Fields, int]:
    """Read a struct: its fields by number."""
    if depth > _MOST_DEPTH:
        raise ValueError("expected a structure less deep")
    held: Fields = {}
    name = 0
    while kind := data[at]:
        at += 1
        if kind >> 4:
            name += kind >> 4
        else:
            name, at = _signed(data, at)
        held[name], at = _value(data, at, kind & 15, depth, in_list=False)
    return held, at + 1


def _value(data: bytes, at: int, kind: int, depth: int, *, in_list: bool) -> tuple[Any, int]:
    if kind in _BOOLEANS:
        return None, at + in_list
    if kind == 3:
        return data[at], at + 1
    if kind in (4, 5, 6):
        return _signed(data, at)
    if kind == 7:
        return None, at + 8
    if kind == 8:
        length, at = _number(data, at)
        return None, at + length
    if kind in (9, 10):
        return _list(data, at, depth)
    if kind == 12:
        return _fields(data, at, depth + 1)
    raise ValueError("expected a value that a footer has")


def _list(data: bytes, at: int, depth: int) -> tuple[list[Any], int]:
    count, kind = data[at] >> 4, data[at] & 15
    at += 1
    if count == 15:
        count, at = _number(data, at)
    if count > len(data) - at or depth > _MOST_DEPTH:
        raise ValueError("expected a list that fits")
    found = []
    for _ in range(count):
        one, at = _value(data, at, kind, depth + 1, in_list=True)
        found.append(one)
    return found, at
