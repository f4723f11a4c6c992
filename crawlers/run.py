"""One crawl of one site in this process: from the site's lock to the final record of its run.

Scrapy reports `finished` for almost anything (guide/crawling.md), so the crawl writes its own
record, in every case that leaves it time to. A crawl that is killed leaves a run without one: the
next run of the site marks it as failed.
"""

from __future__ import annotations

import gc
import importlib
import logging
import os
import socket
from collections.abc import Mapping
from typing import Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.utils.asyncio import create_looping_call

from config import Config, SiteFile, crawl_obstacle
from config.clock import Clock
from crawlers.browser import REFUSED
from crawlers.conditional import closed
from crawlers.errors import CrawlError
from crawlers.job import CrawlJob, Progress
from crawlers.listing import ListingSpider
from crawlers.logs import log_to_file
from crawlers.patience import note_retry_after
from crawlers.settings import crawl_settings, own_hosts
from crawlers.verdicts import SHOWN_BY_A_PAGE, PartitionFacts, partition_verdict
from pipelines.stages import DISK_FULL
from records.verdicts import PartitionOutcome, PartitionVerdict, RunOutcome
from storage import StorageError, Store, open_store

log = logging.getLogger("faro.crawl")

HEARTBEAT_S = 10

_Walked = tuple[RunOutcome, dict[str, str]]
"""How a walk came out, and the page of each partition that may be worth a look."""
_KEPT_STATS = ("downloader/", "retry/", "robotstxt/", "playwright/", "memusage/max", "elapsed")


def crawl_site(
    config: Config,
    site: SiteFile,
    clock: Clock,
    *,
    slot: str | None = None,
    progress: Progress | None = None,
) -> int:
    """Crawl `site` in this process and return the id of its run. Once per process: Twisted's
    reactor does not start twice.

    Raises CrawlError when the site may not be crawled or its browser is missing, storage's errors
    when another crawl of it is running or the slot is taken.
    """
    run, _ = crawl(config, site, clock, slot=slot, progress=progress)
    return run


def crawl(
    config: Config,
    site: SiteFile,
    clock: Clock,
    *,
    slot: str | None = None,
    progress: Progress | None = None,
    started: Any = None,
) -> tuple[int, RunOutcome]:
    """`crawl_site` with the outcome; calls `started(run)` as soon as the run has begun."""
    obstacle = crawl_obstacle(config, site, clock.now().date())
    if obstacle is not None:
        raise CrawlError(f"site {site.id}: {obstacle}")
    settings = crawl_settings(config, site)
    with open_store(config, clock) as store, store.crawl_lock(site.id):
        partitions = [start.id for start in site.list.start]
        run = store.start_run(
            site.id,
            partitions,
            clock.now(),
            slot=slot,
            pid=os.getpid(),
            host=socket.gethostname(),
        )
        if started is not None:
            started(run)
        outcome = failed_outcome(site, "died")
        pages: dict[str, str] = {}
        try:
            job = CrawlJob(site, store, clock, run, progress)
            outcome, pages = _walk_site(config, job, settings)
        finally:
            outcome = store.finish_run(run, clock.now(), outcome)
        _keep_bad_pages(job, outcome, pages)
        return run, outcome


def _keep_bad_pages(job: CrawlJob, outcome: RunOutcome, pages: Mapping[str, str]) -> None:
    """What an admin looks at when a layout has changed: the page that proved it, for a week."""
    samples, now = job.store.samples, job.now()
    samples.purge(now)
    for part in outcome.partitions:
        page = pages.get(part.partition)
        if part.verdict is PartitionVerdict.COMPLETE:
            samples.drop(job.site.id, part.partition)
        elif page and part.cause is not None and part.cause.code in SHOWN_BY_A_PAGE:
            samples.keep(job.run, job.site.id, part.partition, now, page)


def failed_outcome(site: SiteFile, finish: str) -> RunOutcome:
    """The outcome of a run that nothing is known of but how it ended."""
    verdict, cause = partition_verdict(PartitionFacts(finish=finish))
    return RunOutcome(
        tuple(PartitionOutcome(start.id, verdict, cause) for start in site.list.start)
    )


def spider_class(site: SiteFile) -> type[ListingSpider]:
    """The listing spider, or the developer's one that the site file names: the class `SiteSpider`
    of the module `crawlers.spiders.<name>`.
    """
    if site.spider is None:
        return ListingSpider
    if not site.spider.isidentifier():
        raise CrawlError(f"site {site.id}: spider: '{site.spider}' is no module name")
    name = f"crawlers.spiders.{site.spider}"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as fault:
        if fault.name != name:
            raise
        path = f"crawlers/spiders/{site.spider}.py"
        raise CrawlError(f"site {site.id}: spider: there is no {path}") from fault
    found: type[ListingSpider] = module.SiteSpider
    return found


def _walk_site(config: Config, job: CrawlJob, settings: Mapping[str, Any]) -> _Walked:
    handler = log_to_file(config.data_dir / "logs" / f"{job.site.id}.log", config.crawler.log_level)
    try:
        process = AsyncCrawlerProcess(dict(settings))
        # Scrapy makes and drops thousands of objects for every page: the collector need not look
        # through them several times within one.
        gc.set_threshold(10_000, 20, 20)
        # Scrapy's own loggers make a record for every page, whatever the level of the log is.
        logging.getLogger("scrapy").setLevel(config.crawler.log_level)
        crawler = process.create_crawler(spider_class(job.site))
        # After create_crawler, for it copies its settings deeply, and a store can't be copied.
        for name, value in (
            ("FARO_STORE", job.store),
            ("FARO_RUN", job.run),
            ("FARO_SITE", job.site),
            ("FARO_HOSTS", sorted(own_hosts(job.site))),
        ):
            crawler.settings.set(name, value)
        Heartbeat(crawler, job.store, job.run)
        note_retry_after(crawler)
        process.crawl(crawler, job=job)
        process.start()
        return _outcome(job, crawler)
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()


class Heartbeat:
    """Says every ten seconds of real time that the run is alive."""

    def __init__(self, crawler: Crawler, store: Store, run: int) -> None:
        self._store = store
        self._run = run
        self._loop = create_looping_call(self._beat)
        crawler.signals.connect(self._start, signals.spider_opened)
        crawler.signals.connect(self._stop, signals.spider_closed)

    def _start(self) -> None:
        self._loop.start(HEARTBEAT_S, now=False)

    def _stop(self) -> None:
        if self._loop.running:
            self._loop.stop()

    def _beat(self) -> None:
        try:
            self._store.heartbeat(self._run)
        except StorageError as fault:
            log.warning("no heartbeat: %s", fault)


def _outcome(job: CrawlJob, crawler: Crawler) -> _Walked:
    spider = crawler.spider
    if not isinstance(spider, ListingSpider):
        return failed_outcome(job.site, "died"), {}
    stats = crawler.stats.get_stats()
    finish = "disk_full" if stats.get(DISK_FULL) else str(stats.get("finish_reason") or "died")
    spider.probing.settle()
    outcome = RunOutcome(
        tuple(
            walk.outcome(
                finish,
                site_blocked=spider.blocked,
                stored=int(stats.get(f"faro/stored/{walk.partition}", 0)),
            )
            for walk in spider.walks.values()
        ),
        {
            **{name: value for name, value in stats.items() if _worth_keeping(name, value)},
            **{f"faro/{name}": number for name, number in spider.counts.items()},
        },
    )
    complete = {part.partition for part in outcome.partitions if part.verdict == "complete"}
    told = closed(spider.memory.told(complete), spider.details.told())
    job.store.keep_list_memory(job.site.id, told)
    for part in outcome.partitions:
        log.info("%s: %s %s", part.partition, part.verdict, part.reason)
    for host, times in REFUSED.items():
        words = "refused to load from %s, which [access] hosts does not name: %d times"
        log.info(words, host, times)
    log.info("peak memory: %d MB", outcome.stats.get("memusage/max", 0) // 2**20)
    telling = {part.partition for part in outcome.partitions if part.reread_since is not None}
    return outcome, {
        walk.partition: walk.detail_pages.page if walk.partition in telling else walk.page
        for walk in spider.walks.values()
    }


def _worth_keeping(name: str, value: object) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and name.startswith(("faro/", *_KEPT_STATS))
