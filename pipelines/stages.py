"""The stages that Scrapy sends every item through: normalise, then store.

The settings list is the map of the pipeline: `ITEM_PIPELINES` below is what the crawl sets. A
stage reads `FARO_SITE` (SiteFile), `FARO_STORE` (Store) and `FARO_RUN` (int) from the crawler's
settings. They must be set on the crawler's own settings, since those that a crawler is made with
are deep-copied.

Counted in the crawler's stats: `faro/<what>/<oddity>` (what normalising dropped or found odd),
`faro/stored` and `faro/stored/<partition>` (items that storage confirmed, to be compared with those
yielded), `faro/record/<outcome>`, `faro/item_error` (items lost, in whatever stage) with
`faro/item_error_places` (where they were listed, the first `MAX_LOST_NAMED`). Neither the id of an
advert nor its content is counted or logged here: sites make ids of numbers and names, and Scrapy
writes its stats to the log.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals

from pipelines.normalise import normalise
from records.adverts import Advert, RawAdvert, UnchangedCard
from records.errors import FaroError
from storage import DiskFull

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from config import SiteFile
    from storage import Store

ITEM_PIPELINES = {
    "pipelines.stages.NormaliseStage": 100,
    "pipelines.stages.StoreStage": 900,
}

faro_flush = object()
"""Signal: store the adverts that are held back. The spider sends it at the end of a list page."""

DISK_FULL = "faro/disk_full"
BATCH, UNCHANGED_BATCH = 50, 200
"""What is stored in one transaction at most: so many adverts, so many sightings in all."""
MAX_LOST_NAMED = 200

logger = logging.getLogger(__name__)


def _where(item: RawAdvert | Advert | UnchangedCard) -> str:
    return f"{item.partition}, page {item.page}, position {item.position}"


def _count_lost(crawler: Crawler, item: RawAdvert | Advert | UnchangedCard) -> None:
    stats = crawler.stats
    if stats is None:
        return
    stats.inc_value("faro/item_error")
    lost = stats.get_value("faro/item_error_places", [])
    if len(lost) < MAX_LOST_NAMED:
        stats.set_value("faro/item_error_places", [*lost, _where(item)])


class NormaliseStage:
    """RawAdvert → Advert; an UnchangedCard passes untouched.

    An exception in this or another stage loses its item: Scrapy says so in one log line only, so
    the loss is counted here, with the advert's place in the list.
    """

    def __init__(self, crawler: Crawler, site: SiteFile) -> None:
        self.crawler = crawler
        self.site = site

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy."""
        stage = cls(crawler, crawler.settings["FARO_SITE"])
        crawler.signals.connect(stage.item_lost, signals.item_error)
        return stage

    def item_lost(self, item: Any) -> None:
        """A stage raised on `item`."""
        _count_lost(self.crawler, item)

    def process_item(self, item: RawAdvert | UnchangedCard) -> Advert | UnchangedCard:
        """Normalise one item; PipelineError when it can't become an advert."""
        if isinstance(item, UnchangedCard):
            return item
        odd: Counter[str] = Counter()
        try:
            return normalise(item, self.site, odd)
        finally:
            if self.crawler.stats:
                for oddity, times in odd.items():
                    self.crawler.stats.inc_value(f"faro/{oddity}", times)


class StoreStage:
    """Hands sightings to storage in batches, at `faro_flush`, and at the end.

    Unchanged cards may wait for the next page: they add nothing to what is known but that a site
    still shows it, which only a run that ends well says anyway. `stored` counts, by partition, the
    items that storage confirmed.
    """

    def __init__(self, crawler: Crawler, store: Store, run: int) -> None:
        self.crawler = crawler
        self.store = store
        self.run = run
        self.stored: Counter[str] = Counter()
        self._held: list[Advert | UnchangedCard] = []
        self._adverts = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy."""
        settings = crawler.settings
        stage = cls(crawler, settings["FARO_STORE"], settings.getint("FARO_RUN"))
        crawler.signals.connect(stage.page_ended, faro_flush)
        return stage

    def process_item(self, item: Advert | UnchangedCard) -> Advert | UnchangedCard:
        """Hold one item back for the next batch."""
        self._held.append(item)
        self._adverts += isinstance(item, Advert)
        if self._adverts >= BATCH or len(self._held) >= UNCHANGED_BATCH:
            self.flush()
        return item

    def page_ended(self) -> None:
        """Store what is held back when there are adverts in it."""
        if self._adverts:
            self.flush()

    def close_spider(self) -> None:
        """Store the rest."""
        self.flush()

    def flush(self) -> None:
        """Store what is held back.

        When storage refuses a batch, its items are stored one by one, so that a bad one takes no
        other with it. On any other failure they stay held for the next attempt; on a full disk the
        spider is told (`DISK_FULL` in the stats) and ends the crawl.
        """
        if not self._held:
            return
        try:
            self._record(self._held)
        except DiskFull as error:
            if self.crawler.stats and not self.crawler.stats.get_value(DISK_FULL):
                logger.error("the crawl ends: %s", error)
                self.crawler.stats.set_value(DISK_FULL, 1)
            return
        except FaroError:
            self._one_by_one()
        self._held, self._adverts = [], 0

    def _one_by_one(self) -> None:
        while self._held:
            item = self._held[0]
            try:
                self._record([item])
            except FaroError as error:
                # The fault's own words may name the advert.
                logger.error("%s is not stored: %s", _where(item), type(error).__name__)
                _count_lost(self.crawler, item)
            del self._held[0]

    def _record(self, batch: list[Advert | UnchangedCard]) -> None:
        counts = self.store.record(self.run, batch)
        partitions = Counter(item.partition for item in batch)
        self.stored += partitions
        stats = self.crawler.stats
        if stats is None:
            return
        stats.inc_value("faro/stored", len(batch))
        for partition, items in partitions.items():
            stats.inc_value(f"faro/stored/{partition}", items)
        for outcome, times in asdict(counts).items():
            stats.inc_value(f"faro/record/{outcome}", times)
