"""Every storage test runs on SQLite and on PostgreSQL, in a database of its own."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest
from psycopg import sql
from stage import START

from config import Config, load
from config.clock import Clock
from storage import Store, create_store, open_store, schema
from storage.engine import Database
from storage.tables import metadata


def _beside(name: str) -> ModuleType:
    """A module of tests/. That folder can't be on the import path: in it `storage` is this one."""
    path = Path(__file__).parents[1] / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


postgres = _beside("postgres")

BACKENDS = ("sqlite", "postgresql")

MakeConfig = Callable[[], Config]


def _with_schema(url: str) -> None:
    """Make the tables. Tests copy the result: that is faster than migrating for each."""
    database = Database(url)
    with database.writing() as connection:
        schema.upgrade(connection)
    database.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with an empty schema."""
    path = tmp_path_factory.mktemp("template") / "faro.db"
    _with_schema(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def server() -> Iterator[tuple[Any, str]]:
    """The throw-away PostgreSQL of this session, and a database with an empty schema to copy."""
    try:
        with postgres.cluster() as found:
            template = found.create()
            _with_schema(found.url(template))
            yield found, template
    except postgres.NoPostgres as error:
        pytest.fail(str(error), pytrace=False)


class Emptied:
    """A database for one test after the other, emptied in between: that takes a tenth of the time
    that making one takes. One that a test has left otherwise than it was made is dropped.
    """

    def __init__(self, server: Any, template: str) -> None:
        self._server, self._template = server, template
        self._name: str | None = None
        with psycopg.connect(self._place(template)) as connection:
            self._made = self._shape(connection)

    def take(self) -> str:
        """The URL of a database with an empty schema."""
        self._name = self._name or self._server.create(self._template)
        return str(self._server.url(self._name))

    def give_back(self) -> None:
        """Empty it, or drop it."""
        assert self._name is not None
        with suppress(psycopg.Error), psycopg.connect(self._place(self._name)) as connection:
            connection.execute("SET lock_timeout = '1s'")
            if self._shape(connection) == self._made:
                filled = [
                    table
                    for table in map(sql.Identifier, metadata.tables)
                    if connection.execute(
                        sql.SQL("SELECT EXISTS (SELECT FROM {})").format(table)
                    ).fetchone()
                    != (False,)
                ]
                if filled:
                    tables = sql.SQL(", ").join(filled)
                    connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(tables))
                return
        self._server.drop(self._name)
        self._name = None

    def _place(self, name: str) -> str:
        return f"host={self._server.folder} dbname={name} user={postgres.USER}"

    @staticmethod
    def _shape(connection: psycopg.Connection) -> list[Any]:
        """Everything that is not a row: tables, views and indexes with their columns and settings,
        constraints, the schema's version, and what is granted.
        """
        return connection.execute(
            "SELECT relname, relkind::text, reloptions::text, relacl::text, relowner::text,"
            " (SELECT string_agg(attname || atttypid || attnotnull, ',' ORDER BY attnum)"
            "  FROM pg_attribute WHERE attrelid = c.oid)"
            " FROM pg_class c WHERE relnamespace = 'public'::regnamespace"
            " UNION ALL SELECT conname, contype::text, '', '', '', '' FROM pg_constraint"
            " UNION ALL SELECT version_num, '', '', '', '', '' FROM alembic_version"
            " UNION ALL SELECT proname, '', '', '', '', '' FROM pg_proc"
            " WHERE pronamespace = 'public'::regnamespace"
            " ORDER BY 1, 2"
        ).fetchall()


@pytest.fixture(scope="session")
def emptied(server: tuple[Any, str]) -> Emptied:
    """The database of this session's tests on PostgreSQL."""
    return Emptied(*server)


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The URL of a database with an empty schema; None stands for the default, SQLite."""
    if request.param == "sqlite":
        yield None
        return
    if not postgres.wanted():
        pytest.skip("FARO_TEST_POSTGRES=off")
    emptied: Emptied = request.getfixturevalue("emptied")
    yield emptied.take()
    emptied.give_back()


@pytest.fixture
def config(tmp_path: Path, database_url: str | None) -> Config:
    """A config folder like an admin's, and its data folder beside it."""
    folder = tmp_path / "config"
    folder.mkdir()
    line = f'database_url = "{database_url}"\n' if database_url else ""
    (folder / "faro.toml").write_text(
        line + 'units = [{id = "venezia", name = "V", provinces = "*"}]'
    )
    return load(folder)


@pytest.fixture
def store(config: Config, sqlite_template: Path) -> Iterator[Store]:
    """An empty simulated database on START."""
    if config.database_url.startswith("sqlite"):
        config.data_dir.mkdir()
        shutil.copy(sqlite_template, config.data_dir / "faro.db")
        (config.data_dir / "faro.db").chmod(0o600)
    with create_store(config, simulated=True, at=START) as made:
        yield made


@pytest.fixture
def reopen(config: Config) -> Callable[[datetime], Store]:
    """Open the same database again, as another process would."""
    return lambda at: open_store(config, Clock(at))
