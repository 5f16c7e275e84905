"""Look-ups in schedules: prefixes, ranges, versions, editions, origins."""

import pickle
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenlane.tariff import Certainty, Line, Rate, Schedule, TariffBook, extremes, unit_ratio

DAY = date(2026, 3, 15)


def pct(text: str, billionths: int) -> Rate:
    return Rate(text, ad_valorem=billionths)


TWELVE, SEVEN, FREE = pct("12%", 120_000_000), pct("7.5%", 75_000_000), Rate("Free")


def schedule(lines: dict[str, Rate | None], **more: object) -> Schedule:
    start = date(2026, 1, 1)
    made = {
        code: Line(code, rate.text if rate else "The rate applicable to …", rate)
        for code, rate in lines.items()
    }
    settings: dict[str, object] = {"valid_from": start, "valid_until": None, "recorded": start, **more}
    return Schedule("zz", "ZZ tariff", "ZZ customs", lines=made, **settings)  # type: ignore[arg-type]


def codes_of(answer_findings: tuple[object, ...]) -> list[str]:
    return [finding.code for finding in answer_findings]  # type: ignore[attr-defined]


def test_short_code_with_one_rate_below() -> None:
    """Six digits of which every line bears 12 % get 12 %, certain and without a finding."""
    answer = schedule({"61091000": TWELVE, "61091010": pct("12.0%", 120_000_000)}).duty("610910", DAY)
    assert answer.rate is not None and answer.rate.ad_valorem == 120_000_000
    assert (answer.certainty, answer.findings) == (Certainty.CERTAIN, ())


def test_short_code_with_several_rates_is_a_range() -> None:
    """Six digits with different rates below give no rate, but the lowest and the highest."""
    answer = schedule({"61091000": TWELVE, "61091010": SEVEN}).duty("610910", DAY)
    assert answer.rate is None and answer.certainty is Certainty.UNKNOWN
    assert (answer.low, answer.high) == (SEVEN, TWELVE)
    assert codes_of(answer.findings) == ["tariff.range"]
    assert "7.5%" in answer.findings[0].message and "12%" in answer.findings[0].message


def test_longer_code_falls_under_its_line() -> None:
    """A ten-digit code gets the rate of the eight-digit line that it stands under."""
    answer = schedule({"61091000": TWELVE}).duty("6109100070", DAY)
    assert answer.rate is TWELVE and answer.source == "ZZ tariff, 61091000"


def test_line_below_a_line_answers_only_exactly() -> None:
    """An end-use line below an eight-digit line doesn't make the eight or six digits a range."""
    held = schedule({"85118000": TWELVE, "8511800010": FREE})
    assert held.duty("851180", DAY).rate is TWELVE
    assert held.duty("85118000", DAY).rate is TWELVE
    assert held.duty("8511800010", DAY).rate is FREE


def test_unknown_subdivision_of_a_known_subheading() -> None:
    """Unknown digits past the sixth are answered, unverified, where the subheading has one rate."""
    answer = schedule({"61091000": TWELVE}).duty("61099900", DAY)
    assert answer.rate is None and codes_of(answer.findings) == ["tariff.code_unknown"]
    answer = schedule({"61091000": TWELVE}).duty("61091099", DAY)
    assert answer.rate is TWELVE and answer.certainty is Certainty.UNVERIFIED
    assert codes_of(answer.findings) == ["tariff.subdivision_unknown"]


def test_code_without_a_line_names_the_code() -> None:
    """A code that the schedule lacks is named by the finding; a malformed one is only described."""
    answer = schedule({"61091000": TWELVE}).duty("999999", DAY)
    assert answer.rate is None and "999999" in answer.findings[0].message
    answer = schedule({"61091000": TWELVE}).duty("A. Person", DAY)
    assert codes_of(answer.findings) == ["tariff.code_unknown"] and "Person" not in answer.findings[0].message


def test_text_rate_is_unparsed() -> None:
    """A line whose published rate cannot be computed gives no rate and quotes the rate as published."""
    answer = schedule({"61032200": None}).duty("6103220000", DAY)
    assert answer.rate is None and codes_of(answer.findings) == ["tariff.unparsed"]
    assert "The rate applicable" in answer.findings[0].message


def test_version_by_day_and_known_at() -> None:
    """The latest publication begun on the day counts, among those recorded by the known-at day."""
    old = schedule({"61091000": TWELVE}, valid_from=date(2025, 1, 1), recorded=date(2025, 1, 1))
    new = schedule({"61091000": SEVEN}, valid_from=date(2026, 1, 1), recorded=date(2026, 2, 1))
    book = TariffBook([new, old])
    assert book.duty("zz", "610910", None, date(2025, 12, 31)).rate is TWELVE
    assert book.duty("zz", "610910", None, date(2026, 1, 1)).rate is SEVEN
    assert book.duty("zz", "610910", None, date(2026, 1, 1), date(2026, 1, 31)).rate is TWELVE
    before = book.duty("zz", "610910", None, date(2024, 12, 31))
    assert before.rate is None and codes_of(before.findings) == ["tariff.not_loaded"]


def test_past_the_last_day_is_stale() -> None:
    """On the last day an answer is certain; the day after it is stale and unverified."""
    book = TariffBook([schedule({"61091000": TWELVE}, valid_until=date(2026, 4, 5))])
    assert book.duty("zz", "610910", None, date(2026, 4, 5)).findings == ()
    late = book.duty("zz", "610910", None, date(2026, 4, 6))
    assert late.rate is TWELVE and late.certainty is Certainty.UNVERIFIED
    assert codes_of(late.findings) == ["reference.stale"]


CARRIED = {"851713": ("851712",), "610910": ("610910",), "940542": ("940540", "940560")}


def test_codes_are_carried_to_an_older_edition() -> None:
    """From 2022 on codes go through the correlation; sources with different rates are a range."""
    held = schedule(
        {"85171200": FREE, "94054010": TWELVE, "94056000": SEVEN, "61091000": TWELVE},
        valid_from=date(2021, 1, 1), recorded=date(2021, 1, 1), edition="HS2017", carried=CARRIED,
    )  # fmt: skip
    assert held.duty("851713", DAY).rate is FREE
    assert held.duty("610910", DAY).rate is TWELVE
    assert codes_of(held.duty("940542", DAY).findings) == ["tariff.range"]
    assert held.duty("851712", DAY).rate is None
    assert held.duty("851712", date(2021, 12, 31)).rate is FREE


def test_older_edition_without_correlation_is_unverified() -> None:
    """Without a correlation table the code is looked up as it is, with finding tariff.not_carried."""
    held = schedule(
        {"61091000": TWELVE}, valid_from=date(2021, 1, 1), recorded=date(2021, 1, 1), edition="HS2017"
    )
    answer = held.duty("610910", DAY)
    assert answer.rate is TWELVE and answer.certainty is Certainty.UNVERIFIED
    assert codes_of(answer.findings) == ["tariff.not_carried"]


def test_origin_with_its_own_column() -> None:
    """An origin that has a column of its own is answered from it; where that column isn't held, unknown."""
    general = schedule({"61091000": TWELVE}, origins={"KP": "zz-2"})
    assert TariffBook([general]).duty("zz", "610910", "CN", DAY).rate is TWELVE
    other = TariffBook([general]).duty("zz", "610910", "KP", DAY)
    assert other.rate is None and codes_of(other.findings) == ["tariff.not_loaded"]


def test_book_survives_pickling_with_its_digest() -> None:
    """A pickled book answers the same and has the same digest; another rate gives another digest."""
    book = TariffBook([schedule({"61091000": TWELVE})])
    copy = pickle.loads(pickle.dumps(book))
    assert copy.digest() == book.digest()
    assert copy.duty("zz", "610910", None, DAY) == book.duty("zz", "610910", None, DAY)
    assert TariffBook([schedule({"61091000": SEVEN})]).digest() != book.digest()


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=6))
def test_extremes_of_ad_valorem_rates(parts: list[int]) -> None:
    """Of ad valorem rates the lowest and highest are always found."""
    low, high = extremes(tuple(pct(f"{part}", part) for part in parts))
    assert low is not None and high is not None
    assert (low.ad_valorem, high.ad_valorem) == (min(parts), max(parts))


def test_rates_that_cannot_be_ordered_have_no_extremes() -> None:
    """A share of the value and an amount per pair have no lowest: it depends on the value."""
    per_pair = Rate("90¢/pr.", per_unit=90 * 10**9, currency="USD", unit="PR")
    assert extremes((TWELVE, per_pair)) == (None, None)


def test_rate_refuses_what_makes_no_sense() -> None:
    """A negative share, an amount without currency and a unit without amount are refused."""
    for bad in ({"ad_valorem": -1}, {"per_kg": 5}, {"unit": "PR"}):
        with pytest.raises(ValueError):
            Rate("x", **bad)  # type: ignore[arg-type]


def test_units_count_in_each_other_or_not_at_all() -> None:
    """Twelve pieces are a dozen; pieces are not pairs."""
    ratio = unit_ratio("C62", "DZN")
    assert ratio is not None and 24 * ratio == 2
    assert unit_ratio("C62", "PR") is None
