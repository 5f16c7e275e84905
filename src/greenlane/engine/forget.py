"""Remove what is personal from the folder of a run."""

import shutil
from pathlib import Path

from greenlane.values.errors import UsageError

PERSONAL = ("input", "rejected", ".work")
"""Folders that hold persons' data: spooled input, rejected rows as they came, work of an unfinished run."""


def forget(out: Path) -> int:
    """Remove the personal folders of a run; outcomes, charges, findings and the report hold no person's data.

    Returns:
        How many files were removed.
    Raises:
        UsageError: *out* is not the folder of a run.
    """
    if not (out / "manifest.json").exists() and not (out / "state").is_dir():
        raise UsageError(f"{out}: not the folder of a run")
    removed = 0
    for name in PERSONAL:
        folder = out / name
        if folder.is_dir():
            removed += sum(1 for path in folder.rglob("*") if path.is_file())
            shutil.rmtree(folder)
    return removed
