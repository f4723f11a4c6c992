"""The scheduler: crawls at their times, then matching, then the report. One instance at a time.

The config files and the runs in the database are the only truth. Every few seconds the plan is
made anew from them (scheduling/timetable.py) and the jobs are set accordingly: APScheduler keeps
them in memory and starts them. A slot (site, local date and time) is claimed in the database, so
that a second scheduler, on whatever machine, starts no second crawl.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from config.clock import Clock, clock_from
from crawlers.job import SiteResult
from crawlers.logs import MaskDigits
from crawlers.process import crawl_many
from records.errors import FaroError
from scheduling.clocks import Bell, RunningClock
from scheduling.errors import SchedulerError
from scheduling.jobs import report_now, upkeep, upkeep_is_due
from scheduling.matching import match_when_free
from scheduling.past import RUNS, PastRun, past_runs
from scheduling.planning import idle_reason, site_visits
from scheduling.sending import ping
from scheduling.telling import facts, tell
from scheduling.timetable import Visit
from scheduling.watching import ConfigWatch
from storage import Busy, Store, open_store

log = logging.getLogger("faro.scheduler")

LOOK_S = 5
BEAT_S = 15
NOTICE_S = 300
# A job that could not be started in time is still worth it (APScheduler's default of one second
# drops it); what is dropped all the same is planned anew.
GRACE_S = 3600
# What could not be done is tried again so much later: a locked site, a report without its disk.
TRY_AGAIN = timedelta(minutes=5)
# A site that was never crawled waits for its next time; the present minute counts as that.
THIS_MINUTE = timedelta(minutes=1)
# Running crawls may end by themselves for so long after SIGTERM; then they are told to stop.
STOP_PATIENCE_S = 30.0
MOST_CRAWLS = 32  # the largest `crawler.concurrency` that config/models.py allows


class Service:
    """The running scheduler: one crawl per site and slot, `concurrency` crawls at once."""

    def __init__(
        self, folder: Path, clock: Clock, *, stop_patience_s: float = STOP_PATIENCE_S
    ) -> None:
        """Raises ConfigError when the config is not valid."""
        self.watch = ConfigWatch.of(folder)
        self.clock = RunningClock(clock.fixed)
        self.stop_patience_s = stop_patience_s
        self.stopping = threading.Event()
        self._ending = threading.Event()
        self._bell = Bell()
        self._told_to_stop = 0
        self._started = self.clock.now()
        self._since: dict[str, datetime] = {}
        self._active: set[str] = set()
        self._put_off: dict[str, datetime] = {}
        self._places = threading.Condition()
        self._crawling = 0
        self._matching = threading.Lock()
        self._reported: date | None = None
        self._report_after = self._started
        self._said: dict[str, str] = {}
        self._beaten = self._told = self._pinged = 0.0
        self._upkeep_after = self._started
        self._jobs = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={
                "default": ThreadPoolExecutor(MOST_CRAWLS),
                "daily": ThreadPoolExecutor(1),
                "notices": ThreadPoolExecutor(1),
            },
            job_defaults={"misfire_grace_time": GRACE_S, "coalesce": True, "max_instances": 1},
            timezone=UTC,
        )

    # Looking: what changed, what is due

    def run(self) -> int:
        """Serve until SIGTERM or Ctrl-C; returns 0. Raises SchedulerError when one runs already."""
        with open_store(self.watch.config, self.clock) as store, _alone(store):
            self._jobs.start()
            try:
                log.info("started: %d sites", len(self.watch.config.sites))
                while not self._told_to_stop:
                    self.look(store)
                    self._bell.wait(LOOK_S)
            finally:
                self._end()
                with self._failing_softly("heartbeat"):
                    store.scheduler_stopped(socket.gethostname())
        return 0

    def stop(self) -> None:
        """End soon; asked again, end at once. A signal handler may call it: it takes no lock."""
        self._told_to_stop += 1
        self._bell.ring()

    def look(self, store: Store) -> None:
        """One look at config, database and clock; sets the jobs accordingly."""
        if self.watch.look():
            if self.watch.fault:
                log.error("changed config is not valid; the old one stays:\n%s", self.watch.fault)
            else:
                log.info("config read again: %d sites", len(self.watch.config.sites))
        with self._failing_softly("database"):
            self._beat(store)
            now = self.clock.now()
            overdue = self._set_crawls(store, now)
            self._set_report(store, now, crawls=overdue or bool(self._active))
            if self._upkeep_after <= now and upkeep_is_due(self.watch.config, now):
                self._upkeep_after = now + TRY_AGAIN
                self._jobs.add_job(self.upkeep, id="upkeep", executor="daily")
            self._set_notices()

    def _beat(self, store: Store) -> None:
        if time.monotonic() - self._beaten < BEAT_S and self._beaten:
            return
        self._beaten = time.monotonic()
        started = datetime.now(UTC) - (self.clock.now() - self._started)
        store.scheduler_beat(socket.gethostname(), os.getpid(), started, self.watch.fault)

    def _set_crawls(self, store: Store, now: datetime) -> bool:
        """Set each site's job to its next visit; whether one should have started already."""
        config = self.watch.config
        records = store.recent_runs(RUNS)
        overdue = False
        for site in config.sites.values():
            past = past_runs(records.get(site.id, ()), datetime.now(UTC))
            visit = self._next(site.id, past, now)
            overdue |= visit is not None and visit.start <= now
            self._set(f"crawl {site.id}", self.crawl, visit, now)
        for job in self._jobs.get_jobs():
            if job.id.startswith("crawl ") and job.args[0].site not in config.sites:
                job.remove()
        return overdue

    def _next(self, site: str, past: list[PastRun], now: datetime) -> Visit | None:
        """The next visit of a site that is not being crawled; one that failed to start waits."""
        config = self.watch.config
        if site not in config.sites or site in self._active:
            return None
        since = self._since.setdefault(site, now - THIS_MINUTE)
        visit = next(site_visits(config, config.sites[site], past, since=since, now=now), None)
        if visit is not None and self._put_off.get(site, now) > now >= visit.start:
            return None
        return visit

    def _set(
        self, name: str, job: Callable[[Visit], None], visit: Visit | None, now: datetime
    ) -> None:
        there = self._jobs.get_job(name)
        if visit is None:
            if there is not None:
                there.remove()
        elif there is None or there.args != (visit,):
            at = self.clock.real(max(visit.start, now))
            self._jobs.add_job(
                job, "date", run_date=at, args=[visit], id=name, name=name, replace_existing=True
            )
        elif visit.start <= now:
            # The clock was set under a waiting job.
            there.modify(next_run_time=datetime.now(UTC))

    def _set_report(self, store: Store, now: datetime, *, crawls: bool) -> None:
        """Publish today's report when it is time and the crawls before it are over, or late."""
        config = self.watch.config
        local = now.astimezone(ZoneInfo(config.timezone))
        at = datetime.combine(local.date(), config.schedule.report_at, local.tzinfo)
        patience = timedelta(minutes=config.schedule.report_patience_minutes)
        if local < at or self._reported == local.date() or (crawls and local < at + patience):
            return
        if self._report_after > now or self._jobs.get_job("report"):
            return
        if all(store.report(unit.id, local.date()) for unit in config.units):
            self._reported = local.date()
            return
        self._report_after = now + TRY_AGAIN
        self._jobs.add_job(self.report, id="report", name="report", executor="daily")

    def _set_notices(self) -> None:
        """Look for news to tell every five minutes, and ping as often as the config says."""
        notify, now = self.watch.config.notify, time.monotonic()
        if not self._told or now - self._told >= NOTICE_S:
            self._told = now
            self._jobs.add_job(self.notify, id="notices", executor="notices")
        if notify.heartbeat_url and (
            not self._pinged or now - self._pinged >= 60 * notify.heartbeat_minutes
        ):
            self._pinged = now
            self._jobs.add_job(self.ping, args=[notify.heartbeat_url], executor="notices")

    # Doing

    def crawl(self, visit: Visit) -> None:
        """Crawl one site for its slot when there is room, then match what changed."""
        self._active.add(visit.site)
        results: list[SiteResult] = []
        try:
            with self._failing_softly(f"crawl of {visit.site}"), self._place() as free:
                site = self.watch.config.sites.get(visit.site)
                if not free or site is None or idle_reason(self.watch.config, site, visit.start):
                    return
                results = crawl_many(
                    self.watch.config,
                    [visit.site],
                    self.clock.standing(),
                    concurrency=1,
                    slot=visit.slot,
                    stopped=self._ending.is_set,
                )
            if not results:  # it failed; not to be tried at every look
                self._put_off[visit.site] = self.clock.now() + TRY_AGAIN
            for result in results:
                if result.run is None:
                    self._put_off[visit.site] = self.clock.now() + TRY_AGAIN
                    self._say_once(visit.site, result.sentence())
                else:
                    self._said.pop(visit.site, None)
                    log.info("crawled %s (%s): %s", visit.site, visit.slot, result.sentence())
                    with self._failing_softly("matching"):
                        self._match()
        finally:
            self._active.discard(visit.site)
            self._bell.ring()

    @contextmanager
    def _place(self) -> Iterator[bool]:
        """One of `concurrency` places, when there is one; False when the scheduler stops first."""
        with self._places:
            while not self.stopping.is_set():
                if self._crawling < self.watch.config.crawler.concurrency:
                    break
                self._places.wait(LOOK_S)
            free = not self.stopping.is_set()
            self._crawling += free
        try:
            yield free
        finally:
            with self._places:
                self._crawling -= free
                self._places.notify_all()

    def report(self) -> None:
        """Match, then publish today's reports: each unit gets its own, whatever else fails."""
        config = self.watch.config
        with self._failing_softly("matching before the report"):
            self._match()
        for unit in config.units:
            with (
                self._failing_softly(f"report of {unit.id}"),
                open_store(config, self.clock.standing()) as store,
            ):
                for path in report_now(config, store, self.clock.now(), unit=unit.id):
                    log.info("report %s", path)
        self._bell.ring()

    def upkeep(self) -> None:
        """Retention, and a backup."""
        config, clock = self.watch.config, self.clock.standing()
        with self._failing_softly("upkeep"), open_store(config, clock) as store:
            for line in upkeep(config, store, clock.now()):
                log.info("%s", line)

    def notify(self) -> None:
        """Tell admins what is new or over."""
        config, clock = self.watch.config, self.clock.standing()
        with self._failing_softly("notices"), open_store(config, clock) as store:
            found = facts(config, store, clock.now(), config_fault=self.watch.fault)
            tell(config, store, clock.now(), found)

    def ping(self, address: str) -> None:
        """Let another host know that this scheduler is alive."""
        with self._failing_softly("heartbeat"):
            ping(address)

    def _match(self) -> None:
        # Crawls end at the same moment: one pass at a time, the second finds the rest.
        if self.stopping.is_set():
            return
        clock, config = self.clock.standing(), self.watch.config
        with self._matching, open_store(config, clock) as store:
            summary = match_when_free(config, store, clock.now(), self.stopping)
            if summary is not None:
                log.info("matched: %s", summary.sentence())

    def _end(self) -> None:
        """Let running crawls end for a while, then stop them; their records tell it."""
        log.info("stopping")
        self.stopping.set()
        self._jobs.remove_all_jobs()
        until = time.monotonic() + self.stop_patience_s
        with self._places:
            while self._crawling and time.monotonic() < until and self._told_to_stop < 2:
                self._places.wait(0.5)
        self._ending.set()
        self._jobs.shutdown(wait=True)
        log.info("stopped")

    @contextmanager
    def _failing_softly(self, what: str) -> Iterator[None]:
        """Log a fault, once while it lasts, and go on: the next look tries again."""
        try:
            yield
            self._said.pop(what, None)
        except FaroError as fault:
            self._say_once(what, str(fault))
        except Exception as defect:  # a defect in one job must not end all others
            # Its message may quote what a page says, so only its kind and place are told.
            place = traceback.extract_tb(defect.__traceback__)[-1]
            where = f"{Path(place.filename).name}:{place.lineno}"
            self._say_once(what, f"a defect of Faro: {type(defect).__name__} at {where}")

    def _say_once(self, what: str, words: str) -> None:
        if self._said.get(what) != words:
            self._said[what] = words
            log.error("%s: %s", what, words)


@contextmanager
def _alone(store: Store) -> Iterator[None]:
    """Hold the scheduler's lock. Raises SchedulerError when another one of this machine does."""
    try:
        lock = store.run_lock("scheduler")
        lock.__enter__()
    except Busy as fault:
        raise SchedulerError(
            f"a scheduler runs already ({fault}); `faro status` tells how it is"
        ) from fault
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


def serve(folder: Path, clock: Clock) -> int:
    """Run the scheduler in the foreground until it is told to stop; the exit status."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    handler.addFilter(MaskDigits())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    service = Service(folder, clock)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: service.stop())
    return service.run()


def main() -> int:
    """`python scheduler.py` is `faro run`."""
    parser = argparse.ArgumentParser(description="Run Faro's scheduler until stopped.")
    parser.add_argument("--config", default=os.environ.get("FARO_CONFIG", "config"))
    parser.add_argument("--now", help="simulate this time (ISO 8601), which then runs on")
    words = parser.parse_args()
    try:
        return serve(Path(words.config), clock_from(words.now, os.environ))
    except FaroError as fault:
        for line in str(fault).splitlines():
            sys.stderr.write(f"faro: {line}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
