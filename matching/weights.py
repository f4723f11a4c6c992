"""Which weights are in force on a database: the shipped ones, or a set learnt from its own data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from config import MatchingSettings
from matching.model import WEIGHTS, Model
from storage import Store


def in_force(store: Store, settings: MatchingSettings) -> Model:
    """The model that passes work with: weights in force, cuts of the config.

    A set that was learnt on other shipped weights than those of this version says nothing here.
    """
    found = store.weights_in_force()
    weighed = found.weights if found is not None and found.base == fingerprint(WEIGHTS) else {}
    return cut(with_weights(WEIGHTS, weighed), settings)


def cut(model: Model, settings: MatchingSettings) -> Model:
    """The model with the cuts of the config."""
    return replace(model, link=settings.link_threshold, doubt=settings.doubt_threshold)


def with_weights(model: Model, weighed: Mapping[str, Mapping[str, float]]) -> Model:
    """The model with other weights, by comparison and level; what is not named keeps its own."""
    return replace(
        model,
        comparisons=tuple(
            replace(each, levels={**each.levels, **weighed.get(each.name, {})})
            for each in model.comparisons
        ),
    )


def weights_of(model: Model) -> dict[str, dict[str, float]]:
    """The weights by comparison and level."""
    return {each.name: dict(each.levels) for each in model.comparisons}


def fingerprint(model: Model) -> str:
    """The same for models that score and decide alike."""
    cuts = [model.core, model.floor, model.link, model.doubt]
    told = [model.prior, *cuts, weights_of(model), model.cores.fingerprint]
    return sha256(json.dumps(told).encode()).hexdigest()
