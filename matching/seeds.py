"""Labels that a site's own adverts give: pairs surely of one person, and pairs rather of two.

The contacts are covered, and the rest of each advert is compared as if it had named none; then the
contacts say how it was. Two adverts with a number (or handle) that no second name uses are one
person's. Two with other numbers may be either; rather two people's, where nothing ties the numbers
and both were in use side by side for weeks: who changes her number gives the old one up. Where an
advert has no number of one name alone, its contacts are not heard.

What the labels lean on can't be learnt from them: contacts, names, and that with which numbers
change, time and place, keep their weights. Neither likeness of text nor a number that many names
share labels anything (guide: matching).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching.candidates import candidate_pairs
from matching.clusters import components
from matching.columns import MISSING, Columns, Uses
from matching.comparisons import Pairs
from matching.fitting import Levels
from matching.model import Model

Mask = NDArray[np.bool_]
Rows = NDArray[np.int32]
Int64s = NDArray[np.int64]

UNHEARD, OTHER, BESIDE, SAME = range(4)
"""What the contacts of a pair say: nothing, other numbers, two numbers side by side, the same."""
SIDE_BY_SIDE = 14.0
"""Days that two numbers are in use at once before they are rather two people's."""
MOST_PAIRS = 100_000
LEANT_ON = ("number", "weak_number", "switchboard", "handle", "nickname", "place", "time")
"""Comparisons that the labels lean on."""
SAME_NAME = 3
"""The least level of `nickname` at which both names are the same."""


@dataclass(frozen=True)
class Seeds:
    """Pairs compared with their contacts covered. `levels` has a row a pair.

    `said` is what the contacts say, `period` the level of the time between the two. `holder` is
    whose contacts the pair's first advert shows: who splits the pairs splits them by it.
    """

    levels: Levels
    said: NDArray[np.int8]
    period: NDArray[np.int8]
    holder: Int64s

    def __len__(self) -> int:
        return len(self.levels)

    def take(self, which: Mask) -> Seeds:
        """Some of the pairs."""
        return Seeds(self.levels[which], self.said[which], self.period[which], self.holder[which])

    def people(self, *said: int) -> int:
        """How many people stand behind the pairs of which the contacts say this."""
        return len(np.unique(self.holder[np.isin(self.said, said)]))


def seeds(table: Columns, model: Model, learnable: Mask) -> Seeds:
    """The pairs of a corpus that label themselves, and those they stand among.

    Only adverts that are `learnable` take part.
    """
    covered = _covered(table)
    a, b = candidate_pairs(covered)
    keep = learnable[a] & learnable[b]
    a, b = a[keep], b[keep]
    if len(a) > MOST_PAIRS:
        some = np.sort(np.random.default_rng(1).choice(len(a), MOST_PAIRS, replace=False))
        a, b = a[some], b[some]
    levels = compared(covered, a, b, model)
    names = [each.name for each in model.comparisons]
    alike = levels[:, names.index("nickname")]
    # Labels of one number are of one name: pairs of two names are not asked.
    keep = (alike == 0) | (alike >= SAME_NAME)
    a, b, levels = a[keep], b[keep], levels[keep]
    holder = _holders(table)
    return Seeds(levels, _said(table, holder, a, b), levels[:, names.index("time")], holder[a])


def compared(table: Columns, a: Rows, b: Rows, model: Model) -> Levels:
    """The levels of pairs: a row a pair, a column a comparison."""
    pairs = Pairs(table, a, b)
    return np.stack([pairs.level(each.compare) for each in model.comparisons], axis=1)


def _covered(table: Columns) -> Columns:
    """The adverts as if none named a contact."""
    none = Uses(np.zeros(0, np.int32), np.zeros(0, np.int32), [])
    return replace(table, numbers=none, weak_numbers=none, handles=none)


def _holders(table: Columns) -> Int64s:
    """Adverts that contacts tie together, over however many steps: the smallest row of each."""
    count = len(table)
    ends = [
        (uses.advert.astype(np.int64), offset + uses.contact.astype(np.int64))
        for uses, offset in (
            (table.numbers, count),
            (table.weak_numbers, count),
            (table.handles, count + table.numbers.count),
        )
    ]
    a = np.concatenate([one for one, _ in ends])
    b = np.concatenate([other for _, other in ends])
    return components(count + table.numbers.count + table.handles.count, a, b)[:count]


def _said(table: Columns, holder: Int64s, a: Rows, b: Rows) -> NDArray[np.int8]:
    numbers = _own(table.numbers, table.number_names, len(table))
    handles = _own(table.handles, table.handle_names, len(table))
    both = (numbers[a] != MISSING) & (numbers[b] != MISSING)
    same = both & (numbers[a] == numbers[b])
    same |= (handles[a] == handles[b]) & (handles[a] != MISSING)
    other = both & (holder[a] != holder[b])
    beside = other & (_at_once(table, holder, numbers != MISSING, a, b) >= SIDE_BY_SIDE)
    return np.select([same, beside, other], [SAME, BESIDE, OTHER], UNHEARD).astype(np.int8)


def _own(uses: Uses, names: NDArray[np.int32], count: int) -> Int64s:
    """For each advert the first contact that no second name uses, -1 where it has none."""
    own = names[uses.contact] == 1
    found = np.full(count, MISSING, dtype=np.int64)
    found[uses.advert[own][::-1]] = uses.contact[own][::-1]
    return found


def _at_once(
    table: Columns, holder: Int64s, numbered: Mask, a: Rows, b: Rows
) -> NDArray[np.float64]:
    """Days for which the contacts behind both adverts of each pair were in use at once."""
    begun, ended = np.full(len(table), np.inf), np.full(len(table), -np.inf)
    np.minimum.at(begun, holder[numbered], np.nan_to_num(table.first[numbered], nan=np.inf))
    np.maximum.at(ended, holder[numbered], np.nan_to_num(table.last[numbered], nan=-np.inf))
    one, other = holder[a], holder[b]
    last, first = np.minimum(ended[one], ended[other]), np.maximum(begun[one], begun[other])
    return np.asarray(last - first)
