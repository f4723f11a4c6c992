"""Whether probabilities can be taken at their word: of pairs said to be so likely, how many are so.

A reliability table, and the expected calibration error (Naeini et al. 2015): the distance of what
is said from what is so, averaged over the pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.candidates import candidate_pairs
from matching.columns import Columns
from matching.cores import settle
from matching.model import WEIGHTS
from matching.score import score

Floats = NDArray[np.float64]

EDGES = (0.0, 0.01, 0.05, 0.2, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
"""Bins of probability: fine where it is decided who is doubtful and who is linked."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Pairs said to be between `low` and `high` likely: how likely in all, and how many are so."""

    low: float
    high: float
    pairs: int
    said: float
    right: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """All bins, least likely first."""

    bins: tuple[Bin, ...]

    def __add__(self, other: Reliability) -> Reliability:
        both = zip(self.bins, other.bins, strict=True)
        return Reliability(
            tuple(
                Bin(a.low, a.high, a.pairs + b.pairs, a.said + b.said, a.right + b.right)
                for a, b in both
            )
        )

    def error(self, low: float = 0.0) -> float:
        """The expected calibration error of the pairs said to be `low` likely or more."""
        here = [each for each in self.bins if each.low >= low]
        pairs = sum(each.pairs for each in here)
        return sum(abs(each.said - each.right) for each in here) / pairs if pairs else 0.0


def reliability(likely: Floats, right: NDArray[np.bool_]) -> Reliability:
    """The table of pairs that are said to be so likely, and are right or not."""
    place = np.clip(np.searchsorted(EDGES, likely, side="right") - 1, 0, len(EDGES) - 2)
    count = len(EDGES) - 1
    pairs = np.bincount(place, minlength=count).tolist()
    said = np.bincount(place, likely, count).tolist()
    true = np.bincount(place[right], minlength=count).tolist()
    columns = zip(EDGES, EDGES[1:], pairs, said, true, strict=False)
    return Reliability(tuple(Bin(*each) for each in columns))


def reliability_of(table: Columns, person: NDArray[np.int64]) -> Reliability:
    """That of all candidate pairs of a corpus under the shipped weights; `person` by row.

    Links with what all adverts say, others with what the two say by themselves.
    """
    scored = score(table, *candidate_pairs(table), WEIGHTS)
    likely, linked = scored.probability.copy(), scored.probability >= WEIGHTS.floor
    ends = scored.a[linked], scored.b[linked]
    likely[linked] = settle(table, *ends, likely[linked], WEIGHTS).probability
    return reliability(likely, person[scored.a] == person[scored.b])
