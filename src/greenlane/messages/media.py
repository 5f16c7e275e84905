"""Media types of filings: which format a body is read as, by what it says of itself and what it holds."""

from typing import Final

from greenlane.messages.families import HEAD, formats, sniffed
from greenlane.messages.foreign import Format
from greenlane.values.errors import GreenlaneError

OWN: Final = {
    "application/json": "JSON",
    "application/x-ndjson": "NDJSON",
    "text/csv": "CSV",
    "application/vnd.apache.parquet": "Parquet",
}
"""The contract's own formats."""
GENERIC: Final = frozenset(
    {
        "",
        "application/edifact",
        "application/gzip",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "application/xml",
        "text/plain",
        "text/xml",
    }
)
"""Types that leave open which format it is (one is what curl says of its own accord): the content decides."""
_ANYTHING: Final = GENERIC - {"application/edifact", "application/xml", "text/xml"}
_TEXTS: Final = {
    "text/csv": "+csv",
    "application/xml": "+xml",
    "text/xml": "+xml",
    "application/edifact": "+edifact",
}
_XML: Final = "XML of no known message"
_PACKED: Final = "gzip"


class OtherMedia(GreenlaneError):
    """A body says that it is one thing and holds another, or says what is not taken."""


def format_of(said: str, body: bytes) -> Format | None:
    """Return the foreign format that a body is read as; None: one of the contract's own, found by its content.

    Args:
        said: The Content-Type, empty for none; parameters don't count.
        body: What came.
    Raises:
        OtherMedia: The two contradict each other, or the type is none that is taken.
    Example:
        >>> format_of("text/xml; charset=utf-8", b"<CEB621Message/>").name
        'ceb'
        >>> format_of("application/vnd.eu.ics2+xml", b"<CEB621Message/>")
        Traceback (most recent call last):
        ...
        greenlane.messages.media.OtherMedia: the body is said to be application/vnd.eu.ics2+xml and holds \
application/vnd.chinaport.ceb+xml; send it as what it is
    """
    media = said.partition(";")[0].strip().lower()
    named = [one for one in formats().values() if media in one.media_types and media not in GENERIC]
    if media not in OWN and media not in GENERIC and not named:
        known = ", ".join([*OWN, *(one.media_types[0] for one in formats().values())])
        raise OtherMedia(
            f"{_shown(media)} isn't taken here; take application/octet-stream, or one of {known}"
        )
    found = sniffed(body[:HEAD])
    own = _own(body[:HEAD]) if found is None else None
    if found is not None:
        if not _agrees(media, found):
            raise OtherMedia(_words(media, found.media_types[0]))
        return found
    if named:
        if own not in (None, _XML):
            raise OtherMedia(_words(media, _media_of(own)))
        return named[0]
    if own is not None and own != _PACKED and not _same(media, own):
        raise OtherMedia(_words(media, _media_of(own)))
    return None


def _agrees(media: str, found: Format) -> bool:
    suffix = _TEXTS.get(media)
    return (
        media in _ANYTHING
        or media in found.media_types
        or (suffix is not None and any(one.endswith(suffix) for one in found.media_types))
    )


def _same(media: str, own: str) -> bool:
    if media in _ANYTHING:
        return True
    if own == _XML:
        return _TEXTS.get(media) == "+xml"
    json = own in ("JSON", "NDJSON") and OWN.get(media) in ("JSON", "NDJSON")
    return json or OWN.get(media) == own


def _own(head: bytes) -> str | None:
    """Say what content is that no foreign format knows; None where it may be anything."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"\x1f\x8b"):
        return _PACKED
    if text.startswith(b"PAR1"):
        return "Parquet"
    if text[:1] in (b"{", b"["):
        return "JSON"
    if text.startswith(b"<"):
        return _XML
    return "CSV" if b"consignment_id" in text.partition(b"\n")[0] else None


def _media_of(own: str | None) -> str:
    return next((media for media, name in OWN.items() if name == own), own or "something else")


def _words(said: str, held: str) -> str:
    return f"the body is said to be {said} and holds {held}; send it as what it is"


def _shown(media: str) -> str:
    """Return a media type that may be shown: a header may hold any words."""
    plain = media.isascii() and len(media) <= 100 and all(sign.isalnum() or sign in "/+.-_" for sign in media)
    return media if plain and media.count("/") == 1 else "this media type"


__all__ = ["GENERIC", "OWN", "OtherMedia", "format_of"]
