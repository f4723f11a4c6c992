"""Cores: adverts that surely belong together, and whether two cores are one person's after all.

Two adverts alone say little; two people's adverts together say more. Where a pair leaves a doubt,
all adverts of the one core are compared with all of the other: one likely pair among many that
speak against it is a coincidence, one among many that nearly agree is she (collective entity
resolution; Bhattacharya and Getoor 2007; group linkage, On et al. 2007). It begins with what all
pairs say on average; boosted trees (`core_trees.json`) correct that, fitted by
`python -m benchmarks.core_trees --write`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matching.clusters import clusters
from matching.columns import Columns
from matching.model import WEIGHTS, Model
from matching.score import Asked, score

Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]
Rows = NDArray[np.int32]

MOST = 12
"""Adverts of a core that are compared, the earliest: a heavy poster's others say no more."""
BOUNDED = (-4.0, 6.0)
"""Bits between which a pair counts in the bounded average, that one pair does not decide it all."""
HELD = frozenset(
    {
        "on another site",
        "on the same site",
        "ages over five years apart",
        "other messenger handle",
    }
)
"""Levels whose weights are held to a bound, for invented people mislead there: trees hear of them
in sums only, so that they do not come in again by these."""
UNTOLD = ("site", "weak_number")
"""Comparisons of which trees hear in sums only: held to bounds, or not met in fitting."""


@dataclass(frozen=True)
class Settled:
    """`cluster` is the smallest row of each row's profile; `probability` each link's, in the light
    of all that their cores' adverts say.
    """

    cluster: Int64s
    probability: Floats


def settle(
    columns: Columns,
    a: Rows,
    b: Rows,
    alone: Floats,
    model: Model,
    *,
    was: Floats | None = None,
    stays: Floats | float = 1.0,
    asked: Asked = lambda _: None,
    together: Sequence[tuple[int, int]] = (),
    apart: Sequence[tuple[int, int]] = (),
) -> Settled:
    """The profiles that links make up: n rows, links (a, b) with the probability of two adverts
    `alone`.

    `was` is the probability with which each is stored, 0 where it is not: one that made two cores
    one keeps it while it is at least `stays`. `together` and `apart` as in `matching.clusters`.
    """
    sure = max(model.core, model.link)
    core = clusters(columns, *_from(sure, a, b, alone), together, apart)
    inside = core[a] == core[b]
    probability = np.where(inside, np.maximum(alone, sure), alone)
    between = np.flatnonzero(~inside)
    ends = np.sort(np.stack([core[a[between]], core[b[between]]]), axis=0)
    pairs, which = np.unique(ends, axis=1, return_inverse=True)
    likely = CorePairs(columns, core, pairs[0], pairs[1], model, asked).probability
    probability[between] = likely[which.ravel()]
    if was is not None:
        holds = (was >= model.link) & (probability >= stays)
        probability = np.where(holds, np.maximum(probability, was), probability)
    # Within a core, what made it one holds it together, and nothing less is asked.
    strength = probability.copy()
    strength[inside & (alone < sure)] = 0.0
    cluster = clusters(columns, *_from(model.link, a, b, strength), together, apart)
    return Settled(cluster, probability)


def _from(least: float, a: Rows, b: Rows, probability: Floats) -> tuple[Rows, Rows, Floats]:
    keep = probability >= least
    return a[keep], b[keep], probability[keep]


class CorePairs:
    """Pairs of cores, all adverts of the one compared with all of the other.

    `owner` says of each compared pair of adverts to which pair of cores it belongs; they lie
    together. `levels` has a row a comparison and a column a compared pair.
    """

    def __init__(
        self,
        columns: Columns,
        core: Int64s,
        one: Int64s,
        other: Int64s,
        model: Model,
        asked: Asked = lambda _: None,
    ) -> None:
        """`core` is the core of each row, by its smallest row; `one` and `other` are cores."""
        self._model = model
        order = np.lexsort((columns.rank, core))
        ends = np.stack([one, other])
        begins = np.searchsorted(core[order], ends)
        # The one first seen first: sums of the same weights in another order differ in a last bit.
        turned = np.argsort(columns.rank[order[begins]], axis=0)
        ends, begins = (np.take_along_axis(each, turned, axis=0) for each in (ends, begins))
        self.sizes = np.bincount(core, minlength=len(columns))[ends]
        left, right = np.minimum(self.sizes, MOST)
        self.count = left * right
        self.owner = np.repeat(np.arange(len(one)), self.count)
        self._starts = np.cumsum(self.count) - self.count
        place = np.arange(len(self.owner)) - self._starts[self.owner]
        wide = right[self.owner]
        first = order[begins[0][self.owner] + place // np.maximum(wide, 1)]
        second = order[begins[1][self.owner] + place % np.maximum(wide, 1)]
        a, b = (
            np.minimum(first, second).astype(np.int32),
            np.maximum(first, second).astype(np.int32),
        )
        self.levels = score(columns, a, b, model, asked=asked).levels

    def __len__(self) -> int:
        return len(self.count)

    def averaged(self, values: Floats) -> Floats:
        """The mean over each pair of cores of a value a compared pair."""
        sums = np.bincount(self.owner, values, minlength=len(self))
        return np.asarray(sums / self.count)

    @cached_property
    def total(self) -> Floats:
        """The match weight of each compared pair, in bits."""
        return self._total(self._model)

    @cached_property
    def told(self) -> dict[str, Floats]:
        """By name, what trees may ask: a value a pair of cores.

        All in bits, but for sizes and the number of pairs; under the weights that ship, for which
        trees are fitted, whatever the model has learnt.
        """
        total = self._total(WEIGHTS)
        likeliest = total[np.lexsort((-total, self.owner))]
        second = np.minimum(self._starts + 1, self._starts + self.count - 1)
        best = map(self._greatest, self._weighed(WEIGHTS))
        found = {
            "average": self.averaged(total),
            "bounded average": self.averaged(np.clip(total, *BOUNDED)),
            "likeliest pair": likeliest[self._starts],
            "second pair": likeliest[second],
            "unlikeliest pair": likeliest[self._starts + self.count - 1],
            "best of each": sum(best, np.zeros(len(self))),
            "smaller core": self.sizes.min(axis=0),
            "larger core": self.sizes.max(axis=0),
            "pairs": self.count,
        }
        free = self._weighed(WEIGHTS, free=True)
        for comparison, weighed in zip(WEIGHTS.comparisons, free, strict=True):
            if comparison.name not in UNTOLD:
                found[f"{comparison.name}, average"] = self.averaged(weighed)
                found[f"{comparison.name}, best"] = self._greatest(weighed)
        return {name: np.asarray(values, dtype=np.float64) for name, values in found.items()}

    def _total(self, model: Model) -> Floats:
        return np.asarray(sum(self._weighed(model), np.zeros(len(self.owner))) + model.prior)

    def _weighed(self, model: Model, *, free: bool = False) -> Iterator[Floats]:
        """By comparison, the match weight of each compared pair, if `free` without what is held."""
        for comparison, level in zip(model.comparisons, self.levels, strict=True):
            weights = [
                0.0 if free and name in HELD else weight
                for name, weight in comparison.levels.items()
            ]
            yield np.array(weights)[level]

    def _greatest(self, values: Floats) -> Floats:
        return np.asarray(np.maximum.reduceat(values, self._starts))

    @cached_property
    def probability(self) -> Floats:
        """How likely one person is behind both cores."""
        if not len(self):
            return np.zeros(0)
        total = self.averaged(self.total) + self._model.cores.bits(self.told, len(self))
        return np.asarray(1.0 / (1.0 + np.exp2(-total)))
