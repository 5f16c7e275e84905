"""A file of consignments in another format; what the target cannot express is listed, never dropped in silence."""

import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from greenlane.engine.lot_files import lot_file, write_bytes
from greenlane.engine.lots import OWN, Lot, Told, lots_of
from greenlane.messages.families import formats
from greenlane.messages.foreign import Carried, Consignment, ForeignFinding
from greenlane.values.errors import UsageError
from greenlane.values.finding import Severity, declare

NOT_CARRIED = declare(
    "convert.not_carried",
    Severity.WARNING,
    "The source holds an element that a consignment of the contract has no field for, so it is not in the result.",
    "Keep the source, or send the element to the receiver another way.",
)
NO_COLUMN = declare(
    "convert.no_column",
    Severity.WARNING,
    "The contract's table has no column for a field.",
    "Check the name of the field, or send it another way.",
)

_NUMBER = re.compile(r"\[\d+\]")


@dataclass(slots=True)
class Conversion:
    """What came of a conversion: how many consignments were written, what was wrong, what is not in the result."""

    source: str
    target: str
    written: int = 0
    rejected: int = 0
    findings: list[Told] = field(default_factory=list)
    lost: list[Told] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether everything that was read is in the result."""
        errors = any(found.severity is Severity.ERROR for found in self.findings)
        return not (errors or self.rejected or self.lost)


@contextmanager
def _work() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="greenlane-") as folder:
        yield Path(folder) / "work"


def convert(
    source: Path,
    target: Path,
    form: str,
    received: date,
    read_as: str | None = None,
    header: Mapping[str, str] | None = None,
) -> Conversion:
    """Write the consignments of *source* to *target* in the format *form*.

    A rejected consignment is not written; its findings say why. Between messages of one format what the contract
    does not hold is put back.

    Args:
        source: File of any format that is read.
        target: File to be written.
        form: One of `OWN`, or a foreign format by name.
        received: Declaration date where a message tells none.
        read_as: Format of *source*, where it isn't to be found out.
        header: What a foreign message needs and no consignment holds.
    Raises:
        UsageError: A format is not known, a header is none of the format's, or there is nothing to write.
    """
    if form not in OWN and form not in formats():
        raise UsageError(f"--to {form}: known are {', '.join((*OWN, *sorted(formats())))}")
    if form in OWN and header:
        raise UsageError(f"--header goes into foreign messages; {form} has none")
    result = Conversion("", form)
    with _work() as work:
        read = lots_of(source, work, received, read_as)
        if form in OWN:
            with lot_file(target, form) as file:
                for lot in read:
                    _count(result, lot)
                    unknown = file.add(lot.consignments)
                    _not_expressed(result, lot, str(source), unknown)
        else:
            _foreign(result, list(read), source, target, form, header or {})
    return result


def _foreign(
    result: Conversion,
    lots: Sequence[Lot],
    source: Path,
    target: Path,
    form: str,
    header: Mapping[str, str],
) -> None:
    for lot in lots:
        _count(result, lot)
    consignments = [one for lot in lots for one in lot.consignments]
    again: Sequence[Carried] = ()
    messages = [lot.message for lot in lots if lot.message is not None]
    if len(messages) == 1 == len(lots) and messages[0].format == form and not result.rejected:
        again = messages[0].carried
    if not consignments and not again:
        raise UsageError(
            f"{source}: no consignment in it can be written as {form}; greenlane validate tells why"
        )
    if not again:
        for lot in lots:
            _not_expressed(result, lot, str(source), [])
    try:
        written = formats()[form].write(consignments, again, **header)
    except TypeError:
        raise UsageError(f"--header: {form} takes no {', '.join(sorted(header))}") from None
    write_bytes(target, written.data)
    result.lost += [_lost(one, consignments, str(source)) for one in written.lost]


def _count(result: Conversion, lot: Lot) -> None:
    result.source = result.source or lot.format
    result.findings += lot.findings
    result.written += len(lot.consignments)
    result.rejected += lot.batch.rejected.height


def _not_expressed(result: Conversion, lot: Lot, file: str, unknown: Sequence[list[str]]) -> None:
    for one, paths in zip(lot.consignments, unknown, strict=False):
        for path in paths:
            result.lost.append(
                Told(file, None, _id(one), NO_COLUMN, path, None, "the field is not in the table")
            )
    if lot.message is None:
        return
    first = next((found.row for found in lot.findings if found.row is not None), None)
    ids = [_id(one) for one in lot.message.consignments]
    own = ids[0] if len(ids) == 1 else None
    counts = Counter(_NUMBER.sub("", one.path) for one in lot.message.carried if one.held is None)
    for path, count in counts.items():
        words = "the element is not in the result" + (f" ({count:,} times)" if count > 1 else "")
        result.lost.append(Told(file, first if own else None, own, NOT_CARRIED, path, None, words))


def _lost(found: ForeignFinding, consignments: Sequence[Consignment], file: str) -> Told:
    number = found.consignment
    own = None if number is None or number >= len(consignments) else _id(consignments[number])
    return Told(file, None, own, found.code, found.place.path, found.place.wco, found.message)


def _id(consignment: Consignment) -> str | None:
    own = consignment.get("consignment_id")
    return own if isinstance(own, str) else None


__all__ = ["Conversion", "convert"]
