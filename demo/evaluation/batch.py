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

import numpy as np
from numpy.typing import NDArray

from demo.corpus import Shares, read_truth, write_corpus
from demo.evaluation.reliability import Reliability, reliability_of
from demo.evaluation.scores import BehaviourScore, Scores, by_behaviour, scores
from matching.candidates import candidate_pairs
from matching.clusters import components
from matching.columns import columns_of
from matching.cores import settle
from matching.files import link_file, read_parts
from matching.model import WEIGHTS
from matching.score import score

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.97, 0.99)
"""Link thresholds of the curve; the shipped one is among them."""
# ru_maxrss counts kibibytes on Linux and bytes on macOS.
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Candidates:
    """What blocking gives the comparisons to work on: `pairs` an advert, and of all true pairs the
    shares that are among them, and that true candidates connect: no linking finds more than that.
    """

    pairs: float
    direct: float
    connected: float


@dataclass(frozen=True, slots=True)
class BatchResult:
    """One corpus linked, file to file: `seconds` by the clock, `processor` seconds of all cores
    together, `memory` the peak of the process in bytes (those that read hold little).
    """

    adverts: int
    people: int
    seed: int
    seconds: float
    processor: float
    memory: int
    scores: Scores
    behaviours: tuple[BehaviourScore, ...]
    candidates: Candidates
    reliability: Reliability
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
        run = pool.submit(_link, source, folder / "out.csv")
        seconds, processor, memory = run.result()
        found = _profiles(folder / "out.csv")
        truth, behaviours = read_truth(answers)
        say(f"{adverts:,} adverts, seed {seed}: looking at candidates")
        looked = pool.submit(_compared, source, answers, tuple(curve))
        candidates, reliable, points = looked.result()
    return BatchResult(
        adverts=len(truth),
        people=len(set(truth.values())),
        seed=seed,
        seconds=seconds,
        processor=processor,
        memory=memory,
        scores=scores(found, truth),
        behaviours=tuple(by_behaviour(found, truth, behaviours)),
        candidates=candidates,
        reliability=reliable,
        curve=points,
    )


def _link(source: Path, out: Path) -> tuple[float, float, int]:
    """Seconds, processor seconds and peak memory of linking; called in a process of its own."""
    begun = time.perf_counter()
    link_file(source, out)
    seconds = time.perf_counter() - begun
    own, readers = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    processor = own.ru_utime + own.ru_stime + readers.ru_utime + readers.ru_stime
    return seconds, processor, own.ru_maxrss * _RSS_UNIT


def _compared(
    source: Path, answers: Path, thresholds: tuple[float, ...]
) -> tuple[Candidates, Reliability, tuple[tuple[float, Scores], ...]]:
    """The candidates and their probabilities held to the truth; scores at each link threshold."""
    table = columns_of(read_parts(source, None, {}))
    truth, _ = read_truth(answers)
    person = np.array([truth[name] for name in table.ids], dtype=np.int64)
    a, b = candidate_pairs(table)
    right = person[a] == person[b]
    connected = components(len(person), a[right], b[right])
    real = max(_pairs_within(person), 1)
    candidates = Candidates(
        len(a) / max(len(person), 1), int(right.sum()) / real, _pairs_within(connected) / real
    )
    scored = score(table, a, b, WEIGHTS, floor=WEIGHTS.floor)
    links = scored.a, scored.b, scored.probability
    points = []
    for threshold in thresholds:
        found = settle(table, *links, replace(WEIGHTS, link=threshold)).cluster.tolist()
        points.append((threshold, scores(dict(zip(table.ids, found, strict=True)), truth)))
    return candidates, reliability_of(table, person), tuple(points)


def _pairs_within(groups: NDArray[np.int64]) -> int:
    sizes = np.unique(groups, return_counts=True)[1]
    return int((sizes * (sizes - 1) // 2).sum())


def _profiles(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["profile"] for row in csv.DictReader(file)}
