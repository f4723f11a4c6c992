"""Telling admins: gather the facts, find what is wrong, say it once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from config import Config
from records.errors import FaroError
from scheduling.errors import SchedulerError
from scheduling.notices import Facts, after_telling, letter, merged, troubles, untold
from scheduling.past import RUNS, past_runs
from scheduling.planning import plan
from scheduling.sending import channels
from scheduling.timetable import LATE, Visit
from storage import Store


def facts(config: Config, store: Store, now: datetime, *, config_fault: str = "") -> Facts:
    """What is known now about sites, runs, reports and the config."""
    runs = store.recent_runs(RUNS)
    past = {site: past_runs(records, datetime.now(UTC)) for site, records in runs.items()}
    overdue: Sequence[Visit] = plan(config, past, now, now)
    return Facts(
        health=store.health(),
        runs=runs,
        watches=store.site_watches(),
        visits=overdue,
        unreported=_unreported(config, store, now),
        config_faults=len(config_fault.splitlines()),
    )


def _unreported(config: Config, store: Store, now: datetime) -> list[str]:
    """Units whose report of today should be there by now."""
    local = now.astimezone(ZoneInfo(config.timezone))
    at = datetime.combine(local.date(), config.schedule.report_at, local.tzinfo)
    late = at + timedelta(minutes=config.schedule.report_patience_minutes) + LATE
    if local < late or not store.site_watches():
        return []
    return [unit.id for unit in config.units if store.report(unit.id, local.date()) is None]


def tell(config: Config, store: Store, now: datetime, found: Facts) -> None:
    """Send what is new or over, by every way, and remember it.

    Told by one way is told; raises what another way said. Told by none, it is tried again the
    next time. While another scheduler on the same database tells, nothing is sent: what it leaves
    untold comes the next time.
    """
    with store.telling() as mine:
        faults = _told(config, store, now, found) if mine else []
    if faults:
        raise SchedulerError("; ".join(str(fault) for fault in faults))


def _told(config: Config, store: Store, now: datetime, found: Facts) -> list[FaroError]:
    """Send and remember; what the ways said that did not take it."""
    before = store.notices()
    known = merged(before, troubles(config, found, now), now)
    ways = channels(config)
    news = untold(known)
    faults: list[FaroError] = []
    if news and ways:
        subject, body = letter(config, news)
        for way in ways:
            try:
                way(subject, body)
            except FaroError as fault:
                faults.append(fault)
        if len(faults) < len(ways):
            known = after_telling(known, now)
    if known != before:
        store.save_notices(known)
    return faults
