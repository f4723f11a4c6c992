"""Cuts a text into runs: stretches of digits, number words and fillers with separators between."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from pipelines.phones import context
from pipelines.phones.normal import OTHER_LETTER, SOFT_DIGITS, Normal
from pipelines.phones.vocabulary import Edge, has_row, segment, squeeze, vocabulary

LETTER_DIGITS = {
    "o": "0", "O": "0", "Q": "0", "D": "0", "@": "0",
    "l": "1", "I": "1", "i": "1", "L": "1", "|": "1", "!": "1", "j": "1", "J": "1",
    "z": "2", "Z": "2", "E": "3", "A": "4", "h": "4", "Y": "4", "s": "5", "S": "5", "$": "5",
    "G": "6", "b": "6", "T": "7", "B": "8", "g": "9", "q": "9",
}  # fmt: skip
"""Letters and signs that look like a digit; they are read so only beside digits."""
LETTERS = frozenset(LETTER_DIGITS)
_LOWER_LETTERS = frozenset(letter.lower() for letter in LETTERS)
_STRONG = frozenset("oOQlIizZsSbBgGq|!$")
_GAP_LIMIT = 20
_FILLERS_IN_A_ROW = 6
_ROUND = frozenset("olizsbqg")
"""Letters that beside digits are rather digits than part of a numeral: o7O is 070, not otto."""
_FEW = 3
_ENOUGH = 9
"""Digits that make a number without the signs between them."""
_MENDS = 40
"""Misspelt words that are looked up for one text, so that its time stays linear."""
_DIGIT = f"0-9{SOFT_DIGITS}"
_SIGN = "|!$@"
_TOKEN = re.compile(
    rf"[{_DIGIT}]+|[a-z\ue020]+|[{_SIGN}](?=[{_DIGIT}a-z{_SIGN}])|(?<=[{_DIGIT}a-z])[{_SIGN}]"
    r"|(?<=[ ._-])\|(?=[ ._-])"
)
_CROWD = 240
_CROWD_SIZE = 3
"""A run of more tokens, of fewer digits each on average, is a table or a game and no number."""
_DIGIT_RUN_LIMIT = 44
"""A longer stretch of bare digits is no phone number, nor several."""
_LEET = re.compile(r"(?<![a-z\d])(?=\d*[a-z])(?=[a-z]*\d)[a-z\d]{3,60}(?![a-z\d])")
_MIXED = re.compile(r"[a-z]\d|\d[a-z]")
_REMEMBERED = 50_000
_LEET_LETTERS = str.maketrans("013457", "oieast")


class Token:
    """A piece of a run: digits, or letters with their readings.

    `counts`: it can stand at the edge of a number; `unknown`: it is no part of one as it is
    written.
    """

    __slots__ = ("counts", "digits", "end", "filler", "letters", "numerals", "start", "unknown")

    def __init__(
        self,
        start: int,
        end: int,
        digits: bool,
        numerals: tuple[Edge, ...] = (),
        letters: bool = False,
        filler: bool = False,
    ) -> None:
        self.start = start
        self.end = end
        self.digits = digits
        self.numerals = numerals
        self.letters = letters
        self.filler = filler
        self.settle()

    def settle(self) -> None:
        """Brings `counts` and `unknown` up to date with the readings."""
        self.counts = self.digits or self.letters or bool(self.numerals)
        self.unknown = not (self.counts or self.filler)

    @property
    def size(self) -> int:
        """The digits it holds, about."""
        return self.end - self.start if self.digits or self.letters else len(self.numerals)

    @property
    def single(self) -> bool:
        """Whether it is one digit, in a figure or a word."""
        if self.digits:
            return self.end - self.start == 1
        return any(
            edge.numeral.role == "unit" and edge.end - edge.start == self.end - self.start
            for edge in self.numerals
        )


class _Words(dict[str, tuple[bool, bool, tuple[Edge, ...]]]):
    """What a word can be: a filler, letters for digits, numerals; worked out when first met."""

    def __missing__(self, word: str) -> tuple[bool, bool, tuple[Edge, ...]]:
        kind = (
            word in vocabulary().fillers or word == "x",
            len(word) <= 10 and _LOWER_LETTERS.issuperset(word),
            segment(word),
        )
        if len(self) >= _REMEMBERED:
            self.clear()
        if len(word) < 40:
            self[word] = kind
        return kind


@cache
def _words() -> _Words:
    return _Words()


class RunFinder:
    """Finds the runs of one text."""

    def __init__(self, normal: Normal) -> None:
        self.normal = normal
        self.mends = _MENDS

    def runs(self, start: int, end: int) -> Iterator[list[Token]]:
        """The maximal runs of `text[start:end]` that could hold a phone number."""
        run: list[Token] = []
        fillers = stop = 0
        unknown = False
        for token in self._tokens(start, end):
            if run and (
                token.start - stop > _GAP_LIMIT
                or (unknown and token.unknown and not self._both_misspelt(run, token))
                or fillers > _FILLERS_IN_A_ROW
            ):
                if len(run) > 1 or run[0].digits or run[0].numerals:
                    yield from self._finished(run)
                run = [token]
                fillers = 0
            else:
                run.append(token)
            fillers = 0 if token.digits or token.numerals else fillers + 1
            stop, unknown = token.end, token.unknown
        yield from self._finished(run)

    def _tokens(self, start: int, end: int) -> Iterator[Token]:
        words = _words()
        joiners = vocabulary().joiners
        text, low = self.normal.text, self.normal.low
        leet = self._leet(start, end) if _MIXED.search(low, start, end) else {}
        done = 0
        for match in _TOKEN.finditer(low, start, end):
            begin, stop = match.span()
            if begin < done:
                continue
            piece = match[0]
            first = piece[0]
            if "a" <= first <= "z" or first == OTHER_LETTER:
                if begin in leet:
                    done, numerals = leet[begin]
                    yield Token(begin, done, False, numerals)
                    continue
                filler, letters, numerals = words[piece]
                if (filler or numerals) and _touches_digit(low, begin, stop):
                    filler = (
                        piece == "x"
                        and low[begin - 1 : begin].isdigit()
                        and low[max(0, begin - 2) : begin] != "0"
                        and low[stop : stop + 1].isdigit()
                    )
                    if piece in joiners:
                        numerals = ()
                letters = letters and LETTERS.issuperset(text[begin:stop])
                yield Token(begin, stop, False, numerals, letters, filler)
            elif begin in leet:
                done, numerals = leet[begin]
                yield Token(begin, done, False, numerals)
            elif first in _SIGN:
                yield Token(begin, stop, False, (), True, True)
            else:
                yield Token(begin, stop, stop - begin <= _DIGIT_RUN_LIMIT)

    def _leet(self, start: int, end: int) -> dict[int, tuple[int, tuple[Edge, ...]]]:
        """Numerals written with digits for letters (tr3, un0), by their start."""
        found = {}
        spellings = vocabulary().spellings
        for match in _LEET.finditer(self.normal.low, start, end):
            piece = match[0]
            numerals = segment(piece.translate(_LEET_LETTERS))
            if all(edge.numeral.role == "joiner" for edge in numerals):
                continue
            near = self.normal.low[max(0, match.start() - 2) : match.end() + 2]
            beside = near.replace(piece, " ", 1)
            if any(map(str.isdigit, beside)) and _ROUND.issuperset(re.findall("[a-z]", piece)):
                continue
            whole = tuple(edge for edge in numerals if edge.end - edge.start == len(piece))
            plain = all(segment(part) for part in re.findall(r"[a-z]+", piece))
            exact = all(part in spellings for part in re.findall(r"[a-z]+", piece))
            mixed = (
                plain and (exact or not whole) and max(map(len, re.findall(r"[a-z]+", piece))) >= 3
            )
            if (whole and not mixed) or (numerals and not plain):
                found[match.start()] = match.end(), whole or numerals
        return found

    def _finished(self, run: list[Token]) -> Iterator[list[Token]]:
        """The run without what only looks like part of it, split there."""
        if len(run) > _CROWD and sum(token.size for token in run) < _CROWD_SIZE * len(run):
            return
        part: list[Token] = []
        atoms = -1
        self._separators(run)
        for index, token in enumerate(run):
            if token.letters:
                token.letters = _beside_digits(self.normal, run, index)
                token.settle()
            if token.unknown:
                if atoms < 0:
                    atoms = sum(_atoms(other) for other in run)
                self._mend(token, atoms, run)
            if token.counts or token.filler:
                part.append(token)
            else:
                yield from _trimmed(part)
                part = []
        yield from _trimmed(part)

    def _separators(self, run: list[Token]) -> None:
        """Makes fillers of a word that stands between digits again and again, and alone does, and
        of several bars or @.
        """
        between = [
            token
            for before, token, after in zip(run, run[1:], run[2:], strict=False)
            if token.unknown
            and before.digits
            and after.digits
            and not context.worth(self.normal, token.start)
        ]
        low = self.normal.low
        for sign in "|@":
            bars = [token for token in run if low[token.start : token.end] == sign]
            if len(bars) >= _FEW and sum(token.size for token in run if token.digits) >= _ENOUGH:
                for token in bars:
                    token.letters = False
                    token.settle()
        if len(between) > 1 and len({low[token.start : token.end] for token in between}) == 1:
            for token in between:
                token.filler = True
                token.settle()

    def _both_misspelt(self, run: list[Token], token: Token) -> bool:
        """Whether two unknown words in a row may be misspelt numerals, behind a row of numerals."""
        if sum(bool(other.numerals) for other in run) < _FEW or not self.mends:
            return False
        self.mends -= 1
        low = self.normal.low
        return all(
            one.end - one.start >= _FEW and segment(low[one.start : one.end], True)
            for one in (run[-1], token)
        )

    def _favoured(self, run: list[Token]) -> frozenset[str]:
        """The languages of most numerals of a run."""
        low = self.normal.low
        known = vocabulary().languages
        counts = Counter(
            language
            for token in run
            if token.numerals
            for language in known.get(squeeze(low[token.start : token.end]), ())
        )
        most = max(counts.values(), default=0)
        return frozenset(language for language, count in counts.items() if count == most)

    def _mend(self, token: Token, atoms: int, run: list[Token]) -> None:
        """Reads a misspelt numeral among numerals, or a glued row of them."""
        length = token.end - token.start
        piece = self.normal.low[token.start : token.end]
        if not self.mends or (atoms < 4 and length < 16) or context.is_cue(piece):
            return
        if (atoms >= 4 and 2 <= length <= 20) or has_row(piece):
            self.mends -= 1
            token.numerals = segment(piece, True, self._favoured(run))
            token.settle()


def _touches_digit(low: str, start: int, end: int) -> bool:
    """Whether a digit is glued to the word: then it parts nothing (0x40, 3e8)."""
    return (start > 0 and low[start - 1].isdigit()) or low[end : end + 1].isdigit()


def _atoms(token: Token) -> int:
    return len(token.numerals)


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
    letters = normal.text[token.start : token.end]
    if len(letters) > 1 and letters.isupper():
        return (
            left is not None
            and right is not None
            and (left.digits and right.digits)
            and normal.text[left.end : token.start] == normal.text[token.end : right.start]
        )
    if not _STRONG.issuperset(letters):
        return False
    return (left is not None and (left.digits or left.letters) and token.start - left.end <= 3) or (
        right is not None and right.digits and right.start - token.end <= 3
    )


def _trimmed(part: list[Token]) -> Iterator[list[Token]]:
    first, last = 0, len(part)
    while first < last and not part[first].counts:
        first += 1
    while last > first and not part[last - 1].counts:
        last -= 1
    part = part[first:last]
    if sum(token.size for token in part) >= 6 and any(
        token.digits or token.numerals for token in part
    ):
        yield part
