"""The law of the Eurasian Economic Union: cases from its acts and guides, boundary amounts and days."""

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from fuzzing import batch_of, by_columns, by_integers, fresh_context
from greenlane.assess.pages import list_packs, show_data
from greenlane.decide.outcome import Decision, Versions
from greenlane.decide.plan import plan
from greenlane.engine.decider import decide_batch, prepare
from greenlane.engine.groups import goods_values
from greenlane.law.assumptions import read_assumptions
from greenlane.law.leaves import Resolver, SingleFacts
from greenlane.packs.eaeu import PACK
from greenlane.risk.indicators import starter_profile
from greenlane.tariff import ExchangeRates, TariffBook
from greenlane.values.errors import LawError

COAT = {"hs_code": "620193"}
OLD, SECOND, PARCEL, RAISED, SALE = (
    date(2018, 6, 1),
    date(2019, 6, 1),
    date(2021, 6, 1),
    date(2023, 6, 1),
    date(2026, 8, 3),
)
FX = {"EUR/RUB": "100", "EUR/KZT": "500", "EUR/BYN": "3", "EUR/AMD": "400", "EUR/KGS": "90"}


def row_of(day: date, **head: Any) -> dict[str, Any]:
    """A parcel from China to a person in Russia, in euro, the first of its month."""
    return {
        "consignment_id": "U1",
        "channel": "postal",
        "transaction": "b2c",
        "declaration_date": day,
        "departure_country": "CN",
        "destination_country": "RU",
        "currency": "EUR",
        "freight": 0,
        "insurance": 0,
        "other_charges": 0,
        "freight_in_price": False,
        "carrier_fees": 0,
        "seller_registered": False,
        "consignee.person": True,
        "consignee.prior_use.month_amount": 0,
        **head,
    }


def items_of(*items: dict[str, Any]) -> list[dict[str, Any]]:
    """Goods of one kilogram where nothing else is said."""
    return [
        {
            "item_id": str(n),
            "origin_country": "CN",
            "quantity": 1_000,
            "unit": "C62",
            "gross_mass_mg": 1_000_000,
            "net_mass_mg": 900_000,
            **item,
        }
        for n, item in enumerate(items, 1)
    ]


def decide(
    *items: dict[str, Any], day: date = PARCEL, assume: dict[str, Any] | None = None, **head: Any
) -> dict[str, Any]:
    """Decide one consignment on integers; amounts are cents of euro."""
    given = read_assumptions({"fx": FX, **(assume or {})})
    sources = SimpleNamespace(tariff=TariffBook(), fx=ExchangeRates(), assumed=given)
    formula = PACK.formula_at(day)
    assert formula is not None
    assumed = {PACK.aliases.get(name, name): value for name, value in given.values.items()}
    facts = SingleFacts(row_of(day, **head), items_of(*items), Resolver(PACK, sources, None, assumed))
    return Decision(plan(PACK, formula, starter_profile()), facts).outcome(Versions("", "", ""), "", [])


def coat(cents: int, kilograms: str = "1") -> dict[str, Any]:
    return {**COAT, "value": cents, "gross_mass_mg": int(float(kilograms) * 1_000_000)}


def codes(outcome: dict[str, Any]) -> set[str]:
    return {finding["code"] for finding in outcome["findings"]}


def other_readings(outcome: dict[str, Any]) -> list[str]:
    return [f["message"] for f in outcome["findings"] if f["code"] == "law.contested"]


# -- a currency for each member -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("member", "currency", "duty"),
    [
        ("RU", "RUB", "1500.00"),
        ("KZ", "KZT", "7500.00"),
        ("BY", "BYN", "125.10"),
        ("AM", "AMD", "6000.00"),
        ("KG", "KGS", "1350.00"),
    ],
)
def test_amounts_are_in_the_members_currency(member: str, currency: str, duty: str) -> None:
    """300 euro in 2021 are 100 above: 15 euro at each member's rate; Belarus takes 15 % of 278, 41.70 euro."""
    outcome = decide(coat(30_000), destination_country=member)
    assert (outcome["currency"], outcome["member"], outcome["duty"]) == (currency, member, duty)
    assert any(f" {currency} customs duty is due at the border" in reason for reason in outcome["reasons"])


def test_bulk_and_single_speak_the_same_currency() -> None:
    """A batch to every member decides as one by one: currency, words and charges are each consignment's own."""
    context = fresh_context(read_assumptions({"fx": FX}))
    made = [
        ({**row_of(SALE, destination_country=member), "consignment_id": member}, items_of(coat(50_000)))
        for member in PACK.members
    ]
    prepared = prepare(batch_of(made), context)
    columns = by_columns(decide_batch(prepared, context))
    assert columns == by_integers(prepared, range(len(made)), context)
    assert {o["consignment_id"]: o["currency"] for o in columns[0]} == PACK.currencies
    assert {c["consignment_id"]: c["currency"] for c in columns[1]} == PACK.currencies


def test_amounts_in_two_currencies_are_never_added() -> None:
    """One person's parcels of a day to Russia and to Kazakhstan are two groups, to Russia twice is one."""
    context = fresh_context(read_assumptions({"fx": FX}))
    made = [
        (
            {**row_of(SALE, destination_country=m, **{"consignee.id": "P1"}), "consignment_id": n},
            items_of(coat(100)),
        )
        for n, m in (("a", "RU"), ("b", "RU"), ("c", "KZ"))
    ]
    keys = goods_values(batch_of(made), context)["group.key"].to_list()
    assert keys[0] == keys[1] != keys[2]


def test_a_union_names_each_members_currency() -> None:
    """A pack that leaves a member without currency, or mixes decimals, is refused."""
    with pytest.raises(LawError, match="needs its currency"):
        replace(PACK, currencies={"RU": "RUB"})
    with pytest.raises(LawError, match="decimals"):
        replace(PACK, currencies={**PACK.currencies, "KG": "JPY"})


def test_the_pages_name_every_currency() -> None:
    """The list of packs and the page of the law give the currencies of all members."""
    row = next(row for row in list_packs() if row["code"] == "eaeu")
    assert row["currency"] == show_data(PACK, SALE)["currency"] == "AMD, BYN, KGS, KZT, RUB"


def test_without_a_rate_nothing_is_owed_for_sure() -> None:
    """The limits are in euro: without a rate against it the outcome is incomplete, never free."""
    outcome = decide(coat(100), assume={"fx": {"USD/RUB": "80"}})
    assert outcome["status"] == "incomplete" and outcome["total"] is None and "fx.unknown" in codes(outcome)


# -- by month, to 2019 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "limit"), [(PACK.start, 100_000), (date(2018, 12, 31), 100_000), (date(2019, 1, 1), 50_000)]
)
def test_month_limit(day: date, limit: int) -> None:
    """1,000 euro a month to 2018, 500 in 2019: at the limit free, a cent above 30 % of the cent."""
    assert decide(coat(limit), day=day)["charges"] == []
    (charge,) = decide(coat(limit + 1), day=day)["charges"]
    assert (charge["base"], charge["amount"], charge["rate"]) == ("1.00", "0.30", "0.3")
    assert (charge["payer"], charge["collected"]) == ("buyer", "at_border")


@pytest.mark.parametrize(
    ("before", "duty"), [(0, "0.00"), (800, "3000.00"), (1_000, "9000.00"), (None, None)]
)
def test_what_the_month_already_held(before: int | None, duty: str | None) -> None:
    """Derived: 300 euro after 800 leave 100 above 1,000, 30 % is 30; after 1,000 all of it, 90; not known, no duty.

    Prior use is in roubles (100 to the euro) with four decimals.
    """
    use = {"consignee.prior_use.month_amount": None if before is None else before * 1_000_000}
    outcome = decide(coat(30_000), day=OLD, **use)
    assert outcome["duty"] == duty
    assert (outcome["status"] == "incomplete") is (before is None)


def test_no_use_this_year_is_none_this_month() -> None:
    """A person who received nothing all year received nothing this month."""
    for name in ("year_amount", "year_count"):
        use = {"consignee.prior_use.month_amount": None, f"consignee.prior_use.{name}": 0}
        assert decide(coat(140_000), day=OLD, **use)["duty"] == "12000.00"


def test_weight_above_the_limit() -> None:
    """Guide: 34 kg worth 500 euro pay 4 euro on 3 kg; both above, the greater amount."""
    assert decide(coat(50_000, "34"), day=OLD)["duty"] == "1200.00"
    assert decide(coat(140_000, "34"), day=OLD)["duty"] == "12000.00"
    assert decide(coat(110_000, "71"), day=OLD)["duty"] == "16000.00"
    assert decide(coat(50_000, "31"), day=OLD)["charges"] == []
    assert decide({**coat(50_000), "gross_mass_mg": 31_000_001}, day=OLD)["charges"][0]["amount"] == "0.00"


def test_the_excess_measured_both_ways_is_the_other_reading() -> None:
    """Derived: 500 euro and 34 kg; 3 of 34 kg are worth 44.12 euro, 30 % is 13.24, more than 12.00."""
    outcome = decide(coat(50_000, "34"), day=OLD)
    assert outcome["certainty"] == "contested"
    assert any("in proportion the customs duty is 1323.53." in words for words in other_readings(outcome))
    assert other_readings(decide(coat(140_000, "20"), day=OLD)) == []


# -- by parcel, from 2020 -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "limit"),
    [
        (date(2020, 1, 1), 20_000),
        (date(2022, 3, 31), 20_000),
        (date(2022, 4, 1), 100_000),
        (date(2022, 10, 1), 100_000),
        (date(2024, 3, 31), 100_000),
        (date(2024, 4, 1), 20_000),
        (date(2026, 6, 30), 20_000),
    ],
)
def test_parcel_limit(day: date, limit: int) -> None:
    """200 euro a parcel from 2020, 1,000 from April 2022 to March 2024; what the month held no longer counts."""
    use = {"consignee.prior_use.month_amount": None}
    assert decide(coat(limit), day=day, **use)["total"] == "0.00"
    (charge,) = decide(coat(limit + 10_000), day=day, **use)["charges"]
    assert (charge["base"], charge["amount"]) == ("10000.00", "1500.00")


def test_price_without_delivery() -> None:
    """The cost of delivery stays outside: 200 euro with 50 of freight are free; a purse example pays 15 euro."""
    assert decide(coat(20_000), freight=5_000)["total"] == "0.00"
    assert decide(coat(30_000))["duty"] == "1500.00"


def test_kilograms_of_a_parcel() -> None:
    """2 euro on each kilogram above 31, where that is more than 15 % of the excess of value."""
    assert decide(coat(10_000, "33"))["duty"] == "400.00"
    outcome = decide(coat(30_000, "30"))
    assert outcome["duty"] == "1500.00" and outcome["certainty"] == "contested"
    assert any("is 2000.00." in words for words in other_readings(outcome))


def test_mass_not_given() -> None:
    """The weight decides too: without it a cheap parcel is incomplete."""
    outcome = decide({**coat(1_000), "gross_mass_mg": None})
    assert outcome["status"] == "incomplete" and "element.unknown" in codes(outcome)


@pytest.mark.parametrize(
    ("day", "free", "taxed"),
    [
        (date(2016, 4, 13), 20_000, 20_100),
        (date(2016, 4, 14), 2_200, 2_300),
        (date(2018, 12, 27), 2_200, 2_300),
        (date(2018, 12, 28), 2_200, 2_300),
        (date(2020, 5, 1), 2_200, 2_300),
        (date(2022, 3, 31), 2_200, 2_300),
        (date(2022, 4, 1), 100_000, 100_100),
        (date(2024, 4, 1), 20_000, 20_100),
    ],
)
def test_belarus(day: date, free: int, taxed: int) -> None:
    """Decrees No 360, 40, 490 and 146: 200, then 22 euro, and the Union's limits again from April 2022."""
    assert decide(coat(free), day=day, destination_country="BY")["duty"] == "0.00"
    assert decide(coat(taxed), day=day, destination_country="BY")["duty"] not in ("0.00", None)


def test_belarus_by_month_and_by_parcel() -> None:
    """Decree No 490: each parcel up to 22 euro, the month up to 200; No 146 ends the month's on 1 May 2020."""
    use = {"consignee.prior_use.month_amount": 6_000_000, "destination_country": "BY"}
    assert decide(coat(2_000), day=date(2020, 4, 30), **use)["duty"] == "9.00"
    assert decide(coat(2_000), day=date(2020, 5, 1), **use)["duty"] == "0.00"


def test_belarus_takes_a_fee_and_kazakhstan_none() -> None:
    """5 euro on a parcel that bears duty in Belarus; for the others but Kazakhstan a finding says none is held."""
    outcome = decide(coat(30_000), destination_country="BY")
    assert outcome["fees"] == "15.00"
    fee = outcome["charges"][-1]
    assert fee["own"] == {"amount": "5.00", "currency": "EUR", "rate": "3"}
    assert "fee.unheld" in codes(decide(coat(30_000)))
    assert "fee.unheld" not in codes(decide(coat(30_000), destination_country="KZ")) | codes(outcome)
    assert "fee.unheld" not in codes(decide(coat(10_000)))


def test_belarus_in_the_winter_of_2023() -> None:
    """Minsk customs named 200 euro from October 2023, the Union kept 1,000: both amounts are given."""
    outcome = decide(coat(120_000), day=date(2023, 10, 1), destination_country="BY")
    assert outcome["duty"] == "90.00"
    assert any("with 200 euro the customs duty is 450.00." in words for words in other_readings(outcome))


def test_armenia() -> None:
    """200,000 drams a month before 2020, rate above not held; the Union's 200 euro; 200,000 drams or 1,000 euro."""
    drams = {"destination_country": "AM", "currency": "AMD"}
    assert decide(coat(20_000_000), day=OLD, **drams)["total"] == "0.00"
    assert decide(coat(20_000_001), day=OLD, **drams)["status"] == "incomplete"
    assert decide(coat(8_000_000), **drams)["total"] == "0.00"
    assert decide(coat(20_000_000), **drams)["duty"] == "18000.00"
    raised = decide(coat(30_000_000), day=RAISED, **drams)
    assert raised["duty"] == "15000.00" and raised["certainty"] == "contested"
    assert any("with 1,000 euro the customs duty is 0.00." in words for words in other_readings(raised))


@pytest.mark.parametrize(
    ("member", "day"), [("AM", date(2015, 1, 1)), ("KG", date(2015, 1, 1)), ("KG", date(2015, 8, 11))]
)
def test_before_accession_nothing_is_known(member: str, day: date) -> None:
    """Armenia joined on 2 January 2015, Kyrgyzstan on 12 August 2015; the days before are not held."""
    assert decide(coat(1_000), day=day, destination_country=member)["status"] == "incomplete"
    later = day + timedelta(days=1)
    if (member, day) != ("KG", date(2015, 1, 1)):
        assert decide(coat(1_000), day=later, destination_country=member)["status"] == "assessed"


# -- e-commerce goods, planned from 1 July 2026 ---------------------------------------------------------------


def test_the_last_day_of_the_old_rule_and_the_first_of_the_new() -> None:
    """1,000 euro pay 15 % of 800 on 30 June 2026 and 5 % of 1,000 with VAT on 1 July."""
    assert decide(coat(100_000), day=date(2026, 6, 30))["total"] == "12000.00"
    outcome = decide(coat(100_000), day=date(2026, 7, 1), destination_country="KZ")
    assert (outcome["duty"], outcome["tax"]) == ("25000.00", "84000.00")


def test_above_the_limit_the_whole_value_pays() -> None:
    """A cliff: 200 euro pay nothing in Kazakhstan, a cent more 5 % of all of it and 16 % VAT."""
    assert decide(coat(20_000), day=SALE, destination_country="KZ")["charges"] == []
    outcome = decide(coat(20_001), day=SALE, destination_country="KZ")
    duty, vat = outcome["charges"]
    assert (duty["base"], duty["amount"]) == ("100005.00", "5000.25")
    assert (vat["base"], vat["rate"], vat["amount"]) == ("105005.25", "0.16", "16800.84")
    assert (vat["liable"], vat["payer"], vat["collected"]) == ("buyer", "carrier", "at_border")


def test_least_duty_a_kilogram_of_the_whole() -> None:
    """Derived: 300 euro and 40 kg; 40 euro at 1 a kilogram are more than 5 % (15 euro). Weight alone is free."""
    assert decide(coat(30_000, "40"), day=SALE)["duty"] == "4000.00"
    light = decide(coat(10_000, "40"), day=SALE)
    assert light["duty"] == "0.00"
    assert any("under the rules before them the customs duty is 1800.00." in w for w in other_readings(light))


def test_the_start_is_contested() -> None:
    """Nothing seen after 30 June 2026 says that the new rules began: the earlier amount stands beside."""
    outcome = decide(coat(100_000), day=SALE)
    assert outcome["certainty"] == "contested" and outcome["duty"] == "5000.00"
    words = other_readings(outcome)
    assert any("the customs duty is 12000.00." in w for w in words)
    assert any("the VAT is 0.00." in w for w in words)


def test_vat_up_to_the_limit_is_contested() -> None:
    """One page on the protocol says VAT at any value: 22 % of 100 euro in Russia would be 2,200 roubles."""
    outcome = decide(coat(10_000), day=SALE)
    assert outcome["total"] == "0.00" and outcome["category"] == 2
    assert any("with it the VAT is 2200.00." in words for words in other_readings(outcome))


def test_vat_in_steps_is_a_draft() -> None:
    """Russia's VAT of 5 % in 2027 was announced: not charged, and a finding says so."""
    outcome = decide(coat(30_000), day=date(2027, 1, 1))
    assert "law.pending" in codes(outcome)
    assert next(c["rate"] for c in outcome["charges"] if c["name"] == "vat") == "0.22"
    assert "law.pending" not in codes(decide(coat(30_000), day=date(2026, 12, 31)))


def test_gifts_keep_the_earlier_rule() -> None:
    """A gift isn't bought on a platform: 15 % of what is above 200 euro, no VAT."""
    outcome = decide(coat(100_000), day=SALE, transaction="c2c_gift")
    assert (outcome["duty"], outcome["tax"]) == ("12000.00", "0.00")


# -- what is not for a person's own use -----------------------------------------------------------------------


@pytest.mark.parametrize("head", [{"transaction": "b2b"}, {"consignee.person": False}])
def test_business_imports_need_the_tariff(head: dict[str, Any]) -> None:
    """Goods for a business bear the tariff and VAT; the tariff isn't held, so its rate has to be assumed."""
    for day in (PARCEL, SALE):
        assert decide(coat(10_000), day=day, **head)["status"] == "incomplete"
        outcome = decide(
            coat(10_000),
            day=day,
            assume={"duty_rate": {"hs": "620193", "rate": "0.10"}, "vat_rate": "0.20"},
            freight=2_000,
            **head,
        )
        assert (outcome["duty"], outcome["tax"]) == ("1200.00", "2640.00")
        assert outcome["category"] == 4


def test_documents_and_returned_goods() -> None:
    """Documents and goods coming home pay nothing; of the latter proof is asked."""
    assert decide(coat(90_000), transaction="documents")["total"] == "0.00"
    outcome = decide(coat(90_000), transaction="returned_goods")
    assert outcome["total"] == "0.00" and "relief.evidence" in codes(outcome)
    assert outcome["disposition"] == "request_information"


@pytest.mark.parametrize("day", [OLD, PARCEL, SALE])
def test_alcohol_and_tobacco(day: date) -> None:
    """They are not admitted in parcels to persons, and their excise isn't held."""
    outcome = decide({**coat(1_000), "hs_code": "220830"}, day=day)
    assert outcome["status"] == "incomplete" and {"procedure.other", "excise.unknown"} <= codes(outcome)
