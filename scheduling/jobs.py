"""What jobs do: match what changed, publish the report, forget and copy what is due."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from config import Config
from matching.passes import PassSummary, match_store
from outreach.report import publish
from outreach.units import unit_of
from outreach.writing import write_report
from pipelines.places import provinces
from scheduling.errors import SchedulerError
from storage import Busy, Store

# How long a pass waits for one that somebody else runs.
PATIENCE_S = 900
_ASK_S = 5


def match_now(
    config: Config, store: Store, now: datetime, *, full: bool = False, console: Console
) -> PassSummary:
    """One matching pass over what changed (`full`: over everything), with a progress bar."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bars:
        task = bars.add_task("matching", total=None)

        def show(done: int, total: int) -> None:
            bars.update(task, completed=done, total=total)

        return match_store(
            store,
            config.matching,
            {site.id: site.origin for site in config.sites.values()},
            unit_of(config),
            now,
            config.timezone,
            full=full,
            progress=show,
            province_name=lambda code: provinces()[code].name if code in provinces() else code,
        )


def match_when_free(
    config: Config, store: Store, now: datetime, stopping: threading.Event
) -> PassSummary | None:
    """A quiet matching pass that waits for somebody's own `faro match`; None when told to stop.

    Raises SchedulerError when the other pass goes on for `PATIENCE_S`.
    """
    quiet = Console(stderr=True, quiet=True)
    for _ in range(0, PATIENCE_S, _ASK_S):
        try:
            return match_now(config, store, now, console=quiet)
        except Busy:
            if stopping.wait(_ASK_S):
                return None
    raise SchedulerError(f"matching: another pass has been running for {PATIENCE_S} s")


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
