"""Chooses among overlapping readings of a run: the disjoint set of the greatest weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipelines.phones.lattice import Path
from pipelines.phones.shapes import Shape

THRESHOLD = 4.0
"""What the weight of a reading must exceed, after all that speaks against it."""


class Reading(NamedTuple):
    """`text[start:end]` read as a number. `left` and `right`: what it costs that digits of the
    run stay outside on that side; not asked when another number of the choice is there.
    """

    start: int
    end: int
    before: int
    """End of the token before `start` (`start` itself inside a token): where a neighbour ends."""
    shape: Shape
    path: Path
    weight: float
    left: float
    right: float
    cue: bool
    glued: bool


def choose(readings: Sequence[Reading]) -> list[Reading]:
    """Weighted interval scheduling over the readings of one run.

    `open_[p]` is the best sum of readings that end at or before p; `ending[p]` the best one whose
    last reading ends exactly at p, whose right cost a neighbour that begins there takes back.
    """
    if not readings:
        return []
    if len(readings) == 1:
        only = readings[0]
        return [only] if only.weight - only.left - only.right >= THRESHOLD else []
    ordered = sorted(readings, key=lambda reading: (reading.end, reading.start))
    sums: list[float] = []
    previous: list[int] = []
    ends = [reading.end for reading in ordered]
    prefix: list[int] = []
    ending: dict[int, int] = {}
    for index, reading in enumerate(ordered):
        alone = reading.weight - THRESHOLD - reading.left - reading.right
        best, link = alone, -1
        fit = _last_at_most(ends, reading.start, index)
        if fit >= 0 and sums[prefix[fit]] > 0:
            best, link = alone + sums[prefix[fit]], prefix[fit]
        beside = ending.get(reading.before)
        if beside is not None:
            together = alone + reading.left + sums[beside] + ordered[beside].right
            if together > best:
                best, link = together, beside
        sums.append(best)
        previous.append(link)
        leader = ending.get(reading.end)
        if leader is None or best + reading.right > sums[leader] + ordered[leader].right:
            ending[reading.end] = index
        top = prefix[-1] if prefix else index
        prefix.append(index if best > sums[top] else top)
    last = prefix[-1]
    if sums[last] < 0:
        return []
    chosen = []
    while last >= 0:
        chosen.append(ordered[last])
        last = previous[last]
    return chosen[::-1]


def _last_at_most(ends: list[int], limit: int, below: int) -> int:
    low, high = 0, below
    while low < high:
        middle = (low + high) // 2
        if ends[middle] <= limit:
            low = middle + 1
        else:
            high = middle
    return low - 1
