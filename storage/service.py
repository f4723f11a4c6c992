"""The scheduler's rows: its signs of life, notices to admins, and what it asks of past runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

from sqlalchemy import delete, exists, func, insert, select, update

from records.service import Notice, SchedulerLife, SiteWatch
from storage import locks
from storage.errors import Busy
from storage.tables import advert, site, site_run
from storage.tables_service import notice, scheduler_life
from storage.vault import Vault

_TELLING_LOCK = 0x6661_726F_0002  # "faro", 2: of this database only


def beat(vault: Vault, host: str, pid: int, started_at: datetime, fault: str) -> None:
    """See `Store.scheduler_beat`."""
    life = {
        "pid": pid,
        "started_at": started_at,
        "heartbeat_at": datetime.now(UTC),
        "stopped_at": None,
        "fault": fault,
    }
    here = scheduler_life.c.host == host[:255]
    with vault.writing(durable=False) as connection:
        if connection.execute(update(scheduler_life).where(here).values(**life)).rowcount == 0:
            connection.execute(insert(scheduler_life).values(host=host[:255], **life))


def stopped(vault: Vault, host: str) -> None:
    """See `Store.scheduler_stopped`."""
    with vault.writing() as connection:
        connection.execute(
            update(scheduler_life)
            .where(scheduler_life.c.host == host[:255])
            .values(stopped_at=datetime.now(UTC), heartbeat_at=datetime.now(UTC))
        )


def lives(vault: Vault) -> list[SchedulerLife]:
    """See `Store.scheduler_lives`."""
    newest = select(scheduler_life).order_by(scheduler_life.c.heartbeat_at.desc())
    with vault.reading() as connection:
        return [SchedulerLife(**row._mapping) for row in connection.execute(newest)]


def notices(vault: Vault) -> list[Notice]:
    """See `Store.notices`."""
    query = select(notice).order_by(notice.c.raised_at, notice.c.kind, notice.c.subject)
    with vault.reading() as connection:
        return [Notice(**row._mapping) for row in connection.execute(query)]


@contextmanager
def telling(vault: Vault) -> Iterator[bool]:
    """See `Store.telling`. Whoever dies lets go: the lock is the kernel's, or a connection's."""
    if vault.database.sqlite:
        with ExitStack() as held:
            try:
                held.enter_context(locks.run_lock(vault.folder / "locks", "telling"))
            except Busy:
                mine = False
            else:
                mine = True
            yield mine
        return
    with vault.database.reading() as connection:
        asked = "SELECT pg_try_advisory_xact_lock(%s)"
        yield bool(connection.exec_driver_sql(asked, (_TELLING_LOCK,)).scalar_one())


def save_notices(vault: Vault, known: Iterable[Notice]) -> None:
    """See `Store.save_notices`."""
    rows = [
        {column.name: getattr(each, column.name) for column in notice.columns} for each in known
    ]
    with vault.writing() as connection:
        connection.execute(delete(notice))
        if rows:
            connection.execute(insert(notice), rows)


def watches(vault: Vault) -> dict[str, SiteWatch]:
    """See `Store.site_watches`."""
    joined = select(site.c.name, func.min(site_run.c.started_at), func.max(site_run.c.started_at))
    joined = joined.join(site_run, site_run.c.site_id == site.c.id).group_by(site.c.name)
    fruitful = joined.where(exists().where(advert.c.first_run == site_run.c.id))
    with vault.reading() as connection:
        last_new = {name: newest for name, _, newest in connection.execute(fruitful)}
        return {
            name: SiteWatch(first, last_new.get(name))
            for name, first, _ in connection.execute(joined)
        }
