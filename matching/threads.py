"""Sharing work out over the cores: arrays are compared and sorted while Python waits."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Given = TypeVar("_Given")
_Found = TypeVar("_Found")

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
"""Cores that this process may use."""


def in_threads(work: Callable[[_Given], _Found], given: Iterable[_Given]) -> Iterator[_Found]:
    """What `work` makes of each thing given, in their order, on all cores at once."""
    with ThreadPoolExecutor(CORES) as pool:
        yield from pool.map(work, given)
