"""Places in a text, asked for quickly: sorted, merged, searched by bisection."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable


class Places:
    """A set of half-open ranges of a text; touching ones are not merged, overlapping ones are."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(ranges):
            if self._ends and start < self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def __bool__(self) -> bool:
        return bool(self._starts)

    def meet(self, start: int, end: int) -> bool:
        """Whether any of them shares a character with `text[start:end]`."""
        index = bisect_left(self._ends, start + 1)
        return index < len(self._starts) and self._starts[index] < end
