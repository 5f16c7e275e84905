"""From events of the procedure to notices, and from answers to commands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, get_args

import msgspec

from greenlane.clearance import Event, State, fold, may_load
from greenlane.clearance.commands import Answer
from greenlane.clearance.vocabulary import ScreeningResult
from greenlane.messages.foreign import ForeignFinding, Message, Place
from greenlane.messages.ics2 import findings as codes
from greenlane.messages.ics2.notices import (
    Assessed,
    Document,
    DoNotLoad,
    Fault,
    Notice,
    Request,
    Statement,
)
from greenlane.messages.ics2.tables import code_of, words
from greenlane.messages.tabled import numbered
from greenlane.messages.wco.replying import validation_code
from greenlane.values.finding import Severity

_ASSESSES: Final = frozenset({"filed", "amended", "redecided"})


@dataclass(frozen=True, slots=True)
class Answered:
    """What every notice about one entry summary repeats: its MRN, the member state, the parties, the house document."""

    mrn: str
    member_state: str
    declarant: str
    house: Document
    carrier: str | None = None
    representative: str | None = None


def reference_of(referral: int) -> str:
    """Return the reference under which a referral is asked.

    Example:
        >>> reference_of(2), referral_of("REF0002"), referral_of("2")
        ('REF0002', 2, None)
    """
    return f"REF{referral:04d}"


def referral_of(reference: str | None) -> int | None:
    """Return the number of a referral by its reference, null for a reference that was never given."""
    if reference is None or not reference.startswith("REF"):
        return None
    number = reference[3:]
    if not (number.isascii() and number.isdecimal()):
        return None
    found = int(number)
    return found if found and reference_of(found) == reference else None


def notices_of(to: Answered, events: Sequence[Event]) -> Iterator[Notice]:
    """Give the notices about one consignment, in the order of its events from the filing on.

    R01 acknowledges the filing. Each referral is a Q01, Q02 or Q03. A refusal or seizure before departure is a Q01,
    for the goods must not be loaded either. N03 says that the assessment is complete: every order of the decision is
    given and nothing stands against loading. It comes again when that is so again.
    """
    state = State()
    pending = False
    for event in events:
        state = fold((event,), state)
        gone = state.departed_at is not None or state.arrived_at is not None
        if event.type == "filed":
            yield Notice(
                "R01",
                mrn=to.mrn,
                at=event.at,
                registered_at=event.at,
                member_state=to.member_state,
                representative=to.representative,
                house=to.house,
                declarant=to.declarant,
            )
        elif event.type == "referral_opened":
            pending = True
            yield _referral(to, event)
        elif event.type in ("refused", "seized") and not gone:
            pending = True
            yield _do_not_load(to, event.at)
        elif event.type == "cancelled":
            yield Notice("R07", mrn=to.mrn, at=event.at)
        pending = pending or event.type in _ASSESSES
        if pending and may_load(state) and state.ordered == state.decisions:
            pending = False
            yield _complete(to, event.at)


def _do_not_load(to: Answered, at: datetime) -> Notice:
    return Notice(
        "Q01",
        mrn=to.mrn,
        at=at,
        member_state=to.member_state,
        representative=to.representative,
        house=to.house,
        carrier=to.carrier,
        declarant=to.declarant,
        do_not_load=DoNotLoad(document=to.house),
    )


def _complete(to: Answered, at: datetime) -> Notice:
    return Notice(
        "N03",
        mrn=to.mrn,
        completed_at=at,
        member_state=to.member_state,
        carrier=to.carrier,
        declarant=to.declarant,
        assessed=Assessed(documents=(to.house,)),
    )


def _referral(to: Answered, event: Event) -> Notice:
    data = event.data
    kind = data["kind"]
    if kind == "do_not_load":
        return _do_not_load(to, event.at)
    asked = ", ".join(data.get("elements") or ())
    words_of_it = f"{data.get('reason') or ''} {asked}".strip()
    screening = kind == "request_screening"
    methods = (code_of("CL724", method) for method in data.get("methods") or ())
    return Notice(
        "Q03" if screening else "Q02",
        mrn=to.mrn,
        at=event.at,
        member_state=to.member_state,
        declarant=to.declarant,
        requests=(
            Request(
                reference_of(data["number"]),
                code_of("CL735", kind),
                house=to.house,
                methods=tuple(method for method in methods if method) if screening else (),
                statements=() if screening or not words_of_it else (Statement(text=words_of_it[:512]),),
            ),
        ),
    )


def faults_of(message: Message, mrn: str | None, at: datetime) -> Notice:
    """Answer a message with an N99: each error with the path of its element in the sender's message, all at once.

    Example:
        >>> from greenlane.messages.ics2.reading import read
        >>> from datetime import UTC
        >>> notice = faults_of(read(b"<IE3R01/>"), None, datetime(2026, 7, 2, tzinfo=UTC))
        >>> [fault.pointer for fault in notice.faults]
        ['/IE3R01/documentIssueDate', '/IE3R01/MRN', '/IE3R01/registrationDate']
    """
    faults = tuple(
        Fault(validation_code(found.code), f"{found.message} {found.fix}"[:512], found.place.path)
        for found in message.findings
        if found.severity is Severity.ERROR
    )
    return Notice("N99", mrn=mrn, at=at, faults=faults)


@dataclass(frozen=True, slots=True)
class Answers:
    """What answers are taken as: commands of the procedure, and why others are not."""

    commands: tuple[Answer, ...]
    findings: tuple[ForeignFinding, ...] = ()


def answers_of(notice: Notice, note: str | None = None) -> Answers:
    """Turn an R02 or R03 into commands.

    Args:
        notice: As read, without errors.
        note: Reference under which the caller has stored the free text of the answers, for text stays out of commands.
    """
    made: list[Answer] = []
    findings: list[ForeignFinding] = []

    def refuse(path: str, message: str) -> None:
        findings.append(ForeignFinding(codes.ANSWER, Place(f"/IE3{notice.kind}/{path}"), message))

    seen: set[int] = set()
    for path, reference, fields in (_information if notice.kind == "R02" else _screenings)(notice):
        referral = referral_of(reference)
        if referral is None or referral in seen:
            why = "one answer a referral" if referral in seen else "a reference of a request"
            refuse(f"{path}/referralRequestReference", f"expected {why}")
            continue
        seen.add(referral)
        if fields.get("result", "") is None:
            refuse(f"{path}/result", "expected a result of CL726")
            continue
        noted = {"note": note} if fields.pop("text") else {}
        try:
            made.append(
                msgspec.convert({"command": "answer", "referral": referral, **fields, **noted}, Answer)
            )
        except msgspec.ValidationError:
            refuse(path, "expected known methods and references of stored documents")
    return Answers(tuple(made), tuple(findings))


def _information(notice: Notice) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    for place, answer in enumerate(notice.answers, 1):
        documents = [one.reference for one in answer.documents] + [one.id for one in answer.files]
        path = numbered("referralResponseDetails", place)
        yield path, answer.reference, {"documents": documents, "text": bool(answer.statements)}


def _screenings(notice: Notice) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    for place, screening in enumerate(notice.screenings, 1):
        result = words("CL726").get(screening.result or "")
        yield (
            numbered("hrcmScreeningResults", place),
            screening.reference,
            {
                "methods": [words("CL724").get(method, method) for method in screening.methods],
                "result": result if result in get_args(ScreeningResult) else None,
                "screened_at": notice.at,
                "text": bool(screening.statements),
            },
        )
