"""Published reports: one for each unit and local day, encrypted, never written twice."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Row, insert, select

from records.queue import PublishedReport
from storage import audit
from storage.errors import AlreadyPublished
from storage.tables_queue import report
from storage.vault import Vault


def publish(vault: Vault, made: PublishedReport) -> None:
    """See `Store.publish_report`."""
    with vault.writing() as connection:
        if by_day(vault, made.unit, made.day) is not None:
            raise AlreadyPublished(f"report of {made.unit} for {made.day}: published already")
        number = vault.ids.one()
        connection.execute(
            insert(report).values(
                id=number,
                unit=made.unit,
                day=made.day,
                generated_at=made.generated_at,
                covers_from=made.covers_from,
                covers_to=made.covers_to,
                document=vault.sealer.seal_for("report", "report.document", number, made.document),
            )
        )
        vault.advance(connection, made.generated_at)
    vault.database.after_commit(lambda: audit.anchor(vault, made.generated_at))


def by_day(vault: Vault, unit: str, day: date | str) -> PublishedReport | None:
    """See `Store.report`."""
    local = day if isinstance(day, str) else day.isoformat()
    query = select(report).where(report.c.unit == unit, report.c.day == local)
    with vault.reading() as connection:
        row = connection.execute(query).first()
    return None if row is None else _opened(vault, row)


def last(vault: Vault, unit: str) -> PublishedReport | None:
    """See `Store.last_report`."""
    query = select(report).where(report.c.unit == unit).order_by(report.c.covers_to.desc()).limit(1)
    with vault.reading() as connection:
        row = connection.execute(query).first()
    return None if row is None else _opened(vault, row)


def _opened(vault: Vault, row: Row[Any]) -> PublishedReport:
    return PublishedReport(
        unit=row.unit,
        day=row.day,
        generated_at=row.generated_at,
        covers_from=row.covers_from,
        covers_to=row.covers_to,
        document=vault.sealer.open("report.document", row.id, row.document),
    )
