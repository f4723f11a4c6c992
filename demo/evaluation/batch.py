"""Batch linking, measured: a corpus file in, profiles out, compared with the truth."""

from __future__ import annotations

import csv
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from demo.corpus import Shares, read_truth, write_corpus
from demo.evaluation.scores import BehaviourScore, Scores, by_behaviour, scores
from matching.files import link_file
from matching.model import WEIGHTS

THRESHOLDS = (0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999)
"""Link thresholds of the curve; the shipped one is among them."""
# ru_maxrss counts kibibytes on Linux and bytes on macOS.
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BatchResult:
    """One corpus linked. `seconds` is file to file, wall time; `memory` the peak in bytes."""

    adverts: int
    people: int
    seed: int
    seconds: float
    memory: int
    scores: Scores
    behaviours: tuple[BehaviourScore, ...]
    curve: tuple[tuple[float, Scores], ...]


def evaluate_batch(
    adverts: int,
    seed: int,
    shares: Shares,
    *,
    curve: Sequence[float] = (),
    say: Say = lambda _: None,
) -> BatchResult:
    """Make a corpus, link it with the shipped weights, score it; with `curve`, at every threshold.

    Linking runs in a process of its own, so that its memory can be told.
    """
    context = multiprocessing.get_context("spawn")
    with (
        TemporaryDirectory(prefix="faro-evaluate-") as name,
        ProcessPoolExecutor(1, mp_context=context) as pool,
    ):
        folder = Path(name)
        source, answers = folder / "in.jsonl", folder / "truth.csv"
        say(f"{adverts:,} adverts, seed {seed}: making")
        write_corpus(source, answers, adverts, seed, shares)
        say(f"{adverts:,} adverts, seed {seed}: linking")
        # Before anything large is read here: a child's peak counts what it was forked from.
        run = pool.submit(_link, source, folder / "out.csv", WEIGHTS.link)
        seconds, memory = run.result()
        found = _profiles(folder / "out.csv")
        truth, behaviours = read_truth(answers)
        points = []
        for threshold in curve:
            say(f"{adverts:,} adverts, seed {seed}: linking at {threshold}")
            pool.submit(_link, source, folder / "point.csv", threshold).result()
            points.append((threshold, scores(_profiles(folder / "point.csv"), truth)))
    return BatchResult(
        adverts=len(truth),
        people=len(set(truth.values())),
        seed=seed,
        seconds=seconds,
        memory=memory,
        scores=scores(found, truth),
        behaviours=tuple(by_behaviour(found, truth, behaviours)),
        curve=tuple(points),
    )


def _link(source: Path, out: Path, threshold: float) -> tuple[float, int]:
    """Seconds and peak memory of linking a file; to be called in a process of its own."""
    begun = time.perf_counter()
    model = replace(WEIGHTS, link=threshold, doubt=min(WEIGHTS.doubt, threshold))
    link_file(source, out, model=model)
    seconds = time.perf_counter() - begun
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT


def _profiles(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["profile"] for row in csv.DictReader(file)}
