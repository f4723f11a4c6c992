"""When each site is crawled next, from its config and its last runs. Pure: no clock, no database.

A slot is a local time as the config says it (`2026-03-04 06:40`); a run claims it. Planning never
remembers anything: what was missed, cut or refused is read from the runs each time, and so
downtime, a restart, a changed config or a clock that jumps need no rules of their own.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from config import Timing
from config.times import DAYS
from scheduling.backoff import not_before
from scheduling.past import PastRun
from scheduling.rests import clear_of, instant, pause_of

AHEAD = timedelta(days=8)
"""How far planning looks ahead: a weekly slot, and a day."""
LATE = timedelta(hours=1)
"""A visit that starts so much after its time is a catch-up; none is made so shortly before the
next slot."""
RETRY_IN = timedelta(minutes=5)
AGAIN = " again"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Visit:
    """One crawl to come: it starts at `start`, for the slot that is due at `due` (both UTC).

    `why` says in a few words why `start` is not the slot's own time; empty when it is.
    """

    start: datetime
    site: str
    slot: str
    due: datetime
    why: str = ""


def slots(
    timing: Timing, zone: ZoneInfo, after: datetime, until: datetime
) -> Iterator[tuple[datetime, str]]:
    """The slots that are due in (after, until], by time, without those within a pause."""
    day, last = after.astimezone(zone).date() - _DAY, until.astimezone(zone).date()
    while day <= last:
        named = not timing.days or DAYS[day.weekday()] in timing.days
        if named and pause_of(timing, day) is None:
            for due, slot in sorted(
                (instant(day, at, zone), f"{day} {at:%H:%M}") for at in timing.at
            ):
                if after < due <= until:
                    yield due, slot
        day += _DAY


def visits(
    site: str,
    timing: Timing,
    zone: ZoneInfo,
    past: Sequence[PastRun],
    *,
    since: datetime,
    now: datetime,
    until: datetime,
) -> Iterator[Visit]:
    """The crawls of a site that start up to `until`, the next one first; that one may be overdue.

    `past` are its last runs, newest first; without any, slots count from `since` on. While a run
    goes on there is no next one. Slots that would start together are one visit, by the last.
    """
    if past and past[0].running:
        return
    open_ = deque(_candidates(site, timing, zone, past, since, now, max(until, now + AHEAD)))
    moment = now
    while open_:
        visit = open_.popleft()
        while open_ and open_[0].due <= max(visit.start, moment):
            visit = open_.popleft()
        extra = visit.slot.endswith(AGAIN) or now - visit.due > LATE
        if extra and open_ and open_[0].due - max(now, visit.start) <= LATE:
            continue
        if visit.start > until:
            return
        yield visit
        moment = visit.start


def _candidates(
    site: str,
    timing: Timing,
    zone: ZoneInfo,
    past: Sequence[PastRun],
    since: datetime,
    now: datetime,
    until: datetime,
) -> Iterator[Visit]:
    """Every open slot as a visit of its own: those missed since the last run, and those to come."""
    paused = pause_of(timing, now.astimezone(zone).date()) is not None
    held = not_before(past, _interval(timing, zone, past[0].started)) if past else None
    if past and past[0].cut and not paused and (slot := past[0].slot) and AGAIN not in slot:
        start = max(past[0].ended + RETRY_IN, held or since)
        again = _visit(site, timing, zone, slot + AGAIN, past[0].started, start)
        if again is not None:
            yield replace(again, why="again: the last crawl was cut off")
    after = now if paused else max(past[0].started if past else since, now - AHEAD)
    claimed = {run.slot for run in past}
    for due, slot in slots(timing, zone, after, until):
        if slot in claimed:
            continue
        found = _visit(site, timing, zone, slot, due, held)
        if found is not None:
            yield found


def _visit(
    site: str, timing: Timing, zone: ZoneInfo, slot: str, due: datetime, held: datetime | None
) -> Visit | None:
    """The visit for a slot; None when blackouts leave it no room."""
    planned = due + timedelta(seconds=jitter(site, slot, timing.jitter_s))
    start, why = planned, ""
    if held is not None and held > start:
        start, why = held, "back-off: the site refused"
    free = clear_of(timing.blackouts, zone, start)
    if free is None:
        return None
    if free > start:
        start, why = free, "after a blackout"
    return Visit(start, site, slot, due, why)


def jitter(site: str, slot: str, longest_s: int) -> int:
    """Seconds that this slot starts late: always the same ones, but nobody sees a clock in them."""
    digest = hashlib.blake2b(f"{site} {slot}".encode(), digest_size=4).digest()
    return int.from_bytes(digest) % (longest_s + 1)


def _interval(timing: Timing, zone: ZoneInfo, at: datetime) -> timedelta:
    """The time between the slot before `at` and the one after it; a day when there are none."""
    around = [due for due, _ in slots(timing, zone, at - AHEAD, at + AHEAD)]
    before = [due for due in around if due <= at]
    after = [due for due in around if due > at]
    return after[0] - before[-1] if before and after else _DAY
