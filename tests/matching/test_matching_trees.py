"""Trees: questions in turn, whose answers add up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from test_matching_cores import HERS, LIKE_HER, UNLIKE_HER

from benchmarks.matching_weights import BOUNDS
from matching.columns import columns
from matching.cores import HELD, CorePairs
from matching.model import CORES, WEIGHTS
from matching.trees import Trees
from matching.weights import fingerprint, with_weights

TREES = Trees(
    ("average", "pairs"),
    prior=-1.0,
    trees=[[0, 2.0, -3.0, [1, 4.5, 0.5, 1.5]], 0.25],
)


def bits(average: float, pairs: float) -> float:
    told = {"pairs": np.array([pairs]), "average": np.array([average]), "else": np.array([9.0])}
    return float(TREES.bits(told, 1)[0])


@pytest.mark.parametrize(
    ("average", "pairs", "expected"),
    [(2.0, 9, -3.75), (2.1, 4, -0.25), (2.1, 5, 0.75), (np.float64(2.0) + 1e-9, 9, -3.75)],
)
def test_answers_of_all_trees_add_up(average: float, pairs: float, expected: float) -> None:
    assert bits(average, pairs) == pytest.approx(expected)


def test_many_rows_are_each_answered_as_alone() -> None:
    made = np.random.default_rng(1)
    told = {name: made.normal(2.0, 3.0, 25_001) for name in TREES.asks}
    some = [0, 9_999, 10_000, 25_000]
    alone = [bits(told["average"][row], told["pairs"][row]) for row in some]
    assert TREES.bits(told, 25_001)[some].tolist() == pytest.approx(alone)


def test_trees_are_read_as_they_were_written() -> None:
    again = Trees.read(TREES.write())
    assert again.write() == TREES.write()
    assert (again.asks, again.fingerprint) == (TREES.asks, TREES.fingerprint)


def test_other_trees_are_other_weights() -> None:
    other = replace(WEIGHTS, cores=replace(CORES, prior=CORES.prior + 0.1))
    assert fingerprint(other) != fingerprint(WEIGHTS)
    assert fingerprint(replace(WEIGHTS, cores=Trees.read(CORES.write()))) == fingerprint(WEIGHTS)


def test_the_trees_that_ship_ask_what_cores_tell() -> None:
    pairs = CorePairs(
        columns([*HERS, LIKE_HER, UNLIKE_HER]),
        np.array([0, 0, 2, 2]),
        np.array([0]),
        np.array([2]),
        WEIGHTS,
    )
    assert tuple(pairs.told) == CORES.asks
    assert 0.0 < pairs.probability[0] < 1.0


def test_what_is_held_to_a_bound_is_heard_in_sums_only() -> None:
    """Whether ages lie five years apart or are not said changes what pairs say on average alone."""
    said = []
    for age in (None, 50):
        one, other = HERS[0], replace(LIKE_HER, age=age)
        table = columns([one, other])
        pairs = CorePairs(table, np.array([0, 1]), np.array([0]), np.array([1]), WEIGHTS)
        said.append(pairs.told)
    unsaid, apart = said
    assert unsaid["age, best"] == apart["age, best"] == 0.0
    assert unsaid["age, average"] == apart["age, average"] == 0.0
    assert unsaid["average"] > apart["average"]
    assert BOUNDS.keys() == HELD


def test_trees_are_asked_under_the_weights_they_were_fitted_for() -> None:
    """What was learnt is added, as the pairs say it on average."""
    table = columns([HERS[0], LIKE_HER])
    nickname = {"nickname": {"same rare name": 0.0, "same name": 0.0, "same very rare name": 0.0}}
    learnt = with_weights(WEIGHTS, nickname)
    ends = np.array([0, 1]), np.array([0]), np.array([1])
    shipped, other = (CorePairs(table, *ends, model) for model in (WEIGHTS, learnt))
    assert {name: value.tolist() for name, value in shipped.told.items()} == {
        name: value.tolist() for name, value in other.told.items()
    }
    odds = [float(np.log2(p / (1 - p))) for (p,) in (shipped.probability, other.probability)]
    assert odds[0] - odds[1] == pytest.approx(float(shipped.total[0] - other.total[0]))
    assert odds[0] > odds[1]
