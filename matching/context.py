"""What the flag rules need to know beside a profile's history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from matching.absences import CompleteRuns
from records.flags import FlagKind
from records.histories import AdvertHistory, ProfileHistory

Told = tuple[FlagKind, datetime]
"""A flag that the profile has already, and when it was raised."""


@dataclass(frozen=True, slots=True)
class FlagRules:
    """`reappear_after` makes an absence, `proof_gap` is the longest hole in its proof, `doubt` how
    long a doubtful link keeps a flag back, `faint` a faint one: until the next day's pass, whatever
    its hour.
    """

    reappear_after: timedelta = timedelta(days=14)
    proof_gap: timedelta = timedelta(days=3)
    doubt: timedelta = timedelta(days=7)
    faint: timedelta = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an advert says it is now: a city, a province code; None when it does not say."""

    city: str | None = None
    province: str | None = None


@dataclass(frozen=True, slots=True)
class Tie:
    """What brought an advert to its profile: the link's probability, and whether by its words."""

    probability: float
    words: bool = False


@dataclass(frozen=True, slots=True)
class Supposed:
    """The older profile that somebody unjudged is by a likely doubtful link, and its flags."""

    history: ProfileHistory
    told: Sequence[Told] = ()


@dataclass(frozen=True, slots=True)
class FlagContext:
    """What the rules need beside the history.

    `numbers` and `handles` are the contacts that are phone numbers fit to call, and handles.
    `places` is where each advert is now; `ties` what brought it to the profile. `doubt` is the
    probability of the strongest doubtful link to an older profile, None without one; `supposed` is
    that profile where the link is likely; `faint` is whether there is but a faint one. `told` are
    the flags that the profile has, `merged` the adverts of profiles that this pass merged into it;
    `complete_runs` and `aggregators` are as in `matching.absences`.
    """

    now: datetime
    tz: tzinfo = UTC
    rules: FlagRules = field(default_factory=FlagRules)
    complete_runs: CompleteRuns = field(default_factory=dict)
    aggregators: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    handles: frozenset[str] = frozenset()
    places: Mapping[int, Place] = field(default_factory=dict)
    province_name: Callable[[str], str] = str
    ties: Mapping[int, Tie] = field(default_factory=dict)
    doubt: float | None = None
    faint: bool = False
    supposed: Supposed | None = None
    told: Sequence[Told] = ()
    merged: frozenset[int] = frozenset()

    def linked_now(self, adverts: Sequence[AdvertHistory]) -> bool:
        """Whether this pass brought one of these adverts to the profile."""
        return any(a.joined_at is None or a.advert in self.merged for a in adverts)

    def place(self, advert: AdvertHistory, province: str | None) -> str | None:
        """The advert's place in words: its city while it stays in `province`, else the province."""
        now = self.places.get(advert.advert, Place())
        if now.city and (province is None or now.province in (None, province)):
            return now.city
        code = province or now.province
        return self.province_name(code) if code else None

    def place_at(self, advert: AdvertHistory, moment: datetime) -> str | None:
        """Where the advert was at `moment`, in words."""
        then = [code for code, first in advert.provinces if first <= moment]
        return self.place(advert, then[-1] if then else None)

    def date(self, moment: datetime) -> str:
        """The local date, in ISO 8601."""
        return moment.astimezone(self.tz).date().isoformat()

    def probability(self, adverts: Sequence[AdvertHistory]) -> float:
        """That of the best link that brought one of these adverts, 1 where none was needed."""
        return max((self._tie(advert).probability for advert in adverts), default=1.0)

    def by_words(self, adverts: Sequence[AdvertHistory]) -> bool:
        """Whether one of these adverts came by what it says."""
        return any(self._tie(advert).words for advert in adverts)

    def _tie(self, advert: AdvertHistory) -> Tie:
        return self.ties.get(advert.advert, Tie(1.0))

    def best_first(self, adverts: Sequence[AdvertHistory]) -> tuple[int, ...]:
        """Advert ids: originals before copies, last seen first."""

        def rank(advert: AdvertHistory) -> tuple[bool, float, int]:
            last = max((i.last_seen.timestamp() for i in advert.intervals), default=0.0)
            return (advert.site in self.aggregators, -last, advert.advert)

        return tuple(advert.advert for advert in sorted(adverts, key=rank))
