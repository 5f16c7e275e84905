"""A minute of the fuzzer for every reader; `make fuzz SECONDS=…` goes on as long as you like."""

from pathlib import Path

import pytest

from fuzz import fuzz
from readers import READERS

SECONDS = 60


@pytest.mark.fuzz
@pytest.mark.parametrize("name", READERS)
def test_nothing_that_a_fuzzer_makes_breaks_a_reader(name: str, tmp_path: Path) -> None:
    """Each group of readers takes what is made of good messages for a minute: no crash, no hang, memory bounded."""
    (run,) = fuzz(SECONDS, 1, [name], tmp_path / "found")
    print(run.in_words())
    assert not run.words, run.words
    assert run.executions > 20 and run.covered > 100 and not run.failures
