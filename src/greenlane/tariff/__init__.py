"""Rates, exchange rates and lists as values, and the look-ups that law and risk ask of them. No files."""

from greenlane.tariff.book import TariffBook
from greenlane.tariff.code_list import CodeEntry, CodeLists, Nomenclature
from greenlane.tariff.exchange import ExchangeRates, FxAnswer, Quote, RateTable, Series, customs_day
from greenlane.tariff.goods_list import Entry, GoodsList, Listing, Membership
from greenlane.tariff.rate import Rate, extremes, unit_ratio
from greenlane.tariff.schedule import Answer, Certainty, Line, Schedule, edition_on
from greenlane.tariff.terms import Term, TermAnswer, TermList, TermLists, fold

__all__ = [
    "Answer",
    "Certainty",
    "CodeEntry",
    "CodeLists",
    "Entry",
    "ExchangeRates",
    "FxAnswer",
    "GoodsList",
    "Line",
    "Listing",
    "Membership",
    "Nomenclature",
    "Quote",
    "Rate",
    "RateTable",
    "Schedule",
    "Series",
    "TariffBook",
    "Term",
    "TermAnswer",
    "TermList",
    "TermLists",
    "customs_day",
    "edition_on",
    "extremes",
    "fold",
    "unit_ratio",
]
