"""Identifiers and digests: shapes, check digits, canonical JSON."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenlane.values.digest import canonical_json, sha256_hex
from greenlane.values.identifiers import (
    Verdict,
    check_abn,
    check_arn,
    check_eori,
    check_eu_vat,
    check_gb_vat,
    check_gtin,
    check_ioss,
    check_locode,
    check_pccc,
    check_s10,
    check_unit,
    s10_check_digit,
)

CHECKS = (
    check_abn,
    check_arn,
    check_eori,
    check_eu_vat,
    check_gb_vat,
    check_gtin,
    check_ioss,
    check_locode,
    check_pccc,
    check_s10,
    check_unit,
)


@pytest.mark.shared
def test_s10_vectors(shared: Path) -> None:
    """Every published and computed S10 vector gives its check digit, and any other digit fails."""
    rows = list(csv.DictReader((shared / "samples/postal/s10_vectors.csv").open()))
    assert len(rows) >= 8
    for row in rows:
        assert s10_check_digit(row["serial8"]) == int(row["check"])
        for digit in range(10):
            verdict = check_s10(f"RR{row['serial8']}{digit}CN")
            assert (verdict is Verdict.OK) == (digit == int(row["check"]))


@pytest.mark.parametrize("check", CHECKS)
@given(text=st.text(max_size=20))
def test_no_text_breaks_a_check(check: object, text: str) -> None:
    """A check takes any text and gives a verdict; text outside ASCII is always malformed."""
    verdict = check(text)  # type: ignore[operator]
    assert isinstance(verdict, Verdict)
    if not text.isascii() or text.endswith("\n"):
        assert verdict is Verdict.MALFORMED


@given(digits=st.integers(0, 10**12 - 1))
def test_gtin_has_one_right_check_digit(digits: int) -> None:
    """Of the ten GTIN-13 that begin alike exactly one is right."""
    right = [d for d in range(10) if check_gtin(f"{digits:012}{d}") is Verdict.OK]
    assert len(right) == 1


def test_ioss_of_contract_and_sample() -> None:
    """The contract's number passes; one whose digits name no member state gets the warning verdict."""
    assert check_ioss("IM3720000224") is Verdict.OK
    assert check_ioss("IM5532027340") is Verdict.BAD_CHECK_DIGIT
    assert check_ioss("im3720000224") is Verdict.MALFORMED


def test_canonical_json_is_one_text_for_one_value() -> None:
    """Order of keys and composition of accents do not matter, floats and clashing keys are refused."""
    assert canonical_json({"b": 1, "a": "e\u0301"}) == canonical_json({"a": "\u00e9", "b": 1})
    assert sha256_hex(canonical_json({})) == sha256_hex(b"{}")
    with pytest.raises(TypeError):
        canonical_json({"a": 1.5})
    with pytest.raises(ValueError, match="same text"):
        canonical_json({"\u00e9": 1, "e\u0301": 2})


@given(st.dictionaries(st.text(max_size=5), st.integers(), max_size=5))
def test_canonical_json_ignores_order(value: dict[str, int]) -> None:
    """A dict built in another order gives the same bytes."""
    try:
        expected = canonical_json(value)
    except (ValueError, UnicodeEncodeError):
        return
    assert canonical_json(dict(reversed(value.items()))) == expected
