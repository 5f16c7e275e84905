"""The page of open points says of each parameter what the packs hold."""

import re
from datetime import date
from pathlib import Path

import pytest

from greenlane.packs import pack

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "open-points.md"
DAY = date(2026, 11, 23)
HELD = re.compile(r"((?:`[a-z0-9_.]+`(?:, | and )?)+) (?:is|are) (certain|unverified|contested|unknown)")
TEXT = PAGE.read_text(encoding="utf-8")
POINTS = TEXT.split("\n## ")[1:]


def test_there_are_ten_points_and_each_says_what_is_held() -> None:
    """Each point has the parameters that answer it."""
    assert len(POINTS) == 10
    assert all(HELD.search(point.partition("**Held:**")[2]) for point in POINTS)


@pytest.mark.parametrize("point", POINTS, ids=lambda point: str(point).splitlines()[0])
def test_certainty_on_the_page_is_that_of_the_pack(point: str) -> None:
    """A value that was raised or lowered in a pack is raised or lowered on the page."""
    held = point.partition("**Held:**")[2].partition("\n\n")[0]
    for names, word in HELD.findall(held):
        for name in re.findall(r"`([^`]+)`", names):
            parameter = pack(name.partition(".")[0]).parameters.by_id[name]
            found = {parameter.at(key, DAY, None) for key in parameter.values}
            sure = {one.certainty.word for one in found if one is not None and one.state != "repealed"}
            told = sure or {one.certainty.word for one in found if one is not None}
            assert word in told, f"{name}: the page says {word}, the pack {told}"


def test_every_parameter_named_on_the_page_exists() -> None:
    """A name in the text leads to a parameter of a pack."""
    for name in set(re.findall(r"`((?:eu|gb|us|br|eaeu|mx|tr|vn|za)\.[a-z0-9_.]+)`", TEXT)):
        assert name in pack(name.partition(".")[0]).parameters.by_id
