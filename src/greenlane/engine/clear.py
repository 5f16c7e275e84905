"""The bulk run: files in, one outcome a consignment out, on as many processes as asked for.

Parts are cut the same way whatever the number of workers, so that outcomes do not depend on it. A part is
finished when its state file stands; a run that was killed goes on from there.
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from greenlane import __version__
from greenlane.engine.amend import INPUT_GONE, batch_of, leave_out, part_state
from greenlane.engine.context import context, local_key
from greenlane.engine.foreign_input import ForeignInput, foreign_input, is_foreign
from greenlane.engine.output import FORMATS, read_part_rows, sha256_of, write_json
from greenlane.engine.processes import Progress, processes, silent
from greenlane.engine.report import write_report
from greenlane.engine.tasks import (
    PartResult,
    RunSettings,
    Task,
    run_part,
    start_worker,
)
from greenlane.engine.together import add_up
from greenlane.law.assumptions import read_assumptions
from greenlane.measure.summary import merge
from greenlane.messages.files import Part, Source, open_source, read_part
from greenlane.packs import packs_digest
from greenlane.values.errors import UsageError

ITEMS_PER_PART = 250_000

_STDIN = re.compile(r"stdin-\d+")
_OS_FAULT = re.compile(r"IO error: (.+?) \(os error \d+\)")
"""How Polars words what the operating system refused, such as a disk that is full."""


@dataclass(slots=True)
class RunReport:
    """What a run did."""

    out: Path
    summary: dict[str, Any]
    findings: list[dict[str, Any]]
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def rejected(self) -> int:
        """Consignments that intake refused."""
        return int(self.summary["run"]["rejected"])


def clear(
    files: Iterable[Path],
    out: Path,
    *,
    workers: int | None = None,
    form: str = "parquet",
    known_at: date | None = None,
    resume: bool = False,
    store: Path | None = None,
    assumed: dict[str, Any] | None = None,
    progress: Progress | None = None,
    items_per_part: int = ITEMS_PER_PART,
    command: str = "",
    group_sums: bool = True,
    received: date | None = None,
) -> RunReport:
    """Clear files of consignments into a folder.

    Args:
        files: Parquet, CSV, NDJSON or JSON in the contract's form, or foreign messages; ``-`` is standard input.
        out: Folder of the results; one that holds a finished run takes the new consignments in beside the old.
        workers: Processes; None is one a core. Outcomes do not depend on it.
        form: ``parquet``, ``csv`` or ``ndjson`` for the results.
        known_at: Law and reference data as known on this day; None is all that is held.
        resume: Go on with a run that was interrupted in *out*; the inputs and settings must be the same.
        store: Reference store; None is the default one.
        assumed: The JSON of ``--assume``.
        items_per_part: Items of one unit of work.
        group_sums: False leaves split orders and ids filed twice unseen; it serves to measure what they cost.
        received: Declaration date of a foreign message that tells none; without it no such message is read.
    Raises:
        UsageError: A file cannot be read, *out* holds an unfinished run, or an input changed since it began.
    """
    if form not in FORMATS:
        raise UsageError(f"--format is one of {', '.join(FORMATS)}")
    run = _Run(
        out,
        form,
        resume,
        known_at,
        store,
        assumed or {},
        items_per_part,
        progress or silent,
        command,
        group_sums,
        received,
    )
    return run.go([Path(file) for file in files], workers or os.cpu_count() or 1)


class _Run:
    def __init__(
        self,
        out: Path,
        form: str,
        resume: bool,
        known_at: date | None,
        store: Path | None,
        assumed: dict[str, Any],
        items_per_part: int,
        progress: Progress,
        command: str,
        group_sums: bool,
        received: date | None,
    ) -> None:
        self.out, self.form, self.resume, self.progress = out, form, resume, progress
        self.items_per_part, self.command, self.received = items_per_part, command, received
        self.work = out / ".work"
        self.settings = RunSettings(out, self.work, form, store, known_at, assumed, local_key(), group_sums)
        self.context = context(
            store=store, known_at=known_at, assumptions=read_assumptions(assumed), key=self.settings.key
        )

    def go(self, files: list[Path], workers: int) -> RunReport:
        """Carry the run through."""
        for file in files:
            if str(file) != "-" and not file.is_file():
                raise UsageError(f"{file}: {_not_a_file(file)}")
        self._folders()
        paths, messages = self._read_messages(self._spooled(files))
        sources = [self._opened(path) for path in paths]
        told = [finding for message in messages for finding in message.told]
        told += [finding for source in sources for finding in source.findings.to_dicts()]
        earlier = self._earlier()
        parts = [part for source in sources for part in source.parts(self.items_per_part)]
        inputs: dict[str, dict[str, Any]] = {
            str(path): {"sha256": sha256_of(path), "bytes": path.stat().st_size} for path in paths
        }
        for message in messages:
            inputs.setdefault(str(message.path), {"sha256": sha256_of(message.path)})["message"] = (
                message.source
            )
        first = self._begin(inputs, len(parts), earlier)
        tasks = [Task(first + number, part) for number, part in enumerate(parts)]
        done = self._done(tasks)
        try:
            with processes(workers, start_worker, self.settings) as pool:
                replaced = pl.DataFrame()
                if self.settings.group_sums:
                    tasks, replaced = add_up(pool, tasks, self.progress)
                self._decide(pool, [task for task in tasks if task.number not in done])
        except BrokenProcessPool:
            raise UsageError(
                "a worker process was ended from outside, often for want of memory: "
                "go on with --resume, and with fewer --workers"
            ) from None
        except pl.exceptions.ComputeError as error:
            fault = _OS_FAULT.search(str(error))
            if fault is None:
                raise
            raise UsageError(
                f"{self.out}: {fault[1]}; what is finished stands, go on with --resume"
            ) from None
        return self._finish(tasks, inputs, told, replaced, earlier)

    def _folders(self) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        for name in ("outcomes", "charges", "findings", "rejected", "state"):
            (self.out / name).mkdir(exist_ok=True)
        (self.out / "rejected").chmod(0o700)
        plan = self.out / "state" / "run.json"
        if plan.exists() and not self.resume:
            raise UsageError(
                f"{self.out} holds a run that wasn't finished: add --resume, or give another folder"
            )
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(mode=0o700)

    def _spooled(self, files: list[Path]) -> list[Path]:
        """Return the inputs as absolute paths, standard input kept in the folder so that it can be read again."""
        paths = []
        folder = self.out / "input"
        held = iter(self._spooled_before(folder.resolve()))
        for file in files:
            if str(file) != "-":
                paths.append(file.resolve())
                continue
            before = next(held, None)
            if before is not None:
                paths.append(before)
                continue
            folder.mkdir(mode=0o700, exist_ok=True)
            kept = folder / f"stdin-{len(list(folder.iterdir())):03d}"
            with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
                shutil.copyfileobj(sys.stdin.buffer, target)
            paths.append(kept.resolve())
        return paths

    def _read_messages(self, paths: list[Path]) -> tuple[list[Path], list[ForeignInput]]:
        """Return the inputs in the contract's form, and what the foreign ones among them were."""
        kept: list[Path] = []
        messages = []
        for path in paths:
            if not is_foreign(path):
                kept.append(path)
                continue
            if self.received is None:
                raise UsageError(f"{path}: give the day on which the message came in, --received")
            message = foreign_input(path, self.out, self.received)
            messages.append(message)
            if message.accepted:
                kept.append(message.path.resolve())
        return kept, messages

    def _spooled_before(self, folder: Path) -> list[Path]:
        """Return what an interrupted run kept of standard input, which can't be sent again."""
        plan = self.out / "state" / "run.json"
        if not plan.exists():
            return []
        noted = json.loads(plan.read_text(encoding="utf-8"))["inputs"]
        names = [Path(path).name for path in noted if Path(path).parent == folder]
        # A message is noted as what was read of it, whose name begins with that of the message.
        return [folder / found[0] for name in names if (found := _STDIN.match(name))]

    def _opened(self, path: Path) -> Source:
        folder = self.work / f"source-{len(list(self.work.iterdir())):03d}"
        folder.mkdir(mode=0o700)
        return open_source(path, folder)

    def _earlier(self) -> pl.DataFrame:
        """Return id and digest of every outcome that a finished run left here, with the part that it is in."""
        empty = pl.DataFrame(schema={"consignment_id": pl.String, "input_digest": pl.String})
        manifest = self._manifest_before()
        if manifest["format"] != self.form:
            raise UsageError(f"{self.out} holds results as {manifest['format']}; give the same --format")
        # What an interrupted run left beside them is not among the manifest's parts.
        numbers = [entry["part"] for entry in manifest["parts"]]
        return pl.concat([empty, *(self._digests(number) for number in numbers)])

    def _digests(self, number: int) -> pl.DataFrame:
        return read_part_rows(self.out, "outcomes", number, self.form, ["consignment_id", "input_digest"])

    def _manifest_before(self) -> dict[str, Any]:
        path = self.out / "manifest.json"
        if path.exists():
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return found
        return {"greenlane": __version__, "format": self.form, "inputs": {}, "parts": []}

    def _begin(self, inputs: dict[str, Any], parts: int, earlier: pl.DataFrame) -> int:
        """Note what this run is made of, or compare it with what the interrupted run noted."""
        known = len(self._manifest_before()["parts"])
        plan = {
            "inputs": {path: entry["sha256"] for path, entry in inputs.items()},
            "parts": parts,
            "first": known,
            "items_per_part": self.items_per_part,
            "format": self.form,
            "known_at": str(self.settings.known_at),
            "assumed": self.settings.assumed,
            "lists": self.context.versions(None).lists,
            "model": self.context.versions(None).model,
            "law": packs_digest(),
            "greenlane": __version__,
        }
        path = self.out / "state" / "run.json"
        if path.exists():
            if json.loads(path.read_text(encoding="utf-8")) != plan:
                raise UsageError(
                    f"{self.out}: the inputs, settings, law or reference data changed since the run began"
                )
        else:
            path.write_text(json.dumps(plan, indent=1), encoding="utf-8")
        return known

    def _done(self, tasks: list[Task]) -> set[int]:
        return {
            task.number for task in tasks if (self.out / "state" / f"part-{task.number:05d}.json").exists()
        }

    def _decide(self, pool: ProcessPoolExecutor, tasks: list[Task]) -> None:
        waiting = {pool.submit(run_part, task) for task in tasks}
        finished = 0
        while waiting:
            ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in ready:
                result: PartResult = future.result()
                finished += 1
                self.progress("deciding", finished, len(tasks))
                self._seconds(result)

    def _seconds(self, result: PartResult) -> None:
        path = self.work / "seconds.json"
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        for name, value in result.seconds.items():
            known[name] = known.get(name, 0.0) + value
        path.write_text(json.dumps(known), encoding="utf-8")

    def _finish(
        self,
        tasks: list[Task],
        inputs: dict[str, Any],
        told: list[dict[str, Any]],
        replaced: pl.DataFrame,
        earlier: pl.DataFrame,
    ) -> RunReport:
        self.progress("writing the report", 0, 1)
        amended, same = self._compare(tasks, replaced)
        again, changed, uncorrected = self._against_earlier(tasks, earlier)
        if uncorrected:
            told = [*told, _still_counted(uncorrected)]
        manifest = self._manifest(tasks, inputs)
        states = [part_state(self.out, entry["part"]) for entry in manifest["parts"]]
        summary = merge([state["statistics"] for state in states])
        # A foreign message was read before the run, and what was rejected of it is in no part.
        turned_away = sum(
            entry.get("message", {}).get("rejected", 0) for entry in manifest["inputs"].values()
        )
        run = {
            "consignments": sum(s["counts"]["consignments"] for s in states),
            "items": sum(s["counts"]["items"] for s in states),
            "rejected": turned_away + sum(s["counts"]["rejected"] for s in states),
            "rejected_rows": turned_away + sum(s["counts"]["rejected_rows"] for s in states),
            "amendments": amended + changed + manifest.get("amendments", 0),
            "duplicates": same + again + manifest.get("duplicates", 0),
            "law_versions": {code: v for state in states for code, v in sorted(state.get("law", {}).items())},
            "lists_version": self.context.versions(None).lists,
            "model_version": self.context.versions(None).model,
            "known_at": str(self.settings.known_at) if self.settings.known_at else None,
            "greenlane": __version__,
            "command": self.command,
            "files": told,
        }
        summary["run"] = run
        manifest |= {"amendments": run["amendments"], "duplicates": run["duplicates"]}
        write_json(self.out / "summary.json", summary)
        write_report(summary, self.out / "report.html")
        write_json(self.out / "manifest.json", manifest)
        seconds = self.work / "seconds.json"
        spent = json.loads(seconds.read_text(encoding="utf-8")) if seconds.exists() else {}
        (self.out / "state" / "repeated.json").unlink(missing_ok=True)
        (self.out / "state" / "run.json").unlink()
        shutil.rmtree(self.work, ignore_errors=True)
        self.progress("writing the report", 1, 1)
        return RunReport(self.out, summary, told, spent)

    def _compare(self, tasks: list[Task], repeated: pl.DataFrame) -> tuple[int, int]:
        """Count filings of an id in this run that changed it, and those that said the same again."""
        if not repeated.height:
            return 0, 0
        filings: dict[str, list[str]] = {}
        for task in tasks:
            for name, digest in part_state(self.out, task.number)["contents"].items():
                filings.setdefault(name, []).append(digest)
        amended = sum(len(set(digests)) - 1 for digests in filings.values())
        return amended, sum(len(digests) for digests in filings.values()) - len(filings) - amended

    def _against_earlier(self, tasks: list[Task], earlier: pl.DataFrame) -> tuple[int, int, int]:
        """Drop what says the same as an earlier run's outcome, and the earlier outcome where it differs.

        Returns how many said the same, how many amend, and how many of these the statistics still count.
        """
        if not earlier.height or not tasks:
            return 0, 0, 0
        same, other = self._told_before(tasks, earlier)
        uncorrected = 0
        if len(same):
            for task in tasks:
                leave_out(self.out, self.form, task.number, same, read_part(task.part))
        if len(other):
            manifest = self._manifest_before()
            for entry in manifest["parts"]:
                held = self._digests(entry["part"])["consignment_id"].is_in(other.implode()).any()
                if held:
                    batch = batch_of(entry, manifest["inputs"])
                    count, corrected = leave_out(self.out, self.form, entry["part"], other, batch)
                    uncorrected += 0 if corrected else count
        return len(same), len(other), uncorrected

    def _told_before(self, tasks: list[Task], earlier: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
        """Return the ids that were decided before with the same digest, and those with another.

        They are noted before anything is taken out, so that a run that is killed meanwhile can go on.
        """
        path = self.out / "state" / "repeated.json"
        if not path.exists():
            new = pl.concat([self._digests(task.number) for task in tasks])
            both = new.join(earlier, on="consignment_id", suffix=".earlier")
            alike = both["input_digest"] == both["input_digest.earlier"]
            ids = both["consignment_id"]
            write_json(path, {"same": ids.filter(alike).to_list(), "other": ids.filter(~alike).to_list()})
        noted = json.loads(path.read_text(encoding="utf-8"))
        same, other = (pl.Series(values=noted[name], dtype=pl.String) for name in ("same", "other"))
        return same, other

    def _manifest(self, tasks: list[Task], inputs: dict[str, Any]) -> dict[str, Any]:
        manifest = self._manifest_before()
        manifest["inputs"] |= inputs
        decided = {
            "known_at": str(self.settings.known_at) if self.settings.known_at else None,
            "assumed": self.settings.assumed,
            "store": str(self.settings.store.resolve()) if self.settings.store else None,
        }
        for task in tasks:
            manifest["parts"].append({"part": task.number, "input": _span(task.part), "decided": decided})
        for entry in manifest["parts"]:
            entry["files"] = part_state(self.out, entry["part"])["files"]
        return manifest


def _span(part: Part) -> dict[str, Any]:
    return {"path": part.source, "first_row": part.first_row, "last_row": part.last_row}


def _still_counted(count: int) -> dict[str, Any]:
    message = f"{count:,} amended: their first filing is still in the statistics, because its input is gone"
    found = {"code": INPUT_GONE, "severity": "warning", "path": "", "message": message}
    return {"file": "", "row": None, "consignment_id": None, **found}


def _not_a_file(path: Path) -> str:
    return "it is a folder, not a file" if path.is_dir() else "there is no such file"
