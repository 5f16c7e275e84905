"""An inventory against its order, payment and waybill: each check by name, mismatches told to both parties."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Final

from greenlane.law.parameters import resolve
from greenlane.messages.ceb import mismatches as codes
from greenlane.messages.ceb.documents import Document
from greenlane.messages.ceb.inventory import BONDED
from greenlane.messages.ceb.turning import to_contract
from greenlane.messages.foreign import ForeignFinding, Place
from greenlane.packs import pack
from greenlane.values.identifiers import Verdict, check_cn_resident_id
from greenlane.values.money import Rounding, divide

_FEN: Final = 100
_IDENTITY_CARD: Final = "1"


class Result(StrEnum):
    """What a check found; unknown where a document or a fact isn't there to look at."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"


class Party(StrEnum):
    """Who is told of a mismatch."""

    PLATFORM = "platform"
    PAYMENT = "payment"
    CARRIER = "carrier"
    DECLARANT = "declarant"


@dataclass(frozen=True, slots=True)
class Told:
    """One party with its finding, whose path is in that party's own document. ``code`` is its registration."""

    party: Party
    code: str
    finding: ForeignFinding


@dataclass(frozen=True, slots=True)
class Check:
    """One check by its name."""

    name: str
    result: Result
    told: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What the documents don't hold. None is not known, and the check that asks for it is unknown.

    ``used`` are orders (platform, number) under which another inventory was already accepted; ``year_amount`` what
    the person has bought this year before this, ``tax`` of this inventory and ``guarantee`` (the balance), all in
    fen; ``admitted`` tells whether a code is on the positive list; ``records`` are the codes of articles by
    account book and number in it; ``known_at`` is what was known of the law.
    """

    used: frozenset[tuple[str, str]] | None = None
    year_amount: int | None = field(default=None, repr=False)
    tax: int | None = None
    guarantee: int | None = None
    admitted: Callable[[str], bool | None] | None = None
    records: Mapping[tuple[str, str], str] | None = None
    known_at: date | None = None


def match(
    inventory: Document,
    order: Document | None,
    payment: Document | None,
    waybill: Document | None,
    facts: Facts,
) -> list[Check]:
    """Check an inventory against the documents that it names and against what is known beside them.

    A document that is not the one the inventory names counts as absent. Nothing told repeats a value.

    Args:
        inventory: The 621.
        order: The 311 that was found for it.
        payment: The 411 of the order.
        waybill: The 511.
        facts: What the documents don't hold.
    Law:
        Limits: Cai Guan Shui (2018) No. 49, by the dated parameters of the pack ``cn``.
    """
    matched = _Matching(inventory, order, payment, waybill, facts)
    return [check(matched) for check in _CHECKS]


def amount(text: str) -> Fraction | None:
    """Return a number of a message exactly; None for none or a malformed one.

    Example:
        >>> amount("7.50"), amount("")
        (Fraction(15, 2), None)
    """
    number = to_contract("amount", text)
    return None if number is None else Fraction(number)


def fen(value: Fraction) -> int:
    """Round an amount of yuan to fen, half up."""
    return divide(value.numerator * _FEN, value.denominator, Rounding.HALF_UP)


_PARTIES: Final = {
    "311": (Party.PLATFORM, "ebpCode"),
    "411": (Party.PAYMENT, "payCode"),
    "511": (Party.CARRIER, "logisticsCode"),
    "621": (Party.DECLARANT, "agentCode"),
}
_Place = tuple[Document, str] | tuple[Document, str, int]


class _Matching:
    def __init__(
        self,
        inventory: Document,
        order: Document | None,
        payment: Document | None,
        waybill: Document | None,
        facts: Facts,
    ) -> None:
        self.inventory = inventory
        self.facts = facts
        self.order = order if order and _same(inventory, order, "orderNo", "ebpCode") else None
        self.payment = payment if payment and self._paid_by(payment) else None
        self.waybill = (
            waybill
            if waybill and _same(inventory, waybill, "logisticsNo", "logisticsCode", "orderNo")
            else None
        )

    def _paid_by(self, payment: Document) -> bool:
        if not _same(self.inventory, payment, "orderNo", "ebpCode"):
            return False
        named = "" if self.order is None else self.order.get("payTransactionId")
        return named in ("", payment.get("payTransactionId"))

    @cached_property
    def day(self) -> date | None:
        text = to_contract("day", self.inventory.get("declTime"))
        try:
            return None if text is None else date.fromisoformat(text)
        except ValueError:
            return None

    @cached_property
    def price(self) -> int | None:
        """The price with freight and insurance, in fen: what the limits count."""
        parts = [amount(self.inventory.get(name)) for name in ("freight", "insuredFee")]
        parts += [amount(item.get("totalPrice", "")) for item in self.inventory.items]
        known = [part for part in parts if part is not None]
        return fen(sum(known, Fraction())) if len(known) == len(parts) else None

    def limit(self, name: str) -> int | bool | None:
        if self.day is None:
            return None
        parameter = pack("cn").parameters.by_id[name]
        return resolve(parameter, "*", self.day, self.facts.known_at).value


def _same(one: Document, other: Document, *names: str) -> bool:
    return all(one.get(name) and one.get(name) == other.get(name) for name in names)


def _check(
    name: str, code: str, holds: bool | None, words: str, *places: _Place, also: tuple[Told, ...] = ()
) -> Check:
    """Make a check; where it fails, each party of *places* is told where in its own document."""
    if holds is None:
        return Check(name, Result.UNKNOWN)
    if holds:
        return Check(name, Result.HOLDS)
    told = []
    for document, element, *line in places:
        party, registered = _PARTIES[document.kind]
        finding = ForeignFinding(code, Place(document.place(element, *line)), words)
        told.append(Told(party, document.get(registered), finding))
    return Check(name, Result.FAILS, (*told, *also))


def _equal(name: str, code: str, words: str, *places: tuple[Document | None, str]) -> Check:
    """Check that elements of several documents hold the same text; unknown where one is absent."""
    there = [(document, element) for document, element in places if document is not None]
    texts = [document.get(element) for document, element in there]
    holds = None if len(there) < len(places) or not all(texts) else len(set(texts)) == 1
    return _check(name, code, holds, words, *there)


def _exists(name: str, wanted: str, code: str) -> Callable[[_Matching], Check]:
    def check(m: _Matching) -> Check:
        found: Document | None = getattr(m, wanted)
        if found is not None:
            return Check(name, Result.HOLDS)
        element = "logisticsNo" if wanted == "waybill" else "orderNo"
        party, registered = (
            (Party.CARRIER, "logisticsCode") if wanted == "waybill" else (Party.PLATFORM, "ebpCode")
        )
        finding = ForeignFinding(
            code, Place(m.inventory.place(element)), f"expected the {wanted} that the inventory names"
        )
        also = () if wanted == "payment" else (Told(party, m.inventory.get(registered), finding),)
        return _check(name, code, False, finding.message, (m.inventory, element), also=also)

    return check


def _order_unused(m: _Matching) -> Check:
    used = m.facts.used
    key = (m.inventory.get("ebpCode"), m.inventory.get("orderNo"))
    places: list[_Place] = [(m.inventory, "orderNo")]
    if m.order is not None:
        places.append((m.order, "orderNo"))
    holds = None if used is None else key not in used
    return _check("order_unused", codes.ORDER_USED, holds, "expected an order without an inventory", *places)


def _buyer_is_payer(m: _Matching) -> Check:
    words = "expected buyer and payer to be one person"
    pairs = (("buyerName", "payerName"), ("buyerIdNumber", "payerIdNumber"))
    if m.order is None or m.payment is None:
        return Check("buyer_is_payer", Result.UNKNOWN)
    wrong: list[_Place] = []
    for ours, theirs in pairs:
        if m.order.get(ours) != m.payment.get(theirs):
            wrong += [(m.order, ours), (m.payment, theirs)]
    return _check("buyer_is_payer", codes.PAYER, not wrong, words, *wrong)


def _buyer_is_declared(m: _Matching) -> Check:
    words = "expected the buyer of the order"
    if m.order is None:
        return Check("buyer_is_declared", Result.UNKNOWN)
    names = ("buyerName", "buyerIdType", "buyerIdNumber")
    wrong: list[_Place] = []
    for name in names:
        if m.order.get(name) != m.inventory.get(name):
            wrong += [(m.order, name), (m.inventory, name)]
    return _check("buyer_is_declared", codes.BUYER, not wrong, words, *wrong)


def _amount_paid(m: _Matching) -> Check:
    name, words = "amount_paid", "expected the amount of the payment to be that of the order"
    if m.order is None or m.payment is None:
        return Check(name, Result.UNKNOWN)
    ours, theirs = amount(m.order.get("acturalPaid")), amount(m.payment.get("amountPaid"))
    holds = None if ours is None or theirs is None else ours == theirs
    return _check(name, codes.PAID, holds, words, (m.order, "acturalPaid"), (m.payment, "amountPaid"))


def _order_adds_up(m: _Matching) -> Check:
    name = "order_adds_up"
    if m.order is None:
        return Check(name, Result.UNKNOWN)
    parts = [
        amount(m.order.get(one)) for one in ("goodsValue", "freight", "taxTotal", "discount", "acturalPaid")
    ]
    known = [part for part in parts if part is not None]
    holds = None
    if len(known) == len(parts):
        goods, freight, tax, discount, paid = known
        holds = goods + freight + tax - discount == paid
    words = "expected goods, freight and tax less discount"
    return _check(name, codes.ADDS_UP, holds, words, (m.order, "acturalPaid"))


def _paid_before(m: _Matching) -> Check:
    name = "paid_before_declaration"
    if m.payment is None:
        return Check(name, Result.UNKNOWN)
    paid, asked, day = m.payment.get("payTime"), m.inventory.get("appTime"), m.inventory.get("declTime")
    holds = None
    if len(paid) == len(asked) == 14 and len(day) == 8:
        holds = paid < asked and paid[:8] <= day
    words = "expected a payment before the declaration"
    return _check(name, codes.PAID_LATE, holds, words, (m.payment, "payTime"), (m.inventory, "appTime"))


def _consignee(name: str, code: str, element: str, declared: bool) -> Callable[[_Matching], Check]:
    def check(m: _Matching) -> Check:
        places: list[tuple[Document | None, str]] = [(m.order, element), (m.waybill, element)]
        if declared:
            places.append((m.inventory, element))
        return _equal(name, code, "expected the same on order, waybill and inventory", *places)

    return check


def _goods_value(m: _Matching) -> Check:
    """Each line is rounded to fen once, as its price was."""
    name = "goods_value"
    if m.order is None:
        return Check(name, Result.UNKNOWN)
    total, wrong = 0, []
    for line, item in enumerate(m.inventory.items, 1):
        quantity, price, sum_ = (amount(item.get(one, "")) for one in ("qty", "price", "totalPrice"))
        if quantity is None or price is None or sum_ is None:
            return Check(name, Result.UNKNOWN)
        value = fen(quantity * price)
        total += value
        if value != sum_ * _FEN:
            wrong.append(line)
    goods = amount(m.order.get("goodsValue"))
    if goods is None:
        return Check(name, Result.UNKNOWN)
    places: list[_Place] = [(m.inventory, "totalPrice", line) for line in wrong]
    if total != goods * _FEN:
        places += [(m.order, "goodsValue"), (m.inventory, "totalPrice", 1)]
    return _check(name, codes.GOODS_VALUE, not places, "expected quantity times price", *places)


def _freight(m: _Matching) -> Check:
    name, words = "freight", "expected the same freight on order, waybill and inventory"
    if m.order is None or m.waybill is None:
        return Check(name, Result.UNKNOWN)
    places = [(m.order, "freight"), (m.inventory, "freight")]
    if m.waybill.get("freight"):
        places.append((m.waybill, "freight"))
    amounts = [amount(document.get(element)) for document, element in places]
    holds = None if None in amounts else len(set(amounts)) == 1
    return _check(name, codes.FREIGHT, holds, words, *places)


def _positive_list(m: _Matching) -> Check:
    name, words = "positive_list", "expected goods on the list of cross-border retail imports"
    admitted = m.facts.admitted
    if admitted is None:
        return Check(name, Result.UNKNOWN)
    found = [admitted(item.get("gcode", "")) for item in m.inventory.items]
    wrong: list[_Place] = [(m.inventory, "gcode", line) for line, one in enumerate(found, 1) if one is False]
    holds = False if wrong else None if None in found else True
    return _check(name, codes.LIST, holds, words, *wrong)


def _item_record(m: _Matching) -> Check:
    """Goods of a bonded zone are registered in its account book, under the same code."""
    name, words = "item_record", "expected an article registered in the account book under this code"
    if m.inventory.get("tradeMode") not in BONDED:
        return Check(name, Result.HOLDS)
    records = m.facts.records
    if records is None:
        return Check(name, Result.UNKNOWN)
    book = m.inventory.get("emsNo")
    wrong: list[_Place] = [
        (m.inventory, "itemRecordNo", line)
        for line, item in enumerate(m.inventory.items, 1)
        if not item.get("itemRecordNo") or records.get((book, item["itemRecordNo"])) != item.get("gcode")
    ]
    return _check(name, codes.RECORD, not wrong, words, *wrong)


def _identity(m: _Matching) -> Check:
    """A resident identity card has its form, a day of birth and a check digit; other documents aren't checked."""
    name, words = "identity", "expected the number of a resident identity card with its check digit"
    number = m.inventory.get("buyerIdNumber")
    if m.inventory.get("buyerIdType") != _IDENTITY_CARD or not number:
        return Check(name, Result.UNKNOWN)
    verdict = check_cn_resident_id(number)
    code = codes.IDENTITY if verdict is Verdict.MALFORMED else codes.IDENTITY_DIGIT
    places: list[_Place] = [(m.inventory, "buyerIdNumber")]
    if m.order is not None:
        places.append((m.order, "buyerIdNumber"))
    return _check(name, code, verdict is Verdict.OK, words, *places)


def _limit_transaction(m: _Matching) -> Check:
    """One article above the limit stays in the procedure where the law of the day says so."""
    name, words = "limit_transaction", "expected a price up to the limit of one transaction"
    limit, stays = m.limit("cn.retail.single"), m.limit("cn.retail.one_article_stays")
    if m.price is None or limit is None:
        return Check(name, Result.UNKNOWN)
    quantities = [amount(item.get("qty", "")) for item in m.inventory.items]
    holds = m.price <= limit or (stays is True and quantities == [Fraction(1)])
    return _limit_check(m, name, codes.LIMIT_TRANSACTION, holds, words)


def _limit_year(m: _Matching) -> Check:
    name, words = "limit_year", "expected the year's purchases up to the limit of a person"
    limit, before = m.limit("cn.retail.year"), m.facts.year_amount
    if m.price is None or limit is None or before is None:
        return Check(name, Result.UNKNOWN)
    return _limit_check(m, name, codes.LIMIT_YEAR, m.price + before <= limit, words)


def _limit_check(m: _Matching, name: str, code: str, holds: bool, words: str) -> Check:
    places: list[_Place] = [(m.inventory, "totalPrice", 1)]
    if m.order is not None:
        places.append((m.order, "goodsValue"))
    return _check(name, code, holds, words, *places)


def _guarantee(m: _Matching) -> Check:
    name, words = "guarantee", "expected a guarantee whose balance covers the tax"
    tax, balance = m.facts.tax, m.facts.guarantee
    holds = None if tax is None or balance is None else tax <= balance
    return _check(name, codes.GUARANTEE, holds, words, (m.inventory, "assureCode"))


_CHECKS: Final[tuple[Callable[[_Matching], Check], ...]] = (
    _exists("order_exists", "order", codes.ORDER_ABSENT),
    _order_unused,
    _exists("payment_exists", "payment", codes.PAYMENT_ABSENT),
    _exists("waybill_exists", "waybill", codes.WAYBILL_ABSENT),
    _buyer_is_payer,
    _buyer_is_declared,
    _amount_paid,
    _order_adds_up,
    _paid_before,
    _consignee("consignee_name", codes.CONSIGNEE, "consignee", False),
    _consignee("consignee_telephone", codes.CONSIGNEE, "consigneeTelephone", False),
    _consignee("consignee_address", codes.CONSIGNEE, "consigneeAddress", True),
    _goods_value,
    _freight,
    _positive_list,
    _item_record,
    _identity,
    _limit_transaction,
    _limit_year,
    _guarantee,
)
