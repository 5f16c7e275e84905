"""Read every hostile case for one reader, each in a process of its own that may use so much and no more.

python tests/hostile_child.py wco
"""

import gc
import json
import os
import resource
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import hostile_flat
import hostile_packed
import hostile_xml
from greenlane.desk.weight import holds_more
from greenlane.messages.families import formats
from greenlane.messages.files_sniff import GZIP
from greenlane.values.finding import kind_of
from hostile import MB, Case, Made, of_bytes, opened
from readers import DAY, FORMATS, MARK, READERS, Reader, read_file

SHAPES: dict[str, tuple[Callable[[], Iterator[Case]], ...]] = {
    "xml": (of_bytes, hostile_xml.cases, hostile_packed.archives),
    "edifact": (of_bytes, hostile_flat.edifact, hostile_packed.archives),
    "csv": (of_bytes, hostile_flat.table, hostile_packed.archives),
    "json": (of_bytes, hostile_flat.objects, hostile_packed.archives),
    "parquet": (hostile_packed.parquet, hostile_packed.archives),
    "pdf": (of_bytes, hostile_packed.pdf, hostile_packed.archives),
}
GOOD = {
    "wco": "declaration.xml",
    "ics2": "post.xml",
    "ceb": "621.xml",
    "placi": "house.xml",
    "postal-xml": "postal-itmatt-xml.xml",
    "postal-edifact": "una.edi",
    "postal-pdf": "postal-cn22.pdf",
    "us86": "two.csv",
    "own-json": "one.json",
    "own-csv": "two.csv",
    "own-parquet": "plain.parquet",
}
"""The message of the corpus that the cases are made of."""
WHOLE = 24 * MB
"""What is no larger is read as a whole, too, and by every reader of the group."""
MOST_CPU_S = 60
MOST_AS = 2 << 30


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one case: codes that were found, processor time, memory beyond what was held before, and the fault."""

    name: str
    codes: list[str]
    cpu_s: float
    peak_mb: int
    fault: str = ""


def read(reader: Reader, made: Made) -> set[str]:
    """Read a case by every reader of the group that takes so much."""
    found: set[str] = set()
    if reader.kind in ("csv", "json", "parquet") and reader.name not in FORMATS:
        with tempfile.TemporaryDirectory(prefix="greenlane-hostile-") as folder:
            path = Path(folder) / "sent"
            with path.open("wb") as file, opened(made) as source:
                while block := source.read(MB):
                    file.write(block)
            found |= set(read_file(path, Path(folder) / "work", None))
    else:
        for name in FORMATS[reader.name]:
            with opened(made) as source:
                for message in formats()[name].stream(source, DAY):
                    for one in message.findings:
                        kind_of(one.code)
                        found.add(one.code)
                        if MARK in one.message:
                            raise AssertionError(f"{one.code} repeats a name")
    if len(made) <= WHOLE and reader.kind != "parquet" and reader.name != "own-csv":
        whole = made if isinstance(made, bytes) else made.whole()
        # What holds more records than a filing that is decided at once is read from a file alone.
        if reader.name != "own-json" or not holds_more(whole):
            found |= set(reader.read(whole, None))
    return found


def _one(reader: Reader, case: Case, good: bytes) -> Told:
    made = case.make(good)
    gc.collect()
    before, spent = _held_mb(), resource.getrusage(resource.RUSAGE_SELF)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    fault, codes = "", set[str]()
    try:
        codes = read(reader, made)
    except BaseException:  # noqa: BLE001 - whatever comes is what is looked for
        fault = traceback.format_exc()[-3_000:]
    now = resource.getrusage(resource.RUSAGE_SELF)
    cpu = now.ru_utime + now.ru_stime - spent.ru_utime - spent.ru_stime
    return Told(case.name, sorted(codes), round(cpu, 3), _peak_mb() - before, fault)


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) >> 10 for line in lines if line.startswith(name))


def _held_mb() -> int:
    return _status("VmRSS:")


def _peak_mb() -> int:
    return _status("VmHWM:")


def _apart(reader: Reader, case: Case, good: bytes) -> Told:
    """Read one case in a fork of this process, which has imported everything and done nothing."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(out)
        resource.setrlimit(resource.RLIMIT_AS, (_status("VmSize:") * MB + MOST_AS,) * 2)
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with os.fdopen(into, "w", encoding="utf-8") as told:
            json.dump(asdict(_one(reader, case, good)), told)
        os._exit(0)
    os.close(into)
    with os.fdopen(out, encoding="utf-8") as told:
        text = told.read()
    _, status = os.waitpid(child, 0)
    return Told(**json.loads(text)) if text else Told(case.name, [], 0, 0, f"ended with status {status}")


def main(name: str, chosen: str = "") -> None:
    """Print what came of each case, a line of JSON each."""
    reader = READERS[name]
    good = next(path for path in reader.seeds() if path.name == GOOD[name]).read_bytes()
    formats()
    assert not good.startswith(GZIP)
    gc.collect()
    gc.freeze()  # or each child would look at, and so copy, all that was imported before it begins
    for cases in SHAPES[reader.kind]:
        for case in cases():
            if chosen in case.name:
                print(json.dumps(asdict(_apart(reader, case, good))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
