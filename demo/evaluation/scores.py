"""B-cubed and pairwise precision and recall of a clustering against the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import comb

from records.linking import LinkRecord


@dataclass(frozen=True)
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
        2 * precision * recall / (precision + recall),
        right / claimed if claimed else 1.0,
        right / real if real else 1.0,
        max(found_sizes.values()),
        max(true_sizes.values()),
    )


def exact_number(records: Iterable[LinkRecord]) -> dict[str, str]:
    """The peer that everybody starts from: connected components by exact number."""
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for record in records:
        for phone in record.phones:
            parent[root(record.id)] = root(phone)
    return {record.id: root(record.id) for record in records}
