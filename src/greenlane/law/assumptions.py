"""Facts given for one run in place of the law or of reference data: `--assume`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from greenlane.law.amendments import Amendments, read_amendments
from greenlane.values.errors import UsageError
from greenlane.values.money import CURRENCIES, exponent, parse_rate, parse_scaled

_EXACT = 10**15


@dataclass(frozen=True, slots=True)
class AssumedDuty:
    """An assumed rate of duty: a share of the value, or an amount per consignment, kilogram or unit."""

    hs: str
    origin: str | None
    rate: int | None
    amount: int | None
    currency: str | None
    per: str


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What a run assumes. ``values`` are parameter ids (or short names that a pack lists) with decimal strings."""

    values: Mapping[str, str] = field(default_factory=dict)
    duties: tuple[AssumedDuty, ...] = ()
    fx: Mapping[tuple[str, str], Fraction] = field(default_factory=dict)
    layers: tuple[Mapping[str, Any], ...] = ()
    elections: tuple[Mapping[str, Any], ...] = ()
    origins: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    amended: Amendments = field(default_factory=Amendments)
    """What the law is taken to be in place of what the packs say."""

    def duty(self, hs_code: str, origin: str | None) -> AssumedDuty | None:
        """Return the assumed duty with the longest code that *hs_code* falls under."""
        found = [
            duty
            for duty in self.duties
            if (hs_code.startswith(duty.hs) or duty.hs.startswith(hs_code)) and duty.origin in (None, origin)
        ]
        return max(found, key=lambda duty: (len(duty.hs), duty.origin is not None), default=None)

    def exchange(self, base: str, quote: str) -> tuple[int, int] | None:
        """Return (numerator, denominator) of minor units: ``minor_quote = minor_base * num / den``."""
        ratio = self.fx.get((base, quote))
        if ratio is None:
            inverse = self.fx.get((quote, base))
            if inverse is None:
                return None
            ratio = Fraction(1) / inverse
        ratio = ratio * Fraction(10 ** exponent(quote), 10 ** exponent(base))
        return ratio.numerator, ratio.denominator

    def __bool__(self) -> bool:
        given = (self.values, self.duties, self.fx, self.layers, self.elections, self.origins, self.amended)
        return any(given)


def read_assumptions(document: Mapping[str, Any]) -> Assumptions:
    """Read the JSON of ``--assume``.

    Keys: ``duty_rate`` (one) and ``duty_rates`` (list) of {hs, origin?, rate} or {hs, amount, currency, per};
    ``fx`` {"USD/EUR": "0.6454"}; ``layers`` list of {name, hs?, origin?, rate}; ``carrier_elections`` list of
    {carrier, from, method}; ``ieepa_rate`` {origin, rate}; ``amendments`` list of changes of the law
    (`greenlane.law.amendments.read_amendments`); any other key is a parameter id or a pack's short
    name with a decimal string.

    Raises:
        UsageError: A value is not of the form; the message names the key.

    Example:
        >>> read_assumptions({"fx": {"USD/EUR": "0.5"}}).exchange("USD", "JPY") is None
        True
        >>> read_assumptions({"fx": {"USD/EUR": "0.5"}}).exchange("EUR", "USD")
        (2, 1)
    """
    values: dict[str, str] = {}
    duties: list[AssumedDuty] = []
    fx: dict[tuple[str, str], Fraction] = {}
    origins: dict[str, tuple[Mapping[str, Any], ...]] = {}
    layers: tuple[Mapping[str, Any], ...] = ()
    elections: tuple[Mapping[str, Any], ...] = ()
    amended = Amendments()
    for key, given in document.items():
        try:
            match key:
                case "duty_rate":
                    duties += [_duty(entry) for entry in _entries(given)]
                case "duty_rates":
                    duties += [_duty(entry) for entry in _entries(given)]
                case "fx":
                    if not isinstance(given, dict):
                        raise ValueError('expected an object like {"USD/EUR": "0.85"}')
                    fx |= {_pair(pair): _exchange(rate) for pair, rate in given.items() if pair != "date"}
                case "layers":
                    layers = _entries(given)
                case "carrier_elections":
                    elections = _entries(given)
                case "amendments":
                    amended = read_amendments(_entries(given))
                case "ieepa_rate" | "origin_rates":
                    origins[key] = _entries(given)
                case _:
                    values[key] = _value(given)
        except KeyError as error:
            raise UsageError(f"--assume: {key}: {error.args[0]} is missing") from None
        except (ValueError, TypeError) as error:
            raise UsageError(f"--assume: {key}: {error}") from None
    return Assumptions(values, tuple(duties), fx, layers, elections, origins, amended)


def _entries(given: Any) -> tuple[Mapping[str, Any], ...]:
    listed = given if isinstance(given, list) else [given]
    if not all(isinstance(entry, dict) for entry in listed):
        raise ValueError("expected an object, or a list of objects")
    return tuple(listed)


def _value(given: Any) -> str:
    if not isinstance(given, str):
        raise ValueError("expected a decimal string")
    if given.startswith("-"):
        raise ValueError("expected zero or more")
    return given


def _pair(pair: str) -> tuple[str, str]:
    base, _, quote = pair.partition("/")
    if base not in CURRENCIES or quote not in CURRENCIES:
        raise ValueError("name two ISO 4217 currencies, like USD/EUR")
    return base, quote


def _exchange(rate: Any) -> Fraction:
    if not isinstance(rate, str):
        raise ValueError("expected a decimal string")
    parse_scaled(rate, 18)
    exact = Fraction(rate)
    if exact <= 0 or max(exact.numerator, exact.denominator) > _EXACT:
        raise ValueError("an exchange rate is more than zero and has at most 15 digits")
    return exact


def _duty(entry: Mapping[str, Any]) -> AssumedDuty:
    hs = entry["hs"]
    if not (isinstance(hs, str) and hs.isdigit()):
        raise ValueError("hs is a string of digits")
    if "rate" in entry:
        return AssumedDuty(hs, entry.get("origin"), parse_rate(entry["rate"]), None, None, "value")
    currency = entry["currency"]
    amount = parse_scaled(entry["amount"], exponent(currency))
    per = entry.get("per", "consignment")
    if per not in ("consignment", "kg", "unit"):
        raise ValueError("per is consignment, kg or unit")
    return AssumedDuty(hs, entry.get("origin"), None, amount, currency, per)
