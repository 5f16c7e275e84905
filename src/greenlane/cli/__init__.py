"""The greenlane command, put together from its families."""

from typing import Any

import click

from greenlane import __version__
from greenlane.cli.administering import ADMINISTERING
from greenlane.cli.converting import CONVERTING
from greenlane.cli.covering import COVERING
from greenlane.cli.deciding import DECIDING
from greenlane.cli.filing import FILING
from greenlane.cli.frame import USAGE
from greenlane.cli.guarding import GUARDING
from greenlane.cli.keeping import KEEPING
from greenlane.cli.law import LAW
from greenlane.cli.money import MONEY
from greenlane.cli.persons import PERSONS
from greenlane.cli.procedure import PROCEDURE
from greenlane.cli.quoting import QUOTING
from greenlane.cli.reference import REFERENCE
from greenlane.cli.serving import SERVING
from greenlane.cli.setting_up import SETTING_UP
from greenlane.cli.telling import TELLING
from greenlane.cli.trying import TRYING


class _Group(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            error.show()
            ctx.exit(USAGE)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="greenlane")
def main() -> None:
    """Clear cross-border e-commerce: law, duty, tax, risk and release for parcels."""


_FAMILIES = (
    DECIDING,
    CONVERTING,
    QUOTING,
    LAW,
    REFERENCE,
    TRYING,
    SERVING,
    GUARDING,
    KEEPING,
    SETTING_UP,
    FILING,
    PROCEDURE,
    TELLING,
    MONEY,
    COVERING,
    PERSONS,
    ADMINISTERING,
)
for family in _FAMILIES:
    for command in family:
        main.add_command(command)


__all__ = ["main"]
