"""Candidates (blocking): the pairs worth comparing, about ten an advert.

Adverts meet when they share a number, a handle, a name and city at about the same age, or one of
their rarest phrases. Small groups give all their pairs; large ones only neighbours, in an order
that brings likely pairs together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matching.columns import MISSING, Columns
from matching.phrases import POSTINGS

GROUP_CAP = 24
"""Groups up to this size give all pairs."""
NEIGHBOURS = 6
"""Larger groups pair each advert with this many next ones."""

Pairs = tuple[NDArray[np.int32], NDArray[np.int32]]


def candidate_pairs(columns: Columns, touched: NDArray[np.bool_] | None = None) -> Pairs:
    """Distinct pairs (a < b) of rows. With `touched`, only those in which one row is touched."""
    count = len(columns)
    found: list[NDArray[np.int64]] = []
    rows = np.arange(count, dtype=np.int32)
    both = (columns.numbers, columns.weak_numbers)
    by_name = np.lexsort((columns.first, columns.name))
    order = np.empty(count, dtype=np.int64)
    order[by_name] = rows
    number_rows = np.concatenate([uses.advert for uses in both])
    number_keys = np.concatenate([uses.contact for uses in both]).astype(np.int64)
    blocks = [
        (number_keys, number_rows),
        (columns.handles.contact.astype(np.int64), columns.handles.advert),
    ]
    for keys, members in blocks:
        found.append(_pairs_in_groups(keys, members, order, count, touched))
    for keys, members in _name_place_age(columns, rows):
        found.append(_pairs_in_groups(keys, members, order, count, touched))
    sketch = columns.phrases.sketch[:, :POSTINGS]
    said = sketch != MISSING
    by_hand = np.empty(count, dtype=np.int64)
    by_hand[np.lexsort((columns.first, columns.name, columns.city))] = rows
    members = np.broadcast_to(rows[:, None], sketch.shape)[said]
    found.append(_pairs_in_groups(sketch[said].astype(np.int64), members, by_hand, count, touched))
    codes = np.unique(np.concatenate(found))
    return (codes // count).astype(np.int32), (codes % count).astype(np.int32)


def _name_place_age(
    columns: Columns, rows: NDArray[np.int32]
) -> list[tuple[NDArray[np.int64], NDArray[np.int32]]]:
    """Name, city and age within a year: each advert stands under its age and the next."""
    known = (columns.name != MISSING) & (columns.city != MISSING) & (columns.age != MISSING)
    name, city = columns.name[known].astype(np.int64), columns.city[known].astype(np.int64)
    cities = int(columns.city.max(initial=0)) + 1
    # Ages are unreliable figures from pages: folded into 0..255, they only have to collide rarely.
    keys = [
        ((name * cities + city) << 8) | ((columns.age[known].astype(np.int64) + step) & 255)
        for step in (0, 1)
    ]
    return [(np.concatenate(keys), np.concatenate([rows[known], rows[known]]))]


def _pairs_in_groups(
    keys: NDArray[np.int64],
    members: NDArray[np.int32],
    order: NDArray[np.int64],
    count: int,
    touched: NDArray[np.bool_] | None,
) -> NDArray[np.int64]:
    """Codes a * count + b of the pairs within groups of equal key."""
    if touched is not None and len(keys):
        wanted = np.unique(keys[touched[members]])
        inside = np.isin(keys, wanted)
        keys, members = keys[inside], members[inside]
    sorting = np.lexsort((order[members], keys))
    keys, members = keys[sorting], members[sorting].astype(np.int64)
    size = np.diff(np.append(np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]), len(keys)))
    small = np.repeat(size <= GROUP_CAP, size)
    found = []
    for lag in range(1, GROUP_CAP):
        same = keys[lag:] == keys[:-lag]
        if lag > NEIGHBOURS:
            same &= small[lag:]
        if not same.any():
            break
        one, other = members[:-lag][same], members[lag:][same]
        if touched is not None:
            new = touched[one] | touched[other]
            one, other = one[new], other[new]
        different = one != other
        one, other = one[different], other[different]
        found.append(np.minimum(one, other) * count + np.maximum(one, other))
    return np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)
