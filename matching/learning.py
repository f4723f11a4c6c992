"""Learning match weights from a site's own data: what its labels and its people say of the shipped.

Pairs are compared with their contacts covered (`matching.seeds`), and what the contacts then say is
one more observation of whether one person stands behind both. How often each thing is said of one
person's pairs and of two people's is estimated with the weights, in turns (expectation and
maximisation; Dempster et al. 1977), for each stretch of time between two adverts, since numbers
change with time. A logistic regression on what comes of it says by how much each weight should
move; a prior holds it to the shipped one (MAP with a Gaussian prior).

People's decisions come in with all comparisons, each as a whole pair, while all labels together
stand for so many at most: on a site of any size a decision weighs more. Levels keep their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching.fitting import Design, Floats, Levels, design, fit, ordered
from matching.model import Comparison, Model
from matching.seeds import LEANT_ON, SAME, UNHEARD, Mask, Seeds

TURNS = 8
SPREAD = 0.5
"""How far the weights of sites lie from the shipped ones: the prior's standard deviation, nats."""
FARTHEST = 1.5
"""Bits that a weight moves at most."""
MOST_COUNT = 3_000.0
"""Pairs for which all that label themselves stand at most: one person's repeat each other."""
BY_CHANCE = 0.002
"""How often two people's pairs share a contact that no second name uses."""
SUREST = 20.0
"""Bits beyond which nothing is surer."""
_NATS = float(np.log(2))
_FIXED = 1e6
_SAID = 4
_ROUNDS = 3


@dataclass(frozen=True)
class Decided:
    """Pairs that people decided, compared as they are. `levels` has a row a pair, `odds` what all
    adverts of both sides say of it, in bits: people are asked where that leaves a doubt, and by
    what two adverts say alone those pairs would seem to be one person's far too often.
    """

    levels: Levels
    same: Mask
    odds: Floats

    def __len__(self) -> int:
        return len(self.levels)


@dataclass(frozen=True)
class Lesson:
    """The model with its weights moved, and for how many pairs each level had (by comparison)."""

    model: Model
    pairs: tuple[NDArray[np.int64], ...]


def learnt(model: Model, seeds: Seeds, decided: Decided) -> Lesson:
    """The model with its weights moved as far as labels and decisions ask for."""
    form = design(model)
    # What the seeds lean on is as if not asked of them: it weighs in, and does not move by them.
    free = np.array([each.name not in LEANT_ON for each in model.comparisons])
    levels = np.concatenate([np.where(free, seeds.levels, 0).astype(np.int8), decided.levels])
    offset = _NATS * np.concatenate([weights(model, seeds.levels), decided.odds])
    share = min(1.0, MOST_COUNT / max(len(seeds), 1))
    counts = np.concatenate([np.full(len(seeds), share), np.ones(len(decided))])
    mine = slice(0, len(seeds))
    odds = offset[mine]
    ridge, coefficients = _ridge(form, model), np.zeros(form.size)
    for _ in range(TURNS):
        truth = np.concatenate([_expected(seeds, odds), decided.same.astype(np.float64)])
        coefficients = fit(
            form, levels, truth, ridge, counts=counts, offset=offset, start=coefficients
        )
        odds = offset[mine] + form.rows(levels[mine]) @ coefficients
    pairs = tuple(
        np.bincount(levels[:, place], minlength=len(each.levels))
        for place, each in enumerate(model.comparisons)
    )
    changes = form.weights(coefficients)
    moved = [_moved(*each) for each in zip(model.comparisons, changes, pairs, strict=True)]
    return Lesson(replace(model, comparisons=tuple(moved)), pairs)


def _ridge(form: Design, model: Model) -> Floats:
    """The pull of each coefficient to zero."""
    ridge = np.full(form.size, 1 / SPREAD**2)
    # What all pairs have in common, and how it grows with the crowd, a single site can't say.
    ridge[0] = _FIXED
    start = 1
    for each, basis in zip(model.comparisons, form.basis, strict=True):
        if each.name == "crowd":
            ridge[start] *= float(basis[1, 0]) ** 2
            ridge[start + 1] = _FIXED
        start += basis.shape[1]
    return ridge


def _expected(seeds: Seeds, odds: Floats) -> Floats:
    """How likely one person is behind each pair: by its contents (`odds`, nats) and contacts."""
    likely = _probability(odds)
    truth = likely
    for _ in range(_ROUNDS):
        ratio = _sayings(seeds, truth)[0] / _sayings(seeds, truth)[1]
        truth = likely * ratio / (likely * ratio + 1 - likely)
    return truth


def _sayings(seeds: Seeds, truth: Floats, of: Seeds | None = None) -> tuple[Floats, Floats]:
    """How likely the contacts of each pair (of `of`) say what they do: if one person is behind it,
    and if two are. Estimated from `seeds` and how likely each of those is one person's.
    """
    asked = of or seeds
    kind = seeds.period.astype(np.int64) * _SAID + seeds.said
    size = (int(max(seeds.period.max(initial=0), asked.period.max(initial=0))) + 1) * _SAID
    found = []
    for share in (truth, 1 - truth):
        # As if each had been heard once: a stretch of time may have hardly a pair.
        count = np.bincount(kind, share, size).reshape(-1, _SAID) + 1.0
        count /= count[:, 1:].sum(axis=1, keepdims=True)
        count[:, UNHEARD] = 1.0
        found.append(count)
    found[1][:, SAME] = BY_CHANCE
    here = asked.period.astype(np.int64) * _SAID + asked.said
    return found[0].reshape(-1)[here], found[1].reshape(-1)[here]


def surprise(model: Model, known: Seeds, held: Seeds) -> Floats:
    """How much, in bits, the contacts of each pair of `held` surprise who sees what adverts say.

    Less is better. How often contacts change or are shared is taken from `known`; pairs whose
    contacts are not heard are left out.
    """
    truth = _expected(known, weights(model, known.levels) * _NATS)
    heard = held.take(held.said != UNHEARD)
    one, two = _sayings(known, truth, heard)
    likely = _probability(weights(model, heard.levels) * _NATS)
    return np.asarray(-np.log2(likely * one + (1 - likely) * two))


def weights(model: Model, levels: Levels) -> Floats:
    """The weight of each pair, in bits."""
    total = np.full(len(levels), model.prior)
    for place, comparison in enumerate(model.comparisons):
        total += np.array(list(comparison.levels.values()))[levels[:, place]]
    return total


def odds(probability: Floats) -> Floats:
    """In bits, at most `SUREST` either way."""
    sure = 1 / (1 + 2.0**SUREST)
    likely = np.clip(probability, sure, 1 - sure)
    return np.asarray(np.log2(likely / (1 - likely)))


def _probability(nats: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(nats, -60, 60))))


def _moved(comparison: Comparison, change: Floats, pairs: NDArray[np.int64]) -> Comparison:
    before = np.array(list(comparison.levels.values()))
    after = before + np.clip(change, -FARTHEST, FARTHEST)
    after[1:] = ordered(after[1:], before[1:], pairs[1:])
    levels: Mapping[str, float] = {
        name: round(float(weight), 2) + 0.0
        for name, weight in zip(comparison.levels, after, strict=True)
    }
    return replace(comparison, levels=levels)
