"""Text that a spreadsheet would run when it opens a CSV file, and how it is made harmless."""

import re

RUN_BY_SPREADSHEETS = r"^[=+\-@\t\r]"
"""How a text begins that a spreadsheet takes for a formula."""

_RUN = re.compile(RUN_BY_SPREADSHEETS)


def neutral_cell(text: str) -> str:
    """Return *text* with an apostrophe before it where a spreadsheet would run it.

    Example:
        >>> neutral_cell("=1+1"), neutral_cell("plain")
        ("'=1+1", 'plain')
    """
    return f"'{text}" if _RUN.match(text) else text
