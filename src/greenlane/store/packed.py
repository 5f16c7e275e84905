"""Documents as they are kept: facts, outcomes and results, which say the same words over and over, made small.

Zstandard with a dictionary that was trained on such documents keeps one of them in a tenth of its room, so that it
stands in its row rather than beside it, and much less is written to disk. A frame names its dictionary: one that was
ever used is never changed or taken away, a better one comes beside it under a number of its own.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from zstandard import ZstdCompressionDict, ZstdCompressor, ZstdDecompressor, get_frame_parameters

from greenlane.values.errors import GreenlaneError

DICTIONARIES = {100_001: "dictionary-1.zdict"}
"""Dictionaries by the number that frames name, each a file beside this one."""
NEWEST = 100_001
_LEVEL = 1


class NotReadable(GreenlaneError):
    """A document was kept with a dictionary that this version of greenlane doesn't have."""


@cache
def dictionary(number: int) -> ZstdCompressionDict:
    """Return a dictionary, ready to write and to read with.

    Raises:
        NotReadable: There is none of this number.
    """
    name = DICTIONARIES.get(number)
    if name is None:
        raise NotReadable(
            f"a document is kept with dictionary {number}, which this version doesn't have; run the version that wrote it"
        )
    made = ZstdCompressionDict(files(__package__).joinpath(name).read_bytes())
    made.precompute_compress(level=_LEVEL)
    return made


def pack(documents: Sequence[bytes]) -> list[bytes]:
    """Make documents small, none of them empty, all in one call: each call lets other threads go first.

    Example:
        >>> document = b'{"consignment_id":"LX1","jurisdiction":"eu","member":"EE","currency":"EUR"}'
        >>> (packed,) = pack([document])
        >>> len(packed) < len(document), unpack(packed) == document
        (True, True)
    """
    if not documents:
        return []
    # A compressor belongs to one call: two threads may not share it.
    writer = ZstdCompressor(level=_LEVEL, dict_data=dictionary(NEWEST))
    found = writer.multi_compress_to_buffer(list(documents))
    return [found[place].tobytes() for place in range(len(found))]


def unpack(packed: bytes) -> bytes:
    """Return a document as it was.

    Raises:
        NotReadable: It was kept with a dictionary that this version doesn't have.
    """
    number = get_frame_parameters(packed).dict_id
    return ZstdDecompressor(dict_data=dictionary(number)).decompress(packed)


__all__ = ["DICTIONARIES", "NEWEST", "NotReadable", "dictionary", "pack", "unpack"]
