"""Feed every reader with what a coverage-guided fuzzer makes of good messages, and look for anything but an answer.

python tests/fuzz.py --seconds 60 --seed 7
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHARED = Path(os.environ.get("GREENLANE_SHARED", HERE.parents[1] / "shared"))
AT_ONCE = 2
LONGEST = 12 << 10
"""Bytes of an input."""
SLOW_S = 15
"""Seconds that one input may take, on a machine that does other things too."""
MEMORY_MB = 1_500
"""What a process may hold after many inputs; the program without any input holds 140."""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of fuzzing one group of readers."""

    reader: str
    seconds: float
    executions: int
    covered: int
    peak_mb: int
    failures: tuple[Path, ...]
    words: str

    def in_words(self) -> str:
        """Return the run as a line."""
        end = (
            "nothing found"
            if not self.failures and not self.words
            else f"FOUND {[str(p) for p in self.failures]}"
        )
        return (
            f"{self.reader:15} {self.seconds:7,.0f} s {self.executions:10,} inputs, {self.covered:6,} edges, "
            f"{self.peak_mb:5,} MB at most: {end}"
        )


def installed() -> bool:
    """Say whether the fuzzer is there."""
    return find_spec("atheris") is not None


def fuzz(seconds: int, seed: int, names: list[str], found: Path, grown: Path | None = None) -> list[Run]:
    """Fuzz the readers of *names*, two at a time, each in a process of its own.

    Args:
        seconds: For each reader.
        seed: Makes a run repeatable, as far as the fuzzer's clock lets it.
        names: Of `readers.READERS`.
        found: Folder for the inputs at fault.
        grown: Folder where what was learnt is kept for the next run; null: it is thrown away.
    """
    found.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="greenlane-fuzz-") as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        keep = grown or Path(folder)
        return list(pool.map(lambda name: _run(name, seconds, seed, found, keep), names))


def _run(name: str, seconds: int, seed: int, found: Path, grown: Path) -> Run:
    begun = time.monotonic()
    command = [sys.executable, __file__, "--only", name, "--seconds", str(seconds), "--seed", str(seed)]
    command += ["--found", str(found), "--grown", str(grown)]
    # It imports for seconds and reads first what was learnt before; whatever stands still for minutes longer is a hang.
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=2 * seconds + 300, check=False
        )
        said, code = done.stderr + done.stdout, done.returncode
    except subprocess.TimeoutExpired as expired:
        said, code = (expired.stderr or b"").decode(errors="replace") + "\nit did not end", -1
    left = tuple(sorted(path for path in found.glob(f"{name}-*") if path.is_file()))
    told = re.findall(r"^#(\d+)\s.*?cov: (\d+)", said, re.M)
    executions = re.findall(r"stat::number_of_executed_units: +(\d+)", said) or [
        count for count, _ in told[-1:]
    ]
    peak = re.findall(r"stat::peak_rss_mb: +(\d+)", said) or re.findall(r"rss: (\d+)Mb", said)[-1:]
    return Run(
        name,
        time.monotonic() - begun,
        int(executions[-1]) if executions else 0,
        int(told[-1][1]) if told else 0,
        int(peak[-1]) if peak else 0,
        left,
        "" if code == 0 else _told(said),
    )


def _told(said: str) -> str:
    """Return the end of what a fuzzer said, without what it says always."""
    lines = [line for line in said.splitlines() if not re.match(r"INFO:|WARNING:|#\d+\s|stat::|\"\\", line)]
    return "\n".join(lines[-40:])


def _only(name: str, seconds: int, seed: int, found: Path, grown: Path) -> None:
    """Fuzz one group of readers in this process; it does not come back."""
    import atheris

    with atheris.instrument_imports(include=["greenlane.messages"]):
        from greenlane.messages.families import formats
        from readers import READERS

        formats()

    from fuzz_mutations import mutation

    reader = READERS[name]
    seeds = [path.read_bytes() for path in reader.seeds()] + _official(name)
    good = [path.read_bytes() for path in reader.seeds() if not path.name.startswith("fault-")]
    # Which function Mutate is, is settled by the start.
    change = mutation(reader.kind, good, lambda data, most: bytes(atheris.Mutate(data, most)))

    def one(data: bytes) -> None:
        reader.read(data, zlib.crc32(data))

    with tempfile.TemporaryDirectory(prefix="greenlane-fuzz-") as folder:
        for number, data in enumerate(seeds):
            (Path(folder) / f"{number:04}").write_bytes(data)
        own = grown / name
        own.mkdir(parents=True, exist_ok=True)
        atheris.Setup(
            [
                sys.argv[0],
                f"-max_total_time={seconds}",
                f"-seed={seed}",
                f"-timeout={SLOW_S}",
                f"-rss_limit_mb={MEMORY_MB}",
                f"-max_len={LONGEST}",
                f"-artifact_prefix={found}/{name}-",
                "-print_final_stats=1",
                str(own),
                folder,
            ],
            one,
            custom_mutator=change,
        )
        atheris.Fuzz()


def _official(name: str) -> list[bytes]:
    """Return published messages where they stand beside the checkout; they are read, never kept."""
    if name != "wco" or not SHARED.is_dir():
        return []
    found = sorted((SHARED / "samples" / "hmrc-wco-dm36" / "examples").rglob("*.xml"))
    return [path.read_bytes() for path in found if path.stat().st_size <= LONGEST]


def main() -> int:
    """Run from the command line."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=int, default=60, help="for each reader")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--reader", action="append", help="a reader; by default all of them")
    asked.add_argument(
        "--found", type=Path, default=Path("fuzz-found"), help="where inputs at fault are kept"
    )
    asked.add_argument("--grown", type=Path, help="where what is learnt is kept for the next run")
    asked.add_argument("--only", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if not installed():
        print("atheris is not installed: pip install 'greenlane[fuzz]'", file=sys.stderr)
        return 2
    if given.only:
        _only(given.only, given.seconds, given.seed, given.found, given.grown)
    names = given.reader or [path.name for path in sorted((HERE / "corpus").iterdir())]
    runs = fuzz(given.seconds, given.seed, names, given.found, given.grown)
    for run in runs:
        print(run.in_words())
        if run.words:
            print(run.words)
    print(
        json.dumps(
            {
                "executions": sum(run.executions for run in runs),
                "hours": round(sum(r.seconds for r in runs) / 3600, 2),
            }
        )
    )
    return 1 if any(run.words or run.failures for run in runs) else 0


if __name__ == "__main__":
    sys.exit(main())
