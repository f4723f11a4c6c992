"""Sketches: of each advert's phrases the few that compare and find it, chosen by a rarity table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.phrases import Int64s, UInt64s
from matching.rarity import FRESH, Levels, Rarity
from matching.threads import in_threads

UInt32s = NDArray[np.uint32]

SKETCH = 16
"""Phrases kept of each advert for comparing: its rarest that another advert has too."""
FRESH_KEPT = 8
"""And of those that the table does not know, the ones with the smallest hashes: two adverts that
share many choose many alike (Broder 1997, bottom sketches)."""
_SLICE = 1 << 16
_LEVEL_BITS, _HASH_BITS = 8, 40
_FRESH_RANK = np.uint8((FRESH - 1) & 0xFF)


@dataclass(frozen=True)
class Sketches:
    """By advert, rarest first: hashes of phrases (0: none left) and their levels of rarity.

    `fresh` are phrases unknown to the table, `total` counts all phrases of the advert.
    """

    known: UInt32s
    level: Levels
    fresh: UInt32s
    total: NDArray[np.int32]


def sketches(phrases: UInt64s, counts: Int64s, rarity: Rarity, *, complete: bool) -> Sketches:
    """Sketch adverts that have `counts` phrases each, laid end to end.

    `complete` says that the table was counted from these very adverts: no two of them then share a
    phrase that it does not know, and none is kept.
    """
    count = len(counts)
    known = np.zeros((count, SKETCH), np.uint32)
    level = np.zeros((count, SKETCH), np.uint8)
    fresh = np.zeros((count, 0 if complete else FRESH_KEPT), np.uint32)
    ends = np.concatenate([[0], np.cumsum(counts)])

    def sketch(first: int) -> None:
        last = min(first + _SLICE, count)
        part = phrases[ends[first] : ends[last]]
        # Advert, level and hash in one number: sorting lays out each advert, rarest first. Fresh
        # phrases go to the end (their level wraps round).
        key = np.repeat(np.arange(last - first, dtype=np.uint64), counts[first:last])
        key <<= np.uint64(_LEVEL_BITS)
        key |= rarity.level(part) - np.uint8(1)
        key <<= np.uint64(_HASH_BITS)
        # The slot in the table is the phrase's first bits, its hash here the last.
        key |= part & np.uint64((1 << _HASH_BITS) - 1)
        key.sort()
        _keep(key, counts[first:last], known[first:last], level[first:last], fresh[first:last])

    for _ in in_threads(sketch, range(0, count, _SLICE)):
        pass
    return Sketches(known, level, fresh, counts.astype(np.int32))


def _keep(key: UInt64s, counts: Int64s, known: UInt32s, level: Levels, fresh: UInt32s) -> None:
    """Take the first keys of each advert, and the first of its fresh ones."""
    end = np.cumsum(counts)
    start = end - counts
    rank = (key >> np.uint64(_HASH_BITS)).astype(np.uint8)
    before = np.concatenate([[0], np.cumsum(rank == _FRESH_RANK)])
    middle = end - (before[end] - before[start])
    for table, begin, limit in ((known, start, middle), (fresh, middle, end)):
        for column in range(table.shape[1]):
            rows = np.flatnonzero(begin + column < limit)
            at = begin[rows] + column
            table[rows, column] = np.maximum(key[at].astype(np.uint32), 1)
            if table is known:
                level[rows, column] = rank[at] + np.uint8(1)
