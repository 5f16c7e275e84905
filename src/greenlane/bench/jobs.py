"""The measurements, each run as ``python -m greenlane.bench.jobs NAME JSON`` by the bench."""

import importlib
import json
import sys
from typing import Final

JOBS: Final = {
    "clear": "bulk:time_clear",
    "limit": "bulk:time_limit",
    "whatif": "bulk:time_whatif",
    "one": "one:time_one",
    "filing": "filing:time_filing",
    "messages": "messages:time_messages",
    "long message": "messages:stream_long",
    "messages to read long": "messages:write_long",
    "rivals": "rivals:time_rivals",
    "service": "service:time_service",
}
"""Module and function of each; a process imports no more than its own, which its memory shows."""


def main() -> None:
    """Run one job and write its result as one line of JSON."""
    name, given = sys.argv[1:]
    module, _, function = JOBS[name].partition(":")
    job = getattr(importlib.import_module(f"greenlane.bench.{module}"), function)
    sys.stdout.write(json.dumps(job(**json.loads(given))) + "\n")


if __name__ == "__main__":
    main()
