"""Backups of the database, and putting one back.

A backup is a copy of the database of one moment, which others go on writing meanwhile: on SQLite a
database file, on PostgreSQL a dump in pg_dump's custom format. The keys are never in it, and so it
opens nothing by itself. Text that was purged since can't be read in it: its key is destroyed.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, make_url, text

from config.clock import Clock
from storage import audit, locks, opening, purging, schema, views
from storage.engine import Database
from storage.errors import StorageError, unwritable
from storage.keys import sync_folder
from storage.tables import advert, metadata, site_run
from storage.vault import Vault, count

if TYPE_CHECKING:
    from config import Config

KEPT = 14
"""Backups that stay in the folder of backups, unless told otherwise."""

_OWN = re.compile(r"faro-\d{8}T\d{6}Z\.(?:db|dump)")


def back_up(vault: Vault, at: datetime, path: Path | None, keep: int) -> Path:
    """See `Store.backup`."""
    folder = vault.folder / "backups"
    ending = "db" if vault.database.sqlite else "dump"
    target = path or folder / f"faro-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.{ending}"
    with locks.run_lock(vault.folder / "locks", "backup"):
        draft = target.with_name(f".{target.name}.partial")
        try:
            if path is None:
                folder.mkdir(mode=0o700, exist_ok=True)
            draft.unlink(missing_ok=True)
            os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            if vault.database.sqlite:
                _copy_sqlite(vault.database, draft)
            else:
                _dump(vault.database.engine.url, draft)
            draft.replace(target)
            sync_folder(target.parent)
            if path is None:
                _rotate(folder, keep)
        except OSError as error:
            raise unwritable(target, error) from error
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        with vault.writing() as connection:
            audit.write(vault, connection, at, "backup", "database", {"bytes": _size(target)})
    return target


def _size(path: Path) -> int:
    return path.stat().st_size


def _copy_sqlite(database: Database, draft: Path) -> None:
    raw = database.engine.raw_connection()
    try:
        with closing(sqlite3.connect(draft)) as copy:
            raw.driver_connection.backup(copy)  # type: ignore[union-attr]
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
            _check_sqlite(copy, draft)
    except sqlite3.Error as error:
        raise StorageError(
            f"{draft.parent}: the backup cannot be written ({error}); make room, or name another "
            "place: faro backup PATH"
        ) from error
    finally:
        raw.close()
    with draft.open("rb") as file:
        os.fsync(file.fileno())


def _check_sqlite(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA quick_check").fetchone() != ("ok",):
        raise StorageError(f"{path}: damaged; take another backup")


def _rotate(folder: Path, keep: int) -> None:
    """Only files that are named as backups are; the newest `keep` stay."""
    own = sorted(path for path in folder.iterdir() if _OWN.fullmatch(path.name))
    for path in own[: max(0, len(own) - max(1, keep))]:
        path.unlink()


def _dump(url: URL, draft: Path) -> None:
    options = ("--format=custom", "--no-owner", "--no-privileges", f"--file={draft}")
    _postgresql("pg_dump", url, options)


def _postgresql(program: str, url: URL, options: Sequence[str]) -> None:
    """Run one of PostgreSQL's own programs. The password goes through its environment."""
    found = shutil.which(program)
    if found is None:
        raise StorageError(f"{program}: not found; install PostgreSQL's client programs")
    plain = url.set(drivername="postgresql", password=None).render_as_string()
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    done = subprocess.run(
        [found, *options, f"--dbname={plain}"],
        env={**os.environ, **secret},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no word why"])[0]
        raise StorageError(f"{said}; make room, or check the server and its version")


def restore(config: Config, path: Path, clock: Clock) -> int:
    """Put a backup back where there is no data, and check that the keys at hand open it.

    Text whose key was destroyed since the backup is forgotten in it; how many texts and notes that
    were. Audited; the anchors of the audit trail begin anew, for they speak of what came after the
    backup. Raises StorageError when there are adverts or runs already, when the file is no backup
    of this database system, damaged, of a newer Faro, or of other keys.
    """
    if not path.is_file():
        raise StorageError(f"{path}: no such file; give a file that faro backup made")
    with locks.run_lock(config.data_dir / "locks", "backup"):
        _refuse_data(config)
        if make_url(config.database_url).get_backend_name() == "sqlite":
            return _restore_sqlite(config, path, clock)
        return _restore_postgresql(config, path, clock)


def _refuse_data(config: Config) -> None:
    database = Database(config.database_url)
    try:
        if database.sqlite and not Path(database.location).exists():
            return
        with database.reading() as connection:
            if schema.revision(connection) is None:
                return
            if count(connection, site_run) or count(connection, advert):
                raise StorageError(
                    f"{database.location}: holds data, and a backup would replace it; move it "
                    "away, or name another data_dir in faro.toml"
                )
    finally:
        database.close()


def _restore_sqlite(config: Config, path: Path, clock: Clock) -> int:
    target = Path(make_url(config.database_url).database or "")
    draft = target.with_name(f".{target.name}.restored")
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            _check_sqlite(connection, path)
            connection.execute("SELECT simulated FROM meta").fetchone()
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        shutil.copyfile(path, draft)
        lost = _settle(
            config.model_copy(update={"database_url": f"sqlite:///{draft}"}), path, clock
        )
        for beside in ("-wal", "-shm"):
            target.with_name(target.name + beside).unlink(missing_ok=True)
        draft.replace(target)
        sync_folder(target.parent)
        return lost
    except sqlite3.Error as error:
        raise StorageError(f"{path}: not a backup of Faro ({error}); choose another") from error
    except OSError as error:
        raise unwritable(target, error) from error
    finally:
        for beside in ("", "-wal", "-shm"):
            with suppress(OSError):
                draft.with_name(draft.name + beside).unlink(missing_ok=True)


def _restore_postgresql(config: Config, path: Path, clock: Clock) -> int:
    with path.open("rb") as file:
        if file.read(5) != b"PGDMP":
            raise StorageError(f"{path}: not a backup of Faro on PostgreSQL; choose another")
    database = Database(config.database_url)
    try:
        _drop_all(database)
        options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
        _postgresql("pg_restore", database.engine.url, (*options, str(path)))
        try:
            return _settle(config, path, clock)
        except StorageError:
            _drop_all(database)
            raise
    finally:
        database.close()


def _drop_all(database: Database) -> None:
    with database.writing() as connection:
        views.drop(connection)
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))


def _settle(config: Config, path: Path, clock: Clock) -> int:
    """Bring the restored database up to date, prove that the keys fit it, and write it down."""
    database = Database(config.database_url)
    try:
        with database.writing() as connection:
            found = schema.revision(connection)
            if found is None or found > schema.HEAD:
                raise StorageError(f"{path}: of a newer Faro ({found}); update Faro")
            schema.upgrade(connection)
    finally:
        database.close()
    vault = opening.open_(config, clock).vault
    at = clock.now()
    try:
        anchors = audit.anchor_path(vault)
        aside = anchors.with_name(f"audit-anchors-until-{at:%Y%m%dT%H%M%SZ}.txt")
        fault = audit.verify(vault, anchored=False)
        if fault is not None:
            raise StorageError(f"{path}: the keys at hand are not those of this backup ({fault})")
        lost = purging.settle(vault)
        with vault.writing() as connection:
            audit.write(vault, connection, at, "restore", "database", {"without_key": lost})
        if anchors.exists():
            anchors.replace(aside)
        audit.anchor(vault, at)
        return lost
    finally:
        vault.database.close()
