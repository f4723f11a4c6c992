"""Digits that are told twice, in words and in figures: "tre (3) quattro (4)" is 3 4."""

from __future__ import annotations

from pipelines.phones.normal import TO_ASCII, Normal
from pipelines.phones.runs import Token
from pipelines.phones.vocabulary import Edge, Numeral

_FEWEST = 3
"""Digits that must be told twice before it is no chance."""
_GAP_LIMIT = 3
_LONGEST = 3
"""Digits of the longest figure that stands beside its word."""
_WORDS_LIMIT = 4
"""Words of the longest numeral that is told beside a figure."""
_UNITS = ("unit", "teen", "tens", "hundred")


def told_once(normal: Normal, run: list[Token]) -> list[Token]:
    """The run with each pair of a word and its figure as one token, or as it was.

    All words but one need their figure beside them, always on the same side.
    """
    words = sum(1 for token in run if token.numerals and not token.digits)
    if words < 2 or words == len(run):
        return run
    together: list[Token] = []
    told = paired = index = 0
    words_lead = bool(run[0].numerals)
    while index < len(run):
        size, digits = _pair(normal, run, index, words_lead)
        if size:
            start, end = run[index].start, run[index + size - 1].end
            edge = Edge(0, end - start, Numeral("teen", int(digits)))
            together.append(Token(start, end, False, (edge,)))
            told += len(digits)
            paired += size - 1
        else:
            together.append(run[index])
        index += size or 1
    return together if told >= _FEWEST and paired >= words - 1 else run


def _pair(normal: Normal, run: list[Token], index: int, words_lead: bool) -> tuple[int, str]:
    """How many tokens from `index` on are words and their figure, and its digits; 0 when none."""
    sums = {0}
    digits = "" if words_lead else _figure(normal, run[index])
    if not words_lead and not digits:
        return 0, ""
    for place in range(index + (not words_lead), min(index + _WORDS_LIMIT + 1, len(run))):
        token = run[place]
        if place > index and token.start - run[place - 1].end > _GAP_LIMIT:
            break
        if words_lead and place > index and (digits := _figure(normal, token)):
            return (place - index + 1, digits) if int(digits) in sums else (0, "")
        if not token.numerals:
            break
        sums = {one + other for one in sums for other in _values(token)}
        if not words_lead and int(digits) in sums:
            return place - index + 1, digits
    return 0, ""


def _figure(normal: Normal, token: Token) -> str:
    """The digits of a token, empty when they are no figure that a word could tell."""
    if not token.digits or token.end - token.start > _LONGEST:
        return ""
    digits = normal.low[token.start : token.end].translate(TO_ASCII)
    return digits if digits == str(int(digits)) else ""


def _values(word: Token) -> set[int]:
    """What a word can be read as: its value, or what its parts add up to (quaranta-quattro)."""
    length = word.end - word.start
    reached: dict[int, set[int]] = {0: {0}}
    for edge in word.numerals:
        sums = reached.get(edge.start)
        if sums is None:
            continue
        values = reached.setdefault(edge.end, set())
        for total in sums:
            if edge.numeral.role in _UNITS or edge.numeral.role == "elided":
                values.add(total + edge.numeral.value)
            elif edge.numeral.role == "by_hundred":
                values.add(max(total, 1) * 100)
            elif edge.numeral.role == "joiner":
                values.add(total)
        if len(values) > 64:
            return set()
    return reached.get(length, set())
