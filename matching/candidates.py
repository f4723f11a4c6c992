"""Candidates (blocking): the pairs worth comparing, some ten an advert.

Adverts meet in blocks: those with the same number or handle (and, so that a switchboard's many do
not hide each other, with the same number or handle and like name); with the same name and city at
about the same age; with one of their rarest phrases; with one of these and like name. Within a
block an advert pairs with all earlier ones while it is among the first, then with the few before
it, in the order of (first seen, id): an advert added at the end never takes a pair away. Blocks of
hers hold together through these few; a block that many hands share is not worth more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from matching.columns import MISSING, Columns
from matching.phrases import Int64s, UInt64s, mixed
from matching.rarity import STEPS
from matching.threads import in_threads

FULL = 6
"""The first adverts of a block pair with all before them."""
NEAREST = 3
"""Later ones pair with this many before them."""
POSTINGS = 4
"""Phrases of an advert, its rarest, that find candidates whoever else uses them."""
RARE_HANDS = 8
"""And all other phrases of its sketch that no more hands than these use."""

_RANK_BITS = 26
Pairs = tuple[NDArray[np.int32], NDArray[np.int32]]
Blocks = tuple[UInt64s, NDArray[np.int32]]


def candidate_pairs(columns: Columns, touched: NDArray[np.bool_] | None = None) -> Pairs:
    """Distinct pairs (a < b) of rows. With `touched`, only those in which one row is touched."""
    place = columns.rank.astype(np.uint64)
    row_at = np.argsort(columns.rank, kind="stable")
    count = max(len(columns), 1)

    def paired(block: Blocks) -> Int64s:
        keys, rows = block
        if touched is not None:
            inside = np.isin(keys, keys[touched[rows]])
            keys, rows = keys[inside], rows[inside]
        entries = (keys >> np.uint64(_RANK_BITS)) << np.uint64(_RANK_BITS)
        entries |= place[rows]
        found = [np.zeros(0, np.int64)]
        for later, earlier in _pairs_in_blocks(entries):
            one, other = row_at[later], row_at[earlier]
            if touched is not None:
                new = touched[one] | touched[other]
                one, other = one[new], other[new]
            found.append(np.minimum(one, other) * count + np.maximum(one, other))
        return np.concatenate(found)

    codes = np.concatenate(list(in_threads(paired, blocks(columns))))
    codes.sort()
    codes = codes[np.diff(codes, prepend=-1) != 0]
    return (codes // count).astype(np.int32), (codes % count).astype(np.int32)


def blocks(columns: Columns) -> Iterator[Blocks]:
    """(keys, rows) of each kind of block; equal keys are one block.

    Keys are hashes of what the block shares, the same for every set of adverts; their first 38 bits
    count.
    """
    rows = np.arange(len(columns), dtype=np.int32)
    begins = _content("name", [name[:3] for name in columns.names])
    weak, strong, handles = columns.weak_numbers, columns.numbers, columns.handles
    for kind, contact, advert, names in (
        (
            "number",
            np.concatenate([strong.contact, weak.contact]),
            np.concatenate([strong.advert, weak.advert]),
            strong.names,
        ),
        ("handle", handles.contact, handles.advert, handles.names),
    ):
        keys = _content(kind, names)[contact]
        yield keys, advert
        yield _with(keys, advert, columns.name, begins)
    yield from _name_place_age(columns, rows)
    texts = columns.texts
    rare = texts.level <= 1 + STEPS * np.log2(RARE_HANDS)
    rare[:, :POSTINGS] = True
    for phrases, used in ((texts.known, rare), (texts.fresh, np.True_)):
        said = (phrases != 0) & used
        advert = np.broadcast_to(rows[:, None], phrases.shape)[said]
        keys = mixed(phrases[said].astype(np.uint64))
        yield keys, advert
        yield _with(keys, advert, columns.name, begins)


def _with(
    keys: UInt64s, advert: NDArray[np.int32], code: NDArray[np.int32], content: UInt64s
) -> Blocks:
    """The blocks of `keys`, divided by what the adverts have in another column."""
    said = code[advert] != MISSING
    advert = advert[said]
    return mixed(keys[said] ^ content[code[advert]]), advert


def _content(kind: str, values: Sequence[str]) -> UInt64s:
    """A hash of each value; one more at the end, which stands for none."""
    hashes = [
        int.from_bytes(blake2b(value.encode(), digest_size=8, person=kind.encode()).digest())
        for value in values
    ]
    return np.array([*hashes, 0], dtype=np.uint64)


def _name_place_age(columns: Columns, rows: NDArray[np.int32]) -> Iterator[Blocks]:
    """Name, city and age within a year: each advert stands under its age and the next."""
    known = (columns.name != MISSING) & (columns.city != MISSING) & (columns.age != MISSING)
    rows = rows[known]
    names = _content("name", columns.names)[columns.name[known]]
    cities = _content("city", [city.casefold() for city in columns.cities])[columns.city[known]]
    both = mixed(names ^ mixed(cities))
    ages = columns.age[known].astype(np.uint64)
    keys = [mixed(both + ages + np.uint64(step)) for step in (0, 1)]
    yield np.concatenate(keys), np.concatenate([rows, rows])


def _pairs_in_blocks(entries: UInt64s) -> Iterator[tuple[Int64s, Int64s]]:
    """(later, earlier) ranks of the pairs in the blocks; an entry is a key and a rank."""
    entries.sort()
    entries = entries[np.diff(entries, prepend=np.uint64(2**64 - 1)) != 0]
    key = entries >> np.uint64(_RANK_BITS)
    rank = (entries & np.uint64((1 << _RANK_BITS) - 1)).astype(np.int64)
    start = np.diff(key, prepend=np.uint64(2**64 - 1)) != 0
    at = np.arange(len(key))
    place = at - np.maximum.accumulate(np.where(start, at, 0))
    later = np.flatnonzero(place > 0)
    place = place[later]
    for lag in range(1, FULL):
        if lag > 1:
            keep = place >= lag
            if lag == NEAREST + 1:
                keep &= place < FULL
            later, place = later[keep], place[keep]
        if not len(later):
            return
        yield rank[later], rank[later - lag]
