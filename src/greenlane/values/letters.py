"""One text folded as columns fold it, character by character known to both."""

import unicodedata


def folded(text: str) -> str | None:
    """Return *text* in NFKC and lower case; None where it holds a character that this Python doesn't know.

    Python and polars each carry a table of characters. What both know they fold alike, for Unicode never changes it;
    a character that is newer than one of the tables is left to the other.

    Example:
        >>> folded("Ｇift SETS"), folded("\\U0010fffe")
        ('gift sets', None)
    """
    if text.isascii():
        return text.lower()
    if any(unicodedata.category(sign) == "Cn" for sign in text):
        return None
    return unicodedata.normalize("NFKC", text).lower()


__all__ = ["folded"]
