"""Analysts' queries: SQL over the views, and nothing else.

On SQLite the query runs on a connection of its own that is opened read-only, and an authorizer
refuses every read but those that the views themselves make. Which those are is learned by
preparing each view, not by reading SQL: a name may lie (`WITH v_adverts AS (SELECT ...)`), so a
column that no view shows is refused whatever stands around it.

On PostgreSQL a role would need rights that Faro's user may not have, and its functions
(`set_config`, `query_to_xml`) get around any check of names. So the views that the query reads are
copied into an empty SQLite database in memory, where nothing else exists. The same SQL works on
both.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Set
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import text

from storage.errors import StorageError
from storage.tables import metadata
from storage.vault import Vault
from storage.views import VIEWS

TIME_LIMIT_S = 30.0
MAX_ROWS = 100_000
MAX_VALUE = 1_000_000
MAX_ANSWER = 50_000_000  # bytes of text in all

_STEPS = 10_000  # of SQLite's machine, between two looks at the clock
_COPIED = 5_000
_FETCHED = 50
_TABLES = {*metadata.tables, "alembic_version", "sqlite_master", "sqlite_schema"}
_READS = (sqlite3.SQLITE_READ, sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION)
_RECURSIVE = 33  # SQLITE_RECURSIVE, which Python's module does not name
_REFUSED_FUNCTIONS = ("load_extension", "fts3_tokenizer", "writefile", "readfile", "edit")

Answer = tuple[list[str], list[tuple[Any, ...]]]
Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]


def query(vault: Vault, sql: str, limit: int) -> Answer:
    """See `Store.query`."""
    if not 0 < limit <= MAX_ROWS:
        raise StorageError(f"query: limit {limit}: choose one from 1 to {MAX_ROWS}")
    source = _on_sqlite(vault) if vault.database.sqlite else _on_copies(vault, sql)
    with _faults(), source as connection:
        return _run(connection, sql, limit)


def _run(connection: sqlite3.Connection, sql: str, limit: int) -> Answer:
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE)
    until = time.monotonic() + TIME_LIMIT_S
    connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
    cursor = connection.execute(sql)
    if cursor.description is None:
        raise StorageError("query: reads nothing; write a SELECT over " + ", ".join(VIEWS))
    columns = [str(column[0]) for column in cursor.description]
    rows: list[tuple[Any, ...]] = []
    size = 0
    while len(rows) < limit and (part := cursor.fetchmany(min(_FETCHED, limit - len(rows)))):
        size += sum(len(value) for row in part for value in row if isinstance(value, (str, bytes)))
        if size > MAX_ANSWER:
            raise StorageError(f"query: answers over {MAX_ANSWER:,} bytes; narrow it down")
        rows += part
    return columns, rows


@contextmanager
def _on_sqlite(vault: Vault) -> Iterator[sqlite3.Connection]:
    path = Path(vault.database.location).absolute()
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
        allowed: set[tuple[str | None, str | None]] = set()

        def learn(action: int, table: str | None, column: str | None, *_rest: str | None) -> int:
            if action == sqlite3.SQLITE_READ:
                allowed.add((table, column))
            return sqlite3.SQLITE_OK

        connection.set_authorizer(learn)
        for view in VIEWS:
            connection.execute(f"EXPLAIN SELECT * FROM {view}")  # noqa: S608 - our own names
        connection.set_authorizer(_only(allowed))
        yield connection


def _only(allowed: Set[tuple[str | None, str | None]]) -> Authorizer:
    shown = {table for table, _ in allowed}

    def check(
        action: int,
        first: str | None,
        second: str | None,
        _database: str | None,
        inside: str | None,
    ) -> int:
        if action == sqlite3.SQLITE_READ:
            of_view = first in VIEWS or inside in VIEWS
            # The empty column is a row that is counted, with nothing of it read. How many rows
            # a table has that no view shows (do-not-contact, contacts) is for nobody.
            counted = second == "" and (first in shown or first not in _TABLES)
            if counted or (of_view and (first, second) in allowed):
                return sqlite3.SQLITE_OK
            return sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_FUNCTION and second in _REFUSED_FUNCTIONS:
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK if action in (*_READS, _RECURSIVE) else sqlite3.SQLITE_DENY

    return check


@contextmanager
def _on_copies(vault: Vault, sql: str) -> Iterator[sqlite3.Connection]:
    with (
        closing(sqlite3.connect(":memory:")) as connection,
        vault.reading() as source,
    ):
        for view in VIEWS:
            names = source.execute(text(f"SELECT * FROM {view} LIMIT 0")).keys()  # noqa: S608
            connection.execute(f"CREATE TABLE {view} ({', '.join(names)})")
        for view in _named_views(connection, sql):
            rows = source.execution_options(yield_per=_COPIED).execute(
                text(f"SELECT * FROM {view}")  # noqa: S608
            )
            for part in rows.partitions():
                marks = ", ".join("?" * len(part[0]))
                connection.executemany(
                    f"INSERT INTO {view} VALUES ({marks})",  # noqa: S608
                    [[_plain(value) for value in row] for row in part],
                )
        connection.commit()
        everything: set[tuple[str | None, str | None]] = {
            (view, column) for view in VIEWS for column in _columns(connection, view)
        }
        connection.set_authorizer(_only(everything))
        yield connection


def _named_views(connection: sqlite3.Connection, sql: str) -> list[str]:
    """The views that `sql` reads, as SQLite itself understands it."""
    named: set[str] = set()

    def learn(action: int, table: str | None, *_rest: str | None) -> int:
        if action == sqlite3.SQLITE_READ and table in VIEWS:
            named.add(table)
        return sqlite3.SQLITE_OK if action in (*_READS, _RECURSIVE) else sqlite3.SQLITE_DENY

    connection.set_authorizer(learn)
    try:
        connection.execute(f"EXPLAIN {sql}")
    finally:
        connection.set_authorizer(None)
    return sorted(named)


def _columns(connection: sqlite3.Connection, view: str) -> list[str]:
    found = connection.execute(f"SELECT * FROM {view} LIMIT 0")  # noqa: S608 - our own names
    return [str(column[0]) for column in found.description]


def _plain(value: Any) -> Any:
    """As SQLite keeps it: times as text in UTC, truth as 1 or 0."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    if isinstance(value, bool):
        return int(value)
    return value


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        said = str(error).splitlines()[0]
        if "prohibited" in said or "not authorized" in said:
            said = f"may only read {', '.join(VIEWS)} ({said})"
        elif "interrupted" in said:
            said = f"took longer than {TIME_LIMIT_S:.0f} s; narrow it down"
        raise StorageError(f"query: {said}") from error
    except sqlite3.Warning as error:
        raise StorageError(f"query: {error}") from error
