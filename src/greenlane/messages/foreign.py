"""What every foreign message family shares: places, findings, what is carried through, formats by name.

A family reads bytes into `Message`s, whose consignments are objects of the contract, and writes consignments
back. What the contract's model does not hold is `Carried` to be written back; what the target cannot express
is in `Written.lost`. Nothing is dropped in silence.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, BinaryIO, NamedTuple, Protocol

from greenlane.values.finding import Severity, kind_of

Consignment = dict[str, Any]
"""One consignment as a JSON object of the contract (docs/reference/data-elements.md)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a message something stands.

    ``path`` speaks the sender's own format: elements from the root for XML (``/Declaration/Exporter/Name``,
    repeats counted from 1 as in ``Pointer[2]``), segment and element for EDIFACT, column for CSV. ``wco``
    is the section and tag of the WCO Data Model (``42A/17C/R144``) or an element id (``108``).
    """

    path: str
    wco: str | None = None


@dataclass(frozen=True, slots=True)
class ForeignFinding:
    """One finding about a foreign message; ``consignment`` counts from 0, None means the message as a whole.

    ``message`` never repeats a value that could be personal.
    """

    code: str
    place: Place
    message: str
    consignment: int | None = None

    @property
    def severity(self) -> Severity:
        """Severity as declared for the code."""
        return kind_of(self.code).severity

    @property
    def fix(self) -> str:
        """What the sender does about it, as declared for the code."""
        return kind_of(self.code).fix

    def as_dict(self) -> dict[str, object]:
        """Return the finding for machines.

        Example:
            >>> found = ForeignFinding("messages.xml.doctype", Place("/", None), "line 1: a DOCTYPE")
            >>> found.as_dict()["severity"]
            'error'
        """
        return {
            "code": self.code,
            "severity": str(self.severity),
            "path": self.place.path,
            "wco": self.place.wco,
            "message": self.message,
            "fix": self.fix,
            "consignment": self.consignment,
        }


class Carried(NamedTuple):
    """A value that the contract's model does not hold, as it came, in document order.

    ``attributes`` are those of its element, sorted by name. With ``held`` it is the place of a value that the
    consignment holds under that name; then the text is the consignment's and here empty. Text may be personal, so it
    is not shown.

    Example:
        >>> Carried("/Declaration/Agent/FunctionCode", "2")
        Carried(path='/Declaration/Agent/FunctionCode', held=None)
    """

    path: str
    text: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    held: str | None = None

    def __repr__(self) -> str:
        return f"Carried(path={self.path!r}, held={self.held!r})"


@dataclass(frozen=True, slots=True)
class Message:
    """One message as read. ``extras`` is the family's own (references between order, payment and waybill).

    A message with an error among its findings is not to be processed; its consignments are what could be
    read.
    """

    format: str
    kind: str
    version: str
    consignments: tuple[Consignment, ...] = field(repr=False)
    carried: Sequence[Carried] = ()
    findings: tuple[ForeignFinding, ...] = ()
    extras: object | None = field(default=None, repr=False)

    @property
    def refused(self) -> bool:
        """Whether an error stands among the findings."""
        return any(found.severity is Severity.ERROR for found in self.findings)


@dataclass(frozen=True, slots=True)
class Written:
    """One message as written, and what it could not express."""

    data: bytes = field(repr=False)
    lost: tuple[ForeignFinding, ...] = ()


class Format(Protocol):
    """One foreign format: how it is known, when it is valid, how it is read and written.

    ``since`` and ``until`` are the first day of its life and the first day after it; None is open.
    ``read`` never raises for what is wrong with the data: that is in the findings. ``stream`` does the same
    message by message in flat memory. ``received`` is the civil day at destination on which the message came in:
    the declaration date where the message tells none. ``header`` names what the message needs and no consignment
    holds.
    """

    name: str
    title: str
    media_types: tuple[str, ...]
    since: date | None
    until: date | None

    def sniff(self, head: bytes) -> bool:
        """Say whether *head*, the first bytes of a file, begins this format."""
        ...

    def read(self, data: bytes, received: date | None = None) -> Message:
        """Read one message."""
        ...

    def stream(self, source: BinaryIO, received: date | None = None) -> Iterator[Message]:
        """Read a source of many messages, one after the other."""
        ...

    def write(
        self, consignments: Sequence[Consignment], carried: Sequence[Carried] = (), **header: str
    ) -> Written:
        """Write one message of *consignments*, with what was carried through put back."""
        ...


_REGISTERED: dict[str, Format] = {}

FORMATS: Mapping[str, Format] = _REGISTERED
"""Foreign formats by name, of the families imported so far."""


def register(format: Format) -> Format:
    """Enter *format* in the registry and return it.

    Raises:
        ValueError: Another format has its name.
    """
    if _REGISTERED.setdefault(format.name, format) is not format:
        raise ValueError(f"format {format.name!r} is registered twice")
    return format
