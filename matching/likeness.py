"""Which names are one name varied: giulia and giulieta, bea and beatrice, nesa and vanesa."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import JaroWinkler
from rapidfuzz.process import cpdist

Codes = NDArray[np.int32]
Mask = NDArray[np.bool_]

SIMILAR = 0.86
"""Jaro-Winkler similarity from which two names are one name varied (giulia, giulieta)."""


class Likeness:
    """Compares couples of `names`, given by their places in it, each couple once."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = list(names)
        self._written = np.array(self._names or [""], dtype=np.str_)
        self._stems = np.array([_stem(name) for name in self._names] or [""], dtype=np.str_)
        self._length = np.strings.str_len(self._written)
        # Couples asked about so far, ascending, and what was found.
        self._known = np.zeros(0, np.int64), np.zeros(0, np.bool_)
        self._lock = Lock()

    def __call__(self, left: Codes, right: Codes) -> Mask:
        """For each couple of different names, whether the two are one varied."""
        width = len(self._written)
        couple = np.minimum(left, right).astype(np.int64) * width + np.maximum(left, right)
        asked, where = np.unique(couple, return_inverse=True)
        with self._lock:
            couples, found = self._known
            new = np.setdiff1d(asked, couples, assume_unique=True)
            if len(new):
                couples = np.concatenate([couples, new])
                found = np.concatenate([found, self._compared(new // width, new % width)])
                order = np.argsort(couples)
                self._known = couples, found = couples[order], found[order]
        answers: Mask = found[np.searchsorted(couples, asked)][where]
        return answers

    def _compared(self, one: NDArray[np.int64], other: NDArray[np.int64]) -> Mask:
        names = self._names
        alike: Mask = (
            cpdist(
                [names[code] for code in one.tolist()],
                [names[code] for code in other.tolist()],
                scorer=JaroWinkler.normalized_similarity,
                dtype=np.float32,
            )
            >= SIMILAR
        )
        swapped = self._length[one] > self._length[other]
        short, long = np.where(swapped, other, one), np.where(swapped, one, other)
        return alike | self._short_for(short, long)

    def _short_for(self, short: NDArray[np.int64], long: NDArray[np.int64]) -> Mask:
        """Whether one name is the other shortened: bea of beatrice, lori of lorena, nesa of vanesa.

        A beginning may be three letters long; an end takes four, or half the town would be Lia.
        """
        whole, stem, name = self._written[long], self._stems[short], self._written[short]
        begins = (np.strings.str_len(stem) >= 3) & np.strings.startswith(whole, stem)
        ends = (self._length[short] >= 4) & np.strings.endswith(whole, name)
        found: Mask = (self._length[short] < self._length[long]) & (begins | ends)
        return found


def _stem(name: str) -> str:
    return name[:-1] if name.endswith("i") or len(name) > 4 else name
