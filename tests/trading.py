"""Made-up Chinese trade: an order, its payment, waybill and inventory as CEB messages. Nobody of the names exists."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

NAMESPACE = "http://www.chinaport.gov.cn/ceb"
TRANSFER = {
    "copCode": "9999988888",
    "copName": "Example Port",
    "dxpMode": "DXP",
    "dxpId": "DXPTEST0000000001",
}
BUYER_ID = "990101199003070023"
GUID = "0A1B2C3D-0000-4000-8000-00000000000"
_PARTIES = {
    "ebpCode": "1105910001",
    "ebpName": "Example Market",
    "ebcCode": "1105910002",
    "ebcName": "Example Shop",
}
_BUYER = {
    "buyerIdType": "1", "buyerIdNumber": BUYER_ID, "buyerName": "Example Buyer", "buyerTelephone": "00000000001",
}  # fmt: skip
_ADDRESS = "Example Road 1, Example City"


def _declared(last: str) -> dict[str, str]:
    return {"guid": GUID + last, "appType": "1", "appTime": "20260702120000", "appStatus": "1"}


ORDER = {
    **_declared("1"), "orderType": "I", "orderNo": "ORDER-1", **_PARTIES, "goodsValue": "300.00", "freight": "20",
    "discount": "10", "taxTotal": "29.12", "acturalPaid": "339.12", "currency": "142", "buyerRegNo": "example-1",
    "buyerName": "Example Buyer", "buyerTelephone": "00000000001", "buyerIdType": "1", "buyerIdNumber": BUYER_ID,
    "payCode": "1105910003", "payName": "Example Pay", "payTransactionId": "PAY-1", "consignee": "Example Receiver",
    "consigneeTelephone": "00000000002", "consigneeAddress": _ADDRESS,
}  # fmt: skip
ORDER_LINES = (
    {"gnum": "1", "itemName": "face cream", "gmodel": "50 ml", "unit": "011", "qty": "2", "price": "100",
     "totalPrice": "200", "currency": "142", "country": "133"},
    {"gnum": "2", "itemName": "green tea", "gmodel": "tin", "unit": "035", "qty": "0.5", "price": "200",
     "totalPrice": "100", "currency": "142", "country": "116"},
)  # fmt: skip
PAYMENT = {
    **_declared("2"), "payCode": "1105910003", "payName": "Example Pay", "payTransactionId": "PAY-1",
    "orderNo": "ORDER-1", "ebpCode": "1105910001", "ebpName": "Example Market", "payerIdType": "1",
    "payerIdNumber": BUYER_ID, "payerName": "Example Buyer", "amountPaid": "339.12", "currency": "142",
    "payTime": "20260701101500",
}  # fmt: skip
WAYBILL = {
    **_declared("3"), "logisticsCode": "1105910004", "logisticsName": "Example Express", "logisticsNo": "WAY-1",
    "billNo": "BILL-1", "orderNo": "ORDER-1", "freight": "20", "insuredFee": "0", "currency": "142",
    "weight": "1.2", "packNo": "1", "consignee": "Example Receiver", "consigneeAddress": _ADDRESS,
    "consigneeTelephone": "00000000002",
}  # fmt: skip
INVENTORY = {
    **_declared("4"), "orderNo": "ORDER-1", **_PARTIES, "logisticsNo": "WAY-1", "logisticsCode": "1105910004",
    "logisticsName": "Example Express", "copNo": "COP-1", "assureCode": "1105910005", "ieFlag": "I",
    "declTime": "20260702", "customsCode": "2991", "portCode": "2991", **_BUYER, "consigneeAddress": _ADDRESS,
    "agentCode": "1105910006", "agentName": "Example Agent", "tradeMode": "9610", "trafMode": "5",
    "trafNo": "EX100", "voyageNo": "EX100", "billNo": "BILL-1", "country": "116", "freight": "20",
    "insuredFee": "0", "currency": "142", "packNo": "1", "grossWeight": "1.2", "netWeight": "1.0",
}  # fmt: skip
LINES = (
    {"gnum": "1", "gcode": "3304990029", "gname": "face cream", "gmodel": "50 ml", "barCode": "4006381333931",
     "country": "133", "currency": "142", "qty": "2", "unit": "011", "qty1": "0.1", "unit1": "035",
     "price": "100", "totalPrice": "200"},
    {"gnum": "2", "gcode": "0902109000", "gname": "green tea", "gmodel": "tin", "country": "116",
     "currency": "142", "qty": "0.5", "unit": "035", "qty1": "0.5", "unit1": "035", "price": "200",
     "totalPrice": "100"},
)  # fmt: skip
REFUND = {
    **_declared("5"), "customsCode": "2991", "orderNo": "ORDER-1", **_PARTIES, "logisticsNo": "WAY-1",
    "logisticsCode": "1105910004", "logisticsName": "Example Express", "copNo": "COP-2",
    "invtNo": "29912026I000000001", **_BUYER, "agentCode": "1105910006", "agentName": "Example Agent",
    "reason": "wrong size",
}  # fmt: skip
REFUND_LINES = (
    {"gnum": "1", "gcode": "3304990029", "gname": "face cream", "qty": "1", "unit": "011"},
)  # fmt: skip
DELIVERY = {
    **_declared("6"), "customsCode": "2991", "copNo": "COP-3", "operatorCode": "1105910007",
    "operatorName": "Example Warehouse", "ieFlag": "I", "trafMode": "5", "trafNo": "EX100", "voyageNo": "EX100",
    "billNo": "BILL-1", "logisticsCode": "1105910004", "logisticsName": "Example Express",
}  # fmt: skip
DELIVERY_LINES = ({"gnum": "1", "logisticsNo": "WAY-1"},)
NAMES = {
    "311": ("Order", "OrderHead", "OrderList"),
    "411": ("Payment", "PaymentHead", ""),
    "511": ("Logistics", "LogisticsHead", ""),
    "621": ("Inventory", "InventoryHead", "InventoryList"),
    "625": ("InvtRefund", "InvtRefundHead", "InvtRefundList"),
    "711": ("Delivery", "DeliveryHead", "DeliveryList"),
}
SAMPLES: dict[str, tuple[Mapping[str, str], Sequence[Mapping[str, str]]]] = {
    "311": (ORDER, ORDER_LINES),
    "411": (PAYMENT, ()),
    "511": (WAYBILL, ()),
    "621": (INVENTORY, LINES),
    "625": (REFUND, REFUND_LINES),
    "711": (DELIVERY, DELIVERY_LINES),
}


def group(name: str, texts: Mapping[str, str]) -> str:
    """One element with its texts."""
    inside = "".join(f"<ceb:{key}>{escape(text)}</ceb:{key}>" for key, text in texts.items())
    return f"<ceb:{name}>{inside}</ceb:{name}>"


def business(kind: str, head: Mapping[str, str], lines: Sequence[Mapping[str, str]], more: str = "") -> str:
    """One document; *more* stands at its end."""
    name, head_name, item_name = NAMES[kind]
    inside = group(head_name, head) + "".join(group(item_name, line) for line in lines)
    return f"<ceb:{name}>{inside}{more}</ceb:{name}>"


def message(
    kind: str, *documents: str, transfer: Mapping[str, str] | None = TRANSFER, more: str = ""
) -> bytes:
    """A message as a sender writes it, with a prefix for the namespace."""
    last = "" if transfer is None else group("BaseTransfer", transfer)
    root = f"ceb:CEB{kind}Message"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns:ceb="{NAMESPACE}" guid="{GUID}0" version="1.0">'
        f"\n  {''.join(documents)}{last}{more}\n</{root}>"
    ).encode()


def sample(kind: str) -> bytes:
    """The sample message of a kind."""
    return message(kind, business(kind, *SAMPLES[kind]))
