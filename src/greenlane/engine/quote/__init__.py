"""Quotes: what a consignment costs when it has landed, at one or many destinations."""

from greenlane.engine.quote.places import read_destinations
from greenlane.engine.quote.quote import Asked, Quote, Quotes, make_quotes

__all__ = ["Asked", "Quote", "Quotes", "make_quotes", "read_destinations"]
