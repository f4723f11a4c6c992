"""Crawl runs: their start, heartbeat and history. How they end: storage/ageing.py."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, func, insert, select, update

from records.causes import Cause
from records.stored import RunRecord
from records.verdicts import PartitionVerdict
from storage import gate
from storage.crypto import canonical
from storage.errors import SlotTaken, StorageError
from storage.tables import partition, partition_run, site, site_run
from storage.vault import Vault

PATIENCE = timedelta(days=7)
"""A partition that is never complete (always capped) is in its baseline for so long."""


_NUMBER = re.compile(r"\+?\d(?:[\s./-]?\d){5,}")


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What recording needs to know of a run: partition ids by name, and which are baselines."""

    run: int
    site: str
    site_id: int
    partitions: dict[str, int]
    baselines: frozenset[int]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Earlier runs of a partition. Useful ones saw cards, after the last complete one."""

    last_complete: datetime | None
    first_useful: datetime | None
    last_useful: datetime | None


def is_baseline(past: Coverage, at: datetime, *, complete: bool, outage: timedelta) -> bool:
    """Whether what a run at `at` sees first was there before anybody looked.

    The first complete run is, and the first after an outage (DESIGN.md). So are incomplete ones
    until then: they fill the same start, page by page. A partition that is never complete would
    stay in its baseline for ever: it leaves it after PATIENCE.
    """
    if past.last_complete is not None and at - past.last_complete < outage:
        return False
    if complete or past.first_useful is None or past.last_useful is None:
        return True
    return at - past.last_useful >= outage or at - past.first_useful < PATIENCE


def coverage(connection: Connection, partition_id: int, but: int) -> Coverage:
    """The coverage of a partition by finished runs other than run `but`."""
    joined = partition_run.join(site_run, site_run.c.id == partition_run.c.run_id)
    mine = and_(
        partition_run.c.partition_id == partition_id,
        partition_run.c.run_id != but,
        site_run.c.finished_at.is_not(None),
    )
    finished = site_run.c.finished_at
    complete = partition_run.c.verdict == PartitionVerdict.COMPLETE.value
    last = connection.execute(
        select(func.max(finished)).select_from(joined).where(mine, complete)
    ).scalar()
    useful = select(func.min(finished), func.max(finished)).select_from(joined).where(mine)
    useful = useful.where(partition_run.c.cards > 0)
    if last is not None:
        useful = useful.where(finished > last)
    first_useful, last_useful = connection.execute(useful).one()
    return Coverage(last, first_useful, last_useful)


def start(
    vault: Vault,
    name: str,
    partitions: Sequence[str],
    at: datetime,
    *,
    slot: str | None,
    pid: int,
    host: str,
) -> int:
    """See `Store.start_run`."""
    with vault.writing() as connection:
        site_id = _site_id(vault, connection, name)
        if slot is not None and _slot_run(connection, site_id, slot) is not None:
            raise SlotTaken(f"{name}: {slot} was claimed already; it is not crawled twice")
        _fail_unfinished(vault, connection, site_id, at)
        run = vault.ids.one()
        connection.execute(
            insert(site_run).values(
                id=run,
                site_id=site_id,
                slot=slot,
                state="running",
                started_at=at,
                heartbeat_at=datetime.now(UTC),
                pid=pid,
                host=host[:255],
                stats="{}",
            )
        )
        rows = []
        for partition_id in _partition_ids(vault, connection, site_id, partitions).values():
            past = coverage(connection, partition_id, run)
            rows.append(
                {
                    "run_id": run,
                    "partition_id": partition_id,
                    "verdict": None,
                    "reason": "",
                    "cause": "",
                    "pages": 0,
                    "cards": 0,
                    "stored": 0,
                    "gone": 0,
                    "baseline": is_baseline(past, at, complete=False, outage=vault.outage),
                    "fill": "{}",
                    "selector_hits": "{}",
                }
            )
        if rows:
            connection.execute(insert(partition_run), rows)
        vault.advance(connection, at)
        return run


def _site_id(vault: Vault, connection: Connection, name: str) -> int:
    found = connection.execute(select(site.c.id).where(site.c.name == name)).scalar()
    if found is None:
        found = vault.ids.one()
        connection.execute(insert(site).values(id=found, name=name))
    return int(found)


def _partition_ids(
    vault: Vault, connection: Connection, site_id: int, names: Sequence[str]
) -> dict[str, int]:
    query = select(partition.c.name, partition.c.id).where(partition.c.site_id == site_id)
    known = {name: int(key) for name, key in connection.execute(query)}
    for name in names:
        if name not in known:
            known[name] = vault.ids.one()
            connection.execute(insert(partition).values(id=known[name], site_id=site_id, name=name))
    return {name: known[name] for name in names}


def _slot_run(connection: Connection, site_id: int, slot: str) -> int | None:
    query = select(site_run.c.id).where(site_run.c.site_id == site_id, site_run.c.slot == slot)
    return connection.execute(query).scalar()


def _fail_unfinished(vault: Vault, connection: Connection, site_id: int, at: datetime) -> None:
    """The caller holds the site's lock: who left these runs open is dead."""
    query = select(site_run.c.id).where(
        site_run.c.site_id == site_id, site_run.c.state == "running"
    )
    for run in connection.execute(query).scalars().all():
        fail(vault, connection, run, at)


def fail(vault: Vault, connection: Connection, run: int, at: datetime) -> None:
    """Record that a running run's process is gone. What it stored may have met new ids, too."""
    died = Cause("died")
    connection.execute(
        update(partition_run)
        .where(partition_run.c.run_id == run, partition_run.c.verdict.is_(None))
        .values(verdict=PartitionVerdict.FAILED.value, reason=str(died), cause=cause_text(died))
    )
    gate.judge(vault, connection, run)
    connection.execute(
        update(site_run).where(site_run.c.id == run).values(state="failed", finished_at=at)
    )


def cause_text(cause: Cause | None) -> str:
    """A cause as its column holds it: a word in it is short, and holds no number."""
    if cause is None:
        return ""
    params = {
        name: without_numbers(value)[:60] if isinstance(value, str) else value
        for name, value in cause.params.items()
    }
    return canonical([cause.code, params])


def without_numbers(words: str) -> str:
    """The words with everything that could be a phone number taken out."""
    return _NUMBER.sub("…", words)


def heartbeat(vault: Vault, run: int) -> None:
    """See `Store.heartbeat`."""
    with vault.writing(durable=False) as connection:
        connection.execute(
            update(site_run).where(site_run.c.id == run).values(heartbeat_at=datetime.now(UTC))
        )


_PLAN = (
    select(
        *(site_run.c.state, site.c.id, site.c.name, partition.c.name.label("part")),
        *(partition_run.c.partition_id, partition_run.c.baseline),
    )
    .join(site, site.c.id == site_run.c.site_id)
    .outerjoin(partition_run, partition_run.c.run_id == site_run.c.id)
    .outerjoin(partition, partition.c.id == partition_run.c.partition_id)
    .where(site_run.c.id == bindparam("run"))
)


def plan(connection: Connection, run: int) -> RunPlan:
    """The plan of a running run; StorageError when it is unknown or over."""
    rows = connection.execute(_PLAN, {"run": run}).all()
    if not rows:
        raise StorageError(f"run {run}: unknown; start_run makes one")
    first = rows[0]
    if first.state != "running":
        raise StorageError(f"run {run} of {first.name}: over ({first.state}); start a new one")
    parts = [row for row in rows if row.part is not None]
    return RunPlan(
        run,
        first.name,
        first.id,
        {row.part: row.partition_id for row in parts},
        frozenset(row.partition_id for row in parts if row.baseline),
    )


def run_record(vault: Vault, run: int) -> RunRecord:
    """See `Store.run_record`."""
    with vault.reading() as connection:
        found = _records(connection, site_run.c.id == run, 1)
    if not found:
        raise StorageError(f"run {run}: unknown")
    return found[0]


def last_runs(vault: Vault, limit: int) -> list[RunRecord]:
    """See `Store.last_runs`."""
    with vault.reading() as connection:
        return _records(connection, site_run.c.id.is_not(None), limit)


def recent_runs(vault: Vault, limit: int) -> dict[str, list[RunRecord]]:
    """See `Store.recent_runs`."""
    place = func.row_number().over(partition_by=site_run.c.site_id, order_by=site_run.c.id.desc())
    placed = select(site_run.c.id, place.label("place")).subquery()
    found: dict[str, list[RunRecord]] = {}
    with vault.reading() as connection:
        latest = select(placed.c.id).where(placed.c.place <= limit)
        for record in _records(connection, site_run.c.id.in_(latest), None):
            found.setdefault(record.site, []).append(record)
    return found


def _records(connection: Connection, condition: object, limit: int | None) -> list[RunRecord]:
    rows = connection.execute(
        select(site_run, site.c.name.label("site"))
        .join(site, site.c.id == site_run.c.site_id)
        .where(condition)  # type: ignore[arg-type]
        .order_by(site_run.c.id.desc())
        .limit(limit)
    ).all()
    verdicts: dict[int, dict[str, str | None]] = {row.id: {} for row in rows}
    for part in connection.execute(
        select(partition_run.c.run_id, partition.c.name, partition_run.c.verdict)
        .join(partition, partition.c.id == partition_run.c.partition_id)
        .where(partition_run.c.run_id.in_(list(verdicts)))
        .order_by(partition.c.name)
    ):
        verdicts[part.run_id][part.name] = part.verdict
    return [
        RunRecord(
            row.id,
            row.site,
            row.slot,
            row.state,
            row.started_at,
            row.finished_at,
            row.heartbeat_at,
            verdicts[row.id],
            json.loads(row.stats),
            row.gate,
        )
        for row in rows
    ]


def partition_history(
    vault: Vault, name: str, part: str, limit: int
) -> list[tuple[datetime, str, int]]:
    """See `Store.partition_history`."""
    with vault.reading() as connection:
        return [
            (row.finished_at, row.verdict, row.cards)
            for row in connection.execute(
                select(site_run.c.finished_at, partition_run.c.verdict, partition_run.c.cards)
                .join(site_run, site_run.c.id == partition_run.c.run_id)
                .join(partition, partition.c.id == partition_run.c.partition_id)
                .join(site, site.c.id == partition.c.site_id)
                .where(site.c.name == name, partition.c.name == part)
                .where(site_run.c.finished_at.is_not(None), partition_run.c.verdict.is_not(None))
                .order_by(site_run.c.id.desc())
                .limit(limit)
            )
        ]


def complete_runs(vault: Vault, since: datetime) -> dict[tuple[str, str], list[datetime]]:
    """See `Store.complete_runs`."""
    found: dict[tuple[str, str], list[datetime]] = {}
    with vault.reading() as connection:
        for row in connection.execute(
            select(site.c.name, partition.c.name.label("part"), site_run.c.finished_at)
            .join(partition, partition.c.site_id == site.c.id)
            .join(partition_run, partition_run.c.partition_id == partition.c.id)
            .join(site_run, site_run.c.id == partition_run.c.run_id)
            .where(partition_run.c.verdict == PartitionVerdict.COMPLETE.value)
            .where(site_run.c.finished_at >= since)
            .order_by(site_run.c.finished_at)
        ):
            found.setdefault((row.name, row.part), []).append(row.finished_at)
    return found
