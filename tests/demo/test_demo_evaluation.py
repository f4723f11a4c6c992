"""`faro evaluate`: what it measures, and that its figures are right."""

from __future__ import annotations

import json
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from cli import main
from demo.evaluation.reliability import reliability
from demo.evaluation.run import Plan, evaluate
from demo.evaluation.scores import by_behaviour, scores

TRUTH = {"a": 1, "b": 1, "c": 1, "d": 2, "e": 2}
FOUND = {"a": "x", "b": "x", "c": "y", "d": "y", "e": "z"}


def test_b_cubed_and_pairs() -> None:
    """Of a's and b's cluster all is hers and two thirds of hers is in it; and so on."""
    found = scores(FOUND, TRUTH)
    assert found.b3_precision == pytest.approx((1 + 1 + 0.5 + 0.5 + 1) / 5)
    assert found.b3_recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 0.5 + 0.5) / 5)
    assert (found.pair_precision, found.pair_recall) == (0.5, 0.25)
    assert (found.largest, found.largest_true) == (2, 3)


def test_figures_by_behaviour() -> None:
    shown = {"a": ("bumped",), "c": ("bumped", "moved"), "d": ()}
    bumped, moved = by_behaviour(FOUND, TRUTH, shown)
    assert (bumped.behaviour, bumped.adverts, bumped.precision) == ("bumped", 2, 0.75)
    assert (moved.precision, moved.recall) == (0.5, pytest.approx(1 / 3))


def test_batches_and_flags_with_their_curves() -> None:
    plan = Plan(sizes=(400,), seeds=(5,), town_seeds=(5,), town_adverts=60, days=4, curve=True)
    found = json.loads(json.dumps(evaluate(plan, Console(file=StringIO())).as_json()))
    (batch,) = found["batch"]
    assert batch["adverts"] == 400
    assert 0.85 < batch["b3"] <= 1
    assert {"bumped", "switchboard", "returned with a new number"} <= set(batch["behaviours"])
    assert 0.9 < batch["candidates"]["connected"] <= 1
    points = {point["threshold"]: point for point in batch["curve"]}
    assert points[found["link_threshold"]]["b3"] == batch["b3"]
    assert points[0.5]["b3_recall"] >= points[0.99]["b3_recall"]
    at = {each["threshold"]: each for each in found["flags"]}
    new = at[found["link_threshold"]]["kinds"]["new"]
    assert new["true"] > 5
    assert new["precision"] > 0.8
    returned = at[found["link_threshold"]]["reappeared_with_a_new_number"]
    assert returned == {"true": 0, "right": 0, "recall": None}, "four days hold no absence"


def test_a_table_of_one_part(capsys: pytest.CaptureFixture[str]) -> None:
    assert main("evaluate --sizes 300 --seeds 5 --towns 0 --markdown".split()) == 0
    shown = capsys.readouterr().out
    assert "| adverts | people | seed | B-cubed F1 |" in shown
    assert "Flags" not in shown


def test_sizes_are_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main("evaluate --sizes many".split()) == 2
    assert "--sizes many: not whole numbers" in capsys.readouterr().err


def test_whether_probabilities_can_be_believed() -> None:
    """Ten pairs said to be .97 likely of which nine are, and two at .3 of which one is."""
    likely = np.array([0.97] * 10 + [0.3] * 2)
    right = np.array([True] * 9 + [False] + [True, False])
    found = reliability(likely, right)
    assert {
        (each.low, each.high): (each.pairs, each.right) for each in found.bins if each.pairs
    } == {
        (0.2, 0.5): (2, 1),
        (0.95, 0.99): (10, 9),
    }
    assert found.error() == pytest.approx((0.7 + 0.4) / 12)
    assert (found + found).error(0.5) == pytest.approx(0.07)
