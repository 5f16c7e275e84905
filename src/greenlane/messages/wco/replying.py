"""Which responses greenlane sends: from findings, outcomes and the events of the procedure."""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

from greenlane.clearance.events import Event, moment
from greenlane.messages.foreign import ForeignFinding
from greenlane.messages.wco.elements import DECLARATION
from greenlane.messages.wco.mapping import ROOT, path_of_field
from greenlane.messages.wco.reply import Charge, Fault, Reply, ReplyKind
from greenlane.values.finding import Severity, kind_of

TAX_TYPES: Final = {"duty": "A00", "tax": "B00", "fee": "E00"}
"""Type of duty, tax or fee by the kind of a charge, where its name has none of its own."""
TYPES_BY_NAME: Final = {"customs_duty": "A00", "flat_duty": "A00", "vat": "B00", "excise": "C00"}


@dataclass(frozen=True, slots=True)
class Answered:
    """What every response to one declaration repeats: the declarant's reference, the customs' number.

    ``stem`` begins the references of the responses; a number follows.
    """

    declared: str
    mrn: str
    stem: str


def validation_code(code: str) -> str:
    """Return the code of a finding in the eight characters that a response has for it; always the same for one code.

    Example:
        >>> validation_code("required.missing")
        'GLBBCD17'
    """
    return f"GL{zlib.crc32(code.encode()) & 0xFFFFFF:06X}"


def fault_of(finding: ForeignFinding) -> Fault:
    """Turn a finding about a declaration that was read into an error with its pointer."""
    pointer = DECLARATION.pointer(finding.place.path)
    return Fault(validation_code(finding.code), pointer, f"{finding.code}: {finding.message}"[:512])


def faults_of(findings: Iterable[Mapping[str, Any]]) -> tuple[Fault, ...]:
    """Turn the errors of intake or of an outcome into errors with pointers, by the table of elements.

    Args:
        findings: With ``code``, ``path`` (a JSON pointer into the consignment), ``message`` and ``severity``.
    Example:
        >>> found = {"code": "required.missing", "path": "/items/1/description", "message": "m", "severity": "error"}
        >>> faults_of([found])[0].pointer
        (('42A', None), ('67A', None), ('68A', 2), ('23A', None), ('137', None))
    """
    made = []
    for finding in findings:
        if finding["severity"] != str(Severity.ERROR):
            continue
        steps = str(finding["path"]).strip("/").split("/")
        number = 1
        if steps[0] == "items" and len(steps) > 1 and steps[1].isdecimal():
            number = int(steps[1]) + 1
            steps = ["items", *steps[2:]]
        path = path_of_field(".".join(steps), number) or ROOT
        title = kind_of(finding["code"]).title
        words = f"{finding['code']}: {title} {finding['message']}"[:512]
        made.append(Fault(validation_code(finding["code"]), DECLARATION.pointer(path), words))
    return tuple(made)


def rejected(to: Answered, at: datetime, faults: Sequence[Fault], number: int = 1) -> Reply:
    """Answer that a declaration is rejected, with every error at once."""
    return Reply(
        ReplyKind.REJECTED, f"{to.stem}-{number}", at, to.declared, to.mrn, moment=at, faults=tuple(faults)
    )


def replies_of(
    to: Answered, events: Sequence[Event], outcomes: Sequence[Mapping[str, Any]]
) -> Iterator[Reply]:
    """Give the responses to one declaration, in the order of its events.

    Args:
        to: Whom they answer.
        events: Of one consignment, from its filing on.
        outcomes: As the contract has them, one for each ``filed``, ``amended`` and ``redecided`` in turn.
    """
    number = version = decided = 0
    for event in events:
        kinds = _KINDS.get(event.type, ())
        if event.type in ("filed", "amended"):
            version += 1
        if event.type in ("filed", "amended", "redecided"):
            outcome = outcomes[decided]
            decided += 1
        for kind in kinds:
            made = _reply(kind, event, to, outcome)
            if made is None:
                continue
            number += 1
            yield Reply(kind, f"{to.stem}-{number}", event.at, to.declared, to.mrn, version, **made)


_KINDS: Final[dict[str, tuple[ReplyKind, ...]]] = {
    "filed": (ReplyKind.ACCEPTED, ReplyKind.TAX),
    "amended": (ReplyKind.RECEIVED, ReplyKind.TAX),
    "redecided": (ReplyKind.TAX,),
    "inspection_ordered": (ReplyKind.CONTROL,),
    "referral_opened": (ReplyKind.DOCUMENTS,),
    "released": (ReplyKind.RELEASED, ReplyKind.CLEARED),
    "cancelled": (ReplyKind.INVALIDATED,),
}


def _reply(kind: ReplyKind, event: Event, to: Answered, outcome: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what this kind says beyond who and when; None where it has nothing to say."""
    data = event.data
    if kind is ReplyKind.ACCEPTED:
        return {"moment": event.at}
    if kind is ReplyKind.TAX:
        charges = tuple(charges_of(outcome))
        return {"charges": charges, "status": "4"} if charges else None
    if kind is ReplyKind.DOCUMENTS:
        if data.get("kind") != "request_information":
            return None
        asked = ", ".join(data.get("elements") or ())
        words = (f"{data.get('reason') or ''} {asked}").strip()[:512]
        return {"limit": moment(data.get("due")), "words": words, "statement": "ACA", "statement_type": "ACA"}
    if kind in (ReplyKind.RELEASED, ReplyKind.CLEARED):
        secured = data.get("cover") in ("guaranteed", "deferred")
        if secured is (kind is ReplyKind.CLEARED):
            return None
        return {"statement": "A1" if secured else "A2", "statement_type": "AFB"}
    if kind is ReplyKind.INVALIDATED:
        return {"moment": event.at, "words": str(data.get("reason") or "")[:512], "statement_type": "AFB"}
    return {}


def charges_of(outcome: Mapping[str, Any]) -> Iterator[Charge]:
    """Give the charges of an outcome: base, rate in per cent, assessed, and what is payable after waivers."""
    for charge in outcome["charges"]:
        if charge["amount"] is None:
            continue
        kind = TYPES_BY_NAME.get(charge["name"], TAX_TYPES[charge["kind"]])
        item = charge["item_id"]
        yield Charge(
            kind,
            outcome["currency"],
            charge["assessed"] or charge["amount"],
            charge["amount"],
            int(item) if item is not None and item.isdecimal() else None,
            charge["base"],
            None if charge["rate"] is None else _per_cent(charge["rate"]),
        )


def _per_cent(rate: str) -> str:
    """Write a share as per cent, exact to six decimals.

    Example:
        >>> _per_cent("0.2"), _per_cent("0.012")
        ('20', '1.2')
    """
    millionths = round(Fraction(rate) * 100 * 10**6)
    whole, part = divmod(millionths, 10**6)
    return f"{whole}.{part:06d}".rstrip("0").rstrip(".")
