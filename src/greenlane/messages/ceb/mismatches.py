"""The finding codes of an inventory that does not match its order, payment, waybill or the rules."""

from greenlane.values.finding import Severity, declare

_E = Severity.ERROR


def _match(name: str, title: str, fix: str) -> str:
    return declare(f"messages.ceb.match.{name}", _E, title, fix)


ORDER_ABSENT = _match(
    "order_absent", "There is no order of this number and platform.", "Send the order, or correct its number."
)
ORDER_USED = _match(
    "order_used", "The order was already declared by another inventory.", "Declare each order once."
)
PAYMENT_ABSENT = _match(
    "payment_absent",
    "There is no payment of this order.",
    "Let the payment enterprise send the payment, with the number that the order names.",
)
WAYBILL_ABSENT = _match(
    "waybill_absent",
    "There is no waybill of this number, carrier and order.",
    "Let the carrier send the waybill, or correct its number.",
)
PAYER = _match(
    "payer",
    "Who bought is not who paid, by name or by number.",
    "The buyer pays from an account of their own; correct what was mistyped.",
)
BUYER = _match(
    "buyer", "The buyer of the inventory is not the buyer of the order.", "Declare the buyer of the order."
)
PAID = _match(
    "paid",
    "The amount paid is not the amount of the order.",
    "Correct the amount that is wrong and send it again.",
)
ADDS_UP = _match(
    "adds_up",
    "Goods, freight and tax less discount don't give the amount of the order.",
    "Correct the amounts of the order.",
)
PAID_LATE = _match(
    "paid_late",
    "The payment is not before the declaration.",
    "Declare after the payment, or correct its moment.",
)
CONSIGNEE = _match(
    "consignee",
    "Who receives the goods is not the same on order, waybill and inventory.",
    "Write name, telephone and address as the order has them.",
)
GOODS_VALUE = _match(
    "goods_value",
    "Quantities times prices don't give the value of the goods.",
    "Correct quantity, price or sum.",
)
FREIGHT = _match(
    "freight",
    "The freight is not the same on order, waybill and inventory.",
    "Correct the freight that is wrong.",
)
LIST = _match(
    "positive_list",
    "Goods are not on the list of cross-border retail imports.",
    "Declare them as general trade, or correct the code.",
)
RECORD = _match(
    "item_record",
    "An article is not registered in the account book of the zone under its code.",
    "Register it, or correct its number.",
)
IDENTITY = _match(
    "identity",
    "The number of the buyer's identity card is malformed.",
    "Ask the buyer for the number again.",
)
IDENTITY_DIGIT = declare(
    "messages.ceb.match.identity_digit",
    Severity.WARNING,
    "The number of the buyer's identity card fails its check digit.",
    "Ask the buyer for the number again.",
)
LIMIT_TRANSACTION = _match(
    "limit_transaction",
    "The transaction is above the limit of cross-border retail imports.",
    "Declare it as general trade.",
)
LIMIT_YEAR = _match(
    "limit_year",
    "With this transaction the person is above the limit of the year.",
    "Declare it as general trade.",
)
GUARANTEE = _match(
    "guarantee",
    "The balance of the guarantee doesn't cover the tax.",
    "Raise the guarantee, or pay what is open.",
)
