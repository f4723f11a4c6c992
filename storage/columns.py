"""Column types: aware UTC times on both databases, 63-bit ids, and the class of each column."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import BigInteger, Column, DateTime, Dialect, Integer, LargeBinary, TypeDecorator

from storage.errors import StorageError

# SQLite makes an INTEGER PRIMARY KEY the row's own address: no second index, half the writes.
Id = BigInteger().with_variant(Integer(), "sqlite")

Class = Literal["clear", "blind", "encrypted", "derived"]


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time. Naive ones are refused: they are how an hour gets lost unnoticed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn into UTC; SQLite stores the wall time of UTC as text."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise StorageError(f"{value.isoformat()}: a time without a time zone; give it one")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> datetime | None:
        """Aware UTC again."""
        return None if value is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """SQLite's text is read in one step: a matching pass reads a hundred thousand times."""
        if dialect.name != "sqlite":
            return super().result_processor(dialect, coltype)
        return lambda text: None if text is None else datetime.fromisoformat(f"{text}+00:00")


def clear(name: str, kind: Any, *args: Any, why: str, **options: Any) -> Column[Any]:
    """A column that anyone who reads the file can read; `why` that hurts nobody."""
    return _classed("clear", name, kind, *args, why=why, **options)


def derived(name: str, kind: Any, *args: Any, why: str, **options: Any) -> Column[Any]:
    """A column that storage computes: an id, a count, a state, a reference."""
    return _classed("derived", name, kind, *args, why=why, **options)


def blind(name: str, *args: Any, why: str, **options: Any) -> Column[Any]:
    """A keyed hash: tells whether two values are equal, to who has the key."""
    return _classed("blind", name, LargeBinary(32), *args, why=why, **options)


def encrypted(name: str, *args: Any, why: str, **options: Any) -> Column[Any]:
    """An AES-256-GCM envelope (storage/crypto.py)."""
    return _classed("encrypted", name, LargeBinary(), *args, why=why, **options)


def _classed(
    kind: Class, name: str, type_: Any, *args: Any, why: str, **options: Any
) -> Column[Any]:
    options.setdefault("nullable", False)
    return Column(name, type_, *args, info={"class": kind, "why": why}, **options)
