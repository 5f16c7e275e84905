"""Lists of texts as PostgreSQL takes them."""

from collections.abc import Sequence

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_TEXT, _TEXTS = 25, 1009


class Texts(list[str]):
    """Texts that a statement is given as one list.

    The driver asks each entry of a list what it is, which takes a millisecond for a thousand; here all are texts.
    """

    __slots__ = ()


def array(texts: Sequence[str]) -> bytes:
    """Write an array: dimensions, whether one is null, type, length, first place; then each text with its length.

    Example:
        >>> array([]).hex(), array(["a"])[-5:].hex()
        ('000000000000000000000019', '0000000161')
    """
    told = [text.encode() for text in texts]
    head = (1 if told else 0, 0, _TEXT, *((len(told), 1) if told else ()))
    parts = [part for text in told for part in (len(text).to_bytes(4, "big"), text)]
    return b"".join([*(number.to_bytes(4, "big") for number in head), *parts])


class _Dumper(Dumper):
    format = Format.BINARY
    oid = _TEXTS

    def dump(self, obj: Texts) -> bytes:
        return array(obj)


psycopg.adapters.register_dumper(Texts, _Dumper)

__all__ = ["Texts", "array"]
