"""The cheap first look: where in a text a phone number could stand at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from ahocorasick_rs import BytesAhoCorasick, Implementation

from pipelines.phones.normal import SOFT_DIGITS, Normal
from pipelines.phones.patterns import patterns
from pipelines.phones.places import Places
from pipelines.phones.vocabulary import has_row, segment, squeeze, vocabulary

_DIGITS = re.compile(f"[0-9{SOFT_DIGITS}]+")
_ONLY_DIGITS = bytes(48 if 48 <= code <= 57 else 32 for code in range(256))
_ONLY_LETTERS = bytes(code if 97 <= code <= 122 else 32 for code in range(256))
_SHORT = 3
"""Letters of the shortest numerals that are looked for."""
_STEMS_APART = 120
"""Characters within which a number in words has two of the numerals that are looked for."""
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
_TEN = re.compile(
    r"(?:(?:\+|00)39[ ./-]?)?3[0-9]{2}[ ./-]?(?:[0-9]{7}|[0-9]{3}[ ./-]?[0-9]{4}"
    r"|[0-9]{2}[ ./-]?[0-9]{2}[ ./-]?[0-9]{3}|[0-9]{3}[ ./-]?[0-9]{2}[ ./-]?[0-9]{2})(?![0-9])"
)
_BLANKS = re.compile(r"\s+(?=[+0-9])")
_BETWEEN = re.compile(r"(?:\s*\n\s*|[,;.]? ([a-z]{1,5})[:,]?\s|[,;] )\+?(?=[0-9])")
"""Between the numbers of a row: a line end, a comma, a short word."""
_END = re.compile(r"[.,;:!?)]*(?=\s)|[.,;:!?)]*$")
_WORD_GAP = 14
_PART = 7
"""A word that stands twice between parts of so many digits parts them: 347kiss123kiss4567."""
_BEGINNING = re.compile(r"(?<![0-9])(?:3[^0-9]*[1-9]|0|8[^0-9]*[049]|1[^0-9]*[4679])")
"""How an Italian number begins."""
_FEWEST_FROM = {"3": 9, "0": 6, "8": 6, "1": 9}
"""Digits that must follow, by the first one."""
_RUN_TOGETHER = 18
"""Digits that may be two numbers in one."""
_SIGNS = re.compile(r"[|!$\ue000-\ue009+]|[0-9][abdeghijloqstyz]|[abdeghijloqstyz][0-9]")
_LAST_WORD = re.compile(r"([a-z]+)[^a-z0-9]{0,3}$")
_NEXT_WORD = re.compile(r"[^a-z0-9]{0,3}([a-z]+)")
_NEAR = 60
"""Characters within which a text says how digits are to be read."""
_STRONG = 2
_ROW = 9
"""What a numeral counts for, and a glued row of them: enough alone; a weak one counts for one."""
_FEWEST_WORDS = 6
_WORDS_APART = 12
_SINGLE = 1 << 24
_SPELT = 8
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
_WEAK_ROW = 3
"""Of one of them in a row, which no other text has: "trois un un un"."""
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
    told = _told(normal.low)
    if any(_counted(normal.low, place)[0] >= _SPELT for place in told) and normal.join_spelt():
        told = _told(normal.low)
    low = normal.low
    sight = Sight()
    bridges = _bridges()
    start = end = -1
    count = 0
    odd = "", -1, 0
    for begin, stop in _digits(low):
        numerals = _NO_BRIDGE if end < 0 or begin - end > _APART else bridges[low[end:begin]]
        if numerals == _NO_BRIDGE:
            gap = low[end:begin] if end >= 0 and begin - end <= _WORD_GAP else ""
            if gap and gap == odd[0] and max(odd[2], count) <= _PART:
                start, count = odd[1], odd[2] + count
            else:
                if count >= _FEWEST_MIXED:
                    _close(sight, low, start, end, count)
                odd = gap, start, count
                start, count = begin, 0
        else:
            count += numerals
        end = stop
        count += stop - begin
    if count >= _FEWEST_MIXED:
        _close(sight, low, start, end, count)
    free = Places(sight.free)
    for place in told:
        if _crowded(_counted(low, place)[1]):
            sight.stretches += _near_words(low, place, free)
    if told:
        sight.stretches = _merged(sight.stretches)
    return sight


def _merged(stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches in order, those that overlap as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            begin, stop = found.pop()
            start, end = begin, max(stop, end)
        found.append((start, end))
    return found


def _counted(low: str, place: tuple[int, int]) -> tuple[int, list[int]]:
    """The single letters in a part of a text, and the numerals in each piece between blanks."""
    counts = list(map(_pieces().__getitem__, low[place[0] : place[1]].split()))
    return sum(counts) // _SINGLE, counts


def _digits(low: str) -> Iterator[tuple[int, int]]:
    """The places of the digits of a text."""
    if not low.isascii() and any(map(low.__contains__, SOFT_DIGITS)):
        yield from (match.span() for match in _DIGITS.finditer(low))
        return
    signs = low.encode("ascii", "replace").translate(_ONLY_DIGITS)
    begin = signs.find(b"0")
    while begin >= 0:
        stop = signs.find(b" ", begin)
        if stop < 0:
            stop = len(signs)
        yield begin, stop
        begin = signs.find(b"0", stop)


@cache
def _stems() -> BytesAhoCorasick:
    """An automaton that finds numerals that are met in few other words, also with a letter written
    several times; short ones at the beginning of a word or in pairs, spelt ones by three letters.
    """
    words = vocabulary()
    found: set[str] = set()
    for word in words.spellings - _WEAK:
        if len(word) < _SHORT:
            continue
        plain = squeeze(word)
        repeated = (
            plain[:place] + letter * times + plain[place + 1 :]
            for place, letter in enumerate(plain)
            for times in (2, 3)
        )
        found.update(one if len(plain) > _SHORT else " " + one for one in (word, plain, *repeated))
    found.update(" " + " ".join((word,) * _WEAK_ROW) for word in _WEAK)
    for word, numerals in words.words.items():
        if len(word) >= _SHORT and word in words.spellings:
            found.update(" " + blank.join(word[:3]) for blank in (" ", "  ", "   "))
        if numerals[0].role == "elided":
            found.add(word + "un")
    for language in set().union(*words.languages.values()):
        units = [
            word
            for word, numerals in words.words.items()
            if len(word) == _SHORT
            and numerals[0].role == "unit"
            and language in words.languages.get(word, ())
        ]
        found.update(one + other for one in units for other in units)
    stems = [stem.encode() for stem in sorted(found)]
    return BytesAhoCorasick(stems, implementation=Implementation.DFA)


def _told(low: str) -> list[tuple[int, int]]:
    """The parts of a text that can hold numerals enough for a number, or words that are spelt."""
    signs = b" " + low.encode("ascii", "replace")
    found = _stems().find_matches_as_indexes(signs.translate(_ONLY_LETTERS))
    parts: list[tuple[int, int]] = []
    last = -_STEMS_APART
    for _, start, _ in found:
        if start - last < _STEMS_APART:
            begin, end = max(0, last - _STEMS_APART), start + _STEMS_APART
            if parts and begin <= parts[-1][1]:
                begin = parts.pop()[0]
            parts.append((begin, end))
        last = start
    return [_whole(low, *part) for part in parts]


def _whole(low: str, start: int, end: int) -> tuple[int, int]:
    """The part of a text with the words whole that stand on its edges."""
    end = min(end, len(low))
    while start and low[start - 1].isalnum():
        start -= 1
    while end < len(low) and low[end].isalnum():
        end += 1
    return start, end


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
    elif _may_begin(low, start, end) and not _only_dates(low, start, end, count):
        _note(sight.stretches, start, end, low, _NARROW_MARGIN, count)


def _may_begin(low: str, start: int, end: int) -> bool:
    """Whether digits of which some could be the beginning of a number are followed by enough.

    Where numerals, letters for digits or a remark on how to read stand by, any may be.
    """
    total = sum(map(str.isdigit, low[start:end]))
    if total >= _RUN_TOGETHER or _SIGNS.search(low, max(0, start - 4), end + 2):
        return True
    left = total
    for group in _BEGINNING.finditer(low, start, end):
        left = sum(map(str.isdigit, low[group.start() : end]))
        if left >= _FEWEST_FROM[group[0][0]]:
            return True
    numerals = _numerals()
    words = _WORDS.findall(low, start, end)
    if before := _LAST_WORD.search(low, max(0, start - 24), start):
        words.append(before[1])
    if after := _NEXT_WORD.match(low, end):
        words.append(after[1])
    if any(numerals[word] or _LOOKALIKES.issuperset(word) for word in words):
        return True
    near = low[max(0, start - _NEAR) : end + _NEAR]
    return bool(patterns().remark.find_matches_as_indexes(near))


def _row(low: str, start: int, end: int) -> list[tuple[int, int]]:
    """The numbers of a row of free ones, empty when anything else is among them."""
    if pieces := _row_of_tens(low, start, end):
        return pieces
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


def _row_of_tens(low: str, start: int, end: int) -> list[tuple[int, int]]:
    """The numbers of a row in which each has ten digits and blanks follow it, empty when one has
    not.
    """
    pieces: list[tuple[int, int]] = []
    place = start
    while ten := _TEN.match(low, place):
        pieces.append((place + (low[place] == "+"), ten.end()))
        if ten.end() == end:
            free = len(pieces) > 1 and _stands_free(low, start, end)
            return pieces if free else []
        blanks = _BLANKS.match(low, ten.end())
        if blanks is None:
            return []
        place = blanks.end()
    return []


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


def _near_words(low: str, place: tuple[int, int], free: Places) -> list[tuple[int, int]]:
    """The stretches of a part of a text with several numerals, the free numbers left out."""
    count_of = _numerals()
    found: list[tuple[int, int]] = []
    start = end = -1
    count = 0
    for match in _BOTH.finditer(low, *place):
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
    start, end = _whole(low, max(start - margin, 0), end + margin)
    if found and start <= found[-1][1]:
        start = found.pop()[0]
    found.append((start, end))
