"""One publication of a tariff and the look-up of a code in it."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from hashlib import sha256

from greenlane.tariff.rate import Rate, extremes
from greenlane.tariff.version import STALE, stale
from greenlane.values.finding import Finding, Severity, declare

CODE_UNKNOWN = declare(
    "tariff.code_unknown",
    Severity.ERROR,
    "The schedule has no line for this commodity code.",
    "Correct the code, or import the schedule that holds it.",
)
NOT_LOADED = declare(
    "tariff.not_loaded",
    Severity.ERROR,
    "No publication of this schedule or list is held for that day.",
    "Import it: greenlane reference import.",
)
RANGE = declare(
    "tariff.range",
    Severity.WARNING,
    "Several rates stand below the code as given.",
    "Give the code to the digits of the destination's tariff line.",
)
UNPARSED = declare(
    "tariff.unparsed",
    Severity.ERROR,
    "The published rate is a text that needs facts or judgement beyond value, mass and quantity.",
    "Work the rate out by hand and give it as an assumed rate.",
)
SUBDIVISION = declare(
    "tariff.subdivision_unknown",
    Severity.WARNING,
    "The digits past the sixth are not in the schedule; every line of the subheading bears the same rate.",
    "Give the code in the edition of the schedule named.",
)
NOT_CARRIED = declare(
    "tariff.not_carried",
    Severity.WARNING,
    "The schedule is in an older edition of the nomenclature and no correlation table is held.",
    "Import the correlation table: greenlane reference import hs-correlation FILE.",
)


class Certainty(IntEnum):
    """How sure an answer is, worst last."""

    CERTAIN = 0
    UNVERIFIED = 1
    CONTESTED = 2
    UNKNOWN = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a schedule.

    ``rate`` is None where the published ``text`` cannot be computed. ``low`` and ``high`` are set only on a
    line that itself stands for several rates (a subheading of the starter reference). ``special`` is the
    text of the preferential rates as published; nothing computes it.
    """

    code: str
    text: str
    rate: Rate | None
    special: str = ""
    low: Rate | None = None
    high: Rate | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a look-up says. ``rate`` None: unknown, and the findings say why.

    ``findings`` carry an empty path; the caller, who knows which item asked, sets it. ``source`` names the
    publication and the line, for the trace.
    """

    rate: Rate | None
    certainty: Certainty
    findings: tuple[Finding, ...]
    source: str
    low: Rate | None = None
    high: Rate | None = None


_EDITIONS = ((date(2022, 1, 1), "HS2022"), (date(2017, 1, 1), "HS2017"), (date(2012, 1, 1), "HS2012"))


def edition_on(day: date) -> str:
    """Return the edition of the Harmonized System in which codes of that day are written.

    Example:
        >>> edition_on(date(2021, 12, 31)), edition_on(date(2026, 7, 1))
        ('HS2017', 'HS2022')
    """
    return next((name for start, name in _EDITIONS if day >= start), "HS2007")


def shape_of(code: str) -> str:
    """Describe what came where a code was expected, without repeating it."""
    kinds = {"digits" if c.isdecimal() and c.isascii() else "other characters" for c in code}
    return f"{len(code)} {' and '.join(sorted(kinds))}" if code else "nothing"


def is_code(code: str) -> bool:
    """Whether *code* has the form of a commodity code: 4 to 14 digits."""
    return 4 <= len(code) <= 14 and code.isascii() and code.isdecimal()


@dataclass(frozen=True)
class Schedule:
    """One publication of a tariff: who published it, for when, in which edition, and its lines.

    ``valid_from`` and ``valid_until`` are the first and last day, inclusive; ``valid_until`` None is open,
    otherwise the last day that the publisher is known to vouch for. ``recorded`` is the day it was known.
    ``edition`` is that of its codes. ``carried`` maps a subheading of HS 2022 to the subheadings of
    ``edition`` that it was made from; None where no correlation table is held. ``origins`` names, for
    countries of origin that have a column of their own, the schedule id of that column. ``partial`` says
    that only part of the publication is held. ``statistical`` are further codes, each below a line whose rate
    it bears. Immutable after it is made.

    A line below another line (a ten-digit line below an eight-digit one) is a provision with a condition of
    its own (end use, statistics): it answers only when asked for exactly.
    """

    schedule_id: str
    title: str
    publisher: str
    valid_from: date
    valid_until: date | None
    recorded: date
    lines: Mapping[str, Line] = field(repr=False)
    edition: str = "HS2022"
    carried: Mapping[str, tuple[str, ...]] | None = field(default=None, repr=False)
    origins: Mapping[str, str] = field(default_factory=dict)
    partial: bool = False
    certainty: Certainty = Certainty.CERTAIN
    digest: str = ""
    statistical: tuple[str, ...] = field(default=(), repr=False)
    _under: dict[str, tuple[Line, ...]] = field(init=False, repr=False, compare=False)
    _codes: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_codes", tuple(sorted((*self.lines, *self.statistical))))
        object.__setattr__(self, "_under", _index(self.lines))
        if not self.digest:
            object.__setattr__(self, "digest", _digest(self.lines))

    def duty(self, hs_code: str, day: date) -> Answer:
        """Return the rate for *hs_code* (4 digits or more) on *day*.

        A code that is longer than its line gets the line that it falls under; a shorter one gets the rate of
        all the lines below it where they agree, else no rate and finding ``tariff.range`` with the lowest and
        the highest.
        """
        if not is_code(hs_code):
            message = f"expected a commodity code of 4 to 14 digits, got {shape_of(hs_code)}"
            return Answer(None, Certainty.UNKNOWN, (Finding(CODE_UNKNOWN, "", message),), self.title)
        findings: list[Finding] = []
        certainty = self.certainty
        if stale(self, day):
            certainty = max(certainty, Certainty.UNVERIFIED)
            message = f"{self.title} is used past the last day vouched for, {self.valid_until}."
            findings.append(Finding(STALE, "", message))
        lines, found = self._find(hs_code, day, findings)
        if not lines:
            message = f"{self.title} has no line for code {hs_code}."
            if self.partial:
                message = f"The part of {self.title} that is held has no line for code {hs_code}."
            findings.append(Finding(CODE_UNKNOWN, "", message))
            return Answer(None, Certainty.UNKNOWN, tuple(findings), self.title)
        exact = found in self.lines or found == hs_code or len(hs_code) <= 6
        if not exact and len(lines) == 1 and lines[0].rate:
            message = f"{self.title} has no line {hs_code}; all of {found} bears one rate."
            findings.append(Finding(SUBDIVISION, "", message))
            certainty = max(certainty, Certainty.UNVERIFIED)
        if any(finding.code == NOT_CARRIED for finding in findings):
            certainty = max(certainty, Certainty.UNVERIFIED)
        return self._answer(lines, found, certainty, findings)

    def finest(self, prefix: str) -> tuple[str, ...]:
        """Return the lines at or below *prefix* that have no line below them, in order."""
        start = bisect_left(self._codes, prefix)
        below: list[str] = []
        for code in self._codes[start:]:
            if not code.startswith(prefix):
                break
            if below and code.startswith(below[-1]):
                below[-1] = code
            else:
                below.append(code)
        return tuple(below)

    def possible(self, prefix: str, day: date) -> tuple[str, ...]:
        """Return the codes that goods whose code begins with *prefix* may fall under on *day*, in order.

        They are the lines that answer for goods, each in its further codes where those are held; a provision
        with a condition of its own is none of them. Where the schedule is in an older edition and the
        correlation is held, they are subheadings of the edition of the day.
        """
        if edition_on(day) > self.edition and self.carried is not None:
            found: list[str] = []
            for subheading in sorted(self.carried):
                if subheading.startswith(prefix[:6]):
                    whole = self.carried[subheading] == (subheading,)
                    found += self._governing(max(prefix, subheading, key=len)) if whole else [subheading]
            return tuple(found)
        return self._governing(prefix)

    def _governing(self, prefix: str) -> tuple[str, ...]:
        below: dict[str, list[str]] = {}
        line = ""
        for code in self._codes[bisect_left(self._codes, prefix) :]:
            if not code.startswith(prefix):
                break
            if not line or not code.startswith(line):
                line, below[code] = code, []
            elif code not in self.lines:
                further = below[line]
                if further and code.startswith(further[-1]):
                    further[-1] = code
                else:
                    further.append(code)
        return tuple(code for line, further in below.items() for code in further or (line,))

    def _find(self, code: str, day: date, findings: list[Finding]) -> tuple[tuple[Line, ...], str]:
        wanted = edition_on(day)
        if wanted > self.edition and len(code) >= 6:
            if self.carried is None:
                message = f"{self.title} is in {self.edition}, the code {code} in {wanted}."
                findings.append(Finding(NOT_CARRIED, "", message))
            else:
                sources = self.carried.get(code[:6], ())
                if sources != (code[:6],):
                    found = _distinct([line for s in sources for line in self._under.get(s, ())])
                    return found, f"{code[:6]} ({self.edition}: {', '.join(sources)})"
        for length in range(len(code), 3, -1):
            line = self.lines.get(code[:length])
            if line is not None:
                return (line,), line.code
        even = code[: len(code) // 2 * 2]
        if even in self._under:
            return self._under[even], even
        return self._under.get(code[:6], ()), code[:6]

    def _answer(
        self, lines: tuple[Line, ...], found: str, certainty: Certainty, findings: list[Finding]
    ) -> Answer:
        source = f"{self.title}, {found}"
        if len(lines) == 1 and lines[0].rate is not None:
            rate = lines[0].rate
            return Answer(rate, certainty, tuple(findings), source, rate, rate)
        if len(lines) == 1 and lines[0].low is None and lines[0].high is None:
            findings.append(
                Finding(UNPARSED, "", f"{source} publishes a rate that cannot be computed: {lines[0].text}")
            )
            return Answer(None, Certainty.UNKNOWN, tuple(findings), source)
        low, high, words = _spread(lines)
        findings.append(Finding(RANGE, "", f"{source}: {words}."))
        return Answer(None, Certainty.UNKNOWN, tuple(findings), source, low, high)


def _spread(lines: tuple[Line, ...]) -> tuple[Rate | None, Rate | None, str]:
    if any(line.rate is None and line.low is None for line in lines):
        return None, None, f"{len(lines)} different rates, of which some cannot be computed"
    ends: list[Rate] = []
    for line in lines:
        ends += [r for r in ((line.rate,) if line.rate else (line.low, line.high)) if r is not None]
    low, high = extremes(tuple(ends))
    if low is None or high is None:
        return low, high, "different rates: " + "; ".join(sorted({line.text for line in lines})[:6])
    return low, high, f"the lowest rate is {low.text}, the highest {high.text}"


def _distinct(lines: Sequence[Line]) -> tuple[Line, ...]:
    kept: dict[object, Line] = {}
    for line in lines:
        if line.rate is not None:
            kept.setdefault(line.rate.amount, line)
        else:
            kept.setdefault((line.text, line.low, line.high), line)
    return tuple(kept.values())


def _index(lines: Mapping[str, Line]) -> dict[str, tuple[Line, ...]]:
    below: dict[str, list[Line]] = {}
    governing = ""
    for code in sorted(lines):
        if governing and code.startswith(governing):
            continue
        governing = code
        for length in range(4, len(code) + 1, 2):
            below.setdefault(code[:length], []).append(lines[code])
    return {prefix: _distinct(found) for prefix, found in below.items()}


def _digest(lines: Mapping[str, Line]) -> str:
    seen = sha256()
    for code in sorted(lines):
        line = lines[code]
        low, high = (rate.text if rate else "" for rate in (line.low, line.high))
        seen.update("\x1f".join((line.code, line.text, line.special, low, high)).encode() + b"\n")
    return seen.hexdigest()
