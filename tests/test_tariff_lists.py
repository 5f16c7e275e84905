"""Goods lists, exchange rates and word lists."""

import pickle
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenlane.risk.screening import PROHIBITED_GOODS, prohibited
from greenlane.tariff import (
    Certainty,
    Entry,
    ExchangeRates,
    GoodsList,
    Line,
    Membership,
    Rate,
    RateTable,
    Schedule,
    Series,
    TariffBook,
    Term,
    TermList,
    TermLists,
    customs_day,
)

START = date(2026, 1, 1)
DAY = date(2026, 3, 15)
SCHEDULE = Schedule(
    "us-hts", "HTS", "USITC", START, None, START,
    {code: Line(code, "Free", Rate("Free")) for code in ("64029905", "64029910", "61091000")},
)  # fmt: skip


def listing(*entries: Entry, code: str, day: date = DAY, scope: frozenset[str] | None = None) -> object:
    goods = GoodsList("l", "A list", "ZZ", START, date(2026, 4, 29), START, entries, "us-hts", scope)
    return TariffBook([SCHEDULE], [goods]).listed("l", code, day)


@pytest.mark.parametrize(
    ("entries", "code", "member", "rate"),
    [
        ((Entry("64029905", rate=75_000_000),), "6402990500", "yes", 75_000_000),
        ((Entry("64029905", rate=75_000_000),), "640299", "partly", None),
        ((Entry("64029905", rate=5), Entry("64029910", rate=5)), "640299", "yes", 5),
        ((Entry("64029905", rate=5), Entry("64029910", rate=9)), "640299", "yes", None),
        ((Entry("64"),), "64029905", "yes", None),
        ((Entry("64", partial=True, rate=5),), "64029905", "partly", None),
        ((Entry("64029905"),), "61091000", "no", None),
    ],
)
def test_membership(entries: tuple[Entry, ...], code: str, member: str, rate: int | None) -> None:
    """Listed above: yes. Listed below: yes where every line is, else partly. A partial entry: partly."""
    found = listing(*entries, code=code)
    assert (found.member, found.rate) == (member, rate)  # type: ignore[attr-defined]


def test_partly_listed_gives_bounds() -> None:
    """A partly listed code bears between nothing and the entry's rate, and the listing says so."""
    found = listing(Entry("64029905", rate=75_000_000), code="640299")
    assert (found.low, found.high, found.certainty) == (0, 75_000_000, Certainty.UNKNOWN)  # type: ignore[attr-defined]


def test_entries_have_their_own_days() -> None:
    """An entry counts from its first to its last day, both inclusive."""
    entry = Entry("6402", date(2026, 2, 24), date(2026, 7, 23))
    days = {
        date(2026, 2, 23): "no",
        date(2026, 2, 24): "yes",
        date(2026, 7, 23): "yes",
        date(2026, 7, 24): "no",
    }
    assert {day: listing(entry, code="640299", day=day).member for day in days} == days  # type: ignore[attr-defined]


def test_outside_the_scope_is_not_loaded() -> None:
    """A list that is held only in part says not loaded, never no, outside that part."""
    found = listing(Entry("640299"), code="610910", scope=frozenset({"640299"}))
    assert found.member is Membership.NOT_LOADED and found.certainty is Certainty.UNKNOWN  # type: ignore[attr-defined]


def test_absent_list_is_not_loaded() -> None:
    """A list that isn't held is not loaded, with a finding."""
    found = TariffBook().listed("us-s301", "640299", DAY)
    assert found.member is Membership.NOT_LOADED and found.findings[0].code == "tariff.not_loaded"


def table(**rates: str) -> RateTable:
    return RateTable("ecb", "ECB", "EUR", {c: Series((date(2026, 7, 1),), (r,)) for c, r in rates.items()})


def test_minor_units_of_both_currencies_enter() -> None:
    """100 dinars of three decimals in yen of none: the ratio carries both exponents exactly."""
    answer = ExchangeRates([table(KWD="0.35", JPY="175.68")]).rate("ecb", "KWD", "JPY", date(2026, 7, 1))
    assert answer.numerator is not None and answer.denominator is not None
    assert Fraction(answer.numerator, answer.denominator) == Fraction("175.68") / Fraction("0.35") / 1000


def test_staleness_of_daily_rates() -> None:
    """Ten days on the last rate is good, eleven days on it is stale, after a year there is none."""
    fx = ExchangeRates([table(USD="1.1")])
    first = date(2026, 7, 1)
    assert fx.rate("ecb", "EUR", "USD", first + timedelta(10)).findings == ()
    late = fx.rate("ecb", "EUR", "USD", first + timedelta(11))
    assert [f.code for f in late.findings] == ["reference.stale"] and late.certainty is Certainty.UNVERIFIED
    gone = fx.rate("ecb", "EUR", "USD", first + timedelta(367))
    assert gone.numerator is None and gone.findings[0].code == "fx.unknown"
    assert fx.rate("ecb", "EUR", "USD", date(2026, 6, 30)).numerator is None


def test_monthly_rates_hold_in_their_month_only() -> None:
    """HMRC's rate is used from its first to its last day; outside, the ECB's, with fx.substituted."""
    june = Series((date(2026, 6, 1),), ("1.25",), (date(2026, 6, 30),))
    fx = ExchangeRates([RateTable("hmrc-monthly", "HMRC", "GBP", {"USD": june}), table(USD="1.1", GBP="0.8")])
    own = fx.rate("hmrc-monthly", "USD", "GBP", date(2026, 6, 30))
    assert (own.numerator, own.denominator, own.findings) == (4, 5, ())
    other = fx.rate("hmrc-monthly", "USD", "GBP", date(2026, 7, 1))
    assert (other.numerator, other.denominator) == (8, 11)
    assert [f.code for f in other.findings] == ["fx.substituted"]


def test_customs_rate_is_that_of_the_second_last_wednesday() -> None:
    """All days of a month use the ECB rate of the second-last Wednesday of the month before."""
    assert customs_day(date(2026, 7, 1)) == customs_day(date(2026, 7, 31)) == date(2026, 6, 17)
    assert customs_day(date(2026, 1, 1)) == date(2025, 12, 24)


@given(st.dates(date(2000, 1, 1), date(2050, 12, 31)))
def test_customs_day_is_a_wednesday_with_one_more_after_it(day: date) -> None:
    """The day is a Wednesday of the month before, and exactly one Wednesday follows it there."""
    found = customs_day(day)
    assert found.weekday() == 2
    assert (found + timedelta(7)).month == found.month != (found + timedelta(14)).month
    assert (found.replace(day=28) + timedelta(4)).replace(day=1) == day.replace(day=1)


def test_terms_by_day() -> None:
    """The list of the day is used; before the first there is none; the digest follows content."""
    old = TermList("vague", "Old", "ZZ", START, None, START, (Term("gift"),))
    new = TermList("vague", "New", "ZZ", DAY, None, DAY, (Term("goods"),))
    lists = TermLists([new, old])
    assert set(lists.terms("vague", START).terms) == {"gift"}
    assert set(lists.terms("vague", DAY).terms) == {"goods"}
    assert lists.terms("vague", date(2025, 1, 1)).findings[0].code == "tariff.not_loaded"
    assert pickle.loads(pickle.dumps(lists)).digest() == lists.digest() != TermLists([old]).digest()


def test_a_currency_that_the_ecb_does_not_quote_stands_on_another_table() -> None:
    """Where a source and the ECB have no rate, HMRC's monthly one stands in and says whose it is; else unknown."""
    day = date(2026, 7, 2)
    ecb = RateTable("ecb", "ECB", "EUR", {"USD": Series((day,), ("1.1",))})
    months = {
        code: Series((date(2026, 7, 1),), (rate,), (date(2026, 7, 31),))
        for code, rate in (("USD", "1.25"), ("KES", "161.25"))
    }
    rates = ExchangeRates([ecb, RateTable("hmrc-monthly", "HMRC", "GBP", months)])
    found = rates.rate("kra", "USD", "KES", day)
    assert (found.numerator, found.denominator) == (129, 1)
    assert [f.code for f in found.findings] == ["fx.substituted"] and "HMRC" in found.findings[0].message
    assert found.certainty is Certainty.UNVERIFIED
    assert rates.rate("kra", "USD", "ARS", day).numerator is None


def test_answers_about_prohibited_goods_are_kept_by_list_and_day() -> None:
    """The same code is answered by the list that is asked and for the day that is asked, however often."""
    until = date(2026, 3, 31)
    goods = GoodsList(
        PROHIBITED_GOODS, "Goods", "ZZ", START, None, START, (Entry("9302", valid_until=until),)
    )
    listed, empty = TariffBook([], [goods]), TariffBook()
    after = until + timedelta(1)
    for _ in range(2):
        told = [prohibited("930200", book, day) for book in (listed, empty) for day in (until, after)]
        assert told == [True, False, False, False]
    assert not prohibited(None, listed, DAY)
