"""`faro evaluate`: how good batch linking and flags are, measured here and now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.status import Status

from demo.corpus import Shares
from demo.evaluation.batch import THRESHOLDS, BatchResult, Say, evaluate_batch
from demo.evaluation.flags import FlagResult, evaluate_flags
from demo.evaluation.reliability import Reliability
from demo.evaluation.scores import Scores
from matching.model import WEIGHTS

FLAG_THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)
"""Link thresholds of the curve of flags: fewer than for batches, since each is a month of days."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure. `sizes` are adverts of a corpus, `town_seeds` one town each (none: no
    flags); with `curve`, the first seed of each size and all towns are measured at every threshold.
    """

    sizes: Sequence[int] = (1_000, 10_000)
    seeds: Sequence[int] = (301, 302)
    hard: float = 1.0
    town_seeds: Sequence[int] = (301, 302)
    town_adverts: int = 500
    days: int = 30
    curve: bool = False


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured. `flags` has one result a link threshold, all towns together."""

    plan: Plan
    threshold: float
    batches: tuple[BatchResult, ...]
    flags: tuple[FlagResult, ...]

    def as_json(self) -> dict[str, Any]:
        """Everything, as JSON has it."""
        return {
            "link_threshold": self.threshold,
            "hard": self.plan.hard,
            "batch": [_batch(each) for each in self.batches],
            "flags": [_flags(each) for each in self.flags],
        }


def evaluate(plan: Plan, console: Console) -> Evaluation:
    """Measure all that `plan` asks for; the steps are told on `console` while they go on."""
    shares = Shares().harder(plan.hard)
    with _saying(console) as say:
        batches = [
            evaluate_batch(
                size,
                seed,
                shares,
                curve=THRESHOLDS if plan.curve and seed == plan.seeds[0] else (),
                say=say,
            )
            for size in plan.sizes
            for seed in plan.seeds
        ]
        thresholds = FLAG_THRESHOLDS if plan.curve else (WEIGHTS.link,)
        flags: dict[float, FlagResult] = {}
        for seed in plan.town_seeds:
            for result in evaluate_flags(
                seed, adverts=plan.town_adverts, days=plan.days, thresholds=thresholds, say=say
            ):
                before = flags.get(result.threshold)
                flags[result.threshold] = result if before is None else before + result
    return Evaluation(plan, WEIGHTS.link, tuple(batches), tuple(flags.values()))


@contextmanager
def _saying(console: Console) -> Iterator[Say]:
    if not console.is_terminal:
        yield lambda _: None
        return
    with Status("starting", console=console) as status:
        yield status.update


def _batch(each: BatchResult) -> dict[str, Any]:
    return {
        "adverts": each.adverts,
        "people": each.people,
        "seed": each.seed,
        "seconds": round(each.seconds, 2),
        "processor_seconds": round(each.processor, 2),
        "memory_mb": round(each.memory / 2**20),
        **_scores(each.scores),
        "candidates": {
            "pairs": round(each.candidates.pairs, 2),
            "direct": round(each.candidates.direct, 4),
            "connected": round(each.candidates.connected, 4),
        },
        "reliability": _reliability(each.reliability),
        "behaviours": {
            one.behaviour: {
                "adverts": one.adverts,
                "precision": round(one.precision, 4),
                "recall": round(one.recall, 4),
                "f1": round(one.f1, 4),
            }
            for one in each.behaviours
        },
        "curve": [{"threshold": at, **_scores(scored)} for at, scored in each.curve],
    }


def _reliability(each: Reliability) -> dict[str, Any]:
    return {
        "error": round(each.error(), 5),
        "error_from_half": round(each.error(0.5), 5),
        "bins": [
            {
                "from": one.low,
                "to": one.high,
                "pairs": one.pairs,
                "said": round(one.said / one.pairs, 4) if one.pairs else None,
                "true": round(one.right / one.pairs, 4) if one.pairs else None,
            }
            for one in each.bins
        ],
    }


def _scores(each: Scores) -> dict[str, Any]:
    return {
        "b3": round(each.b3, 4),
        "b3_precision": round(each.b3_precision, 4),
        "b3_recall": round(each.b3_recall, 4),
        "pair_precision": round(each.pair_precision, 4),
        "pair_recall": round(each.pair_recall, 4),
        "largest": each.largest,
        "largest_true": each.largest_true,
    }


def _flags(each: FlagResult) -> dict[str, Any]:
    return {
        "threshold": each.threshold,
        "towns": each.towns,
        "days": each.days,
        "kinds": {
            kind: {
                "published": each.precision[kind].total,
                "true": each.recall[kind].total,
                "right": each.recall[kind].matched,
                "precision": each.precision[kind].value,
                "recall": each.recall[kind].value,
            }
            for kind in each.precision
        },
        "reappeared_with_a_new_number": {
            "true": each.renumbered.total,
            "right": each.renumbered.matched,
            "recall": each.renumbered.value,
        },
        "reliability": _reliability(each.reliability),
        "behaviours": [
            {"kind": kind, "behaviour": behaviour, "events": share.total, "recall": share.value}
            for (kind, behaviour), share in each.behaviours.items()
        ],
    }
