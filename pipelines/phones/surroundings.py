"""Weighs a reading in its text: what speaks for it and against it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from pipelines.phones import context
from pipelines.phones.choice import THRESHOLD, Reading
from pipelines.phones.lattice import PAIR, Path, is_whole_mobile, long_run
from pipelines.phones.normal import TO_ASCII, Normal
from pipelines.phones.runs import Token
from pipelines.phones.shapes import Shape, shape
from pipelines.phones.vocabulary import vocabulary

CUE_WEIGHT = 2.0
LABEL_WEIGHT = 8.0
LOOSE_WEIGHT = 2.0
"""What an international reading loses when its + may stand between two numbers."""
_CUT = 30.0
_CUT_FROM = 4
"""Digits of the shortest group that is cut between two numbers."""
_CODE = 7.0
_EXCLAIMED = 6.0
"""For a ! at the end, read as 1, where no other sign stands for a digit."""
_LISTED_SIZE = 3
_ROW = 13
"""Groups of two or three digits in a row that are rather a table than phone numbers."""
_ROW_SINGLE = 40
"""Single digits in a row that are rather a table: more than three numbers have."""
_ROW_WEIGHT = 3.0
_WHOLE = 9
_GLUED_LIMIT = 24
_MOST_FOR = 3.2
"""The most that a cue and the grouping can add to a reading."""


class Surroundings:
    """A run in its text: where numbers may begin and end, and what speaks for and against."""

    def __init__(self, normal: Normal, run: list[Token], hints: context.Hints) -> None:
        self.normal = normal
        self.run = run
        self.start, self.end = run[0].start, run[-1].end
        self.hints = hints
        self.starts: list[tuple[int, int]] = []
        self.ends: dict[int, int] = {}
        cuts = long_run(normal, run)
        pair = sum(token.size for token in run) == PAIR
        for index, token in enumerate(run):
            if not token.counts:
                continue
            self.starts.append((token.start, index))
            self.ends[token.end] = index
            if (
                cuts
                and token.digits
                and token.end - token.start >= _CUT_FROM
                and (pair or not is_whole_mobile(normal.low[token.start : token.end]))
            ):
                for place in range(token.start + 1, token.end):
                    self.starts.append((place, index))
                    self.ends.setdefault(place, index)
            if len(token.numerals) > 9:
                for edge in token.numerals[1:]:
                    place = token.start + edge.start
                    if place != token.start and (place, index) not in self.starts:
                        self.starts.append((place, index))
                    self.ends.setdefault(place, index)
        self._cues: dict[int, bool] = {}
        self._cues_after: dict[int, bool] = {}
        self._labels: dict[int, bool] = {}

    @cached_property
    def amount(self) -> list[bool]:
        """Which tokens are a price, an age, a measure or an hour."""
        if len(self.run) == 1:
            return [False]
        places = context.amounts(self.normal, self.start, self.end)
        return [
            places.meet(token.start, token.end)
            or (bool(token.numerals) and context.worth(self.normal, token.end))
            for token in self.run
        ]

    @cached_property
    def listed(self) -> list[bool]:
        """Which tokens belong to a list that only counts."""
        if len(self.run) < 3:
            return [False] * len(self.run)
        if context.listed_before(self.normal, self.start) and all(
            token.digits and token.size <= _LISTED_SIZE for token in self.run
        ):
            return [True] * len(self.run)
        return _enumerated(self.normal, self.run)

    @cached_property
    def row(self) -> bool:
        """Whether the run is a row of small numbers, longer than a phone number has groups."""
        sizes = [token.size for token in self.run if token.digits]
        return (
            sum(2 <= size <= _LISTED_SIZE for size in sizes) >= _ROW
            or sizes.count(1) >= _ROW_SINGLE
        )

    def plus_before(self, start: int, index: int) -> bool:
        """Whether a + stands before a token, or is told there, or (39) stands for it."""
        if start != self.run[index].start:
            return False
        before = self.normal.low[max(0, start - 4) : start]
        if start and self.normal.low[start - 1 : start + 3] == "(39)":
            return True
        if "+" in before and before[before.rindex("+") + 1 :].strip(" (\u00a0") == "":
            return True
        if index == 0 and start and before[-1:] == " ":
            words = self.normal.low[max(0, start - 6) : start].split()
            return words[-1:] != [] and words[-1] in vocabulary().plus
        return False

    def plus_is_loose(self, index: int) -> bool:
        """Whether the + before a token may as well stand between two numbers."""
        if sum(token.size for token in self.run[:index]) < _CUT_FROM:
            return False
        gap = self.normal.low[self.run[index - 1].end : self.run[index].start]
        return gap.endswith("+ ") or gap == "+"

    def _cue(self, start: int) -> bool:
        if start not in self._cues:
            self._cues[start] = context.cue_before(self.normal, start)
        return self._cues[start]

    def _cue_after(self, end: int) -> bool:
        if end not in self._cues_after:
            self._cues_after[end] = context.cue_after(self.normal, end)
        return self._cues_after[end]

    def _labelled(self, start: int) -> bool:
        if start not in self._labels:
            self._labels[start] = context.labelled(self.normal, start)
        return self._labels[start]

    def weigh(
        self, start: int, index: int, path: Path, plus: bool, less: float = 0.0
    ) -> Reading | None:
        """The reading of a path, None when its digits have no shape or the context forbids."""
        found, extra = self._shape(path.digits, plus)
        extra -= less
        if found is None:
            return None
        if found.weight + extra - path.cost + _MOST_FOR < THRESHOLD:
            return None
        last = self.ends[path.end]
        tokens = self.run[index : last + 1]
        cue = self._cue(start) or self._cue_after(path.end)
        if found.needs_cue and not cue and not plus:
            return None
        weight = found.weight + extra - path.cost + (CUE_WEIGHT if cue else 0.0)
        weight -= 2.5 * sum(self.amount[index : last + 1])
        if any(self.listed[index : last + 1]):
            weight -= 6.0
        if self._labelled(start):
            weight -= LABEL_WEIGHT
        weight += _grouping(tokens, found)
        if self.row and not cue:
            weight -= _ROW_WEIGHT
        if found.line == "fixed" and not cue and "," in self.normal.low[start : path.end]:
            weight -= 2.0
        hard = len(path.digits) - path.letters
        if path.letters and hard < 4 and not path.words:
            weight -= 3.0
        if path.letters == 1 and self.normal.low[path.end - 1] == "!":
            weight -= _EXCLAIMED
        if found.rule != "mobile" and context.masked_after(
            self.normal, path.end, whole=found.line == "foreign" or len(path.digits) >= _WHOLE
        ):
            weight -= 6.0
        glue = self._glue(start, index, path.end)
        weight -= glue
        if weight < THRESHOLD:
            return None
        inside = start != self.run[index].start
        before = start if inside or index == 0 else self.run[index - 1].end
        return Reading(
            start, path.end, before, found, path, weight,
            self._left(start, index, tokens), self._right(path.end, last, tokens), cue, glue > 0,
        )  # fmt: skip

    def _shape(self, digits: str, plus: bool) -> tuple[Shape | None, float]:
        hints = self.hints
        if hints.reversed:
            turned = shape(digits[::-1], plus)
            if turned is not None:
                return _renamed(turned, "reversed"), 0.0
            return shape(digits, plus), -4.0
        if (hints.front or hints.back) and not plus:
            full = shape(hints.front + digits + hints.back, plus)
            if full is not None and full.line == "mobile" and full.rule != "mobile_9":
                return _renamed(full, "hint"), 0.0
        return shape(digits, plus), 0.0

    def _glue(self, start: int, index: int, end: int) -> float:
        """What it costs that letters touch the number: little for a word, all for a code."""
        text, low = self.normal.text, self.normal.low
        cost = 0.0
        parted = index == 0 or self.run[index - 1].end < start or not self.run[index - 1].counts
        if start and parted and start == self.run[index].start:
            char = low[start - 1]
            if char.isalpha():
                begin = start - 1
                while begin and low[begin - 1].isalpha() and start - begin < _GLUED_LIMIT:
                    begin -= 1
                word = text[begin:start]
                if context.is_cue(word.lower()):
                    pass
                elif word == "v" or (begin and low[begin - 1].isdigit()):
                    cost += _CODE
                else:
                    cost += 4.5 if word.isupper() and len(word) <= 3 else 1.0
            elif char in "=_\\#/`":
                cost += 3.0
        if end == self.end and end < len(low):
            char = low[end]
            if char.isalpha():
                stop = end + 1
                while stop < len(low) and low[stop].isalpha() and stop - end < _GLUED_LIMIT:
                    stop += 1
                word = low[end:stop]
                if stop < len(low) and low[stop].isdigit():
                    cost += 0.5 if context.is_cue(word) else _CODE
                else:
                    cost += 1.0 if len(word) > 1 else 3.0
            elif char == "`" or (char in "=_\\" and low[end + 1 : end + 2].isalnum()):
                cost += 3.0
        return cost

    def _left(self, start: int, index: int, tokens: Sequence[Token]) -> float:
        if start != self.run[index].start:
            return _CUT
        if index == 0:
            return 0.0
        neighbour = self.run[index - 1]
        return self._outside(neighbour, index - 1, neighbour.end, start, tokens[0])

    def _right(self, end: int, index: int, tokens: Sequence[Token]) -> float:
        if end != self.run[index].end:
            return _CUT
        if index + 1 == len(self.run):
            return 0.0
        neighbour = self.run[index + 1]
        return self._outside(neighbour, index + 1, end, neighbour.start, tokens[-1])

    def _outside(self, other: Token, at: int, end: int, start: int, own: Token) -> float:
        """The cost of a neighbour in the run that stays outside, beyond `text[end:start]`."""
        if other.filler and not other.numerals:
            glued = start == end and self.normal.low[other.start : other.end] == "x"
            return 5.0 if glued else 0.0
        if self.amount[at]:
            return 0.0
        if other.numerals and other.numerals[0].edits:
            return 0.0
        if other.numerals and start != end:
            return 1.0 if other.end < own.start else 2.5
        gap = self.normal.low[end:start]
        if not gap:
            return 6.0
        if other.single and self.normal.low[other.end : other.end + 1] == ")":
            return 0.0
        if other.letters and not other.digits and (gap in "'’" or gap.isspace()):
            return 1.0 if gap.isspace() else 0.0
        if "\n" in gap or "+" in gap:
            return 0.7
        if gap == "/" and other.end - other.start <= 2 and end == own.end:
            return 2.5
        if " " not in gap:
            return 5.0
        cost = 2.5 if gap == " " else 1.5
        if own.end - own.start == 1 and other.end - other.start == 1:
            cost += 3.0
        return cost


def _enumerated(normal: Normal, run: Sequence[Token]) -> list[bool]:
    """Which tokens belong to a list that only counts: 1 2 3 4 5 6 7, sizes 38 40 42 44 46."""
    marks = [False] * len(run)
    values = [
        int(normal.low[token.start : token.end].translate(TO_ASCII))
        if token.digits and token.end - token.start <= 3
        else None
        for token in run
    ]
    begin = 0
    for index in range(1, len(run) + 1):
        step = _step(values, begin, begin + 1)
        if index < len(run) and step and _step(values, index - 1, index) == step:
            continue
        length = index - begin
        first = values[begin]
        if step and first is not None and length >= (5 if first >= 10 else 7):
            marks[begin:index] = [True] * length
        begin = max(index - 1, begin + 1)
    return marks


def _step(values: Sequence[int | None], left: int, right: int) -> int:
    """The difference of two neighbours in a list, 0 when it is no step of a list."""
    if right >= len(values):
        return 0
    first, second = values[left], values[right]
    if first is None or second is None or abs(second - first) > 10:
        return 0
    return second - first


def _renamed(found: Shape, rule: str) -> Shape:
    return Shape(found.value, found.line, found.weight - 1.0, rule, found.needs_cue)


def _grouping(tokens: Sequence[Token], found: Shape) -> float:
    """What the way of grouping speaks for or against."""
    groups = [token for token in tokens if token.digits]
    if len(groups) != len(tokens):
        return 0.0
    sizes = [token.end - token.start for token in groups]
    if found.line == "mobile" and found.rule == "mobile_9":
        return 1.2 if len(sizes) >= 2 and sizes[0] == 3 else 0.0
    if found.line == "tollfree":
        return 0.8 if len(sizes) == 1 else 0.0
    if found.line == "fixed":
        if len(sizes) == 2 and 2 <= sizes[0] <= 4 and sizes[1] >= 5:
            return 1.0
        if sizes == [5, 4]:
            return -3.0
        return -1.0 if sizes[0] == 1 else 0.0
    return 0.0
