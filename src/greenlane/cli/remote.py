"""What the commands on a running service do alike: its address, the key, problems and exit codes."""

import json
import os
import stat
import sys
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from greenlane.cli.frame import FOUND, USAGE, json_option, print_json, text_of, told

if TYPE_CHECKING:
    from greenlane.client import ServiceProblem

URL = "http://127.0.0.1:8750"
KEY_VARIABLE = "GREENLANE_API_KEY"

_FOUND_STATUSES = frozenset({404, 409, 422})
_OTHERS = stat.S_IRWXG | stat.S_IRWXO

party_option = click.option("--party", help="Whose consignment; default: your own.")


class Moment(click.ParamType[datetime]):
    """A moment with its offset from UTC."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read the moment or refuse it."""
        if isinstance(value, datetime):
            return value
        try:
            found = datetime.fromisoformat(str(value))
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            self.fail(f"{value!r} is no moment; write 2026-07-02T12:00:00Z", param, ctx)
        return found


MOMENT = Moment()


def remote(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a command of a function that takes a client first: with ``--url``, ``--key`` and ``--json``."""

    @click.option("--url", envvar="GREENLANE_URL", default=URL, show_default=True, help="The service.")
    @click.option(
        "--key",
        "key_file",
        type=click.Path(path_type=Path, allow_dash=True, dir_okay=False),
        help=f"File that holds the API key; default: the key in ${KEY_VARIABLE}.",
    )
    @json_option
    @wraps(function)
    @told
    def run(url: str, key_file: Path | None, as_json: bool, **rest: Any) -> Any:
        from greenlane.client import Client, ServiceProblem

        with Client(url, _key(key_file)) as client:
            try:
                return function(client, as_json=as_json, **rest)
            except ServiceProblem as problem:
                sys.exit(_tell(problem, as_json))

    return run


def _key(file: Path | None) -> str | None:
    """Return the API key: out of a file or the environment, never out of the command line that others can read."""
    if file is None:
        return os.environ.get(KEY_VARIABLE, "").strip() or None
    if str(file) == "-":
        return sys.stdin.read().strip()
    text = text_of(file).strip()
    if file.stat().st_mode & _OTHERS:
        click.echo(f"warning: others can read {file}; chmod 600 it", err=True)
    return text


def _tell(problem: "ServiceProblem", as_json: bool) -> int:
    """Say what the service answered and return the exit code: 1 where it is about the matter, else 2."""
    if as_json:
        import msgspec

        print_json(
            {
                "problem": problem.code,
                "status": problem.status,
                "detail": problem.detail,
                "errors": msgspec.to_builtins(problem.errors),
                "retry_after_s": problem.retry_after_s,
            }
        )
    else:
        click.echo(f"error: {problem.detail} ({problem.code}, {problem.status})", err=True)
        for error in problem.errors:
            if error.message != problem.detail:
                click.echo(f"  {error.code} at {error.path}: {error.message}", err=True)
            if error.fix:
                click.echo(f"  fix: {error.fix}", err=True)
        if problem.retry_after_s is not None:
            click.echo(f"  try again in {problem.retry_after_s} s", err=True)
    return FOUND if problem.status in _FOUND_STATUSES else USAGE


def print_told(content: Any) -> None:
    """Print what the service told as JSON."""
    import msgspec

    print_json(json.loads(msgspec.json.encode(content)))


def moment_text(moment: datetime | None) -> str:
    """Return a moment to the minute, in UTC; a dash where there is none.

    Example:
        >>> moment_text(datetime.fromisoformat("2026-07-02T12:00:00+00:00"))
        '2026-07-02 12:00'
    """
    return "-" if moment is None else f"{moment:%Y-%m-%d %H:%M}"


__all__ = ["MOMENT", "moment_text", "party_option", "print_told", "remote"]
