"""From levels to weights to a probability, and the evidence for one pair."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matching.columns import Columns
from matching.comparisons import ABOUT_TEXTS, LAST_SEEN, Pairs, Rows
from matching.model import Model
from matching.threads import in_threads
from records.linking import Evidence

Told = Callable[[int, int], None]
"""Hears how many pairs are scored, of how many."""
Asked = Callable[[Rows], None]
_SLICE = 200_000
_ROUNDING = 1e-6


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
        self,
        columns: Columns,
        a: Rows,
        b: Rows,
        model: Model,
        *,
        floor: float = 0.0,
        told: Told = lambda *_: None,
    ) -> Scored:
        """The pairs that reach `floor`, in the order given."""
        ...


def score(
    columns: Columns,
    a: Rows,
    b: Rows,
    model: Model,
    *,
    floor: float = 0.0,
    told: Told = lambda *_: None,
    asked: Asked = lambda _: None,
) -> Scored:
    """Score pairs of rows; those under the probability `floor` are dropped as they come.

    `asked` hears of rows before the time at which they were last seen counts.
    """
    starts = range(0, max(len(a), 1), _SLICE)
    parts = []
    for part in in_threads(
        lambda at: _score(columns, a[at : at + _SLICE], b[at : at + _SLICE], model, floor, asked),
        starts,
    ):
        parts.append(part)
        told(min(len(parts) * _SLICE, len(a)), len(a))
    return Scored(
        np.concatenate([part.a for part in parts]),
        np.concatenate([part.b for part in parts]),
        np.concatenate([part.probability for part in parts]),
        np.concatenate([part.levels for part in parts], axis=1),
    )


def _score(columns: Columns, a: Rows, b: Rows, model: Model, floor: float, asked: Asked) -> Scored:
    """Texts, and then times, are read only of pairs that could reach `floor` if theirs were as
    like as can be.
    """
    pairs = Pairs(columns, a, b)
    weights = {each.compare: np.array(list(each.levels.values())) for each in model.comparisons}
    least = np.log2(floor / (1.0 - floor)) - _ROUNDING if floor else -np.inf
    last = ABOUT_TEXTS.keys() | {LAST_SEEN}
    total = np.full(len(pairs), model.prior)
    best = np.full(len(pairs), weights[LAST_SEEN].max() if LAST_SEEN in weights else 0.0)
    for compare, weight in weights.items():
        if compare not in last:
            total += weight[pairs.level(compare)]
        elif (if_asked := ABOUT_TEXTS.get(compare)) is not None:
            best += np.maximum(weight[0], weight)[pairs.level(if_asked)]
        elif compare is not LAST_SEEN:
            best += weight.max()
    hopeful = total + best >= least
    pairs = pairs.where(hopeful)
    if LAST_SEEN in weights:
        total, best = total[hopeful], weights[LAST_SEEN].max()
        for compare in ABOUT_TEXTS.keys() & weights.keys():
            total += weights[compare][pairs.level(compare)]
        pairs = pairs.where(total + best >= least)
        asked(np.unique(np.concatenate([pairs.a, pairs.b])))
    # In one order, whatever was asked first: sums of the same weights may differ in a last bit.
    total = np.full(len(pairs), model.prior)
    for about in (False, True):
        for compare, weight in weights.items():
            if (compare in ABOUT_TEXTS) is about:
                total += weight[pairs.level(compare)]
    probability = 1.0 / (1.0 + np.exp2(-total))
    levels = np.array([pairs.level(compare) for compare in weights], dtype=np.int8)
    return Scored(pairs.a, pairs.b, probability, levels.reshape(len(weights), -1)).at_least(floor)


def evidence(scored: Scored, model: Model) -> list[tuple[Evidence, ...]]:
    """What spoke for and against each pair, the heaviest first; silent comparisons are left out."""
    said = [
        [
            (-abs(weight), Evidence(comparison.name, level, weight))
            for level, weight in comparison.levels.items()
        ]
        for comparison in model.comparisons
    ]
    raw, width = np.ascontiguousarray(scored.levels.T).tobytes(), len(model.comparisons)
    # Many pairs reach the same levels: what they say is told once.
    known: dict[bytes, tuple[Evidence, ...]] = {}
    found = []
    for place in range(0, len(raw), width):
        levels = raw[place : place + width]
        if levels not in known:
            told = [one[level] for one, level in zip(said, levels, strict=True)]
            told = sorted([one for one in told if one[0]], key=itemgetter(0))
            known[levels] = tuple([piece for _, piece in told])
        found.append(known[levels])
    return found


def letters(scored: Scored) -> Iterator[str]:
    """The levels that each pair reached, a letter a comparison: "a" is the first."""
    width = len(scored.levels)
    said = (scored.levels.T + ord("a")).astype(np.uint8).tobytes().decode("ascii")
    return (said[place : place + width] for place in range(0, len(said), width))
