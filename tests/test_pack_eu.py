"""Cases of the Union's law that no published example holds."""

from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

import pytest

from greenlane.engine.context import Context, context
from greenlane.engine.decider import decide_one, prepare
from greenlane.law.assumptions import read_assumptions
from greenlane.messages.files import parse_object


@cache
def _plain() -> Context:
    return context()


def _outcome(value: str, run: Context | None = None, **changes: Any) -> dict[str, Any]:
    parcel: dict[str, Any] = {
        "consignment_id": "RO-1", "channel": "express", "transaction": "b2c", "declaration_date": "2026-02-02",
        "departure_country": "CN", "destination_country": "RO", "dataset": "H7", "transport_mode": "air",
        "currency": "EUR", "freight": "0", "insurance": "0", "seller_registered": False,
        "platform": {"id": "M1", "name": "Example Market"},
        "items": [
            {"item_id": "1", "description": "women's cotton T-shirt", "hs_code": "610910",
             "origin_country": "CN", "quantity": "1", "value": value, "gross_mass_kg": "0.2"}
        ],
    }  # fmt: skip
    run = run or _plain()
    return decide_one(prepare(parse_object(parcel | changes), run), 0, run)


@pytest.mark.parametrize(
    ("value", "day", "due"),
    [
        ("149.99", "2026-02-02", True),
        ("150.00", "2026-02-02", False),
        ("20.00", "2026-01-01", True),
        ("20.00", "2025-12-31", False),
    ],
)
def test_the_romanian_fee_is_due_below_150_euro_from_2026(value: str, day: str, due: bool) -> None:
    """Law 239/2025: 25 lei a parcel below 150 euro, owed by who sells, handed over by the carrier afterwards."""
    outcome = _outcome(value, declaration_date=day)
    fees = [charge for charge in outcome["charges"] if charge["name"] == "ro_logistics_fee"]
    assert len(fees) == due
    if due:
        (fee,) = fees
        assert fee["own"]["amount"] == "25.00" and fee["own"]["currency"] == "RON"
        assert (fee["liable"], fee["payer"], fee["collected"]) == ("platform", "carrier", "periodic")
        border = [c["amount"] for c in outcome["charges"] if c["collected"] == "at_border"]
        assert outcome["payable_at_border"] == border[0] and len(border) == 1


def test_no_other_member_takes_the_romanian_fee() -> None:
    """The fee is Romania's alone."""
    outcome = _outcome("20.00", destination_country="BG")
    assert outcome["fees"] == "0.00"


def _charge(outcome: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [charge for charge in outcome["charges"] if charge["name"] == name]
    return dict(found)


def _goods(hs_code: str, value: str, **changes: Any) -> dict[str, Any]:
    item = {
        "item_id": "1", "description": "goods", "hs_code": hs_code, "origin_country": "CN", "quantity": "1",
        "value": value, "gross_mass_kg": "0.2",
    }  # fmt: skip
    return changes | {"items": [item]}


def _said(outcome: dict[str, Any], code: str) -> list[str]:
    return [finding["message"] for finding in outcome["findings"] if finding["code"] == code]


@pytest.mark.parametrize(
    ("country", "channel", "mode", "customs_value"),
    [
        ("CN", "express", "air", "228.00"),  # 200 + 70 % of 40
        ("JP", "express", "air", "233.20"),  # 200 + 83 % of 40
        ("CN", "express", "sea", "240.00"),
        ("CN", "postal", "air", "240.00"),  # postal charges whole: art. 139
        ("US", "express", "air", "240.00"),  # by airport: no share held
    ],
)
def test_air_freight_enters_by_its_share(country: str, channel: str, mode: str, customs_value: str) -> None:
    """Art. 138 and annex 23-01 (derived): only the share flown outside the Union; VAT takes all of it."""
    outcome = _outcome(
        "200.00", destination_country="DE", departure_country=country, channel=channel, transport_mode=mode,
        dataset="H1", freight="40.00",
    )  # fmt: skip
    assert outcome["customs_value"] == customs_value
    duty = Decimal(_charge(outcome, "customs_duty")["amount"])
    assert duty == (Decimal(customs_value) * 12 / 100).quantize(Decimal("0.01"))
    assert Decimal(_charge(outcome, "vat")["base"]) == 240 + duty
    whole = mode == "air" and channel == "express" and country not in ("CN", "JP")
    assert bool(_said(outcome, "value.air_freight")) == whole


def test_no_word_on_air_freight_where_no_duty_rests_on_it() -> None:
    """Below the limit the flat duty is the same whatever the freight."""
    outcome = _outcome(
        "20.00",
        destination_country="DE",
        departure_country="US",
        freight="9.00",
        declaration_date="2026-11-02",
    )
    assert not _said(outcome, "value.air_freight")


def test_postal_charges_are_no_part_of_the_customs_value_of_a_gift() -> None:
    """Art. 165(2) of Reg. 2454/93: goods that are not of a commercial nature; VAT takes the charges."""
    gift = {"transaction": "c2c_gift", "channel": "postal", "destination_country": "DE", "platform": None}
    outcome = _outcome("200.00", freight="40.00", dataset="H1", **gift)
    assert outcome["customs_value"] == "200.00"
    assert _charge(outcome, "customs_duty")["amount"] == "5.00"  # 2.5 % of 200


@pytest.mark.parametrize(
    ("hs_code", "day", "rate", "certainty"),
    [
        ("190531", "2026-11-02", "0.07", "certain"),  # biscuits: chapter 19
        ("210690", "2026-11-02", "0.07", "certain"),  # chapter 21
        ("090121", "2026-11-02", "0.07", "certain"),  # chapter 9
        ("871310", "2026-11-02", "0.07", "certain"),  # heading 8713
        ("040690", "2026-11-02", "0.07", "certain"),  # cheese: all milk products of chapter 4
        ("160432", "2026-11-02", "0.19", "contested"),  # caviar substitutes: of chapter 16 a part
        ("490199", "2026-11-02", "0.19", "contested"),  # of 4901: not what harms the young or advertises
        ("200911", "2026-11-02", "0.19", "certain"),  # juice: 2001 to 2008 alone
        ("300490", "2026-11-02", "0.19", "certain"),  # medicines: not in annex 2
        ("190531", "2020-12-31", "0.05", "unverified"),
        ("490199", "2020-12-31", "0.16", "contested"),
        ("190531", "2012-06-30", "0.19", "contested"),
        ("190531", "2012-07-01", "0.07", "unverified"),
    ],
)
def test_german_reduced_rate_follows_annex_2(hs_code: str, day: str, rate: str, certainty: str) -> None:
    """UStG § 12(2) no. 1: what annex 2 names wholly bears 7 % (5 % in the end of 2020).

    Before July 2021 the charge is no surer than the least amount that was collected then.
    """
    outcome = _outcome(
        "100.00", **_goods(hs_code, "100.00", destination_country="DE", declaration_date=day)
    )  # fmt: skip
    vat = _charge(outcome, "vat")
    assert (vat["rate"], vat["certainty"]) == (rate, certainty)
    tax = (Decimal(vat["base"]) * Decimal(rate)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert Decimal(vat["amount"]) == tax


@pytest.mark.parametrize(("day", "rival"), [("2018-12-31", "1.80"), ("2019-01-01", "2.70")])
def test_the_dutch_reduced_rate_rose_in_2019(day: str, rival: str) -> None:
    """6 % of 30 until 2018, 9 % since; which goods isn't told by code, so both amounts are given."""
    facts = _goods("490199", "30.00", destination_country="NL", declaration_date=day, dataset=None)
    outcome = _outcome("30.00", **facts)
    assert outcome["tax"] == "6.30"
    (message,) = _said(outcome, "law.contested")
    assert rival in message


@pytest.mark.parametrize(
    ("day", "rate"), [("2020-08-31", "0.23"), ("2020-09-01", "0.21"), ("2021-03-01", "0.23")]
)
def test_ireland_had_six_months_at_21(day: str, rate: str) -> None:
    """The standard rate from 1 September 2020 to 28 February 2021."""
    outcome = _outcome("40.00", destination_country="IE", declaration_date=day, dataset=None)
    assert _charge(outcome, "vat")["rate"] == rate


@pytest.mark.parametrize(
    ("day", "value", "assessed", "amount"),
    [
        ("2026-06-30", "5.26", "1.00", "1.00"),  # 19 % of 5.26 = 0.9994
        ("2026-06-30", "5.23", "0.99", "0.00"),  # 0.9937
        ("2021-06-30", "26.31", "5.00", "5.00"),  # 4.9989
        ("2021-06-30", "26.28", "4.99", "0.00"),  # 4.9932
        ("2021-07-01", "26.28", "4.99", "4.99"),
    ],
)
def test_germany_does_not_levy_small_amounts(day: str, value: str, assessed: str, amount: str) -> None:
    """ZollV § 23(1): below 1 euro since July 2021, below 5 before; the charge stays, with what it was."""
    outcome = _outcome(value, destination_country="DE", declaration_date=day, dataset=None)
    vat = _charge(outcome, "vat")
    assert (vat["assessed"], vat["amount"]) == (assessed, amount)
    assert (vat["waived"] is not None) == (amount == "0.00")


def test_germany_levies_from_5_euro_above_low_value() -> None:
    """ZollV § 23(1) no. 3 (derived): 4.90 of tax on goods above 150 euro is left, at an assumed 3 %."""
    run = context(
        assumptions=read_assumptions({"vat_rate": "0.03", "duty_rate": {"hs": "610910", "rate": "0"}})
    )
    outcome = _outcome("163.00", run=run, destination_country="DE", dataset="H1")
    assert (_charge(outcome, "vat")["assessed"], outcome["tax"]) == ("4.89", "0.00")


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ({}, True),
        ({"transaction": "b2b"}, True),
        ({"dataset": "H1"}, False),
        ({"transaction": "c2c_gift"}, False),  # 40 euro, free of VAT
        ({"transaction": "documents"}, False),
        ({"declaration_date": "2026-02-28"}, False),
        ({"declaration_date": "2026-11-02"}, True),
    ],
)
def test_the_french_tax_is_for_what_is_declared_in_h7(changes: dict[str, Any], due: bool) -> None:
    """Law 2026-103 art. 82: sold to businesses and consumers or sent between persons, unless free of VAT."""
    facts = {"destination_country": "FR", "declaration_date": "2026-03-02"}
    outcome = _outcome("40.00", **(facts | changes))
    assert [c["amount"] for c in outcome["charges"] if c["kind"] == "fee"] == ["2.00"] * due


def test_a_gift_above_its_relief_bears_the_french_tax() -> None:
    """What isn't free of VAT as a gift is taxed."""
    gift = {"transaction": "c2c_gift", "destination_country": "FR", "declaration_date": "2026-03-02"}
    assert _outcome("60.00", **gift)["fees"] == "2.00"


@pytest.mark.parametrize(
    ("day", "dataset", "collected"),
    [
        ("2025-12-31", "H7", None),
        ("2026-01-01", "H7", "periodic"),
        ("2026-03-11", "H1", "at_border"),
        ("2026-03-12", "H7", None),
        ("2026-06-30", "H7", None),
    ],
)
def test_the_italian_contribution_ran_ten_weeks(day: str, dataset: str, collected: str | None) -> None:
    """Law 199/2025 art. 1(126): 2 euro from 1 January 2026, put off on 12 March; not in the base of VAT."""
    outcome = _outcome("40.00", destination_country="IT", declaration_date=day, dataset=dataset)
    fees = [charge for charge in outcome["charges"] if charge["kind"] == "fee"]
    assert [(fee["amount"], fee["collected"]) for fee in fees] == [("2.00", collected)] * bool(collected)
    assert _charge(outcome, "vat")["base"] == "40.00"


def test_the_italian_contribution_counts_gifts_and_the_customs_value_in_h1() -> None:
    """It is due whoever sends; in H1 the limit stands on the customs value, in H7 on the intrinsic one."""
    january = {"destination_country": "IT", "declaration_date": "2026-01-15"}
    assert _outcome("30.00", **january, transaction="c2c_gift")["fees"] == "2.00"
    flown = january | {"freight": "20.00", "transport_mode": "sea"}
    assert _outcome("140.00", **flown)["fees"] == "2.00"
    assert _outcome("140.00", **(flown | {"dataset": "H1"}))["fees"] == "0.00"


def test_the_italian_contribution_is_pending_since_july() -> None:
    """It was to apply again; nothing seen shows it, so it isn't charged and is told."""
    outcome = _outcome("40.00", destination_country="IT", declaration_date="2026-07-02")
    assert outcome["fees"] == "0.00"
    assert any("Italian contribution" in message for message in _said(outcome, "law.pending"))


def test_a_standard_rate_is_certain_since_the_database_showed_it() -> None:
    """The Taxes in Europe Database of August 2026 has the rates that the data sets date."""
    outcome = _outcome("200.00", destination_country="DE", dataset="H1", declaration_date="2026-08-19")
    assert _charge(outcome, "vat")["rate"] == "0.19"
    for member in ("FI", "EE", "RO", "SK"):
        day = {"destination_country": member, "declaration_date": "2026-08-19", "scheme": "IOSS"}
        assert _charge(_outcome("20.00", **day, scheme_id="IM3720000224"), "vat")["certainty"] != "unverified"


def test_limits_stand_in_a_members_currency_at_one_rate_for_the_year() -> None:
    """At the rate of 1 October 2025 1,650 kronor are 149.52 euro; the customs rate of July makes them more."""
    july = {"currency": "SEK", "destination_country": "SE", "declaration_date": "2026-07-02"}
    outcome = _outcome("1650.00", **july)
    assert outcome["intrinsic_value"] == "151.50"
    assert _charge(outcome, "flat_duty")["amount"] == "3.00"
    assert not any(charge["name"] == "customs_duty" for charge in outcome["charges"])
    assert _charge(outcome, "flat_duty")["certainty"] == "unverified"


def test_prices_in_other_currencies_are_tested_at_the_customs_rate() -> None:
    """A krone of Norway is no member's currency: what is above 150 euro in the month is above the limit."""
    outcome = _outcome(
        "1750.00", currency="NOK", destination_country="SE", declaration_date="2026-07-02", dataset="H1"
    )
    assert Decimal(outcome["intrinsic_value"]) > 150
    assert not any(charge["name"] == "flat_duty" for charge in outcome["charges"])


@pytest.mark.parametrize(("day", "dutiable"), [("2025-12-31", False), ("2026-01-01", True)])
def test_a_year_has_the_rate_of_the_october_before(day: str, dutiable: bool) -> None:
    """1,680 kronor are below 150 euro at the rate of October 2024 and above it at that of October 2025."""
    facts = {"currency": "SEK", "destination_country": "SE", "dataset": "H1", "declaration_date": day}
    outcome = _outcome("1680.00", **facts)
    assert any(charge["name"] == "customs_duty" for charge in outcome["charges"]) is dutiable


@pytest.mark.parametrize(("dataset", "duty"), [("H7", "3.00"), ("H1", "6.00")])
def test_what_counts_as_one_line_is_what_the_dataset_tells_apart(dataset: str, duty: str) -> None:
    """Two ten-digit codes of one subheading are one line of six digits in H7 and two lines in H1."""
    lines = [
        _goods(code, "20.00")["items"][0] | {"item_id": str(number), "description": "women's cotton T-shirt"}
        for number, code in enumerate(("6109100010", "6109100090"), 1)
    ]
    facts = {"declaration_date": "2026-07-02", "destination_country": "DE", "items": lines}
    assert _outcome("0", **(facts | {"dataset": dataset}))["duty"] == duty


def test_the_handling_fee_is_announced_and_not_charged() -> None:
    """No act that starts it was seen: from 1 November 2026 it is told, and no amount is made up."""
    facts = {"destination_country": "DE", "scheme": "IOSS", "scheme_id": "IM3720000224"}
    before, after = (_outcome("20.00", **facts, declaration_date=day) for day in ("2026-10-31", "2026-11-01"))
    assert before["fees"] == after["fees"] == "0.00"
    assert not any("handling fee" in message for message in _said(before, "law.pending"))
    assert any("EU handling fee" in message for message in _said(after, "law.pending"))


@pytest.mark.parametrize(
    ("prices", "left"),
    [
        (("15.00", "15.00", "15.00"), "0.00"),
        (("15.00", "15.00", "15.01"), "15.01"),
        (("45.01",), "45.01"),
        (("30.00", "20.00"), "20.00"),
    ],
)
def test_relief_of_gifts_never_splits_an_article(prices: tuple[str, ...], left: str) -> None:
    """Reg. 1186/2009 art. 25-27: whole articles are free up to 45 euro; VAT stands on the articles left."""
    items = [_goods("491191", price)["items"][0] | {"item_id": str(n)} for n, price in enumerate(prices, 1)]
    run = context(
        assumptions=read_assumptions({"vat_rate": "0.20", "duty_rate": {"hs": "491191", "rate": "0"}})
    )
    facts = {"transaction": "c2c_gift", "destination_country": "AT", "declaration_date": "2026-02-02"}
    outcome = _outcome("0", run=run, **facts, items=items)
    bases = [Decimal(charge["base"]) for charge in outcome["charges"] if charge["name"] == "vat"]
    assert sum(bases, Decimal(0)) == Decimal(left)
