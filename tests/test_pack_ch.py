"""The law of Switzerland and Liechtenstein: cases from its acts, boundary amounts and boundary days."""

from datetime import date, timedelta

import pytest

from deciding import amounts, codes, decider, told
from greenlane.packs import jurisdiction_of
from greenlane.packs.ch import PACK

TODAY = date(2026, 11, 23)
COAT = {"hs_code": "620193"}
BOOK = {"hs_code": "490199"}
CHEESE = {"hs_code": "040610"}
decide = decider(PACK, TODAY, departure_country="DE")


@pytest.mark.parametrize(
    ("day", "rate", "tax"),
    [
        (date(2011, 1, 1), "0.08", "80.00"),
        (date(2017, 12, 31), "0.08", "80.00"),
        (date(2018, 1, 1), "0.077", "77.00"),
        (date(2023, 12, 31), "0.077", "77.00"),
        (date(2024, 1, 1), "0.081", "81.00"),
    ],
)
def test_standard_rate(day: date, rate: str, tax: str) -> None:
    """VAT Act art. 25 para. 1: 8, 7.7 and 8.1 % (duty of the years before 2024 assumed as none)."""
    free = {"duty_rate": {"hs": "620193", "rate": "0"}}
    outcome = decide({**COAT, "value": 100_000}, day=day, assume=free)
    vat = next(c for c in outcome["charges"] if c["name"] == "vat")
    assert (vat["rate"], vat["amount"], vat["payer"], vat["collected"]) == (rate, tax, "buyer", "at_border")


@pytest.mark.parametrize(
    ("day", "tax"),
    [(date(2023, 12, 31), "25.00"), (date(2024, 1, 1), "26.00")],
)
def test_reduced_rate(day: date, tax: str) -> None:
    """VAT Act art. 25 para. 2: books and food at 2.5, since 2024 at 2.6 %."""
    free = {"duty_rates": [{"hs": hs, "rate": "0"} for hs in ("490199", "180690")]}
    for good in (BOOK, {"hs_code": "180690"}):
        assert decide({**good, "value": 100_000}, day=day, assume=free)["tax"] == tax


def test_reduced_rate_of_groups_is_the_parameter() -> None:
    """The rates of the goods groups and the parameter that their tax is worked out with are the same values."""
    reduced = {d.start: d.value for d in PACK.parameters.by_id["ch.vat.reduced"].values["*"]}
    for name in ("books", "print", "food", "medicines", "plants"):
        group = PACK.parameters.by_id[f"ch.goods.{name}"].values["*"]
        assert {d.start: d.value for d in group} == reduced


@pytest.mark.parametrize(
    ("good", "value", "levied", "assessed"),
    [
        (COAT, 6_200, False, "5.00"),
        (COAT, 6_249, False, "5.00"),
        (COAT, 6_250, True, "5.10"),
        (COAT, 6_300, True, "5.10"),
        (BOOK, 19_300, False, "5.00"),
        (BOOK, 19_349, False, "5.00"),
        (BOOK, 19_350, True, "5.05"),
    ],
)
def test_small_tax_is_not_levied(good: dict[str, str], value: int, levied: bool, assessed: str) -> None:
    """SR 641.204 art. 1 let. d: up to 5 francs; the customs office names bases of 62 and 193 francs.

    Derived: 62 x 8.1 % = 5.022 and 193 x 2.6 % = 5.018, both 5.00 in steps of five rappen; 63 gives 5.103,
    194 gives 5.044.
    """
    outcome = decide({**good, "value": value})
    charge = outcome["charges"][0]
    assert charge["assessed"] == assessed and (charge["waived"] is None) is levied
    assert outcome["payable_at_border"] == (assessed if levied else "0.00")
    assert outcome["category"] == (3 if levied else 2)


def test_small_tax_counts_per_declaration() -> None:
    """Two articles of 40 francs make one tax of 6.50 (80 x 8.1 % = 6.48): levied, though each alone isn't."""
    assert decide({**COAT, "value": 4_000})["payable_at_border"] == "0.00"
    both = decide({**COAT, "value": 4_000}, {**COAT, "value": 4_000})
    assert both["tax"] == "6.50" and both["payable_at_border"] == "6.50"


def test_sample_calculation() -> None:
    """The customs office's sample: 159.25 with transport, 17.45 and 20.00 of the post: 196.70, taxed as 197.

    Derived: 197 x 8.1 % = 15.957, to five rappen 15.95. Cut to 196 francs it is 15.90, which is the other reading.
    """
    outcome = decide({**COAT, "value": 14_700}, freight=1_225, carrier_fees=3_745)
    vat = outcome["charges"][0]
    assert (vat["base"], vat["amount"]) == ("197.00", "15.95")
    assert outcome["certainty"] == "contested" and "15.90" in told(outcome, "law.contested")


def test_before_2024_the_base_was_cut() -> None:
    """The German sample at 8 %: 228.70 'without the rappen', so 228 x 8 % = 18.24, to five rappen 18.25."""
    free = {"duty_rate": {"hs": "620193", "rate": "0"}}
    outcome = decide({**COAT, "value": 19_825}, carrier_fees=3_045, day=date(2012, 5, 1), assume=free)
    assert (outcome["charges"][-1]["base"], outcome["tax"]) == ("228.00", "18.25")


def test_goods_of_both_rates_are_rounded_by_rate() -> None:
    """Derived: books 100.40 and coats 50.30 are 100 x 2.6 % = 2.60 and 50 x 8.1 % = 4.05, 6.65 in all."""
    outcome = decide({**BOOK, "value": 10_040}, {**COAT, "value": 2_515}, {**COAT, "value": 2_515})
    taxes = [c["amount"] for c in outcome["charges"]]
    assert taxes[0] == "2.60" and outcome["tax"] == "6.65"
    assert [c["base"] for c in outcome["charges"]] == ["100.00", "25.00", "25.00"]


def test_clearance_fee_is_in_the_base_and_not_in_the_test() -> None:
    """60 francs with a fee of 13: tax on 73 is 5.90, but the goods alone bear 4.86, so nothing is levied."""
    outcome = decide({**COAT, "value": 6_000}, carrier_fees=1_300)
    charge = outcome["charges"][0]
    assert charge["assessed"] == "5.90" and charge["amount"] == "0.00"
    assert outcome["certainty"] == "contested" and "5.90" in told(outcome, "law.contested")


def test_registered_mail_order_seller() -> None:
    """VAT Act art. 7 para. 3 let. b: the seller takes VAT on the price with delivery; nothing at the border."""
    outcome = decide({**COAT, "value": 5_000}, seller_registered=True, freight=1_000, carrier_fees=1_300)
    charge = outcome["charges"][0]
    assert amounts(outcome) == {"ch.vat.sale": "4.86"}
    assert (charge["liable"], charge["payer"], charge["collected"]) == ("seller", "seller", "at_sale")
    assert outcome["payable_at_border"] == "0.00" and "import.by_vendor" in codes(outcome)


def test_mail_order_rule_begins_in_2019() -> None:
    """VAT Ordinance art. 4a, in force since 1 January 2019: before, the buyer pays the import tax."""
    free = {"duty_rate": {"hs": "620193", "rate": "0"}}
    for day, rule in ((date(2018, 12, 31), "ch.vat.import"), (date(2019, 1, 1), "ch.vat.sale")):
        outcome = decide({**COAT, "value": 10_000}, day=day, assume=free, seller_registered=True)
        assert rule in amounts(outcome)


def test_platform_is_the_supplier_from_2025() -> None:
    """VAT Act art. 20a: from 1 January 2025 the operator of a platform; that it has the turnover is presumed."""
    for day, rule in ((date(2024, 12, 31), "ch.vat.import"), (date(2025, 1, 1), "ch.vat.sale")):
        outcome = decide({**COAT, "value": 10_000}, day=day, **{"platform.id": "M1"})
        assert rule in amounts(outcome)
    charge = outcome["charges"][0]
    assert charge["payer"] == "platform" and charge["certainty"] == "unverified"


def test_scheme_states_the_sale() -> None:
    """A number of the vendor stated with the consignment shows that the VAT was taken; a gift is no sale."""
    assert "ch.vat.sale" in amounts(decide({**COAT, "value": 10_000}, scheme="CH_VAT"))
    gift = decide({**COAT, "value": 20_000}, scheme="CH_VAT", transaction="c2c_gift")
    assert amounts(gift) == {"ch.vat.import": "16.20"}


@pytest.mark.parametrize(("value", "tax"), [(10_000, "0.00"), (10_001, "8.10")])
def test_gift_limit(value: int, tax: str) -> None:
    """SR 641.204 art. 1 let. a: gifts from person to person are free up to 100 francs, then taxed whole."""
    assert decide({**COAT, "value": value}, transaction="c2c_gift")["tax"] == tax


def test_alcohol_and_tobacco_in_a_gift_are_not_free() -> None:
    """SR 641.204 art. 1 let. a: alcohol and tobacco excepted; wine bears VAT, and its duty isn't held."""
    wine = decide({"hs_code": "220421", "value": 9_000}, {**COAT, "value": 500}, transaction="c2c_gift")
    assert wine["status"] == "incomplete" and {c["item_id"] for c in wine["charges"]} == {"1"}
    known = {"duty_rate": {"hs": "220421", "rate": "0"}}
    taxed = decide({"hs_code": "220421", "value": 9_000}, transaction="c2c_gift", assume=known)
    assert taxed["tax"] == "7.30"
    tobacco = decide({"hs_code": "240220", "value": 500}, transaction="c2c_gift")
    assert tobacco["status"] == "incomplete" and "excise.unknown" in codes(tobacco)


def test_industrial_goods_are_free_since_2024() -> None:
    """Customs Tariff Act of 1 October 2021: chapters 25 to 97 are free; before, the tariff isn't held."""
    assert decide({**COAT, "value": 20_000})["duty"] == "0.00"
    before = decide({**COAT, "value": 20_000}, day=date(2023, 12, 31))
    assert before["status"] == "incomplete" and "tariff.not_loaded" in codes(before)
    for hs_code in ("350510", "382499", "040610"):
        assert decide({"hs_code": hs_code, "value": 20_000})["status"] == "incomplete"


def test_duty_by_gross_weight() -> None:
    """Customs Tariff Act: 10 francs a kilogram on 2.5 kg gross is 25.00; VAT of 2.6 % on 125 francs is 3.25."""
    per_kg = {"duty_rate": {"hs": "040610", "amount": "10.00", "currency": "CHF", "per": "kg"}}
    cheese = {**CHEESE, "value": 10_000, "gross_mass_mg": 2_500_000, "net_mass_mg": 2_000_000}
    outcome = decide(cheese, assume=per_kg)
    assert outcome["duty"] == "25.00"
    assert next(c for c in outcome["charges"] if c["name"] == "vat")["assessed"] == "3.25"
    unknown = decide({**cheese, "gross_mass_mg": None}, assume=per_kg)
    assert unknown["status"] == "incomplete"


@pytest.mark.parametrize(("mass", "duty", "base"), [(500_000, "0.00", "300.00"), (501_000, "5.01", "305.00")])
def test_small_duty_is_not_levied(mass: int, duty: str, base: str) -> None:
    """Duty up to 5 francs isn't levied, apart from the tax, and is then no part of its base."""
    per_kg = {"duty_rate": {"hs": "040610", "amount": "10.00", "currency": "CHF", "per": "kg"}}
    outcome = decide({**CHEESE, "value": 30_000, "gross_mass_mg": mass}, assume=per_kg)
    assert outcome["duty"] == duty
    assert next(c for c in outcome["charges"] if c["name"] == "vat")["base"] == base


def test_contested_goods_show_both_amounts() -> None:
    """A medicine bears 8.1 % unless it is one that the VAT Ordinance names: 2.6 % stands beside it."""
    outcome = decide({"hs_code": "300490", "value": 40_000})
    assert outcome["tax"] == "32.40" and "10.40" in told(outcome, "law.contested")


def test_contested_goods_among_others() -> None:
    """Beside a coat of one reading, the medicine's tax still has two."""
    outcome = decide({**COAT, "value": 10_000}, {"hs_code": "300490", "value": 40_000})
    assert outcome["certainty"] == "contested" and "10.40" in told(outcome, "law.contested")


def test_liechtenstein_lies_in_the_customs_territory() -> None:
    """Customs Treaty of 1923: the same import tax; a sale's VAT is taken alike, which is unverified."""
    assert jurisdiction_of("LI") == "ch"
    outcome = decide({**COAT, "value": 20_000}, destination_country="LI")
    assert outcome["tax"] == "16.20" and outcome["member"] == "LI"
    sale = decide({**COAT, "value": 20_000}, destination_country="LI", seller_registered=True)
    assert sale["tax"] == "16.20" and sale["charges"][0]["certainty"] == "unverified"


def test_documents_and_returns() -> None:
    """Documents are free; returned goods are free with evidence."""
    assert decide({**COAT, "value": 90_000}, transaction="documents")["total"] == "0.00"
    back = decide({**COAT, "value": 90_000}, transaction="returned_goods")
    assert back["total"] == "0.00" and "relief.evidence" in codes(back)


def test_high_value() -> None:
    """Above the limit of simplified clearance a full declaration is due."""
    assert decide({**COAT, "value": 100_000})["category"] == 3
    assert decide({**COAT, "value": 100_001})["category"] == 4


def test_what_is_not_known() -> None:
    """Without a code, with a seller of unknown registration or in a currency without rate there is no total."""
    for item, head in (
        ({"hs_code": None}, {}),
        (COAT, {"seller_registered": None}),
        (COAT, {"currency": "USD"}),
        (COAT, {"freight": None}),
    ):
        assert decide({**item, "value": 20_000}, **head)["status"] == "incomplete"


def test_one_formula_on_every_boundary_day() -> None:
    """Each boundary day of the law and the day before have one formula inside the span, none before it."""
    assert PACK.formula_at(PACK.start - timedelta(days=1)) is None
    for day in PACK.parameters.boundaries():
        for near in (day, day - timedelta(days=1)):
            assert (PACK.formula_at(near) is not None) is (near >= PACK.start)
