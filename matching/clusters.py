"""Clusters: adverts that belong together, as connected components with a guard on what they hold.

Components chain: one wrong link in a thousand is enough to run two people together, and many to
make a monster of thousands. Nobody has eight numbers and eight names: a component that has is cut
again, link by link from the surest, and no link is taken that would make such a cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from matching.columns import MISSING, Columns

Int64s = NDArray[np.int64]

MOST_NUMBERS = 8
MOST_NAMES = 8
"""A cluster may pass one of the two (a heavy poster, a much varied name), never both."""


def components(count: int, a: Int64s, b: Int64s) -> Int64s:
    """The smallest member of each node's connected component (hooking and pointer jumping)."""
    label = np.arange(count, dtype=np.int64)
    while len(a):
        left, right = label[a], label[b]
        apart = left != right
        if not apart.any():
            break
        a, b, left, right = a[apart], b[apart], left[apart], right[apart]
        low, high = np.minimum(left, right), np.maximum(left, right)
        np.minimum.at(label, high, low)
        while True:
            jumped = label[label]
            if (jumped == label).all():
                break
            label = jumped
    return label


class _Sets:
    """Disjoint sets of nodes that know the numbers and names in each, and whom it must not meet."""

    def __init__(
        self,
        numbers: dict[int, set[int]],
        names: dict[int, set[int]],
        apart: Iterable[tuple[int, int]],
    ) -> None:
        self._parent: dict[int, int] = {}
        self._numbers, self._names = numbers, names
        self._foes: dict[int, set[int]] = {}
        for one, other in apart:
            self._foes.setdefault(one, set()).add(other)
            self._foes.setdefault(other, set()).add(one)

    def root(self, node: int) -> int:
        path = []
        while (parent := self._parent.get(node, node)) != node:
            path.append(node)
            node = parent
        for step in path:
            self._parent[step] = node
        return node

    def join(self, one: int, other: int, *, guarded: bool) -> bool:
        one, other = sorted((self.root(one), self.root(other)))
        if one == other:
            return True
        foes = self._foes.get(one, set())
        if any(self.root(each) == other for each in foes):
            return False
        numbers = self._numbers.get(one, set()) | self._numbers.get(other, set())
        names = self._names.get(one, set()) | self._names.get(other, set())
        if guarded and len(numbers) > MOST_NUMBERS and len(names) > MOST_NAMES:
            return False
        self._parent[other] = one
        self._foes[one] = foes | self._foes.pop(other, set())
        self._numbers[one], self._names[one] = numbers, names
        return True


def clusters(
    columns: Columns,
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    probability: NDArray[np.float64],
    together: Sequence[tuple[int, int]] = (),
    apart: Sequence[tuple[int, int]] = (),
) -> Int64s:
    """The cluster of every row, as its smallest row. Links are given with their probability.

    `together` are rows that belong together whatever the guard says, `apart` rows that never do,
    whatever else holds: what people decided. Of two decisions that can't both stand, the one that
    keeps apart does.
    """
    count = len(columns)
    fixed = np.array(together, dtype=np.int64).reshape(-1, 2)
    one = np.concatenate([fixed[:, 0], a.astype(np.int64)])
    other = np.concatenate([fixed[:, 1], b.astype(np.int64)])
    label = components(count, one, other)
    severed = {int(label[a]) for a, b in apart if label[a] == label[b]}
    for root in sorted({*_overgrown(columns, label), *severed}):
        inside = label[one] == root
        surely = np.concatenate([np.full(len(fixed), 2.0), probability])[inside]
        _cut(columns, label, root, one[inside], other[inside], surely, apart)
    return label


def _distinct(group: Int64s, value: Int64s, count: int) -> Int64s:
    """How many distinct values stand in each of `count` groups."""
    if not len(group):
        return np.zeros(count, dtype=np.int64)
    width = int(value.max()) + 1
    return np.bincount(np.unique(group * width + value) // width, minlength=count)


def _overgrown(columns: Columns, label: Int64s) -> Iterable[int]:
    """Components with more numbers and more names than the guard lets pass."""
    named = columns.name != MISSING
    numbers = _distinct(
        label[columns.numbers.advert], columns.numbers.contact.astype(np.int64), len(label)
    )
    names = _distinct(label[named], columns.name[named].astype(np.int64), len(label))
    found: list[int] = np.flatnonzero((numbers > MOST_NUMBERS) & (names > MOST_NAMES)).tolist()
    return found


def _cut(
    columns: Columns,
    label: Int64s,
    root: int,
    a: Int64s,
    b: Int64s,
    surely: NDArray[np.float64],
    apart: Iterable[tuple[int, int]],
) -> None:
    """Build one component again from its surest links on, under the guard."""
    members = np.flatnonzero(label == root)
    within = np.isin(columns.numbers.advert, members)
    numbers: dict[int, set[int]] = {}
    for advert, contact in zip(
        columns.numbers.advert[within].tolist(),
        columns.numbers.contact[within].tolist(),
        strict=True,
    ):
        numbers.setdefault(advert, set()).add(contact)
    names = {
        member: {name}
        for member, name in zip(members.tolist(), columns.name[members].tolist(), strict=True)
        if name != MISSING
    }
    sets = _Sets(numbers, names, apart)
    for link in np.lexsort((b, a, -surely)).tolist():
        sets.join(int(a[link]), int(b[link]), guarded=bool(surely[link] <= 1.0))
    for member in members.tolist():
        label[member] = sets.root(member)
