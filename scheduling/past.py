"""What planning needs to know of a site's last runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawlers.patience import STAT
from records.stored import RunRecord
from records.verdicts import PartitionVerdict

# A crawl beats every ten seconds (crawlers/run.py); a minute of silence is its death.
SILENT_AFTER = timedelta(seconds=60)
RUNS = 10
"""So many runs of a site are looked back on: more than a back-off needs to reach its limit."""


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run as planning sees it. `cut`: it ended before it could tell anything; `retry_after`: how
    long the site asked not to be visited.
    """

    started: datetime
    ended: datetime
    slot: str | None = None
    running: bool = False
    cut: bool = False
    blocked: bool = False
    retry_after: timedelta = timedelta()


def past_runs(records: Iterable[RunRecord], real_now: datetime) -> list[PastRun]:
    """The runs of one site, newest first; one that does not beat any more was cut."""
    found = []
    for record in records:
        told = list(record.verdicts.values())
        silent = real_now - record.heartbeat_at > SILENT_AFTER
        running = record.state == "running" and not silent
        failed = bool(told) and all(each == PartitionVerdict.FAILED for each in told)
        found.append(
            PastRun(
                started=record.started_at,
                ended=record.finished_at or record.started_at,
                slot=record.slot,
                running=running,
                cut=not running and (record.state != "finished" or failed),
                blocked=PartitionVerdict.BLOCKED in told,
                retry_after=timedelta(seconds=float(record.stats.get(STAT, 0))),
            )
        )
    return found
