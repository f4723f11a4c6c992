"""The schema's version, and the way to the newest one."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from storage import views
from storage.errors import StorageError

HEAD = "0009"
"""The newest migration, here so that opening a database need not import Alembic."""


def upgrade(connection: Connection) -> None:
    """Bring the schema to HEAD and make the analysts' views anew, in the caller's transaction."""
    views.drop(connection)
    if revision(connection) != HEAD:
        _migrate(connection)
    views.create(connection)


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")


def revision(connection: Connection) -> str | None:
    """The schema's version, None when there is no schema."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def check(connection: Connection, location: str) -> None:
    """Raises StorageError unless the schema is of this version of Faro."""
    found = revision(connection)
    if found is None:
        raise StorageError(f"{location}: not initialised; run `faro init`")
    if found < HEAD:
        raise StorageError(f"{location}: its schema is older ({found}); run `faro upgrade`")
    if found > HEAD:
        raise StorageError(f"{location}: its schema is newer ({found} > {HEAD}); update Faro")
