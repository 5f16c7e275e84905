"""The exceptions of greenlane: surprises only. What is wrong with data is a `Finding`.

The tree::

    GreenlaneError
    ├── UsageError       the caller asked for something that does not exist or does not fit (exit 2)
    ├── ReferenceError_  a reference file or store cannot be read
    ├── LawError         a pack is not fit to run: a gap, an overlap, a value without source
    └── PostingRefused   the ledger posts nothing of what was asked (`greenlane.ledger.refusal`)
"""


class GreenlaneError(Exception):
    """Root of every exception that greenlane raises on purpose."""


class UsageError(GreenlaneError):
    """The request itself is wrong: an unknown option value, a missing file, a bad date."""


class ReferenceError_(GreenlaneError):
    """A reference file or the local reference store cannot be read or does not hold together."""


class LawError(GreenlaneError):
    """A law pack is not fit to run."""
