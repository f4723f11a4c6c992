"""What the scheduler leaves behind for others to read: its signs of life, and notices to admins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SchedulerLife:
    """A scheduler's last sign of life, one a machine; all its times are real time.

    `stopped_at` is set when it ended as told; `fault` says why changed config files are not in use.
    """

    host: str
    pid: int
    started_at: datetime
    heartbeat_at: datetime
    stopped_at: datetime | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that an admin is told once; `kind` and `subject` are its key.

    `text` holds counts and names from config files only. `told_at` is set when it was sent,
    `well_at` when it was found to be over; a notice that is both is told once more, then forgotten.
    """

    kind: str
    subject: str
    text: str
    raised_at: datetime
    told_at: datetime | None = None
    well_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SiteWatch:
    """Since when a site is crawled, and when a run last saw an advert for the first time."""

    first_run: datetime
    last_new: datetime | None
