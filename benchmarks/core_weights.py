"""Fit the weights of `matching.core_weights` on invented people and print them.

    python -m benchmarks.core_weights [--write]     # ten minutes

After `benchmarks.matching_weights`, whose weights it takes as they are: a logistic regression over
pairs of cores, whether the person of most adverts of the one is that of the other. A ridge keeps
corrections of rare levels near zero. With `--write`, the fitted weights replace those in
`matching/core_weights.py`. Seeds from 300 to 999 and from 3000 on are held out for measuring.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.matching_weights import BOUNDS, ON_DAYS, RISING, SHARES, USUAL, corpus_table
from demo.corpus import Shares
from demo.evaluation.snapshots import town_snapshots
from demo.lives import Behaviour
from matching.candidates import candidate_pairs
from matching.clusters import clusters
from matching.columns import Columns, columns
from matching.core_weights import CORES, CoreModel
from matching.cores import CorePairs
from matching.fitting import Floats, logistic, ordered
from matching.model import WEIGHTS, Comparison
from matching.score import score

CORPORA = (
    *((1_000, seed, SHARES) for seed in range(31, 35)),
    (10_000, 35, SHARES),
    (10_000, 36, SHARES.harder(1.3)),
    (30_000, 37, SHARES),
    (30_000, 38, SHARES.harder(0.7)),
    (60_000, 39, SHARES),
    (200_000, 40, SHARES),
    (400_000, 41, SHARES),
)
"""(adverts, seed, shares) of the corpora."""
TOWNS = (
    *((500, seed, USUAL) for seed in range(2101, 2113)),
    (200, 2113, USUAL),
    (1_500, 2115, USUAL),
    (500, 2121, replace(USUAL, contacts={**USUAL.contacts, "opens_flat": 5})),
    (500, 2122, replace(USUAL, contacts={**USUAL.contacts, "opens_switchboard": 4})),
    (500, 2123, replace(USUAL, copies_a_text=0.15, recycles_a_number=0.08)),
    (500, 2124, replace(USUAL, rewrites_text=0.3, other_name=0.1)),
)
"""(adverts, seed, behaviour) of the towns."""
TOWN_COUNTS = 3.0
RIDGE = 10.0
LINE = "crowd"
"""Its levels are corrected along a line, for not all crowds are met here."""
LEFT_OUT = ("weak_number",)
"""Comparisons without corrections: not met here."""
Name = tuple[str, str]
_SOURCE = Path(__file__).parents[1] / "matching" / "core_weights.py"


@dataclass(frozen=True)
class Part:
    """Pairs of cores: a row a pair, a column a coefficient; the mean weight of their pairs of
    adverts, in bits; and whether one person is behind both.
    """

    rows: Floats
    mean: Floats
    truth: Floats


def names() -> list[Name]:
    """What the coefficients are of: (group, level), the prior first."""
    scalars = [("", each) for each in ("prior", "best")]
    sizes = [("smaller", each) for each in list(CORES.smaller)[1:]]
    sizes += [("larger", each) for each in list(CORES.larger)[1:]]
    return (
        scalars
        + sizes
        + [
            (comparison.name, level)
            for comparison in WEIGHTS.comparisons
            for level in _corrected(comparison)
        ]
    )


def _corrected(comparison: Comparison) -> list[str]:
    """The levels that get a correction: what is bounded there must not come in again by this."""
    if comparison.name in LEFT_OUT:
        return []
    if comparison.name == LINE:
        return ["all", "each more"]
    return [level for level in list(comparison.levels)[1:] if level not in BOUNDS]


def design(pairs: CorePairs) -> Floats:
    """The rows of the regression."""
    smaller, larger = pairs.size_levels
    mean = pairs.averaged(pairs.total)
    found = [np.ones(len(pairs)), pairs.best - mean]
    found += [smaller == level for level in range(1, len(CORES.smaller))]
    found += [larger == level for level in range(1, len(CORES.larger))]
    for comparison, level in zip(WEIGHTS.comparisons, pairs.levels, strict=True):
        if comparison.name == LINE:
            found += [pairs.averaged((level > 0) * 1.0), pairs.averaged(_more(level))]
            continue
        corrected = _corrected(comparison)
        found += [
            pairs.averaged((level == each).astype(float))
            for each, name in enumerate(comparison.levels)
            if name in corrected
        ]
    return np.column_stack(found).astype(np.float64)


def _more(level: NDArray[np.int8]) -> Floats:
    """By how many levels it passes the first."""
    return np.maximum(level - 1.0, 0.0)


def part_of(table: Columns, person: Mapping[str, int] | Mapping[str, str]) -> Part:
    """The doubtful pairs of cores of a table."""
    scored = score(table, *candidate_pairs(table), WEIGHTS, floor=WEIGHTS.floor)
    sure = scored.at_least(WEIGHTS.core)
    core = clusters(table, sure.a, sure.b, sure.probability)
    ends = np.sort(np.stack([core[scored.a], core[scored.b]]), axis=0)
    one, other = np.unique(ends[:, ends[0] != ends[1]], axis=1)
    who = np.unique([str(person[name]) for name in table.ids], return_inverse=True)[1]
    most = _most(core, who)
    pairs = CorePairs(table, core, one, other, WEIGHTS)
    return Part(design(pairs), pairs.averaged(pairs.total), (most[one] == most[other]) * 1.0)


def _most(core: NDArray[np.int64], who: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each core the person of most of its adverts."""
    both, count = np.unique(np.stack([core, who]), axis=1, return_counts=True)
    order = np.argsort(count, kind="stable")
    found = np.full(len(core), -1, dtype=np.int64)
    found[both[0][order]] = both[1][order]
    return found


def of_corpus(size: int, seed: int, shares: Shares) -> Part:
    """The pairs of a corpus."""
    return part_of(*corpus_table(size, seed, shares))


def of_town(adverts: int, seed: int, behaviour: Behaviour) -> Iterator[Part]:
    """The pairs of a town on some days."""
    for records, owners in town_snapshots(seed, adverts, behaviour, ON_DAYS):
        yield part_of(columns(records), dict(owners))


def gathered() -> tuple[Part, Floats]:
    """All pairs that the weights are fitted on, and for how many each counts."""
    parts: list[tuple[Part, float]] = []
    for size, seed, shares in CORPORA:
        sys.stderr.write(f"corpus of {size:,} adverts, seed {seed}\n")
        parts.append((of_corpus(size, seed, shares), 1.0))
    for adverts, seed, behaviour in TOWNS:
        sys.stderr.write(f"town of {adverts:,} adverts, seed {seed}\n")
        parts += [(each, TOWN_COUNTS) for each in of_town(adverts, seed, behaviour)]
    return (
        Part(
            np.concatenate([part.rows for part, _ in parts]),
            np.concatenate([part.mean for part, _ in parts]),
            np.concatenate([part.truth for part, _ in parts]),
        ),
        np.concatenate([np.full(len(part.truth), counts) for part, counts in parts]),
    )


def fitted(of: Part, counts: Floats) -> CoreModel:
    """The weights, rounded as they ship."""
    ridge = np.full(of.rows.shape[1], RIDGE)
    ridge[0] = 0.0
    nats = logistic(
        lambda some: of.rows[some], of.truth, ridge, counts=counts, offset=of.mean * np.log(2)
    )
    bits = nats / np.log(2)
    weight = {name: round(float(each), 2) + 0.0 for name, each in zip(names(), bits, strict=True)}
    every, more = weight[LINE, "all"], weight[LINE, "each more"]
    met = dict(zip(names(), of.rows.T @ counts, strict=True))
    corrections = {
        comparison.name: {
            level: round(each, 1) + 0.0
            for level, each in _in_order(comparison, weight, met).items()
            if abs(each) >= 0.05
        }
        for comparison in WEIGHTS.comparisons
        if comparison.name != LINE
    }
    crowds = next(list(each.levels)[1:] for each in WEIGHTS.comparisons if each.name == LINE)
    corrections[LINE] = {
        level: round(every + more * place, 1) + 0.0 for place, level in enumerate(crowds)
    }
    first = ("one advert", 0.0)
    return CoreModel(
        **{name: weight["", name] for name in ("prior", "best")},
        smaller=dict([first, *((n, w) for (g, n), w in weight.items() if g == "smaller")]),
        larger=dict([first, *((n, w) for (g, n), w in weight.items() if g == "larger")]),
        corrections={name: levels for name, levels in corrections.items() if levels},
    )


def _in_order(
    comparison: Comparison, weight: Mapping[Name, float], met: Mapping[Name, float]
) -> dict[str, float]:
    """The corrections of a comparison, after which more agreement weighs no less than less does."""
    free = {level: weight[comparison.name, level] for level in _corrected(comparison)}
    rising = [list(comparison.levels)[place] for place in RISING.get(comparison.name, ())]
    rising = [level for level in rising if level in free]
    if len(rising) > 1:
        whole = [comparison.levels[level] + free[level] for level in rising]
        pairs = np.array([met[comparison.name, level] for level in rising])
        sorted_out = ordered(np.array(whole), np.arange(len(rising)), pairs)
        free |= {
            level: float(each) - comparison.levels[level]
            for level, each in zip(rising, sorted_out, strict=True)
        }
    return free


def write(found: CoreModel) -> None:
    """Put the weights into their source; `make format` sets its lines."""
    source = _SOURCE.read_text("utf-8")
    head = source[: source.index("CORES = CoreModel(")]
    lines = [f"    {each.name}={getattr(found, each.name)!r},\n" for each in fields(found)]
    _SOURCE.write_text(f"{head}CORES = CoreModel(\n{''.join(lines)})\n", "utf-8")


def main() -> None:
    """Fit, and print the fitted weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="replace the weights that ship")
    options = parser.parse_args()
    of, counts = gathered()
    found = fitted(of, counts)
    sys.stdout.write(f"{len(of.truth):,} pairs of cores, {of.truth.mean():.1%} of one person\n")
    for each in fields(found):
        sys.stdout.write(f"{each.name}: {getattr(found, each.name)!r}\n")
    if options.write:
        write(found)


if __name__ == "__main__":
    main()
