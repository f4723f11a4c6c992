"""Match weights that a person put in force in place of the shipped ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class WeightSet:
    """One version of the weights, by comparison and level. `actor` is a code.

    `base` is the fingerprint of the shipped weights that they were learnt on, `counts` of what they
    were learnt from. `undone_at` and `undone_by` are set when the set was taken back; it is kept
    for the history. Of the sets that stand, the one with the highest number is in force.
    """

    number: int
    at: datetime
    actor: str
    base: str
    weights: Mapping[str, Mapping[str, float]]
    counts: Mapping[str, int]
    undone_at: datetime | None = None
    undone_by: str | None = None
