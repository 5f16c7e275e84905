"""Hostile input of every kind, for every reader: an answer, soon, in little memory, and never an echo."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import hostile_child
from greenlane.messages.families import formats
from readers import FORMATS, READERS

MOST_CPU_S = 40
"""Processor time of one case; the largest inputs are 100 MB."""
MOST_MB = 700
"""Memory beyond the program's own: of a tree of 16 MiB of XML, of a block of CSV, of a source read as a whole."""
CHILD = Path(hostile_child.__file__)
CORPUS = [
    pytest.param(reader, path, id=f"{reader}-{path.name}")
    for reader in READERS
    for path in READERS[reader].seeds()
]


def test_every_format_has_its_reader_here() -> None:
    """No format of the registry is left out of the catalogue, the corpus and the fuzzer."""
    assert {name for group in FORMATS.values() for name in group} == set(formats())


def _run(name: str) -> list[hostile_child.Told]:
    done = subprocess.run([sys.executable, str(CHILD), name], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    return [hostile_child.Told(**json.loads(line)) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("name", READERS)
def test_hostile_input_is_answered(name: str) -> None:
    """Each case of the catalogue ends with findings, without an exception, in bounded time and memory."""
    expected = {
        case.name: case.code for cases in hostile_child.SHAPES[READERS[name].kind] for case in cases()
    }
    told = _run(name)
    assert [one.name for one in told] == list(expected)
    wrong = [f"{one.name}: {one.fault}" for one in told if one.fault]
    wrong += [f"{one.name}: {one.cpu_s} s" for one in told if one.cpu_s > MOST_CPU_S]
    wrong += [f"{one.name}: {one.peak_mb} MB" for one in told if one.peak_mb > MOST_MB]
    wrong += [
        f"{one.name}: {one.codes}"
        for one in told
        if expected[one.name] and expected[one.name] not in one.codes
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("name", "path"), CORPUS)
def test_the_corpus_is_read(name: str, path: Path) -> None:
    """Good messages are read without an error of form; what once broke a reader breaks none."""
    codes = READERS[name].read(path.read_bytes(), None)
    if path.name.startswith("fault-"):
        assert codes


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=200), reader=st.sampled_from(sorted(READERS)))
def test_noise_is_answered(data: bytes, reader: str) -> None:
    """Bytes of no meaning get findings from every reader."""
    assert READERS[reader].read(data, None)
