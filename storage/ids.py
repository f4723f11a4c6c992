"""Ids made by us: 63 bits, in the order of time, known before the row is written.

An id is part of what an encrypted value is bound to (storage/crypto.py), so it must exist before
the insert. 42 bits of milliseconds last until the year 2163; 21 bits count within one, from a
random start, so that two processes whose writing follows in the same millisecond do not meet. (One
process writes at a time: storage/engine.py.)
"""

from __future__ import annotations

import secrets
import threading
import time

_EPOCH_MS = 1_704_067_200_000  # 2024-01-01 UTC
_COUNT_BITS = 21


class Ids:
    """A source of ids; each is greater than those before it. Threads may share it."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def take(self, count: int) -> range:
        """The next `count` ids."""
        with self._lock:
            start = (int(time.time() * 1000) - _EPOCH_MS) << _COUNT_BITS
            start += secrets.randbits(_COUNT_BITS - 1)
            start = max(start, self._last + 1)
            self._last = start + count - 1
            return range(start, start + count)

    def one(self) -> int:
        """The next id."""
        return self.take(1)[0]
