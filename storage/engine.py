"""Connections and transactions, the same on SQLite and PostgreSQL.

One process writes at a time, on both: SQLite by BEGIN IMMEDIATE, PostgreSQL by an advisory lock.
Transactions are short and writers few, and so looking up and inserting a contact, numbering an
entry or chaining an audit entry need no care about others. Readers see one moment and never wait.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, StatementError

from storage.errors import DiskFull, StorageError

BUSY_S = 30
_WRITER_LOCK = 4_619_427  # any number, the same in every Faro

_FULL = "the disk is full, or a quota is; make room and try again, nothing half-written was kept"
_PG_DISK_FULL = "53100"

# What SQLite says, and what it means to an admin.
_SQLITE_FAULTS = (
    ("locked", "busy: another process has been writing for {busy} s; try again"),
    ("disk is full", _FULL),
    ("disk I/O error", "the disk cannot be read or written; check it, then restore a backup"),
    ("malformed", "the file is damaged; restore a backup"),
    ("not a database", "not a database (or damaged); restore a backup"),
    ("readonly", "may not be written by this user; check the owner and mode of file and folder"),
    ("unable to open", "cannot be opened by this user; check that folder and file are there"),
)


class _Compiled(dict[Any, Any]):
    """What SQLAlchemy has made of our statements, for all databases that this process opens.

    Its own cache is one engine's: the service, the desk and each crawl open the database anew, and
    to compile the statements of a run takes longer than to execute them. Its keys begin with the
    engine's dialect, here with what of that decides the SQL.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_without_engine(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        if len(self) >= _MOST_COMPILED:
            self.clear()
        super().__setitem__(_without_engine(key), compiled)


def _without_engine(key: tuple[Any, ...]) -> tuple[Any, ...]:
    dialect, *statement = key
    return (dialect.name, dialect.driver, dialect.server_version_info, *statement)


_MOST_COMPILED = 2_000  # a whole suite of tests has half as many
_COMPILED = _Compiled()


class Database:
    """One database, by its SQLAlchemy URL. Threads may share it; each has its own transactions."""

    def __init__(self, url: str) -> None:
        """Raises StorageError for a URL that is not SQLite's or PostgreSQL's (with psycopg)."""
        try:
            parsed = make_url(url)
            if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
                raise NoSuchModuleError(parsed.drivername)
            self.location = parsed.render_as_string(hide_password=True)
            if parsed.get_backend_name() == "sqlite" and parsed.database:
                self.location = parsed.database
            # Parameters hold what must not be read; they stay out of every message.
            self.engine: Engine = create_engine(
                parsed,
                hide_parameters=True,
                pool_pre_ping=parsed.get_backend_name() != "sqlite",
                execution_options={"compiled_cache": _COMPILED},
                # A cluster that was made without a locale says SQL_ASCII, and then gives bytes.
                connect_args={}
                if parsed.get_backend_name() == "sqlite"
                else {"client_encoding": "utf8"},
            )
        except (ArgumentError, NoSuchModuleError, ImportError):
            raise StorageError(
                "database_url: write sqlite:////path/faro.db or postgresql+psycopg://user@host/name"
            ) from None
        self.sqlite = self.engine.dialect.name == "sqlite"
        self._here = threading.local()
        if self.sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
        event.listen(self.engine, "begin", _begin_sqlite if self.sqlite else _begin_postgresql)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Connection]:
        """A transaction: all or nothing, also when the process is killed.

        Inside another one of this thread it is a part of that. `durable` waits until a commit
        would survive a power cut; without, the last ones may be lost then, but never in part.
        """
        outer: Connection | None = getattr(self._here, "connection", None)
        with self._faults():
            if outer is not None:
                with outer.begin_nested():
                    yield outer
                return
            options = {"faro_write": True, "faro_durable": durable}
            with self.engine.connect() as plain:
                connection = plain.execution_options(**options)
                self._here.after = []
                with connection.begin():
                    self._here.connection = connection
                    try:
                        yield connection
                    finally:
                        self._here.connection = None
            for action in self._here.after:
                action()

    def after_commit(self, action: Callable[[], None]) -> None:
        """Do `action` once this thread's transaction has ended well; at once when there is none."""
        if getattr(self._here, "connection", None) is None:
            action()
        else:
            self._here.after.append(action)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the database; inside a transaction, what that sees."""
        outer: Connection | None = getattr(self._here, "connection", None)
        with self._faults():
            if outer is not None:
                yield outer
            else:
                with self.engine.connect() as connection, connection.begin():
                    yield connection

    def reclaim(self) -> None:
        """Take what was deleted out of the files: SQLite's log is written back and emptied
        (deleted pages are overwritten as they go: secure_delete), PostgreSQL's tables are vacuumed.
        """
        with self._faults():
            raw = self.engine.raw_connection()
            try:
                if self.sqlite:
                    raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
                else:
                    raw.driver_connection.autocommit = True  # type: ignore[union-attr]
                    raw.cursor().execute("VACUUM (ANALYZE)")
            finally:
                raw.invalidate()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except StatementError as error:
            if isinstance(error.orig, StorageError):  # a value that a column type refused
                raise error.orig from None
            if not isinstance(error, DBAPIError):
                raise
            meaning = self._meaning(error)
            fault = DiskFull if meaning == _FULL else StorageError
            raise fault(f"{self.location}: {meaning}") from error

    def _meaning(self, error: DBAPIError) -> str:
        said = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
        if self.sqlite:
            # A quota, or the limit of a file's size, is no full disk to SQLite, but is to an admin.
            if getattr(error.orig, "sqlite_errorname", "") == "SQLITE_IOERR_WRITE":
                return _FULL
            for sign, meaning in _SQLITE_FAULTS:
                if sign in said[0]:
                    return meaning.format(busy=BUSY_S)
        elif getattr(error.orig, "sqlstate", None) == _PG_DISK_FULL:
            return _FULL
        elif "lock timeout" in said[0]:
            return f"busy: another process has been writing for {BUSY_S} s; try again"
        elif error.connection_invalidated or "connect" in said[0]:
            return f"the database server cannot be reached ({said[0]}); start it, check the URL"
        return said[0]


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # BEGIN is ours, not the driver's
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_S * 1000}",
        "journal_mode = WAL",
        "foreign_keys = ON",
        "secure_delete = ON",
        "temp_store = MEMORY",
        # A pass looks up a hundred thousand rows all over a large database (64 MiB).
        "cache_size = -65536",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("faro_write"):
        sync = "FULL" if options["faro_durable"] else "NORMAL"
        connection.exec_driver_sql(f"PRAGMA synchronous = {sync}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("faro_write"):
        sync = "on" if options["faro_durable"] else "off"
        connection.exec_driver_sql(
            f"SET LOCAL lock_timeout = '{BUSY_S}s'; SET LOCAL synchronous_commit = {sync};"
            f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})"
        )
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
