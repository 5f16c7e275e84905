"""Rates as publishers write them."""

import pytest

from greenlane.reference.rate_text import UnparsedRate, eu_rate, us_rate

CENT = 10**9


@pytest.mark.parametrize(
    ("text", "ad_valorem", "per_kg", "per_unit", "unit"),
    [
        ("Free", 0, 0, 0, None),
        ("16.5%", 165_000_000, 0, 0, None),
        ("6.5% on the entire set", 65_000_000, 0, 0, None),
        ("1¢/kg", 0, CENT, 0, None),
        ("$1.104/kg + 14.9%", 149_000_000, 110_400_000_000, 0, None),
        ("40¢/kg +10.4%", 104_000_000, 40 * CENT, 0, None),
        ("39.7¢/t", 0, 39_700_000, 0, None),
        ("1¢ each + 2.8%", 28_000_000, 0, CENT, "C62"),
        ("$2.16 each", 0, 0, 216 * CENT, "C62"),
        ("76¢/pr. + 32%", 320_000_000, 0, 76 * CENT, "PR"),
        ("2.8¢/doz.", 0, 0, 2_800_000_000, "DZN"),
        ("14¢/gross + 4.3%", 43_000_000, 0, 14 * CENT, "GRO"),
        ("20¢/thousand + 3.5%", 35_000_000, 0, 20 * CENT, "MIL"),
        ("10¢/1,000 pins + 3.5%", 35_000_000, 0, 10 * CENT, "MIL"),
        ("$1.34/1000", 0, 0, 134 * CENT, "MIL"),
        ("0.34¢/liter", 0, 0, 340_000_000, "LTR"),
        ("4.5¢/ liter", 0, 0, 4_500_000_000, "LTR"),
        ("5.25¢/bbl", 0, 0, 5_250_000_000, "BLL"),
        ("14.5¢/m2 + 0.4%", 4_000_000, 0, 14_500_000_000, "MTK"),
        ("$1.13/m3", 0, 0, 113 * CENT, "MTQ"),
        ("13.5¢/kg + 6.3% + 1.9¢/article", 63_000_000, 13_500_000_000, 1_900_000_000, "C62"),
    ],
)
def test_us_rates(text: str, ad_valorem: int, per_kg: int, per_unit: int, unit: str | None) -> None:
    """Each form of the US tariff is read exactly and keeps its words."""
    rate = us_rate(text)
    assert (rate.ad_valorem, rate.per_kg, rate.per_unit, rate.unit) == (ad_valorem, per_kg, per_unit, unit)
    assert rate.text == text and rate.currency == ("USD" if per_kg or per_unit else None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "The rate applicable to each garment in the ensemble if separately entered",
            "refers to another rate",
        ),
        ("See additional U.S. note 1", "refers to another rate"),
        ("40¢ each + 6% on the case + 5.3% on the battery", "splits the value of the article"),
        ("17¢ each + 2.5% + 1¢/jewel", "splits the value of the article"),
        ("3.7¢/kg on drained weight", "depends on another weight than the net mass"),
        ("5¢/kg on contents and container", "depends on another weight than the net mass"),
        ("18.9¢/pf.liter", "depends on strength or content"),
        ("1.7¢/kg on lead content", "depends on strength or content"),
        ("33 1/3%", "not exact in billionths"),
        ("Free, under bond", "wording not known"),
        ("", "wording not known"),
        ("12", "wording not known"),
        ("$5¢ each", "wording not known"),
    ],
)
def test_us_rates_that_need_more(text: str, reason: str) -> None:
    """What needs more than value, net mass and a count is refused with the reason; nothing is guessed."""
    with pytest.raises(UnparsedRate, match=reason):
        us_rate(text)


@pytest.mark.parametrize(
    ("text", "ad_valorem", "per_kg", "per_unit", "currency", "unit"),
    [
        ("0.0%", 0, 0, 0, None, None),
        ("12.0%", 120_000_000, 0, 0, None, None),
        ("10.20% + 93.10 EUR / 100 kg", 102_000_000, 93_100_000_000, 0, "EUR", None),
        ("10.00% + 77.00 GBP/100kg", 100_000_000, 77 * CENT, 0, "GBP", None),
        ("79.00 GBP/1000kg", 0, 7_900_000_000, 0, "GBP", None),
        ("114.00 EUR / tonne", 0, 11_400_000_000, 0, "EUR", None),
        ("2,765.00 EUR / tonne", 0, 276_500_000_000, 0, "EUR", None),
        ("32.00 EUR / hl", 0, 0, 3200 * CENT, "EUR", "HLT"),
        ("52.00 EUR / 1,000 items", 0, 0, 5200 * CENT, "EUR", "MIL"),
        ("127.00 GBP/ 1000 items", 0, 0, 12_700 * CENT, "GBP", "MIL"),
        ("0.20 GBP/ item", 0, 0, 20 * CENT, "GBP", "C62"),
        (
            "40.00% + 121.00 EUR / hl + 20.60 EUR / 100 kg",
            400_000_000,
            20_600_000_000,
            12_100 * CENT,
            "EUR",
            "HLT",
        ),
    ],
)
def test_eu_and_uk_rates(
    text: str, ad_valorem: int, per_kg: int, per_unit: int, currency: str | None, unit: str | None
) -> None:
    """Each form of the EU and UK tariffs is read exactly, in minor units of its own currency."""
    rate = eu_rate(text)
    amounts = (rate.ad_valorem, rate.per_kg, rate.per_unit, rate.currency, rate.unit)
    assert amounts == (ad_valorem, per_kg, per_unit, currency, unit)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("4.50% MIN 0.30 EUR / item MAX 0.80 EUR / item", "has a minimum or a maximum"),
        ("9.00% + EA MAX 18.70% + ADSZ", "agricultural component by recipe"),
        ("Entry Price", "depends on the entry price"),
        ("15.00% (01 JAN-14 FEB, 16 JUN-31 DEC), 0.00% (15 FEB-15 JUN)", "depends on the season"),
        ("1.75 EUR / % vol / hl", "depends on strength or content"),
        ("5.10% + 9.40 EUR / 100 kg / net drained wt", "depends on another weight than the net mass"),
        ("6.4 + 24.6 EUR/100 kg", "percent sign missing"),
        ("5.00 EUR / 100 kg + 3.00 GBP / hl", "two units or currencies"),
        ("1.00 EUR / 300000000000 kg", "finer than a billionth"),
    ],
)
def test_eu_rates_that_need_more(text: str, reason: str) -> None:
    """A bound, a season, a recipe, a strength or a missing sign is refused with the reason."""
    with pytest.raises(UnparsedRate, match=reason):
        eu_rate(text)
