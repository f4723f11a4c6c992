"""Boosted trees: small questions in turn, whose answers add up (Friedman 2001).

Sums of weights hold each piece of evidence apart from all others. Where they leave a doubt, what
one piece is worth depends on the others: trees say that, and only there (`matching.cores`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.threads import in_threads

Floats = NDArray[np.float64]
Node = float | list[Any]
"""What a leaf adds, in bits, or [ask, above, node if not, node if so]: `ask` is a place in `asks`,
and it is asked whether its value is `above` that."""
_SLICE = 10_000
_DIGITS = 6


@dataclass(frozen=True, eq=False)
class Trees:
    """`asks` names what is asked of each row, `trees` are their roots; `prior` is in bits."""

    asks: tuple[str, ...]
    prior: float = 0.0
    trees: Sequence[Node] = field(default=(), repr=False)

    @staticmethod
    def read(text: str) -> Trees:
        """Trees as `write` wrote them."""
        told = json.loads(text)
        return Trees(tuple(told["asks"]), told["prior"], told["trees"])

    def write(self) -> str:
        """JSON, a tree a line."""
        lines = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in self.trees)
        asks, prior = json.dumps(self.asks), json.dumps(self.prior)
        return f'{{"asks": {asks},\n"prior": {prior},\n"trees": [\n{lines}\n]}}\n'

    @cached_property
    def fingerprint(self) -> str:
        """The same for trees that say the same."""
        return sha256(self.write().encode()).hexdigest()

    def bits(self, told: Mapping[str, Floats], count: int) -> Floats:
        """What the trees say of `count` rows, in bits; `told` has a value a row, by name."""
        if not self.trees or not count:
            return np.full(count, self.prior)
        # Sums of the same values in another order may differ in a last bit: that decides nothing.
        rows: Floats = np.column_stack([told[name] for name in self.asks]).round(_DIGITS)
        parts = in_threads(
            lambda first: self._bits(rows[first : first + _SLICE]), range(0, count, _SLICE)
        )
        return np.concatenate(list(parts))

    def _bits(self, rows: Floats) -> Floats:
        total = np.full(len(rows), self.prior)
        flat, width = rows.ravel(), rows.shape[1]
        begins = np.arange(len(rows)) * width
        for tree in self._flat:
            node = np.zeros(len(rows), dtype=np.intp)
            for _ in range(tree.depth):
                above = flat[begins + tree.ask[node]] > tree.above[node]
                node = tree.then[2 * node + above]
            total += tree.adds[node]
        return total

    @cached_property
    def _flat(self) -> list[_Flat]:
        return [_flattened(root) for root in self.trees]


@dataclass(frozen=True)
class _Flat:
    """A tree in arrays, by node: what is asked, above what; `then` is where it goes on, if not and
    if so, by turns. A leaf goes on in itself.
    """

    ask: NDArray[np.intp]
    above: Floats
    then: NDArray[np.intp]
    adds: Floats
    depth: int


def _flattened(root: Node) -> _Flat:
    nodes: list[tuple[Node, int]] = [(root, 0)]
    ask: list[int] = []
    above: list[float] = []
    then: list[int] = []
    adds: list[float] = []
    for place, (node, depth) in enumerate(nodes):
        if isinstance(node, list):
            ask.append(node[0])
            above.append(node[1])
            adds.append(0.0)
            then += [len(nodes), len(nodes) + 1]
            nodes += [(each, depth + 1) for each in node[2:]]
        else:
            ask.append(0)
            above.append(np.inf)
            adds.append(node)
            then += [place, place]
    return _Flat(
        np.array(ask, dtype=np.intp),
        np.array(above, dtype=np.float64),
        np.array(then, dtype=np.intp),
        np.array(adds, dtype=np.float64),
        nodes[-1][1],
    )
