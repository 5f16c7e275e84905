"""People's data over HTTP: reading it for a purpose, extracts, notes, erasure with its proof, the audit chain."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import anyio.to_thread
import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType

from greenlane.clearance.commands import Code
from greenlane.desk import audit as desk_audit
from greenlane.desk import erasing
from greenlane.desk import persons as desk_persons
from greenlane.desk.caller import Right
from greenlane.desk.erasing import Override
from greenlane.desk.persons import Subject, Wanted
from greenlane.desk.told import Revealed
from greenlane.privacy.plain import Personal, Value
from greenlane.privacy.purposes import Purpose
from greenlane.privacy.split import CLASSES
from greenlane.service.access import RIGHT
from greenlane.service.problems import Problem
from greenlane.service.requesting import (
    Cursor,
    IdempotencyKey,
    Limit,
    PartyOf,
    TheCaller,
    TheDesk,
    answers,
    pack,
    reply,
    request_of,
    unpack,
)
from greenlane.service.shapes import AnchorMade, AuditPage, Erased, Erasures, HoldMade

_PRIVATE = {"Cache-Control": "no-store"}

Id = Annotated[str, Meta(min_length=1, max_length=70)]
Text = Annotated[str, Meta(min_length=1, max_length=400)]
Country = Annotated[str, Meta(pattern="^[A-Z]{2}$")]
Case = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/#-]{0,69}$",
        description="The number of a case or order, with a digit in it; never a name.",
    ),
]
Role = Literal["consignor", "consignee", "seller"]
ElementName = Annotated[str, Meta(pattern="^[a-z][a-z_.]{1,60}$")]


class RevealWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is to be read of whose consignment, for which purpose.

    Without ``roles`` every person and note; without ``elements`` all that role and purpose open.
    """

    consignment_id: Id
    purpose: Purpose
    party: Id | None = None
    case: Case | None = None
    roles: Annotated[tuple[Role | Literal["note"], ...], Meta(max_length=4)] = ()
    elements: Annotated[tuple[ElementName, ...], Meta(max_length=20)] = ()


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A person as they proved who they are, as it would stand in a consignment.

    An id, or a name with address or postcode, finds them; a seller is found by name with platform and seller id too.
    ``destination_country`` is where the consignments went; without it, the country itself.
    """

    country: Country
    role: Role = "consignee"
    id: Text | None = None
    name: Text | None = None
    address: Text | None = None
    postcode: Text | None = None
    destination_country: Country | None = None
    seller_id: Text | None = None
    platform_id: Text | None = None

    def subject(self) -> Subject:
        """Return the person as the desk takes it."""
        told: dict[str, Value] = {
            f"{self.role}.{name}": value
            for name in ("id", "name", "address", "postcode")
            if (value := getattr(self, name)) is not None
        }
        public = {
            f"{self.role}.country": self.country,
            "destination_country": self.destination_country or self.country,
            "seller.id": self.seller_id or "",
            "platform.id": self.platform_id or "",
        }
        return Subject(Personal(self.role, told), public)


class ExtractWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whose data is to be told, and the number under which the person asked and proved who they are."""

    person: Person
    case: Case


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why data goes that would be kept: a reason code, and the number of the order."""

    reason: Code
    case: Case


class ErasePerson(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="person", tag_field="erase"
):
    """Erase one person; ``override`` where something would be kept."""

    person: Person
    override: Order | None = None


class EraseDue(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="due", tag_field="erase"
):
    """Erase what is due by its clock, now."""


class NoteWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Free text about a consignment; it may name persons, and is sealed."""

    text: Annotated[str, Meta(min_length=1, max_length=10_000)]


class HoldWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The case for which the people's data of a consignment is kept."""

    consignment_id: Id
    case: Case
    party: Id | None = None


@post("/persons/reveal", status_code=200, tags=["persons"], opt={RIGHT: Right.REVEAL})
async def reveal(data: JSONBody[RevealWanted], desk: TheDesk, caller: TheCaller) -> Response[Revealed]:
    """Read people's data of a consignment in the clear, for a purpose.

    Role and purpose decide which elements; each reading and each refusal is in the audit log before the answer.
    """
    if not CLASSES.keys() >= set(data.elements):
        raise Problem(
            422, "elements", "an element that is named isn't a personal one of the data-element table"
        )
    wanted = Wanted(
        data.consignment_id,
        data.purpose,
        data.party,
        data.case,
        frozenset(data.roles),
        frozenset(data.elements),
    )
    found = await anyio.to_thread.run_sync(desk_persons.reveal, desk, caller, wanted)
    return Response(found, headers=_PRIVATE)


class RecordTold(msgspec.Struct, frozen=True, kw_only=True):
    """One sealed record about a person; ``personal`` is there where it is held and theirs, else ``note`` says why not."""

    consignment: int
    version: int
    role: str
    retention: str
    state: str
    note: str | UnsetType = UNSET
    personal: dict[str, Any] | UnsetType = UNSET


class ConsignmentHeld(msgspec.Struct, frozen=True, kw_only=True):
    """What is held of a consignment of the person beside the sealed records."""

    key: int
    public: dict[str, Any]
    charges: list[dict[str, Any]]


class ReadingTold(msgspec.Struct, frozen=True, kw_only=True):
    """Who read about the person: when, in which role, for what; not which officer."""

    at: datetime
    action: str
    role: str | UnsetType = UNSET
    purpose: str | UnsetType = UNSET
    consignment: int | UnsetType = UNSET
    elements: Any = UNSET


class Extract(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is held about a person."""

    version: int
    at: datetime
    records: list[RecordTold]
    consignments: list[ConsignmentHeld]
    uses: list[dict[str, Any]]
    readings: list[ReadingTold]
    erased: list[dict[str, Any]]


@post(
    "/persons/extract",
    status_code=200,
    tags=["persons"],
    opt={RIGHT: Right.EXTRACT},
    responses=answers(Extract, 200),
)
async def extract(data: JSONBody[ExtractWanted], desk: TheDesk, caller: TheCaller) -> Response[bytes]:
    """Tell a person everything that is held about them: records, consignments, charges, uses of limits, readings.

    The caller has seen the proof of who they are. The answer is plain data: hand it over and keep no copy.
    """
    subject = data.person.subject()
    found = await anyio.to_thread.run_sync(desk_persons.extract, desk, caller, subject, data.case)
    return Response(found, media_type="application/json", headers=_PRIVATE)


@post("/persons/erase", status_code=200, tags=["persons"], opt={RIGHT: Right.ERASE})
async def erase(data: JSONBody[ErasePerson | EraseDue], desk: TheDesk, caller: TheCaller) -> Erased:
    """Erase one person, or what is due, by destroying the keys; each erasure comes with its proof.

    What a clock, an open procedure or a case keeps is 409 with the day or the case, unless an order overrides it.
    """

    def work() -> Erased:
        if isinstance(data, EraseDue):
            return Erased(erasures=erasing.erase_due(desk, caller.actor))
        order = data.override
        override = None if order is None else Override(order.reason, order.case)
        return Erased(erasures=erasing.erase_person(desk, caller, data.person.subject(), override))

    return await anyio.to_thread.run_sync(work)


@get("/persons/erasures", tags=["persons"], opt={RIGHT: Right.PROOF})
async def list_erasures(desk: TheDesk, limit: Limit = 100, cursor: Cursor = None) -> Erasures:
    """List erasures in the order of the audit log, each with its tombstone and the entry that proves it."""
    (after,) = unpack(cursor, int) if cursor else (0,)
    found = await anyio.to_thread.run_sync(erasing.erasures, desk, after, limit)
    return Erasures(found, pack(found[-1].seq) if len(found) == limit else None)


@post("/persons/holds", status_code=201, tags=["persons"], opt={RIGHT: Right.KEEP})
async def keep(data: JSONBody[HoldWanted], desk: TheDesk, caller: TheCaller) -> HoldMade:
    """Keep the people's data of a consignment for a case, beyond its clock."""
    made = await anyio.to_thread.run_sync(
        erasing.keep, desk, caller, data.party, data.consignment_id, data.case
    )
    return HoldMade(hold=made)


@delete("/persons/holds/{hold:uuid}", tags=["persons"], opt={RIGHT: Right.KEEP})
async def let_go(hold: FromPath[UUID], desk: TheDesk, caller: TheCaller) -> None:
    """End such a hold."""
    if not await anyio.to_thread.run_sync(erasing.let_go, desk, caller, hold):
        raise Problem(404, "not-found", "there is no such hold in force")


class NoteMade(msgspec.Struct, frozen=True):
    """The reference of a note, as commands take it."""

    note: str


@post(
    "/consignments/{consignment_id:str}/notes",
    status_code=201,
    tags=["persons"],
    opt={RIGHT: Right.COMMAND},
    responses=answers(NoteMade, 201),
)
async def note(
    request: Request[Any, Any, Any],
    data: JSONBody[NoteWanted],
    desk: TheDesk,
    caller: TheCaller,
    consignment_id: FromPath[str],
    party: PartyOf = None,
    idempotency_key: IdempotencyKey = None,
) -> Response[bytes]:
    """Put free text into the vault; the answer is the reference that commands take as their note."""
    asked = request_of(request, caller, idempotency_key, await request.body())
    return reply(
        await anyio.to_thread.run_sync(
            desk_persons.note, desk, caller, party, consignment_id, data.text, asked
        )
    )


@get("/audit", tags=["persons"], opt={RIGHT: Right.AUDIT})
async def read_audit(desk: TheDesk, limit: Limit = 100, cursor: Cursor = None) -> AuditPage:
    """Read the audit log from its beginning: each entry as it is hashed, with its digest."""
    (after,) = unpack(cursor, int) if cursor else (0,)
    found = await anyio.to_thread.run_sync(desk_audit.listed, desk, after, limit)
    return AuditPage(found, pack(found[-1].seq) if len(found) == limit else None)


@post("/audit/anchor", status_code=200, tags=["persons"], opt={RIGHT: Right.AUDIT})
async def anchor(desk: TheDesk, caller: TheCaller) -> AnchorMade:
    """Take the head of the audit chain, to be kept elsewhere: it finds a log that was cut off or written anew."""
    made = await anyio.to_thread.run_sync(desk_audit.make_anchor, desk, caller.actor)
    return AnchorMade(seq=made.seq, digest=made.digest)


PERSONS = [reveal, extract, erase, list_erasures, keep, let_go, note, read_audit, anchor]
