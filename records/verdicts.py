"""Verdicts: what a page, a partition and a run turned out to be. A crawl never just "finishes"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


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
class PartitionOutcome:
    """One partition of one run.

    `pages` are list pages read, `cards` distinct adverts seen, `stored` those that storage
    confirmed. `reason` is a short English clause for an admin ("stopped at max_pages = 20"); empty
    when complete. `gone` are ad ids whose detail page answered that they are removed, `alive`
    those that the list no longer shows but whose detail page still stands; `fill` is the share of
    adverts in which each field was found; `selector_hits` counts which fallback of a selector list
    hit.
    """

    partition: str
    verdict: PartitionVerdict
    reason: str = ""
    pages: int = 0
    cards: int = 0
    stored: int = 0
    gone: frozenset[str] = frozenset()
    alive: frozenset[str] = frozenset()
    fill: Mapping[str, float] = field(default_factory=dict)
    selector_hits: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """A whole crawl of one site. `stats` are counters worth keeping (requests, odd values,
    probes).
    """

    partitions: tuple[PartitionOutcome, ...]
    stats: Mapping[str, int | float] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """True when every partition is complete."""
        return bool(self.partitions) and all(
            p.verdict is PartitionVerdict.COMPLETE for p in self.partitions
        )


@dataclass(frozen=True, slots=True)
class PartitionHealth:
    """The last word on a partition, for `faro status` and the report's health line (times: ISO
    8601 UTC).
    """

    site: str
    partition: str
    verdict: str
    reason: str
    last_run: str | None
    last_complete: str | None
    adverts: int
