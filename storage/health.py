"""How each partition is: the last word on it, what its complete runs usually see, whose crawl died.

A crawl that was killed writes no final record. Whoever asks how things are gives it one: its lock
is free, so its process is gone.
"""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, select

from records.causes import Cause
from records.verdicts import CompleteRun, PartitionHealth, PartitionVerdict
from storage import gate, locks, runs, samples
from storage.tables import advert, partition, partition_run, site, site_run
from storage.vault import Vault

# A running crawl writes its heartbeat every ten seconds; on another machine, where its lock can't
# be seen, one silent for this long has died.
SILENT = timedelta(minutes=2)


def bury(vault: Vault) -> None:
    """Record the runs whose process is gone as failed."""
    query = (
        select(site_run.c.id, site.c.name, site_run.c.host, site_run.c.heartbeat_at)
        .join(site, site.c.id == site_run.c.site_id)
        .where(site_run.c.state == "running")
    )
    with vault.reading() as connection:
        open_runs = connection.execute(query).all()
    dead = [row.id for row in open_runs if _is_dead(vault, row)]
    if not dead:
        return
    with vault.writing() as connection:
        still = site_run.c.id.in_(dead), site_run.c.state == "running"
        for run in connection.execute(select(site_run.c.id).where(*still)).scalars().all():
            runs.fail(vault, connection, run, vault.clock.now())


def _is_dead(vault: Vault, row: Any) -> bool:
    if row.host == socket.gethostname()[:255]:
        return locks.is_free(vault.folder / "locks", locks.crawl_name(row.name))
    return bool(row.heartbeat_at < datetime.now(UTC) - SILENT)


def health(vault: Vault) -> list[PartitionHealth]:
    """See `Store.health`."""
    bury(vault)
    with vault.reading() as connection:
        visible = _visible(connection)
        running = _partitions_of(connection, site_run.c.state == "running")
        held = set(
            connection.execute(
                select(site_run.c.site_id).where(site_run.c.id.in_(gate.undecided_runs()))
            ).scalars()
        )
        rows = connection.execute(_LAST_WORDS).all()
    return [
        PartitionHealth(
            site=row.site,
            partition=row.name,
            verdict=row.verdict or "running",
            reason=row.reason or "",
            last_run=_iso(row.finished_at),
            last_complete=_iso(row.last_complete),
            adverts=visible.get(row.id, 0),
            cause=_cause(row.cause),
            running=row.id in running,
            held=row.site_id in held,
            sampled=samples.is_kept(vault, row.site, row.name),
        )
        for row in rows
    ]


def _last_words() -> Any:
    past, past_run = partition_run.alias("past"), site_run.alias("past_run")
    ended = and_(past.c.partition_id == partition.c.id, past.c.verdict.is_not(None))
    last = select(func.max(past.c.run_id)).where(ended).correlate(partition)
    complete = (
        select(func.max(past_run.c.finished_at))
        .join(past, past.c.run_id == past_run.c.id)
        .where(ended, past.c.verdict == PartitionVerdict.COMPLETE.value)
        .correlate(partition)
    )
    return (
        select(
            *(partition.c.id, partition.c.site_id, site.c.name.label("site"), partition.c.name),
            *(partition_run.c.verdict, partition_run.c.reason, partition_run.c.cause),
            site_run.c.finished_at,
            complete.scalar_subquery().label("last_complete"),
        )
        .select_from(partition)
        .join(site, site.c.id == partition.c.site_id)
        .outerjoin(
            partition_run,
            and_(
                partition_run.c.partition_id == partition.c.id,
                partition_run.c.run_id == last.scalar_subquery(),
            ),
        )
        .outerjoin(site_run, site_run.c.id == partition_run.c.run_id)
        .order_by(site.c.name, partition.c.name)
    )


_LAST_WORDS = _last_words()


def _visible(connection: Connection) -> dict[int, int]:
    query = select(advert.c.partition_id, func.count()).where(advert.c.state != "absent")
    grouped = connection.execute(query.group_by(advert.c.partition_id))
    return {row[0]: int(row[1]) for row in grouped}


def _partitions_of(connection: Connection, which: Any) -> set[int]:
    query = select(partition_run.c.partition_id).join(
        site_run, site_run.c.id == partition_run.c.run_id
    )
    return set(connection.execute(query.where(which)).scalars())


def usual_runs(vault: Vault, name: str, part: str, limit: int) -> tuple[CompleteRun, ...]:
    """See `Store.usual_runs`."""
    with vault.reading() as connection:
        rows = connection.execute(
            select(partition_run.c.cards, partition_run.c.fill)
            .join(partition, partition.c.id == partition_run.c.partition_id)
            .join(site, site.c.id == partition.c.site_id)
            .where(site.c.name == name, partition.c.name == part)
            .where(partition_run.c.verdict == PartitionVerdict.COMPLETE.value)
            .order_by(partition_run.c.run_id.desc())
            .limit(limit)
        )
        return tuple(CompleteRun(row.cards, json.loads(row.fill)) for row in rows)


def _cause(text: str | None) -> Cause | None:
    if not text:
        return None
    code, params = json.loads(text)
    return Cause(code, params)


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.astimezone(UTC).isoformat().replace("+00:00", "Z")
