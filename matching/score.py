"""From levels to weights to a probability, and the evidence for one pair."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matching.columns import Columns
from matching.comparisons import Pairs, Rows
from matching.model import Model
from records.linking import Evidence

_SLICE = 500_000


@dataclass(frozen=True)
class Scored:
    """Pairs of rows with their probability. `levels` has a row a comparison, a column a pair."""

    a: Rows
    b: Rows
    probability: NDArray[np.float64]
    levels: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.a)

    def at_least(self, probability: float) -> Scored:
        """Only the pairs that reach `probability`."""
        keep = self.probability >= probability
        return Scored(self.a[keep], self.b[keep], self.probability[keep], self.levels[:, keep])


class Scorer(Protocol):
    """Whatever scores pairs as `score` does: here, or on other machines."""

    def __call__(
        self, columns: Columns, a: Rows, b: Rows, model: Model, *, floor: float = 0.0
    ) -> Scored:
        """The pairs that reach `floor`, in the order given."""
        ...


def score(columns: Columns, a: Rows, b: Rows, model: Model, *, floor: float = 0.0) -> Scored:
    """Score pairs of rows; those under the probability `floor` are dropped as they come."""
    parts = [
        _score(columns, a[start : start + _SLICE], b[start : start + _SLICE], model).at_least(floor)
        for start in range(0, max(len(a), 1), _SLICE)
    ]
    return Scored(
        np.concatenate([part.a for part in parts]),
        np.concatenate([part.b for part in parts]),
        np.concatenate([part.probability for part in parts]),
        np.concatenate([part.levels for part in parts], axis=1),
    )


def _score(columns: Columns, a: Rows, b: Rows, model: Model) -> Scored:
    pairs = Pairs(columns, a, b)
    total = np.full(len(pairs), model.prior)
    levels = np.zeros((len(model.comparisons), len(pairs)), dtype=np.int8)
    for row, comparison in enumerate(model.comparisons):
        levels[row] = pairs.level(comparison.compare)
        total += np.array(list(comparison.levels.values()))[levels[row]]
    return Scored(a, b, 1.0 / (1.0 + np.exp2(-total)), levels)


def evidence(scored: Scored, model: Model) -> list[tuple[Evidence, ...]]:
    """What spoke for and against each pair, the heaviest first; silent comparisons are left out."""
    said = [
        [
            (-abs(weight), Evidence(comparison.name, level, weight))
            for level, weight in comparison.levels.items()
        ]
        for comparison in model.comparisons
    ]
    found = []
    for levels in scored.levels.T.tolist():
        told = [one[level] for one, level in zip(said, levels, strict=True)]
        told = sorted([one for one in told if one[0]], key=itemgetter(0))
        found.append(tuple([piece for _, piece in told]))
    return found
