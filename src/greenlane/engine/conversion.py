"""A file of consignments in another format; what the target cannot express is listed, never dropped in silence."""

import itertools
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from greenlane.engine.lot_files import lot_file, whole_file
from greenlane.engine.lots import OWN, Lot, Told, lots_of
from greenlane.engine.tally import Tally, listing
from greenlane.messages.families import akin, formats, renumbered
from greenlane.messages.foreign import Carried, Consignment, ForeignFinding, Written
from greenlane.messages.joining import Joined, joins, moved, stands_alone
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
_PART = 500
"""Consignments that are written at once."""


@dataclass(slots=True)
class Conversion:
    """What came of a conversion: how many consignments were written, what was wrong, what is not in the result."""

    source: str
    target: str
    written: int = 0
    rejected: int = 0
    findings: Tally = field(default_factory=lambda: Tally("finding"))
    lost: Tally = field(default_factory=lambda: Tally("not in the result"))

    @property
    def whole(self) -> bool:
        """Whether everything that was read is in the result."""
        return not (self.findings.errors or self.rejected or self.lost.total)


def convert(
    source: Path,
    target: Path,
    form: str,
    received: date,
    read_as: str | None = None,
    header: Mapping[str, str] | None = None,
    listed: Path | None = None,
    language: str = "en",
) -> Conversion:
    """Write the consignments of *source* to *target* in the format *form*, in flat memory where the format allows it.

    A rejected consignment is not written; its findings say why. Between messages of one format, and between the
    layouts and forms of the posts, what the contract does not hold is put back.

    Args:
        source: File of any format that is read.
        target: File to be written.
        form: One of `OWN`, or a foreign format by name.
        received: Declaration date where a message tells none.
        read_as: Format of *source*, where it isn't to be found out.
        header: What a foreign message needs and no consignment holds.
        listed: CSV to be written of every finding and of everything that is not in the result.
        language: Language of its messages and fixes.
    Raises:
        UsageError: A format is not known, a header is none of the format's, or there is nothing to write.
    """
    if form not in OWN and form not in formats():
        raise UsageError(f"--to {form}: known are {', '.join((*OWN, *sorted(formats())))}")
    if form in OWN and header:
        raise UsageError(f"--header goes into foreign messages; {form} has none")
    result = Conversion("", form)
    with tempfile.TemporaryDirectory(prefix="greenlane-") as folder, listing(listed, source, target) as sink:
        for tally in (result.findings, result.lost):
            tally.sink, tally.language = sink, language
        read = lots_of(source, Path(folder) / "work", received, read_as)
        if form in OWN:
            with lot_file(target, form) as file:
                for lot in read:
                    _count(result, lot)
                    unknown = file.add(lot.consignments)
                    _not_expressed(result, lot, str(source), unknown)
        else:
            _Foreign(result, source, target, form, header or {}).write(read)
    return result


class _Foreign:
    """Writes one message of a foreign format, part by part."""

    def __init__(
        self, result: Conversion, source: Path, target: Path, form: str, header: Mapping[str, str]
    ) -> None:
        self._result, self._source, self._target = result, source, target
        self._form, self._header = form, header
        self._waiting: list[Consignment] = []
        self._carried: list[Carried] = []

    def write(self, lots: Iterator[Lot]) -> None:
        first = list(itertools.islice(lots, 2))
        if (len(first) == 1 and self._again(first[0])) or not joins(self._form):
            self._at_once([*first, *lots])
        else:
            self._part_by_part(itertools.chain(first, lots))

    def _again(self, lot: Lot) -> Sequence[Carried]:
        """Return what a message carried that goes back into the format, if every consignment of it is written."""
        message = lot.message
        if message is None or not akin(message.format, self._form) or lot.batch.rejected.height:
            return ()
        return message.carried

    def _at_once(self, lots: Sequence[Lot]) -> None:
        again = self._again(lots[0]) if len(lots) == 1 else ()
        for lot in lots:
            _count(self._result, lot)
            if not again and not self._kept(lot, len(self._waiting)):
                _not_expressed(self._result, lot, str(self._source), [])
            self._waiting += lot.consignments
        again, consignments = again or self._carried, self._waiting
        if not consignments and not again:
            raise self._nothing()
        written = self._written(consignments, again)
        with whole_file(self._target) as file:
            file.write(written.data)
        self._tell(written.lost, consignments, 0)

    def _kept(self, lot: Lot, before: int) -> bool:
        """Keep what a lot of one consignment carried for the message that it becomes a part of; say whether it can be."""
        again = self._again(lot) if len(lot.consignments) == 1 else ()
        carried = renumbered(again, self._form, before + 1) if again else None
        self._carried += carried or ()
        return carried is not None

    def _part_by_part(self, lots: Iterable[Lot]) -> None:
        with tempfile.TemporaryFile() as spool:
            joined = Joined(self._form, spool)
            for lot in lots:
                _count(self._result, lot)
                again = self._again(lot)
                if again and stands_alone(self._form) and len(lot.consignments) == 1:
                    self._flush(joined)
                    self._add(joined, lot.consignments, again)
                    continue
                if not self._kept(lot, len(self._waiting)):
                    _not_expressed(self._result, lot, str(self._source), [])
                for one in lot.consignments:
                    self._waiting.append(one)
                    if len(self._waiting) == _PART:
                        self._flush(joined)
            self._flush(joined)
            if not joined.count:
                raise self._nothing()
            with whole_file(self._target) as file:
                joined.write(file)

    def _flush(self, joined: Joined) -> None:
        if self._waiting:
            self._add(joined, self._waiting, self._carried)
            self._waiting, self._carried = [], []

    def _add(self, joined: Joined, consignments: Sequence[Consignment], again: Sequence[Carried]) -> None:
        written = self._written(consignments, again)
        self._tell(written.lost, consignments, joined.count)
        joined.add(written.data, len(consignments))

    def _written(self, consignments: Sequence[Consignment], again: Sequence[Carried]) -> Written:
        try:
            return formats()[self._form].write(consignments, again, **self._header)
        except TypeError:
            raise UsageError(f"--header: {self._form} takes no {', '.join(sorted(self._header))}") from None

    def _tell(self, lost: Iterable[ForeignFinding], consignments: Sequence[Consignment], first: int) -> None:
        for one in lost:
            number = one.consignment
            own = None if number is None or number >= len(consignments) else _id(consignments[number])
            found = moved(one, first)
            if found is not None:
                place = found.place
                self._result.lost.add(
                    Told(str(self._source), None, own, one.code, place.path, place.wco, one.message)
                )

    def _nothing(self) -> UsageError:
        return UsageError(
            f"{self._source}: no consignment in it can be written as {self._form}; greenlane validate tells why"
        )


def _count(result: Conversion, lot: Lot) -> None:
    result.source = result.source or lot.format
    for found in lot.findings:
        result.findings.add(found)
    result.written += len(lot.consignments)
    result.rejected += lot.batch.rejected.height


def _not_expressed(result: Conversion, lot: Lot, file: str, unknown: Sequence[list[str]]) -> None:
    for one, paths in zip(lot.consignments, unknown, strict=False):
        for path in paths:
            result.lost.add(
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
        result.lost.add(Told(file, first if own else None, own, NOT_CARRIED, path, None, words), count)


def _id(consignment: Consignment) -> str | None:
    own = consignment.get("consignment_id")
    return own if isinstance(own, str) else None


__all__ = ["Conversion", "convert"]
