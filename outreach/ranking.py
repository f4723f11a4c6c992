"""The order of the list: promises first, then the leads, spread over provinces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from records.flags import FlagKind

# A lead's claim on a call halves every week, so that a sure one of last week and a doubtful one of
# today (p = 0.5) come level.
HALF_LIFE = timedelta(days=7)

TIERS: dict[FlagKind, int] = {
    FlagKind.REAPPEARED: 0,
    FlagKind.NEW: 0,
    FlagKind.NEW_NUMBER: 1,
    FlagKind.MOVED: 2,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A profile that could be called today. `entry` is the short id, `raised_at` its flag's."""

    entry: str
    kind: FlagKind
    province: str | None
    probability: float
    raised_at: datetime


def urgency(candidate: Candidate, now: datetime) -> float:
    """Probability, halved for each week since the flag was raised: between 0 and 1."""
    age = max(timedelta(0), now - candidate.raised_at)
    return float(candidate.probability * 0.5 ** (age / HALF_LIFE))


def ranked(candidates: Iterable[Candidate], now: datetime) -> list[Candidate]:
    """Reappeared and new, then new numbers, then moves; each spread over the provinces."""
    tiers: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        tiers.setdefault(TIERS[candidate.kind], []).append(candidate)
    return [each for tier in sorted(tiers) for each in _spread(tiers[tier], now)]


def _spread(tier: Sequence[Candidate], now: datetime) -> list[Candidate]:
    """The most urgent of every province, then the second of every province, and so on.

    Without it a big city's adverts would fill the list every day, and the others never come up.
    """
    order = sorted(tier, key=lambda each: (-urgency(each, now), each.entry))
    seen: dict[str | None, int] = {}
    rounds: list[tuple[int, int, Candidate]] = []
    for position, candidate in enumerate(order):
        turn = seen.get(candidate.province, 0)
        seen[candidate.province] = turn + 1
        rounds.append((turn, position, candidate))
    return [candidate for _, _, candidate in sorted(rounds, key=lambda each: each[:2])]


def strength(kind: FlagKind | str) -> int:
    """Which of several flags of one profile stands for it: the lowest."""
    return list(FlagKind).index(FlagKind(kind))


@dataclass(frozen=True, slots=True)
class Choice:
    """Today's rows: `listed` (promises first), `carried` from earlier days, `waiting` the rest."""

    listed: tuple[str, ...]
    carried: tuple[str, ...]
    waiting: tuple[str, ...]


def choose(
    promised: Sequence[str],
    fresh: Iterable[Candidate],
    older: Iterable[Candidate],
    size: int,
    now: datetime,
) -> Choice:
    """Fill `size` rows: `promised` in their order, then the `fresh` ones, then `older` ones.

    Every promise is kept, also beyond `size`. An entry has one row, the first that it is due.
    """
    taken = dict.fromkeys(promised)
    lists: list[list[str]] = []
    for group in (fresh, older):
        names = [each.entry for each in ranked(group, now) if each.entry not in taken]
        lists.append(list(dict.fromkeys(names)))
        taken.update(dict.fromkeys(names))
    new_rows = lists[0][: max(0, size - len(promised))]
    old_rows = lists[1][: max(0, size - len(promised) - len(new_rows))]
    shown = {*new_rows, *old_rows}
    return Choice(
        listed=(*dict.fromkeys(promised), *new_rows),
        carried=tuple(old_rows),
        waiting=tuple(name for group in lists for name in group if name not in shown),
    )
