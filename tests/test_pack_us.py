"""The law of the United States: each limit and each day on which it changes, named by its article."""

import json
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from greenlane.engine.context import Context
from greenlane.engine.decider import decide_batch, decide_one, prepare
from greenlane.law.assumptions import Assumptions, read_assumptions
from greenlane.law.pack import assessment_of, parameters_read
from greenlane.law.parameters import problems
from greenlane.messages.files import open_source, parse_object, read_part
from greenlane.packs import pack
from greenlane.packs.us.lists import S122, S232, S301
from greenlane.packs.us.origins import BRAZIL_EXEMPT, EXEMPT
from greenlane.reference import load
from greenlane.risk.indicators import starter_profile
from greenlane.tariff import Line, Rate, Schedule, TariffBook
from greenlane.tariff.goods_list import Entry, GoodsList

PACK = pack("us")
START = date(2013, 1, 7)
SHIRT, SEAL, PAN, BOOK, PHONE, CARD = "61091000", "84842000", "73239300", "49019900", "85171300", "49090040"
CELL = "85414300"

# Column 1 general of the schedules of 2025 and 2026 (USITC): 16.5 %, 2.5 %, 2 %, free.
RATES = {SHIRT: 165_000_000, SEAL: 25_000_000, PAN: 20_000_000, BOOK: 0, PHONE: 0, CARD: 0, CELL: 0}


def _list(name: str, *entries: Entry) -> GoodsList:
    return GoodsList(name, name, "test", START, None, START, entries)


@cache
def _reference() -> Any:
    lines = {code: Line(code, "", Rate("", ad_valorem=rate)) for code, rate in RATES.items()}
    schedule = Schedule("us-hts", "HTS", "USITC", START, None, START, lines)
    annex = (("program", "annex"), ("metal", "steel"), ("uk_rate", "0.15"))
    content = (("program", "steel_derivative"), ("basis", "steel_content"))
    first_annex_day = date(2026, 4, 6)
    lists = (
        _list(
            S301,
            Entry(SHIRT, date(2020, 2, 14), None, 75_000_000, attributes=(("list", "4A"),)),
            Entry(SEAL, date(2018, 7, 6), None, 250_000_000, attributes=(("list", "1"),)),
        ),
        _list(
            S232,
            Entry(PAN, None, first_annex_day - timedelta(days=1), 500_000_000, attributes=content),
            Entry(PAN, first_annex_day, None, 250_000_000, attributes=annex),
        ),
        _list(S122, Entry(PHONE)),
        _list(EXEMPT, Entry(PHONE)),
        _list(BRAZIL_EXEMPT),
        _list("us-fentanyl-energy-ca"),
        _list("us-fentanyl-potash-ca"),
        _list("us-fentanyl-potash-mx"),
    )
    return replace(load(Path("no-such-store")), tariff=TariffBook([schedule], lists))


def _context(assume: dict[str, Any] | None = None, known_at: date | None = None) -> Context:
    given = read_assumptions(assume) if assume else Assumptions()
    return Context(_reference(), known_at, given, starter_profile(), bytes(32))


def _parcel(day: date, *items: tuple[str, str, str], channel: str = "express", **more: Any) -> dict[str, Any]:
    listed = [
        {
            "item_id": str(n),
            "description": "goods for the test of a law pack",
            "hs_code": code,
            "origin_country": origin,
            "quantity": "1",
            "unit": "C62",
            "value": value,
            "gross_mass_kg": "0.5",
            "net_mass_kg": "0.4",
        }
        for n, (code, origin, value) in enumerate(items, 1)
    ]
    return {
        "consignment_id": "US-TEST",
        "transport_document": "US-TEST",
        "channel": channel,
        "transaction": "b2c",
        "declaration_date": day.isoformat(),
        "departure_country": items[0][1],
        "destination_country": "US",
        "currency": "USD",
        "freight": "4.00",
        "insurance": "0",
        "other_charges": "0",
        "freight_in_price": False,
        "carrier_fees": "0",
        "seller": {"id": "S1", "name": "Example Trading", "country": items[0][1]},
        "carrier": {"id": "C1"},
        "consignee": {"id": "P1", "name": "A. Example", "country": "US", "person": True},
        "items": listed,
        **more,
    }


def _decide(
    parcel: dict[str, Any], assume: dict[str, Any] | None = None, known_at: date | None = None
) -> dict[str, Any]:
    context = _context(assume, known_at)
    return decide_one(prepare(parse_object(parcel), context), 0, context)


def _outcome(
    day: date, *items: tuple[str, str, str], assume: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    return _decide(_parcel(day, *items, **more), assume)


def _amounts(outcome: dict[str, Any]) -> dict[str, str | None]:
    return {charge["name"]: charge["amount"] for charge in outcome["charges"]}


def _codes(outcome: dict[str, Any]) -> set[str]:
    return {finding["code"] for finding in outcome["findings"]}


# -- the exemption, 19 U.S.C. 1321(a)(2)(C)


@pytest.mark.parametrize(("value", "duty"), [("799.99", "0.00"), ("800.00", "0.00"), ("800.01", "132.00")])
def test_exemption_up_to_800_dollars(value: str, duty: str) -> None:
    """19 U.S.C. 1321(a)(2)(C): free at 800 dollars, all duties a cent above; transport doesn't count."""
    outcome = _outcome(date(2024, 6, 3), (SHIRT, "VN", value))
    assert outcome["duty"] == duty and outcome["status"] == "assessed"


@pytest.mark.parametrize(
    ("day", "value", "duty"),
    [
        (date(2013, 1, 7), "200.00", "0.00"),
        (date(2016, 3, 9), "200.00", "0.00"),
        (date(2016, 3, 9), "200.01", "33.00"),
        (date(2016, 3, 10), "200.01", "0.00"),
    ],
)
def test_exemption_was_200_dollars_until_9_march_2016(day: date, value: str, duty: str) -> None:
    """81 FR 58831: the limit rose from 200 to 800 dollars on 10 March 2016."""
    assert _outcome(day, (SHIRT, "VN", value))["duty"] == duty


def test_exemption_counts_a_persons_day() -> None:
    """19 CFR 10.153(d): two parcels of 500 dollars to one person on one day are both above the limit."""
    first = _parcel(date(2024, 6, 3), (SHIRT, "VN", "500.00"))
    batch = parse_object(first)
    context = _context()
    prepared = prepare(batch, context)
    together = replace(
        prepared,
        consignments=prepared.consignments.with_columns(**{"group.value": 100_000, "group.count": 2}),
    )
    assert decide_one(prepared, 0, context)["duty"] == "0.00"
    assert decide_one(together, 0, context)["duty"] == "82.50"


@pytest.mark.parametrize(
    ("day", "origin", "duty"),
    [
        (date(2025, 5, 1), "CN", "0.00"),
        (date(2025, 5, 2), "CN", "101.40"),
        (date(2025, 5, 2), "HK", "96.90"),
        (date(2025, 5, 2), "VN", "0.00"),
        (date(2025, 8, 28), "VN", "0.00"),
        (date(2025, 8, 29), "VN", "21.90"),
        (date(2026, 2, 24), "VN", "15.90"),
        (date(2026, 6, 23), "VN", "15.90"),
        (date(2026, 6, 24), "VN", "15.90"),
    ],
)
def test_suspension_by_origin_and_day(day: date, origin: str, duty: str) -> None:
    """EO 14256 (China, 2 May 2025), EO 14324 (all, 29 August 2025), EO 14388 and 19 CFR 10.151."""
    assert _outcome(day, (SHIRT, origin, "60.00"))["duty"] == duty


def test_codified_suspension_names_its_rule() -> None:
    """91 FR 37789: from 24 June 2026 the suspension rests on 19 CFR 10.151, not on an order."""
    series = PACK.parameters.by_id["us.suspension.all"]
    before, after = (series.at("*", day, None) for day in (date(2026, 6, 23), date(2026, 6, 24)))
    assert before is not None and "14388" in before.source.cite
    assert after is not None and "19 CFR 10.151" in after.source.cite


@pytest.mark.parametrize(("value", "free"), [("99.99", True), ("100.00", True), ("100.01", False)])
def test_gift_exemption_is_kept(value: str, free: bool) -> None:
    """19 CFR 10.152: a gift of 100 dollars stays free after the suspension, a cent more doesn't."""
    outcome = _outcome(date(2026, 3, 16), (SHIRT, "VN", value), transaction="c2c_gift")
    assert (outcome["duty"] == "0.00") is free


@pytest.mark.parametrize(("value", "free"), [("200.00", True), ("200.01", False)])
def test_traveller_exemption(value: str, free: bool) -> None:
    """19 U.S.C. 1321(a)(2)(B): 200 dollars of articles that accompany a person."""
    outcome = _outcome(date(2026, 3, 16), (SHIRT, "VN", value), programme="TRAVELLER")
    assert (outcome["duty"] == "0.00") is free


def test_informational_materials_keep_the_exemption() -> None:
    """50 U.S.C. 1702(b)(3): books stay free; with a shirt in the parcel the shirt bears its duties."""
    day = date(2025, 10, 1)
    assert _outcome(day, (BOOK, "VN", "60.00"))["total"] == "0.00"
    mixed = _outcome(day, (BOOK, "VN", "60.00"), (SHIRT, "VN", "60.00"))
    assert [c["item_id"] for c in mixed["charges"] if c["name"] == "ieepa_reciprocal"] == ["2"]


def test_printed_cards_are_informational_only_perhaps() -> None:
    """50 U.S.C. 1702(b)(3) names kinds of goods: for printed cards the outcome is unverified."""
    assert _outcome(date(2025, 10, 1), (CARD, "VN", "60.00"))["certainty"] == "unverified"


def test_documents_and_returned_goods_bear_nothing() -> None:
    """HTSUS 9801.00.10, and correspondence."""
    for transaction in ("documents", "returned_goods"):
        assert _outcome(date(2026, 3, 16), (SHIRT, "US", "60.00"), transaction=transaction)["total"] == "0.00"


def test_tobacco_is_never_exempt() -> None:
    """19 CFR 10.153(e): excise is due on tobacco and isn't held, so the outcome is incomplete."""
    outcome = _outcome(date(2024, 6, 3), ("24022080", "VN", "20.00"))
    assert outcome["status"] == "incomplete" and "excise.unknown" in _codes(outcome)


# -- layers by origin


@pytest.mark.parametrize(
    ("day", "fentanyl", "reciprocal"),
    [
        (date(2025, 2, 3), None, None),
        (date(2025, 2, 4), "100.00", None),
        (date(2025, 3, 3), "100.00", None),
        (date(2025, 3, 4), "200.00", None),
        (date(2025, 4, 4), "200.00", None),
        (date(2025, 4, 5), "200.00", "100.00"),
        (date(2025, 4, 8), "200.00", "100.00"),
        (date(2025, 4, 9), "200.00", "840.00"),
        (date(2025, 4, 10), "200.00", "1250.00"),
        (date(2025, 5, 13), "200.00", "1250.00"),
        (date(2025, 5, 14), "200.00", "100.00"),
        (date(2025, 11, 9), "200.00", "100.00"),
        (date(2025, 11, 10), "100.00", "100.00"),
        (date(2026, 2, 23), "100.00", "100.00"),
        (date(2026, 2, 24), None, None),
    ],
)
def test_emergency_duties_on_china(day: date, fentanyl: str | None, reciprocal: str | None) -> None:
    """EO 14195, 14228, 14257, 14259, 14266, 14298, orders of November 2025: each day and that before."""
    found = _amounts(_outcome(day, (SEAL, "CN", "1000.00")))
    assert (found.get("ieepa_fentanyl"), found.get("ieepa_reciprocal")) == (fentanyl, reciprocal)


@pytest.mark.parametrize(
    ("origin", "day", "amount"),
    [
        ("VN", date(2025, 4, 9), "460.00"),
        ("VN", date(2025, 4, 10), "100.00"),
        ("VN", date(2025, 8, 6), "100.00"),
        ("VN", date(2025, 8, 7), "200.00"),
        ("CH", date(2025, 11, 13), "390.00"),
        ("CH", date(2025, 11, 14), "125.00"),
        ("DE", date(2025, 8, 7), "125.00"),
        ("JP", date(2025, 8, 7), "125.00"),
        ("KR", date(2025, 11, 13), "150.00"),
        ("KR", date(2025, 11, 14), "125.00"),
        ("GB", date(2025, 8, 7), "100.00"),
        ("ZZ", date(2025, 8, 7), "100.00"),
        ("RU", date(2025, 8, 7), None),
        ("CA", date(2025, 8, 7), None),
        ("US", date(2025, 8, 7), None),
    ],
)
def test_reciprocal_duty_by_origin(origin: str, day: date, amount: str | None) -> None:
    """HTSUS 9903.01.25, .43-.76 and 9903.02.02-.88: 15 % counts the ordinary 2.5 % in where agreed."""
    assert _amounts(_outcome(day, (SEAL, origin, "1000.00"))).get("ieepa_reciprocal") == amount


def test_a_floor_below_the_ordinary_duty_adds_nothing() -> None:
    """HTSUS 9903.02.19: a shirt of the European Union at 16.5 % bears no reciprocal duty."""
    assert _amounts(_outcome(date(2025, 10, 1), (SHIRT, "DE", "60.00"))) == {"column_1_general": "9.90"}


def test_agreement_with_japan_was_retroactive() -> None:
    """EO 14345: as known on 1 September 2025 a seal of Japan bore 15 % beside its duty, later 12.5 %."""
    parcel = _parcel(date(2025, 8, 29), (SEAL, "JP", "1000.00"))
    assert _amounts(_decide(parcel, known_at=date(2025, 9, 1)))["ieepa_reciprocal"] == "150.00"
    assert _amounts(_decide(parcel))["ieepa_reciprocal"] == "125.00"


@pytest.mark.parametrize(
    ("origin", "day", "name", "amount"),
    [
        ("CA", date(2025, 3, 3), "ieepa_fentanyl", None),
        ("CA", date(2025, 3, 4), "ieepa_fentanyl", "250.00"),
        ("CA", date(2025, 7, 31), "ieepa_fentanyl", "250.00"),
        ("CA", date(2025, 8, 1), "ieepa_fentanyl", "350.00"),
        ("MX", date(2026, 2, 23), "ieepa_fentanyl", "250.00"),
        ("MX", date(2026, 2, 24), "ieepa_fentanyl", None),
        ("BR", date(2025, 8, 5), "ieepa", None),
        ("BR", date(2025, 8, 6), "ieepa", "400.00"),
        ("IN", date(2025, 8, 26), "ieepa", None),
        ("IN", date(2025, 8, 27), "ieepa", "250.00"),
        ("IN", date(2026, 2, 6), "ieepa", "250.00"),
        ("IN", date(2026, 2, 7), "ieepa", None),
    ],
)
def test_duties_on_one_country(origin: str, day: date, name: str, amount: str | None) -> None:
    """EO 14193 and 14325 (Canada), EO 14194 (Mexico), EO 14323 (Brazil), HTSUS 9903.01.84 (India)."""
    assert _amounts(_outcome(day, (SEAL, origin, "1000.00"))).get(name) == amount


def test_usmca_goods_bear_no_emergency_duty() -> None:
    """EO 14193 as amended: from 7 March 2025 goods of the USMCA are free; the ordinary duty stays."""
    for day, amount in ((date(2025, 3, 6), "250.00"), (date(2025, 3, 7), None)):
        parcel = _parcel(day, (SEAL, "CA", "1000.00"))
        parcel["items"][0]["preference"] = "USMCA"
        outcome = _decide(parcel)
        assert _amounts(outcome).get("ieepa_fentanyl") == amount
        assert "us.preference_not_computed" in _codes(outcome)


def test_exempt_products() -> None:
    """HTSUS 9903.01.32 and 9903.03.03: a listed telephone bears neither reciprocal duty nor surcharge."""
    assert "ieepa_reciprocal" not in _amounts(_outcome(date(2025, 10, 1), (PHONE, "VN", "300.00")))
    assert "section_122" not in _amounts(_outcome(date(2026, 3, 16), (PHONE, "VN", "300.00")))


@pytest.mark.parametrize(
    ("day", "amount"),
    [
        (date(2026, 2, 23), None),
        (date(2026, 2, 24), "6.00"),
        (date(2026, 7, 23), "6.00"),
        (date(2026, 7, 24), None),
    ],
)
def test_section_122_holds_150_days(day: date, amount: str | None) -> None:
    """Trade Act of 1974 s. 122: 10 % from 24 February to 23 July 2026."""
    assert _amounts(_outcome(day, (SHIRT, "VN", "60.00"))).get("section_122") == amount


def test_section_122_does_not_stand_on_section_232() -> None:
    """HTSUS 9903.03.06: steel goods of annex I-B bear 25 %, of the United Kingdom 15 %, and no surcharge."""
    for origin, amount in (("VN", "15.00"), ("GB", "9.00")):
        found = _amounts(_outcome(date(2026, 5, 15), (PAN, origin, "60.00")))
        assert found == {"column_1_general": "1.20", "section_232": amount}


def test_metal_content_is_never_guessed() -> None:
    """HTSUS 9903.81.91 stands on the steel in the goods: its share isn't told, so it is incomplete."""
    outcome = _outcome(date(2025, 10, 1), (PAN, "VN", "60.00"))
    assert outcome["status"] == "incomplete" and outcome["total"] is None
    assert "us.section_232_unknown" in _codes(outcome)


@pytest.mark.parametrize(
    ("day", "amount"),
    [(date(2018, 7, 5), None), (date(2018, 7, 6), "250.00"), (date(2026, 5, 15), "250.00")],
)
def test_section_301_on_china(day: date, amount: str | None) -> None:
    """HTSUS 9903.88.01: 25 % on list 1 from 6 July 2018, goods of China alone."""
    assert _amounts(_outcome(day, (SEAL, "CN", "1000.00"))).get("section_301") == amount
    assert "section_301" not in _amounts(_outcome(day, (SEAL, "HK", "1000.00")))


@pytest.mark.parametrize(
    ("day", "amount"),
    [
        (date(2019, 8, 31), None),
        (date(2019, 9, 1), "150.00"),
        (date(2020, 2, 13), "150.00"),
        (date(2020, 2, 14), "75.00"),
    ],
)
def test_list_4a_before_it_was_lowered(day: date, amount: str | None) -> None:
    """84 FR 45821 and 85 FR 3741: 15 % until 13 February 2020, 7.5 % after."""
    assert _amounts(_outcome(day, (SHIRT, "CN", "1000.00"))).get("section_301") == amount


@pytest.mark.parametrize(
    ("code", "origin", "amount"),
    [
        (SHIRT, "VN", "7.50"),  # 12.5 %
        (SHIRT, "CN", "7.50"),
        (SHIRT, "MX", "6.00"),  # 10 %
        (SHIRT, "NP", None),  # not one of the sixty economies
        (SHIRT, "US", None),
        (SHIRT, "DE", None),  # 10 % counts the ordinary 16.5 % in
        (SHIRT, "JP", None),
        (SEAL, "JP", "6.00"),  # 12.5 % - 2.5 %
        (SEAL, "DE", "4.50"),  # 10 % - 2.5 %
        (PAN, "VN", None),  # section 232
        (PHONE, "CN", None),  # exempt as a whole
        (BOOK, "CN", None),
    ],
)
def test_section_301_over_forced_labour(code: str, origin: str, amount: str | None) -> None:
    """HTSUS 9903.05.20-.84, U.S. note 52, on 60 dollars from 24 July 2026."""
    outcome = _outcome(date(2026, 7, 24), (code, origin, "60.00"))
    assert outcome["status"] == "assessed"
    assert _amounts(outcome).get("section_301_forced_labour") == amount


def test_what_agreements_free_of_it() -> None:
    """Note 52(g) to (i): goods of the USMCA from its parties, textiles of CAFTA-DR; the day before none at all."""
    day = date(2026, 7, 24)
    for origin, claimed, bears in (
        ("MX", "USMCA", False), ("VN", "USMCA", True), ("HN", "CAFTA-DR", False), ("HN", None, True)
    ):  # fmt: skip
        parcel = _parcel(day, (SHIRT, origin, "60.00"))
        if claimed:
            parcel["items"][0]["preference"] = claimed
        assert ("section_301_forced_labour" in _amounts(_decide(parcel))) is bears
    before = _outcome(date(2026, 7, 23), (SHIRT, "VN", "60.00"))
    assert "section_301_forced_labour" not in _amounts(before)


def test_products_that_may_be_exempt_have_both_amounts() -> None:
    """Annex II of the action: in the heading of diodes some lines are exempt, of Germany's goods a list not seen."""
    for code, origin, given, other in ((SEAL, "DE", "4.50", "0.00"), (CELL, "CN", "7.50", "0.00")):
        outcome = _outcome(date(2026, 7, 24), (code, origin, "60.00"))
        charge = next(c for c in outcome["charges"] if c["name"] == "section_301_forced_labour")
        assert charge["amount"] == given and charge["certainty"] == "contested"
        told = " ".join(f["message"] for f in outcome["findings"] if f["code"] == "law.contested")
        assert other in told


def test_section_338_on_canada() -> None:
    """Proclamations of 20 July 2026: 50 % from 19 August, of the USMCA or not; changed on 29 September."""
    shirt = (SHIRT, "CA", "60.00")
    before, after, changed = (
        _outcome(day, shirt) for day in (date(2026, 8, 18), date(2026, 8, 19), date(2026, 9, 29))
    )
    assert "section_338" not in _amounts(before)
    assert _amounts(after)["section_338"] == "30.00" and after["certainty"] == "contested"
    told = " ".join(f["message"] for f in changed["findings"] if f["code"] == "law.unknown")
    assert changed["status"] == "incomplete" and "us.s338_canada" in told
    off = _outcome(date(2026, 8, 19), (SEAL, "CA", "60.00"))
    assert off["status"] == "assessed" and "section_338" not in _amounts(off)
    parcel = _parcel(date(2026, 8, 19), shirt)
    parcel["items"][0]["preference"] = "USMCA"
    assert _amounts(_decide(parcel))["section_338"] == "30.00"


def test_an_assumed_layer_completes_it() -> None:
    """A rate given for the run takes the place of what isn't held, and says so."""
    assume = {"layers": [{"name": "section_301_forced_labour", "origin": "VN", "rate": "0.125"}]}
    outcome = _outcome(date(2026, 11, 1), (SHIRT, "VN", "60.00"), assume=assume)
    assert outcome["duty"] == "17.40" and "assumed" in _codes(outcome)


def test_section_301_on_brazil() -> None:
    """HTSUS 9903.05.01: 25 % from 22 July 2026, not on goods of section 232 or of the list of exempt products."""
    before, after = (_outcome(date(2026, 7, day), (SHIRT, "BR", "60.00")) for day in (21, 22))
    assert "section_301_brazil" not in _amounts(before)
    assert _amounts(after)["section_301_brazil"] == "15.00" and after["certainty"] == "unverified"
    day = date(2026, 7, 22)
    for code, amount in ((PAN, None), (PHONE, None), (BOOK, None), (CELL, "15.00")):
        assert _amounts(_outcome(day, (code, "BR", "60.00"))).get("section_301_brazil") == amount
    assert _outcome(day, (CELL, "BR", "60.00"))["certainty"] == "contested"


def test_a_list_that_is_not_held_leaves_it_incomplete() -> None:
    """Without the lists of section 232 nobody can say that they don't apply."""
    context = _context()
    bare = replace(_reference(), tariff=TariffBook(_reference().tariff.schedules))
    context = Context(bare, None, Assumptions(), starter_profile(), bytes(32))
    outcome = decide_one(
        prepare(parse_object(_parcel(date(2026, 3, 16), (SHIRT, "CN", "60.00"))), context), 0, context
    )
    assert outcome["status"] == "incomplete" and "tariff.not_loaded" in _codes(outcome)


# -- mail


@pytest.mark.parametrize(
    ("day", "method", "duty"),
    [
        (date(2025, 5, 1), "ad_valorem", "0.00"),
        (date(2025, 5, 2), "ad_valorem", "72.00"),
        (date(2025, 5, 2), "specific", "100.00"),
        (date(2025, 5, 13), "ad_valorem", "72.00"),
        (date(2025, 5, 14), "ad_valorem", "32.40"),
        (date(2025, 6, 1), "specific", "100.00"),
        (date(2025, 8, 28), "specific", "100.00"),
        (date(2025, 8, 29), "specific", "200.00"),
        (date(2025, 8, 29), "ad_valorem", "18.00"),
        (date(2025, 11, 10), "specific", "160.00"),
        (date(2026, 2, 23), "ad_valorem", "12.00"),
        (date(2026, 2, 24), "specific", "6.00"),
        (date(2026, 7, 23), "specific", "6.00"),
    ],
)
def test_mail_from_china(day: date, method: str, duty: str) -> None:
    """EO 14256 s. 2(c), EO 14324 s. 3 and EO 14388: in place of all others, paid by the carrier later."""
    outcome = _outcome(day, (SHIRT, "CN", "60.00"), channel="postal", elections={"us_postal_method": method})
    assert outcome["duty"] == duty and outcome["payable_at_border"] == "0.00"
    for charge in outcome["charges"]:
        assert (charge["liable"], charge["payer"], charge["collected"]) == ("carrier", "carrier", "periodic")


def test_the_raise_to_200_dollars_was_announced_and_never_applied() -> None:
    """As known on 1 May 2025 mail of June 2025 was to bear 200 dollars; the order of 12 May withdrew it."""
    series = PACK.parameters.by_id["us.postal.cn.specific"]
    announced, applied = (series.at("*", date(2025, 6, 2), known) for known in (date(2025, 5, 1), None))
    assert announced is not None and announced.value == 20_000
    assert applied is not None and applied.value == 10_000


@pytest.mark.parametrize(
    ("rate", "duty"), [("0.15", "80.00"), ("0.16", "160.00"), ("0.25", "160.00"), ("0.250001", "200.00")]
)
def test_bands_of_the_duty_per_postal_item(rate: str, duty: str) -> None:
    """EO 14324 s. 3: 80 dollars below 16 %, 160 from 16 % to 25 %, 200 above."""
    outcome = _outcome(
        date(2025, 9, 15),
        (SHIRT, "KZ", "60.00"),
        channel="postal",
        elections={"us_postal_method": "specific"},
        assume={"ieepa_rate": {"origin": "KZ", "rate": rate}},
    )
    assert _amounts(outcome) == {"specific_postal_duty": duty}


def test_without_the_carriers_choice_both_amounts_are_told() -> None:
    """EO 14324 s. 3 leaves the method to the carrier: unknown, so incomplete, with both amounts in words."""
    outcome = _outcome(date(2025, 9, 15), (SHIRT, "VN", "60.00"), channel="postal")
    (finding,) = (f for f in outcome["findings"] if f["code"] == "us.postal_method_missing")
    assert outcome["status"] == "incomplete"
    assert "12.00" in finding["message"] and "160.00" in finding["message"]


def test_a_carriers_choice_holds_from_its_day() -> None:
    """A choice assumed for a carrier counts from the day it names, and not for other carriers."""
    for start, carrier, complete in (
        ("2025-09-01", "C1", True),
        ("2025-10-01", "C1", False),
        ("2025-09-01", "C2", False),
    ):
        assume = {"carrier_elections": [{"carrier": carrier, "from": start, "method": "specific"}]}
        outcome = _outcome(date(2025, 9, 15), (SHIRT, "VN", "60.00"), channel="postal", assume=assume)
        assert (outcome["status"] == "assessed") is complete


def test_mail_above_the_old_limit_is_entered() -> None:
    """EO 14324 s. 3 is for mail up to 800 dollars; above it the buyer pays all duties at the border."""
    outcome = _outcome(date(2025, 9, 15), (SHIRT, "VN", "800.01"), channel="postal")
    assert outcome["duty"] == "292.00" and outcome["payable_at_border"] == "292.00"


def test_mail_is_treated_like_the_rest_since_24_july_2026() -> None:
    """19 CFR 145.31: the same layers by mail as by express, paid by the buyer at the border."""
    found = [
        _amounts(_outcome(date(2026, 7, 24), (SHIRT, "CN", "60.00"), channel=channel))
        for channel in ("postal", "express")
    ]
    assert found[0] == found[1] and found[0]["section_301"] == "4.50"


def test_mail_of_china_posted_elsewhere_is_unverified() -> None:
    """EO 14256 names mail sent from China and Hong Kong; of the rest the order is silent."""
    outcome = _outcome(date(2025, 6, 2), (SHIRT, "CN", "60.00"), channel="postal", departure_country="DE")
    assert (outcome["duty"], outcome["certainty"]) == ("0.00", "unverified")


# -- fees


@pytest.mark.parametrize(
    ("day", "value", "fee"),
    [
        (date(2024, 9, 30), "2500.01", "31.67"),
        (date(2024, 10, 1), "2500.01", "32.71"),
        (date(2025, 9, 30), "2500.01", "32.71"),
        (date(2025, 10, 1), "2500.01", "33.58"),
        (date(2026, 9, 30), "2500.01", "33.58"),
        (date(2026, 10, 1), "2500.01", "34.58"),
        (date(2026, 3, 16), "10000.00", "34.64"),
        (date(2026, 3, 16), "500000.00", "651.50"),
    ],
)
def test_merchandise_processing_fee_of_formal_entry(day: date, value: str, fee: str) -> None:
    """19 CFR 24.23(b)(1): 0.3464 % above 2,500 dollars, with a least and a greatest amount a fiscal year."""
    assert _outcome(day, (SHIRT, "VN", value))["fees"] == fee


def test_fee_of_informal_entry() -> None:
    """19 CFR 24.23(b)(2): the fee by cargo is unverified; by express it isn't shown to apply."""
    day = date(2026, 3, 16)
    cargo, express = (
        _outcome(day, (SHIRT, "VN", "2500.00"), channel=channel) for channel in ("cargo", "express")
    )
    assert (cargo["fees"], cargo["certainty"], cargo["category"]) == ("2.69", "unverified", 3)
    assert express["fees"] == "0.00" and "law.pending" in _codes(express)


def test_formal_entry_is_high_value() -> None:
    """19 CFR 143.21: informal up to 2,500 dollars, formal a cent above."""
    day = date(2026, 3, 16)
    assert [_outcome(day, (SHIRT, "VN", value))["category"] for value in ("2500.00", "2500.01")] == [3, 4]


def test_entry_types_that_are_not_admitted() -> None:
    """19 CFR 10.151 and 143.21: type 86 only within the exemption, type 11 only up to 2,500 dollars."""
    for day, value, dataset, admitted in (
        (date(2024, 6, 3), "800.00", "ET86", True),
        (date(2024, 6, 3), "800.01", "ET86", False),
        (date(2025, 8, 29), "60.00", "ET86", False),
        (date(2026, 3, 16), "2500.00", "ET11", True),
        (date(2026, 3, 16), "2500.01", "ET11", False),
    ):
        outcome = _outcome(day, (SHIRT, "VN", value), dataset=dataset)
        assert ("dataset.inadmissible" not in _codes(outcome)) is admitted


def test_harbor_fee_by_sea() -> None:
    """26 U.S.C. 4461: 0.125 % of formal entries from the sea."""
    outcome = _outcome(date(2026, 3, 16), (SHIRT, "VN", "10000.00"), channel="cargo", transport_mode="sea")
    assert _amounts(outcome)["harbor_maintenance_fee"] == "12.50"


# -- the pack as a whole


def test_exactly_one_formula_on_each_boundary_day_and_the_day_before() -> None:
    """Temporal cover: one formula on every day on which anything changes, none before the span."""
    days = [day for day in PACK.parameters.boundaries() if day > START]
    for day in [START, *days, *(day - timedelta(days=1) for day in days), date(2026, 11, 23)]:
        assert PACK.formula_at(day) is not None, day
    assert PACK.formula_at(START - timedelta(days=1)) is None


def test_parameters_hold_together() -> None:
    """No gap, no overlap, and what a formula reads exists."""
    for parameter in PACK.parameters.by_id.values():
        assert not problems(parameter, PACK.start, PACK.end, parameter.keys())
    for formula in PACK.formulas:
        for name in parameters_read(assessment_of(formula)):
            assert name.partition("#")[0] in PACK.parameters.by_id


def test_no_layer_before_it_was_known() -> None:
    """As known in 2024 a parcel of October 2025 is free; one of 1,000 dollars bears the ordinary duty."""
    small, large = (_parcel(date(2025, 10, 1), (SHIRT, "VN", value)) for value in ("60.00", "1000.00"))
    assert _decide(small, known_at=date(2024, 12, 31))["total"] == "0.00"
    assert _amounts(_decide(large, known_at=date(2024, 12, 31))) == {"column_1_general": "165.00"}


def test_exchange_rate_of_the_day_of_exportation() -> None:
    """31 U.S.C. 5151: another currency asks for the day of export and a rate; dollars ask for neither."""
    day = date(2025, 10, 1)
    dollars = _outcome(day, (SHIRT, "VN", "60.00"))
    euros = _outcome(day, (SHIRT, "VN", "60.00"), currency="EUR")
    assert "fx.substituted" in _codes(euros) and "date.assumed" in _codes(euros)
    assert not {"fx.substituted", "date.assumed"} & _codes(dollars)
    assert euros["certainty"] == "unverified" and euros["intrinsic_value"] != "60.00"


def test_columns_equal_integers(tmp_path: Path) -> None:
    """A batch over days, origins, goods, channels and methods decides as its consignments do one by one."""
    days = ("2019-10-01", "2025-04-09", "2025-05-02", "2025-09-15", "2026-03-16", "2026-11-01")
    goods, methods = (SHIRT, PAN, BOOK), ({}, {"us_postal_method": "specific"})
    parcels = []
    for day, origin, code, channel in product(days, ("CN", "VN", "CA", "DE"), goods, ("postal", "cargo")):
        for elections in methods:
            items = ((code, origin, "60.00"), (SEAL, "CN", "750.00"))
            parcel = _parcel(date.fromisoformat(day), *items, channel=channel, elections=elections)
            number = f"US-{len(parcels)}"
            person = parcel["consignee"] | {"id": number}
            parcels.append(parcel | {"consignment_id": number, "consignee": person})
    path = tmp_path / "parcels.ndjson"
    path.write_text("\n".join(map(json.dumps, parcels)), encoding="utf-8")
    context = _context()
    (part,) = open_source(path, tmp_path).parts(100_000)
    prepared = prepare(read_part(part), context)
    batch = decide_batch(prepared, context)
    assert len(batch.outcomes) == len(parcels)
    charged = batch.charges.partition_by("consignment_id", as_dict=True, maintain_order=True)
    for place, row in enumerate(batch.outcomes.iter_rows(named=True)):
        single = decide_one(prepared, place, context)
        for name in ("duty", "fees", "total", "payable_at_border", "status", "certainty", "category"):
            assert row[name] == single[name], (row["consignment_id"], name)
        own = charged.get((row["consignment_id"],))
        amounts = [] if own is None else list(zip(own["name"], own["amount"], own["certainty"], strict=True))
        assert amounts == [(c["name"], c["amount"], c["certainty"]) for c in single["charges"]]


# -- published examples

DISAGREES = {
    (
        "US-POST-SPEC-2",
        "payable_at_border",
    ): "the contract says periodic for US mail of that period, not the border",
    (
        "US-POST-SPEC-4",
        "payable_at_border",
    ): "the contract says periodic for US mail of that period, not the border",
    (
        "US-POST-SPEC-5",
        "payable_at_border",
    ): "the contract says periodic for US mail of that period, not the border",
    (
        "US-POST-SPEC-6",
        "payable_at_border",
    ): "the contract says periodic for US mail of that period, not the border",
}
"""Where a published figure is not followed, and why."""


@pytest.mark.shared
def test_published_examples(shared: Path) -> None:
    """The worked cases of the United States agree, except where the reason is stated."""
    lines = (shared / "law" / "worked_cases.ndjson").read_text(encoding="utf-8").splitlines()
    cases = [case for case in map(json.loads, lines) if case["jurisdiction"] == "us"]
    assert cases
    for case in cases:
        outcome = _decide(case["consignment"], case["reference"])
        expected = dict(case["expected"])
        amounts = _amounts(outcome)
        for charge in expected.pop("charges", ()):
            assert amounts[charge["name"]] == charge["amount"], case["id"]
        for name, value in expected.items():
            assert (outcome[name] == value) is ((case["id"], name) not in DISAGREES), (case["id"], name)
