"""How good the published flags are: precision and recall against the town's truth. Pure.

A flag counts for a true event when the kind is the same, one of the flag's adverts belongs to the
event's person, and it was published on the event's day or up to `TOLERANCE_DAYS` later. An event is
matched by one flag at most, a flag matches one event at most, and as many are matched as can be.
Every other flag is a false positive, every other event is missed. The baseline has no events.

The tolerance is the longest that a right flag may take: a doubtful link holds it for 7 days, and
it is seen a day later when its site was blocked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from demo.truth import Event
from records.flags import FlagKind

TOLERANCE_DAYS = 8

AdvertKey = tuple[str, str]
"""(site, ad id)."""


@dataclass(frozen=True, slots=True)
class PublishedFlag:
    """A flag as a report told it on the local `day`, with the adverts it named."""

    day: date
    kind: FlagKind
    adverts: frozenset[AdvertKey]


@dataclass(frozen=True, slots=True)
class KindScore:
    """One kind: how many flags were published, how many events were true, how many pairs match."""

    published: int
    true: int
    matched: int

    @property
    def precision(self) -> float | None:
        """Share of the flags that tell a true event; None when there was no flag."""
        return self.matched / self.published if self.published else None

    @property
    def recall(self) -> float | None:
        """Share of the true events that were flagged; None when there was none."""
        return self.matched / self.true if self.true else None


@dataclass(frozen=True, slots=True)
class Share:
    """`matched` of `total`: flags that tell a true event, or events that were told."""

    matched: int
    total: int

    def __add__(self, other: Share) -> Share:
        return Share(self.matched + other.matched, self.total + other.total)

    @property
    def value(self) -> float | None:
        """None when there was nothing to tell."""
        return self.matched / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Which flag tells which event (indexes into both), by kind the score; `renumbered` are the
    returns with a number never shown before, and how many of them were told.
    """

    pairs: Mapping[int, int]
    scores: Mapping[FlagKind, KindScore]
    renumbered: Share


def score(
    flags: Sequence[PublishedFlag],
    events: Sequence[Event],
    owners: Mapping[AdvertKey, str],
    tolerance_days: int = TOLERANCE_DAYS,
) -> Outcome:
    """Match `flags` with `events`; `owners` gives the person behind each advert.

    An advert that `owners` does not know belongs to nobody.
    """
    persons = [{owners[key] for key in flag.adverts if key in owners} for flag in flags]
    eligible = [
        [
            number
            for number, event in enumerate(events)
            if event.kind == flag.kind
            and event.person in persons[at]
            and timedelta(0) <= flag.day - event.day <= timedelta(days=tolerance_days)
        ]
        for at, flag in enumerate(flags)
    ]
    flag_of = _matching(eligible)
    scores = {
        kind: KindScore(
            published=sum(flag.kind == kind for flag in flags),
            true=sum(event.kind == kind for event in events),
            matched=sum(events[event].kind == kind for event in flag_of),
        )
        for kind in FlagKind
    }
    renumbered = [
        number in flag_of
        for number, event in enumerate(events)
        if event.kind is FlagKind.REAPPEARED and event.new_number
    ]
    pairs = {flag: event for event, flag in flag_of.items()}
    return Outcome(pairs, scores, Share(sum(renumbered), len(renumbered)))


def _matching(eligible: Sequence[Collection[int]]) -> dict[int, int]:
    """A largest matching of flags with the events that each may tell: event to flag (Kuhn)."""
    flag_of: dict[int, int] = {}

    def place(flag: int, tried: set[int]) -> bool:
        for event in eligible[flag]:
            if event in tried:
                continue
            tried.add(event)
            if event not in flag_of or place(flag_of[event], tried):
                flag_of[event] = flag
                return True
        return False

    for flag in range(len(eligible)):
        place(flag, set())
    return flag_of
