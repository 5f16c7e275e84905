"""What a pack's YAML may not say: each is refused with the parameter's name and what to write instead."""

from typing import Any

import pytest
import yaml

from greenlane.law.goods import read_groups
from greenlane.law.parameters import Source, read_parameters
from greenlane.values.errors import LawError

WHOLE = """
sources:
  act: {cite: "ZZ Act art. 1", url: "https://law.example/1"}
parameters:
- id: zz.rate
  name: Rate by origin
  unit: rate
  key: origin
  values:
    "NO":
    - {from: 2026-01-01, recorded: 2026-01-01, value: "0.10", source: act, certainty: certain}
    "ON":
    - {from: 2026-01-01, recorded: 2026-01-01, value: "0.20", source: act, certainty: certain}
"""
GROUP = """
goods:
- id: zz.goods.food
  name: live animals
  effect: vat_rate
  prefixes: [PREFIX]
  unit: rate
  values:
  - {from: 2026-01-01, recorded: 2026-01-01, value: "0", source: act, certainty: certain}
"""


def _read(text: str) -> Any:
    return read_parameters(yaml.safe_load(text), "zz")


def test_quoted_keys_are_countries() -> None:
    """Norway and Ontario stay what they are."""
    assert _read(WHOLE).by_id["zz.rate"].keys() == ("NO", "ON")


@pytest.mark.parametrize("key", ["NO", "ON"])
def test_a_key_that_yaml_takes_for_a_truth_value_is_refused(key: str) -> None:
    """Unquoted, Norway would be False, and no consignment would ever find its rate."""
    with pytest.raises(LawError, match=r"zz\.rate: key (True|False) is no text; quote it"):
        _read(WHOLE.replace(f'"{key}"', key))


@pytest.mark.parametrize(
    ("written", "instead", "says"),
    [
        ('value: "0.10"', "value: 0.10", "quoted decimal"),
        ("source: act, certainty: certain}", "certainty: certain}", "needs a source"),
        ("certainty: certain}", "certainty: sure}", "certainty is certain"),
        ("certainty: certain}", 'rival: "0.2", certainty: contested}', "states the question"),
        ("from: 2026-01-01,", 'from: "January",', "are dates"),
        ("unit: rate", "unit: percent", "unit is rate"),
        ("key: origin", "keyed: origin", "unknown keys"),
    ],
)
def test_what_is_not_whole_is_refused(written: str, instead: str, says: str) -> None:
    """A float, a value without source, certainty or date, a rival without question, a key of no meaning."""
    with pytest.raises(LawError, match=says):
        _read(WHOLE.replace(written, instead, 1))


def test_a_prefix_is_quoted() -> None:
    """Unquoted, 0105 would be the octal number 69, and the group would hold other goods."""
    sources = {"act": Source("ZZ Act art. 1", "https://law.example/1")}
    quoted = yaml.safe_load(GROUP.replace("PREFIX", '"0105"'))
    assert read_groups(quoted, "zz", sources)[0].groups[0].prefixes == ("0105",)
    with pytest.raises(LawError, match="prefixes of digits, quoted"):
        read_groups(yaml.safe_load(GROUP.replace("PREFIX", "0105")), "zz", sources)
