"""Making and opening a database: what is refused, in one line that names thing and remedy."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql
from sqlalchemy import insert, select, text
from stage import START, advert, begin, crawl, day

from config import Config, ConfigError, load
from config.clock import Clock
from records.errors import FaroError
from storage import StorageError, Store, create_store, engine, open_store, schema
from storage.engine import Database
from storage.tables import site

Reopen = Callable[[datetime], Store]


def fault(call: Callable[[], object]) -> str:
    """The one line of the error that `call` raises."""
    with pytest.raises(FaroError) as caught:
        call()
    (line,) = str(caught.value).splitlines()
    return line


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_database(config: Config, store: Store) -> None:
    assert (store.simulated, store.created_at) == (True, START)
    assert mode(config.data_dir / "root.key") == 0o400
    assert mode(config.keys.folder) == mode(config.data_dir) == 0o700
    assert {mode(path) for path in config.keys.folder.iterdir()} == {0o600}
    assert store.escrow is not None
    assert mode(store.escrow) == 0o400
    key = (config.data_dir / "root.key").read_text().strip()
    assert key in store.escrow.read_text()
    for path in config.data_dir.glob("faro.db*"):
        assert mode(path) == 0o600
    assert store.last_runs() == [] == store.health()
    assert store.verify_audit() is None


def test_nothing_is_printed(config: Config, capfd: pytest.CaptureFixture[str]) -> None:
    with create_store(config, simulated=True, at=START) as store:
        crawl(store, START, ["1"])
    assert capfd.readouterr() == ("", "")


def test_a_database_is_not_made_twice(config: Config, store: Store) -> None:
    said = fault(lambda: create_store(config, simulated=True, at=START))
    assert "there is a database already" in said
    assert store.location in said


def test_an_init_that_was_killed_goes_on_with_the_same_key(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    from storage import opening

    def killed(_connection: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(opening.schema, "upgrade", killed)
    with pytest.raises(KeyboardInterrupt):
        create_store(config, simulated=True, at=START)
    monkeypatch.undo()
    key = (config.data_dir / "root.key").read_bytes()
    assert "not initialised; run `faro init`" in fault(lambda: open_store(config, Clock(START)))
    create_store(config, simulated=True, at=START).close()
    assert (config.data_dir / "root.key").read_bytes() == key
    assert (config.data_dir / "ESCROW-root-key.txt").exists()


def test_what_is_not_there_is_not_opened(config: Config) -> None:
    assert "not initialised; run `faro init`" in fault(lambda: open_store(config, Clock(START)))


CLOCKS = [
    # (created simulated, last run, clock, refused because)
    (True, day(2), Clock(day(2)), None),
    (True, day(2), Clock(day(3)), None),
    (True, day(2), Clock(day(1.99)), "before its last run (2026-03-03T06:00Z); give a later --now"),
    (False, day(-90), Clock(day(2)), "holds real days, so --now is refused"),
    (False, datetime(2999, 1, 1, tzinfo=UTC), Clock(), "set this machine's clock"),
    (False, day(-90), Clock(), None),
]


@pytest.mark.parametrize(("simulated", "last", "clock", "refused"), CLOCKS)
def test_the_guard_of_the_clock(
    config: Config, simulated: bool, last: datetime, clock: Clock, refused: str | None
) -> None:
    with create_store(config, simulated=simulated, at=day(-100)) as store:
        crawl(store, last)
        crawl(store, day(-99))
    if refused is None:
        with open_store(config, clock) as store:
            assert store.simulated is simulated
    else:
        assert refused in fault(lambda: open_store(config, clock))


@pytest.mark.parametrize(
    ("version", "said"),
    [("0000", "its schema is older (0000); run `faro upgrade`"), ("9999", "update Faro")],
)
def test_another_schema(config: Config, reopen: Reopen, version: str, said: str) -> None:
    create_store(config, simulated=True, at=START).close()
    database = Database(config.database_url)
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    database.close()
    assert said in fault(lambda: reopen(START))


KEYS = [
    (
        "the root key",
        lambda c: (c.data_dir / "root.key").unlink(),
        "root.key: the root key is missing",
    ),
    ("another root key", lambda c: another_root(c), ".key: the root key does not open it"),
    (
        "the key folder",
        lambda c: c.keys.folder.rename(c.data_dir / "x"),
        "the key folder is missing",
    ),
    ("one key", lambda c: (c.keys.folder / "dnc.1.key").unlink(), "dnc.1.key: missing"),
    ("a damaged key", lambda c: (c.keys.folder / "flag.1.key").write_text("x"), "not a key file"),
    ("a cut key", lambda c: cut(c.keys.folder / "flag.1.key"), "does not open it"),
    ("swapped keys", lambda c: swap(c.keys.folder), "does not open it"),
]


def another_root(config: Config) -> None:
    import base64

    path = config.data_dir / "root.key"
    path.unlink()
    path.write_bytes(base64.b64encode(bytes(32)))
    path.chmod(0o400)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:30])


def swap(folder: Path) -> None:
    one, other = folder / "dnc.1.key", folder / "index.1.key"
    one.rename(folder / "aside")
    other.rename(one)
    (folder / "aside").rename(other)


@pytest.mark.parametrize(("harm", "said"), [k[1:] for k in KEYS], ids=[k[0] for k in KEYS])
def test_keys_that_are_not_right(
    config: Config, reopen: Reopen, harm: Callable[[Config], None], said: str
) -> None:
    create_store(config, simulated=True, at=START).close()
    harm(config)
    assert said in fault(lambda: reopen(START))


def test_the_root_key_can_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "faro.toml").write_text('[keys]\nroot = "env:FARO_TEST_ROOT"\n')
    config = load(folder)
    with pytest.raises(ConfigError, match="FARO_TEST_ROOT"):
        create_store(config, simulated=True, at=START)
    monkeypatch.setenv("FARO_TEST_ROOT", "A" * 43 + "=")
    with create_store(config, simulated=True, at=START) as store:
        assert store.escrow is None
        crawl(store, START, ["1"])
    assert not (config.data_dir / "root.key").exists()


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "postgresql+nothing://x/y"])
def test_another_kind_of_database(url: str) -> None:
    assert "write sqlite:////path/faro.db or postgresql" in fault(lambda: Database(url))


def test_a_writer_that_does_not_end(
    config: Config, store: Store, reopen: Reopen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_S", 1)
    with reopen(START) as other, store.transaction():
        begin(store, START)
        said = fault(lambda: begin(other, START))
        assert other.last_runs() == []  # who only reads does not wait
    assert "busy: another process has been writing for" in said


def test_a_server_that_is_not_there(tmp_path: Path, config: Config) -> None:
    away = config.model_copy(
        update={"database_url": f"postgresql+psycopg://faro:secret@/faro?host={tmp_path}"}
    )
    said = fault(lambda: open_store(away, Clock(START)))
    assert "cannot be reached" in said
    assert "secret" not in said


class TestSqliteFiles:
    """Faults of the file, of the disk, of its rights."""

    @pytest.fixture
    def database_url(self) -> None:
        """SQLite only."""

    def test_a_damaged_head(self, config: Config, reopen: Reopen) -> None:
        create_store(config, simulated=True, at=START).close()
        path = config.data_dir / "faro.db"
        path.write_bytes(b"x" * 100 + path.read_bytes()[100:])
        assert re.search(
            r"faro\.db: not a database .* restore a backup", fault(lambda: reopen(START))
        )

    def test_a_damaged_page(self, config: Config, reopen: Reopen) -> None:
        with create_store(config, simulated=True, at=START) as store:
            crawl(store, START, [str(number) for number in range(50)])
        path = config.data_dir / "faro.db"
        content = path.read_bytes()
        size = 4096
        kept = content[: 3 * size] + os.urandom(len(content) - 3 * size)
        path.write_bytes(kept)

        def use() -> None:
            with reopen(START) as store:
                list(store.current_adverts("bakeca"))

        assert "restore a backup" in fault(use)

    def test_a_full_disk(self, config: Config, store: Store) -> None:
        run = begin(store, START)
        with store._vault.database.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
        many = [advert(str(number), START, text="x" * 5000) for number in range(50)]
        assert "the disk is full" in fault(lambda: store.record(run, many))
        assert store.known_adverts("bakeca") == {}

    def test_an_empty_file(self, config: Config, reopen: Reopen) -> None:
        config.data_dir.mkdir()
        (config.data_dir / "faro.db").touch()
        assert "not initialised" in fault(lambda: reopen(START))

    def test_a_foreign_database(self, config: Config, reopen: Reopen) -> None:
        config.data_dir.mkdir()
        with sqlite3.connect(config.data_dir / "faro.db") as other:
            other.execute("CREATE TABLE something (id)")
        assert "not initialised" in fault(lambda: reopen(START))

    def test_a_data_dir_that_is_a_file(self, config: Config) -> None:
        config.data_dir.write_text("")
        said = fault(lambda: create_store(config, simulated=True, at=START))
        assert f"{config.data_dir}: cannot be written (file exists)" in said


def test_two_stores_see_each_other(store: Store, reopen: Reopen) -> None:
    with reopen(START) as other:
        crawl(other, START, ["1"])
        assert set(store.known_adverts("bakeca")) == {"1"}
    with pytest.raises(StorageError, match="run 77: unknown"):
        store.run_record(77)


def test_a_postgresql_that_was_made_without_a_locale(server: tuple[Any, str]) -> None:
    made, _ = server
    made._administer(
        sql.SQL("CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C'")
    )
    database = Database(made.url("ascii"))
    with database.writing() as connection:
        schema.upgrade(connection)
        connection.execute(insert(site).values(id=1, name="città"))
        assert connection.execute(select(site.c.name)).scalar_one() == "città"
    database.close()
    made.drop("ascii")
