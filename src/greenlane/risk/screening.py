"""Facts for risk that come from text and lists: computed on columns before a decision, so that it stays pure.

Adds to the items ``screen.vague``, ``screen.vague_term``, ``screen.prohibited``, ``screen.prohibited_word``, and
to the consignments ``screen.doubtful_id``.
"""

from collections.abc import Callable
from datetime import date
from functools import cache, lru_cache

import polars as pl

from greenlane.law.eager import normalized
from greenlane.tariff import Membership, TariffBook, TermLists

VAGUE_LISTS = ("stop-words", "vague-terms")
PROHIBITED_WORDS = "prohibited-words"
PROHIBITED_GOODS = "prohibited-goods"
DOUBTFUL = ("identifier.check_digit",)

WIDE_SCRIPTS = r"[\u2E80-\u9FFF\uAC00-\uD7AF\u3040-\u30FF\u0E00-\u0E7F]"


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
    vague, patterns, prohibited = words_listed(terms, day)
    alone = folded.is_in(list(vague)) | (folded == "")
    for pattern in patterns:
        alone = alone | folded.str.contains(pattern)
    embedded = _holds(padded, vague) & ~alone
    return texts.with_columns(
        alone.fill_null(False).alias("screen.vague"),
        embedded.fill_null(False).alias("screen.vague_term"),
        _holds(padded, prohibited).fill_null(False).alias("screen.prohibited_word"),
    )


def words_listed(terms: TermLists, day: date) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return vague terms, patterns of vague texts, and words for prohibited goods on a day, folded and in order."""
    answers = [terms.terms(name, day) for name in VAGUE_LISTS]
    vague = {term for answer in answers for term in _folded(tuple(answer.terms))}
    patterns = tuple(pattern for answer in answers for pattern in answer.patterns)
    return tuple(sorted(vague)), patterns, _folded(tuple(terms.terms(PROHIBITED_WORDS, day).terms))


def code_flags(codes: pl.DataFrame, book: TariffBook, day: date) -> pl.DataFrame:
    """Say for each commodity code whether it is on the list of prohibited or restricted goods."""
    listed = [prohibited(code, book, day) for code in codes["hs_code"].to_list()]
    return codes.with_columns(pl.Series(values=listed, dtype=pl.Boolean).alias("screen.prohibited"))


@lru_cache(16_384)
def prohibited(code: str | None, book: TariffBook, day: date) -> bool:
    """Say whether a commodity code is on the list of prohibited or restricted goods.

    Answers are kept, since the same codes come in every filing.
    """
    return bool(code) and book.listed(PROHIBITED_GOODS, str(code), day).member is Membership.YES


def fold(texts: pl.Series) -> pl.Series:
    """Return texts as terms are compared: NFKC, lower case, letters and digits parted by single spaces.

    Example:
        >>> fold(pl.Series(["  Gift,  SETS! "])).to_list()
        ['gift sets']
    """
    return (
        normalized(texts, "NFKC")
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
    return padded.str.contains_any(_patterns(terms))


@cache
def _patterns(terms: tuple[str, ...]) -> list[str]:
    wide = pl.Series(values=terms).str.contains(WIDE_SCRIPTS)
    return [term if anywhere else f" {term} " for term, anywhere in zip(terms, wide, strict=True)]
