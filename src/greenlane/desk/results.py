"""What a filing and a command are answered: the types that the service and its client share."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from greenlane.clearance import Decision
from greenlane.messages.places import element_at, parted
from greenlane.values.finding import Finding, Severity, declare, kind_of

NOT_HERE = declare(
    "filing.not_here",
    Severity.ERROR,
    "This service doesn't clear consignments to that destination.",
    "File with the administration of the country of destination.",
)


class ItemFinding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A finding about one consignment: what it means, where, what came, and the fix.

    ``path`` is a JSON pointer into the consignment, or the place in the foreign message that it came in; ``wco`` is
    the element of the WCO Data Model.
    """

    code: str
    severity: str
    title: str = ""
    path: str
    wco: str | None = None
    message: str
    fix: str
    law: str | None = None


class ItemResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one consignment of a filing.

    ``result``: accepted (new), amended (filed before with other content), repeated (the same again, nothing
    changed), rejected (intake refuses it), refused (the procedure doesn't allow the amendment, or the ledger not what
    it would post). ``document`` is the number of an order, payment, waybill or return that is filed by itself.
    ``references`` are what the answer to a refused foreign message repeats of it.
    """

    result: str
    row: int | None = None
    consignment_id: str | None = None
    document: str | None = None
    phase: str | None = None
    disposition: str | None = None
    status: str | None = None
    certainty: str | None = None
    category: int | None = None
    currency: str | None = None
    duty: str | None = None
    tax: str | None = None
    fees: str | None = None
    total: str | None = None
    payable_at_border: str | None = None
    reasons: tuple[str, ...] = ()
    input_digest: str | None = None
    law_version: str | None = None
    findings: tuple[ItemFinding, ...] = ()
    references: dict[str, str] = {}


class DocumentTold(msgspec.Struct, frozen=True, kw_only=True):
    """A document of a consignment. ``sha256`` is of its content; ``id`` is how commands refer to it."""

    id: UUID
    kind: str
    media_type: str
    size: int
    sha256: str
    at: datetime


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What a filing is answered: its number, how far it is, and how many consignments became what.

    ``results`` is there where the filing was decided before the answer; else it is read in pages.
    """

    filing: UUID
    status: str
    received_at: datetime
    records: int
    accepted: int = 0
    amended: int = 0
    repeated: int = 0
    rejected: int = 0
    refused: int = 0
    problem: str | None = None
    results: tuple[ItemResult, ...] | None = None


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """An event that a command caused."""

    type: str
    at: datetime
    data: dict[str, Any]


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """Where a consignment stands after a command, and what happened."""

    consignment_id: str
    party: str
    phase: str
    deadline: datetime | None
    version: int
    events: list[Happened]


def accepted(
    row: Mapping[str, Any], outcome: Mapping[str, Any], decision: Decision, phase: str, result: str
) -> ItemResult:
    """Return the result of a consignment that was decided."""
    return ItemResult(
        result=result,
        row=row.get("source_row"),
        consignment_id=row["consignment_id"],
        phase=phase,
        disposition=decision.disposition,
        status=outcome["status"],
        certainty=outcome["certainty"],
        category=outcome["category"],
        currency=outcome["currency"],
        duty=outcome["duty"],
        tax=outcome["tax"],
        fees=outcome["fees"],
        total=outcome["total"],
        payable_at_border=outcome["payable_at_border"],
        reasons=tuple(decision.reasons),
        input_digest=outcome["input_digest"],
        law_version=outcome["law_version"],
        findings=tuple([_told(f) for f in outcome["findings"]]),
    )


def repeated(held: Mapping[str, Any], row: Mapping[str, Any]) -> ItemResult:
    """Return the result of a consignment that stands as it is filed again."""
    outcome = msgspec.json.decode(held["outcome"])
    return ItemResult(
        result="repeated",
        row=row.get("source_row"),
        consignment_id=held["consignment_id"],
        phase=held["phase"],
        disposition=held["disposition"],
        status=outcome["status"],
        certainty=outcome["certainty"],
        category=outcome["category"],
        currency=outcome["currency"],
        duty=outcome["duty"],
        tax=outcome["tax"],
        fees=outcome["fees"],
        total=outcome["total"],
        payable_at_border=outcome["payable_at_border"],
        reasons=tuple(outcome["reasons"]),
        input_digest=outcome["input_digest"],
        law_version=outcome["law_version"],
        findings=tuple(_told(f) for f in outcome["findings"]),
    )


def rejected(findings: Sequence[Mapping[str, Any]]) -> list[ItemResult]:
    """Return a result for each record that intake refuses, with all its findings, and for faults of the whole text."""
    found: dict[tuple[str | None, int | None], list[ItemFinding]] = {}
    refused_ids: set[tuple[str | None, int | None]] = set()
    for finding in findings:
        if finding["severity"] == "error":
            refused_ids.add(
                (finding["consignment_id"], finding["row"] if finding["consignment_id"] is None else None)
            )
    for finding in findings:
        name = finding["consignment_id"]
        mark = (name, finding["row"] if name is None else None)
        if mark in refused_ids:
            found.setdefault(mark, []).append(_told(finding))
    rows: dict[str, int] = {}
    for finding in findings:
        if finding["consignment_id"] is not None and finding["row"] is not None:
            rows.setdefault(finding["consignment_id"], finding["row"])
    return [
        ItemResult(
            result="rejected",
            row=row if name is None else rows.get(name),
            consignment_id=name,
            findings=tuple(own),
        )
        for (name, row), own in found.items()
    ]


def document_result(result: str, row: int, number: str | None, finding: Finding | None) -> ItemResult:
    """Return the result of a document that is filed by itself: an order, a payment, a waybill, a return."""
    findings = () if finding is None else (_of(finding),)
    return ItemResult(result=result, row=row, document=number, findings=findings)


def with_findings(result: ItemResult, findings: Sequence[Finding]) -> ItemResult:
    """Return a result with more findings."""
    if not findings:
        return result
    return msgspec.structs.replace(result, findings=(*result.findings, *map(_of, findings)))


def refused(row: Mapping[str, Any], finding: Finding) -> ItemResult:
    """Return the result of a consignment that the procedure or the ledger doesn't take."""
    return ItemResult(
        result="refused",
        row=row.get("source_row"),
        consignment_id=row["consignment_id"],
        findings=(_of(finding),),
    )


def not_here(row: Mapping[str, Any]) -> ItemResult:
    """Return the result of a consignment to a destination that isn't cleared here."""
    finding = Finding(NOT_HERE, "/destination_country", "the destination isn't one that this service clears")
    return ItemResult(
        result="rejected",
        row=row.get("source_row"),
        consignment_id=row["consignment_id"],
        findings=(_of(finding),),
    )


def _of(finding: Finding) -> ItemFinding:
    return _told(finding.as_dict())


def _told(finding: Mapping[str, Any]) -> ItemFinding:
    code, path = finding["code"], finding["path"] or "/"
    title, fix, element = _about(code, path)
    words, wco = parted(finding["message"])
    return ItemFinding(
        code=code,
        severity=finding["severity"],
        title=title,
        path=path,
        wco=wco or element,
        message=words,
        fix=fix,
        law=finding.get("law"),
    )


@lru_cache(1024)
def _about(code: str, path: str) -> tuple[str, str, str | None]:
    """Return the title and the fix of a finding, and the element that its path names."""
    kind = kind_of(code)
    return kind.title, kind.fix, element_at(path)


__all__ = [
    "DocumentTold",
    "Happened",
    "ItemFinding",
    "ItemResult",
    "Moved",
    "Receipt",
    "accepted",
    "document_result",
    "not_here",
    "refused",
    "rejected",
    "repeated",
    "with_findings",
]
