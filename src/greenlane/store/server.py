"""The database's schema, brought up to date on whichever server there is."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

from greenlane.store.embedded import Embedded, StoreError


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
