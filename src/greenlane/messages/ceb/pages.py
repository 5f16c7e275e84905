"""The reference page of CEB messages, made from the table of their elements."""

from collections.abc import Iterator, Mapping

from greenlane.messages.ceb.elements import KINDS, Field
from greenlane.messages.ceb.replying import OF_INVENTORY, OF_RETURN, STATUSES

_TITLE = """# China: CEB messages

The messages of Chinese customs for cross-border e-commerce imports (format `ceb`): orders, payments, waybills,
inventories, returns, warehouse-in, and the replies to each. Root `CEBnnnMessage` in namespace
`http://www.chinaport.gov.cn/ceb` with `guid` and `version`, one business element for each document, then
`BaseTransfer` (`copCode`, `copName`, `dxpMode`, `dxpId`, `note`).

Names, order and what is required were checked against a published field list (an open-source library's, 2022).
Lengths, the elements that a supervision code asks for, and the country and unit codes are from memory of the customs
specification and unverified. The signature is neither checked nor made.

## Reading and writing

- An inventory (621) becomes a consignment; the other documents give no consignment and are kept whole. Everything is
  written back as it came, except a signature, which is listed as lost. Elements of no known name are carried through
  with a warning.
- `consignment_id` is `copNo`, else `orderNo`. `channel` is `bonded` for 1210 and 1239, `postal` for mode 6, else
  `express`. `transaction` is `b2c`, the destination is `CN`, the consignee is a person. The mass of the message is an
  item's only where there is one item; for several it is carried. `consignee.prior_use` is the administration's to
  add.
- A code of customs without a counterpart (a mode of transport such as Y, a rare unit) is carried; its field stays
  unknown.
- Written from a consignment alone, what it doesn't hold (`appTime`, `customsCode`, `agentCode`, `gmodel`, …) is given
  by the caller by element name; what nobody gives is listed. The `guid` is made from the consignment's id, the same
  each time. Unit prices are the line's price by its quantity, to five decimals.
- A document with `appStatus` 2 in a message without a signature is a warning.

## Matching

`match(inventory, order, payment, waybill, facts)` gives each check by its name, with result `holds`, `fails` or
`unknown` (a document or a fact isn't there). A failed check tells each party, platform, payment enterprise, carrier,
declarant, where in its own document, and never repeats a value.

Filed with the service, the documents of several parties meet by themselves
([File messages of others](../how-to/file-foreign-messages.md#documents-of-several-parties)). It supplies what the
documents don't hold: orders that an earlier inventory declares, the year's purchases of the person, the tax of the
decision, the balance of the party's guarantee whose number or guarantor is `assureCode`, and the list of retail
imports where it is loaded; it has no account books of zones.

| check | holds if |
|---|---|
| `order_exists`, `payment_exists`, `waybill_exists` | the document named by number and by platform or carrier is there |
| `order_unused` | no other inventory was accepted for the order |
| `buyer_is_payer` | name and document number of order and payment are equal |
| `buyer_is_declared` | name, kind and number of order and inventory are equal |
| `amount_paid` | `amountPaid` is `acturalPaid` |
| `order_adds_up` | goods, freight and tax less discount are `acturalPaid` |
| `paid_before_declaration` | `payTime` is before `appTime`, and not after the day of declaration |
| `consignee_name`, `consignee_telephone` | order and waybill are equal |
| `consignee_address` | order, waybill and inventory are equal |
| `goods_value` | quantity by price, rounded to fen line by line, is each `totalPrice`, and in sum `goodsValue` |
| `freight` | order and inventory are equal, and the waybill where it tells its freight |
| `positive_list` | every code is on the list of retail imports |
| `item_record` | for 1210 and 1239: every article is in the account book under its code |
| `identity` | a resident identity card has its form, a day of birth and its check digit; a wrong digit is a warning |
| `limit_transaction` | price, freight and insurance are up to `cn.retail.single`, or it is one article that may stay |
| `limit_year` | with the year's purchases it is up to `cn.retail.year` |
| `guarantee` | the balance covers the tax |
"""


def reference_page() -> str:
    """Return the page as Markdown."""
    return "\n".join((_TITLE, *_replies(), *_elements()))


def _replies() -> Iterator[str]:
    yield (
        "## Replies\n\n622 answers an inventory, 626 a return. Moments are in the time of Beijing. A message that "
        "can't be processed gets a negative status; an event that isn't listed gets no reply; `closed` is told "
        "after a release alone.\n\n| status | meaning | event of an inventory | event of a return |\n|---|---|---|---|"
    )
    for status, meaning in STATUSES.items():
        events = (
            ", ".join(f"`{event}`" for event, of in table.items() if of == status)
            for table in (OF_INVENTORY, OF_RETURN)
        )
        yield f"| {status} | {meaning} | {' | '.join(event or '-' for event in events)} |"
    yield ""


def _elements() -> Iterator[str]:
    for kind in KINDS.values():
        yield f"## CEB{kind.number}: {kind.title}\n"
        yield from _table(kind.head_name or kind.business, kind.head)
        if kind.item_name:
            yield from _table(kind.item_name, kind.items)


def _table(name: str, table: Mapping[str, Field]) -> Iterator[str]:
    yield f"`{name}`\n\n| element | form | required | field | meaning |\n|---|---|---|---|---|"
    for one in table.values():
        field = f"`{one.field}`" if one.field else "-"
        meaning = f"{one.meaning}. *Personal.*" if one.personal else one.meaning
        yield f"| `{one.name}` | {one.expected} | {one.required or 'no'} | {field} | {meaning} |"
    yield ""
