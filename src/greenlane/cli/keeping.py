"""Commands that back up and restore the service's database."""

from pathlib import Path
from typing import Any

import click

from greenlane.cli.frame import json_option, print_json, told


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--config", "file", type=click.Path(path_type=Path, dir_okay=False), help="TOML file of settings."
)
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Folder of database and keys.")
@click.option("--database", help="Address of a PostgreSQL server; default: the embedded one.")
@click.option(
    "--keys",
    type=click.Path(path_type=Path, file_okay=False),
    help="Copy the keys into this folder, which is kept elsewhere than the backup.",
)
@json_option
@told
def backup(folder: Path, file: Path | None, keys: Path | None, as_json: bool, **flags: Any) -> None:
    """Write a backup of the service's database into FOLDER, while the service goes on."""
    import msgspec

    from greenlane.service.backup import back_up
    from greenlane.service.settings import read_settings

    about = back_up(read_settings(file, flags=flags), folder, keys)
    if as_json:
        print_json(msgspec.to_builtins(about))
        return
    click.echo(f"{folder}: {about.bytes:,} bytes, audit log up to entry {about.audit_seq or 0}")
    if keys is None:
        click.echo("The keys are not in it: names and addresses can't be read without them (--keys).")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option(
    "--config", "file", type=click.Path(path_type=Path, dir_okay=False), help="TOML file of settings."
)
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Folder of database and keys.")
@click.option("--database", help="Address of a PostgreSQL server; default: the embedded one.")
@click.option(
    "--keys",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of the keys; they are copied into home where it has none.",
)
@click.option(
    "--erased",
    type=click.Path(path_type=Path, exists=True),
    help="A later backup, or its erased.ndjson: persons erased since are erased again.",
)
@json_option
@told
def restore(
    folder: Path, file: Path | None, keys: Path | None, erased: Path | None, as_json: bool, **flags: Any
) -> None:
    """Bring the backup in FOLDER back into an empty database."""
    import msgspec

    from greenlane.service.backup import restore as run
    from greenlane.service.settings import read_settings

    done = run(read_settings(file, flags=flags), folder, keys, erased)
    if as_json:
        print_json(msgspec.to_builtins(done))
        return
    click.echo(f"The database stands as on {done.made_at:%Y-%m-%d %H:%M:%S} UTC; its audit log is whole.")
    if done.erased_again:
        click.echo(f"{done.erased_again} keys of persons erased since were destroyed again.")


KEEPING = (backup, restore)
