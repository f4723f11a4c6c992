"""What learning from a site's own data does: corpora of other kinds, shipped and learnt weights.

    python benchmarks/matching_learning.py [--adverts 6000] [--seed 402] [--decisions 100]

Prints a Markdown table. Profiles are made as passes make them: what two adverts say by themselves
makes cores, and all adverts of two cores decide on doubts. Learning moves the weights of the first
table; the trees for cores stay, and are asked under the weights that ship (`matching.cores`). No
corpus was met in fitting the shipped weights or in writing the learner; "held back" says what
`faro match --learn` would have said: it refuses where learnt weights do no better on what was held
back. Decisions are right ones on links between the cuts, drawn at random.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

# Not this folder, in which `matching` is a benchmark.
sys.path.pop(0)

from demo.corpus import Shares, corpus
from demo.evaluation.scores import scores
from matching.candidates import candidate_pairs
from matching.columns import columns
from matching.cores import Int64s, settle
from matching.errors import MatchingError
from matching.fitting import Floats
from matching.learning import Decided, learnt, odds, weights
from matching.lessons import held_back
from matching.model import WEIGHTS, Model
from matching.seeds import compared, seeds

SHARES = Shares()
REWRITTEN = {
    "same": 15.0,
    "edited": 15.0,
    "re-ordered": 5.0,
    "rewritten": 30.0,
    "fresh": 30.0,
    "short": 5.0,
}
KINDS = {
    "as the shipped weights expect": SHARES,
    "hard behaviours 1.3 times": SHARES.harder(1.3),
    "a tenth of the words": replace(SHARES, vocabulary=300),
    "Spanish and English": replace(SHARES, languages={"es": 60.0, "en": 40.0}),
    "ages and cities often missing": replace(SHARES, no_age=0.6, no_city=0.3),
    "texts rewritten each time": replace(SHARES, texts=REWRITTEN),
    "templates and copies": replace(SHARES, templates=0.35, copies=0.35, templated=0.9),
    "numbers often hidden": replace(SHARES, hides_number=(0.2, 0.4, 0.6, 0.8)),
    "many moves": replace(SHARES, moves=0.4, moves_away=0.7, travels=0.6),
}
FLOOR = 1e-6


class Site:
    """One corpus as columns, its candidate pairs and the truth."""

    def __init__(self, adverts: int, seed: int, shares: Shares) -> None:
        made = corpus(adverts, seed, shares)
        self.table = columns(made.records)
        self.truth = {name: made.person[name] for name in self.table.ids}
        self.a, self.b = candidate_pairs(self.table)
        who = np.array(list(self.truth.values()))
        self.same = who[self.a] == who[self.b]
        self.levels = compared(self.table, self.a, self.b, WEIGHTS)

    def settled(self, model: Model) -> tuple[Floats, Int64s]:
        """The probability of each pair, in the light of all adverts where it is a link, and the
        profile of each row.
        """
        likely = np.asarray(1 / (1 + np.exp2(-weights(model, self.levels))))
        linked = likely >= model.floor
        found = settle(self.table, self.a[linked], self.b[linked], likely[linked], model)
        likely[linked] = found.probability
        return likely, found.cluster

    def measured(self, model: Model) -> tuple[float, float, float]:
        """B-cubed F1, pair precision, and bits of surprise a candidate pair."""
        likely, found = self.settled(model)
        told = scores(dict(zip(self.table.ids, found.tolist(), strict=True)), self.truth)
        right = np.clip(np.where(self.same, likely, 1 - likely), FLOOR, 1)
        return told.b3, told.pair_precision, float(-np.log2(right).mean())

    def decided(self, count: int, seed: int) -> Decided:
        """Right decisions on doubtful pairs."""
        likely, _ = self.settled(WEIGHTS)
        asked = np.flatnonzero((likely >= WEIGHTS.doubt) & (likely < WEIGHTS.link))
        some = np.random.default_rng(seed).choice(asked, min(count, len(asked)), replace=False)
        return Decided(self.levels[some], self.same[some], odds(likely[some]))


def rows(adverts: int, seed: int, decisions: int) -> Iterator[str]:
    """The table, line by line."""
    kinds = ("shipped", "learnt", f"with {decisions} decisions")
    yield "| adverts of people | measure | " + " | ".join(kinds) + " | held back |"
    yield "|---|---|---|---|---|---|"
    for name, shares in KINDS.items():
        site = Site(adverts, seed, shares)
        found = seeds(site.table, WEIGHTS, np.ones(len(site.table), dtype=np.bool_))
        none, some = site.decided(0, seed), site.decided(decisions, seed)
        models = (WEIGHTS, *(learnt(WEIGHTS, found, each).model for each in (none, some)))
        try:
            before, after = held_back(found, none)
            verdict = f"{before:.3f} → {after:.3f}"
        except MatchingError:
            verdict = "refuses"
        told = list(zip(*(site.measured(model) for model in models), strict=True))
        for place, (measure, digits) in enumerate(
            (("B-cubed F1", 4), ("pair precision", 4), ("bits a pair", 4))
        ):
            cells = " | ".join(f"{value:.{digits}f}" for value in told[place])
            yield f"| {name if not place else ''} | {measure} | {cells} | " + (
                f"{verdict} |" if not place else "|"
            )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--adverts", type=int, default=6_000)
    parser.add_argument("--seed", type=int, default=402)
    parser.add_argument("--decisions", type=int, default=100)
    options = parser.parse_args()
    for line in rows(options.adverts, options.seed, options.decisions):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
