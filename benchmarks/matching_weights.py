"""Fit the weights of `matching.model` on invented people and print them beside the table's.

A logistic regression over the levels of the comparisons: its coefficients in bits are match weights
that allow for comparisons that go together, as counting each alone would not. A ridge keeps rare
levels near zero. The weight of a crowd is a line over the doublings of its hands. With `--write`,
the fitted weights replace those in `matching/model.py`.

    python benchmarks/matching_weights.py [--write]     # some minutes

The weights that ship were fitted so before names were read from titles, on corpora that differed
a little in their shares: a new fit does not give them to the digit.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

# Not this folder, in which `matching` is a benchmark.
sys.path.pop(0)


from demo.corpus import Shares, stream
from matching.candidates import candidate_pairs
from matching.columns import columns
from matching.comparisons import Pairs
from matching.fitting import Design, Floats, Levels, design, fit
from matching.model import WEIGHTS
from records.linking import LinkRecord

SHARES = Shares()
CORPORA = (
    (3_000, 11, SHARES),
    (10_000, 12, SHARES),
    (30_000, 13, SHARES),
    (30_000, 15, SHARES.harder(1.3)),
    (30_000, 16, SHARES.harder(0.7)),
    (30_000, 23, replace(SHARES, languages={"it": 35.0, "en": 45.0, "es": 20.0})),
    (100_000, 14, SHARES),
    (100_000, 21, replace(SHARES, vocabulary=1000)),
    (400_000, 22, SHARES),
)
"""(adverts, seed, shares) of the corpora that the weights are fitted on."""
MOST_PAIRS = 120_000
"""Pairs taken of one corpus, so that the large ones do not outvote the small."""
RIDGE = 10.0
SET = {"same number, read with doubt"}
"""Levels that keep their weight: corpora do not have them."""
BOUNDS = {
    "on another site": (-1.2, 0.0),
    "on the same site": (0.0, 1.0),
    "ages over five years apart": (-3.5, 0.0),
    "other messenger handle": (-3.0, 0.0),
}
"""Between which a weight must lie: invented people keep to their sites, ages and handles more than
people do."""
_MODEL = Path(__file__).parents[1] / "matching" / "model.py"


def levels_and_truth(size: int, seed: int, shares: Shares) -> tuple[Levels, Floats]:
    """One row a candidate pair, one column a comparison; and whether one person is behind it."""
    person: dict[str, int] = {}

    def records() -> Iterator[LinkRecord]:
        for made in stream(size, seed, shares):
            person[made.record.id] = made.person
            yield made.record

    table = columns(records())
    a, b = candidate_pairs(table)
    if len(a) > MOST_PAIRS:
        some = np.random.default_rng(seed).choice(len(a), MOST_PAIRS, replace=False)
        a, b = a[some], b[some]
    pairs = Pairs(table, a, b)
    levels = np.stack([pairs.level(each.compare) for each in WEIGHTS.comparisons], axis=1)
    who = np.array([person[name] for name in table.ids])
    return levels, (who[a] == who[b]).astype(np.float64)


def fitted(form: Design, coefficients: Floats) -> dict[str, dict[str, float]]:
    """The table as it would be: by comparison, its levels but the first and their weights."""
    table: dict[str, dict[str, float]] = {}
    for comparison, weights in zip(WEIGHTS.comparisons, form.weights(coefficients), strict=True):
        levels = list(comparison.levels.items())
        table[comparison.name] = {
            name: now if name in SET else _bounded(name, float(weight))
            for (name, now), weight in zip(levels[1:], weights[1:], strict=True)
        }
    return table


def _bounded(name: str, weight: float) -> float:
    low, high = BOUNDS.get(name, (-np.inf, np.inf))
    return round(min(max(weight, low), high), 1) + 0.0


def write(prior: float, table: dict[str, dict[str, float]]) -> None:
    """Put the weights into the model's source, where their levels stand."""
    source = re.sub(r"(?<=    prior=)[^,]+", str(prior), _MODEL.read_text("utf-8"))
    for levels in table.values():
        for name, weight in levels.items():
            source, found = re.subn(rf'(?<="{re.escape(name)}": )[-.\d]+', str(weight), source)
            assert found == 1, f"{name}: {found} times in {_MODEL.name}"
    _MODEL.write_text(source, "utf-8")


def main() -> None:
    """Fit on the corpora and print the fitted weights beside the model's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="replace those of matching/model.py")
    options = parser.parse_args()
    parts = []
    for size, seed, shares in CORPORA:
        sys.stderr.write(f"{size:,} adverts, seed {seed}\n")
        parts.append(levels_and_truth(size, seed, shares))
    levels = np.concatenate([part[0] for part in parts])
    truth = np.concatenate([part[1] for part in parts])
    form = design(WEIGHTS)
    # The prior alone is free of the ridge.
    ridge = np.full(form.size, RIDGE)
    ridge[0] = 0.0
    coefficients = fit(form, levels, truth, ridge)
    prior, table = round(float(coefficients[0] / np.log(2)), 1) + 0.0, fitted(form, coefficients)
    now = f"now {WEIGHTS.prior:.1f}"
    sys.stdout.write(f"{len(truth):,} pairs, {truth.mean():.1%} of one person; ")
    sys.stdout.write(f"prior {prior:.1f}, {now}\n")
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
