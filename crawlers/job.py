"""What one crawl works on and whom it tells: site, store, clock, run, progress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from config import SiteFile
from config.clock import Clock
from records.verdicts import PartitionOutcome
from storage import Store


@dataclass(frozen=True, slots=True)
class CrawlUpdate:
    """How far a crawl is: list pages read, distinct adverts seen. `result` comes with the last."""

    site: str
    pages: int = 0
    adverts: int = 0
    result: SiteResult | None = None


Progress = Callable[[CrawlUpdate], None]


@dataclass(frozen=True, slots=True)
class SiteResult:
    """How a crawl of one site ended.

    `run` is None when it never began; `problem` then says why, in one line, and `partitions` is
    empty. `seconds` is wall time. `requests` are those made, `saved` the detail pages that did not
    have to be read again, `unchanged` the pages that a server said had not changed; `memory_mb` is
    the peak of the crawl with its browser.
    """

    site: str
    run: int | None
    partitions: tuple[PartitionOutcome, ...] = ()
    problem: str = ""
    seconds: float = 0.0
    requests: int = 0
    saved: int = 0
    unchanged: int = 0
    memory_mb: int = 0

    @property
    def complete(self) -> bool:
        """True when every partition is complete."""
        verdicts = {str(each.verdict) for each in self.partitions}
        return not self.problem and verdicts == {"complete"}

    def cost(self) -> str:
        """What it cost and saved, for a person."""
        words = [f"{self.requests} requests", f"{self.saved} saved"]
        words += [f"{self.unchanged} pages not sent again"] if self.unchanged else []
        return ", ".join([*words, f"memory {self.memory_mb} MB at most"])

    def sentence(self) -> str:
        """One line for a person: verdicts, counts, and the first reason why not complete."""
        if self.problem:
            return self.problem
        cards = sum(each.cards for each in self.partitions)
        pages = sum(each.pages for each in self.partitions)
        done = sum(each.verdict == "complete" for each in self.partitions)
        line = (
            f"{done} of {len(self.partitions)} partitions complete, {cards} adverts, {pages} pages"
        )
        bad = next((each for each in self.partitions if each.reason), None)
        return f"{line}; {bad.partition}: {bad.verdict}, {bad.reason}" if bad else line


@dataclass(frozen=True, slots=True)
class CrawlJob:
    """One crawl of one site, while it runs."""

    site: SiteFile
    store: Store
    clock: Clock
    run: int
    progress: Progress | None = None

    def now(self) -> datetime:
        """The time of sightings (aware UTC)."""
        return self.clock.now()

    def tell(self, pages: int, adverts: int) -> None:
        """Report progress, if anybody listens."""
        if self.progress is not None:
            self.progress(CrawlUpdate(self.site.id, pages, adverts))
