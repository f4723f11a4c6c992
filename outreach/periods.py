"""Local days and the stretch of time that a report covers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from outreach.errors import OutreachError
from records.queue import PublishedReport


@dataclass(frozen=True, slots=True)
class Period:
    """What a report covers: everything after `since` (None: from the beginning) up to `until`."""

    since: datetime | None
    until: datetime


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day of an aware moment in `zone`."""
    return moment.astimezone(zone).date()


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which the next local day begins; a day has 23, 24 or 25 hours."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)


def period(
    day: date, now: datetime, zone: ZoneInfo, last: PublishedReport | None, *, draft: bool
) -> Period:
    """What the report of the local `day` covers: since the unit's `last` published one.

    However many days lie between the two, nothing falls into the gap. Raises OutreachError for a
    day to come, and for one that a later published report already covers.
    """
    if day > local_day(now, zone):
        raise OutreachError(f"report of {day}: that day has not come yet; leave --date out")
    if last is not None:
        last_day = date.fromisoformat(last.day)
        if day < last_day or (day == last_day and not draft):
            raise OutreachError(
                f"report of {day}: none was published for {last.unit}, and the report of "
                f"{last.day} covers that day; ask for --date {last.day}"
            )
    until = min(now, end_of_day(day, zone))
    since = last.covers_to if last is not None else None
    return Period(since, until if since is None else max(since, until))


def in_zone(moment: datetime, zone: ZoneInfo) -> str:
    """An aware moment as ISO 8601 with the offset that holds in `zone`, to the second."""
    return moment.astimezone(zone).isoformat(timespec="seconds")
