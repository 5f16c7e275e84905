"""Options of the commands that decide: the law as known on a day, the reference store, assumptions."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from greenlane.cli.frame import DAY, FILE, text_of

known_at_option = click.option("--known-at", type=DAY, help="Law and reference data as known on this day.")


store_option = click.option(
    "--reference",
    "store",
    type=click.Path(path_type=Path, file_okay=False),
    help="Reference store; default $GREENLANE_HOME/reference.",
)


assume_option = click.option("--assume", type=FILE, help="JSON of facts to assume for this run.")


def assumed_facts(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    text = sys.stdin.read() if str(path) == "-" else text_of(path)
    try:
        found = json.loads(text)
    except ValueError:
        raise click.ClickException(f"{path}: --assume takes a JSON object") from None
    if not isinstance(found, dict):
        raise click.ClickException(f"{path}: --assume takes a JSON object")
    return found


def context_of(known_at: date | None, assumed: dict[str, Any], store: Path | None) -> Any:
    from greenlane.engine.context import context
    from greenlane.law.assumptions import read_assumptions

    return context(store=there(store), known_at=known_at, assumptions=read_assumptions(assumed))


def there(store: Path | None) -> Path | None:
    if store is not None and not store.is_dir():
        raise click.ClickException(
            f"{store}: there is no reference store; greenlane reference import makes one"
        )
    return store
