"""The schema: migrations and tables say the same, and every column's class is documented."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from storage import Store, schema, tables, tables_queue, views
from storage.engine import Database

metadata = tables.metadata
DOCUMENT = Path(__file__).parents[2] / "docs" / "data-classes.md"


def script() -> ScriptDirectory:
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    return ScriptDirectory.from_config(settings)


def test_the_newest_migration_is_known() -> None:
    assert script().get_heads() == [schema.HEAD]


@pytest.fixture(params=("sqlite", "postgresql"))
def migrated(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database as its first version was, and every later one has changed it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'old.db'}"
    else:
        server, _ = request.getfixturevalue("server")
        url = server.url(server.create())
    database = Database(url)
    with database.writing() as connection:
        schema.migrate(connection)
    yield database
    database.close()


def shape(connection: Connection) -> dict[str, object]:
    """Everything that a database says of its tables, but for the order of columns, and for a
    reference that old SQLite files keep (0005_light_sightings.py).
    """
    found = inspect(connection)
    kept = {"fk_advert_last_run", "fk_presence_last_run"}
    told: dict[str, object] = {}

    def plain(value: object) -> str:
        if isinstance(value, dict):
            return repr({key: plain(each) for key, each in sorted(value.items())})
        if isinstance(value, list):
            return repr([plain(each) for each in value])
        return str(value)

    for name in found.get_table_names():
        columns = {
            each["name"]: (str(each["type"]), each["nullable"], str(each["default"]))
            for each in found.get_columns(name)
        }
        keys = found.get_foreign_keys(name)
        told[name] = (
            columns,
            plain(found.get_pk_constraint(name)),
            sorted(plain(each) for each in keys if each["name"] not in kept),
            sorted(map(plain, found.get_unique_constraints(name))),
            sorted(map(plain, found.get_indexes(name))),
        )
    if connection.dialect.name == "postgresql":
        query = text("SELECT relname, reloptions FROM pg_class WHERE reloptions IS NOT NULL")
        told["options"] = sorted((row[0], row[1]) for row in connection.execute(query))
    return told


def test_a_new_database_is_like_one_that_was_migrated(store: Store, migrated: Database) -> None:
    if store._vault.database.sqlite != migrated.sqlite:
        return
    with store._vault.reading() as new, migrated.reading() as old:
        assert shape(new) == shape(old)


def test_migrations_make_the_tables_of_the_code(migrated: Database) -> None:
    with migrated.writing() as connection:
        schema.upgrade(connection)
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        # SQLite keeps a reference that PostgreSQL does not have (0005_light_sightings.py).
        kept = {"fk_advert_last_run", "fk_presence_last_run"}
        differences = [
            each
            for each in compare_metadata(context, metadata)
            if not (each[0] == "remove_fk" and each[1].name in kept)
        ]
        assert differences == []
        names = set(inspect(connection).get_table_names()) - {"alembic_version"}
        assert names == set(metadata.tables)
        assert set(inspect(connection).get_view_names()) == set(views.VIEWS)


def test_a_migration_can_be_taken_back(migrated: Database) -> None:
    from alembic import command

    settings = AlembicConfig()
    settings.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    with migrated.writing() as connection:
        settings.attributes["connection"] = connection
        command.downgrade(settings, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
        schema.migrate(connection)


def test_upgrading_twice_is_no_harm(store: Store) -> None:
    with store._vault.writing() as connection:
        schema.upgrade(connection)
        assert schema.revision(connection) == schema.HEAD


def test_rows_must_belong_to_something(store: Store) -> None:
    from storage import StorageError

    with (
        pytest.raises(StorageError, match=r"(?i)foreign key"),
        store._vault.writing() as connection,
    ):
        connection.execute(text("INSERT INTO partition (id, site_id, name) VALUES (1, 2, 'x')"))
        connection.commit()


def test_sqlite_forgets_what_it_deletes(store: Store) -> None:
    if not store._vault.database.sqlite:
        return
    pragmas = {"secure_delete": 1, "journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 30000}
    with store._vault.reading() as connection:
        for name, value in pragmas.items():
            assert connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() == value


def documented() -> dict[str, tuple[str, str]]:
    """Class and reason of every `table.column` of docs/data-classes.md."""
    found = {}
    table = ""
    for line in DOCUMENT.read_text().splitlines():
        if heading := re.fullmatch(r"### (\w+)", line):
            table = heading[1]
        elif row := re.fullmatch(r"\| `(\w+)` \| (\w+) \| (.+) \|", line):
            found[f"{table}.{row[1]}"] = (row[2], row[3])
    return found


def test_every_column_is_documented() -> None:
    told = {
        f"{table.name}.{column.name}": (column.info["class"], column.info["why"])
        for table in metadata.tables.values()
        for column in table.columns
    }
    assert documented() == told, "run: python -m storage.classes > docs/data-classes.md"


def test_nothing_personal_is_clear() -> None:
    """The columns that could hold her words, her number or her address, by their class."""
    private = {
        *("list_memory.pages", "advert.ad_id", "advert.url", "version.content", "contact.value"),
        *("advert.detail_note", "flag.reasons", "attempt.note", "report.document"),
    }
    encrypted = {name for name, (kind, _) in documented().items() if kind == "encrypted"}
    assert encrypted == private
    assert tables_queue.profile.metadata is metadata
