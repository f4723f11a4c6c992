"""The arithmetic of fitting match weights: a logistic regression over levels of comparisons.

Its coefficients in bits are match weights that allow for comparisons that go together, as counting
each alone would not. A ridge draws them to where they start from, so that rare levels hardly move.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.comparisons import CROWDS
from matching.model import Model

Levels = NDArray[np.int8]
Floats = NDArray[np.float64]
_SLICE = 20_000
_ROUNDS = 40
_STILL = 1e-4


@dataclass(frozen=True)
class Design:
    """From levels to the columns of the regression and from its coefficients to weights.

    `basis[comparison]` has a row a level and a column a coefficient; the first coefficient of all
    is the prior.
    """

    basis: tuple[Floats, ...]

    @property
    def size(self) -> int:
        """How many coefficients there are."""
        return 1 + sum(int(each.shape[1]) for each in self.basis)

    def rows(self, levels: Levels) -> Floats:
        """A row a pair, a column a coefficient; of levels, a row a pair, a column a comparison."""
        parts = [basis[levels[:, place]] for place, basis in enumerate(self.basis)]
        return np.concatenate([np.ones((len(levels), 1)), *parts], axis=1)

    def weights(self, coefficients: Floats) -> list[Floats]:
        """For each comparison, the weight of each level, in bits."""
        bits = coefficients / np.log(2)
        ends = np.cumsum([1, *(each.shape[1] for each in self.basis)])
        return [
            basis @ bits[start : start + basis.shape[1]]
            for start, basis in zip(ends, self.basis, strict=False)
        ]


def design(model: Model) -> Design:
    """A coefficient a level, but for the crowd: one for all crowds and one for each doubling."""
    found = []
    for comparison in model.comparisons:
        count = len(comparison.levels)
        if comparison.name == "crowd":
            # Scaled as strongly as a dozen levels together, which the ridge would let move further.
            place = np.arange(count, dtype=np.float64)
            basis = np.stack([np.full(count, 3.0), 0.75 * (place - len(CROWDS) / 2)], axis=1)
            basis[0] = 0.0
        else:
            basis = np.eye(count)[:, 1:]
        found.append(basis)
    return Design(tuple(found))


def fit(
    form: Design,
    levels: Levels,
    truth: Floats,
    ridge: Floats,
    *,
    counts: Floats | None = None,
    offset: Floats | None = None,
    start: Floats | None = None,
) -> Floats:
    """The coefficients, in nats, of the likeliest weights of levels; the rest as in `logistic`."""
    return logistic(
        lambda some: form.rows(levels[some]),
        truth,
        ridge,
        counts=counts,
        offset=offset,
        start=start,
    )


def logistic(
    rows_of: Callable[[slice], Floats],
    truth: Floats,
    ridge: Floats,
    *,
    counts: Floats | None = None,
    offset: Floats | None = None,
    start: Floats | None = None,
) -> Floats:
    """A logistic regression under a ridge (Newton's method); coefficients are in nats.

    `rows_of` gives the rows of some pairs, a column a coefficient. `truth` is the probability that
    each pair is one person's, `counts` for how many pairs each stands, `offset` what is known of
    its log odds beforehand, in nats; `ridge` is the pull of each coefficient to zero, the inverse
    of its variance; `start` is where the search begins.
    """
    coefficients = np.zeros(len(ridge)) if start is None else start.copy()
    for _ in range(_ROUNDS):
        gradient = ridge * coefficients
        curvature = np.diag(ridge + 1e-9)
        for first in range(0, len(truth), _SLICE):
            some = slice(first, first + _SLICE)
            rows = rows_of(some)
            odds = rows @ coefficients
            if offset is not None:
                odds += offset[some]
            likely = 1 / (1 + np.exp(-odds))
            count = np.ones(len(rows)) if counts is None else counts[some]
            gradient += rows.T @ (count * (likely - truth[some]))
            curvature += (rows * (count * likely * (1 - likely))[:, None]).T @ rows
        step = np.linalg.solve(curvature, gradient)
        coefficients -= step
        if np.abs(step).max() < _STILL:
            break
    return coefficients


def ordered(weights: Floats, before: Floats, pairs: NDArray[np.int64]) -> Floats:
    """Weights of the levels of one comparison, nearest to those given, that keep the order which
    neighbouring levels had `before`.

    Neighbours that changed places are given the mean of both, weighted by the `pairs` behind them
    (pool adjacent violators; Ayer et al. 1955).
    """
    blocks = [[weight, max(count, 1e-6), 1] for weight, count in zip(weights, pairs, strict=True)]
    firsts = list(range(len(blocks)))
    place = 0
    while place + 1 < len(blocks):
        left, right = blocks[place], blocks[place + 1]
        border = firsts[place + 1]
        rose = np.sign(before[border] - before[border - 1])
        if (right[0] - left[0]) * rose >= 0:
            place += 1
            continue
        both = left[1] + right[1]
        mean = (left[0] * left[1] + right[0] * right[1]) / both
        blocks[place : place + 2] = [[mean, both, left[2] + right[2]]]
        del firsts[place + 1]
        place = max(place - 1, 0)
    return np.concatenate([np.full(int(size), weight) for weight, _, size in blocks])
