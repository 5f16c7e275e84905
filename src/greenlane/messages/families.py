"""Every family of foreign messages that is installed, found by its package, and which one a file holds."""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache

import greenlane.messages
from greenlane.messages.foreign import FORMATS, Carried, Format

_POSTAL = "postal-"
_FIRST = "/item[1]"
HEAD = 1 << 16
"""First bytes of a file that a format is known by."""


@cache
def formats() -> Mapping[str, Format]:
    """Import every family and return the registry of foreign formats.

    Example:
        >>> "wco-dm36" in formats()
        True
    """
    for found in pkgutil.iter_modules(greenlane.messages.__path__, "greenlane.messages."):
        if found.ispkg:
            importlib.import_module(found.name)
    return FORMATS


def akin(one: str, other: str) -> bool:
    """Say whether what a message of one format carries is put back in the other: layouts and forms of the posts share it.

    Example:
        >>> akin("postal-itmatt", "postal-cn23"), akin("wco-dm36", "wco-dm36"), akin("postal-itmatt", "wco-dm36")
        (True, True, False)
    """
    return one == other or (one.startswith(_POSTAL) and other.startswith(_POSTAL))


def renumbered(carried: Iterable[Carried], form: str, number: int) -> list[Carried] | None:
    """Return what one item carried as that of the *number*-th of a message, null where the format has no such numbers.

    Example:
        >>> renumbered([Carried("/item[1]/LOCALID", "A")], "postal-itmatt", 7)
        [Carried(path='/item[7]/LOCALID', held=None)]
        >>> renumbered([], "ceb", 7) is None
        True
    """
    if not form.startswith(_POSTAL):
        return None
    start = f"/item[{number}]"
    return [one._replace(path=start + one.path.removeprefix(_FIRST)) for one in carried]


def sniffed(head: bytes) -> Format | None:
    """Return the foreign format that *head*, the first bytes of a file, begins; None for the contract's own.

    Example:
        >>> sniffed(b'{"consignment_id": "A1"}') is None
        True
    """
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:1] in (b"{", b"[") or text.startswith((b"PAR1", b"\x1f\x8b")):
        return None
    return next((one for one in formats().values() if one.sniff(head)), None)


__all__ = ["HEAD", "akin", "formats", "renumbered", "sniffed"]
