"""Where large filings lie in the clear while they are worked on: a folder of each process, cleared when it is gone."""

import os
import shutil
from pathlib import Path

import psutil


def own_spool(home: Path) -> Path:
    """Make this process's folder under *home*, for its owner alone, and remove those of processes that are gone.

    A process that is killed can't remove what it was reading; the next start does.
    """
    base = home / "spool"
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in base.iterdir():
        if left.name != str(os.getpid()) and not (left.name.isdigit() and psutil.pid_exists(int(left.name))):
            shutil.rmtree(left, ignore_errors=True)
    own = base / str(os.getpid())
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(mode=0o700)
    return own


__all__ = ["own_spool"]
