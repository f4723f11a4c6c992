"""What people decided of two adverts: the same person, different ones, or nobody can tell.

A judgement is a fact: it stands until who gave it takes it back, and outranks every score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import reduce


class Verdict(StrEnum):
    """Adding two people's verdicts on the same pair: a disagreement is `different`, because a
    wrong merge phones a stranger; who knows outweighs who does not.
    """

    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"

    def __add__(self, other: str) -> Verdict:
        if self == other or other == Verdict.UNKNOWN:
            return self
        return Verdict(other) if self == Verdict.UNKNOWN else Verdict.DIFFERENT


@dataclass(frozen=True, slots=True)
class Judgement:
    """One person's word on two adverts (`a` < `b`, storage's ids). `actor` is a code.

    `undone_at` and `undone_by` are set when it was taken back; it is kept for the history.
    """

    id: int
    a: int
    b: int
    verdict: Verdict
    actor: str
    at: datetime
    undone_at: datetime | None = None
    undone_by: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the judgements on one pair come to. `at` is the last one's time."""

    a: int
    b: int
    verdict: Verdict
    at: datetime


def decisions(judgements: Iterable[Judgement]) -> tuple[Decision, ...]:
    """What stands of each pair, oldest first: of each person the last word, all added up."""
    said: dict[tuple[int, int], dict[str, Judgement]] = {}
    for each in sorted(judgements, key=lambda one: (one.at, one.id)):
        if each.undone_at is None:
            said.setdefault((each.a, each.b), {})[each.actor] = each
    found = [_decision(pair, by_actor) for pair, by_actor in said.items()]
    return tuple(sorted(found, key=lambda each: (each.at, each.a, each.b)))


def _decision(pair: tuple[int, int], by_actor: Mapping[str, Judgement]) -> Decision:
    verdict = reduce(Verdict.__add__, (each.verdict for each in by_actor.values()))
    return Decision(*pair, verdict, max(each.at for each in by_actor.values()))
