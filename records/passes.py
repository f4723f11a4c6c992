"""What one matching pass decided, as it is saved: profiles, links, networks, flags, holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from records.flags import Flag
from records.linking import Link

ProfileRef = int | str
"""A stored profile's id, or `new-1`, `new-2`, ... for one that this pass makes."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Where an advert belongs: its profile, the probability of the link that brought it there, and
    when.
    """

    profile: int
    probability: float
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """What a profile was seen with when its flags were judged: ids of contacts, province codes."""

    profile: ProfileRef
    contacts: frozenset[str] = frozenset()
    provinces: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PassResult:
    """One pass, saved whole or not at all.

    `adverts` were handled and are no longer pending. `memberships` are (advert, profile,
    probability); an advert named again moves. `merges` are (kept, dropped): the kept profile's id
    stays, the dropped one redirects. `links` name adverts by their ids as strings; those under
    0.5 are not kept. `networks` are all networks as this pass sees them, in place of those known
    before; None leaves them as they are. `flags` may refer to new profiles. `withdrawn` are ids of
    stored flags that proved wrong. `holds` are (advert, until): its doubtful link may be used from
    then on. `judged` are the profiles whose flags are judged up to `at`, `seen` what they were
    judged with: it is added to what is known of them, and what a dropped profile was seen with is
    forgotten. `units` are (profile, unit) of flagged profiles, None where its province has no
    unit: their queue entries are made.
    """

    at: datetime
    adverts: tuple[int, ...] = ()
    memberships: tuple[tuple[int, ProfileRef, float], ...] = ()
    merges: tuple[tuple[int, int], ...] = ()
    links: tuple[Link, ...] = ()
    networks: tuple[tuple[ProfileRef, ...], ...] | None = None
    flags: tuple[Flag, ...] = ()
    withdrawn: tuple[int, ...] = ()
    holds: tuple[tuple[int, datetime], ...] = ()
    judged: tuple[ProfileRef, ...] = ()
    seen: tuple[Seen, ...] = ()
    units: tuple[tuple[ProfileRef, str | None], ...] = ()
