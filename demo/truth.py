"""What truly happens in the town, day by day: the events that flags should tell.

An event follows from what the sites show and from who stands behind it, nothing else. Per person
and day at most one, the first that applies of reappeared, new, new_number, moved (the rule for
flags, DESIGN.md "Words").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from records.flags import FlagKind

REAPPEAR_AFTER_DAYS = 14


@dataclass(frozen=True, slots=True)
class Seen:
    """What one person's adverts show on one day, all sites together."""

    numbers: frozenset[str]
    provinces: frozenset[str]


@dataclass(frozen=True, slots=True)
class Event:
    """`day` is local. `absent_days` is for `reappeared` only; `new_number` is whether the return
    came with a number never shown before.
    """

    day: date
    person: str
    kind: FlagKind
    absent_days: int | None = None
    new_number: bool = False


@dataclass(slots=True)
class _Past:
    last: int
    numbers: set[str] = field(default_factory=set)
    provinces: set[str] = field(default_factory=set)


def events_of(start: date, days: Sequence[Mapping[str, Seen]]) -> tuple[Event, ...]:
    """The events of `days` (what each visible person shows, by day). Day 0 is the baseline: who is
    there on it is known, not new.
    """
    past: dict[str, _Past] = {}
    found: list[Event] = []
    for number, visible in enumerate(days):
        for person, seen in sorted(visible.items()):
            before = past.setdefault(person, _Past(-1))
            event = _event(start + timedelta(days=number), number, person, seen, before)
            if event is not None:
                found.append(event)
            before.last = number
            before.numbers |= seen.numbers
            before.provinces |= seen.provinces
    return tuple(found)


def _event(day: date, number: int, person: str, seen: Seen, past: _Past) -> Event | None:
    if past.last < 0:
        return Event(day, person, FlagKind.NEW) if number else None
    fresh = bool(seen.numbers - past.numbers)
    absent = number - past.last
    if absent >= REAPPEAR_AFTER_DAYS:
        return Event(day, person, FlagKind.REAPPEARED, absent, fresh)
    if fresh:
        return Event(day, person, FlagKind.NEW_NUMBER, new_number=True)
    if seen.provinces - past.provinces:
        return Event(day, person, FlagKind.MOVED)
    return None
