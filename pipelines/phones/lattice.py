"""The lattice of a run: which digits can be read between which places of the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from pipelines.phones.normal import SOFT_BASE, Normal
from pipelines.phones.runs import LETTER_DIGITS, Token
from pipelines.phones.shapes import LONGEST, bounds, national, shape
from pipelines.phones.vocabulary import Numeral

_WORD_COST = 0.1
_MEND_COST = 0.8
_APART_COST = 0.8
"""A numeral whose words a comma divides: "cinquanta, sette" is rather 50 7 than 57."""
_TORN_COST = 0.5
"""A numeral read without the words that complete it: 80 4 for "ottanta quattro"."""
_BROKEN_COST = 1.2
"""One written as one word and read as several: 7 109 for "settecentonove"."""
_LETTER_COST = 0.35
_SOFT_COST = 0.1
_FILLER_COST = 0.25
_SIGN_COST = 0.4
"""A sign passed over that may be a digit: ! and |."""
_DEAREST = 9.0
"""Cost that no weight makes up for."""
_SHORTEST = 6
"""Digits of the shortest number."""
_PATH_LIMIT = 1200
_PATH_LIMIT_LONG = 40
_LONG = 80
"""Steps followed from one place; fewer in a run of more tokens than any number has, so that the
time of a text that is one long row stays bearable.
"""


class Step(NamedTuple):
    """From one place to `end`, reading `digits` (none: a separator or filler)."""

    end: int
    digits: str
    cost: float = 0.0
    letters: int = 0
    words: int = 0


class Path(NamedTuple):
    """A reading from a start to `end`."""

    end: int
    digits: str
    cost: float
    letters: int
    words: int


class Lattice:
    """The steps of a run, by the place where they begin."""

    def __init__(self, normal: Normal, run: list[Token]) -> None:
        self.normal = normal
        self.steps: dict[int, list[Step]] = {}
        self._mended: set[int] = set()
        self._inside: dict[int, int] = {}
        """Places inside a word where a numeral ends, and where the word begins."""
        self._atoms: dict[int, list[tuple[int, Numeral]]] = {}
        self._gap: dict[int, int] = {}
        self._tied: dict[int, int] = {}
        self._whole: dict[int, int] = {}
        """The end of the longest numeral that is written without a gap from a place on."""
        self._run = run
        self.plus_parts = plus_parts(normal, run)
        self.plain = all(token.digits for token in run) and (
            normal.low[run[0].start : run[-1].end].isascii()
            and not long_run(normal, run)
            and not self.plus_parts
        )
        """Whether nothing but bare groups of digits is there, to be read group by group."""
        if self.plain:
            return
        before: Token | None = None
        for token in run:
            if before is not None and before.end != token.start:
                gap = normal.low[before.end : token.start]
                if self.plus_parts:
                    gap = gap.replace("+", "-")
                self._gap[before.end] = token.start
                self._add(before.end, Step(token.start, "", gap_cost(gap)))
            self._token(token)
            before = token
        for place in sorted(self._atoms):
            self._numerals(place)
        for place, end in self._tied.items():
            self.steps[place] = [
                step._replace(cost=step.cost + self._torn(place, step, end))
                for step in self.steps[place]
            ]
        self._ahead: dict[int, int] = {}
        """The most digits that can be read from a place on, to the end of the run."""
        for place in sorted(self.steps, reverse=True):
            self._ahead[place] = max(
                len(step.digits) + self._ahead.get(step.end, 0) for step in self.steps[place]
            )

    def _torn(self, place: int, step: Step, end: int) -> float:
        """What it costs that a step stops before the end of the numeral that begins with it."""
        if step.end >= end:
            return 0.0
        if self._whole.get(place, 0) > step.end:
            return _BROKEN_COST
        if len(step.digits) > 1:
            return _TORN_COST
        hundred = any(one.role == "by_hundred" for _, one in self._next(step.end, joiner=False))
        return _TORN_COST if hundred else 0.0

    def _add(self, place: int, step: Step) -> None:
        self.steps.setdefault(place, []).append(step)

    def _token(self, token: Token) -> None:
        low, text = self.normal.low, self.normal.text
        if token.digits:
            for place in range(token.start, token.end):
                char = low[place]
                if char > "9":
                    digit = str(ord(char) - SOFT_BASE)
                    self._add(place, Step(place + 1, digit, _SOFT_COST, letters=1))
                else:
                    self._add(place, Step(place + 1, char))
            return
        if token.filler:
            cost = _SIGN_COST if token.letters else _FILLER_COST
            self._add(token.start, Step(token.end, "", cost))
        if token.letters:
            for place in range(token.start, token.end):
                digit = LETTER_DIGITS[text[place]]
                self._add(place, Step(place + 1, digit, _LETTER_COST, letters=1))
        for edge in token.numerals:
            place = token.start + edge.start
            end = token.start + edge.end
            if end < token.end:
                self._inside[end] = token.start
            self._atoms.setdefault(place, []).append((end, edge.numeral))
            if edge.edits:
                self._mended.add(place)
            role = edge.numeral.role
            cost = _WORD_COST + edge.edits * _MEND_COST
            if role in ("unit", "teen", "tens", "hundred", "by_hundred"):
                self._add(place, Step(end, str(edge.numeral.value), cost, words=1))
            elif role == "joiner":
                self._add(place, Step(end, "", _FILLER_COST))

    # Numerals of several words

    def _hops(self, place: int, joiner: bool = True) -> list[int]:
        """Places where the next word of a numeral may begin, after one that ends at `place`."""
        near = [place]
        if place in self._gap:
            near.append(self._gap[place])
        found = list(near)
        if joiner:
            for start in near:
                for end, numeral in self._atoms.get(start, ()):
                    if numeral.role == "joiner":
                        found.extend(self._hops(end, joiner=False))
        return found

    def _next(self, place: int, joiner: bool = True) -> Iterator[tuple[int, Numeral]]:
        for start in self._hops(place, joiner):
            yield from self._atoms.get(start, ())

    def _numerals(self, place: int) -> None:
        found = set(self._below_thousand(place)) | set(self._repeats(place))
        for end, digits in found:
            between = self.normal.low[place:end]
            apart = " - " in between or any(char in ",.;/\n" for char in between)
            cost = _APART_COST if apart else _WORD_COST
            mended = sum(place <= one < end for one in self._mended)
            if place < self._inside.get(end, place):
                cost += _BROKEN_COST
            self._add(place, Step(end, digits, cost + mended * _MEND_COST, words=1))
            if not apart and not mended:
                self._tied[place] = max(end, self._tied.get(place, 0))
            if between.isalpha():
                self._whole[place] = max(end, self._whole.get(place, 0))

    def _below_hundred(self, place: int) -> Iterator[tuple[int, int, bool]]:
        """(end, value, whether of several words)."""
        for end, numeral in self._atoms.get(place, ()):
            value = numeral.value
            if numeral.role == "unit":
                yield end, value, False
                yield from self._unit_first(end, value)
                if value == 4:
                    for after, score in self._next(end, joiner=False):
                        if score.role == "score":
                            yield after, 80, True
                            yield from self._tens_rest(after, 80, True)
            elif numeral.role == "teen":
                yield end, value, False
                if numeral.joins:
                    for after, unit in self._next(end):
                        if unit.role == "unit" and unit.value >= 6:
                            yield after, value + unit.value, True
            elif numeral.role == "tens":
                yield end, value, False
                if not numeral.alone:
                    yield from self._tens_rest(end, value, numeral.joins)
            elif numeral.role == "elided":
                for after, unit in self._atoms.get(end, ()):
                    if unit.role == "unit" and unit.value in (1, 8):
                        yield after, value + unit.value, True

    def _unit_first(self, end: int, unit: int) -> Iterator[tuple[int, int, bool]]:
        for joined, und in self._next(end, joiner=False):
            if und.role == "joiner" and und.value == 1:
                for after, tens in self._next(joined, joiner=False):
                    if tens.role == "tens":
                        yield after, tens.value + unit, True

    def _tens_rest(self, end: int, value: int, joins: bool) -> Iterator[tuple[int, int, bool]]:
        for after, numeral in self._next(end):
            if numeral.role == "unit" and numeral.value > 0:
                yield after, value + numeral.value, True
            elif joins and numeral.role == "teen" and numeral.value < 20:
                yield after, value + numeral.value, True
                if numeral.joins:
                    for last, unit in self._next(after, joiner=False):
                        if unit.role == "unit" and unit.value >= 7:
                            yield last, value + numeral.value + unit.value, True

    def _below_thousand(self, place: int) -> Iterator[tuple[int, str]]:
        for end, value, several in self._below_hundred(place):
            if several:
                yield end, str(value)
        for end, numeral in self._atoms.get(place, ()):
            if numeral.role in ("hundred", "by_hundred"):
                yield from self._after_hundred(end, numeral.value)
            elif numeral.role == "unit" and numeral.value > 0:
                for after, hundred in self._next(end, joiner=False):
                    if hundred.role == "by_hundred":
                        yield after, str(numeral.value * 100)
                        yield from self._after_hundred(after, numeral.value * 100)

    def _after_hundred(self, end: int, value: int) -> Iterator[tuple[int, str]]:
        for start in set(self._hops(end)):
            for after, rest, _ in self._below_hundred(start):
                if rest > 0:
                    yield after, str(value + rest)

    def _repeats(self, place: int) -> Iterator[tuple[int, str]]:
        for end, numeral in self._atoms.get(place, ()):
            if numeral.role == "repeat":
                yield from self._repeated(end, numeral.value)
            elif numeral.role == "unit" and 2 <= numeral.value <= 6:
                for after, times in self._next(end, joiner=False):
                    if times.role == "times":
                        yield from self._repeated(after, numeral.value)

    def _repeated(self, place: int, count: int) -> Iterator[tuple[int, str]]:
        for start in self._hops(place, joiner=False):
            char = self.normal.low[start : start + 1]
            if char.isascii() and char.isdigit():
                yield start + 1, char * count
            for end, numeral in self._atoms.get(start, ()):
                if numeral.role == "unit":
                    yield end, str(numeral.value) * count

    # Readings

    def may_begin(self, start: int) -> bool:
        """Whether an Italian number, or one written with 00, could begin at `start`."""
        if self.plain:
            return self.normal.low[start] in "0138"
        steps = self.steps.get(start, ())
        return len(steps) > 1 or any(step.digits[:1] in "0138" for step in steps)

    def plain_paths(self, index: int, free: bool) -> Iterator[Path]:
        """The readings from token `index` on in a run of digits only: one for each token's end."""
        low = self.normal.low
        digits, cost, end = "", 0.0, -1
        for place in range(index, min(index + LONGEST, len(self._run))):
            token = self._run[place]
            if 0 <= end < token.start:
                cost += gap_cost(low[end : token.start])
            digits += low[token.start : token.end]
            end = token.end
            fewest, most = bounds(digits, free)
            if len(digits) > most:
                return
            if len(digits) >= fewest:
                yield Path(end, digits, cost, 0, 0)

    def paths(self, start: int, free: bool) -> Iterator[Path]:
        """Readings from `start` that have the length of a number; of equal ones the cheapest.

        `free`: they need not begin as Italian numbers do.
        """
        steps, ahead = self.steps, self._ahead
        if ahead.get(start, 0) < _SHORTEST:
            return
        stack = [(start, "", 0.0, 0, 0)]
        best: dict[tuple[int, str], float] = {}
        budget = _PATH_LIMIT if len(self._run) <= _LONG else _PATH_LIMIT_LONG
        while stack and budget:
            budget -= 1
            at, read, cost, letters, words = stack.pop()
            for end, more, dear, soft, told in steps.get(at, ()):
                digits = read + more
                fewest, most = bounds(digits, free)
                sum_ = cost + dear
                length = len(digits)
                if (
                    not length
                    or length > most
                    or length + ahead.get(end, 0) < (fewest if length > 1 else _SHORTEST)
                    or sum_ > _DEAREST
                ):
                    continue
                key = (end, digits)
                if best.get(key, _DEAREST) <= sum_:
                    continue
                best[key] = sum_
                stack.append((end, digits, sum_, letters + soft, words + told))
                if more and length >= fewest:
                    yield Path(end, digits, sum_, letters + soft, words + told)


_PART = 7
"""Digits of the longest part of a number that is cut into parts."""


def plus_parts(normal: Normal, run: Sequence[Token]) -> bool:
    """Whether a + parts the digits of one number: "347 + 123 + 4567", "3 + 471234567"."""
    low = normal.low
    if "+" not in low[run[0].start : run[-1].end]:
        return False
    parts = [0]
    end = run[0].start
    for token in run:
        if "+" in low[end : token.start]:
            parts.append(0)
        parts[-1] += token.size
        end = token.end
    return len(parts) > 1 and (max(parts) <= _PART or parts == [1, 9])


def gap_cost(gap: str) -> float:
    """What a separator inside a number costs: usual ones little, long and mixed ones more."""
    if len(gap) == 1:
        return 0.3 if gap == "\n" else 0.0 if gap not in ",;:" else 0.1
    cost = 0.1
    if "\n" in gap:
        cost += 0.2
    if len(gap) > 4:
        cost += 0.2
    if "+" in gap:
        cost += 6.0
    return cost


PAIR = 20
"""Digits of two mobile numbers."""
_TWO_NUMBERS = 18
"""Digits of a run from which numbers may begin and end inside a group of digits."""


def long_run(normal: Normal, run: list[Token]) -> bool:
    """Whether a run may hold two numbers without a border between them."""
    digits = sum(token.size for token in run)
    if digits == PAIR:
        borders = accumulate(token.size for token in run)
        if all(token.digits for token in run) and PAIR // 2 not in borders:
            return True
    return digits >= _TWO_NUMBERS and any(
        token.numerals
        or token.letters
        or (token.end - token.start >= 7 and not _is_whole(normal.low[token.start : token.end]))
        for token in run
    )


def _is_whole(digits: str) -> bool:
    """Whether a group of digits is a number of its own."""
    return national(digits) is not None or is_whole_mobile(digits)


def is_whole_mobile(digits: str) -> bool:
    """Whether a group of digits is a mobile number with all its digits, or one with its prefix."""
    if digits[:2] in ("00", "39") and len(digits) > 10:
        return shape(digits, False) is not None
    return len(digits) == 10 and digits[0] == "3" and national(digits) is not None
