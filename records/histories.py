"""What is known of a profile over time: the input of the flag rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PresenceInterval:
    """Sightings of one version in one partition, unbroken by a complete run that missed it (aware
    UTC).
    """

    partition: str
    first_seen: datetime
    last_seen: datetime
    first_run: int


@dataclass(frozen=True, slots=True)
class Absence:
    """A proven absence: `last_seen` before it, `declared_at` when it was proven, `ended_at` None
    while it lasts.

    `proof` is `runs` (2 complete runs and 24 h missed it) or `probe` (its detail page was gone).
    """

    last_seen: datetime
    declared_at: datetime
    ended_at: datetime | None
    proof: str


@dataclass(frozen=True, slots=True)
class AdvertHistory:
    """One advert over time. `baseline` is true when it was first seen in a baseline of its
    partition.

    `contacts` and `provinces` give the first time each was seen on this advert. Contacts are
    opaque ids. `joined_at` is when the advert was linked to its profile, None when this pass links
    it.
    """

    advert: int
    site: str
    intervals: tuple[PresenceInterval, ...]
    absences: tuple[Absence, ...]
    baseline: bool
    contacts: tuple[tuple[str, datetime], ...]
    provinces: tuple[tuple[str, datetime], ...]
    joined_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProfileHistory:
    """A profile and all its adverts. `judged_to` is the time up to which flags were already
    judged; `known_contacts` and `known_provinces` are what it had been seen with then.
    """

    profile: int
    created_at: datetime
    adverts: tuple[AdvertHistory, ...]
    judged_to: datetime | None
    known_contacts: frozenset[str] = frozenset()
    known_provinces: frozenset[str] = frozenset()
