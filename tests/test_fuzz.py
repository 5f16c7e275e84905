"""A minute of the fuzzer for every reader; `make fuzz SECONDS=…` goes on as long as you like."""

from pathlib import Path

import pytest

from fuzz import fuzz
from readers import READERS

SECONDS = 60


@pytest.mark.fuzz
def test_nothing_that_a_fuzzer_makes_breaks_a_reader(tmp_path: Path) -> None:
    """Each group of readers takes what is made of good messages for a minute: no crash, no hang, memory bounded."""
    runs = fuzz(SECONDS, 1, list(READERS), tmp_path / "found")
    print("\n".join(run.in_words() for run in runs))
    assert [run.words for run in runs if run.words] == []
    assert all(run.executions > 20 and run.covered > 100 and not run.failures for run in runs)
