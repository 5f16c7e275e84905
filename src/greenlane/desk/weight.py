"""How much a body holds, found out before it is read: few bytes may hold many records."""

from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from itertools import islice

import msgspec
import polars as pl

from greenlane.messages.files_json import value_records
from greenlane.messages.files_raw import Finder


@dataclass(frozen=True, slots=True)
class Bound:
    """Records, and JSON objects within them, that are read and answered in one go.

    Each that is unsound costs several findings, so what is refused must not cost more than what is cleared.
    """

    records: int
    objects: int


LIGHT = Bound(10_000, 60_000)
"""A filing that is decided before the answer."""

_PARQUET, _GZIP = b"PAR1", b"\x1f\x8b"
_BEFORE = b"\xef\xbb\xbf \t\r\n"


class _Object(msgspec.Struct, gc=False):
    """Any JSON object, of which nothing is kept."""


_ARRAY, _LINES = msgspec.json.Decoder(list[_Object]), msgspec.json.Decoder(_Object)
_UNREADABLE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError)


def holds_more(body: bytes, bound: Bound = LIGHT) -> bool:
    """Say whether a body may hold more than the bound; nothing of it is kept.

    Of packed text that isn't known without unpacking it, so it may.

    Example:
        >>> holds_more(b"[{}, {}, {}]", Bound(2, 9)), holds_more(b"[{}, {}, {}]", Bound(3, 9))
        (True, False)
        >>> holds_more(b"[1, 1, 1]", Bound(2, 9)), holds_more(b"{} 1 1", Bound(2, 9))
        (True, True)
    """
    most = bound.records
    head = body[:64].lstrip(_BEFORE)
    if head.startswith(_GZIP):
        return True
    if head.startswith(_PARQUET):
        try:
            return int(pl.scan_parquet(BytesIO(body)).select(pl.len()).collect().item()) > most
        except _UNREADABLE:
            return False
    if head[:1] in (b"{", b"["):
        return body.count(b"{") > bound.objects or _values(body, most) > most
    return body.count(b"\n") > most


def _values(body: bytes, most: int) -> int:
    """Count JSON values, objects or not; where there are many, just over *most* of them."""
    # Objects, whose number is bound already, are parted all at once; anything else, however short, one by one.
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return (
            len(_ARRAY.decode(body)) if body.lstrip(_BEFORE)[:1] == b"[" else len(_LINES.decode_lines(body))
        )
    return sum(1 for _ in islice(value_records(BytesIO(body), Finder("-")), most + 1))


__all__ = ["LIGHT", "Bound", "holds_more"]
