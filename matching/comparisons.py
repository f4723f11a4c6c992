"""Comparisons: for pairs of adverts, which level of agreement each kind of evidence reaches.

Every comparison takes `Pairs` and returns, for each of them, the place of its level in the
comparison's list of levels (`matching.model`). Level 0 is always "not said".
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import JaroWinkler
from rapidfuzz.process import cpdist

from matching.columns import MISSING, Columns
from matching.names import is_short_for
from matching.rarity import STEPS
from matching.sketches import UInt32s

Rows = NDArray[np.int32]
Levels = NDArray[np.int8]
Compare = Callable[["Pairs"], Levels]

SIMILAR_NAME = 0.86
"""Jaro-Winkler similarity from which two names are one name varied (giulia, giulieta)."""
COMMON_NAME, UNCOMMON_NAME = 0.02, 0.005
"""Share of all hands: above the first a name is common, below the second rare."""
RARE_HANDS = 8.0
"""A phrase is rare when at most about this many hands use it (geometric mean)."""
NEAR_TEXT, HALF_TEXT = 0.7, 0.3
"""Share of the rarest phrases from which a text is nearly the same, or half the same."""
CROWDS = (1_000, 3_000, 10_000, 30_000, 100_000)
"""Numbers of adverts from one crowd to the next larger one."""
_SLICE = 4_000
SHORTEST_TEXT = 4
"""Phrases below which a text says nothing."""


class Pairs:
    """Pairs of rows of `columns`; each comparison's levels are worked out once."""

    def __init__(self, columns: Columns, a: Rows, b: Rows) -> None:
        self.columns, self.a, self.b = columns, a, b
        self._levels: dict[Compare, Levels] = {}

    def __len__(self) -> int:
        return len(self.a)

    def level(self, compare: Compare) -> Levels:
        """The levels that `compare` gives these pairs."""
        if compare not in self._levels:
            self._levels[compare] = compare(self)
        return self._levels[compare]


def _shared(left: NDArray[np.int32], right: NDArray[np.int32]) -> NDArray[np.bool_]:
    """For each pair of padded rows, which entries of the left one stand in the right one."""
    hit: NDArray[np.bool_] = (left[:, :, None] == right[:, None, :]).any(axis=2)
    hit &= left != MISSING
    return hit


def _in(left: UInt32s, right: UInt32s) -> NDArray[np.bool_]:
    """For each pair of rows of hashes, which of the left one stand in the right one; 0 is none."""
    hit = np.zeros(left.shape, dtype=np.bool_)
    for column in range(right.shape[1]):
        hit |= left == right[:, column : column + 1]
    hit &= left != 0
    return hit


def _fewest(hit: NDArray[np.bool_], left: NDArray[np.int32], names: NDArray[np.int32]) -> Rows:
    """Names on the shared contact that has the fewest; a huge number where none is shared."""
    if not len(names):
        return np.full(len(left), 2**30, dtype=np.int32)
    fewest: Rows = np.where(hit, names[left], 2**30).min(axis=1)
    return fewest


def _contact_levels(names: Rows, known: NDArray[np.bool_]) -> Levels:
    level = np.where(known, 1, 0).astype(np.int8)
    for place, most in enumerate((2**30 - 1, 9, 4, 2)):
        level[names <= most] = 2 + place
    return level


def number(pairs: Pairs) -> Levels:
    """Not said, different, shared by 10 names or more, by 5 to 9, by 3 or 4, by 1 or 2."""
    columns, a, b = pairs.columns, pairs.a, pairs.b
    left, right = columns.kept_numbers[a], columns.kept_numbers[b]
    names = _fewest(_shared(left, right), left, columns.number_names)
    return _contact_levels(names, (left[:, 0] != MISSING) & (right[:, 0] != MISSING))


def weak_number(pairs: Pairs) -> Levels:
    """Not said, or a candidate number of one is a number of the other."""
    columns, a, b = pairs.columns, pairs.a, pairs.b
    strong, weak = columns.kept_numbers, columns.kept_weak_numbers
    hit = (
        _shared(weak[a], strong[b]).any(axis=1)
        | _shared(weak[b], strong[a]).any(axis=1)
        | _shared(weak[a], weak[b]).any(axis=1)
    )
    return np.asarray(hit, dtype=np.int8)


def handle(pairs: Pairs) -> Levels:
    """As `number`, for messenger handles and e-mail addresses."""
    columns, a, b = pairs.columns, pairs.a, pairs.b
    left, right = columns.kept_handles[a], columns.kept_handles[b]
    names = _fewest(_shared(left, right), left, columns.handle_names)
    return _contact_levels(names, (left[:, 0] != MISSING) & (right[:, 0] != MISSING))


def nickname(pairs: Pairs) -> Levels:
    """Not said, different, similar, the same and common, uncommon, rare."""
    columns, a, b = pairs.columns, pairs.a, pairs.b
    left, right = columns.name[a], columns.name[b]
    known = (left != MISSING) & (right != MISSING)
    level: Levels = known.astype(np.int8)
    other = known & (left != right)
    code = left[other].astype(np.int64) * len(columns.names) + right[other]
    couples, where = np.unique(code, return_inverse=True)
    ones = [columns.names[pair] for pair in couples // max(len(columns.names), 1)]
    others = [columns.names[pair] for pair in couples % max(len(columns.names), 1)]
    alike = cpdist(ones, others, scorer=JaroWinkler.normalized_similarity, dtype=np.float32)
    similar = [
        close >= SIMILAR_NAME or is_short_for(min(pair, key=len), max(pair, key=len))
        for pair, close in zip(zip(ones, others, strict=True), alike.tolist(), strict=True)
    ]
    level[other] += np.array(similar, dtype=np.int8)[where]
    same = known & (left == right)
    share = columns.name_hands[left[same]] / max(columns.rarity.hands, 1)
    level[same] = 3 + (share <= COMMON_NAME).astype(np.int8) + (share <= UNCOMMON_NAME)
    return level


def text(pairs: Pairs) -> Levels:
    """Not said, nothing shared of the rarest phrases, some, half, nearly all.

    The last three come in two: phrases that many hands use, phrases of a few.
    """
    texts, a, b = pairs.columns.texts, pairs.a, pairs.b
    level = np.zeros(len(a), dtype=np.int8)
    for start in range(0, len(a), _SLICE):
        one, other = a[start : start + _SLICE], b[start : start + _SLICE]
        left, right = texts.known[one], texts.known[other]
        hit = _in(left, right)
        new = _in(texts.fresh[one], texts.fresh[other]).sum(axis=1)
        count = hit.sum(axis=1) + new
        smaller = np.minimum((left != 0).sum(axis=1), (right != 0).sum(axis=1)) + new
        share = count / np.maximum(smaller, SHORTEST_TEXT)
        hands = np.maximum(texts.level[one], 1) - np.uint8(1)
        spread = np.where(hit, hands, np.uint8(0)).sum(axis=1) / np.maximum(count, 1)
        rare = (spread <= STEPS * np.log2(RARE_HANDS)).astype(np.int8)
        much = (share >= HALF_TEXT).astype(np.int8) + (share >= NEAR_TEXT)
        said = np.minimum(texts.total[one], texts.total[other]) >= SHORTEST_TEXT
        level[start : start + _SLICE] = np.where(count > 0, 2 + 2 * much + rare, 1) * said
    return level


def age(pairs: Pairs) -> Levels:
    """Not said, over 5 years apart, 3 to 5, 1 or 2, the same.

    People grow by the years between two adverts, advertised ages often do not: whatever lies
    between the two readings counts as no distance.
    """
    columns, a, b = pairs.columns, pairs.a, pairs.b
    known = (columns.age[a] != MISSING) & (columns.age[b] != MISSING)
    later = np.where(columns.first[b] >= columns.first[a], 1, -1)
    grown = (columns.age[b] - columns.age[a]) * later
    years = np.nan_to_num(np.abs(columns.first[b] - columns.first[a])) / 365.25
    apart = np.where(grown < 0, -grown, np.maximum(grown - np.ceil(years - 0.25), 0))
    level = 1 + (apart <= 5).astype(np.int8) + (apart <= 2) + (apart <= 0)
    return np.asarray(level * known, dtype=np.int8)


def place(pairs: Pairs) -> Levels:
    """Not said, another province, the same province, the same city."""
    columns, a, b = pairs.columns, pairs.a, pairs.b
    city, province = columns.city, columns.province
    cities = (city[a] != MISSING) & (city[b] != MISSING)
    provinces = (province[a] != MISSING) & (province[b] != MISSING)
    level: Levels = (cities | provinces).astype(np.int8)
    level[provinces & (province[a] == province[b])] = 2
    level[cities & (city[a] == city[b])] = 3
    return level


def price(pairs: Pairs) -> Levels:
    """Not said, over a quarter apart, within a quarter, the same."""
    columns, a, b = pairs.columns, pairs.a, pairs.b
    left, right = columns.price[a], columns.price[b]
    known = (left != MISSING) & (right != MISSING)
    level = 1 + (np.abs(left - right) * 4 <= np.maximum(left, right)).astype(np.int8)
    level[left == right] = 3
    return np.asarray(level * known, dtype=np.int8)


def time(pairs: Pairs) -> Levels:
    """Not said, over 200 days between them, over 90, over 30, over 7, up to 7, shown at once."""
    columns, a, b = pairs.columns, pairs.a, pairs.b
    between = np.maximum(columns.first[a], columns.first[b]) - np.minimum(
        columns.last[a], columns.last[b]
    )
    level = 1 + sum((between <= days).astype(np.int8) for days in (200, 90, 30, 7, 0))
    return np.asarray(level * ~np.isnan(between), dtype=np.int8)


def rest(pairs: Pairs) -> Levels:
    """Where the text is at least half the same and no number is shared: does the rest fit?

    Texts are copied and templates go round, so they decide nothing alone. Name, age and place each
    count for it when they agree and against it when they differ; level 0 where the question does
    not arise, then 1 (all against) to 7 (all for).
    """
    name, years, where = pairs.level(nickname), pairs.level(age), pairs.level(place)
    agree = (name >= 2).astype(np.int8) + (years >= 3) + (where == 3)
    differ = (name == 1).astype(np.int8) + ((years == 1) | (years == 2)) + (where == 1)
    asked = (pairs.level(text) >= 4) & (pairs.level(number) < 2)
    return np.asarray((4 + agree - differ) * asked, dtype=np.int8)


def crowd(pairs: Pairs) -> Levels:
    """Where no contact is shared: among how many adverts? Level 0 where one is, then 1 to 6."""
    shared = (
        (pairs.level(number) >= 2) | (pairs.level(handle) >= 2) | (pairs.level(weak_number) > 0)
    )
    level = 1 + sum(pairs.columns.rarity.adverts > size for size in CROWDS)
    return np.where(shared, 0, level).astype(np.int8)
