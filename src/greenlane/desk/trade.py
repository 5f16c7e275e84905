"""Orders, payments and waybills that other parties send, compared with the inventory that names them.

Of a document everything personal is kept as a pseudonym alone: that two documents name the same person is all that
the comparison asks. A party is told in its own document which check failed, and nothing of the others'.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
from psycopg import Cursor

from greenlane.desk.bodies import open_body, seal_body
from greenlane.desk.desk import Desk
from greenlane.messages.ceb import Check, Document, Facts, Party, Result, Told, match
from greenlane.messages.ceb.matching import fen
from greenlane.messages.foreign import ForeignFinding, Place
from greenlane.model.schema import PRIOR_USE_DECIMALS
from greenlane.packs.cn.goods import RETAIL_LIST
from greenlane.privacy.persons import PseudonymPurpose
from greenlane.privacy.persons import named as pseudonym
from greenlane.store import covers
from greenlane.store import trade_documents as rows
from greenlane.store.trade_documents import Failed, Held
from greenlane.tariff import Membership
from greenlane.values.finding import Severity, kind_of

UNMATCHED: Final = "trade_documents"
"""The reason of a hold that stands until order, payment and waybill are there and agree with the inventory."""
WORDS: Final = "order, payment and waybill aren't there, or don't agree with the inventory; see the findings"
_KINDS: Final = {"311": rows.ORDER, "411": rows.PAYMENT, "511": rows.WAYBILL, "621": rows.INVENTORY}
_NAMES: Final = {
    "311": ("ebpCode", "orderNo"),
    "411": ("payCode", "payTransactionId"),
    "511": ("logisticsCode", "logisticsNo"),
}
_PARTY: Final = {
    rows.ORDER: Party.PLATFORM,
    rows.PAYMENT: Party.PAYMENT,
    rows.WAYBILL: Party.CARRIER,
    rows.INVENTORY: Party.DECLARANT,
}
_BY_FACTS: Final = frozenset(
    {"identity", "positive_list", "item_record", "limit_transaction", "limit_year", "guarantee"}
)
"""Checks that rest on what is known at the filing alone; a later comparison keeps what they found."""
_FEN_OF_USE: Final = 10 ** (PRIOR_USE_DECIMALS - 2)


@dataclass(frozen=True, slots=True)
class Declared:
    """An inventory that is filed: its consignment with the outcome of the decision."""

    key: int
    consignment_id: str
    document: Document
    row: Mapping[str, Any]
    outcome: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison found for the declarant, and whether it stands against the goods."""

    findings: tuple[dict[str, Any], ...]
    stops: bool
    facts: dict[str, Any]
    seen: tuple[str, ...]


def keep(cursor: Cursor[Any], desk: Desk, party: str, documents: Sequence[Document]) -> list[tuple[str, str]]:
    """Keep orders, payments and waybills of a party, or take them back; what became of each, and its number.

    ``refused``: another party has it, or nobody; ``used``: goods were released on it, so that it stays as it is.
    """
    now = desk.clock.now()
    made = [
        _made(desk, party, one, _KINDS[one.kind], *(one.get(name) for name in _NAMES[one.kind]))
        for one in documents
    ]
    held = rows.existing(cursor, [one.name for one in made])
    new: list[rows.Document] = []
    results = []
    for document, one in zip(documents, made, strict=True):
        withdrawn = document.get("appType") == "3"
        if one.name not in held and not withdrawn:
            new.append(one)
            results.append("accepted")
        elif held.get(one.name, ("", ""))[0] != party:
            results.append("refused")
            continue
        else:
            new = _written_out(cursor, new, now)
            results.append(_again(cursor, one, held[one.name][1], withdrawn, now))
        if results[-1] != "used":
            held[one.name] = (party, one.digest)
        if withdrawn and results[-1] == "amended":
            del held[one.name]
    taken = rows.insert(cursor, new, now) if new else set()
    return [
        ("refused" if one.name in taken else result, one.number)
        for one, result in zip(made, results, strict=True)
    ]


def _written_out(cursor: Cursor[Any], new: list[rows.Document], now: datetime) -> list[rows.Document]:
    """Write new documents, for one of them may be sent again in the same filing."""
    if new:
        rows.insert(cursor, new, now)
    return []


def _again(cursor: Cursor[Any], one: rows.Document, digest: str, withdrawn: bool, now: datetime) -> str:
    """Replace a document that the party sent before, or take it back."""
    if digest == one.digest and not withdrawn:
        return "repeated"
    if not rows.touch(cursor, one.party, one.name):
        return "used"
    if withdrawn:
        rows.withdraw(cursor, one.party, one.name)
    else:
        rows.replace(cursor, one, now)
    return "amended"


def keep_return(cursor: Cursor[Any], desk: Desk, party: str, key: int, document: Document) -> str:
    """Keep a return message about a consignment of the party; return what became of it."""
    number = document.get("copNo") or document.get("orderNo")
    made = replace(_made(desk, party, document, rows.RETURN, party, number), key=key)
    held = rows.existing(cursor, [made.name])
    if not held:
        rows.insert(cursor, [made], desk.clock.now())
        return "accepted"
    if held[made.name][1] == made.digest:
        return "repeated"
    rows.replace(cursor, made, desk.clock.now())
    return "amended"


def compare(cursor: Cursor[Any], desk: Desk, party: str, declared: Sequence[Declared]) -> dict[int, Compared]:
    """Keep inventories and compare each with what it names; the caller holds the lock of the party."""
    if not declared:
        return {}
    now = desk.clock.now()
    made = [
        replace(
            _made(desk, party, one.document, rows.INVENTORY, party, one.consignment_id),
            carrier=one.document.get("logisticsCode"),
            waybill=one.document.get("logisticsNo"),
            key=one.key,
        )
        for one in declared
    ]
    held = rows.existing(cursor, [one.name for one in made])
    for one_ in made:
        if one_.name in held:
            rows.replace(cursor, one_, now)
    rows.insert(cursor, [one for one in made if one.name not in held], now)
    keys = [one.key for one in declared]
    used, found = rows.used_before(cursor, keys), rows.named_by(cursor, keys)
    ids = rows.ids_of(cursor, keys)
    balances = _balances(cursor, party, now.date())
    told: list[tuple[UUID, list[Failed]]] = []
    compared = {
        one.key: _compare(desk, one, ids[one.key], found[one.key], one.key in used, balances, told)
        for one in declared
    }
    rows.compared(cursor, told, now)
    return compared


def compare_again(cursor: Cursor[Any], desk: Desk, key: int) -> tuple[Compared, int | None] | None:
    """Compare an inventory with what it names now; return that and the hold that stood, None where it is gone."""
    held = rows.inventory(cursor, key)
    if held is None:
        return None
    inventory = opened(desk, held)
    named = rows.named_by(cursor, [key])[key]
    used = bool(rows.used_before(cursor, [key]))
    checks = match(inventory, *_papers(desk, named), _facts(inventory, used))
    kept = [_check_of(one) for one in held.facts.get("checks", ())]
    checks = [one for one in checks if one.name not in _BY_FACTS] + kept
    order = inventory.place("orderNo")
    told: list[tuple[UUID, list[Failed]]] = []
    found = _told(told, held.document.id, order, named, checks, held.facts)
    rows.compared(cursor, told, desk.clock.now())
    return found, held.hold


def _compare(
    desk: Desk,
    one: Declared,
    id: UUID,
    named: Sequence[Held],
    used: bool,
    balances: Mapping[str, int],
    told: list[tuple[UUID, list[Failed]]],
) -> Compared:
    inventory = concealed(one.document, desk)
    total, year = one.outcome.get("total"), one.row.get("consignee.prior_use.year_amount")
    facts = replace(
        _facts(inventory, used),
        tax=None if total is None else fen(Fraction(total)),
        year_amount=None if year is None else year // _FEN_OF_USE,
        guarantee=balances.get(one.document.get("assureCode")),
        admitted=lambda code: _admitted(desk, code, one.row["declaration_date"]),
    )
    plain = {check.name: check for check in match(one.document, None, None, None, facts)}
    checks = match(inventory, *_papers(desk, named), facts)
    checks = [plain["identity"] if check.name == "identity" else check for check in checks]
    kept = {"checks": [_written(check) for check in checks if check.name in _BY_FACTS]}
    return _told(told, id, inventory.place("orderNo"), named, checks, kept)


def _facts(inventory: Document, used: bool) -> Facts:
    order = (inventory.get("ebpCode"), inventory.get("orderNo"))
    return Facts(used=frozenset({order} if used else ()))


def _told(
    told: list[tuple[UUID, list[Failed]]],
    inventory: UUID,
    order: str,
    named: Sequence[Held],
    checks: Sequence[Check],
    facts: dict[str, Any],
) -> Compared:
    """Put into *told* what each party is told about its own document, and return what the declarant is."""
    failed = {party: _failed(checks, party) for party in Party}
    # The declarant hears of every check that fails, though its own document may be right.
    failed[Party.DECLARANT] += [
        Failed(check.name, check.told[0].finding.code, order, check.told[0].finding.message)
        for check in checks
        if check.told and all(one.party is not Party.DECLARANT for one in check.told)
    ]
    told += [(held.document.id, failed[_PARTY[held.document.kind]]) for held in named]
    told.append((inventory, failed[Party.DECLARANT]))
    stops = any(
        kind_of(one.finding.code).severity is Severity.ERROR
        for check in checks
        if check.result is Result.FAILS
        for one in check.told
    )
    findings = tuple(
        {
            "code": one.code,
            "path": one.path,
            "message": one.message,
            "severity": str(kind_of(one.code).severity),
            "law": None,
        }
        for one in failed[Party.DECLARANT]
    )
    return Compared(findings, stops, facts, tuple(held.document.digest for held in named))


def _failed(checks: Sequence[Check], party: Party) -> list[Failed]:
    return [
        Failed(check.name, told.finding.code, told.finding.place.path, told.finding.message)
        for check in checks
        for told in check.told
        if told.party is party
    ]


def _written(check: Check) -> dict[str, Any]:
    """Return a check in a form that is kept: its result, and what the declarant is told of it."""
    return {
        "name": check.name,
        "result": check.result.value,
        "failed": msgspec.to_builtins(_failed([check], Party.DECLARANT)),
    }


def _check_of(kept: Mapping[str, Any]) -> Check:
    told = tuple(
        Told(Party.DECLARANT, "", ForeignFinding(one["code"], Place(one["path"]), one["message"]))
        for one in kept["failed"]
    )
    return Check(kept["name"], Result(kept["result"]), told)


def _papers(desk: Desk, named: Sequence[Held]) -> tuple[Document | None, Document | None, Document | None]:
    """Return order, payment and waybill; of several payments that one which the order names."""
    papers: dict[str, list[Document]] = {}
    for held in named:
        papers.setdefault(held.document.kind, []).append(opened(desk, held))
    order = next(iter(papers.get(rows.ORDER, ())), None)
    wanted = "" if order is None else order.get("payTransactionId")
    payments = papers.get(rows.PAYMENT, [])
    payment = next((one for one in payments if wanted in ("", one.get("payTransactionId"))), None)
    return order, payment, next(iter(papers.get(rows.WAYBILL, ())), None)


def concealed(document: Document, desk: Desk) -> Document:
    """Return a document in which everything personal is a pseudonym of this purpose."""
    key = desk.context.key
    table = document.of.head
    head = {
        name: pseudonym(text, key, PseudonymPurpose.TRADE)
        if text and name in table and table[name].personal
        else text
        for name, text in document.head.items()
    }
    return Document(document.kind, document.path, head, document.items)


def _made(desk: Desk, party: str, document: Document, kind: str, issuer: str, number: str) -> rows.Document:
    kept = concealed(document, desk)
    # The moment and number of the message aren't content: what is sent again is the same.
    head = {name: text for name, text in kept.head.items() if name not in ("guid", "appTime", "appType")}
    content = msgspec.json.encode([kept.kind, sorted(head.items()), list(kept.items)])
    id = uuid4()
    return rows.Document(
        id,
        party,
        kind,
        issuer,
        number,
        document.get("ebpCode"),
        document.get("orderNo"),
        pseudonym(content.decode(), desk.context.key, PseudonymPurpose.TRADE)[:32],
        seal_body(msgspec.json.encode([kept.kind, kept.path, kept.head, kept.items]), id, desk.masters),
    )


def opened(desk: Desk, held: Held) -> Document:
    """Return a document as it was kept, what is personal in it as pseudonyms."""
    sealed = held.document.body
    body = open_body(sealed, held.document.id, desk.masters_to_open(sealed))
    kind, path, head, items = msgspec.json.decode(body)
    return Document(kind, path, head, tuple(items))


def _balances(cursor: Cursor[Any], party: str, day: date) -> dict[str, int]:
    """Return what the party's guarantees in yuan still cover, by number and by who guarantees."""
    found: dict[str, int] = {}
    for held in covers.guarantees(cursor, party):
        if held.guarantee.currency == "CNY" and held.terms.hold(day):
            guarantor = held.guarantee.guarantor.removeprefix("guarantor/").partition("@")[0]
            for name in {held.guarantee.id, guarantor}:
                found[name] = found.get(name, 0) + held.guarantee.available
    return found


def _admitted(desk: Desk, code: str, day: date) -> bool | None:
    """Say whether the list of cross-border retail imports admits a code; None where no list that says so is loaded."""
    listing = desk.context.reference.tariff.listed(RETAIL_LIST, code, day, desk.context.known_at)
    return {Membership.YES: True, Membership.NO: False}.get(listing.member)


__all__ = [
    "UNMATCHED",
    "WORDS",
    "Compared",
    "Declared",
    "compare",
    "compare_again",
    "concealed",
    "keep",
    "keep_return",
    "opened",
]
