"""The schema's version, and the way to the newest one: made at once, or migrated step by step."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from storage import tables_matching, tables_queue, tables_service, views
from storage.errors import StorageError
from storage.tables import metadata

HEAD = "0012"
"""The newest migration, here so that opening a database need not import Alembic."""


# imported for their tables
for _room in (tables_queue.profile, tables_service.notice, tables_matching.judgement):
    assert _room.metadata is metadata

_version = Table(
    "alembic_version",
    MetaData(naming_convention={"pk": "%(table_name)s_pkc"}),
    Column("version_num", String(32), primary_key=True),
)


def upgrade(connection: Connection) -> None:
    """Bring the schema to HEAD and make the analysts' views anew, in the caller's transaction."""
    views.drop(connection)
    found = revision(connection)
    if found is None:
        _make(connection)
    elif found != HEAD:
        migrate(connection)
    views.create(connection)


def _make(connection: Connection) -> None:
    """A new database has the tables of the code at once: no migration has anything to keep."""
    metadata.create_all(connection, checkfirst=False)
    _version.create(connection)
    connection.execute(_version.insert().values(version_num=HEAD))


def migrate(connection: Connection) -> None:
    """Run the migrations that are missing, in the caller's transaction."""
    from alembic import command
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")


def revision(connection: Connection) -> str | None:
    """The schema's version, None when there is no schema."""
    if not inspect(connection).has_table(_version.name):
        return None
    return connection.execute(select(_version.c.version_num)).scalar()


def check(connection: Connection, location: str) -> None:
    """Raises StorageError unless the schema is of this version of Faro."""
    found = revision(connection)
    if found is None:
        raise StorageError(f"{location}: not initialised; run `faro init`")
    if found < HEAD:
        raise StorageError(f"{location}: its schema is older ({found}); run `faro upgrade`")
    if found > HEAD:
        raise StorageError(f"{location}: its schema is newer ({found} > {HEAD}); update Faro")
