"""What every part of storage works with: the database, its keys, the clock and a few settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Table, func, select, update

from config.clock import Clock
from storage.crypto import Sealer
from storage.engine import Database
from storage.ids import Ids
from storage.tables import meta


@dataclass(frozen=True)
class Vault:
    """An open database with its keys. `outage` is how long a partition must have been without a
    complete run for its next one to be a baseline, `new_shares` each site's `max_new_share`.
    """

    database: Database
    sealer: Sealer
    clock: Clock
    folder: Path
    outage: timedelta
    new_shares: Mapping[str, float] = field(default_factory=dict)
    ids: Ids = field(default_factory=Ids)

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Connection]:
        """See `Database.writing`."""
        with self.database.writing(durable=durable) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """See `Database.reading`."""
        with self.database.reading() as connection:
            yield connection

    def advance(self, connection: Connection, at: Any) -> None:
        """Move the clock guard forward to `at` (it never goes back)."""
        connection.execute(update(meta).where(meta.c.last_now < at).values(last_now=at))


def count(connection: Connection, table: Table, *conditions: Any) -> int:
    """How many rows of `table` hold all `conditions`."""
    return int(
        connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()
    )


def tally(connection: Connection, column: Column[Any], *conditions: Any) -> dict[str, int]:
    """How many rows hold each value of `column`."""
    query = select(column, func.count()).where(*conditions).group_by(column).order_by(column)
    return {str(value): int(number) for value, number in connection.execute(query)}
