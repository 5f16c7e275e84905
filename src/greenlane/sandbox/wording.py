"""How senders word what they send: languages, sizes, colours, counts, and words that say nothing."""

from dataclasses import dataclass
from functools import cache
from itertools import product

import polars as pl

from greenlane.sandbox.catalogue import LANGUAGES

VAGUE_TERMS = (
    "accessories", "apparel", "articles", "birthday gifts", "clothes", "clothing", "commodity",
    "component", "electronics", "equipment", "garments", "general cargo", "gifts", "goods", "materials",
    "merchandise", "parts", "personal effects", "products", "sample", "spare parts", "stuff", "toys",
    "various", "various goods", "white goods", "sporting goods", "souvenirs", "things",
)  # fmt: skip
"""Terms on published lists of unacceptable goods descriptions (UK list of vague terms, EU ICS2)."""

EMBEDDING_TERMS = ("gifts", "sample", "accessories", "parts", "merchandise")
"""Terms that senders put beside a description that would do without."""

_LEADS = {
    "en": ("", "", "", "", "new ", "2026 style ", "summer ", "classic ", "premium "),
    "zh": ("", "", "", "新款", "2026款", "经典"),
}
_COLOURS = {
    "en": ("black", "white", "red", "navy blue", "grey", "pink", "green", "beige"),
    "zh": ("黑色", "白色", "红色", "藏青色", "灰色", "粉色", "绿色", "米色"),
    "de": ("schwarz", "weiß", "rot", "marineblau", "grau", "rosa", "grün", "beige"),
    "fr": ("noir", "blanc", "rouge", "bleu marine", "gris", "rose", "vert", "beige"),
    "es": ("negro", "blanco", "rojo", "azul marino", "gris", "rosa", "verde", "beige"),
    "it": ("nero", "bianco", "rosso", "blu", "grigio", "rosa", "verde", "beige"),
    "pl": ("czarny", "biały", "czerwony", "granatowy", "szary", "różowy", "zielony", "beżowy"),
    "tr": ("siyah", "beyaz", "kırmızı", "lacivert", "gri", "pembe", "yeşil", "bej"),
}
_SIZES = ("S", "M", "L", "XL", "XXL", "36", "38", "40", "42")
_COUNTS = ("2 pcs", "3 pcs", "5 pcs", "10 pcs")
_UNCOLOURED = frozenset({"media", "documents", "food", "prohibited"})


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a list of words: *count* of them from *first* on."""

    first: int
    count: int


@cache
def leads() -> tuple[pl.Series, tuple[Stretch, ...]]:
    """Return what may stand before a name, and the stretch of it for each language."""
    return _stretches([list(_LEADS.get(language, ("",))) for language in LANGUAGES])


@cache
def endings(categories: tuple[str, ...]) -> tuple[pl.Series, tuple[Stretch, ...]]:
    """Return what may stand after a name, and the stretch for each category and language, in that order."""
    return _stretches([_ends(category, language) for category in categories for language in LANGUAGES])


def _ends(category: str, language: str) -> list[str]:
    plain = ["", "", ""]
    if category in _UNCOLOURED:
        return plain
    colours = [f", {colour}" for colour in _COLOURS[language]]
    if category == "clothing":
        return plain + [f"{colour}, {size}" for colour, size in product(colours, _SIZES)]
    counts = [f", {count}" for count in _COUNTS] if language in {"en", "zh"} else []
    return plain + colours + counts


def _stretches(groups: list[list[str]]) -> tuple[pl.Series, tuple[Stretch, ...]]:
    words: list[str] = []
    stretches = []
    for group in groups:
        stretches.append(Stretch(len(words), len(group)))
        words += group
    return pl.Series(words), tuple(stretches)
