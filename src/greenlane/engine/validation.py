"""A file of any format checked whole: its form, its elements, and the publisher's schema where the user has it."""

import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from lxml import etree

from greenlane.engine.lots import Told, lots_of
from greenlane.engine.tally import Tally, listing
from greenlane.messages.foreign import ForeignFinding
from greenlane.messages.xml import XmlRefused, document, faults, path_of, schema
from greenlane.values.errors import UsageError

_KEPT = 1_000
"""Findings of each kind that are kept for machines; a list has every one."""


@dataclass(slots=True)
class Validation:
    """What came of a check: format, how many consignments, findings by kind."""

    file: str
    format: str = ""
    consignments: int = 0
    rejected: int = 0
    findings: Tally = field(default_factory=lambda: Tally("finding", keep=_KEPT))

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return self.findings.errors


def validate(
    path: Path,
    received: date,
    read_as: str | None = None,
    schemas: Path | None = None,
    listed: Path | None = None,
    language: str = "en",
) -> Validation:
    """Read a file and list all that is wrong with it.

    Args:
        path: File of any format that is read.
        received: Declaration date where a message tells none.
        read_as: Its format, where it isn't to be found out.
        schemas: Folder of the published schemas (``*.xsd``); XML is checked against those of its elements.
        listed: CSV to be written of every finding.
        language: Language of its messages and fixes.
    Raises:
        UsageError: The file or a schema cannot be read, or the folder holds no schema of the message.
    """
    result = Validation(str(path))
    with tempfile.TemporaryDirectory(prefix="greenlane-") as folder, listing(listed, path) as sink:
        result.findings.sink, result.findings.language = sink, language
        for lot in lots_of(path, Path(folder) / "work", received, read_as):
            result.format = result.format or lot.format
            result.consignments += len(lot.consignments)
            result.rejected += lot.batch.rejected.height
            for found in lot.findings:
                result.findings.add(found)
        if schemas is not None:
            for found in _by_schema(path, schemas):
                result.findings.add(found)
    return result


def _by_schema(path: Path, folder: Path) -> list[Told]:
    files = {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*.xsd"))
        if file.is_file()
    }
    if not files:
        raise UsageError(f"{folder}: there is no schema (*.xsd)")
    try:
        root = document(path.read_bytes())
    except XmlRefused:
        return []
    declares = _declared(files)
    own = [(root, declares.get(str(root.tag), ()))]
    # A wrapper has a schema of its own, and what it wraps another, of another namespace.
    own += [(one, declares.get(str(one.tag), ())) for one in root if _space(one) != _space(root)]
    checked = [(element, names) for element, names in own if names]
    if not checked:
        raise UsageError(f"{folder}: no schema there declares the element {etree.QName(root).localname}")
    inside = tuple(path_of(element) for element, _ in checked if element is not root)
    found: list[ForeignFinding] = []
    for element, names in checked:
        # Of several schemas of one element, the message is of the kind that it fits best.
        tried = [faults(schema(files, name), element) for name in names]
        best = min(tried, key=len)
        found += [one for one in best if element is not root or not _within(one.place.path, inside)]
    return [
        Told(str(path), None, None, one.code, one.place.path, one.place.wco, one.message)
        for one in dict.fromkeys(found)
    ]


def _within(path: str, wrapped: tuple[str, ...]) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in wrapped)


def _space(element: etree._Element) -> str | None:
    return etree.QName(element).namespace


def _declared(files: dict[str, bytes]) -> dict[str, tuple[str, ...]]:
    """Return the schemas that declare each global element."""
    xsd = "{http://www.w3.org/2001/XMLSchema}"
    found: dict[str, tuple[str, ...]] = {}
    for name, data in files.items():
        try:
            root = document(data)
        except XmlRefused as refused:
            raise UsageError(f"schema {name}: {refused.finding.message}") from None
        space = root.get("targetNamespace")
        for element in root.iterchildren(f"{xsd}element"):
            own = element.get("name", "")
            tag = f"{{{space}}}{own}" if space else own
            found[tag] = (*found.get(tag, ()), name)
    return found


__all__ = ["Validation", "validate"]
