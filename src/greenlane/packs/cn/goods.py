"""What the law of China says of goods by code: consumption tax, band of entry articles, retail list."""

from datetime import date

from greenlane.law.goods import GoodsGroups
from greenlane.law.graph import Node, choose, equal, field, lookup, matches, muldiv, param
from greenlane.law.pack import Lookup, LookupResult
from greenlane.law.parameters import ASSUMED, Certainty, Resolved, assumed_value
from greenlane.packs.building import EXCISE_UNKNOWN, Law, Sources, only_with_code, schedule_days
from greenlane.tariff.goods_list import Membership
from greenlane.values.finding import Finding, Severity, declare
from greenlane.values.money import Rounding

LIST_ABSENT = declare(
    "list.not_loaded",
    Severity.INFO,
    "A list of goods that a procedure admits isn't loaded, so the goods were taken as admitted.",
    "Load the list with `greenlane reference import`, or check the goods by hand.",
)

RETAIL_LIST = "cn-retail-list"
"""Id of the list of goods admitted to cross-border retail import, where it is loaded."""

_WEIGHT, _PIECE = 1, 2
_BY_PIECE = ("C62", "H87", "ST", "EA")
_SCALES = {"GRM": 1_000, "KGM": 1_000_000, "MLT": 1_000, "LTR": 1_000_000}
_ASSUMED_RATE = "consumption_tax_rate"
_CT_PARTS = ("rate", "test", "contested")
_POST_PARTS = ("rate", "high", "test")


def consumption_tax(law: Law) -> Lookup:
    """The look-up ``ct``: the rate, and whether it stands on a price per gram (1) or per piece (2) only.

    ``contested`` is true where the rate has two readings, so that a tax of zero is still shown.
    """
    standard = law.parameters.by_id["cn.ct.standard"]
    days = law.goods.boundaries()

    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, known_at: date | None) -> LookupResult:
        code, goods = keys[0] or "", law.under(sources).goods
        assumed = sources.assumed.values.get(_ASSUMED_RATE) or sources.assumed.values.get(standard.id)
        if assumed is not None:
            note = Finding(ASSUMED, "", "The rate of consumption tax was assumed for this run")
            rate = Resolved(int(assumed_value(standard, assumed)), source="assumed")
            return LookupResult(_ct(rate, 0), (note,))
        if goods.find("ct_unknown", code, "*", day, known_at):
            message = f"consumption tax may be due on goods of code {code}; no rate is held"
            return LookupResult(_ct(Resolved(None, 3), 0), (Finding(EXCISE_UNKNOWN, "/hs_code", message),))
        test = _test(goods, code, day, known_at)
        found = goods.find("ct_rate", code, "*", day, known_at)
        if found is None:
            return LookupResult(_ct(Resolved(0), test))
        special = found[1]
        cite = special.source.cite
        if special.certainty is Certainty.CONTESTED:
            rate = Resolved(0, 0, int(special.value or 0), special.question, cite)
        else:
            rate = Resolved(int(special.value or 0), int(special.certainty), source=cite)
        return LookupResult(_ct(rate, test, rate.rival is not None))

    return only_with_code(
        Lookup("ct", ("items.hs_code", "day:declaration"), _CT_PARTS, ask, lambda _: days, contestable=True)
    )


def post_band(law: Law) -> Lookup:
    """The look-up ``post``: the rate of entry articles, and the rate and test of their high-end kind."""
    names = [f"cn.post.band{number}" for number in (1, 2, 3)]
    days = sorted(set(law.goods.boundaries()).union(*(law.parameters.by_id[n].boundaries() for n in names)))

    def rate_of(held: Law, band: int, day: date, known_at: date | None) -> tuple[int | None, int]:
        dated = held.parameters.by_id[f"cn.post.band{band}"].at("*", day, known_at)
        return (None, 3) if dated is None or dated.value is None else (int(dated.value), int(dated.certainty))

    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, known_at: date | None) -> LookupResult:
        code, held = keys[0] or "", law.under(sources)
        test = _test(held.goods, code, day, known_at)
        high, high_sure = rate_of(held, 3, day, known_at)
        found = held.goods.find("band", code, "*", day, known_at)
        band = int(found[1].value or 2) if found else 2
        value, sure = rate_of(held, band, day, known_at)
        rate = Resolved(value, sure)
        if found is not None and found[1].rival is not None:
            rival, _ = rate_of(held, found[1].rival, day, known_at)
            rate = Resolved(value, sure, rival, found[1].question, found[1].source.cite)
        elif found is not None:
            rate = Resolved(value, max(sure, int(found[1].certainty)), source=found[1].source.cite)
        return LookupResult({"rate": rate, "high": Resolved(high, high_sure), "test": Resolved(test)})

    return only_with_code(
        Lookup(
            "post", ("items.hs_code", "day:declaration"), _POST_PARTS, ask, lambda _: days, contestable=True
        )
    )


def retail_list() -> Lookup:
    """The look-up ``retail_list``: whether cross-border retail import admits the goods.

    Where the list isn't loaded the goods are taken as admitted, unverified, with a finding.
    """

    def ask(sources: Sources, keys: tuple[str | None, ...], day: date, known_at: date | None) -> LookupResult:
        listing = sources.tariff.listed(RETAIL_LIST, keys[0] or "", day, known_at)
        if listing.member in (Membership.YES, Membership.NO):
            sure = int(listing.certainty)
            return LookupResult(
                {"admitted": Resolved(listing.member is Membership.YES, sure, source=listing.source)}
            )
        message = "whether the retail list admits these goods isn't checked: no list that says so is loaded"
        return LookupResult({"admitted": Resolved(True, 1)}, (Finding(LIST_ABSENT, "/hs_code", message),))

    return only_with_code(
        Lookup(
            "retail_list",
            ("items.hs_code", "day:declaration"),
            ("admitted",),
            ask,
            schedule_days(RETAIL_LIST),
        )
    )


def _ct(rate: Resolved, test: int, contested: bool = False) -> dict[str, Resolved]:
    return {"rate": rate, "test": Resolved(test), "contested": Resolved(contested)}


def _test(goods: GoodsGroups, code: str, day: date, known_at: date | None) -> int:
    if goods.find("by_weight", code, "*", day, known_at):
        return _WEIGHT
    return _PIECE if goods.find("by_piece", code, "*", day, known_at) else 0


def high_end(family: str, dutiable: Node) -> Node:
    """True where the goods of an item are high-end by the test that the look-up *family* names.

    Cosmetics: by price a gram or millilitre, of the contents where they are given and else of the net mass;
    by price a piece where contents are counted in pieces. Watches: by price a piece.
    """
    kind = lookup(family, "test")
    return choose(
        equal(kind, _WEIGHT),
        _cosmetics(dutiable),
        choose(equal(kind, _PIECE), _reaches(dutiable, field("items.quantity"), param("cn.ct.watch")), False),
    )


def _cosmetics(dutiable: Node) -> Node:
    contents = field("items.contents.quantity")
    pieces = _reaches(dutiable, contents, param("cn.ct.cosmetics.per_piece"))
    by_mass = _reaches(dutiable, field("items.net_mass_mg"), param("cn.ct.cosmetics.per_gram"))
    measured = by_mass
    for unit, scale in _SCALES.items():
        # Contents are thousandths of their unit; the price stands on grams and millilitres.
        amount = muldiv(contents, [scale], [1_000], Rounding.HALF_UP)
        here = _reaches(dutiable, amount, param("cn.ct.cosmetics.per_gram"))
        measured = choose(matches("items.contents.unit", unit), here, measured)
    measured = choose(matches("items.contents.unit", *_BY_PIECE), pieces, measured)
    return choose(param("cn.ct.cosmetics.per_gram") <= 0, True, measured)


def _reaches(dutiable: Node, thousandths: Node, price: Node) -> Node:
    return muldiv(thousandths, [price], [1_000], Rounding.UP) <= dutiable


def ct_rate(dutiable: Node) -> Node:
    """The rate of consumption tax of an item in billionths; zero where its test isn't reached."""
    rate = lookup("ct", "rate")
    return choose(equal(lookup("ct", "test"), 0), rate, choose(high_end("ct", dutiable), rate, 0))


def post_rate(value: Node) -> Node:
    """The rate of tax on an entry article in billionths."""
    rate = lookup("post", "rate")
    return choose(
        equal(lookup("post", "test"), 0), rate, choose(high_end("post", value), lookup("post", "high"), rate)
    )
