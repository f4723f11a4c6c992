"""Comparisons: for pairs of adverts, which level of agreement each kind of evidence reaches.

Every comparison takes `Pairs` and returns, for each of them, the place of its level in the
comparison's list of levels (`matching.model`). Level 0 is always "not said".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.columns import MISSING, Columns
from matching.rarity import STEPS
from matching.sketches import UInt32s

Rows = NDArray[np.int32]
Levels = NDArray[np.int8]
Compare = Callable[["Pairs"], Levels]
_Table = TypeVar("_Table", Rows, UInt32s)

NAME_BITS = (4.5, 6.0, 7.5, 9.0)
"""Rarity of a name, log2(hands of the corpus / hands that have it): common to very rare."""
FEWEST_HANDS = 1000
"""Rarity is measured as if at least so many hands had been counted: what one of ten uses is rarer
in the world than one in ten."""
LIKE_TEXT = (0.15, 0.3, 0.5, 0.7, 0.9)
"""Share of the rarity of the shorter sketch that both have: the levels of likeness."""
RARE_WORDING = (10, 20, 30, 45, 60, 80, 110)
"""Rarity in common, in bits: log2(hands of the corpus / hands that use it), over all phrases."""
PHRASE_HANDS = (1, 2, 4, 8, 24, 64)
"""Hands that use the rarest phrase in common."""
LOOKALIKES = (1 / 64, 1 / 16, 1 / 4, 1, 4, 16)
"""Strangers to be expected with the same name, city and age."""
CROWDS = tuple(500 * 2**step for step in range(12))
"""Numbers of hands from one crowd to the next larger one."""
_SLICE = 4_000
_AGES, _LEAST_AGE = 120, 1e-4
SHORTEST_TEXT = 4
"""Phrases below which a text says nothing."""


class Pairs:
    """Pairs of rows of `columns`; each comparison's levels are worked out once."""

    def __init__(self, columns: Columns, a: Rows, b: Rows) -> None:
        self.columns, self.a, self.b = columns, a, b
        self._levels: dict[Compare, Levels] = {}

    @cached_property
    def wording(self) -> _Wording:
        """What their texts have in common."""
        return _Wording(self)

    def __len__(self) -> int:
        return len(self.a)

    def level(self, compare: Compare) -> Levels:
        """The levels that `compare` gives these pairs."""
        if compare not in self._levels:
            self._levels[compare] = compare(self)
        return self._levels[compare]

    def where(self, keep: NDArray[np.bool_]) -> Pairs:
        """Only these pairs, with the levels known so far."""
        kept = Pairs(self.columns, self.a[keep], self.b[keep])
        kept._levels = {compare: level[keep] for compare, level in self._levels.items()}
        return kept


def _in(left: _Table, right: _Table, none: int = 0) -> NDArray[np.bool_]:
    """For each pair of rows, which entries of the left one stand in the right one; `none` is none.

    Column by column: a comparison over all columns at once takes several times longer.
    """
    hit = np.zeros(left.shape, dtype=np.bool_)
    for column in range(right.shape[1]):
        hit |= left == right[:, column : column + 1]
    hit &= left != none
    return hit


def _fewest(hit: NDArray[np.bool_], left: NDArray[np.int32], names: NDArray[np.int32]) -> Rows:
    """Names on the shared contact that has the fewest; a huge number where none is shared."""
    if not len(names):
        return np.full(len(left), 2**30, dtype=np.int32)
    fewest: Rows = np.where(hit, names[left], 2**30).min(axis=1)
    return fewest


def _contact_levels(names: Rows, known: NDArray[np.bool_]) -> Levels:
    level = np.where(known, 1, 0).astype(np.int8)
    for place, most in enumerate((2**30 - 1, 9, 4, 2, 1)):
        level[names <= most] = 2 + place
    return level


def number(pairs: Pairs) -> Levels:
    """Not said, different, shared by 10 names or more, 5 to 9, 3 or 4, 2, 1."""
    columns, a, b = pairs.columns, pairs.a, pairs.b
    left, right = columns.kept_numbers[a], columns.kept_numbers[b]
    names = _fewest(_in(left, right, MISSING), left, columns.number_names)
    return _contact_levels(names, (left[:, 0] != MISSING) & (right[:, 0] != MISSING))


def weak_number(pairs: Pairs) -> Levels:
    """Not said, or a candidate number of one is a number of the other."""
    columns, a, b = pairs.columns, pairs.a, pairs.b
    strong, weak = columns.kept_numbers, columns.kept_weak_numbers
    level = np.zeros(len(pairs), dtype=np.int8)
    some = np.flatnonzero((weak[a, 0] != MISSING) | (weak[b, 0] != MISSING))
    a, b = a[some], b[some]
    hit = np.zeros(len(some), dtype=np.bool_)
    for left, right in ((weak[a], strong[b]), (weak[b], strong[a]), (weak[a], weak[b])):
        hit |= _in(left, right, MISSING).any(axis=1)
    level[some] = hit
    return level


def handle(pairs: Pairs) -> Levels:
    """As `number`, for messenger handles and e-mail addresses."""
    columns, a, b = pairs.columns, pairs.a, pairs.b
    left, right = columns.kept_handles[a], columns.kept_handles[b]
    names = _fewest(_in(left, right, MISSING), left, columns.handle_names)
    return _contact_levels(names, (left[:, 0] != MISSING) & (right[:, 0] != MISSING))


def nickname(pairs: Pairs) -> Levels:
    """Not said, different, similar, the same in five levels from common to very rare."""
    columns, a, b = pairs.columns, pairs.a, pairs.b
    left, right = columns.name[a], columns.name[b]
    known = (left != MISSING) & (right != MISSING)
    level: Levels = known.astype(np.int8)
    other = known & (left != right)
    level[other] += columns.alike(left[other], right[other])
    same = known & (left == right)
    level[same] = 3 + np.digitize(_bits(columns, columns.name_hands[left[same]]), NAME_BITS)
    return level


def _bits(columns: Columns, hands: NDArray[np.int64]) -> NDArray[np.float64]:
    """Rarity in bits of what so many hands of the corpus have."""
    return np.log2(max(columns.rarity.hands, FEWEST_HANDS) / np.maximum(hands, 1))


class _Wording:
    """What the sketches of pairs have in common; worked out once for all three comparisons."""

    def __init__(self, pairs: Pairs) -> None:
        count = len(pairs)
        self.said = np.zeros(count, dtype=np.bool_)
        self.bits, self.share = np.zeros(count), np.zeros(count)
        self.rarest = np.full(count, 255, dtype=np.uint8)
        for start in range(0, count, _SLICE):
            part = slice(start, start + _SLICE)
            self._fill(pairs.columns, pairs.a[part], pairs.b[part], part)
        self.common = self.said & (self.bits > 0)

    def _fill(self, columns: Columns, a: Rows, b: Rows, part: slice) -> None:
        texts, all_hands = (
            columns.texts,
            np.float32(np.log2(max(columns.rarity.hands, FEWEST_HANDS))),
        )
        left, right = texts.known[a], texts.known[b]
        # log2 of the hands, 0 for one; a phrase that all use still counts a little.
        hands, others = (
            (np.maximum(texts.level[rows], 1) - np.float32(1)) / np.float32(STEPS)
            for rows in (a, b)
        )
        weight = np.maximum(all_hands - hands, np.float32(1 / STEPS)) * (left != 0)
        other = np.maximum(all_hands - others, np.float32(1 / STEPS)) * (right != 0)
        hit = _in(left, right)
        new = _in(texts.fresh[a], texts.fresh[b]).sum(axis=1)
        smaller = np.minimum(weight.sum(axis=1), other.sum(axis=1)) + new * all_hands
        self.bits[part] = (weight * hit).sum(axis=1) + new * all_hands
        self.share[part] = self.bits[part] / np.maximum(smaller, 1)
        rarest = np.where(hit, texts.level[a], 255).min(axis=1)
        self.rarest[part] = np.where(new > 0, 1, rarest)
        self.said[part] = np.minimum(texts.total[a], texts.total[b]) >= SHORTEST_TEXT


def text(pairs: Pairs) -> Levels:
    """Not said, nothing shared of the rarest phrases, then six levels of likeness."""
    wording = pairs.wording
    level = 1 + wording.common + np.digitize(wording.share, LIKE_TEXT)
    return np.where(wording.common, level, wording.said).astype(np.int8)


def wording(pairs: Pairs) -> Levels:
    """How much rare wording is shared: none, then eight levels by its rarity in bits."""
    level = 1 + np.digitize(pairs.wording.bits, RARE_WORDING)
    return np.where(pairs.wording.common, level, 0).astype(np.int8)


def phrase(pairs: Pairs) -> Levels:
    """How many hands use the rarest phrase in common: none in common, one, two, and so on."""
    steps = 1 + STEPS * np.log2(PHRASE_HANDS) + STEPS / 4
    level = 1 + np.digitize(pairs.wording.rarest, steps)
    return np.where(pairs.wording.common, level, 0).astype(np.int8)


def switchboard(pairs: Pairs) -> Levels:
    """Behind a number on three names or more: no name said, another name, similar, the same."""
    shared = (pairs.level(number) >= 2) & (pairs.level(number) <= 4)
    return np.where(shared, 1 + np.minimum(pairs.level(nickname), 3), 0).astype(np.int8)


def lookalikes(pairs: Pairs) -> Levels:
    """Where names are alike and no contact is shared: strangers to be expected with as much.

    Name, city and age count where both adverts give the same; level 0 where it is not asked.
    """
    columns, a, b = pairs.columns, pairs.a, pairs.b
    hands = max(columns.rarity.hands, 1)
    name_hands, city_hands = np.append(columns.name_hands, 0), np.append(columns.city_hands, 0)
    strangers = np.sqrt(name_hands[columns.name[a]] * 1.0 * name_hands[columns.name[b]])
    same = (columns.city[a] == columns.city[b]) & (columns.city[a] != MISSING)
    strangers *= np.where(same, np.maximum(city_hands[columns.city[a]], 1) / hands, 1.0)
    known = (columns.age[a] != MISSING) & (columns.age[b] != MISSING)
    ages = np.zeros(_AGES)
    for years, count in columns.rarity.ages.items():
        ages[min(years, _AGES - 1)] += count
    share = np.maximum(ages / max(ages.sum(), 1), _LEAST_AGE)
    of_age = np.maximum(*(share[np.clip(columns.age[end], 0, _AGES - 1)] for end in (a, b)))
    strangers *= np.where(known, of_age, 1.0)
    asked = (pairs.level(crowd) > 0) & (pairs.level(nickname) >= 2)
    return np.where(asked, 1 + np.digitize(strangers, LOOKALIKES), 0).astype(np.int8)


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


def site(pairs: Pairs) -> Levels:
    """Not said, another site, the same."""
    left, right = pairs.columns.site[pairs.a], pairs.columns.site[pairs.b]
    known = (left != MISSING) & (right != MISSING)
    return np.asarray((1 + (left == right)) * known, dtype=np.int8)


def price(pairs: Pairs) -> Levels:
    """Not said, over a quarter apart, within a quarter, within an eighth, the same."""
    columns, a, b = pairs.columns, pairs.a, pairs.b
    left, right = columns.price[a], columns.price[b]
    known = (left != MISSING) & (right != MISSING)
    apart, most = np.abs(left - right), np.maximum(left, right)
    level = 1 + (apart * 4 <= most).astype(np.int8) + (apart * 8 <= most)
    level[left == right] = 4
    return np.asarray(level * known, dtype=np.int8)


def time(pairs: Pairs) -> Levels:
    """Not said, over 200 days between them, over 90, over 30, over 7, up to 7, shown at once."""
    columns, a, b = pairs.columns, pairs.a, pairs.b
    between = np.maximum(columns.first[a], columns.first[b]) - np.minimum(
        columns.last[a], columns.last[b]
    )
    level = 1 + sum((between <= days).astype(np.int8) for days in (200, 90, 30, 7, 0))
    return np.asarray(level * ~np.isnan(between), dtype=np.int8)


def fit(pairs: Pairs) -> Levels:
    """Where no number is shared: do name, age and place fit? From 1 (all against) to 7 (all for).

    Each counts for it when it agrees and against it when it differs; 0 where a number is shared.
    """
    name, years, where = pairs.level(nickname), pairs.level(age), pairs.level(place)
    agree = (name >= 2).astype(np.int8) + (years >= 3) + (where == 3)
    differ = (name == 1).astype(np.int8) + ((years == 1) | (years == 2)) + (where == 1)
    return np.asarray((4 + agree - differ) * (pairs.level(number) < 2), dtype=np.int8)


def rest(pairs: Pairs) -> Levels:
    """Where rare wording is shared and no number: does the rest fit?

    Texts are copied and templates go round, so they decide nothing alone. Level 0 where the
    question does not arise, then as `fit`.
    """
    return np.where(pairs.level(wording) >= 2, pairs.level(fit), 0).astype(np.int8)


def crowd(pairs: Pairs) -> Levels:
    """Where no contact is shared: among how many hands? Level 0 where one is, then 1 to 13."""
    shared = (
        (pairs.level(number) >= 2) | (pairs.level(handle) >= 2) | (pairs.level(weak_number) > 0)
    )
    level = 1 + sum(pairs.columns.rarity.hands > size for size in CROWDS)
    return np.where(shared, 0, level).astype(np.int8)


ABOUT_TEXTS: Mapping[Compare, Compare | None] = {
    text: None,
    wording: None,
    phrase: None,
    rest: fit,
}
"""Comparisons that read texts, which costs more than all others together; and for one whose level
is known but for whether it is asked, what tells it."""

LAST_SEEN: Compare = time
"""The one that reads when adverts were last seen, which a pass has to ask the database for."""
