"""Commands of an administrator on a running service: planned windows; what a sandbox lets one try."""

import re
from datetime import datetime
from typing import TYPE_CHECKING

import click

from greenlane.cli.remote import MOMENT, moment_text, print_told, remote

if TYPE_CHECKING:
    from greenlane.client import Client

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@click.group()
def window() -> None:
    """Times in which the service may not answer, told to everybody beforehand."""


@window.command("plan")
@click.argument("starts_at", type=MOMENT)
@click.argument("ends_at", type=MOMENT)
@click.argument("words")
@remote
def window_plan(client: "Client", starts_at: datetime, ends_at: datetime, words: str, as_json: bool) -> None:
    """Announce a window, which `greenlane status` and the status endpoint then tell."""
    planned = client.administration.plan_window(starts_at, ends_at, words)
    if as_json:
        print_told(planned)
    else:
        click.echo(f"planned: {moment_text(planned.starts_at)} to {moment_text(planned.ends_at)}: {words}")


@click.group()
def sandbox() -> None:
    """What a service in sandbox mode lets one try."""


@sandbox.command("clock")
@click.argument("offset")
@remote
def sandbox_clock(client: "Client", offset: str, as_json: bool) -> None:
    """Set how far the clock is ahead of the machine's: 30d, 12h, 90s; 0 sets it right."""
    told = client.sandbox.move_clock(seconds_of(offset))
    if as_json:
        print_told(told)
    else:
        click.echo(f"the sandbox's clock says {moment_text(told.now)} UTC")


@sandbox.command("outage")
@click.argument("seconds", type=click.IntRange(0, 3600))
@remote
def sandbox_outage(client: "Client", seconds: int, as_json: bool) -> None:
    """Let the service answer 503 for some seconds; 0 ends it."""
    told = client.sandbox.switch_outage(seconds)
    if as_json:
        print_told(told)
    else:
        click.echo(f"out for {seconds} s" if seconds else "the outage is ended")


def seconds_of(offset: str) -> int:
    """Read a span of time.

    Example:
        >>> seconds_of("2d"), seconds_of("-90s"), seconds_of("0")
        (172800, -90, 0)
    """
    found = re.fullmatch(r"([+-]?\d{1,9})([smhd]?)", offset)
    if not found:
        raise click.UsageError(f"{offset!r} is no span; write 30d, 12h, 10m or 90s")
    return int(found[1]) * _UNITS[found[2] or "s"]


ADMINISTERING = (window, sandbox)
