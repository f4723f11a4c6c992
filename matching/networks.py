"""Networks: profiles that share a number, a handle or a template text, as soft edges.

They may be organised, share a flat, or have copied a text: a network is for coordinators and
analysts to look at and never a reason to call. It joins no profiles.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matching.clusters import components
from matching.columns import MISSING, Columns

Int64s = NDArray[np.int64]

TEMPLATE_PHRASES = 6
"""Rare phrases that a text needs before it can be recognised as a template."""


def networks(columns: Columns, cluster: Int64s) -> Int64s:
    """For every row the smallest row of its network, -1 where its profile shares with no other.

    `cluster[row]` is the smallest row of the profile.
    """
    one: list[Int64s] = []
    other: list[Int64s] = []
    for key, rows in (
        (columns.numbers.contact, columns.numbers.advert),
        (columns.handles.contact, columns.handles.advert),
        _templates(columns),
    ):
        order = np.argsort(key, kind="stable")
        key, profile = key[order], cluster[rows[order]]
        linked = (key[1:] == key[:-1]) & (profile[1:] != profile[:-1])
        one.append(profile[:-1][linked])
        other.append(profile[1:][linked])
    a, b = np.concatenate(one), np.concatenate(other)
    label = components(len(columns), a, b)[cluster]
    shared = np.zeros(len(columns), dtype=np.bool_)
    shared[a] = shared[b] = True
    label[~shared[cluster]] = MISSING
    return label


def _templates(columns: Columns) -> tuple[Int64s, NDArray[np.int32]]:
    """(key, row) of adverts whose rarest phrases are exactly another's, names and order aside."""
    sketch = columns.texts.known
    rows = np.flatnonzero((sketch != 0).sum(axis=1) >= TEMPLATE_PHRASES)
    # The hashes of a set of phrases, whichever their order, in one number.
    with np.errstate(over="ignore"):
        spread = (sketch[rows].astype(np.int64) + 1) * 0x5851F42D4C957F2D
        key = (spread ^ (spread >> 29)).sum(axis=1)
    return key, rows.astype(np.int32)
