"""The whole index as one: what is looked up in it lies together, all else is taken row by row."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.columns import MISSING
from matching.intake import Codes
from matching.shards import KEY_BITS, Shard, together
from matching.threads import in_threads

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
Uses = tuple[Rows, Rows]
"""Rows, and the contact that each of them uses."""

_SIEVE_BITS = 20
_MOST_KEY_BITS = 22
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_SLICE = 1 << 20


class Whole:
    """n rows of some shards (at least one), in their order; of those about one advert the last is
    `alive`.
    """

    def __init__(self, shards: Sequence[Shard]) -> None:
        self._shards = shards
        self._starts = np.cumsum([0, *(len(each) for each in shards)])
        self.advert: Rows = self._joined("advert")
        self.first: NDArray[np.float64] = np.nan_to_num(self._joined("first"))
        self.tie: NDArray[np.uint32] = self._joined("tie")
        # Ids grow from shard to shard: sorting what is almost in order costs little.
        self._order = np.argsort(self.advert, kind="stable")
        self._sorted = self.advert[self._order]
        self.alive = np.zeros(len(self), dtype=np.bool_)
        last = np.ones(len(self), dtype=np.bool_)
        last[:-1] = self._sorted[1:] != self._sorted[:-1]
        self.alive[self._order[last]] = True

    def __len__(self) -> int:
        return int(self._starts[-1])

    def _joined(self, name: str) -> Any:
        return np.concatenate([getattr(each, name) for each in self._shards])

    def sharing(self, rows: Mask) -> tuple[Rows, Rows]:
        """(row, key) of every row that has a key in common with one of `rows`, these too."""
        spans_of = list(zip(self._shards, pairwise(self._starts.tolist()), strict=True))
        wanted = np.unique(
            np.concatenate(
                [shard.keys_of(np.flatnonzero(rows[slice(*span)])) for shard, span in spans_of]
            )
        )
        bits = min(max(len(wanted).bit_length() + 5, 10), _MOST_KEY_BITS)
        # Most keys are none of these: a bit each says so without a search.
        sieve = np.zeros(1 << bits, dtype=np.bool_)
        sieve[wanted >> (KEY_BITS - bits)] = True

        def found(part: tuple[Shard, tuple[int, int]]) -> tuple[Rows, Rows]:
            shard, (start, _) = part
            at = np.flatnonzero(sieve[shard.keys >> np.uint32(32 - bits)])
            key = shard.key_at(at)
            place = np.minimum(np.searchsorted(wanted, key), len(wanted) - 1)
            same = wanted[place] == key
            return np.searchsorted(shard.key_ends, at[same], side="right") + start, key[same]

        none = np.zeros(0, dtype=np.int64)
        parts = [(none, none), *in_threads(found, spans_of if len(wanted) else [])]
        row, key = zip(*parts, strict=True)
        return np.concatenate(row), np.concatenate(key)

    @cached_property
    def numbers(self) -> Uses:
        """Numbers that are sure."""
        return self._uses("numbers")

    @cached_property
    def handles(self) -> Uses:
        """Handles and addresses."""
        return self._uses("handles")

    def _uses(self, kind: str) -> Uses:
        parts = [getattr(each, kind) for each in self._shards]
        rows = [
            part[:, 0] + start for part, start in zip(parts, self._starts.tolist(), strict=False)
        ]
        none = np.zeros(0, dtype=np.int64)
        return np.concatenate([none, *rows]), np.concatenate(
            [none, *(part[:, 1] for part in parts)]
        )

    @cached_property
    def known(self) -> NDArray[np.uint32]:
        """The rarest known phrases of each row, as in `Sketches`."""
        known: NDArray[np.uint32] = self._joined("known")
        return known

    @cached_property
    def begins(self) -> Rows:
        """For each row a number for how its name begins; -1 without a name."""
        codes = Codes()
        parts = [np.zeros(0, dtype=np.int64)]
        for each in self._shards:
            code = [codes[name[:3]] for name in each.values["name"]]
            parts.append(np.array([*code, MISSING], dtype=np.int64)[each.name])
        return np.concatenate(parts)

    def rows_of(self, adverts: Rows) -> Mask:
        """The rows about these adverts."""
        left = np.searchsorted(self._sorted, adverts, side="left")
        right = np.searchsorted(self._sorted, adverts, side="right")
        found = np.zeros(len(self), dtype=np.bool_)
        for step in range(int((right - left).max(initial=0))):
            found[self._order[(left + step)[left + step < right]]] = True
        return found

    def take(self, rows: Rows) -> Shard:
        """These rows as a shard, in the order given."""
        order = np.argsort(rows, kind="stable")
        cuts = np.searchsorted(rows[order], self._starts)
        parts = [
            shard.take(rows[order[first:last]] - start)
            for shard, first, last, start in zip(
                self._shards,
                cuts.tolist(),
                cuts[1:].tolist(),
                self._starts.tolist(),
                strict=False,
            )
            if last > first
        ]
        if not parts:
            return self._shards[0].take(rows)
        back = np.empty(len(rows), dtype=np.int64)
        back[order] = np.arange(len(rows))
        return together(parts).take(back)


def among(values: Rows, wanted: Rows) -> Rows:
    """The places at which `values` holds one of `wanted`, in one walk over them."""
    sieve = np.zeros(1 << _SIEVE_BITS, dtype=np.bool_)
    sieve[_hash(wanted)] = True
    found = [np.zeros(0, dtype=np.int64)]
    for start in range(0, len(values), _SLICE):
        part = values[start : start + _SLICE]
        at = np.flatnonzero(sieve[_hash(part)])
        found.append(at[np.isin(part[at], wanted)] + start)
    return np.concatenate(found)


def _hash(values: Rows) -> Rows:
    with np.errstate(over="ignore"):
        spread = values.astype(np.uint64) * _SPREAD
    return (spread >> np.uint64(64 - _SIEVE_BITS)).astype(np.int64)
