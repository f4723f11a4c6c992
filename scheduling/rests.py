"""When nothing starts: pauses by date, and blackouts by the hour. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from config import Timing
from config.schedules import Blackout
from config.times import DAYS

_DAY = timedelta(days=1)
# Blackouts may follow each other; those that leave no hour of a week free leave none at all.
_LONGEST = timedelta(days=8)


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A local time as UTC. Of a time that comes twice it is the first; one that the clocks skip is
    an hour later, as it would be had they not been changed.
    """
    return datetime.combine(day, at, zone).astimezone(UTC)


def pause_of(timing: Timing, day: date) -> date | None:
    """The last day of the pause that `day` falls into; None when it falls into none."""
    ends = [last for first, last in timing.pauses if (first or day) <= day <= last]
    return max(ends, default=None)


def clear_of(blackouts: Sequence[Blackout], zone: ZoneInfo, at: datetime) -> datetime | None:
    """The first moment from `at` (UTC) on that no blackout covers; None when there is none."""
    moment = at
    while moment - at < _LONGEST:
        ends = [
            end
            for each in blackouts
            for begin, end in _near(each, zone, moment)
            if begin <= moment < end
        ]
        if not ends:
            return moment
        moment = max(ends)
    return None


def _near(blackout: Blackout, zone: ZoneInfo, at: datetime) -> list[tuple[datetime, datetime]]:
    """The stretches of a blackout that begin on the local day of `at` or the day before."""
    today = at.astimezone(zone).date()
    past_midnight = blackout.end <= blackout.start
    return [
        (
            instant(day, blackout.start, zone),
            instant(day + _DAY if past_midnight else day, blackout.end, zone),
        )
        for day in (today - _DAY, today)
        if not blackout.days or DAYS[day.weekday()] in blackout.days
    ]
