"""Crawls whose spider has its items ready: `python crawl_of_items.py FOLDER` writes into it, for
each case, what was counted and stored (CASE.json) and the log (CASE.log).

Run by test_pipelines_stages.py in a process of its own. The reactor runs once in a process, and
loading all of this takes longer than a crawl: each case is a fork of one that has loaded it.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bacheca import SEEN, SITE, make_raw
from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess

import crawlers.preload  # noqa: F401 - what each case would load again
from config import load
from config.clock import Clock
from pipelines.stages import ITEM_PIPELINES, faro_flush
from records.adverts import RawAdvert, UnchangedCard
from storage import create_store, open_store

Item = RawAdvert | UnchangedCard


def card(ad_id: str) -> UnchangedCard:
    return UnchangedCard("bacheca", "veneto", ad_id, SEEN, 1, 1)


def text_of(number: int) -> str:
    return f"Ciao, chiama 311 44556{number % 100:02d}, 100 rose"


CASES: dict[str, list[Item | object]] = {
    "batches": [
        make_raw(str(n), "padova" if n % 3 else "veneto", body=text_of(n)) for n in range(120)
    ],
    "flush": [make_raw("1", body=text_of(1)), faro_flush, card("1")],
    "no-title": [
        make_raw("1"),
        make_raw("311-445-5667", title=(), body="tel 3114455667"),
        make_raw("3"),
    ],
    "unknown-card": [make_raw("1"), card("311-445-5667"), make_raw("2")],
    "odd": [make_raw("1", price="boh"), make_raw("2", price="boh", age="150")],
}


class Ready(Spider):
    name = "ready"
    case = ""

    async def start(self) -> AsyncIterator[Any]:
        for item in CASES[self.case]:
            if item is faro_flush:
                self.crawler.signals.send_catch_log(faro_flush)
            else:
                yield item


def crawl(case: str, folder: Path, told: Path) -> None:
    log = os.open(told.with_suffix(".log"), os.O_WRONLY | os.O_CREAT)
    os.dup2(log, sys.stderr.fileno())
    (folder / "config" / "sites").mkdir(parents=True)
    (folder / "config" / "faro.toml").write_text("")
    (folder / "config" / "sites" / "bacheca.toml").write_text(SITE)
    config = load(folder / "config")
    create_store(config, simulated=True, at=SEEN).close()
    clock = Clock(datetime(2026, 11, 23, 21, 0, tzinfo=UTC))
    with open_store(config, clock) as store:
        partitions = ["padova", "veneto"]
        run = store.start_run("bacheca", partitions, SEEN, slot=None, pid=1, host="test")
        process = AsyncCrawlerProcess(
            {
                "ITEM_PIPELINES": ITEM_PIPELINES,
                "TELNETCONSOLE_ENABLED": False,
                "LOG_LEVEL": "ERROR",
                "LOG_FORMATTER": "crawlers.logs.DiscreetFormatter",
            }
        )
        crawler = process.create_crawler(Ready)
        crawler.settings.set("FARO_STORE", store)
        crawler.settings.set("FARO_RUN", run)
        crawler.settings.set("FARO_SITE", config.sites["bacheca"])
        process.crawl(crawler, case=case)
        process.start()
        assert crawler.stats is not None
        stats = {k: v for k, v in crawler.stats.get_stats().items() if k.startswith("faro/")}
        adverts = [
            {"ad_id": a.ad_id, "text": a.text, "phones": [c.value for c in a.contacts]}
            for a in store.current_adverts("bacheca")
        ]
        told.write_text(json.dumps({"stats": stats, "adverts": adverts}))


def main(folder: Path) -> None:
    # No reactor is installed yet, and no thread runs.
    fork = multiprocessing.get_context("fork")
    for case in CASES:
        child = fork.Process(target=crawl, args=(case, folder / case, folder / f"{case}.json"))
        child.start()
        child.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
