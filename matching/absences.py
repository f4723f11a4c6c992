"""Absences of a profile: when it was away, when it came back, and whether that is proven.

An outage of ours is no absence of hers. A profile counts as away only when an advert of it was
proven absent; what else of it was on partitions that nobody could read makes the return unproven.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from records.histories import Absence, AdvertHistory, PresenceInterval, ProfileHistory

CompleteRuns = Mapping[str, Sequence[datetime]]
"""For each partition ("site/partition"), when its complete runs finished."""


@dataclass(frozen=True, slots=True)
class Return:
    """A profile seen again. `last_seen` is its last sighting before it was away, `seen_again` the
    first one after on a site that is no aggregator; `adverts` are those that show it again.
    """

    last_seen: datetime
    seen_again: datetime
    adverts: tuple[AdvertHistory, ...]
    proven: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which the profile was never away: its presence intervals, advert by advert."""

    presence: tuple[tuple[AdvertHistory, PresenceInterval], ...]

    @property
    def last_seen(self) -> datetime:
        """The last sighting in this stretch."""
        return max(interval.last_seen for _, interval in self.presence)

    @property
    def adverts(self) -> dict[int, AdvertHistory]:
        """The adverts seen in this stretch."""
        return {advert.advert: advert for advert, _ in self.presence}

    def first_on(self, sites_not: frozenset[str]) -> datetime | None:
        """The first sighting on any other site than these."""
        return min(
            (
                interval.first_seen
                for advert, interval in self.presence
                if advert.site not in sites_not
            ),
            default=None,
        )


def stretches(history: ProfileHistory, away_after: timedelta) -> list[Stretch]:
    """The profile's presence, cut wherever nothing of it was seen for `away_after` or longer."""
    presence = sorted(
        ((advert, interval) for advert in history.adverts for interval in advert.intervals),
        key=lambda pair: pair[1].first_seen,
    )
    found: list[list[tuple[AdvertHistory, PresenceInterval]]] = []
    until: datetime | None = None
    for advert, interval in presence:
        if until is None or interval.first_seen - until >= away_after:
            found.append([])
            until = interval.last_seen
        found[-1].append((advert, interval))
        until = max(until, interval.last_seen)
    return [Stretch(tuple(pairs)) for pairs in found]


def latest_return(
    history: ProfileHistory,
    *,
    away_after: timedelta,
    proof_gap: timedelta,
    aggregators: frozenset[str],
    complete_runs: CompleteRuns,
) -> Return | None:
    """The profile's last return after an absence, None when it never was away.

    An aggregator's copy may end a gap but never shows her back: the return is dated by the first
    sighting on another site, and there is none until then.
    """
    if not any(advert.absences for advert in history.adverts):
        return None
    found = stretches(history, away_after)
    if len(found) < 2:
        return None
    before, now = found[-2], found[-1]
    seen_again = now.first_on(aggregators)
    if seen_again is None:
        return None
    left = before.last_seen
    absences = {
        advert.advert: _absence_since(advert, left)
        for stretch in found[:-1]
        for advert in stretch.adverts.values()
    }
    stayed = [number for number in now.adverts if absences.get(number, True) is None]
    if stayed or not any(absences[number] for number in before.adverts):
        return None
    proven = all(absences.values()) and all(
        _covered(advert, absences[number], left, seen_again, proof_gap, complete_runs)
        for number, advert in before.adverts.items()
    )
    shown = tuple(advert for advert in now.adverts.values() if advert.site not in aggregators)
    return Return(left, seen_again, shown, proven)


def _absence_since(advert: AdvertHistory, left: datetime) -> Absence | None:
    """The proven absence that followed the advert's last sighting up to `left`."""
    last = max(i.last_seen for i in advert.intervals if i.first_seen <= left)
    return next((away for away in advert.absences if last <= away.last_seen <= left), None)


def _covered(
    advert: AdvertHistory,
    absence: Absence | None,
    left: datetime,
    seen_again: datetime,
    proof_gap: timedelta,
    complete_runs: CompleteRuns,
) -> bool:
    """Whether the partition where the advert was last seen was read, or its removal seen, without
    a gap over `proof_gap` from `left` to `seen_again`.
    """
    if absence is None:
        return False
    # A removed page stays removed: one probe in time proves its absence from then on.
    if absence.proof == "probe" and absence.declared_at - left <= proof_gap:
        return True
    latest = max((i for i in advert.intervals if i.first_seen <= left), key=lambda i: i.last_seen)
    runs = [at for at in complete_runs.get(latest.partition, ()) if left < at < seen_again]
    return all(
        later - earlier <= proof_gap for earlier, later in pairwise((left, *runs, seen_again))
    )
