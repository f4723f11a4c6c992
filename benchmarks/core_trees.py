"""Fit the trees of `matching.cores` on invented people.

    make bench && python -m benchmarks.core_trees [--write]     # a quarter of an hour

After `benchmarks.matching_weights`, whose weights it takes as they are: gradient boosting
(LightGBM; Ke et al. 2017) over pairs of cores, whether the person of most adverts of the one is
that of the other, beginning with what their pairs of adverts say on average. With `--write`, the
fitted trees replace those in `matching/core_trees.json`. Seeds from 300 to 999 and from 3000 on are
held out for measuring.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.matching_weights import ON_DAYS, SHARES, USUAL, corpus_table
from demo.corpus import Shares
from demo.evaluation.snapshots import town_snapshots
from demo.lives import Behaviour
from matching.candidates import candidate_pairs
from matching.clusters import clusters
from matching.columns import Columns, columns
from matching.cores import CorePairs
from matching.model import WEIGHTS
from matching.score import score
from matching.trees import Floats, Node, Trees

CORPORA = (
    *((1_000, seed, SHARES) for seed in range(31, 35)),
    *((1_000, seed, SHARES) for seed in range(51, 91)),
    *((3_000, seed, SHARES) for seed in range(91, 101)),
    (10_000, 35, SHARES),
    (10_000, 36, SHARES.harder(1.3)),
    (30_000, 37, SHARES),
    (30_000, 38, SHARES.harder(0.7)),
    (60_000, 39, SHARES),
    (200_000, 40, SHARES),
    (400_000, 41, SHARES),
    (1_000_000, 42, SHARES),
)
"""(adverts, seed, shares) of the corpora."""
TOWNS = (
    *((500, seed, USUAL) for seed in range(2101, 2113)),
    *((500, seed, USUAL) for seed in range(2131, 2147)),
    (200, 2113, USUAL),
    (1_500, 2115, USUAL),
    (500, 2121, replace(USUAL, contacts={**USUAL.contacts, "opens_flat": 5})),
    (500, 2122, replace(USUAL, contacts={**USUAL.contacts, "opens_switchboard": 4})),
    (500, 2123, replace(USUAL, copies_a_text=0.15, recycles_a_number=0.08)),
    (500, 2124, replace(USUAL, rewrites_text=0.3, other_name=0.1)),
)
"""(adverts, seed, behaviour) of the towns."""
TOWN_COUNTS = 10.0
"""For how many pairs of a corpus one of a town counts."""
MOST = 20_000.0
"""For how many pairs all of one corpus count, so that the large do not outvote the small."""
SETTINGS = {
    "objective": "binary",
    "learning_rate": 0.08,
    "num_leaves": 16,
    "max_depth": 6,
    "min_data_in_leaf": 150,
    "lambda_l2": 20.0,
    "feature_fraction": 0.6,
    "num_threads": 1,
    "deterministic": True,
    "seed": 1,
    "verbosity": -1,
}
ROUNDS = 200
_TREES = Path(__file__).parents[1] / "matching" / "core_trees.json"


@dataclass(frozen=True)
class Part:
    """Pairs of cores: a row a pair, a column an ask; the average weight of their pairs of adverts,
    in bits; and whether one person is behind both.
    """

    rows: Floats
    average: Floats
    truth: Floats


def part_of(table: Columns, person: Mapping[str, int] | Mapping[str, str]) -> Part:
    """The doubtful pairs of cores of a table."""
    scored = score(table, *candidate_pairs(table), WEIGHTS, floor=WEIGHTS.floor)
    sure = scored.at_least(WEIGHTS.core)
    core = clusters(table, sure.a, sure.b, sure.probability)
    ends = np.sort(np.stack([core[scored.a], core[scored.b]]), axis=0)
    one, other = np.unique(ends[:, ends[0] != ends[1]], axis=1)
    who = np.unique([str(person[name]) for name in table.ids], return_inverse=True)[1]
    most = _most(core, who)
    told = CorePairs(table, core, one, other, WEIGHTS).told
    return Part(
        np.column_stack([*told.values()]), told["average"], (most[one] == most[other]) * 1.0
    )


def asks() -> tuple[str, ...]:
    """What trees may ask, in the order of the columns of `Part.rows`."""
    none = np.zeros(0, dtype=np.int64)
    return tuple(CorePairs(columns([]), none, none, none, WEIGHTS).told)


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
        found = of_corpus(size, seed, shares)
        parts.append((found, min(1.0, MOST / max(len(found.truth), 1))))
    for adverts, seed, behaviour in TOWNS:
        sys.stderr.write(f"town of {adverts:,} adverts, seed {seed}\n")
        parts += [(each, TOWN_COUNTS) for each in of_town(adverts, seed, behaviour)]
    return (
        Part(
            np.concatenate([part.rows for part, _ in parts]),
            np.concatenate([part.average for part, _ in parts]),
            np.concatenate([part.truth for part, _ in parts]),
        ),
        np.concatenate([np.full(len(part.truth), counts) for part, counts in parts]),
    )


def fitted(of: Part, counts: Floats) -> Trees:
    """The trees, rounded as they ship."""
    import lightgbm  # only where `make bench` installed it

    data = lightgbm.Dataset(
        of.rows, of.truth, weight=counts, init_score=of.average * np.log(2), free_raw_data=False
    )
    told = lightgbm.train(SETTINGS, data, ROUNDS).dump_model()
    return Trees(asks(), 0.0, [_node(each["tree_structure"]) for each in told["tree_info"]])


def _node(told: Mapping[str, Any]) -> Node:
    """LightGBM asks whether a value is at most so much, and answers in nats."""
    if "leaf_value" in told:
        return round(float(told["leaf_value"]) / np.log(2), 3) + 0.0
    ask, above = int(told["split_feature"]), round(float(told["threshold"]), 3) + 0.0
    return [ask, above, _node(told["left_child"]), _node(told["right_child"])]


def asked(node: Node) -> Iterator[int]:
    """What a tree asks, at every node."""
    if not isinstance(node, float):
        yield node[0]
        for each in node[2:]:
            yield from asked(each)


def main() -> None:
    """Fit, and print how often what is asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="replace the trees that ship")
    options = parser.parse_args()
    of, counts = gathered()
    found = fitted(of, counts)
    sys.stdout.write(f"{len(of.truth):,} pairs of cores, {of.truth.mean():.1%} of one person\n")
    for ask, often in Counter(each for tree in found.trees for each in asked(tree)).most_common():
        sys.stdout.write(f"{often:6,}  {found.asks[ask]}\n")
    if options.write:
        _TREES.write_text(found.write(), "utf-8")


if __name__ == "__main__":
    main()
