"""One process per crawl, started from a fork server that has the imports loaded.

A cold start of Scrapy, storage and the pipelines costs a second or more of CPU; a fork of a server
that holds them costs milliseconds. Twisted's reactor is not among the imports: each crawl
installs its own. Every crawl leads its own session, so that a stuck one can be ended with
everything it started: SIGTERM, `GRACE_S`, SIGKILL.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
import types
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess

from config import Config, SiteFile, site_named
from config.clock import Clock
from crawlers.job import CrawlUpdate, Progress, SiteResult
from records.errors import FaroError
from records.verdicts import RunOutcome

log = logging.getLogger("faro.crawl")

GRACE_S = 20.0
# How often somebody who may want to stop is asked.
ASK_S = 0.5
# Beyond the site's own max_minutes, at which a crawl ends itself as a time-out.
HARD_LIMIT_MARGIN_S = 120.0

fork_server = multiprocessing.get_context("forkserver")
_starting = threading.Lock()


def crawl_many(
    config: Config,
    site_ids: Sequence[str],
    clock: Clock,
    *,
    concurrency: int = 2,
    progress: Progress | None = None,
    slot: str | None = None,
    stopped: Callable[[], bool] | None = None,
) -> list[SiteResult]:
    """Crawl sites, each in a process of its own, `concurrency` at once; results in their order.

    What keeps a site from being crawled is its result's `problem`; only an unknown site raises
    (ConfigError). `progress` is called in this thread. As soon as `stopped` says so, no further
    crawl begins, and running ones are told to stop and given `GRACE_S` to write their record.
    """
    waiting = deque(site_named(config, name) for name in dict.fromkeys(site_ids))
    running: list[CrawlProcess] = []
    results: dict[str, SiteResult] = {}
    try:
        while waiting or running:
            while waiting and len(running) < max(1, concurrency):
                running.append(CrawlProcess(config, waiting.popleft(), clock, slot))
            if stopped is not None and stopped():
                for site in waiting:
                    problem = f"site {site.id}: not crawled, for Faro is being stopped"
                    results[site.id] = SiteResult(site.id, None, problem=problem)
                waiting.clear()
                for each in running:
                    each.stop()
                    each.deadline = min(each.deadline, time.monotonic() + GRACE_S)
                stopped = None
            patience = _patience(running)
            wait(
                [each.connection for each in running],
                patience if stopped is None else min(patience, ASK_S),
            )
            for each in list(running):
                for update in each.updates():
                    if progress is not None:
                        progress(update)
                if each.ended():
                    running.remove(each)
                    results[each.site.id] = result = each.result()
                    if progress is not None:
                        progress(CrawlUpdate(each.site.id, each.pages, each.adverts, result))
    finally:
        for each in running:
            each.stop()
        for each in running:
            each.kill_after(GRACE_S)
    return [results[name] for name in dict.fromkeys(site_ids)]


def _patience(running: Sequence[CrawlProcess]) -> float:
    soonest = min((each.deadline for each in running), default=0.0)
    return max(0.05, soonest - time.monotonic())


class CrawlProcess:
    """A crawl of one site in its own process, from start to result."""

    def __init__(self, config: Config, site: SiteFile, clock: Clock, slot: str | None) -> None:
        self.config = config
        self.site = site
        self.clock = clock
        self.pages = self.adverts = 0
        self._run: int | None = None
        self._outcome: RunOutcome | None = None
        self._problem = ""
        self._closed = False
        self._begun = time.monotonic()
        self._stopping: float | None = None
        limit = site.politeness.max_minutes * 60 + HARD_LIMIT_MARGIN_S
        self.deadline = self._begun + limit
        self.connection, theirs = fork_server.Pipe(duplex=False)
        # The child needs one site; and a mapping proxy of all can't be pickled.
        only = config.model_copy(update={"sites": {site.id: site}})
        self._process = fork_server.Process(
            target=_child_main,
            args=(theirs, only, site.id, clock, slot, dict(os.environ)),
            name=f"faro crawl {site.id}",
        )
        start_child(self._process)
        theirs.close()

    @property
    def pid(self) -> int | None:
        """The process id, which is its group's and session's too."""
        return self._process.pid

    def updates(self) -> list[CrawlUpdate]:
        """What the child told since the last call."""
        told = []
        while not self._closed and self.connection.poll():
            try:
                message = self.connection.recv()
            except (EOFError, OSError):
                self._closed = True
                break
            if isinstance(message, CrawlUpdate):
                self.pages, self.adverts = message.pages, message.adverts
                told.append(message)
            elif isinstance(message, int):
                self._run = message
            elif isinstance(message, RunOutcome):
                self._outcome = message
            else:
                self._problem = str(message)
        return told

    def ended(self) -> bool:
        """Whether the process is over; one past its time is told to stop, then killed."""
        now = time.monotonic()
        if self._closed:
            self.kill_after(GRACE_S)
            return True
        if now >= self.deadline:
            if self._stopping is None:
                self.stop()
                self.deadline = now + GRACE_S
            else:
                self.kill_after(0)
                return True
        return False

    def stop(self) -> None:
        """Ask the process group to end."""
        self._stopping = time.monotonic()
        self._signal(signal.SIGTERM)

    def kill_after(self, seconds: float) -> None:
        """Wait so long for the process to end by itself, then kill its group."""
        self._process.join(seconds)
        self._signal(signal.SIGKILL)
        self._process.join()
        self.connection.close()

    def _signal(self, number: signal.Signals) -> None:
        if self._process.pid is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)

    def result(self) -> SiteResult:
        """How the crawl ended. A process that died without a final record gets one here."""
        outcome = self._outcome
        if outcome is None and self._run is not None:
            outcome = self._record_death(self._run)
        problem = self._problem
        if outcome is None and not problem:
            problem = f"site {self.site.id}: the crawl process died before it began"
        return SiteResult(
            self.site.id,
            self._run,
            outcome.partitions if outcome else (),
            problem,
            time.monotonic() - self._begun,
            **_costs(outcome),
        )

    def _record_death(self, run: int) -> RunOutcome:
        from crawlers.run import failed_outcome
        from storage import open_store

        outcome = failed_outcome(self.site, "died" if self._stopping is None else "shutdown")
        # A new crawl of the site may hold the lock already; it has then recorded the death.
        with (
            suppress(FaroError),
            open_store(self.config, self.clock) as store,
            store.crawl_lock(self.site.id),
        ):
            if store.run_record(run).state == "running":
                outcome = store.finish_run(run, self.clock.now(), outcome)
        return outcome


def _costs(outcome: RunOutcome | None) -> dict[str, int]:
    stats = outcome.stats if outcome else {}
    names = {
        "requests": "downloader/request_count",
        "saved": "faro/requests/saved",
        "unchanged": "faro/requests/unchanged",
    }
    costs = {name: int(stats.get(stat, 0)) for name, stat in names.items()}
    return costs | {"memory_mb": int(stats.get("memusage/max", 0)) // 2**20}


def start_child(process: ForkServerProcess) -> None:
    """Start a child of the fork server, without the parent's main script: importing that would be
    0.2 s of CPU for nothing, and a fault for scripts without a main guard.
    """
    fork_server.set_forkserver_preload(["crawlers.preload"])
    with _starting:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType("__main__")
        # The server inherits what is blocked: it is the parent's to tell its crawls to stop, and it
        # ends with the parent. A signal to everything in the foreground, or in a unit of systemd,
        # would kill the server while it loads, and fail the parent's next word to it. The tracker
        # goes first: its start unblocks what is blocked.
        resource_tracker.ensure_running()
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
            sys.modules["__main__"] = main


def _child_main(
    connection: Connection,
    config: Config,
    site_id: str,
    clock: Clock,
    slot: str | None,
    environ: Mapping[str, str],
) -> None:
    from crawlers.logs import log_to_file
    from crawlers.run import crawl

    settle_in(environ)

    def tell(message: object) -> None:
        # A parent that is gone hears nothing; its death is dealt with elsewhere.
        with suppress(BrokenPipeError):
            connection.send(message)

    def started(run: int) -> None:
        # The store is open: nothing that this process starts needs the root key.
        if config.keys.root.startswith("env:"):
            os.environ.pop(config.keys.root.removeprefix("env:"), None)
        tell(run)

    try:
        _, outcome = crawl(
            config, config.sites[site_id], clock, slot=slot, progress=tell, started=started
        )
        tell(outcome)
    except FaroError as fault:
        tell(str(fault))
    except Exception as fault:  # nothing is above this but the end of the process
        path = config.data_dir / "logs" / f"{site_id}.log"
        tell(f"site {site_id}: unforeseen fault ({type(fault).__name__}): see {path}")
        with suppress(OSError):
            log_to_file(path, "ERROR")
            log.exception("the crawl failed")


def settle_in(environ: Mapping[str, str]) -> None:
    """What a child does first: a session of its own, the parent's environment (the fork server's is
    as old as the server), nothing on the terminal, an end when the parent ends or tells it to end.
    """
    os.setsid()
    # What came until now was sent to the server's group, and not to this crawl.
    if signal.SIGTERM in signal.sigpending():
        signal.sigwait({signal.SIGTERM})
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    os.environ.clear()
    os.environ.update(environ)
    _silence()
    _die_with_parent()


def _silence() -> None:
    """What a browser or a library prints is not for the terminal; the crawl has its own log."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)


def _die_with_parent() -> None:
    """End this session when the process that asked for the crawl is gone."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_S)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True, name="parent watch").start()
