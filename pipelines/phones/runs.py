"""Cuts a text into runs: stretches of digits, number words and fillers with separators between."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.phones.normal import SOFT_DIGITS, Normal
from pipelines.phones.vocabulary import Edge, segment, vocabulary

LETTER_DIGITS = {
    "o": "0", "O": "0", "Q": "0", "D": "0", "l": "1", "I": "1", "i": "1", "L": "1", "|": "1", "!": "1",
    "z": "2", "Z": "2", "E": "3", "A": "4", "h": "4", "s": "5", "S": "5", "$": "5", "G": "6", "b": "6",
    "T": "7", "B": "8", "g": "9", "q": "9", "@": "0", "Y": "4", "j": "1", "J": "1",
}  # fmt: skip
"""Letters and signs that look like a digit; they are read so only beside digits."""
_STRONG = frozenset("oOQlIizZsSbBgGq|!$")
_GAP_LIMIT = 20
_FILLERS_IN_A_ROW = 6
_DIGIT = f"0-9{SOFT_DIGITS}"
TOKEN = re.compile(rf"[{_DIGIT}]+|[a-z\ue020]+|[|!$@](?=[{_DIGIT}a-zA-Z|!$@])")
_DIGIT_RUN_LIMIT = 44
"""A longer stretch of bare digits is no phone number, nor several."""


@dataclass(slots=True)
class Token:
    """A piece of a run: digits, or letters with their readings."""

    start: int
    end: int
    digits: bool
    numerals: tuple[Edge, ...] = ()
    letters: bool = False
    filler: bool = False

    @property
    def counts(self) -> bool:
        """Whether it can stand at the edge of a number."""
        return self.digits or bool(self.numerals) or self.letters


def tokens(normal: Normal, start: int, end: int) -> Iterator[Token | None]:
    """The tokens of `text[start:end]`, None in place of a word that is no part of a number."""
    words = vocabulary()
    low = normal.low
    for match in TOKEN.finditer(low, start, end):
        begin, stop = match.span()
        piece = match[0]
        first = piece[0]
        if first in "|!$@":
            yield Token(begin, stop, False, letters=True, filler=True)
        elif first <= "9" or first in SOFT_DIGITS:
            yield None if stop - begin > _DIGIT_RUN_LIMIT else Token(begin, stop, True)
        else:
            filler = piece in words.fillers or (stop - begin == 1 and piece in "xe")
            numerals = segment(piece)
            letters = stop - begin <= 10 and all(
                char in LETTER_DIGITS for char in normal.text[begin:stop]
            )
            if numerals or letters or filler:
                yield Token(begin, stop, False, numerals, letters, filler)
            else:
                yield None


def runs(normal: Normal, start: int, end: int) -> Iterator[list[Token]]:
    """The maximal runs of `text[start:end]` that could hold a phone number."""
    run: list[Token] = []
    fillers = 0
    for token in tokens(normal, start, end):
        if token is not None and run and token.start - run[-1].end > _GAP_LIMIT:
            yield from _finished(normal, run)
            run, fillers = [], 0
        if token is None or (fillers > _FILLERS_IN_A_ROW and not token.counts):
            yield from _finished(normal, run)
            run, fillers = [], 0
            continue
        run.append(token)
        fillers = fillers + 1 if not token.digits and not token.numerals else 0
    yield from _finished(normal, run)


def _finished(normal: Normal, run: list[Token]) -> Iterator[list[Token]]:
    """The run without what only looks like part of it, split there."""
    if not run:
        return
    part: list[Token] = []
    for index, token in enumerate(run):
        if token.letters:
            token.letters = _beside_digits(normal, run, index)
        if token.counts or token.filler:
            part.append(token)
        else:
            yield from _trimmed(part)
            part = []
    yield from _trimmed(part)


def _beside_digits(normal: Normal, run: list[Token], index: int) -> bool:
    """Whether the letters of a token stand among digits, where they may be digits themselves."""
    token = run[index]
    left = run[index - 1] if index else None
    right = run[index + 1] if index + 1 < len(run) else None
    glued = (left is not None and left.end == token.start and (left.digits or left.letters)) or (
        right is not None and right.start == token.end and (right.digits or right.letters)
    )
    if glued:
        return True
    if not all(char in _STRONG for char in normal.text[token.start : token.end]):
        return False
    return (left is not None and left.digits and token.start - left.end <= 3) or (
        right is not None and right.digits and right.start - token.end <= 3
    )


def _trimmed(part: list[Token]) -> Iterator[list[Token]]:
    first, last = 0, len(part)
    while first < last and not part[first].counts:
        first += 1
    while last > first and not part[last - 1].counts:
        last -= 1
    part = part[first:last]
    if sum(
        token.end - token.start if token.digits or token.letters else len(token.numerals)
        for token in part
    ) >= 6 and any(token.digits or token.numerals for token in part):
        yield part
