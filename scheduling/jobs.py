"""What jobs do beside matching: publish the report, forget and copy what is due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from config import Config
from outreach.report import publish
from outreach.writing import write_report
from scheduling.errors import SchedulerError
from storage import Store


def report_now(
    config: Config,
    store: Store,
    now: datetime,
    *,
    unit: str | None = None,
    day: date | None = None,
    formats: tuple[str, ...] = ("html",),
    out: str | None = None,
    draft: bool = False,
) -> Iterator[Path | str]:
    """Publish (or draft) the reports of `day` and write them; yields what was written.

    Raises SchedulerError for a unit that the config does not have.
    """
    known = [each.id for each in config.units]
    if unit is not None and unit not in known:
        raise SchedulerError(f"unit {unit}: not in faro.toml; it has {', '.join(known) or 'none'}")
    local = day or now.astimezone(ZoneInfo(config.timezone)).date()
    chosen = [unit] if unit else known
    for each in chosen:
        document = publish(store, config, each, local, now, draft=draft)
        yield from write_report(
            document, formats, out, folder=config.data_dir / "reports", alone=len(chosen) == 1
        )


def upkeep(config: Config, store: Store, now: datetime) -> Iterator[str]:
    """Retention, then a backup, so that it holds nothing overdue; yields a line each."""
    yield f"retention: {store.purge(config.retention, now).sentence()}"
    yield f"backup: {store.backup(now)}"


def upkeep_is_due(config: Config, now: datetime) -> bool:
    """Whether today's upkeep is to be done: it is time, and no backup was made since."""
    local = now.astimezone(ZoneInfo(config.timezone))
    at = datetime.combine(local.date(), config.schedule.upkeep_at, local.tzinfo)
    if local < at:
        return False
    newest = max((path.name for path in (config.data_dir / "backups").glob("faro-*")), default="")
    return newest[5:21] < f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
