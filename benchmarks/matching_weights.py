"""Fit the weights of `matching.model` on invented people and print them beside the table's.

    python -m benchmarks.matching_weights [--write]     # a quarter of an hour

A logistic regression over the levels of the comparisons: its coefficients in bits are match weights
that allow for comparisons that go together, as counting each alone would not. A ridge keeps rare
levels near zero. Where more agreement must not weigh less, levels that would are made one. With
`--write`, the fitted weights replace those in `matching/model.py`: this gives the weights that
ship, to the digit, whatever stood there before.

Corpora are many people over a year, towns few over a month, as a database is in its first weeks.
Seeds from 300 to 999 and from 3000 on are held out for measuring.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from demo.corpus import Shares, stream
from demo.evaluation.snapshots import town_snapshots
from demo.lives import Behaviour
from matching.candidates import candidate_pairs
from matching.columns import Columns, columns
from matching.comparisons import CROWDS, Pairs
from matching.fitting import Design, Floats, Levels, fit
from matching.model import WEIGHTS, Comparison
from records.linking import LinkRecord

SHARES = Shares()
CORPORA = (
    *((1_000, seed, SHARES) for seed in range(101, 107)),
    (3_000, 11, SHARES),
    (3_000, 17, SHARES.harder(1.3)),
    (10_000, 12, SHARES),
    (10_000, 18, SHARES),
    (30_000, 13, SHARES),
    (30_000, 15, SHARES.harder(1.3)),
    (30_000, 16, SHARES.harder(0.7)),
    (30_000, 23, replace(SHARES, languages={"it": 35.0, "en": 45.0, "es": 20.0})),
)
"""(adverts, seed, shares) of the corpora that the weights are fitted on."""
USUAL = Behaviour()
TOWNS = (
    *((500, seed, USUAL) for seed in range(2001, 2011)),
    (200, 2013, USUAL),
    (200, 2014, USUAL),
    (1_500, 2015, USUAL),
    (500, 2021, replace(USUAL, contacts={**USUAL.contacts, "opens_flat": 5})),
    (500, 2022, replace(USUAL, contacts={**USUAL.contacts, "opens_switchboard": 4})),
    (500, 2023, replace(USUAL, copies_a_text=0.15, recycles_a_number=0.08)),
    (500, 2024, replace(USUAL, rewrites_text=0.3, other_name=0.1)),
)
"""(adverts, seed, behaviour) of the towns that they are fitted on."""
ON_DAYS = (3, 13, 29)
MOST_PAIRS = 120_000
"""Pairs taken of one corpus, so that the large ones do not outvote the small."""
TOWN_COUNTS = 3.0
"""For how many pairs of a corpus one of a town counts: there are ten times fewer."""
CROWD = -1 / 6
"""What a doubling of the hands adds, in bits: a line through corpora of up to 400,000 adverts. It
is not fitted here, where towns and corpora differ in more than their size."""
RIDGE = 10.0
SET = {"same number, read with doubt": 0.9}
"""Levels that are not fitted: invented people do not have them."""
BOUNDS = {
    "on another site": (-1.2, 0.0),
    "on the same site": (0.0, 1.0),
    "ages over five years apart": (-3.5, 0.0),
    "other messenger handle": (-3.0, 0.0),
}
"""Between which a weight must lie: invented people keep to their sites, ages and handles more than
people do."""
FLOORS = {"same number": 6.1}
"""What a weight is raised to in the end: a number of one name links, where nothing else is said."""
RISING = {
    "number": range(1, 7),
    "switchboard": range(2, 5),
    "handle": range(1, 7),
    "nickname": range(1, 8),
    "text": range(1, 8),
    "wording": range(1, 9),
    "phrase": range(7, 1, -1),
    "rest": range(1, 8),
    "lookalikes": range(7, 0, -1),
    "age": range(1, 5),
    "place": range(1, 4),
    "price": range(1, 5),
}
"""By comparison, the places of its levels in the order in which none may weigh less than before."""
_MODEL = Path(__file__).parents[1] / "matching" / "model.py"


@dataclass(frozen=True)
class Part:
    """Pairs of one corpus or town: a row a pair, a column a comparison; and whether one person is
    behind both.
    """

    levels: Levels
    truth: Floats


def part_of(table: Columns, person: dict[str, int] | dict[str, str], seed: int) -> Part:
    """The candidate pairs of a table, a sample of them if they are many."""
    a, b = candidate_pairs(table)
    if len(a) > MOST_PAIRS:
        some = np.random.default_rng(seed).choice(len(a), MOST_PAIRS, replace=False)
        a, b = a[some], b[some]
    pairs = Pairs(table, a, b)
    levels = np.stack([pairs.level(each.compare) for each in WEIGHTS.comparisons], axis=1)
    who = np.unique([str(person[name]) for name in table.ids], return_inverse=True)[1]
    return Part(levels, (who[a] == who[b]).astype(np.float64))


def corpus_table(size: int, seed: int, shares: Shares) -> tuple[Columns, dict[str, int]]:
    """A corpus in columns, and by its ids who is behind each advert."""
    person: dict[str, int] = {}

    def records() -> Iterator[LinkRecord]:
        for made in stream(size, seed, shares):
            person[made.record.id] = made.person
            yield made.record

    return columns(records()), person


def of_corpus(size: int, seed: int, shares: Shares) -> Part:
    """The pairs of a corpus."""
    return part_of(*corpus_table(size, seed, shares), seed)


def of_town(adverts: int, seed: int, behaviour: Behaviour) -> Iterator[Part]:
    """The pairs of a town on some days."""
    for records, owners in town_snapshots(seed, adverts, behaviour, ON_DAYS):
        yield part_of(columns(records), dict(owners), seed)


class Fit:
    """Weights fitted under the orders and bounds: levels are made one, or held, as need be."""

    def __init__(self, levels: Levels, truth: Floats, counts: Floats) -> None:
        """`counts` is for how many each pair counts."""
        # Pairs that look alike are one row.
        rows = np.ascontiguousarray(levels).view(np.dtype((np.void, levels.shape[1]))).ravel()
        _, first, which = np.unique(rows, return_index=True, return_inverse=True)
        self._levels = levels[first]
        self._counts = np.bincount(which, weights=counts)
        self._truth = np.bincount(which, weights=counts * truth) / self._counts
        self._pools: dict[str, list[list[int]]] = {
            each.name: [[level] for level in range(1, len(each.levels))]
            for each in WEIGHTS.comparisons
        }
        self._pools["crowd"] = [list(range(1, len(CROWDS) + 2))]
        self._held: dict[tuple[str, int], float] = {
            (each.name, level): SET[name]
            for each in WEIGHTS.comparisons
            for level, name in enumerate(each.levels)
            if name in SET
        }
        self.prior, self.weights = 0.0, dict[str, Floats]()
        while True:
            self.prior, self.weights = self._fitted()
            if not (self._bound() or self._order()):
                break

    def _design(self) -> Design:
        found = []
        for comparison in WEIGHTS.comparisons:
            basis = np.zeros((len(comparison.levels), len(self._pools[comparison.name])))
            for column, pool in enumerate(self._pools[comparison.name]):
                basis[pool, column] = 1.0
            basis[[level for name, level in self._held if name == comparison.name]] = 0.0
            found.append(basis)
        return Design(tuple(found))

    def _given(self) -> dict[str, Floats]:
        """What is not fitted: levels that are held, and the line of the crowd."""
        given = {each.name: np.zeros(len(each.levels)) for each in WEIGHTS.comparisons}
        for (name, level), weight in self._held.items():
            given[name][level] = weight
        given["crowd"][1:] = CROWD * np.arange(len(given["crowd"]) - 1)
        return given

    def _fitted(self) -> tuple[float, dict[str, Floats]]:
        form, given = self._design(), self._given()
        # The prior alone is free of the ridge.
        ridge = np.full(form.size, RIDGE)
        ridge[0] = 0.0
        offset = sum(
            (given[each.name][self._levels[:, place]] for place, each in _places()),
            np.zeros(len(self._truth)),
        )
        coefficients = fit(
            form,
            self._levels,
            self._truth,
            ridge,
            counts=self._counts,
            offset=offset * np.log(2),
            start=self._start(given),
        )
        weights = {
            each.name: found + given[each.name]
            for each, found in zip(WEIGHTS.comparisons, form.weights(coefficients), strict=True)
        }
        return float(coefficients[0] / np.log(2)), weights

    def _start(self, given: dict[str, Floats]) -> Floats | None:
        """The coefficients of the fit before, those of levels that were made one as their mean."""
        if not self.weights:
            return None
        found = [self.prior]
        for _, each in _places():
            free = self.weights[each.name] - given[each.name]
            found += [float(free[pool].mean()) for pool in self._pools[each.name]]
        return np.array(found) * np.log(2)

    def _bound(self) -> bool:
        """Hold levels that passed their bounds at them; whether there were any."""
        passed = {
            (each.name, level): min(max(self.weights[each.name][level], low), high)
            for each in WEIGHTS.comparisons
            for level, name in enumerate(each.levels)
            for low, high in [BOUNDS.get(name, (-np.inf, np.inf))]
            if not low <= self.weights[each.name][level] <= high
        }
        self._held |= passed
        return bool(passed)

    def _order(self) -> bool:
        """Make levels one that stand against their order; whether there were any."""
        found = False
        for name, order in RISING.items():
            pool_of = {level: pool for pool in self._pools[name] for level in pool}
            for before, after in pairwise(order):
                one, other = pool_of[before], pool_of[after]
                if one is other or self.weights[name][before] <= self.weights[name][after]:
                    continue
                if {(name, before), (name, after)} & self._held.keys():
                    continue
                self._pools[name].remove(other)
                one += other
                pool_of |= dict.fromkeys(other, one)
                found = True
        return found

    def table(self) -> dict[str, dict[str, float]]:
        """By comparison, its levels but the first and their weights."""
        return {
            each.name: {
                name: max(
                    round(float(self.weights[each.name][level]), 1) + 0.0, FLOORS.get(name, -np.inf)
                )
                for level, name in enumerate(each.levels)
                if level
            }
            for each in WEIGHTS.comparisons
        }


def _places() -> Iterator[tuple[int, Comparison]]:
    """The place of each comparison and the comparison."""
    yield from enumerate(WEIGHTS.comparisons)


def gathered() -> tuple[Levels, Floats, Floats]:
    """Levels, truth and counts of all pairs that the weights are fitted on."""
    corpora = []
    for size, seed, shares in CORPORA:
        sys.stderr.write(f"corpus of {size:,} adverts, seed {seed}\n")
        corpora.append(of_corpus(size, seed, shares))
    towns: list[Part] = []
    for adverts, seed, behaviour in TOWNS:
        sys.stderr.write(f"town of {adverts:,} adverts, seed {seed}\n")
        towns += of_town(adverts, seed, behaviour)
    counts = [np.ones(_pairs(corpora)), np.full(_pairs(towns), TOWN_COUNTS)]
    parts = [*corpora, *towns]
    return (
        np.concatenate([part.levels for part in parts]),
        np.concatenate([part.truth for part in parts]),
        np.concatenate(counts),
    )


def _pairs(parts: Sequence[Part]) -> int:
    return sum(len(part.truth) for part in parts)


def write(prior: float, table: dict[str, dict[str, float]]) -> None:
    """Put the weights into the model's source, where their levels stand."""
    source = re.sub(r"(?<=    prior=)[^,]+", str(prior), _MODEL.read_text("utf-8"))
    for levels in table.values():
        for name, weight in levels.items():
            source, found = re.subn(rf'(?<="{re.escape(name)}": )[-.\d]+', str(weight), source)
            assert found == 1, f"{name}: {found} times in {_MODEL.name}"
    _MODEL.write_text(source, "utf-8")


def main() -> None:
    """Fit, and print the fitted weights beside the model's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="replace those of matching/model.py")
    options = parser.parse_args()
    levels, truth, counts = gathered()
    found = Fit(levels, truth, counts)
    prior, table = round(found.prior, 1) + 0.0, found.table()
    sys.stdout.write(f"{len(truth):,} pairs, {truth.mean():.1%} of one person; ")
    sys.stdout.write(f"prior {prior:.1f}, now {WEIGHTS.prior:.1f}\n")
    for place, comparison in enumerate(WEIGHTS.comparisons):
        seen = np.bincount(levels[:, place], minlength=len(comparison.levels))
        sys.stdout.write(f"{comparison.name}\n")
        for at, (name, weight) in enumerate(table[comparison.name].items(), 1):
            note = "  set" if name in SET else "  bounded" if name in BOUNDS else ""
            held = comparison.levels[name]
            sys.stdout.write(
                f"  {name:52} {weight:6.1f}  now {held:6.1f}  {seen[at]:11,} pairs{note}\n"
            )
    if options.write:
        write(prior, table)


if __name__ == "__main__":
    main()
