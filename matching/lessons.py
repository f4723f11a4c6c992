"""`faro match --learn`: weights learnt from a database, what they would change, and their keeping.

Nothing is learnt from adverts of whom nobody must call, nor from the decisions on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from config import MatchingSettings
from matching.candidates import candidate_pairs
from matching.columns import Columns, columns_of
from matching.cores import Int64s, Rows, settle
from matching.errors import MatchingError
from matching.fitting import Floats
from matching.intake import parts
from matching.learning import Decided, learnt, odds, surprise, weights
from matching.model import WEIGHTS, Model
from matching.seeds import BESIDE, OTHER, SAME, Mask, Seeds, compared, seeds
from matching.weights import cut, fingerprint, in_force, weights_of
from records.judgements import Decision, Verdict, decisions
from records.weights import WeightSet
from storage import Store

LEAST_PEOPLE = 50
"""People of each kind that label themselves, below whom nothing is learnt from labels."""
LEAST_DECISIONS = 30
"""Decisions from which on something is learnt without labels."""
_HELD = 4
"""One part in so many is held back to see whether what was learnt holds."""
_SLICE = 500_000


@dataclass(frozen=True, slots=True)
class Change:
    """One level's weight: shipped, in force, learnt; and how many pairs had it."""

    comparison: str
    level: str
    shipped: float
    now: float
    learnt: float
    pairs: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What other weights would change: pairs over a cut (up, down), and profiles."""

    linked: int
    unlinked: int
    doubted: int
    undoubted: int
    profiles: int
    profiles_then: int
    merged: int
    parted: int


@dataclass(frozen=True, slots=True)
class Taught:
    """What was learnt, not in force yet. `counts` says of how much, by what it is.

    `before` and `after` are the surprise of the contacts held back, in bits a pair, under the
    shipped weights and the learnt ones; None where there were too few.
    """

    model: Model
    changes: tuple[Change, ...]
    counts: dict[str, int]
    effect: Effect
    before: float | None
    after: float | None


def teach(
    store: Store,
    settings: MatchingSettings,
    now: datetime,
    step: Callable[[int, int], None] = lambda *_: None,
) -> Taught:
    """Learn from the database as it is. Raises MatchingError where there is too little to learn
    from, or where what was learnt would do no better than the shipped weights.
    """
    table = _table(store)
    step(1, 5)
    allowed = _learnable(store, table, now)
    decided = decisions(store.judgements())
    said = _decided(table, decided, allowed)
    found = seeds(table, WEIGHTS, allowed)
    counts = {
        "adverts": int(allowed.sum()),
        "left_out": int((~allowed).sum()),
        "one_person": found.people(SAME),
        "two_people": found.people(OTHER, BESIDE),
        "said_same": int(said.same.sum()),
        "said_different": int((~said.same).sum()),
    }
    labelled = _enough(counts)
    step(2, 5)
    before, after = held_back(found, said) if labelled else (None, None)
    step(3, 5)
    lesson = learnt(WEIGHTS, found, said)
    step(4, 5)
    model, present = cut(lesson.model, settings), in_force(store, settings)
    changes = tuple(
        Change(each.name, level, shipped, was.levels[level], each.levels[level], int(pairs))
        for each, was, first, behind in zip(
            model.comparisons, present.comparisons, WEIGHTS.comparisons, lesson.pairs, strict=True
        )
        for (level, shipped), pairs in zip(first.levels.items(), behind, strict=True)
    )
    effect = _effect(table, present, model, decided)
    step(5, 5)
    return Taught(model, changes, counts, effect, before, after)


def apply(store: Store, taught: Taught, actor: str, at: datetime) -> WeightSet:
    """Put what was learnt in force: the next pass links every advert anew with it."""
    return store.put_weights_in_force(
        fingerprint(WEIGHTS), weights_of(taught.model), taught.counts, actor, at
    )


def _table(store: Store) -> Columns:
    """The adverts that were matched, as a whole pass sees them."""
    joined = store.memberships()
    read = list(parts(each for each in store.link_records() if int(each.id) in joined))
    if not read:
        raise MatchingError("nothing was matched yet; run `faro match` first")
    return columns_of(read, columns_of(read).rarity)


def _learnable(store: Store, table: Columns, now: datetime) -> Mask:
    """The adverts of whom may be called."""
    silent = store.suppressed_profiles(now)
    joined = store.memberships()
    return np.array([joined[int(each)].profile not in silent for each in table.ids], dtype=np.bool_)


def _enough(counts: dict[str, int]) -> bool:
    """Whether there are labels enough; without them, decisions must be."""
    labelled = min(counts["one_person"], counts["two_people"]) >= LEAST_PEOPLE
    decided = counts["said_same"] + counts["said_different"]
    if not labelled and decided < LEAST_DECISIONS:
        raise MatchingError(
            f"too little to learn from: {counts['one_person']:,} people by a number of their own, "
            f"{counts['two_people']:,} by numbers apart (it takes {LEAST_PEOPLE} each), "
            f"{decided:,} decisions (or {LEAST_DECISIONS}); the weights stay as they are"
        )
    return labelled


def held_back(found: Seeds, said: Decided) -> tuple[float, float]:
    """The surprise under shipped weights, and under those learnt without what was held back."""
    # Mixed, so that neither the order of crawls nor their sites decide who is held back.
    held = ((found.holder.astype(np.uint64) * np.uint64(2654435761)) >> np.uint64(16)) % np.uint64(
        _HELD
    ) == 0
    known, asked = found.take(~held), found.take(held)
    before = surprise(WEIGHTS, known, asked)
    after = surprise(learnt(WEIGHTS, known, said).model, known, asked)
    gain = before - after
    if len(gain) < 2 or gain.mean() <= gain.std() / len(gain) ** 0.5:
        raise MatchingError(
            "nothing to learn: of adverts held back, the shipped weights tell as well who shares "
            f"a number ({_mean(before):.3f} bits a pair) as learnt ones ({_mean(after):.3f})"
        )
    return _mean(before), _mean(after)


def _mean(bits: Floats) -> float:
    return float(bits.mean()) if len(bits) else 0.0


def _decided(table: Columns, decided: Iterable[Decision], allowed: Mask) -> Decided:
    row_of = {int(each): row for row, each in enumerate(table.ids)}
    known = [
        (row_of[each.a], row_of[each.b], each.verdict is Verdict.SAME)
        for each in decided
        if each.verdict is not Verdict.UNKNOWN
        and each.a in row_of
        and each.b in row_of
        and allowed[row_of[each.a]]
        and allowed[row_of[each.b]]
    ]
    ends = np.array([(a, b) for a, b, _ in known], dtype=np.int32).reshape(-1, 2)
    levels = compared(table, ends[:, 0], ends[:, 1], WEIGHTS)
    same = np.array([same for *_, same in known], dtype=np.bool_)
    return Decided(levels, same, odds(_in_all(table, ends)) if known else np.zeros(0))


def _in_all(table: Columns, ends: NDArray[np.int32]) -> Floats:
    """How likely one person is behind each pair, by all adverts of both sides and no decision."""
    a, b = (np.concatenate(each) for each in zip(candidate_pairs(table), ends.T, strict=True))
    alone = _alone(table, a, b, WEIGHTS)
    asked = np.arange(len(a)) >= len(a) - len(ends)
    linked = asked | (alone >= WEIGHTS.floor)
    return settle(table, a[linked], b[linked], alone[linked], WEIGHTS).probability[-len(ends) :]


def _effect(table: Columns, now: Model, then: Model, decided: Iterable[Decision]) -> Effect:
    """What the weights of `then` would change, all else as it is."""
    a, b = candidate_pairs(table)
    said = list(decided)
    before, was = _settled(table, a, b, now, said)
    after, becomes = _settled(table, a, b, then, said)
    return Effect(
        linked=int(((before < now.link) & (after >= then.link)).sum()),
        unlinked=int(((before >= now.link) & (after < then.link)).sum()),
        doubted=int(((before < now.doubt) & (after >= then.doubt)).sum()),
        undoubted=int(((before >= now.doubt) & (after < then.doubt)).sum()),
        profiles=len(np.unique(was)),
        profiles_then=len(np.unique(becomes)),
        merged=_pieces(becomes, was),
        parted=_pieces(was, becomes),
    )


def _settled(
    table: Columns, a: Rows, b: Rows, model: Model, decided: Iterable[Decision]
) -> tuple[Floats, Int64s]:
    """The probability of each pair, 0 where two adverts alone hardly say anything; the clusters."""
    alone = _alone(table, a, b, model)
    row_of = {int(each): row for row, each in enumerate(table.ids)}
    said: dict[Verdict, list[tuple[int, int]]] = {each: [] for each in Verdict}
    for each in decided:
        if each.a in row_of and each.b in row_of:
            said[each.verdict].append((row_of[each.a], row_of[each.b]))
    known = alone >= model.floor
    if open_ := {pair for pairs in said.values() for pair in pairs}:
        ends = zip(a[known].tolist(), b[known].tolist(), strict=True)
        known[np.flatnonzero(known)[[pair in open_ for pair in ends]]] = False
    found = settle(
        table,
        *(a[known], b[known], alone[known]),
        model,
        together=said[Verdict.SAME],
        apart=said[Verdict.DIFFERENT],
    )
    probability = np.zeros(len(a))
    probability[known] = found.probability
    return probability, found.cluster


def _alone(table: Columns, a: Rows, b: Rows, model: Model) -> Floats:
    """The probability of each pair by its two adverts alone."""
    alone = np.zeros(len(a))
    for start in range(0, len(a), _SLICE):
        some = slice(start, start + _SLICE)
        alone[some] = 1 / (1 + np.exp2(-weights(model, compared(table, a[some], b[some], model))))
    return alone


def _pieces(whole: Int64s, part: Int64s) -> int:
    """How many more parts of `part` than wholes there are within `whole`."""
    both = np.unique(np.stack([whole, part]), axis=1)
    return int(both.shape[1] - len(np.unique(whole)))
