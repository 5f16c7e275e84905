"""Name one consignment of a run that is worth explaining: ``python -m greenlane.engine.sample DIR``."""

import json
import sys
from pathlib import Path

from greenlane.engine.output import read_outputs


def sample(out: Path) -> str:
    """Return the id of the first consignment that is assessed and owes at the border, else the first of all."""
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    outcomes = read_outputs(out / "outcomes", manifest["format"], ["consignment_id", "status", "disposition"])
    wanted = outcomes.filter(
        (outcomes["status"] == "assessed") & (outcomes["disposition"] == "release_on_payment")
    )
    rows = wanted if wanted.height else outcomes
    return str(rows["consignment_id"][0])


if __name__ == "__main__":
    print(sample(Path(sys.argv[1])))
