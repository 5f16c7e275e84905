"""What parcels hold: a catalogue of goods, and of goods that may not be sent."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from greenlane.values.money import parse_scaled

LANGUAGES = ("en", "zh", "de", "fr", "es", "it", "pl", "tr")


@dataclass(frozen=True, slots=True)
class Product:
    """One kind of goods, without brand.

    ``hs6`` is a subheading of HS 2022; ``eu8`` and ``us10`` are lines under it (CN 2021, HTS 2026 rev. 4),
    None where none is known. The band of prices is for a piece, in US cents; the band of masses in grams.
    ``names`` follow `LANGUAGES`; ``popularity`` weighs the product inside its category.
    """

    hs6: str
    eu8: str | None
    us10: str | None
    category: str
    popularity: int
    price_low: int
    price_high: int
    mass_low_g: int
    mass_high_g: int
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """The English name, which is unique."""
        return self.names[0]


@cache
def catalogue() -> tuple[Product, ...]:
    """Return the goods that the generator sends.

    Example:
        >>> product = catalogue()[0]
        >>> product.hs6, product.name, product.names[2]
        ('610910', "women's cotton T-shirt", 'Damen-T-Shirt aus Baumwolle')
    """
    return _read("catalogue.csv")


@cache
def prohibited_goods() -> tuple[Product, ...]:
    """Return goods that are plainly prohibited by post almost everywhere, in the form of the catalogue.

    Example:
        >>> {product.category for product in prohibited_goods()}
        {'prohibited'}
    """
    return _read("prohibited.csv")


def _read(name: str) -> tuple[Product, ...]:
    text = files("greenlane.sandbox").joinpath(name).read_text(encoding="utf-8")
    return tuple(
        Product(
            hs6=row["hs6"],
            eu8=row["eu8"] or None,
            us10=row["us10"] or None,
            category=row["category"],
            popularity=int(row["popularity"]),
            price_low=parse_scaled(row["price_low"], 2),
            price_high=parse_scaled(row["price_high"], 2),
            mass_low_g=int(row["mass_low"]),
            mass_high_g=int(row["mass_high"]),
            names=tuple(row[language] for language in LANGUAGES),
        )
        for row in csv.DictReader(text.splitlines())
    )
