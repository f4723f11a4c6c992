"""Which adverts of a large index a pass has to look at, so that it finds what a full pass would.

Pairs form within blocks, by the order of (first seen, advert) alone (`matching.candidates`). So the
changed adverts pair with the first members of their blocks while they are among those, and with the
nearest ones around them; who stood behind a changed advert in a full block pairs anew; and so does
whoever has a contact on which the names have become so many, or so few, that it weighs another
weight (`matching.rarity`). What this comes to grows with what changed, not with the index.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.candidates import FULL, NEAREST
from matching.columns import MISSING, Columns
from matching.rarity import Rarity
from matching.shards import KEY_BITS
from matching.whole import Mask, Rows, Uses, Whole, among

Pairs = NDArray[np.int32]

NAMES_STEPS = (1, 2, 4, 9)
"""Numbers of names on a contact at which its weight changes (`matching.comparisons`)."""
_AROUND = NEAREST + 1


@dataclass(frozen=True)
class Nearby:
    """The pairs to score, (a, b) with a < b: rows of `columns`, in the order of their ids.

    `rows[i]` is where advert i stands in the index; `touched` were paired with all that they pair
    with. Some of them pair with nobody, and stand in `columns` all the same.
    """

    columns: Columns
    touched: Mask
    rows: Rows
    a: Pairs
    b: Pairs


def nearby(whole: Whole, fresh: Mask, waiting: Mask, rarity: Rarity) -> Nearby:
    """What to look at when rows `fresh` came in, or came in the place of rows that are not alive.

    `waiting` are rows that did not change and are to be paired all the same.
    """
    alive = whole.alive
    ghosts = whole.rows_of(whole.advert[fresh]) & ~alive
    changed = fresh | ghosts
    sure = changed | ((waiting | _crossed(whole, fresh, ghosts)) & alive)
    row, key = whole.sharing(sure)
    behind = _blocks_of(whole, alive | ghosts, row, key).behind(changed)
    touched = (sure | behind) & alive
    more, others = whole.sharing(touched & ~sure)
    row, key = np.concatenate([row, more]), np.concatenate([key, others])
    one, other = _blocks_of(whole, alive, row, key).pairs(touched)
    found = touched.copy()
    found[one] = found[other] = True
    rows = np.flatnonzero(found)
    rows = rows[np.argsort(whole.advert[rows])]
    table = whole.take(rows).columns(rarity)
    count_names(table, whole)
    place = np.empty(len(whole), dtype=np.int32)
    place[rows] = np.arange(len(rows), dtype=np.int32)
    code = np.minimum(place[one], place[other]).astype(np.int64) << 32
    code = np.unique(code | np.maximum(place[one], place[other]))
    a, b = (code >> 32).astype(np.int32), (code & (2**32 - 1)).astype(np.int32)
    return Nearby(table, touched[rows], rows, a, b)


@dataclass(frozen=True)
class _Blocks:
    """The members of some blocks, block after block, in the order in which they pair."""

    count: int
    row: Rows
    place: Rows
    size: Rows

    def pairs(self, touched: Mask) -> tuple[Rows, Rows]:
        """The rows that pair in which one is touched; such a pair may come more than once."""
        here = np.flatnonzero(touched[self.row])
        place, left = self.place[here], self.size[here] - self.place[here]
        one, other = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        for lag in range(1, FULL):
            early, late = place >= lag, left > lag
            if lag > NEAREST:
                early &= place < FULL
                late &= place + lag < FULL
            for those, step in ((here[early], -lag), (here[late], lag)):
                one.append(self.row[those])
                other.append(self.row[those + step])
        return np.concatenate(one), np.concatenate(other)

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


def _blocks_of(whole: Whole, among_rows: Mask, row: Rows, key: Rows) -> _Blocks:
    """The blocks that these rows make up with these keys, and their members `among_rows`."""
    inside = among_rows[row]
    row, key = row[inside], key[inside]
    here = np.zeros(len(whole), dtype=np.bool_)
    here[row] = True
    rows = np.flatnonzero(here)
    rows = rows[np.lexsort((whole.tie[rows], whole.first[rows]))]
    place = np.empty(len(whole), dtype=np.int64)
    place[rows] = np.arange(len(rows))
    # Key and place in one number: sorted much faster than by the one, then by the other.
    bits = np.int64(63 - KEY_BITS)
    code = np.sort((key << bits) | place[row])
    # An advert stands once in a block, whatever brought it there.
    single = np.ones(len(code), dtype=np.bool_)
    single[1:] = code[1:] != code[:-1]
    code = code[single]
    row, key = rows[code & ((1 << bits) - 1)], code >> bits
    start = np.ones(len(key), dtype=np.bool_)
    start[1:] = key[1:] != key[:-1]
    first = np.flatnonzero(start)
    size = np.diff(np.append(first, len(key)))
    begin = np.repeat(first, size)
    return _Blocks(len(whole), row, np.arange(len(key)) - begin, np.repeat(size, size))


def _crossed(whole: Whole, fresh: Mask, ghosts: Mask) -> Mask:
    """Rows with a contact whose names, with what came in, have passed a step."""
    found = np.zeros(len(whole), dtype=np.bool_)
    before, after = (whole.alive & ~fresh) | ghosts, whole.alive
    for rows, contacts in (whole.numbers, whole.handles):
        changed = np.unique(contacts[(fresh | ghosts)[rows]])
        here = among(contacts, changed)
        row, contact = rows[here], contacts[here]
        counts = [
            _names((row[mask[row]], contact[mask[row]]), whole.begins, changed)
            for mask in (before, after)
        ]
        steps = [np.searchsorted(NAMES_STEPS, count, side="left") for count in counts]
        passed = changed[steps[0] != steps[1]]
        found[row[np.isin(contact, passed)]] = True
    return found


def count_names(table: Columns, whole: Whole) -> None:
    """Let the columns know the names on each contact in the whole index, not only in this part."""
    for uses, (rows, contacts), name in (
        (table.numbers, whole.numbers, "number_names"),
        (table.handles, whole.handles, "handle_names"),
    ):
        ids = np.array([int(each) for each in uses.names], dtype=np.int64)
        order = np.argsort(ids)
        here = among(contacts, ids)
        here = here[whole.alive[rows[here]]]
        counts = np.ones(len(ids), dtype=np.int32)
        counts[order] = _names((rows[here], contacts[here]), whole.begins, ids[order])
        table.__dict__[name] = counts


def _names(uses: Uses, begins: Rows, contacts: Rows) -> NDArray[np.int32]:
    """How many names use each of `contacts` (sorted), at least 1."""
    name = begins[uses[0]]
    place = np.searchsorted(contacts, uses[1][name != MISSING])
    width = int(name.max(initial=0)) + 1
    pairs = np.unique(place * width + name[name != MISSING])
    return np.maximum(np.bincount(pairs // width, minlength=len(contacts)), 1).astype(np.int32)
