"""Quotes: destinations side by side, landed cost, prices that lead to an amount, ranges of short codes."""

import json
import os
import re
import subprocess
import sys
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzzing import fresh_context, reference
from greenlane.cli import main
from greenlane.engine.context import Context
from greenlane.engine.context import context as real_context
from greenlane.engine.quote import Asked, Quote, make_quotes, read_destinations
from greenlane.engine.quote.codes import MOST_DECISIONS
from greenlane.engine.quote.given import read_given
from greenlane.engine.quote.price import PriceSearch
from greenlane.law.assumptions import read_assumptions
from greenlane.risk.indicators import starter_profile
from greenlane.tariff import Line, Rate, Schedule, TariffBook
from greenlane.values.money import RATE_SCALE, exponent, format_scaled, parse_scaled

ROOT = Path(__file__).resolve().parents[1]
PARCEL: dict[str, Any] = json.loads((ROOT / "docs" / "examples" / "parcel.json").read_text(encoding="utf-8"))
MANY = ROOT / "docs" / "examples" / "parcels.ndjson"


def parcel(*items: dict[str, Any], **over: Any) -> dict[str, Any]:
    """The example parcel with other facts; each of *items* overrides the facts of its item."""
    made = deepcopy(PARCEL) | over
    if items:
        line = PARCEL["items"][0]
        made["items"] = [{**line, "item_id": str(n), **item} for n, item in enumerate(items, 1)]
    return made


def zz(*items: dict[str, Any], **over: Any) -> dict[str, Any]:
    """A parcel to ZZ, whose law every run holds."""
    facts = {
        "destination_country": "ZZ",
        "currency": "ZZD",
        "scheme": None,
        "scheme_id": None,
        "dataset": None,
    }
    return parcel(*items, **(facts | {"registrations": None} | over))


def quote(made: dict[str, Any], context: Context | None = None, **asked: Any) -> Quote:
    """Quote one consignment at its own destination."""
    found = make_quotes(json.dumps(made).encode(), "-", Asked(**asked), context or fresh_context())
    assert len(found.quotes) == 1, found.findings.to_dicts()
    return found.quotes[0]


def run(*words: object, data: bytes | None = None) -> Result:
    """Run the command; whatever it was given, what goes wrong is said in words."""
    result = CliRunner().invoke(main, ["quote", *map(str, words)], input=data)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert "Traceback" not in result.output
    return result


# -- landed cost ------------------------------------------------------------------------------------------------


def test_landed_cost_is_goods_transport_and_every_charge() -> None:
    """Derived: 40.00 + 4.00 freight + 3.00 flat duty + 8.36 VAT (19 % of 44.00) + 6.00 fee of the carrier = 61.36."""
    landed = quote(parcel(carrier_fees="6.00")).landed
    assert landed is not None
    assert landed["total"] == "61.36"
    assert (landed["goods"], landed["freight"], landed["carrier_fees"]) == ("40.00", "4.00", "6.00")
    assert (landed["at_sale"], landed["at_border"], landed["periodic"]) == ("8.36", "3.00", "0.00")


def test_freight_inside_the_prices_counts_once() -> None:
    """With the freight in the prices, goods and freight together are the prices: 40.00, not 44.00."""
    landed = quote(parcel(freight_in_price=True)).landed
    assert landed is not None
    assert (landed["goods"], landed["freight"]) == ("40.00", "0.00")
    assert landed["total"] == "50.60"
    """Derived: 40.00 + 3.00 + 7.60 (19 % of 40.00)."""


def test_unknown_freight_leaves_the_landed_cost_unknown() -> None:
    """Null freight is not zero: no landed cost."""
    found = quote(parcel(freight=None))
    assert found.landed is not None
    assert found.landed["freight"] is None and found.landed["total"] is None


def test_the_outcome_is_that_of_a_filing() -> None:
    """Digest, charges and steps of a quote are those that `clear` and `explain` give the same consignment."""
    from greenlane.engine.explain import explain_batch
    from greenlane.messages.files import parse_object

    context = fresh_context()
    told = quote(parcel(), context).as_dict()
    filed = explain_batch(parse_object(json.dumps(parcel()).encode()), context).as_dict()
    assert {name: told[name] for name in filed} == filed


def test_a_quote_looks_at_each_consignment_alone() -> None:
    """Two parcels to one person on one day are not added together, as alternatives would not be."""
    both = [parcel(consignment_id=name) for name in ("A1", "A2")]
    made = make_quotes(json.dumps(both).encode(), "-", Asked(), fresh_context())
    assert [one.outcome["group"]["count"] for one in made.quotes] == [1, 1]


def test_estimates_say_why() -> None:
    """Assumed, contested, substituted and unverified each have their reason."""
    context = fresh_context(read_assumptions({"vat_rate": "0.20"}))
    assert {e["kind"] for e in quote(parcel(), context).estimates} == {"assumed", "contested"}
    found = quote(parcel(destination_country="GB", scheme=None, scheme_id=None)).estimates
    assert {e["kind"] for e in found} == {"substituted"}
    contested = next(e for e in quote(parcel()).estimates if e["kind"] == "contested")
    assert contested["charge"] == 1 and "8.93" in contested["message"]


# -- destinations -----------------------------------------------------------------------------------------------


def test_each_destination_takes_its_own_scheme() -> None:
    """The scheme is that of the registrations entry; IOSS of one member holds in all; elsewhere there is none."""
    entries = [*PARCEL["registrations"], {"country": "AU", "scheme": "AU_GST", "id": "51824753556"}]
    made = make_quotes(
        json.dumps(parcel(registrations=entries)).encode(),
        "-",
        Asked(read_destinations("DE,FR,GB,AU")),
        fresh_context(),
    )
    schemes = {q.destination: (q.row["scheme"], q.row["seller_registered"]) for q in made.quotes}
    assert schemes == {
        "DE": ("IOSS", True), "FR": ("IOSS", True), "GB": (None, False), "AU": ("AU_GST", True),
    }  # fmt: skip
    assert "whole union" in " ".join(made.quotes[1].notes)


def test_what_one_destination_alone_knows_stays_behind() -> None:
    """Elsewhere the digits past the sixth, dataset, prior use and claims do not count; inside a union they do."""
    made = make_quotes(
        json.dumps(parcel({"hs_code": "61091000", "relief_claim": "C07"})).encode(),
        "-",
        Asked(read_destinations("FR,US")),
        fresh_context(),
    )
    france, states = made.quotes
    assert (france.items[0]["hs_code"], france.row["dataset"]) == ("61091000", "H7")
    assert (states.items[0]["hs_code"], states.row["dataset"]) == ("610910", None)
    assert states.items[0]["relief_claim"] is None
    assert france.row["consignee.prior_use.year_count"] == 0
    assert states.row["consignee.prior_use.year_count"] is None
    assert "not known" in " ".join(states.notes)


def test_amounts_are_shown_in_another_currency() -> None:
    """An assumed rate shows 55.36 euro as 110.72 dollars; it decides nothing."""
    context = fresh_context(read_assumptions({"fx": {"EUR/USD": "2"}}))
    found = quote(parcel(), context, currency="USD")
    assert found.converted is not None
    assert (found.converted["landed_cost"], found.converted["source"]) == ("110.72", "assumed for this run")
    assert found.outcome["currency"] == "EUR"


def test_a_currency_that_the_ecb_does_not_quote_is_shown_through_that_of_the_prices() -> None:
    """The dirham stands at 3.6725 to the dollar by law, and the landed cost leads back to dollars at that rate."""
    made = parcel(destination_country="AE", scheme=None, scheme_id=None, currency="USD")
    held = real_context(store=Path("no-such-store"), key=bytes(32))
    found = quote(made, held, currency="USD")
    assert found.landed is not None and found.converted is not None and found.landed["total"] is not None
    back = parse_scaled(found.converted["landed_cost"], 2) * 36725
    assert abs(back - parse_scaled(found.landed["total"], 2) * 10_000) < 36725


def test_all_leaves_out_home_and_invented_countries() -> None:
    """`all` is every country whose law is held but ZZ, and not the country of departure."""
    made = make_quotes(
        json.dumps(parcel()).encode(), "-", Asked(read_destinations("all"), abroad=True), fresh_context()
    )
    there = {one.destination for one in made.quotes}
    assert {"DE", "GB", "US", "AU"} <= there
    assert not there & {"CN", "ZZ"}


# -- prices that lead to an amount ------------------------------------------------------------------------------


def _value(price: str, made: dict[str, Any], items: list[dict[str, str]]) -> dict[str, Any]:
    values = {item["item_id"]: item["value"] for item in items}
    return {**made, "items": [{**item, "value": values[item["item_id"]]} for item in made["items"]]}


def _priced(made: dict[str, Any], total: str, context: Context | None = None) -> dict[str, Any]:
    pricing = quote(made, context, total=total).pricing
    assert pricing is not None
    return pricing.data


CASES: dict[str, dict[str, Any]] = {
    "eu ioss": parcel(),
    "eu ioss, three lines": parcel({"value": "10.00"}, {"value": "7.77"}, {"value": "0.05"}),
    "eu standard": parcel(scheme=None, scheme_id=None, registrations=None),
    "eu from dollars": parcel(currency="USD", carrier_fees="2.50"),
    "eu freight inside": parcel(freight_in_price=True),
    "gb": parcel(destination_country="GB", scheme=None, scheme_id=None, currency="GBP"),
    "gb, two lines": parcel(
        {"value": "30.00"}, {"value": "9.99"}, destination_country="GB", scheme=None, currency="GBP"
    ),
    "au from yen": parcel({"value": "4000"}, destination_country="AU", scheme=None, currency="JPY", freight="400"),
    "us": parcel(destination_country="US", scheme=None, scheme_id=None, currency="USD"),
    "zz": zz(),
    "zz, mixed goods": zz({"value": "12.00"}, {"hs_code": "180690", "value": "3.33"}),
    "zz with scheme": zz(scheme="ZZ_VAT", scheme_id="X1"),
    "cn retail": parcel(destination_country="CN", departure_country="US", programme="CBEC", currency="CNY"),
}  # fmt: skip


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@pytest.mark.parametrize("name", CASES)
@given(amount=st.integers(0, 30_000))
def test_the_price_found_leads_back_to_the_amount(name: str, amount: int) -> None:
    """Quoting every price found gives the amount; where none is found, the neighbours told are quoted alike."""
    context = fresh_context()
    made = CASES[name]
    currency = quote(made, context).outcome["currency"]
    wanted = format_scaled(amount, exponent(currency))
    data = _priced(made, wanted, context)
    for found in data.get("prices", ()):
        for end in found.values():
            again = quote(_value(end["price"], made, end["items"]), context)
            assert again.landed is not None
            assert again.landed["total"] == wanted
            assert end["landed_cost"] == again.landed
    zone = data.get("grey_zone")
    if zone:
        digits = exponent(currency)
        below, above = (
            parse_scaled(zone[side]["landed_cost"], digits) if zone[side] else None
            for side in ("below", "above")
        )
        assert below is None or below < amount
        assert above is None or above > amount


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("amount", [4_790, 16_900])
def test_the_search_finds_all_there_is(name: str, amount: int) -> None:
    """Against every price tried one by one: the same solutions, and the same nearest amounts where there are none."""
    context = fresh_context()
    made = CASES[name]
    one = quote(made, context)
    code = one.outcome["jurisdiction"]
    formula = context.law(code).formula_at(one.row["declaration_date"])
    assert formula is not None
    resolver = context.resolver(code)
    search = PriceSearch(context.plan(context.law(code), formula), one.row, one.items, resolver)
    fx = resolver.lookup("fx", (one.row["currency"],), one.row["declaration_date"]).parts
    rate = int(fx["numerator"].value or 0), int(fx["denominator"].value or 1)
    answer = search.search(amount, *rate)
    costs = [search.cost(price) for price in range(search._last(amount, *rate) + 1)]
    wanted = {price for price, cost in enumerate(costs) if cost == amount}
    assert {price for first, last in answer.solutions for price in range(first, last + 1)} == wanted
    if wanted:
        return
    below = max((cost for cost in costs if cost is not None and cost < amount), default=None)
    above = min((cost for cost in costs if cost is not None and cost > amount), default=None)
    assert (answer.below and answer.below.cost) == below
    assert above is None or (answer.above is not None and answer.above.cost <= above)


def test_a_grey_zone_names_its_threshold() -> None:
    """Derived, GB at 12 % duty above 135 pounds: 135.00 + 4.00 + 27.80 VAT = 166.80; 135.01 leaps over 170.00."""
    data = _priced(CASES["gb"], "170.00")
    zone = data["grey_zone"]
    assert (data["status"], zone["kind"]) == ("unreachable", "threshold")
    assert zone["below"] == {"price": "135.00", "landed_cost": "166.80"}
    assert zone["above"]["price"] == "135.01"
    assert any("Low value limit, 135.00 GBP" in rule for rule in zone["rules"])


def test_one_amount_by_several_prices() -> None:
    """Goods free of duty: the flat 3 euro end above 150 euro, so the landed cost falls and amounts come twice.

    Derived: 148.74 + 4.00 + 3.00 + 29.02 VAT and 150.01 + 4.00 + 29.26 VAT are 184.76 and 183.27.
    """
    context = fresh_context(read_assumptions({"duty_rates": [{"hs": "610910", "rate": "0"}]}))
    data = _priced(parcel(), "184.76", context)
    prices = [found["from"]["price"] for found in data["prices"]]
    assert prices == ["148.74", "151.26"]
    assert data["thresholds"][0]["after"] == {"price": "150.01", "landed_cost": "183.27"}


def test_no_price_is_told_below_the_least() -> None:
    """Freight alone comes to more than the amount."""
    data = _priced(parcel(), "1.00")
    assert data["grey_zone"]["kind"] == "beginning"
    assert data["grey_zone"]["above"]["price"] == "0.00"


def test_lines_scale_in_proportion() -> None:
    """Lines of 1 : 2 share the price found cumulatively: the first gets the floor of a third."""
    data = _priced(parcel({"value": "10.00"}, {"value": "20.00", "hs_code": "420221"}), "100.00")
    (found,) = data["prices"]
    values = [parse_scaled(item["value"], 2) for item in found["from"]["items"]]
    assert sum(values) == parse_scaled(found["from"]["price"], 2)
    assert values[0] == sum(values) // 3


def test_where_the_cost_is_not_known_it_is_said() -> None:
    """No Australian tariff is held: above 1,000 dollars no price is told."""
    made = parcel(destination_country="AU", scheme=None, scheme_id=None, currency="AUD")
    data = _priced(made, "1700.00")
    assert data["prices"] == [] and data["unknown_prices"] == [{"from": "1000.01", "to": None}]


# -- short codes ------------------------------------------------------------------------------------------------


def _with_schedule(*lines: Line, **more: Any) -> Context:
    """A run that holds a tariff of ZZ of these lines."""
    held = reference()
    start = date(2024, 1, 1)
    schedule = Schedule(
        "zz", "Other tariff of ZZ", "ZZ", start, None, start, {x.code: x for x in lines}, **more
    )
    others = [s for s in held.tariff.schedules if s.schedule_id != "zz"]
    from dataclasses import replace

    book = replace(held, tariff=TariffBook([*others, schedule], held.tariff.lists))
    return Context(book, None, read_assumptions({}), starter_profile(), bytes(32))


def _percent(code: str, percent: int) -> Line:
    return Line(code, f"{percent} %", Rate(f"{percent} %", ad_valorem=percent * RATE_SCALE // 100))


LINES = (
    _percent("61091000", 12), _percent("61099020", 5), _percent("61099090", 8), _percent("61101100", 0),
    Line("62010000", "by the minister", None),
)  # fmt: skip


@pytest.mark.parametrize(
    ("code", "low", "high", "count"),
    [
        ("6109", ("61099020",), ("61091000",), 3),
        ("61", ("61101100",), ("61091000",), 4),
        ("610990", ("61099020",), ("61099090",), 2),
        ("610", ("61099020",), ("61091000",), 3),
    ],
)
def test_range_over_the_possible_codes(
    code: str, low: tuple[str, ...], high: tuple[str, ...], count: int
) -> None:
    """Above the relief the duty decides: lowest and highest with their codes, and no amount of its own."""
    found = quote(zz({"hs_code": code, "value": "400.00"}), _with_schedule(*LINES))
    told = found.range
    assert told is not None and not told["definite"]
    assert told["items"][0]["codes"] == count
    assert (told["lowest"]["codes"]["1"], told["highest"]["codes"]["1"]) == (list(low), list(high))
    assert parse_scaled(told["lowest"]["total"], 2) < parse_scaled(told["highest"]["total"], 2)
    assert found.outcome["total"] is None and found.outcome["charges"] == []
    assert (found.outcome["status"], found.landed) == ("incomplete", None)


def test_each_end_is_what_the_full_code_costs() -> None:
    """The charges of an end are those of a quote with the code that stands there."""
    context = _with_schedule(*LINES)
    made = quote(zz({"hs_code": "61", "value": "400.00"}), context).range
    assert made is not None
    for end in ("lowest", "highest"):
        full = quote(zz({"hs_code": made[end]["codes"]["1"][0], "value": "400.00"}), context)
        assert full.outcome["total"] == made[end]["total"]
        assert full.landed == made[end]["landed_cost"]


def test_codes_that_make_no_difference_are_no_range() -> None:
    """Below the relief no duty is due: every code leads to the same charges, and they are told."""
    found = quote(zz({"hs_code": "61", "value": "40.00"}), _with_schedule(*LINES))
    assert found.range is not None and found.range["definite"]
    assert found.outcome["status"] == "assessed"
    assert found.landed is not None and found.landed["total"] is not None


def test_no_code_is_the_range_over_the_whole_tariff() -> None:
    """A code that is not given may be any line; one whose rate cannot be computed is counted and said."""
    told = quote(zz({"hs_code": None, "value": "400.00"}), _with_schedule(*LINES)).range
    assert told is not None
    assert (told["items"][0]["codes"], told["items"][0]["not_worked_out"]) == (5, 1)
    assert not told["definite"]


def test_a_range_without_one_of_its_codes_has_no_ends(tmp_path: Path) -> None:
    """In the table the charges are not known while the charges of one possible code are not."""
    from rich.console import Console

    from greenlane.engine.quote.tables import print_comparison

    console = Console(width=100, record=True, file=(tmp_path / "out").open("w", encoding="utf-8"))
    print_comparison(console, [quote(zz({"hs_code": None, "value": "400.00"}), _with_schedule(*LINES))])
    text = console.export_text()
    assert re.search(r"ZZ\b.*(not known +){2,}incomplete", text), text
    assert "For 1 of them the charges cannot be worked out." in text


def test_two_short_codes_are_varied_together() -> None:
    """The ends are those of all combinations, tried one by one."""
    context = _with_schedule(*LINES)
    lines = [{"hs_code": "6109", "value": "200.00"}, {"hs_code": "61", "value": "100.00"}]
    told = quote(zz(*lines), context).range
    assert told is not None and told["exact"]
    totals = [
        parse_scaled(
            quote(
                zz({"hs_code": a, "value": "200.00"}, {"hs_code": b, "value": "100.00"}), context
            ).outcome["total"], 2,
        )
        for a in ("61091000", "61099020", "61099090")
        for b in ("61091000", "61099020", "61099090", "61101100")
    ]  # fmt: skip
    ends = [parse_scaled(told[end]["total"], 2) for end in ("lowest", "highest")]
    assert ends == [min(totals), max(totals)]


def test_too_many_combinations_say_that_the_range_may_be_wider() -> None:
    """Seven items without code are varied one at a time, and that is said."""
    assert MOST_DECISIONS < 5**7
    found = quote(zz(*[{"hs_code": None, "value": "100.00"}] * 7), _with_schedule(*LINES))
    assert found.range is not None and not found.range["exact"]
    assert any("wider range" in e["message"] for e in found.estimates)


def test_goods_of_one_code_count_once_in_the_lowest() -> None:
    """EU flat duty: two lines of chapter 61 may be one kind of goods (3 euro) or two (6 euro)."""
    told = quote(parcel({"hs_code": "61"}, {"hs_code": "61"})).range
    assert told is not None
    assert (told["lowest"]["duty"], told["highest"]["duty"]) == ("3.00", "6.00")


def test_without_a_tariff_of_the_destination_it_is_said() -> None:
    """Australia: the codes are those of another publication; above 1,000 dollars the duty stays unknown."""
    made = parcel(
        {"hs_code": "42", "value": "1500.00"}, destination_country="AU", scheme=None, currency="AUD"
    )
    found = quote(made)
    assert found.range is not None
    assert found.range["lowest"] is None and not found.range["items"][0]["own_tariff"]
    assert any("no tariff of the destination is held" in e["message"] for e in found.estimates)
    assert found.outcome["total"] is None


def test_filings_still_refuse_short_codes() -> None:
    """What a quote takes, intake of filings does not; a quote's other fields are checked as in a filing."""
    short = json.dumps(parcel({"hs_code": "61"})).encode()
    from greenlane.messages.files import parse_object

    assert parse_object(short).consignments.height == 0
    assert read_given(short).batch.consignments.height == 1
    assert (
        read_given(json.dumps(parcel({"hs_code": "61"}, currency="XQZ")).encode()).batch.consignments.height
        == 0
    )
    for odd in ("6", "61x", "61 09", "0x61"):
        assert not read_given(json.dumps(parcel({"hs_code": odd})).encode()).batch.consignments.height


def test_a_price_needs_one_kind_of_goods() -> None:
    """With a code that leaves several rates no price is told, and the fix is named."""
    data = _priced(zz({"hs_code": "61", "value": "40.00"}), "100.00", _with_schedule(*LINES))
    assert data["status"] == "unsolved" and "digits of the tariff line" in data["reason"]


# -- the command ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["object", "array", "ndjson", "stdin"])
def test_the_command_reads_one_or_many(tmp_path: Path, form: str) -> None:
    """A file with an object, an array or lines, or standard input."""
    rows = [parcel(consignment_id=name) for name in ("A1", "A2")]
    lines = "\n".join(map(json.dumps, rows))
    text = {"object": json.dumps(rows[0]), "array": json.dumps(rows), "ndjson": lines, "stdin": lines}[form]
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    result = run("-", "--json", data=text.encode()) if form == "stdin" else run(path, "--json")
    assert result.exit_code == 0
    told = json.loads(result.output)
    assert (told["total"] if form == "object" else [one["total"] for one in told]) in ("11.36", ["11.36"] * 2)


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_tables_fit_their_terminal(width: int) -> None:
    """No line is wider than the terminal, and no amount is cut, at any width."""
    environment = {**os.environ, "COLUMNS": str(width), "NO_COLOR": "1"}
    command = [sys.executable, "-c", "from greenlane.cli import main; main()", "quote", str(MANY)]
    for more in ([], ["--to", "DE,GB,US,AU", "--in", "USD", "--detail", "GB"]):
        done = subprocess.run([*command, *more], capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, done.stderr
        lines = [line for line in done.stdout.splitlines() if not line.startswith("Input digest")]
        assert max(map(len, lines)) <= width
        assert "…" not in done.stdout
    assert re.search(r"Landed cost +\d+\.\d\d", done.stdout)


WRONG: dict[str, tuple[list[str], str]] = {
    "no country": (["--to", "DE,XQ"], "XQ is no country code of ISO 3166"),
    "a union": (["--to", "EU"], "EU is a union; name its members"),
    "nothing": (["--to", ","], "--to takes countries"),
    "no currency": (["--in", "DOL"], "DOL is no currency code of ISO 4217"),
    "negative": (["--total", "-5"], "--total: -5 is negative"),
    "decimals": (["--total", "1.234"], "more than 2 decimals"),
    "words": (["--total", "ten"], "write an amount in EUR like 180.00"),
    "too much": (["--total", "1" * 20], "more than intake accepts"),
    "currencies": (["--total", "50", "--to", "DE,GB"], "one currency at a time"),
    "detail": (["--to", "DE,FR", "--detail", "GB"], "GB is not among the destinations quoted: DE, FR"),
    "assume": (["--assume", "none.json"], "none.json"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_wrong_usage_names_the_fix(kind: str) -> None:
    """Wrong usage exits 2 with one line that says what to write."""
    words, said = WRONG[kind]
    result = run("-", *words, data=json.dumps(parcel()).encode())
    assert result.exit_code == 2
    assert said in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_two_with_one_id_are_refused() -> None:
    """Intake would take them for one consignment; the message says which records."""
    result = run("-", data=json.dumps([parcel(), parcel()]).encode())
    assert result.exit_code == 2
    assert "records 1 and 2 have the same consignment_id" in result.output


def test_a_bad_consignment_takes_no_other_away() -> None:
    """The good one is quoted, the bad one named, and the exit code is 1."""
    rows = [parcel(consignment_id="A1", currency="XQZ"), parcel(consignment_id="A2")]
    result = run("-", "--json", data=json.dumps(rows).encode())
    assert result.exit_code == 1
    assert [one["consignment_id"] for one in json.loads(result.stdout)] == ["A2"]
    assert "A1" in result.stderr


def test_a_destination_without_law_is_incomplete_beside_others() -> None:
    """A country that no pack covers is shown as incomplete; the others are quoted."""
    result = run("-", "--to", "DE,AQ", data=json.dumps(parcel()).encode())
    assert result.exit_code == 0, result.output
    assert re.search(r"AQ\b.*not known.*incomplete", result.output)
