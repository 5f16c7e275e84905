"""Train the dictionary with which the store keeps documents small (`greenlane.store.packed`).

    python scripts/make_dictionary.py NUMBER FILE

It runs a service, files generated consignments to every law, reads what was kept of each, and trains on that.
NUMBER and FILE then go into `DICTIONARIES`. A dictionary that was ever released stays as it is, since what was kept
with it is read with it; a new one gets a new number, from 32768 up.
"""

import sys
import tempfile
from pathlib import Path

import psycopg
from zstandard import train_dictionary

from greenlane.bench.serving import serving
from greenlane.sandbox import generate, world
from greenlane.store.packed import unpack

SEED, FILINGS, SIZE = 36, 8, 1_000
BYTES = 24 * 1024


def main(number: int, into: Path) -> None:
    """Write a dictionary."""
    with tempfile.TemporaryDirectory(prefix="gl-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o755)  # the embedded database may run as another user
        lines = drawn(home)
        with serving(home / "service", 1) as served:
            operator = served.client("trainer")
            for at in range(0, FILINGS * SIZE, SIZE):
                status, said = operator.raw(
                    "POST", "/filings", b"[" + b",".join(lines[at : at + SIZE]) + b"]"
                )
                if status != 200:
                    raise SystemExit(said.decode())
            with psycopg.connect(served.database) as connection:
                rows = connection.execute("select facts, outcome from consignment order by consignment_id")
                documents = [unpack(document) for row in rows for document in row]
    into.write_bytes(train_dictionary(BYTES, documents, dict_id=number).as_bytes())
    print(f"{into}: trained on {len(documents)} documents")


def drawn(folder: Path) -> list[bytes]:
    """Return consignments, half of them to the usual destinations and half to every country with a law."""
    lines: list[bytes] = []
    for place, weights in enumerate((None, world())):
        stream = folder / f"stream-{place}.ndjson"
        generate(FILINGS * SIZE // 2, SEED + place, stream, destinations=weights)
        lines += stream.read_bytes().splitlines()
    return lines


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
