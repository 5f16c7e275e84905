"""The law changed for one run: what an amendment replaces, what it leaves, and what it refuses."""

from datetime import date
from typing import Any

import pytest

from fuzzing import fresh_context
from greenlane.engine.context import context
from greenlane.engine.decider import decide_batch, decide_one, prepare
from greenlane.law.amendments import read_amendments
from greenlane.law.assumptions import Assumptions, read_assumptions
from greenlane.law.check import boundary_days
from greenlane.law.pack import Pack
from greenlane.law.parameters import Dated
from greenlane.messages.files import parse_object
from greenlane.packs import CODES, pack
from greenlane.values.errors import UsageError

ZZ = pack("zz").parameters


def amended(**change: Any) -> list[Dated]:
    """The values of the invented country's relief under one change."""
    name = change.pop("parameter", "zz.relief")
    held = read_amendments([{"parameter": name, **change}]).parameter(ZZ.by_id[name])
    return list(held.values["*"])


def first() -> Dated:
    return ZZ.by_id["zz.relief"].values["*"][0]


def test_from_a_day_on_it_replaces_all_that_follows() -> None:
    """What the pack says before the day stays; nothing that it says of later days does."""
    values = amended(value="7.00", **{"from": "2026-07-15"})
    assert [v.start for v in values if v.start > date(2026, 7, 15)] == []
    assert (values[-1].start, values[-1].value) == (date(2026, 7, 15), 700)
    assert values[0] == first()


def test_until_a_day_the_law_resumes_as_it_stood() -> None:
    """At the end of an amendment the pack's own value of that day holds again."""
    start, until = "2025-03-01", "2025-04-01"
    values = amended(value="7.00", **{"from": start, "until": until})
    own = ZZ.by_id["zz.relief"].at("*", date(2025, 4, 1), None)
    assert own is not None
    resumed = next(v for v in values if v.start == date(2025, 4, 1))
    assert resumed.value == own.value


def test_without_a_day_every_day_is_changed_and_none_is_added() -> None:
    """Each period has the new value, and a rule isn't in force before its time or after its repeal."""
    values = amended(value="7.00")
    own = ZZ.by_id["zz.relief"].values["*"]
    assert [(v.start, v.value) for v in values] == [(d.start, 700) for d in own]
    postal = pack("us").parameters.by_id["us.ieepa.reduced"]
    ended = read_amendments([{"parameter": postal.id, "value": "0.5"}]).parameter(postal)
    states = [d.state for d in postal.values["*"]]
    assert [d.state for d in ended.values["*"]] == states and "repealed" in states


def test_null_repeals() -> None:
    """A repealed parameter isn't in force."""
    assert [v.state for v in amended(value=None, **{"from": "2026-07-15"})][-1] == "repealed"


def test_the_pack_itself_is_not_changed() -> None:
    """Amendments make new values; the pack that all other runs read stays."""
    before = dict(ZZ.by_id["zz.relief"].values)
    amended(value="7.00")
    assert ZZ.by_id["zz.relief"].values == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": "1"}, "names a parameter"),
        ({"parameter": "zz.relief"}, "give a value"),
        ({"parameter": "zz.relief", "value": 1.5}, "quoted decimal"),
        ({"parameter": "zz.relief", "value": "1", "from": "2026-02-30"}, "no day of the calendar"),
        (
            {"parameter": "zz.relief", "value": "1", "from": "2026-02-02", "until": "2026-02-02"},
            "ends before",
        ),
        ({"parameter": "zz.relief", "value": "1", "until2": "2026-02-02"}, "unknown keys until2"),
        ({"parameter": "zz.relief", "value": "1", "certainty": "sure"}, "certainty is"),
    ],
)
def test_what_is_no_amendment_is_refused(change: dict[str, Any], words: str) -> None:
    """The message says which amendment and what is wrong with it."""
    with pytest.raises(UsageError, match=words):
        read_amendments([change])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"parameter": "zz.relie", "value": "1"}, "did you mean zz.relief"),
        ({"parameter": "qq.low_value", "value": "1"}, "no law pack 'qq'"),
        ({"parameter": "zz.relief", "value": "1.234"}, "zz.relief"),
        ({"parameter": "zz.relief", "value": "1", "key": "DE"}, "no members"),
    ],
)
def test_what_fits_no_parameter_is_refused_before_the_run(change: dict[str, Any], words: str) -> None:
    """A name that no pack knows, a value in the wrong unit, a member of a law without members."""
    with pytest.raises(UsageError, match=words):
        context(assumptions=read_assumptions({"amendments": [change]}), key=bytes(32))


def parcel(country: str, day: date, code: str = "610910") -> dict[str, Any]:
    return {
        "consignment_id": "A1", "transport_document": "A1", "channel": "express", "transaction": "b2b",
        "declaration_date": day.isoformat(), "departure_country": "CN", "destination_country": country,
        "currency": "USD", "freight": "5.00", "insurance": "0", "other_charges": "0", "freight_in_price": False,
        "carrier_fees": "0",
        "items": [{"item_id": "1", "description": "cotton T-shirt", "hs_code": code, "origin_country": "CN",
                   "quantity": "1", "unit": "C62", "value": "900.00", "gross_mass_kg": "1", "net_mass_kg": "1"}],
    }  # fmt: skip


def rates(law: Pack) -> list[str]:
    """Every parameter of a pack that is a rate; the standard rates of tax, which look-ups read, are among them."""
    return [name for name, parameter in law.parameters.by_id.items() if parameter.unit == "rate"]


@pytest.mark.parametrize("code", CODES)
def test_look_ups_follow_amendments(code: str) -> None:
    """Of whatever a pack's look-ups give, none still says a rate of the pack when every rate is another."""
    law = pack(code)
    changes = [{"parameter": name, "value": "0.123456789"} for name in rates(law)]
    if not changes:
        pytest.skip("the pack has no rates")
    run = fresh_context(read_assumptions({"amendments": changes}))
    resolver = run.resolver(code)
    own = {
        int(d.value) for name in rates(law) for series in law.parameters.by_id[name].values.values()
        for d in series if d.value
    } - {123456789}  # fmt: skip
    asked = 0
    for day in boundary_days(law):
        for family, lookup in law.lookups.items():
            if family.startswith(("fx", "tariff")):
                continue
            for goods in ("610910", "490199", "220830", "300490"):
                keys = tuple(_key(name, goods, law) for name in lookup.texts)
                for part, found in resolver.lookup(family, keys, day).parts.items():
                    if not isinstance(found.value, bool) and "rate" in part and found.source in _cites(law):
                        asked += 1
                        assert found.value not in own, f"{family}.{part} of {goods} on {day}"
    assert asked or not any("rate" in part for look in law.lookups.values() for part in look.parts)


def _cites(law: Pack) -> set[str]:
    every = (d for p in law.parameters.by_id.values() for series in p.values.values() for d in series)
    return {d.source.cite for d in every} | {"amendment of this run"}


def _key(name: str, goods: str, law: Pack) -> str | None:
    known = {"items.hs_code": goods, "destination_country": law.members[0], "items.origin_country": "CN"}
    regions = (key for p in law.parameters.by_id.values() if p.key == "region" for key in p.values)
    return next(regions, None) if name == "destination_region" else known.get(name)


def test_one_run_by_columns_and_by_integers_agree_under_amendments() -> None:
    """The German standard rate of VAT at 20 % from 1 September 2026: both evaluators, all sides of the day."""
    change = {"parameter": "eu.vat.standard", "key": "DE", "value": "0.20", "from": "2026-09-01"}
    run = fresh_context(read_assumptions({"amendments": [change]}))
    rates_found = []
    for day in (date(2026, 8, 31), date(2026, 9, 1)):
        prepared = prepare(parse_object(parcel("DE", day)), run)
        one = decide_one(prepared, 0, run)
        many = decide_batch(prepared, run)
        assert [c["rate"] for c in one["charges"]] == many.charges["rate"].to_list()
        assert one["law_version"] == many.outcomes["law_version"][0]
        rates_found.append(next(c["rate"] for c in one["charges"] if c["name"] == "vat"))
    assert rates_found == ["0.19", "0.20"] or rates_found == ["0.19", "0.2"]


def test_the_law_version_tells_amended_law_apart() -> None:
    """Another law has another version; law amended to what it is already has the same values."""
    plain = fresh_context(Assumptions()).versions("gb").law
    change = {"parameter": "gb.relief.limit", "value": "0"}
    other = fresh_context(read_assumptions({"amendments": [change]})).versions("gb").law
    assert other != plain and other.startswith("gb-")
