"""A description alone is screened as columns screen it, in whatever script it is written."""

import sys
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenlane.engine.digests import folded_names
from greenlane.risk import screening
from greenlane.risk.words import fold, words
from greenlane.tariff import TermLists
from greenlane.tariff.terms import Term, TermList
from greenlane.values.letters import folded
from test_law_engine import shared_context

DAY = date(2026, 3, 2)
ODD = [
    "", " ", "!?", "12 34", "gift", "GIFT!", "a gift  set", "giftware", "Ｇｉｆｔ ｓｅｔ", "Straße", "STRASSE",
    "ﬁne ΟΔΟΣ", "İstanbul", "cafe\u0301 crème", "\u0301", "هدايا", "مُلَوَّن", "ของขวัญ", "ชุดของขวัญ", "礼品", "儿童礼品套装",
    "ギフト", "ｷﾞﾌﾄ", "선물", "½ kg", "№ 5", "x²", "\u200bgift", "gift\u00a0set", "\U0001f381 gift", "\U0010fffe gift",
    "㈱", "steel knife", "ǆ",
]  # fmt: skip
LISTS = {
    "stop-words": (["gift", "cafe\u0301", "strasse", "礼品", "№"], ["^[0-9]+$", r"^\p{Arabic}+$"]),
    "vague-terms": (["gift set", "ของขวัญ", "ギフト", "οδος", "!"], []),
    "prohibited-words": (["knife", "steel knife", "선물", "set"], []),
}


def lists_of(listed: dict[str, tuple[list[str], list[str]]]) -> TermLists:
    """Lists of words with terms and patterns of the test's own."""
    return TermLists(
        TermList(name, name, "ZZ", DAY, None, DAY, tuple(map(Term, terms)), tuple(patterns))
        for name, (terms, patterns) in listed.items()
    )


@pytest.mark.parametrize("lists", [lists_of(LISTS), lists_of({}), shared_context().terms])
@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=40) | st.lists(st.sampled_from(ODD), max_size=3).map(" ".join))
def test_a_text_is_flagged_as_in_a_column(lists: TermLists, text: str) -> None:
    """Folded alike, and found vague, holding a vague term and naming prohibited goods alike; so is no text."""
    told: list[str | None] = [text, None, *ODD]
    frame = pl.DataFrame({"description": told}, schema={"description": pl.String})
    columns = screening.text_flags(frame, lists, DAY).drop("description").to_dicts()
    assert [words(lists, DAY).flags(one) for one in told] == columns
    assert fold(text) == screening.fold(pl.Series([text]))[0]


def test_lists_are_those_of_the_day() -> None:
    """A list that begins later says nothing of days before it."""
    lists = lists_of(LISTS)
    assert words(lists, DAY).flags("gift")["screen.vague"]
    assert not words(lists, date(2026, 3, 1)).flags("gift")["screen.vague"]


def test_every_character_is_folded_as_in_columns() -> None:
    """Where this Python knows a character, it becomes the same in lower case, and parts words alike."""
    signs = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    known = [(sign, plain) for sign in signs if (plain := folded(sign)) is not None]
    column = pl.Series([sign for sign, _ in known])
    assert [plain for _, plain in known] == folded_names(column).to_list()
    assert [fold(sign) for sign, _ in known] == screening.fold(column).to_list()
