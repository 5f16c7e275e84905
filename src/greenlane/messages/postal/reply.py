"""CUSRSP: what customs answers to the post about each item, written and read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from io import BytesIO
from typing import Final, Literal

from greenlane.messages.files_findings import shape_of
from greenlane.messages.foreign import Carried, ForeignFinding, Place
from greenlane.messages.postal import edifact, markup
from greenlane.messages.postal import findings as codes
from greenlane.messages.postal.consignments import path_of
from greenlane.messages.postal.fields import BY_NAME
from greenlane.messages.postal.records import Head, Leaf, Record
from greenlane.messages.postal.shapes import whole
from greenlane.messages.postal.turning import NOT_TEXT, expected, fits

Layout = Literal["edifact", "xml"]


class State(StrEnum):
    """What customs has decided. The codes are greenlane's own: those of the UPU are not known here."""

    RELEASED = "RELEASED"
    HELD = "HELD"
    RETURN = "RETURN"
    SEIZED = "SEIZED"
    DUTY_DUE = "DUTY_DUE"


@dataclass(frozen=True, slots=True)
class Revised:
    """A content piece as customs has revised it; empty is as it was declared."""

    number: str
    hs_code: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class ItemResponse:
    """The answer for one item.

    Amounts are decimal strings in ``currency``; empty is not told, never zero. ``sent`` is a day, ``number`` what
    customs counts the item by, ``carried`` what a response that was read holds beyond that.
    """

    item_id: str
    state: State
    sent: str = ""
    number: str = ""
    remarks: str = ""
    currency: str = ""
    assessed: str = ""
    duty: str = ""
    payable: str = ""
    revised: tuple[Revised, ...] = ()
    carried: tuple[Carried, ...] = ()


@dataclass(frozen=True, slots=True)
class Responses:
    """One CUSRSP as read."""

    head: Head
    responses: tuple[ItemResponse, ...]
    findings: tuple[ForeignFinding, ...] = ()


_FIELDS: Final[Mapping[str, str]] = {
    "item_id": "ITEM_ID",
    "sent": "SENT_DT",
    "number": "CIN_NO",
    "remarks": "MAIL_STATE_REMARKS",
    "currency": "ASS_CURRCD",
    "assessed": "TOT_ASS_VAL",
    "duty": "TOT_DUTY",
    "payable": "TOT_AMT_PAYABLE",
}
_PIECE: Final = {"number": "ITEM_NO", "hs_code": "CP_REVISEDHS", "description": "CP_REVISEDDESC"}
_READ: Final = {*_FIELDS.values(), "ENTITY_STATE"}


def write_responses(responses: Sequence[ItemResponse], head: Head, layout: Layout = "edifact") -> bytes:
    """Write one CUSRSP.

    Example:
        >>> told = ItemResponse("RR473124829GB", State.RELEASED, "2026-07-02")
        >>> read_responses(write_responses([told], Head("DEC", "DEA"))).responses == (told,)
        True
    """
    written = markup.written if layout == "xml" else edifact.written
    return written("CUSRSP", head, [_record(one) for one in responses])


def _record(one: ItemResponse) -> Record:
    fields = {name: _plain(text) for field, name in _FIELDS.items() if (text := str(getattr(one, field)))}
    fields["ENTITY_STATE"] = Leaf(one.state.value)
    record = Record("", fields)
    for piece in one.revised:
        told = ((name, str(getattr(piece, field))) for field, name in _PIECE.items())
        record.pieces.append({name: _plain(text) for name, text in told if text})
    for carried in one.carried:
        path, _, name = carried.path.rpartition("/")
        if "#" in carried.path:
            record.strange.append((carried.path.partition("#")[2], carried.text))
            continue
        unit = dict(carried.attributes).get("unit", "")
        into = fields
        if path:
            into = record.pieces[int(path.removeprefix("/piece[").removesuffix("]")) - 1]
        into.setdefault(name, _plain(carried.text, unit))
    return record


def _plain(text: str, unit: str = "") -> Leaf:
    return Leaf(NOT_TEXT.sub(" ", text), unit=unit)


def read_responses(data: bytes) -> Responses:
    """Read one CUSRSP in either layout; what is wrong with it is in the findings."""
    parts = markup.parts if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else edifact.parts
    head = Head()
    made: list[ItemResponse] = []
    findings: list[ForeignFinding] = []
    items = 0
    for part in parts(BytesIO(data)):
        if part.kind not in ("", "CUSRSP"):
            words = f"expected CUSRSP, {part.kind} came"
            return Responses(head, (), (ForeignFinding(codes.NOT_POSTAL, Place("/"), words),))
        head = part.head if part.head != Head() else head
        number = items if part.record is not None else None
        findings += (ForeignFinding(one.code, one.place, one.message, number) for one in part.findings)
        if part.record is not None:
            response, found = _response(whole(part.record), items)
            items += 1
            findings += found
            if response is not None:
                made.append(response)
    return Responses(head, tuple(made), tuple(findings))


def _response(record: Record, number: int) -> tuple[ItemResponse | None, list[ForeignFinding]]:
    findings: list[ForeignFinding] = []

    def say(code: str, path: str, words: str) -> None:
        findings.append(ForeignFinding(code, Place(path), words, number))

    for _, name, leaf in record.leaves():
        if not fits(BY_NAME[name], leaf):
            say(codes.FORM, leaf.path, f"expected {expected(BY_NAME[name])}, got {shape_of(leaf.text)}")
    for row in BY_NAME.values():
        if "RSP" in row.needed and row.name not in record.fields:
            say(codes.MISSING, path_of(record.path, row, None), f"expected {row.words}, nothing came")
    state = record.fields.get("ENTITY_STATE")
    if state is None or "ITEM_ID" not in record.fields:
        return None, findings
    if state.text not in list(State):
        say(codes.FORM, state.path, f"expected one of {', '.join(State)}, got {shape_of(state.text)}")
        return None, findings
    texts = {field: record.fields[name].text for field, name in _FIELDS.items() if name in record.fields}
    revised = tuple(
        Revised(*(piece[name].text if name in piece else "" for name in _PIECE.values()))
        for piece in record.pieces
    )
    response = ItemResponse(state=State(state.text), revised=revised, **texts)  # type: ignore[arg-type]
    return replace(response, carried=tuple(_carried(record))), findings


def _carried(record: Record) -> list[Carried]:
    kept = []
    for piece, name, leaf in record.leaves():
        if name in (_READ if piece is None else _PIECE.values()):
            continue
        start = "" if piece is None else f"/piece[{piece + 1}]/"
        attributes = (("unit", leaf.unit),) if leaf.unit else ()
        kept.append(Carried(f"{start}{name}", leaf.text, attributes))
    return kept + [Carried(f"#{path}", text) for path, text in record.strange]
