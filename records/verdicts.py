"""Verdicts: what a page, a partition and a run turned out to be. A crawl never just "finishes"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from records.causes import HELD, SAMPLE, Cause, cause_words
from records.reasons import Language


class PageVerdict(StrEnum):
    """What one page turned out to be (guide/crawling.md, Verdicts)."""

    OK = "ok"
    EMPTY = "empty"
    BLOCKED = "blocked"
    DRIFT = "drift"
    GONE = "gone"
    SOFT_GONE = "soft_gone"
    ROBOTS = "robots"
    ERROR = "error"
    UNKNOWN = "unknown"


class PartitionVerdict(StrEnum):
    """What one partition's walk proved. Only `COMPLETE` makes adverts absent."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    BLOCKED = "blocked"
    DRIFT = "drift"
    EMPTY_SUSPECT = "empty_suspect"
    FAILED = "failed"
    TIMEOUT = "timeout"
    ROBOTS = "robots"


@dataclass(frozen=True, slots=True)
class Filled:
    """In how many of so many adverts a field was found."""

    found: int
    of: int

    @property
    def share(self) -> float:
        """The fill rate, 0 to 1."""
        return self.found / self.of


@dataclass(frozen=True, slots=True)
class PartitionOutcome:
    """One partition of one run.

    `cause` says why it is not complete. `pages` are list pages read, `cards` distinct adverts seen,
    `stored` those that storage confirmed. `gone` are ad ids whose detail page answered that they
    are removed, `alive` those that the list no longer shows but whose detail page still stands;
    `fill` is the share of adverts in which each field was found, `details` counts those of the
    detail pages that were read; `selector_hits` counts which fallback of a selector list hit.
    `reread_since` is the time since which detail pages were read by a layout that is no more: they
    count as not read (None: all were read well).
    """

    partition: str
    verdict: PartitionVerdict
    cause: Cause | None = None
    pages: int = 0
    cards: int = 0
    stored: int = 0
    gone: frozenset[str] = frozenset()
    alive: frozenset[str] = frozenset()
    fill: Mapping[str, float] = field(default_factory=dict)
    selector_hits: Mapping[str, int] = field(default_factory=dict)
    details: Mapping[str, Filled] = field(default_factory=dict)
    reread_since: datetime | None = None

    @property
    def reason(self) -> str:
        """The cause in an English clause; empty when there is none."""
        return str(self.cause) if self.cause else ""


Gate = Literal["held", "released", "discarded", "misread"]
"""A run that met too many new adverts at once: stored, and its flags `held` until a person has
`released` it (its adverts are judged like any) or `discarded` it (they count as there before). One
that `misread` detail pages: those adverts wait until they are read well.
"""


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """A whole crawl of one site. `stats` are counters worth keeping (requests, odd values,
    probes). `held` is whether its flags wait for a person.
    """

    partitions: tuple[PartitionOutcome, ...]
    stats: Mapping[str, int | float] = field(default_factory=dict)
    held: bool = False

    @property
    def complete(self) -> bool:
        """True when every partition is complete."""
        return bool(self.partitions) and all(
            p.verdict is PartitionVerdict.COMPLETE for p in self.partitions
        )


@dataclass(frozen=True, slots=True)
class PartitionHealth:
    """The last word on a partition, for `faro status` and the report's health line (times: ISO
    8601 UTC). `running` is whether a crawl of it is on its way; `held` whether a run of its site
    waits for a person; `sampled` whether its last bad page is kept.
    """

    site: str
    partition: str
    verdict: str
    reason: str
    last_run: str | None
    last_complete: str | None
    adverts: int
    cause: Cause | None = None
    running: bool = False
    held: bool = False
    sampled: bool = False

    @property
    def newest_only(self) -> bool:
        """Whether nothing was wrong but that the list, as a feed, shows the newest adverts only."""
        return self.cause is not None and self.cause.code == "newest" and not self.held


def admin_words(health: PartitionHealth, language: Language) -> str:
    """Why a partition is not as it should be, and what to do; empty when all is well."""
    pick = 0 if language == "it" else 1
    named = {"site": health.site, "partition": health.partition}
    words = [cause_words(health.cause, language)] if health.cause else []
    words += [HELD[pick].format_map(named)] if health.held else []
    words += [SAMPLE[pick].format_map(named)] if health.sampled else []
    return "; ".join(words)


@dataclass(frozen=True, slots=True)
class CompleteRun:
    """What a complete run of a partition saw: distinct adverts, and each field's fill rate."""

    cards: int
    fill: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DetailRun:
    """What the detail pages that a run of a partition read held: each field's count. `at` is when
    the run began.
    """

    at: datetime
    fields: Mapping[str, Filled]
