"""What one matching pass decided, as it is saved: profiles, links, networks, flags, holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from records.flags import Flag

ProfileRef = int | str
"""A stored profile's id, or `new-1`, `new-2`, ... for one that this pass makes."""


class StoredLink(NamedTuple):
    """A link's probability, and the one that its two adverts had `alone`."""

    alone: float
    probability: float


class FoundLink(NamedTuple):
    """A link between two adverts, the smaller id first. `evidence` is the level that they reach in
    each comparison, a letter each ("a" the first), in the order of the model's.
    """

    a: int
    b: int
    probability: float
    alone: float
    evidence: str = ""


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
class Parting:
    """A stored profile that turned out to be two: `kept` keeps its id, `parted` leaves it.

    `revived` is set where `parted` is a profile that had been merged into `kept`.
    """

    kept: int
    parted: ProfileRef
    revived: bool = False


@dataclass(frozen=True, slots=True)
class PassResult:
    """One pass, saved whole or not at all.

    `adverts` were handled and are no longer pending. `memberships` are (advert, profile,
    probability); an advert named again moves. `merges` are (kept, dropped): the kept profile's id
    stays, the dropped one redirects. `links` were found; those of `kept_links` are stored already
    and stay, with another probability where `relit` gives one. `networks` are all
    networks as this pass sees them, in place of those known before; None leaves them as they are.
    `bonds` are profiles that were found to share a contact or a text: their networks grow
    together. `partings` are profiles that parted; `moved_flags` are (flag, profile) of those that
    go with who left. `whole` says that every advert was linked anew, `moved` in how many profiles
    that changed who was there before. `flags` may refer to new profiles. `withdrawn` are ids of
    stored flags that proved wrong. `holds` are (advert, until): its doubtful link may be used from
    then on. `judged` are the profiles whose flags are judged up to `at`, `seen` what they were
    judged with: it is added to what is known of them, and what a dropped profile was seen with is
    forgotten. `model` is the fingerprint of its weights and cuts. `units` are (profile, unit) of
    flagged profiles, None where its province has no unit: their queue entries are made.
    """

    at: datetime
    adverts: tuple[int, ...] = ()
    memberships: tuple[tuple[int, ProfileRef, float], ...] = ()
    merges: tuple[tuple[int, int], ...] = ()
    links: tuple[FoundLink, ...] = ()
    kept_links: tuple[tuple[int, int], ...] = ()
    relit: Mapping[tuple[int, int], float] = field(default_factory=dict)
    networks: tuple[tuple[ProfileRef, ...], ...] | None = None
    bonds: tuple[tuple[ProfileRef, ...], ...] = ()
    partings: tuple[Parting, ...] = ()
    moved_flags: tuple[tuple[int, ProfileRef], ...] = ()
    flags: tuple[Flag, ...] = ()
    withdrawn: tuple[int, ...] = ()
    holds: tuple[tuple[int, datetime], ...] = ()
    judged: tuple[ProfileRef, ...] = ()
    seen: tuple[Seen, ...] = ()
    units: tuple[tuple[ProfileRef, str | None], ...] = ()
    whole: bool = False
    moved: int = 0
    model: str = ""
