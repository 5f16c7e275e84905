"""Plain text of filings on disk goes with the process that read it."""

import os
import stat
import subprocess
import sys
from pathlib import Path

from greenlane.service.spool import own_spool


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    """A folder of a process that is gone is removed at the next start; one of a process that lives stays."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        living = tmp_path / "spool" / str(other.pid)
        living.mkdir(parents=True)
        (living / "filing").write_text("plain")
        gone = tmp_path / "spool" / "4194305"
        gone.mkdir()
        (gone / "filing").write_text("plain")
        own = own_spool(tmp_path)
        assert own == tmp_path / "spool" / str(os.getpid())
        assert stat.S_IMODE(own.stat().st_mode) == 0o700
        assert (living / "filing").exists() and not gone.exists()
        other.kill()
