"""The cheap first look: where in a text a phone number could stand at all."""

from __future__ import annotations

import re
from functools import cache

from pipelines.phones.normal import SOFT_DIGITS, Normal
from pipelines.phones.vocabulary import has_row, segment, vocabulary

_DIGITS = re.compile(f"[0-9{SOFT_DIGITS}]+")
_WORDS = re.compile(r"[a-z]+")
_BOTH = re.compile(f"[0-9{SOFT_DIGITS}]+|[a-z]+")
_APART = 34
"""Characters between digits of one number, number words and fillers among them."""
_FEWEST = 6
"""Digits and numerals that are enough to look closer."""
_FEWEST_MIXED = 3
_MIXED = re.compile(
    f"(?<![a-z])(?=[a-z|!$]*[0-9{SOFT_DIGITS}])(?=[0-9{SOFT_DIGITS}]*[a-z|!$])"
    f"[0-9{SOFT_DIGITS}abdeghijloqstyz|!$]{{3,}}(?![a-z])"
)
"""Letters that look like digits among digits: fewer of these are enough."""
_STRONG = 2
_ROW = 9
"""What a numeral counts for, and a glued row of them: enough alone; a weak one counts for one."""
_FEWEST_WORDS = 6
_MARGIN = 48
_NARROW_MARGIN = 20
_LOOKALIKES = frozenset("bgiloqsz")
"""Letters, in lower case, that may stand for a digit even when they stand alone."""
_NO_BRIDGE = -1
_WEAK = frozenset(
    "un una um uma une ein eine et and und hun ses set vin dis sis ori six ate ten on uno".split()
)
"""Numerals that are met in any text: they alone do not make it worth a reading."""
_REMEMBERED = 50_000


class _Numerals(dict[str, int]):
    """What a word counts for as a numeral; worked out when it is first met."""

    def __missing__(self, word: str) -> int:
        count = 0
        if word in vocabulary().spellings:
            count = _STRONG if len(word) >= 3 and word not in _WEAK else 1
        elif len(word) >= 5 and (edges := segment(word)):
            count = _ROW if len(edges) >= 5 else _STRONG
        elif has_row(word):
            count = _ROW
        if len(self) >= _REMEMBERED:
            self.clear()
        if len(word) < 40:
            self[word] = count
        return count


class _Bridges(dict[str, int]):
    """What stands between two groups of digits, worked out when first met: the numerals that a gap
    counts for, `_NO_BRIDGE` when a word in it can be no part of a number.
    """

    def __missing__(self, gap: str) -> int:
        words = _WORDS.findall(gap)
        numerals = _numerals()
        bridges = all(map(self._may_stand, words))
        count = sum(map(numerals.__getitem__, words)) if bridges else _NO_BRIDGE
        if len(self) >= _REMEMBERED:
            self.clear()
        self[gap] = count
        return count

    @staticmethod
    def _may_stand(word: str) -> bool:
        return (
            len(word) <= 2
            or word in vocabulary().fillers
            or (len(word) <= 5 and _LOOKALIKES.issuperset(word))
            or _numerals()[word] > 0
        )


@cache
def _bridges() -> _Bridges:
    return _Bridges()


@cache
def _numerals() -> _Numerals:
    return _Numerals()


def windows(normal: Normal) -> list[tuple[int, int]]:
    """Stretches that may hold a number, in order and disjoint; everything else need not be read.

    A stretch is where digits and numerals stand close together and are enough for a number.
    """
    low = normal.low
    count_of = _numerals()
    words = sum(map(count_of.__getitem__, _WORDS.findall(low)))
    if words >= _FEWEST_WORDS:
        return _near_words(low)
    bridges = _bridges()
    margin = _MARGIN if words else _NARROW_MARGIN
    found: list[tuple[int, int]] = []
    start = end = -1
    count = 0
    for match in _DIGITS.finditer(low):
        begin, stop = match.span()
        numerals = _NO_BRIDGE if end < 0 or begin - end > _APART else bridges[low[end:begin]]
        if numerals == _NO_BRIDGE:
            if count >= _FEWEST_MIXED:
                _note(found, start, end, low, margin, count)
            start, count = begin, 0
        else:
            count += numerals
        end = stop
        count += stop - begin
    _note(found, start, end, low, margin, count)
    return found


def _near_words(low: str) -> list[tuple[int, int]]:
    """The stretches of a text with several numerals."""
    count_of = _numerals()
    found: list[tuple[int, int]] = []
    start = end = -1
    count = 0
    for match in _BOTH.finditer(low):
        begin, stop = match.span()
        piece = match[0]
        value = count_of[piece] if "a" <= piece[0] <= "z" else stop - begin
        if not value:
            continue
        if end < 0 or begin - end > _APART:
            _note(found, start, end, low, _MARGIN, count)
            start, count = begin, 0
        end = stop
        count += value
    _note(found, start, end, low, _MARGIN, count)
    return found


def _note(
    found: list[tuple[int, int]], start: int, end: int, low: str, margin: int, count: int
) -> None:
    """Adds a stretch that holds enough, with the words beside it, whole ones."""
    if count < _FEWEST_MIXED or (
        count < _FEWEST and not _MIXED.search(low, max(0, start - 4), end + 4)
    ):
        return
    start, end = max(start - margin, 0), min(end + margin, len(low))
    while start and low[start - 1].isalnum():
        start -= 1
    while end < len(low) and low[end].isalnum():
        end += 1
    if found and start <= found[-1][1]:
        start = found.pop()[0]
    found.append((start, end))
