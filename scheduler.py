"""When what runs: crawls at their times, then matching, then the report. One instance at a time.

The config files are the only truth: jobs live in memory, and a slot (site, local date and time) is
claimed in the database, so that a time that comes twice on the autumn clock change, or a second
scheduler, starts no second crawl.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from config import Config, SiteFile, crawl_obstacle, load, timings
from config.clock import Clock, clock_from
from crawlers.logs import MaskDigits
from crawlers.process import crawl_many
from matching.passes import PassSummary, match_store
from outreach.report import publish
from outreach.units import unit_of
from outreach.writing import write_report
from pipelines.places import provinces
from records.errors import FaroError
from storage import Busy, Store, open_store

log = logging.getLogger("faro.scheduler")

# A queued job is still worth running an hour late (APScheduler's default of one second drops it).
GRACE_S = 3600
# How long a pass waits for one that somebody else runs.
MATCH_PATIENCE_S = 900
POLL_S = 5


class SchedulerError(FaroError):
    """The scheduler cannot start or a job cannot be planned."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One thing that will happen: `at` is local time of the zone it was planned in."""

    at: datetime
    what: str
    site: str | None = None

    @property
    def slot(self) -> str:
        """The claim's name: the local time as the config says it, the same on both 02:30s."""
        return f"{self.at:%Y-%m-%d %H:%M}"


def upcoming(config: Config, now: datetime, hours: int = 24) -> list[Planned]:
    """Everything planned in the next `hours`, in the order of time; jitter is not in it."""
    until = now + timedelta(hours=hours)
    planned = [
        Planned(at, "crawl", site.id)
        for site in _crawled(config, now)
        for trigger in _triggers(config, site)
        for at in _firings(trigger, now, until)
    ]
    planned += [
        Planned(at, "match and report") for at in _firings(_report_trigger(config), now, until)
    ]
    return sorted(planned, key=lambda entry: (entry.at, entry.what, entry.site or ""))


def _crawled(config: Config, now: datetime) -> Iterator[SiteFile]:
    """The sites that are enabled and may be crawled."""
    for site in config.sites.values():
        if site.enabled and crawl_obstacle(config, site, now.date()) is None:
            yield site


def _triggers(config: Config, site: SiteFile) -> Iterable[CronTrigger]:
    timing = timings(config, site)
    for time in timing.at:
        yield CronTrigger(
            day_of_week=",".join(timing.days) or "*",
            hour=time.hour,
            minute=time.minute,
            timezone=ZoneInfo(site.timezone),
            jitter=None,
        )


def _report_trigger(config: Config) -> CronTrigger:
    at = config.schedule.report_at
    return CronTrigger(hour=at.hour, minute=at.minute, timezone=ZoneInfo(config.timezone))


def _firings(trigger: CronTrigger, now: datetime, until: datetime) -> Iterator[datetime]:
    at = trigger.get_next_fire_time(None, now)
    while at is not None and at <= until:
        yield at
        at = trigger.get_next_fire_time(at, at)


def schedule_table(config: Config, now: datetime) -> Table:
    """The next 24 hours as a table in local time."""
    zone = ZoneInfo(config.timezone)
    table = Table(title=f"Next 24 hours ({config.timezone})", title_justify="left", box=None)
    for heading in ("time", "what", "site"):
        table.add_column(heading)
    for entry in upcoming(config, now):
        table.add_row(f"{entry.at.astimezone(zone):%a %d %b %H:%M}", entry.what, entry.site or "")
    for site in config.sites.values():
        if site.enabled and (why := crawl_obstacle(config, site, now.date())):
            table.add_row("never", "crawl", f"{site.id}: {why}")
    if not table.rows:
        table.add_row("", "nothing is planned", "")
    return table


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


class Service:
    """The running scheduler: one crawl per site and slot, `concurrency` crawls at once."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder = folder
        self.clock = clock
        self.config = load(folder)
        self.stopping = threading.Event()
        self._after_crawl = threading.Lock()
        self._jobs = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={
                "default": ThreadPoolExecutor(max(1, self.config.crawler.concurrency)),
                "report": ThreadPoolExecutor(1),
            },
            job_defaults={
                "misfire_grace_time": GRACE_S,
                "coalesce": True,
                "max_instances": 1,
            },
            timezone=ZoneInfo(self.config.timezone),
        )

    def plan(self) -> None:
        """Put the config's times into the job store."""
        for site in _crawled(self.config, self.clock.now()):
            jitter = timings(self.config, site).jitter_s or None
            for number, trigger in enumerate(_triggers(self.config, site)):
                trigger.jitter = jitter
                self._jobs.add_job(
                    self.crawl, trigger, args=[site.id], id=f"crawl {site.id} {number}"
                )
        self._jobs.add_job(
            self.report, _report_trigger(self.config), id="match and report", executor="report"
        )

    def crawl(self, site: str) -> None:
        """Crawl one site for its slot, then match what changed."""
        zone = ZoneInfo(self.config.sites[site].timezone)
        slot = _slot_now(self.config, site, self.clock.now().astimezone(zone))
        try:
            results = crawl_many(self.config, [site], self.clock, concurrency=1, slot=slot)
            for result in results:
                log.info("crawled %s: %s", site, result.sentence())
            self._match()
        except FaroError as fault:
            log.error("crawl of %s: %s", site, fault)

    def report(self) -> None:
        """Match, then publish today's reports: each unit gets its own, whatever else fails."""
        try:
            self._match()
        except FaroError as fault:
            log.error("matching before the report: %s", fault)
        for unit in self.config.units:
            try:
                with open_store(self.config, self.clock) as store:
                    for path in report_now(self.config, store, self.clock.now(), unit=unit.id):
                        log.info("report %s", path)
            except FaroError as fault:
                log.error("report of %s: %s", unit.id, fault)

    def _match(self) -> None:
        # Crawls end at the same moment: one pass at a time, the second finds the rest. Somebody's
        # own `faro match` is waited for, too.
        with self._after_crawl, open_store(self.config, self.clock) as store:
            quiet = Console(stderr=True, quiet=True)
            for waited in range(0, MATCH_PATIENCE_S, POLL_S):
                try:
                    summary = match_now(self.config, store, self.clock.now(), console=quiet)
                    break
                except Busy as fault:
                    if waited == 0:
                        log.info("matching waits: %s", fault)
                    if self.stopping.wait(POLL_S):
                        return
            else:
                raise SchedulerError(f"matching: still busy after {MATCH_PATIENCE_S} s")
            log.info("matched: %s", summary.sentence())

    def run(self) -> int:
        """Serve until SIGTERM or Ctrl-C; running crawls are allowed to end. Returns 0."""
        with open_store(self.config, self.clock) as store, store.run_lock("scheduler"):
            self.plan()
            self._jobs.start()
            log.info("%d jobs planned", len(self._jobs.get_jobs()))
            self.stopping.wait()
            log.info("stopping: waiting for running crawls")
            self._jobs.shutdown(wait=True)
        return 0


def _slot_now(config: Config, site: str, local: datetime) -> str:
    """The planned local time that this firing belongs to: the latest one not after `local`."""
    times = sorted(timings(config, config.sites[site]).at)
    past = [time for time in times if (time.hour, time.minute) <= (local.hour, local.minute)]
    day = local.date() if past else local.date() - timedelta(days=1)
    time = past[-1] if past else times[-1]
    return f"{day:%Y-%m-%d} {time:%H:%M}"


def serve(folder: Path, clock: Clock) -> int:
    """Run the scheduler in the foreground until it is told to stop; the exit status."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    handler.addFilter(MaskDigits())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    service = Service(folder, clock)

    def stop(*_: object) -> None:
        service.stopping.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop)
    return service.run()


def main() -> int:
    """`python scheduler.py` is `faro run`."""
    parser = argparse.ArgumentParser(description="Run Faro's scheduler until stopped.")
    parser.add_argument("--config", default=os.environ.get("FARO_CONFIG", "config"))
    parser.add_argument("--now", help="simulate this time (ISO 8601)")
    words = parser.parse_args()
    try:
        return serve(Path(words.config), clock_from(words.now, os.environ))
    except FaroError as fault:
        sys.stderr.write(f"faro: {fault}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
