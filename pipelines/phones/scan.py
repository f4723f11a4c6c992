"""The cheap first look: where in a text a phone number could stand at all."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from pipelines.phones.normal import SOFT_DIGITS, Normal
from pipelines.phones.patterns import patterns
from pipelines.phones.places import Places
from pipelines.phones.vocabulary import has_row, segment, vocabulary

_DIGITS = re.compile(f"[0-9{SOFT_DIGITS}]+")
_ASCII_DIGITS = re.compile("[0-9]+")
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
_FREE = re.compile(
    r"(?:(?:00)?39[ ./-]?)?3[0-9]{2}[ ./-]?(?:[0-9]{6,7}|[0-9]{3}[ ./-]?[0-9]{3,4}"
    r"|[0-9]{2}[ ./-]?[0-9]{2}[ ./-]?[0-9]{2,3}|[0-9]{3}[ ./-]?[0-9]{2}[ ./-]?[0-9]{2})"
)
_BETWEEN = re.compile(r"(?:\s*\n\s*|[,;.]? ([a-z]{1,5})[:,]?\s|[,;] )\+?(?=[0-9])")
"""Between the numbers of a row: a line end, a comma, a short word."""
_END = re.compile(r"[.,;:!?)]*(?=\s)|[.,;:!?)]*$")
_FEWEST_CHANGED = 8
"""Digits that may be a number read backwards or completed."""
_BEGINNING = re.compile(
    r"[+\ue000-\ue009]|(?<![0-9])(?:0|3[^0-9]*[1-9]|8[^0-9]*[049]|1[^0-9]*[4679])"
)
"""How a number begins."""
_LETTER = re.compile(r"[a-z|!$]")
_STRONG = 2
_ROW = 9
"""What a numeral counts for, and a glued row of them: enough alone; a weak one counts for one."""
_FEWEST_WORDS = 6
_WORDS_APART = 12
_SINGLE = 1 << 24
_SPELT = 18
"""Single letters from which words may be spelt."""
_MARGIN = 48
_NARROW_MARGIN = 24
_LOOKALIKES = frozenset("bgiloqsz")
"""Letters, in lower case, that may stand for a digit even when they stand alone."""
_NO_BRIDGE = -1
_WEAK = frozenset(
    "un una um uma une ein eine et and und hun ses set vin dis sis ori six ate ten on uno cento"
    " cent".split()
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


class _Pieces(dict[str, int]):
    """What a piece between blanks counts for: numerals, and `_SINGLE` for each single letter."""

    def __missing__(self, piece: str) -> int:
        words = _WORDS.findall(piece)
        singles = sum(len(word) == 1 for word in words)
        count = sum(map(_numerals().__getitem__, words)) + _SINGLE * singles
        if len(self) >= _REMEMBERED:
            self.clear()
        if len(piece) < 40:
            self[piece] = count
        return count


@cache
def _pieces() -> _Pieces:
    return _Pieces()


@cache
def _bridges() -> _Bridges:
    return _Bridges()


@cache
def _numerals() -> _Numerals:
    return _Numerals()


@dataclass(slots=True)
class Sight:
    """What the first look finds: `stretches` to be read closely, in order and disjoint, and `free`
    numbers, mobile ones written in the usual way with nothing near that could belong to them.
    """

    stretches: list[tuple[int, int]] = field(default_factory=list)
    free: list[tuple[int, int]] = field(default_factory=list)


def look(normal: Normal) -> Sight:
    """Where digits and numerals stand close together and are enough for a number."""
    pieces = _pieces()
    counts = list(map(pieces.__getitem__, normal.low.split()))
    singles, words = divmod(sum(counts), _SINGLE)
    if singles >= _SPELT:
        normal.join_spelt()
        counts = list(map(pieces.__getitem__, normal.low.split()))
        words = sum(counts) % _SINGLE
    low = normal.low
    sight = Sight()
    bridges = _bridges()
    start = end = -1
    count = 0
    for match in (_ASCII_DIGITS if low.isascii() else _DIGITS).finditer(low):
        begin, stop = match.span()
        numerals = _NO_BRIDGE if end < 0 or begin - end > _APART else bridges[low[end:begin]]
        if numerals == _NO_BRIDGE:
            if count >= _FEWEST_MIXED:
                _close(sight, low, start, end, count)
            start, count = begin, 0
        else:
            count += numerals
        end = stop
        count += stop - begin
    if count >= _FEWEST_MIXED:
        _close(sight, low, start, end, count)
    if words >= _FEWEST_WORDS and _crowded(counts):
        sight.stretches = _near_words(low, Places(sight.free))
    return sight


def _crowded(counts: list[int]) -> bool:
    """Whether numerals enough for a number stand within a few words of each other."""
    together = last = 0
    for place, count in enumerate(counts):
        numerals = count % _SINGLE
        if numerals:
            together = numerals if place - last > _WORDS_APART else together + numerals
            last = place
            if together >= _FEWEST_WORDS:
                return True
    return False


def _close(sight: Sight, low: str, start: int, end: int, count: int) -> None:
    """Puts digits that stand close together where they belong: free, to be read, or nowhere."""
    if count >= 10 and _FREE.fullmatch(low, start, end) and _stands_free(low, start, end):
        sight.free.append((start, end))
    elif count >= 20 and (row := _row(low, start, end)):
        sight.free += row
    elif not _only_dates(low, start, end, count):
        _note(sight.stretches, start, end, low, _NARROW_MARGIN, count)


def _row(low: str, start: int, end: int) -> list[tuple[int, int]]:
    """The numbers of a row of free ones, empty when anything else is among them."""
    pieces: list[tuple[int, int]] = []
    for gap in _BETWEEN.finditer(low, start, end):
        if gap[1] and _numerals()[gap[1]]:
            return []
        pieces.append((start, gap.start()))
        start = gap.end()
    pieces.append((start, end))
    free = len(pieces) > 1 and all(
        _FREE.fullmatch(low, *piece)
        and _stands_free(low, *piece)
        and sum(map(str.isdigit, low[piece[0] : piece[1]])) >= 10
        for piece in pieces
    )
    return pieces if free else []


def _only_dates(low: str, start: int, end: int, count: int) -> bool:
    """Whether digits that seem enough for a number are dates and hours."""
    if count < _FEWEST or not patterns().dated.search(low, start, end):
        return False
    dates = [match[0] for match in patterns().date.finditer(low, start, end)]
    return count - sum(map(str.isdigit, "".join(dates))) < _FEWEST_MIXED


def _stands_free(low: str, start: int, end: int) -> bool:
    """Whether nothing touches the digits but blanks and the marks of a sentence."""
    if start and low[start - 1] == "+":
        start -= 1
    return (not start or low[start - 1] in " \n\t(:,;") and (_END.match(low, end) is not None)


def _near_words(low: str, free: Places) -> list[tuple[int, int]]:
    """The stretches of a text with several numerals, the free numbers left out."""
    count_of = _numerals()
    found: list[tuple[int, int]] = []
    start = end = -1
    count = 0
    for match in _BOTH.finditer(low):
        begin, stop = match.span()
        piece = match[0]
        value = count_of[piece] if "a" <= piece[0] <= "z" else stop - begin
        if not value or free.meet(begin, stop):
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
    if (
        count < _FEWEST_CHANGED
        and not _BEGINNING.search(low, max(0, start - 2), end)
        and not _LETTER.search(low, max(0, start - 8), end + 1)
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
