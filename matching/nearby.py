"""Which adverts of a large index a pass has to look at, so that it finds what a full pass would.

Pairs form within blocks, by the order of (first seen, advert) alone (`matching.candidates`). So the
changed adverts need the first members of their blocks and the nearest ones around them; who stood
behind a changed advert in a full block pairs anew; and so does whoever has a contact on which the
names have become so many, or so few, that it weighs another weight (`matching.rarity`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.candidates import FULL, NEAREST
from matching.columns import MISSING, Columns
from matching.rarity import Rarity
from matching.shards import Shard

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]

NAMES_STEPS = (2, 4, 9)
"""Numbers of names on a contact at which its weight changes (`matching.comparisons`)."""
_AROUND = NEAREST + 1
_BITS = 24


@dataclass(frozen=True)
class Nearby:
    """The adverts to link, as columns in the order of their ids; `touched` are to be paired anew.

    `rows[i]` is where advert i stands in the index.
    """

    columns: Columns
    touched: Mask
    rows: Rows


def nearby(whole: Shard, alive: Mask, fresh: Mask, waiting: Mask, rarity: Rarity) -> Nearby:
    """What to look at when rows `fresh` came in, or came in the place of rows that are not `alive`.

    `waiting` are rows that did not change and are to be paired all the same.
    """
    ghosts = ~alive & np.isin(whole.advert, whole.advert[fresh])
    changed = fresh | ghosts
    behind = _blocks_of(whole, alive | ghosts, changed).behind(changed)
    crossed = _crossed(whole, alive, fresh, ghosts)
    touched = (fresh | waiting | behind | crossed) & alive
    found = _blocks_of(whole, alive, touched).near(touched) | touched
    rows = np.flatnonzero(found)
    rows = rows[np.argsort(whole.advert[rows])]
    table = whole.take(rows).columns(rarity)
    count_names(table, whole, alive)
    return Nearby(table, touched[rows], rows)


@dataclass(frozen=True)
class _Blocks:
    """The members of some blocks, block after block, in the order in which they pair."""

    count: int
    row: Rows
    place: Rows
    size: Rows

    def near(self, touched: Mask) -> Mask:
        """Rows that may pair with a touched one: the first of its blocks, and those around it."""
        found = np.zeros(self.count, dtype=np.bool_)
        found[self.row[self.place < FULL]] = True
        for place in self._around(np.flatnonzero(touched[self.row]), -_AROUND, _AROUND):
            found[self.row[place]] = True
        return found

    def behind(self, changed: Mask) -> Mask:
        """Rows whose pairs a changed one before them may have changed: in full blocks only."""
        found = np.zeros(self.count, dtype=np.bool_)
        full = self.size > FULL
        here = np.flatnonzero(changed[self.row] & full)
        for place in self._around(here, 1, _AROUND):
            found[self.row[place]] = True
        # Who was among the first of a block, paired with all, and no longer is; or is now.
        early = np.flatnonzero(changed[self.row] & full & (self.place < FULL))
        edge = early - self.place[early]
        for step in range(FULL - 1, FULL + _AROUND):
            place = edge + step
            place = place[step < self.size[edge]]
            found[self.row[place]] = True
        return found

    def _around(self, here: Rows, first: int, last: int) -> list[Rows]:
        found = []
        for step in range(first, last + 1):
            place = self.place[here] + step
            inside = (place >= 0) & (place < self.size[here])
            found.append(here[inside] + step)
        return found


def _blocks_of(whole: Shard, among: Mask, rows: Mask) -> _Blocks:
    """The blocks in which `rows` stand, with their members `among` the index."""
    owner_ends = np.cumsum(whole.key_count, dtype=np.int64)
    wanted = np.unique(whole.keys[np.repeat(rows, whole.key_count)])
    if not len(wanted):
        none = np.zeros(0, dtype=np.int64)
        return _Blocks(len(whole), none, none, none)
    # Most keys are none of these: a bit each says so without a search.
    shift = np.uint32(32 - _BITS)
    maybe = np.zeros(1 << _BITS, dtype=np.bool_)
    maybe[wanted >> shift] = True
    at = np.flatnonzero(maybe[whole.keys >> shift])
    key = whole.keys[at]
    place = np.minimum(np.searchsorted(wanted, key), len(wanted) - 1)
    at, key = at[wanted[place] == key], key[wanted[place] == key]
    row = np.searchsorted(owner_ends, at, side="right")
    inside = among[row]
    row, key = row[inside], key[inside]
    order = np.lexsort((whole.tie[row], np.nan_to_num(whole.first[row]), key))
    row, key = row[order], key[order]
    # An advert stands once in a block, whatever brought it there.
    single = np.ones(len(row), dtype=np.bool_)
    single[1:] = (row[1:] != row[:-1]) | (key[1:] != key[:-1])
    row, key = row[single], key[single]
    start = np.ones(len(key), dtype=np.bool_)
    start[1:] = key[1:] != key[:-1]
    first = np.flatnonzero(start)
    size = np.diff(np.append(first, len(key)))
    begin = np.repeat(first, size)
    return _Blocks(len(whole), row, np.arange(len(key)) - begin, np.repeat(size, size))


def _crossed(whole: Shard, alive: Mask, fresh: Mask, ghosts: Mask) -> Mask:
    """Rows with a contact whose names, with what came in, have passed a step."""
    found = np.zeros(len(whole), dtype=np.bool_)
    prefix = _prefixes(whole)
    before, after = (alive & ~fresh) | ghosts, alive
    for uses in (whole.numbers, whole.handles):
        changed = np.unique(uses[(fresh | ghosts)[uses[:, 0]], 1])
        these = uses[np.isin(uses[:, 1], changed)]
        counts = [_names(these[mask[these[:, 0]]], prefix, changed) for mask in (before, after)]
        steps = [np.searchsorted(NAMES_STEPS, count, side="left") for count in counts]
        passed = changed[steps[0] != steps[1]]
        found[these[np.isin(these[:, 1], passed), 0]] = True
    return found


def count_names(table: Columns, whole: Shard, alive: Mask) -> None:
    """Let the columns know the names on each contact in the whole index, not only in this part."""
    prefix = _prefixes(whole)
    for uses, every, name in (
        (table.numbers, whole.numbers, "number_names"),
        (table.handles, whole.handles, "handle_names"),
    ):
        ids = np.array([int(each) for each in uses.names], dtype=np.int64)
        order = np.argsort(ids)
        these = every[np.isin(every[:, 1], ids)]
        these = these[alive[these[:, 0]]]
        counts = np.ones(len(ids), dtype=np.int32)
        counts[order] = _names(these, prefix, ids[order])
        table.__dict__[name] = counts


def _prefixes(whole: Shard) -> Rows:
    """For each row a number for how its name begins; -1 without a name."""
    begins: dict[str, int] = {}
    code = [begins.setdefault(name[:3], len(begins)) for name in whole.values["name"]]
    prefix: Rows = np.array([*code, MISSING], dtype=np.int64)[whole.name]
    return prefix


def _names(uses: Rows, prefix: Rows, contacts: Rows) -> NDArray[np.int32]:
    """How many names use each of `contacts` (sorted), at least 1."""
    name = prefix[uses[:, 0]]
    place = np.searchsorted(contacts, uses[name != MISSING, 1])
    width = int(name.max(initial=0)) + 1
    pairs = np.unique(place * width + name[name != MISSING])
    return np.maximum(np.bincount(pairs // width, minlength=len(contacts)), 1).astype(np.int32)
