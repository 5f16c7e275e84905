"""Findings: what is wrong, odd or worth knowing about data, as data.

Each code is declared once, by the room that reports it, with its severity and the fix; the reference page
``docs/reference/findings.md`` is made from these declarations. Codes are permanent.
"""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters: an error stops the record, a warning does not, info explains."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class FindingKind:
    """The declaration of one finding code."""

    code: str
    severity: Severity
    title: str
    fix: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding about one record.

    ``path`` is a JSON pointer into the consignment or the outcome (``/items/0/value``). ``message`` never
    echoes a value that could be personal: it gives what was expected and the shape of what came.

    Example:
        >>> Finding("example.undeclared", "/items/0/value", "expected a decimal, got 7 letters").severity
        Traceback (most recent call last):
        ...
        KeyError: "finding code 'example.undeclared' is not declared"
    """

    code: str
    path: str
    message: str
    law: str | None = None

    @property
    def severity(self) -> Severity:
        """Severity as declared for the code."""
        return kind_of(self.code).severity

    def as_dict(self) -> dict[str, str | None]:
        """Return the finding in the form of the contract."""
        return {
            "code": self.code,
            "path": self.path,
            "message": self.message,
            "severity": str(self.severity),
            "law": self.law,
        }


_KINDS: dict[str, FindingKind] = {}


def declare(code: str, severity: Severity, title: str, fix: str) -> str:
    """Declare a finding code once and return it.

    Args:
        code: Permanent dotted name, ``family.what``.
        severity: How much it matters.
        title: What it means, one plain sentence.
        fix: What the sender or the operator does about it, one plain sentence.
    Raises:
        ValueError: The code is already declared with other words.
    """
    kind = FindingKind(code, severity, title, fix)
    if _KINDS.setdefault(code, kind) != kind:
        raise ValueError(f"finding code {code!r} is declared twice")
    return code


def kind_of(code: str) -> FindingKind:
    """Return the declaration of *code*.

    Raises:
        KeyError: Nobody declared it.
    """
    try:
        return _KINDS[code]
    except KeyError:
        raise KeyError(f"finding code {code!r} is not declared") from None


def declared() -> tuple[FindingKind, ...]:
    """Return every declared code of the rooms imported so far, in order of code."""
    return tuple(_KINDS[code] for code in sorted(_KINDS))
