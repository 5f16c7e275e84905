"""Facts for risk that come from text and lists: computed on columns before a decision, so that it stays pure.

Adds to the items ``screen.vague``, ``screen.vague_term``, ``screen.prohibited``, ``screen.prohibited_word``, and
to the consignments ``screen.doubtful_id``.
"""

import re
from collections.abc import Callable
from datetime import date
from functools import cache

import polars as pl

from greenlane.tariff import Membership, TariffBook, TermLists

VAGUE_LISTS = ("stop-words", "vague-terms")
PROHIBITED_WORDS = "prohibited-words"
PROHIBITED_GOODS = "prohibited-goods"
DOUBTFUL = ("identifier.check_digit",)

_WIDE_SCRIPTS = r"[\u2E80-\u9FFF\uAC00-\uD7AF\u3040-\u30FF\u0E00-\u0E7F]"


def screen(
    consignments: pl.DataFrame,
    items: pl.DataFrame,
    findings: pl.DataFrame,
    terms: TermLists,
    book: TariffBook,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return both frames with the facts of screening added.

    ``findings`` are those of intake: an identifier that fails its check digit makes its consignment doubtful.
    Lists are those in force on each consignment's declaration date.
    """
    days = consignments["declaration_date"]
    texts = items.select("description").unique()
    flags = _by_version(
        items,
        days,
        lambda day: _text_key(terms, day),
        lambda day: text_flags(texts, terms, day),
        "description",
    )
    codes = items.select("hs_code").unique()
    goods = _by_version(
        items,
        days,
        lambda day: _goods_key(book, day),
        lambda day: code_flags(codes, book, day),
        "hs_code",
    )
    doubtful = findings.filter(pl.col("code").is_in(DOUBTFUL))["consignment_id"].unique()
    doubtful_id = (
        consignments["consignment_id"].is_in(doubtful.implode())
        if len(doubtful)
        else pl.Series([False]).new_from_index(0, len(consignments))
    )
    return (
        consignments.with_columns(doubtful_id.alias("screen.doubtful_id")),
        items.with_columns(*flags, *goods),
    )


def _by_version(
    items: pl.DataFrame,
    days: pl.Series,
    version: Callable[[date], object],
    flags: Callable[[date], pl.DataFrame],
    key: str,
) -> list[pl.Series]:
    """Join flags made for each version of the lists to the items of the days that it covers."""
    versions: dict[object, list[date]] = {}
    for day in days.unique().sort().to_list():
        versions.setdefault(version(day), []).append(day)
    made = [(listed, flags(listed[0])) for listed in versions.values()]
    if len(made) == 1:
        table = made[0][1]
        joined = items.select(key).join(table, on=key, how="left", maintain_order="left", nulls_equal=True)
        return [joined[name] for name in table.columns if name != key]
    at = days.gather(items["row"])
    table = pl.concat([frame.join(pl.DataFrame({"day": listed}), how="cross") for listed, frame in made])
    left = items.select(key, at.alias("day"))
    joined = left.join(table, on=[key, "day"], how="left", maintain_order="left", nulls_equal=True)
    return [joined[name] for name in table.columns if name not in (key, "day")]


def _text_key(terms: TermLists, day: date) -> object:
    return tuple(terms.terms(name, day).source for name in (*VAGUE_LISTS, PROHIBITED_WORDS))


def _goods_key(book: TariffBook, day: date) -> object:
    return next(
        (g.valid_from for g in reversed(book.lists) if g.list_id == PROHIBITED_GOODS and g.valid_from <= day),
        None,
    )


def text_flags(texts: pl.DataFrame, terms: TermLists, day: date) -> pl.DataFrame:
    """Say for each description whether it is a vague term alone, holds one, or names prohibited goods."""
    folded = fold(texts["description"])
    padded = " " + folded + " "
    vague: set[str] = set()
    patterns: list[str] = []
    for name in VAGUE_LISTS:
        answer = terms.terms(name, day)
        vague |= set(_folded(tuple(answer.terms)))
        patterns += answer.patterns
    if len(folded) <= _FEW:
        alone = pl.Series(
            values=[None if t is None else t in vague or not t for t in folded], dtype=pl.Boolean
        )
    else:
        alone = folded.is_in(sorted(vague)) | (folded == "")
    for pattern in patterns:
        alone = alone | folded.str.contains(pattern)
    embedded = _holds(padded, tuple(sorted(vague))) & ~alone
    words = _folded(tuple(terms.terms(PROHIBITED_WORDS, day).terms))
    return texts.with_columns(
        alone.fill_null(False).alias("screen.vague"),
        embedded.fill_null(False).alias("screen.vague_term"),
        _holds(padded, words).fill_null(False).alias("screen.prohibited_word"),
    )


def code_flags(codes: pl.DataFrame, book: TariffBook, day: date) -> pl.DataFrame:
    """Say for each commodity code whether it is on the list of prohibited or restricted goods."""
    listed = [
        book.listed(PROHIBITED_GOODS, code, day).member is Membership.YES if code else False
        for code in codes["hs_code"].to_list()
    ]
    return codes.with_columns(pl.Series(values=listed, dtype=pl.Boolean).alias("screen.prohibited"))


def fold(texts: pl.Series) -> pl.Series:
    """Return texts as terms are compared: NFKC, lower case, letters and digits parted by single spaces.

    Example:
        >>> fold(pl.Series(["  Gift,  SETS! "])).to_list()
        ['gift sets']
    """
    if len(texts) <= _FEW:
        listed = texts.to_list()
        if all(text is None or text.isascii() for text in listed):
            folded = [None if t is None else _SIGNS.sub(" ", t.lower()).strip() for t in listed]
            return pl.Series(values=folded, dtype=pl.String)
    plain = texts.str.len_bytes().eq_missing(texts.str.len_chars()).all()
    return (
        (texts if plain else texts.str.normalize("NFKC"))
        .str.to_lowercase()
        .str.replace_all(r"[^\p{L}\p{N}\p{M}]+", " ")
        .str.strip_chars()
    )


@cache
def _folded(terms: tuple[str, ...]) -> tuple[str, ...]:
    folded = fold(pl.Series(values=terms, dtype=pl.String)).unique().sort().to_list()
    return tuple(term for term in folded if term)


def _holds(padded: pl.Series, terms: tuple[str, ...]) -> pl.Series:
    """True where a text holds a whole term; in scripts written without spaces, anywhere."""
    if not terms:
        return pl.Series([False]).new_from_index(0, len(padded))
    if len(padded) <= _FEW:
        wanted = _patterns(terms)
        found = [None if text is None else any(term in text for term in wanted) for text in padded.to_list()]
        return pl.Series(values=found, dtype=pl.Boolean)
    return padded.str.contains_any(_patterns(terms))


_SIGNS = re.compile(r"[^a-z0-9]+")
_FEW = 40
"""Texts up to which looking for each term costs less than a machine made of all of them."""


@cache
def _patterns(terms: tuple[str, ...]) -> list[str]:
    wide = pl.Series(values=terms).str.contains(_WIDE_SCRIPTS)
    return [term if anywhere else f" {term} " for term, anywhere in zip(terms, wide, strict=True)]
