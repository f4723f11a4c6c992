"""Every storage test runs on SQLite and on PostgreSQL, in a database of its own."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from stage import START

from config import Config, load
from config.clock import Clock
from storage import Store, create_store, open_store, schema
from storage.engine import Database


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


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The URL of a database with an empty schema; None stands for the default, SQLite."""
    if request.param == "sqlite":
        yield None
        return
    if not postgres.wanted():
        pytest.skip("FARO_TEST_POSTGRES=off")
    server, template = request.getfixturevalue("server")
    name = server.create(template)
    yield server.url(name)
    server.drop(name)


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
