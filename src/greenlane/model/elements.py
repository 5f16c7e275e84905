"""The data-element table: every field of a consignment, keyed to the WCO Data Model.

Records, column schemas, the CSV template and the reference page are all made from `ELEMENTS`. WCO ids are
those of the WCO Data Model 3.6 as the published schemas of HMRC carry them (transport document: as ICS2's
tables do); "none" where the model has no element.
"""

from dataclasses import dataclass
from enum import StrEnum

from greenlane.model.codes import CHANNELS, INCOTERMS, TRANSACTIONS, TRANSPORT_MODES


class Level(StrEnum):
    """Where a field stands: once a consignment, or once a goods item."""

    CONSIGNMENT = "consignment"
    ITEM = "item"


class Kind(StrEnum):
    """How a field is written, and so how intake reads it."""

    TEXT = "text"
    CODE = "code"
    COUNTRY = "country"
    CURRENCY = "currency"
    AMOUNT = "amount"
    MASS_KG = "mass_kg"
    QUANTITY = "quantity"
    DATE = "date"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Element:
    """One field.

    ``absence`` says what a missing value means; ``default`` is the value taken, as it would be written, or
    None. ``choices`` closes a code list, ``pattern`` gives the shape of an open one. ``in_currency`` names
    the field that holds the currency of an amount (an amount without one is in the currency of the
    destination's pack). ``above_zero``: a number of zero is refused.
    """

    name: str
    level: Level
    wco: str
    kind: Kind
    about: str
    absence: str
    required: bool = False
    default: str | None = None
    personal: bool = False
    longest: int = 35
    choices: tuple[str, ...] | None = None
    pattern: str | None = None
    in_currency: str | None = None
    above_zero: bool = False
    example: str = ""

    @property
    def column(self) -> str:
        """Name of the field's column in CSV and Parquet: the dotted path from the consignment."""
        return f"items.{self.name}" if self.level is Level.ITEM else self.name


_ID = r"^[A-Za-z0-9][A-Za-z0-9._:/#-]*$"
_TOKEN = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
_REFUSED = "Refused: the consignment is rejected."
_UNKNOWN = "Unknown."
_NONE = "There is none, or it is not known."


def _of(name: str, wco: str, kind: Kind, about: str, absence: str, **more: object) -> Element:
    level = Level.ITEM if name.startswith("items.") else Level.CONSIGNMENT
    return Element(name.removeprefix("items."), level, wco, kind, about, absence, **more)  # type: ignore[arg-type]


ELEMENTS: tuple[Element, ...] = (
    _of(
        "consignment_id",
        "009",
        Kind.CODE,
        "The sender's own reference of the consignment, unique for the sender.",
        _REFUSED,
        required=True,
        longest=70,
        pattern=_ID,
        example="RR123456785CN",
    ),
    _of(
        "transport_document",
        "D023",
        Kind.CODE,
        "Number of the house waybill, bill of lading or postal item (S10).",
        _UNKNOWN,
        longest=70,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:/-]*$",
        example="RR123456785CN",
    ),
    _of(
        "channel",
        "504",
        Kind.CODE,
        "How the goods travel and are presented.",
        _REFUSED,
        required=True,
        choices=CHANNELS,
        example="postal",
    ),
    _of(
        "transaction",
        "none",
        Kind.CODE,
        "Who deals with whom, and why the goods move.",
        _REFUSED,
        required=True,
        choices=TRANSACTIONS,
        example="b2c",
    ),
    _of(
        "declaration_date",
        "023",
        Kind.DATE,
        "Civil day at destination on which the declaration is accepted.",
        _REFUSED,
        required=True,
        example="2026-07-02",
    ),
    _of(
        "departure_country",
        "062",
        Kind.COUNTRY,
        "Country from which the goods are sent.",
        _REFUSED,
        required=True,
        example="CN",
    ),
    _of(
        "destination_country",
        "465",
        Kind.COUNTRY,
        "Country in which the goods are to be released.",
        _REFUSED,
        required=True,
        example="DE",
    ),
    _of(
        "destination_region",
        "477",
        Kind.CODE,
        "State, province or special territory of the destination, where its law differs.",
        "The main territory of the country; where the law has no main rate, unknown.",
        pattern=_TOKEN,
    ),
    _of(
        "dataset",
        "D013",
        Kind.CODE,
        "Declaration dataset that is lodged: H7, H1 or a pack's own.",
        "The simplest dataset that the law admits.",
        longest=10,
        pattern=_TOKEN,
        example="H7",
    ),
    _of(
        "order_date",
        "none",
        Kind.DATE,
        "Day of the order, which drives taxes on the supply.",
        "declaration_date, with finding date.assumed where the law reads it.",
    ),
    _of(
        "export_date",
        "none",
        Kind.DATE,
        "Day of export, which drives the exchange rate of some countries.",
        "declaration_date, with finding date.assumed where the law reads it.",
    ),
    _of(
        "transport_mode",
        "T022",
        Kind.CODE,
        "Mode of transport at the border.",
        _UNKNOWN,
        choices=TRANSPORT_MODES,
        example="air",
    ),
    _of(
        "departure_place",
        "L010",
        Kind.CODE,
        "UN/LOCODE of the place of loading.",
        _UNKNOWN,
        pattern=r"^[A-Z]{2}[A-Z2-9]{3}$",
        example="CNPVG",
    ),
    _of(
        "currency",
        "135",
        Kind.CURRENCY,
        "Currency of every amount of the consignment, ISO 4217.",
        _REFUSED,
        required=True,
        example="EUR",
    ),
    _of(
        "freight",
        "117",
        Kind.AMOUNT,
        "Transport to the destination, or the part of it inside the prices.",
        "Unknown: what rests on it is incomplete.",
        in_currency="currency",
        example="4.00",
    ),
    _of(
        "insurance",
        "181",
        Kind.AMOUNT,
        "Insurance of the transport.",
        "Unknown: what rests on it is incomplete.",
        in_currency="currency",
        example="0",
    ),
    _of(
        "other_charges",
        "181",
        Kind.AMOUNT,
        "Other additions to the price (packing, commission).",
        "0: no other charge is declared.",
        default="0",
        in_currency="currency",
        example="0",
    ),
    _of(
        "freight_in_price",
        "none",
        Kind.BOOLEAN,
        "Whether the item prices hold the freight.",
        "false: freight comes on top of the prices.",
        default="false",
        example="false",
    ),
    _of(
        "carrier_fees",
        "none",
        Kind.AMOUNT,
        "What the carrier charges the buyer for presenting the goods.",
        "0: no fee is declared.",
        default="0",
        in_currency="carrier_fees_currency",
        example="0",
    ),
    _of(
        "carrier_fees_currency",
        "135",
        Kind.CURRENCY,
        "Currency of carrier_fees.",
        "The consignment's currency.",
    ),
    _of("incoterm", "090", Kind.CODE, "Delivery term.", _UNKNOWN, choices=INCOTERMS, example="DDP"),
    _of(
        "scheme",
        "R005",
        Kind.CODE,
        "Scheme under which tax was taken at the sale (IOSS, GB_VAT, AU_GST, …).",
        "None: tax was not taken at the sale.",
        pattern=_TOKEN,
        example="IOSS",
    ),
    _of(
        "scheme_id",
        "R119",
        Kind.CODE,
        "Registration number under the scheme.",
        "Unknown; a scheme that needs one does not apply.",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 ./-]*$",
        example="IM3720000224",
    ),
    _of(
        "registrations",
        "R119",
        Kind.JSON,
        "Registrations by destination: list of {country, scheme, id}.",
        "Only scheme and scheme_id count.",
        longest=20_000,
    ),
    _of(
        "seller_registered",
        "none",
        Kind.BOOLEAN,
        "Whether the seller is registered for the destination's tax.",
        "Not known.",
        example="true",
    ),
    _of(
        "programme",
        "166",
        Kind.CODE,
        "Customs programme or supervision code (9610, 1210, CBEC, PRC, …).",
        "None is claimed.",
        pattern=_TOKEN,
    ),
    _of(
        "elections",
        "none",
        Kind.JSON,
        "Choices that the law leaves to the declarant: {name: value}.",
        "None is made: the pack's ordinary course applies.",
        longest=20_000,
    ),
    _of(
        "seller.id",
        "R051",
        Kind.CODE,
        "The sender's reference or registration of the seller.",
        _NONE,
        longest=70,
        example="S1",
    ),
    _of(
        "seller.name",
        "R050",
        Kind.TEXT,
        "Name of the seller.",
        _NONE,
        longest=140,
        personal=True,
        example="Example Trading",
    ),
    _of(
        "seller.country",
        "242",
        Kind.COUNTRY,
        "Country in which the seller is established.",
        _UNKNOWN,
        example="CN",
    ),
    _of(
        "platform.id",
        "none",
        Kind.CODE,
        "Reference or registration of the electronic interface.",
        _NONE,
        longest=70,
        example="M1",
    ),
    _of(
        "platform.name",
        "none",
        Kind.TEXT,
        "Name of the electronic interface.",
        _NONE,
        longest=140,
        example="Example Market",
    ),
    _of(
        "carrier.id",
        "R012",
        Kind.CODE,
        "Carrier, post or express operator.",
        _NONE,
        longest=70,
        example="C1",
    ),
    _of(
        "consignor.name",
        "R020",
        Kind.TEXT,
        "Name of who sends the goods.",
        _UNKNOWN,
        longest=140,
        personal=True,
        example="Example Trading",
    ),
    _of(
        "consignor.address",
        "239",
        Kind.TEXT,
        "Street and place of the consignor.",
        _UNKNOWN,
        longest=350,
        personal=True,
        example="1 Road",
    ),
    _of("consignor.country", "242", Kind.COUNTRY, "Country of the consignor.", _UNKNOWN, example="CN"),
    _of(
        "consignee.id",
        "R015",
        Kind.CODE,
        "Identification of who receives the goods.",
        "Unknown: limits per person cannot be applied.",
        longest=70,
        personal=True,
        example="P1",
    ),
    _of(
        "consignee.name",
        "R014",
        Kind.TEXT,
        "Name of who receives the goods.",
        _UNKNOWN,
        longest=140,
        personal=True,
        example="A. Example",
    ),
    _of(
        "consignee.address",
        "239",
        Kind.TEXT,
        "Street and place of the consignee.",
        _UNKNOWN,
        longest=350,
        personal=True,
        example="2 Street",
    ),
    _of(
        "consignee.postcode",
        "245",
        Kind.CODE,
        "Postcode of the consignee.",
        _UNKNOWN,
        longest=17,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 -]*$",
        personal=True,
        example="10115",
    ),
    _of("consignee.country", "242", Kind.COUNTRY, "Country of the consignee.", _UNKNOWN, example="DE"),
    _of(
        "consignee.person",
        "none",
        Kind.BOOLEAN,
        "Whether the consignee is a natural person.",
        "Not known.",
        example="true",
    ),
    _of(
        "consignee.prior_use.day_amount",
        "none",
        Kind.AMOUNT,
        "What this person already brought in on this day, in the currency of the destination's pack.",
        "Not known.",
        personal=True,
    ),
    _of(
        "consignee.prior_use.month_amount",
        "none",
        Kind.AMOUNT,
        "What this person already brought in this month, in the currency of the destination's pack.",
        "Not known.",
        personal=True,
    ),
    _of(
        "consignee.prior_use.quarter_count",
        "none",
        Kind.INTEGER,
        "How many consignments this person already had this quarter.",
        "Not known.",
        personal=True,
    ),
    _of(
        "consignee.prior_use.year_amount",
        "none",
        Kind.AMOUNT,
        "What this person already brought in this year, in the currency of the destination's pack.",
        "Not known.",
        personal=True,
        example="0",
    ),
    _of(
        "consignee.prior_use.year_count",
        "none",
        Kind.INTEGER,
        "How many consignments this person already had this year.",
        "Not known.",
        personal=True,
        example="0",
    ),
    _of(
        "items.item_id",
        "006",
        Kind.CODE,
        "Number of the goods item, unique in the consignment.",
        "Its place in the consignment: 1, 2, 3, …",
        longest=35,
        pattern=_ID,
        example="1",
    ),
    _of(
        "items.description",
        "137",
        Kind.TEXT,
        "Plain description, precise enough to know the goods.",
        _REFUSED,
        required=True,
        longest=512,
        example="women's cotton T-shirt",
    ),
    _of(
        "items.hs_code",
        "145",
        Kind.CODE,
        "Commodity code, 6 to 14 digits without dots; those past 6 are the destination's.",
        "Unknown: duty on the item is incomplete.",
        longest=14,
        pattern=r"^[0-9]{6,14}$",
        example="610910",
    ),
    _of(
        "items.origin_country",
        "063",
        Kind.COUNTRY,
        "Country of origin of the goods.",
        "Unknown: a duty that rests on origin is incomplete.",
        example="CN",
    ),
    _of(
        "items.quantity",
        "130",
        Kind.QUANTITY,
        "How many units, more than zero.",
        _REFUSED,
        required=True,
        above_zero=True,
        example="5",
    ),
    _of(
        "items.unit",
        "130",
        Kind.CODE,
        "Unit of the quantity, UNECE Recommendation 20.",
        "C62: pieces.",
        default="C62",
        longest=3,
        pattern=r"^[A-Z0-9]{2,3}$",
        example="C62",
    ),
    _of(
        "items.value",
        "112",
        Kind.AMOUNT,
        "Price of the line without taxes.",
        _REFUSED,
        required=True,
        in_currency="currency",
        example="40.00",
    ),
    _of("items.gross_mass_kg", "126", Kind.MASS_KG, "Mass with packing.", _UNKNOWN, example="0.9"),
    _of(
        "items.net_mass_kg",
        "128",
        Kind.MASS_KG,
        "Mass without packing.",
        "Unknown: a duty by mass is incomplete.",
        example="0.8",
    ),
    _of(
        "items.gtin",
        "none",
        Kind.CODE,
        "GTIN (EAN, UPC) of the goods.",
        _UNKNOWN,
        longest=14,
        pattern=r"^(?:[0-9]{8}|[0-9]{12,14})$",
    ),
    _of(
        "items.product_url",
        "none",
        Kind.TEXT,
        "Page on which the goods were offered.",
        _UNKNOWN,
        longest=2_000,
    ),
    _of(
        "items.preference",
        "none",
        Kind.CODE,
        "Preference that is claimed.",
        "None is claimed.",
        pattern=_ID,
    ),
    _of(
        "items.relief_claim",
        "166",
        Kind.CODE,
        "National code of an exemption that is claimed.",
        "None is claimed.",
        pattern=_TOKEN,
    ),
    _of(
        "items.contents.quantity",
        "none",
        Kind.QUANTITY,
        "Contents that a levy counts (litres, grams).",
        "Unknown: a levy by contents is incomplete.",
    ),
    _of(
        "items.contents.unit",
        "none",
        Kind.CODE,
        "Unit of contents.quantity, UNECE Recommendation 20.",
        "Unknown: a levy by contents is incomplete.",
        longest=3,
        pattern=r"^[A-Z0-9]{2,3}$",
    ),
    _of(
        "items.contents.strength",
        "none",
        Kind.QUANTITY,
        "Strength, in per cent by volume.",
        "Unknown: a levy by strength is incomplete.",
    ),
)

BY_COLUMN = {element.column: element for element in ELEMENTS}
CONSIGNMENT_ELEMENTS = tuple(e for e in ELEMENTS if e.level is Level.CONSIGNMENT)
ITEM_ELEMENTS = tuple(e for e in ELEMENTS if e.level is Level.ITEM)
