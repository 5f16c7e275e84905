"""The pages of the law: every pack on every boundary day, in words and as data."""

import json
from datetime import date, timedelta

import pytest

from fuzzing import HELD
from greenlane.assess.changes import diff, diff_data, timeline, timeline_data
from greenlane.assess.pages import list_packs, show, show_data
from greenlane.law.check import boundary_days
from greenlane.law.pack import assessment_of
from greenlane.packs import CODES, pack
from greenlane.values.errors import UsageError


@pytest.mark.parametrize("code", HELD)
def test_every_day_of_change_has_its_page(code: str) -> None:
    """A page names the formula, every charge with its article, and no code of Python's own."""
    law = pack(code)
    for day in boundary_days(law):
        page, data = show(law, day), show_data(law, day)
        formula = law.formula_at(day)
        assert formula is not None
        assert formula.id in page and data["law_version"] in page
        assert {charge["rule"] for charge in data["charges"]} == {
            c.rule for c in assessment_of(formula).charges
        }
        assert all(charge["rule"] in page for charge in data["charges"])
        assert "None" not in page and "Node(" not in page
        assert max(len(line) for line in page.splitlines()) <= 160
        json.dumps(data)


def test_a_value_shows_article_certainty_and_the_other_reading() -> None:
    """A value comes with its first day, its certainty, its article, and the other reading."""
    page = " ".join(show(pack("eu"), date(2026, 7, 2)).split())
    assert "Flat customs duty on low-value distance sales" in page
    assert "3.00 EUR since 1 July 2026, certain [Council Reg. (EU) 2026/382]" in page
    assert "Whether the flat duty enters the IOSS tax base? Otherwise yes" in page
    assert "owed by the buyer, paid by the carrier" in page


def test_what_was_known_then() -> None:
    """As known before an act was recorded, its value isn't there yet."""
    law, day = pack("zz"), date(2026, 7, 2)
    now = {v["id"]: v["values"][0]["value"] for v in show_data(law, day)["values"]}
    then = {v["id"]: v["values"][0]["value"] for v in show_data(law, day, date(2026, 1, 1))["values"]}
    assert (now["zz.relief"], then["zz.relief"]) == ("100.00 ZZD", "150.00 ZZD")
    assert "as known on 1 January 2026" in show(law, day, date(2026, 1, 1))


@pytest.mark.parametrize("code", HELD)
def test_differences_are_the_changes_in_between(code: str) -> None:
    """Between a day and the day before, what differs is what begins on that day."""
    law = pack(code)
    for day in boundary_days(law):
        before = day - timedelta(days=1)
        if before < law.start:
            continue
        data = diff_data(law, before, day)
        assert {change["since"] for change in data["values"]} <= {day.isoformat()}
        begins = any(formula.start == day for formula in law.formulas)
        assert (data["formulas"] is not None) == begins
        json.dumps(data)
    assert "nothing changes" in diff(law, law.start, law.start)


def test_the_day_of_the_flat_duty() -> None:
    """On 1 July 2026 the Union's relief ends and the flat duty begins, and the page says so."""
    words = " ".join(diff(pack("eu"), date(2026, 6, 30), date(2026, 7, 1)).split())
    assert "150.00 EUR becomes none in force, since 1 July 2026" in words
    assert "new: flat duty (eu.flat_duty.ioss): owed by the seller or the platform" in words


@pytest.mark.parametrize("code", HELD)
def test_a_timeline_holds_every_value(code: str) -> None:
    """Each value of each parameter stands in the timeline on its day, in order."""
    law = pack(code)
    events = timeline_data(law)
    values = [event for event in events if event["what"] == "value"]
    series = [s for parameter in law.parameters.by_id.values() for s in parameter.values.values()]
    assert len(values) == sum(map(len, series))
    assert [event["day"] for event in events] == sorted(event["day"] for event in events)
    words = " ".join(timeline(law).split())
    assert "unknown, unknown [" not in words.replace("amount unknown, unknown [", "")


def test_a_day_that_no_pack_covers_is_refused() -> None:
    """Outside the span there is no page, and the message gives the span."""
    with pytest.raises(UsageError, match="2024-01-01"):
        show(pack("zz"), date(2020, 1, 1))


def test_every_pack_is_listed() -> None:
    """One row a pack, with its span and countries."""
    rows = list_packs()
    assert [row["code"] for row in rows] == list(CODES)
    assert all(row["from"] and row["countries"] and row["parameters"] for row in rows)


def test_a_value_stands_since_it_first_read_so() -> None:
    """A newer source for the same rate doesn't make the rate begin later."""
    page = " ".join(show(pack("za"), date(2026, 5, 1)).split())
    assert "15 % since 1 April 2018; from 1 April 2026 certain [Government Notice 6157" in page
    values = {v["id"]: v["values"][0] for v in show_data(pack("za"), date(2026, 5, 1))["values"]}
    assert (values["za.vat.standard"]["since"], values["za.vat.standard"]["from"]) == (
        "2018-04-01",
        "2026-04-01",
    )


def test_a_certainty_that_falls_is_a_change() -> None:
    """Where the value stays and its source no longer bears it out, the difference says so."""
    words = " ".join(diff(pack("mx"), date(2025, 12, 31), date(2026, 1, 1)).split())
    assert (
        "Global rate by courier: 33.5 % as before, certain becomes unverified, since 1 January 2026" in words
    )


def test_equal_changes_of_origins_stand_together() -> None:
    """The end of one duty for many origins is one entry, not one for each."""
    words = " ".join(diff(pack("us"), date(2026, 2, 23), date(2026, 2, 24)).split())
    assert "IEEPA duty against the trade in fentanyl [CN, HK]: 10 % becomes none in force" in words
    assert words.count("The reciprocal rate counts the ordinary duty in") == 1


def test_a_timeline_tells_what_never_applied() -> None:
    """Of two values for one first day, the earlier known says when it was replaced."""
    words = " ".join(timeline(pack("za")).split())
    assert "VAT: 15.5 %, never applied, replaced on 24 April 2025, certain" in words
    assert "VAT: 15 %, certain [Government Notice 6157" in words
    then = " ".join(timeline(pack("za"), date(2025, 4, 1)).split())
    assert "VAT: 15.5 %, certain" in then
    late = " ".join(timeline(pack("us")).split())
    assert "replaced from this day on by what became known on 4 September 2025" in late
