"""Published worked cases of the low-value regimes, each run through intake, law and decision."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from fuzzing import HELD, fresh_context
from greenlane.engine.decider import decide_one, prepare
from greenlane.law.assumptions import read_assumptions
from greenlane.messages.files import parse_object
from greenlane.packs import pack

ROLES: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("oracles.yaml").read_text(encoding="utf-8"))
CASES: dict[str, dict[str, Any]] = ROLES["cases"]
ABSENT: dict[str, list[str]] = ROLES["absent"]
CLASSES = ("outcome", "step", "formula-only")


@pytest.fixture(scope="session")
def worked(shared: Path) -> dict[str, dict[str, Any]]:
    """Every worked case by its id."""
    lines = (shared / "law" / "worked_cases.ndjson").read_text(encoding="utf-8").splitlines()
    return {case["id"]: case for case in map(json.loads, lines)}


@pytest.mark.shared
def test_every_case_has_its_place(worked: dict[str, dict[str, Any]]) -> None:
    """No case is skipped in silence: each is run, or listed under a jurisdiction that has no pack."""
    absent = {name: code for code, names in ABSENT.items() for name in names}
    assert {*CASES, *absent} == set(worked)
    assert not set(CASES) & set(absent)
    for name, case in worked.items():
        if name in absent:
            assert case["jurisdiction"] == absent[name]
            assert case["jurisdiction"] not in HELD, f"{name}: a pack exists now, so the case must run"


@pytest.mark.parametrize("name", CASES)
def test_each_role_is_whole(name: str) -> None:
    """A role names its class; a moved day and a figure that we answer otherwise say why."""
    role = CASES[name]
    assert role["class"] in CLASSES
    assert ("day" in role) == (role["class"] == "formula-only")
    if {"day", "set", "assume", "differs"} & set(role):
        assert role["why"]


@pytest.mark.shared
@pytest.mark.parametrize("name", CASES)
def test_worked_case(name: str, worked: dict[str, dict[str, Any]]) -> None:
    """The outcome has every field that the case states, within its tolerance, or our own where we differ."""
    case, role = worked[name], CASES[name]
    outcome = decided(case, role)
    expected = {key: value for key, value in case["expected"].items() if key != "charges"}
    for field, answer in role.get("differs", {}).items():
        assert expected[field] != answer, f"{field} no longer differs"
        expected[field] = answer
    tolerance = Decimal(case["tolerance"])
    for field, value in expected.items():
        assert near(outcome[field], value, tolerance), f"{field}: expected {value}, got {outcome[field]}"
    for charge in case["expected"].get("charges", ()):
        assert any(
            all(near(found[field], value, tolerance) for field, value in charge.items())
            for found in outcome["charges"]
        ), f"no charge {charge} among {outcome['charges']}"


def decided(case: dict[str, Any], role: dict[str, Any]) -> dict[str, Any]:
    """Run one case as its role says."""
    facts = {**case["consignment"], **role.get("set", {})}
    law = pack(case["jurisdiction"])
    if "day" in role:
        assert law.formula_at(date.fromisoformat(facts["declaration_date"])) is None
        facts["declaration_date"] = role["day"].isoformat()
    context = fresh_context(read_assumptions({**case["reference"], **role.get("assume", {})}))
    batch = parse_object(facts)
    assert batch.consignments.height == 1, batch.findings.to_dicts()
    return decide_one(prepare(batch, context), 0, context)


def near(found: Any, expected: Any, tolerance: Decimal) -> bool:
    """Whether an answer is the one expected; amounts may lie apart by the case's tolerance."""
    if found is None or not isinstance(expected, str) or not expected[:1].isdigit():
        return bool(found == expected)
    return abs(Decimal(found) - Decimal(expected)) <= tolerance
