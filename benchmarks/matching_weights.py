"""Fit the weights of `matching.model` on invented people and print the table to compare with it.

A logistic regression over the levels of the comparisons (a ridge keeps rare levels near zero): its
coefficients in bits are match weights that allow for comparisons that go together, as counting
each alone would not. Levels marked "set" in the model are held at their weight.

    python benchmarks/matching_weights.py [--seeds 101,102] [--sizes 3000,30000]
"""

from __future__ import annotations

import argparse
import math
import sys

import numpy as np
from numpy.typing import NDArray

# Not this folder, in which `matching` is a benchmark.
sys.path.pop(0)


from demo.corpus import Shares, corpus
from matching.candidates import candidate_pairs
from matching.columns import columns
from matching.comparisons import Pairs
from matching.model import WEIGHTS

SET = {
    "other messenger handle",
    "same handle, on ten names or more",
    "ages over five years apart",
    "same age",
    "same province",
    "other price",
    "same price",
    "over 200 days between",
    "three to six months between",
    "no contact shared, among more adverts",
}
RIDGE = 3.0
MOST_PAIRS = 250_000
"""Pairs taken of one corpus, so that the large ones do not outvote the small."""
Matrix = NDArray[np.float64]


def levels_and_truth(size: int, seed: int, hard: float) -> tuple[Matrix, Matrix]:
    """One row a candidate pair, one column a level; and whether one person is behind the pair."""
    town = corpus(size, seed, Shares().harder(hard))
    table = columns(town.records)
    a, b = candidate_pairs(table)
    if len(a) > MOST_PAIRS:
        some = np.random.default_rng(seed).choice(len(a), MOST_PAIRS, replace=False)
        a, b = a[some], b[some]
    pairs = Pairs(table, a, b)
    marks = [
        pairs.level(comparison.compare)[:, None] == np.arange(1, len(comparison.levels))
        for comparison in WEIGHTS.comparisons
    ]
    person = np.array([town.person[name] for name in table.ids])
    return np.concatenate(marks, axis=1).astype(np.float64), (person[a] == person[b]).astype(float)


def fit(marks: Matrix, truth: Matrix, offset: Matrix) -> Matrix:
    """Newton's method; the first coefficient is the intercept."""
    design = np.c_[np.ones(len(marks)), marks]
    weights = np.zeros(design.shape[1])
    ridge = np.full(len(weights), RIDGE)
    ridge[0] = 0.0
    for _ in range(40):
        probability = 1 / (1 + np.exp(-(design @ weights + offset)))
        gradient = design.T @ (probability - truth) + ridge * weights
        curvature = (design * (probability * (1 - probability))[:, None]).T @ design
        step = np.linalg.solve(curvature + np.diag(ridge + 1e-9), gradient)
        weights -= step
        if np.abs(step).max() < 1e-6:
            break
    return weights


def main() -> None:
    """Fit on every combination asked for and print the fitted weights beside the model's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="101,102,103")
    parser.add_argument("--sizes", default="500,1000,2000,3000,6000,10000,30000,90000")
    parser.add_argument("--hard", default="0.7,1.0,1.2")
    options = parser.parse_args()
    parts = [
        levels_and_truth(int(size), int(seed), float(hard))
        for size in options.sizes.split(",")
        for seed, hard in zip(options.seeds.split(","), options.hard.split(","), strict=True)
    ]
    marks = np.concatenate([part[0] for part in parts])
    truth = np.concatenate([part[1] for part in parts])
    names, present = zip(
        *(
            level
            for comparison in WEIGHTS.comparisons
            for level in list(comparison.levels.items())[1:]
        ),
        strict=True,
    )
    present = np.array(present)
    held = np.array([name in SET for name in names])
    offset = marks[:, held] @ present[held] * math.log(2)
    bits = fit(marks[:, ~held], truth, offset) / math.log(2)
    print(f"{len(truth):,} pairs, {truth.mean():.1%} of one person; prior {bits[0]:.1f}")
    fitted = present.copy()
    fitted[~held] = bits[1:]
    seen = marks.sum(axis=0)
    for name, weight, now, pairs, is_set in zip(names, fitted, present, seen, held, strict=True):
        note = "  set" if is_set else ""
        print(f"  {name:52} {weight:6.1f}  now {now:6.1f}  {pairs:11,.0f} pairs{note}")


if __name__ == "__main__":
    main()
