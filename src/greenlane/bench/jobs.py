"""The measurements, each run as ``python -m greenlane.bench.jobs NAME JSON`` by the bench."""

import json
import sys
from collections.abc import Callable
from typing import Any

from greenlane.bench.bulk import time_clear, time_limit, time_whatif
from greenlane.bench.filing import time_filing
from greenlane.bench.messages import stream_long, time_messages, write_long
from greenlane.bench.one import time_one
from greenlane.bench.rivals import time_rivals
from greenlane.bench.service import time_service

JOBS: dict[str, Callable[..., dict[str, Any]]] = {
    "clear": time_clear,
    "limit": time_limit,
    "whatif": time_whatif,
    "one": time_one,
    "filing": time_filing,
    "messages": time_messages,
    "long message": stream_long,
    "messages to read long": write_long,
    "rivals": time_rivals,
    "service": time_service,
}


def main() -> None:
    """Run one job and write its result as one line of JSON."""
    name, given = sys.argv[1:]
    result = JOBS[name](**json.loads(given))
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
