"""B-cubed and pairwise precision and recall of a clustering against the truth."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import comb

from records.linking import LinkRecord


@dataclass(frozen=True, slots=True)
class Scores:
    """B-cubed and pairwise figures, and the sizes of the largest clusters."""

    b3_precision: float
    b3_recall: float
    b3: float
    pair_precision: float
    pair_recall: float
    largest: int
    largest_true: int

    def __str__(self) -> str:
        return (
            f"B3 {self.b3:.4f} (P {self.b3_precision:.4f} R {self.b3_recall:.4f})  "
            f"pairs P {self.pair_precision:.4f} R {self.pair_recall:.4f}  "
            f"largest {self.largest} of {self.largest_true}"
        )


@dataclass(frozen=True, slots=True)
class BehaviourScore:
    """B-cubed figures over the adverts that show one behaviour."""

    behaviour: str
    adverts: int
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Of the two."""
        return f1(self.precision, self.recall)


def f1(precision: float, recall: float) -> float:
    """The harmonic mean, 0 when both are."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def scores(found: Mapping[str, object], truth: Mapping[str, object]) -> Scores:
    """Bagga and Baldwin's B-cubed (1998), and the pair counts."""
    together = Counter((found[key], truth[key]) for key in truth)
    found_sizes = Counter(found[key] for key in truth)
    true_sizes = Counter(truth.values())
    precision = sum(n * n / found_sizes[f] for (f, _), n in together.items()) / len(truth)
    recall = sum(n * n / true_sizes[t] for (_, t), n in together.items()) / len(truth)
    right = sum(comb(n, 2) for n in together.values())
    claimed = sum(comb(n, 2) for n in found_sizes.values())
    real = sum(comb(n, 2) for n in true_sizes.values())
    return Scores(
        precision,
        recall,
        f1(precision, recall),
        right / claimed if claimed else 1.0,
        right / real if real else 1.0,
        max(found_sizes.values()),
        max(true_sizes.values()),
    )


def by_behaviour(
    found: Mapping[str, object],
    truth: Mapping[str, object],
    behaviours: Mapping[str, Sequence[str]],
) -> list[BehaviourScore]:
    """One score a behaviour, by name: of an advert's cluster, how much is hers; of hers, how much
    is in its cluster.
    """
    together = Counter((found[key], truth[key]) for key in truth)
    found_sizes = Counter(found[key] for key in truth)
    true_sizes = Counter(truth.values())
    sums: dict[str, list[float]] = defaultdict(lambda: [0, 0.0, 0.0])
    for key, shown in behaviours.items():
        shared = together[found[key], truth[key]]
        for behaviour in shown:
            total = sums[behaviour]
            total[0] += 1
            total[1] += shared / found_sizes[found[key]]
            total[2] += shared / true_sizes[truth[key]]
    return [
        BehaviourScore(name, int(count), precision / count, recall / count)
        for name, (count, precision, recall) in sorted(sums.items())
    ]


def exact_number(records: Iterable[LinkRecord]) -> dict[str, str]:
    """The peer that everybody starts from: connected components by exact number."""
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    ids = []
    for record in records:
        ids.append(record.id)
        for phone in record.phones:
            parent[root(record.id)] = root(phone)
    return {name: root(name) for name in ids}
