"""The law of Japan: cases from its acts and the customs' notices, boundary amounts and boundary days."""

from datetime import date, timedelta
from typing import Any

import pytest

from deciding import amounts, codes, decider, told
from greenlane.packs.jp import PACK

TODAY = date(2026, 11, 23)
JACKET = {"hs_code": "620193"}
SHIRT = {"hs_code": "610910"}
CHARGER = {"hs_code": "850440"}
CHOCOLATE = {"hs_code": "180690"}
BOOK = {"hs_code": "490199"}
SHIRT_DUTY = {"duty_rate": {"hs": "610910", "rate": "0.109"}}
decide = decider(PACK, TODAY, departure_country="US")


def taxes(outcome: dict[str, Any]) -> tuple[int, int, int]:
    """Duty, national and local consumption tax of the consignment."""
    names = ("customs_duty", "consumption_tax", "local_consumption_tax")
    sums = dict.fromkeys(names, 0)
    for charge in outcome["charges"]:
        sums[charge["name"]] += int(charge["amount"])
    return sums[names[0]], sums[names[1]], sums[names[2]]


@pytest.mark.parametrize(
    ("price", "value", "free"), [(16_666, "9999", True), (16_667, "10000", True), (16_669, "10001", False)]
)
def test_limit_of_a_personal_import(price: int, value: str, free: bool) -> None:
    """Customs Tariff Act art. 4-6 and 14 no. 18: 60 % of the price, in full yen, free up to 10,000."""
    outcome = decide({**JACKET, "value": price})
    assert outcome["customs_value"] == value and (amounts(outcome) == {}) is free
    assert outcome["category"] == (2 if free else 3)


@pytest.mark.parametrize(("price", "free"), [(9_000, True), (9_001, False)])
def test_limit_of_other_imports_holds_transport(price: int, free: bool) -> None:
    """A business import is valued with transport: 9,000 and 1,000 are 10,000, free for a business too."""
    outcome = decide({**JACKET, "value": price}, transaction="b2b", freight=1_000)
    assert (amounts(outcome) == {}) is free


def test_transport_is_no_part_of_a_personal_import() -> None:
    """The retail price stands for all: 16,000 yen with 5,000 of transport is 9,600 of customs value."""
    outcome = decide({**JACKET, "value": 16_000}, freight=5_000)
    assert outcome["customs_value"] == "9600" and outcome["total"] == "0"


def test_personal_value_is_cut_once() -> None:
    """Two articles of 8,333 and 8,336 yen: 60 % of 16,669 is 10,001, not 4,999 and 5,001."""
    outcome = decide({**JACKET, "value": 8_333}, {**JACKET, "value": 8_336})
    assert outcome["customs_value"] == "10001"


def test_woven_jacket() -> None:
    """Derived: 30,000 yen is 18,000; duty 10 % is 1,800; 19,800 is taxed as 19,000.

    7.8 % is 1,482, cut to 1,400; 22/78 of that is 394, cut to 300.
    """
    outcome = decide({**JACKET, "value": 30_000})
    assert taxes(outcome) == (1_800, 1_400, 300) and outcome["total"] == "3500"
    charge = next(c for c in outcome["charges"] if c["name"] == "consumption_tax")
    assert (charge["base"], charge["rate"]) == ("19000", "0.078")
    assert (charge["payer"], charge["collected"]) == ("buyer", "at_border")


def test_rounding_of_the_notice() -> None:
    """Basic Notice 13-4-2(1): 253,195 at 10.5 % and 321,283 at 12.6 % are 26,565 and 40,446: 67,000 in all."""
    rates = {"duty_rates": [{"hs": "620193", "rate": "0.105"}, {"hs": "610910", "rate": "0.126"}]}
    goods = ({**JACKET, "value": 253_195}, {**SHIRT, "value": 321_283})
    outcome = decide(*goods, transaction="b2b", assume=rates)
    assert outcome["duty"] == "67000" and outcome["category"] == 4


def test_goods_of_one_code_are_one_line() -> None:
    """Derived: 20 knitted shirts of 1,500 yen are 18,000 in one line, not 900 each cut to nothing."""
    shirts = [{**SHIRT, "value": 1_500} for _ in range(20)]
    assert decide(*shirts, assume=SHIRT_DUTY)["duty"] == "1900"
    one = decide({**SHIRT, "value": 30_000}, assume=SHIRT_DUTY)
    assert one["duty"] == "1900" and taxes(one) == taxes(decide(*shirts, assume=SHIRT_DUTY))
    by_origin = [{**shirt, "origin_country": f"{'CN' if n % 2 else 'VN'}"} for n, shirt in enumerate(shirts)]
    assert decide(*by_origin, assume=SHIRT_DUTY)["duty"] == "1900"


def test_duty_by_mass_counts_the_line() -> None:
    """A rate a kilogram stands on the mass of all goods of the line: 100 yen on twice 2.5 kg is 500."""
    per_kg = {"duty_rate": {"hs": "610910", "amount": "100", "currency": "JPY", "per": "kg"}}
    shirts = {**SHIRT, "value": 10_000, "net_mass_mg": 2_500_000}
    assert decide(shirts, shirts, assume=per_kg)["duty"] == "500"


@pytest.mark.parametrize(
    ("hs_code", "duty"),
    [
        ("210320", 3_600),
        ("210500", 3_600),
        ("430310", 3_600),
        ("090121", 2_700),
        ("620462", 1_800),
        ("392690", 500),
        ("401693", 0),
        ("691110", 0),
        ("490199", 0),
        ("910211", 0),
        ("950300", 0),
    ],
)
def test_simplified_tariff(hs_code: str, duty: int) -> None:
    """Customs Tariff Act art. 3-3: the rate of the group on 18,000 yen (3 % is 540, cut to 500)."""
    assert taxes(decide({"hs_code": hs_code, "value": 30_000}))[0] == duty


def test_other_goods_may_be_free_by_the_general_tariff() -> None:
    """5 % on 18,000 is 900; a general tariff of zero makes it nothing, any other rate settles it."""
    open_ = decide({**CHARGER, "value": 30_000})
    assert (
        open_["duty"] == "900"
        and open_["certainty"] == "contested"
        and "is 0" in told(open_, "law.contested")
    )
    free = decide({**CHARGER, "value": 30_000}, assume={"duty_rate": {"hs": "850440", "rate": "0"}})
    assert free["duty"] == "0" and "law.contested" not in codes(free)
    rated = decide({**CHARGER, "value": 30_000}, assume={"duty_rate": {"hs": "850440", "rate": "0.02"}})
    assert rated["duty"] == "900" and "law.contested" not in codes(rated)


def test_one_open_item_among_others_is_contested() -> None:
    """Beside a jacket, which has one reading, the charger's duty still has two."""
    outcome = decide({**JACKET, "value": 30_000}, {**CHARGER, "value": 30_000})
    assert outcome["duty"] == "2700" and outcome["certainty"] == "contested"


def test_goods_of_one_group_are_one_line() -> None:
    """Derived: two jackets of 2,500 yen and 14,000 of chargers: 3,000 at 10 %, 8,000 at 5 %: 700."""
    goods = ({**JACKET, "value": 2_500}, {"hs_code": "620462", "value": 2_500}, {**CHARGER, "value": 14_000})
    assert taxes(decide(*goods))[0] == 700


@pytest.mark.parametrize(("value", "simplified"), [(200_000, True), (200_001, False)])
def test_limit_of_the_simplified_tariff(value: int, simplified: bool) -> None:
    """Art. 3-3: up to 200,000 yen of customs value; above it the general tariff, which isn't held."""
    outcome = decide({**JACKET, "value": value}, transaction="b2b")
    assert (outcome["status"] == "assessed") is simplified
    assert outcome["category"] == (3 if simplified else 4)


def test_general_tariff_by_choice() -> None:
    """Art. 3-3: the importer may ask for the general tariff on all goods."""
    rate = {"duty_rate": {"hs": "620193", "rate": "0.05"}}
    head = {"elections": '{"tariff":"general"}'}
    assert decide({**JACKET, "value": 30_000}, assume=rate, **head)["duty"] == "900"
    assert decide({**JACKET, "value": 30_000}, assume=rate)["duty"] == "1800"
    assert decide({**JACKET, "value": 30_000}, **head)["status"] == "incomplete"


@pytest.mark.parametrize("hs_code", ["610910", "420221", "640399"])
def test_knitwear_leather_and_shoes_have_no_relief(hs_code: str) -> None:
    """Order art. 16-3: taxed at any value by the general tariff, unless they come as a personal gift."""
    assert decide({"hs_code": hs_code, "value": 5_000})["status"] == "incomplete"
    known = decide(
        {"hs_code": hs_code, "value": 10_000}, assume={"duty_rate": {"hs": hs_code, "rate": "0.10"}}
    )
    assert taxes(known) == (600, 400, 100)
    assert decide({"hs_code": hs_code, "value": 5_000}, transaction="c2c_gift")["total"] == "0"
    to_firm = {"transaction": "c2c_gift", "consignee.person": False}
    assert decide({"hs_code": hs_code, "value": 5_000}, **to_firm)["status"] == "incomplete"


def test_mixed_parcel_within_the_limit() -> None:
    """Only the shirt is taxed in a small parcel with a book: 3,000 at 10.9 % is 327, cut to 300; 3,300 taxed as 3,000."""
    outcome = decide({**SHIRT, "value": 5_000}, {**BOOK, "value": 5_000}, assume=SHIRT_DUTY)
    assert {c["item_id"] for c in outcome["charges"]} == {"1"} and taxes(outcome) == (300, 200, 0)


@pytest.mark.parametrize(
    ("day", "good", "expected"),
    [
        (date(2014, 4, 1), BOOK, (0, 1_100, 200)),
        (date(2019, 9, 30), BOOK, (0, 1_100, 200)),
        (date(2019, 10, 1), BOOK, (0, 1_400, 300)),
        (date(2019, 9, 30), {"hs_code": "090121"}, (2_700, 1_200, 300)),
        (date(2019, 10, 1), {"hs_code": "090121"}, (2_700, 1_200, 300)),
    ],
)
def test_rates_of_consumption_tax(day: date, good: dict[str, str], expected: tuple[int, int, int]) -> None:
    """8 % (6.3 and 17/63) until September 2019, then 10 % (7.8 and 22/78), 8 % on food (6.24 and 22/78).

    Derived: 18,000 at 6.3 % is 1,134, and 1,100 x 17/63 is 296; at 7.8 % 1,404, and 1,400 x 22/78 is 394.
    Coffee: 20,700 taxed as 20,000: 6.3 % is 1,260, 6.24 % is 1,248; 323 and 338 of local tax.
    """
    assert taxes(decide({**good, "value": 30_000}, day=day)) == expected


def test_both_rates_are_cut_together() -> None:
    """Derived: books 10,000 and coffee 11,500: 780 and 11,000 x 6.24 % = 686 are 1,466: 1,400, and 394 local.

    The coffee's duty is 10,000 at 15 % = 1,500.
    """
    goods = ({**BOOK, "value": 10_000}, {"hs_code": "090121", "value": 10_000})
    outcome = decide(*goods, transaction="b2b")
    assert taxes(outcome) == (1_500, 1_400, 300)


def test_local_tax_of_the_customs_example() -> None:
    """Japan Customs 1111: national tax of 56,400 makes 15,907 of local tax, cut to 15,900.

    724,000 yen at 7.8 % is 56,472, cut to 56,400.
    """
    outcome = decide(
        {**BOOK, "value": 724_000}, transaction="b2b", assume={"duty_rate": {"hs": "490199", "rate": "0"}}
    )
    assert taxes(outcome) == (0, 56_400, 15_900)


def test_alcohol() -> None:
    """Liquor tax isn't exempt and isn't held; above 10,000 yen wine bears 70 yen a litre of duty too."""
    wine = {"hs_code": "220421", "contents.quantity": 7_500, "contents.unit": "LTR"}
    small = decide({**wine, "value": 10_000})
    assert amounts(small) == {"jp.excise": None} and "excise.unknown" in codes(small)
    large = decide({**wine, "value": 30_000})
    assert large["status"] == "incomplete" and large["duty"] == "500"
    unknown = decide({"hs_code": "220421", "value": 30_000})
    assert unknown["duty"] is None


def test_reform_is_announced_and_not_applied() -> None:
    """The reform of 2028 is held as pending: a parcel of that year is decided by the law in force."""
    held = PACK.parameters.by_id
    assert {held[name].values["*"][0].state for name in ("jp.sale.low_value", "jp.personal.share_ends")} == {
        "pending"
    }
    assert decide({**JACKET, "value": 16_666}, day=date(2028, 4, 1))["total"] == "0"


def test_only_a_person_imports_for_own_use() -> None:
    """A firm's purchase is valued in full; whether the buyer is a person must be known."""
    assert decide({**BOOK, "value": 12_000}, **{"consignee.person": False})["customs_value"] == "12000"
    assert decide({**BOOK, "value": 12_000}, **{"consignee.person": None})["status"] == "incomplete"


def test_documents_and_returns() -> None:
    """Documents are free; returned goods are free with evidence."""
    assert decide({**JACKET, "value": 90_000}, transaction="documents")["total"] == "0"
    back = decide({**JACKET, "value": 90_000}, transaction="returned_goods")
    assert back["total"] == "0" and "relief.evidence" in codes(back)


def test_what_is_not_known() -> None:
    """Without a code or a rate of exchange there is no total."""
    for item, head in (({"hs_code": None}, {}), (JACKET, {"currency": "USD"})):
        assert decide({**item, "value": 30_000}, **head)["status"] == "incomplete"


def test_one_formula_on_every_boundary_day() -> None:
    """Each boundary day of the law and the day before have one formula inside the span, none before it."""
    assert PACK.formula_at(PACK.start - timedelta(days=1)) is None
    for day in PACK.parameters.boundaries():
        for near in (day, day - timedelta(days=1)):
            assert (PACK.formula_at(near) is not None) is (near >= PACK.start)
