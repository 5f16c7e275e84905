"""Lists of texts as PostgreSQL takes them."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_TEXT, _TEXTS = 25, 1009


class Texts(list[str]):
    """Texts that a statement is given as one list.

    The driver asks each entry of a list what it is, which takes a millisecond for a thousand; here all are texts.
    """

    __slots__ = ()


def written(text: str) -> bytes:
    """Write a text as an array holds it: its length, then the text."""
    told = text.encode()
    return len(told).to_bytes(4, "big") + told


def array(texts: Sequence[str], write: Callable[[str], bytes] = written) -> bytes:
    """Write an array: dimensions, whether one is null, type, length, first place; then each text with its length.

    Args:
        write: `written`, or what remembers texts that come again.

    Example:
        >>> array([]).hex(), array(["a"])[-5:].hex()
        ('000000000000000000000019', '0000000161')
    """
    return b"".join([_head(len(texts)), *map(write, texts)])


@lru_cache(64)
def _head(count: int) -> bytes:
    numbers = (1 if count else 0, 0, _TEXT, *((count, 1) if count else ()))
    return b"".join(number.to_bytes(4, "big") for number in numbers)


class _Dumper(Dumper):
    format = Format.BINARY
    oid = _TEXTS

    def dump(self, obj: Texts) -> bytes:
        return array(obj)


psycopg.adapters.register_dumper(Texts, _Dumper)

__all__ = ["Texts", "array", "written"]
