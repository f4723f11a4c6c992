"""Many values to a statement as one parameter, and many rows in one: no statement grows with them.

SQLite reads a set from JSON, PostgreSQL from an array; both look each value up in the column's
index.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Table,
    Text,
    TypeDecorator,
    bindparam,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

_ROWS = 20_000


class _Ids(TypeDecorator[list[int]]):
    """Ids, as the dialect takes many of them at once."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: list[int] | None, dialect: Dialect) -> Any:
        """As text on both: a driver takes longer to write an array."""
        text = json.dumps(value)
        return text if dialect.name == "sqlite" else f"{{{text[1:-1]}}}"


class _each_id(GenericFunction[int]):  # noqa: N801 - a function of SQL
    """A row for each of the ids."""

    type = BigInteger()
    inherit_cache = True
    name = "each_id"


@compiles(_each_id, "sqlite")
def _from_json(element: _each_id, compiler: Any, **options: Any) -> str:
    return f"value FROM json_each({compiler.process(element.clauses, **options)})"


@compiles(_each_id, "postgresql")
def _from_array(element: _each_id, compiler: Any, **options: Any) -> str:
    return f"unnest(CAST({compiler.process(element.clauses, **options)} AS BIGINT[]))"


def among(column: Column[int], values: Iterable[int]) -> ColumnElement[bool]:
    """The condition that `column` is one of `values`, however many they are."""
    ids = bindparam(None, list(dict.fromkeys(values)), type_=_Ids())
    return column.in_(select(_each_id(ids)))


def add_rows(connection: Connection, table: Table, rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows: values in the order of the table's columns."""
    names = ", ".join(column.name for column in table.columns)
    marks = ", ".join("?" * len(table.columns))
    left = iter(rows)
    while chunk := list(islice(left, _ROWS)):
        ready = list(zip(*_ready(connection.dialect, table.columns, chunk), strict=True))
        if connection.dialect.name == "sqlite":
            into = f"INSERT INTO {table.name} ({names})"
            connection.exec_driver_sql(f"{into} VALUES ({marks})", ready)
        else:
            _copy(connection, f"COPY {table.name} ({names}) FROM STDIN", ready)


def _copy(connection: Connection, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    """PostgreSQL's own way for many rows, which SQLAlchemy does not know; its errors stay the same.

    Python would take longer to write them as arrays than the server to store them.
    """
    raw: Any = connection.connection.driver_connection
    try:
        with raw.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except raw.Error as error:
        raise DBAPIError(statement, None, error, hide_parameters=True) from error


def change_pairs(
    connection: Connection,
    pair: tuple[Column[int], Column[int]],
    columns: Sequence[Column[Any]],
    rows: Sequence[Sequence[Any]],
) -> None:
    """Set `columns` in the rows of a table that `pair` finds; `rows` are pairs and values."""
    if not rows:
        return
    every = (*pair, *columns)
    ready = _ready(connection.dialect, every, rows)
    one, other = (column.name for column in pair)
    head = f"UPDATE {pair[0].table.name} SET "  # noqa: S608 - our names
    if connection.dialect.name == "sqlite":
        sets = ", ".join(f"{column.name} = ?" for column in columns)
        order = [*ready[2:], *ready[:2]]
        statement = f"{head}{sets} WHERE {one} = ? AND {other} = ?"
        connection.exec_driver_sql(statement, list(zip(*order, strict=True)))
        return
    sets = ", ".join(f"{column.name} = given.{column.name}" for column in columns)
    names = ", ".join(column.name for column in every)
    given = f"FROM unnest({_arrays(connection.dialect, every)}) AS given({names})"
    where = f"WHERE {pair[0].table.name}.{one} = given.{one}"
    where += f" AND {pair[0].table.name}.{other} = given.{other}"
    connection.exec_driver_sql(f"{head}{sets} {given} {where}", tuple(ready))


def _arrays(dialect: Dialect, columns: Iterable[Column[Any]]) -> str:
    return ", ".join(f"%s::{column.type.compile(dialect)}[]" for column in columns)


def _ready(
    dialect: Dialect, columns: Iterable[Column[Any]], rows: Iterable[Sequence[Any]]
) -> list[list[Any]]:
    """The rows by column, each value as the driver takes it."""
    # The dialect's own type: SQLite's text of a time has its microseconds, also if they are 0.
    types = [column.type.dialect_impl(dialect) for column in columns]
    turns = [each.bind_processor(dialect) for each in types]
    return [
        values if turn is None else _turned(turn, values)
        for turn, values in zip(turns, map(list, zip(*rows, strict=True)), strict=True)
    ]


def _turned(turn: Callable[[Any], Any], values: list[Any]) -> list[Any]:
    """The values as the driver takes them; those that come again and again are turned once."""
    known = {value: turn(value) for value in set(values)}
    return [known[value] for value in values]


def remove_pairs(
    connection: Connection, one: Column[int], other: Column[int], pairs: Collection[tuple[int, int]]
) -> None:
    """Delete the rows of a table in which the two columns are one of `pairs`."""
    if not pairs:
        return
    statement = f"DELETE FROM {one.table.name}"  # noqa: S608 - our names
    if connection.dialect.name == "sqlite":
        where = f" WHERE {one.name} = ? AND {other.name} = ?"
        connection.exec_driver_sql(statement + where, sorted(pairs))
        return
    gone = "unnest(%s::bigint[], %s::bigint[]) AS gone(one, other)"
    where = f" USING {gone} WHERE {one.name} = gone.one AND {other.name} = gone.other"
    ends = tuple(list(ids) for ids in zip(*pairs, strict=True))
    connection.exec_driver_sql(statement + where, ends)
