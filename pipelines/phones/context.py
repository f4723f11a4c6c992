"""What stands around digits: cues and labels, amounts, dates and addresses, hints how to read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.phones.normal import Normal
from pipelines.phones.patterns import CHANNELS, patterns
from pipelines.phones.places import Places
from pipelines.phones.vocabulary import segment
from records.contacts import Channel

_CUE_REACH = 45
_CUE_REACH_AFTER = 16
_CHANNEL_REACH = 28
_LABEL_REACH = 32
_LIST_REACH = 16
_HINT_REACH = 60
_HINT_DISTANCE = 20
_PIECE_LIMIT = 120
_LETTER = re.compile("[a-z]")
_REST_OF_PIECE = re.compile(rf"\S{{0,{_PIECE_LIMIT}}}")
_HINTED_DIGITS = re.compile(r"(?<![a-z\d])(?:\d{1,3}|[a-z]{2,9})(?![a-z\d])")
_KISSES = ("x", "xx", "xxx")
_ARTICLES = frozenset("un uno una e il ein eine one o i um une sei".split())
"""Words that are a digit or an article: in a hint they are the article."""


@dataclass(frozen=True, slots=True)
class Hints:
    """How the text says that digits must be changed: read backwards, completed."""

    reversed: bool = False
    front: str = ""
    back: str = ""


NO_HINTS = Hints()


def cue_before(normal: Normal, start: int) -> bool:
    """Whether a word that announces a phone stands shortly before `start`."""
    begin = max(0, start - _CUE_REACH)
    return patterns().cue.search(normal.low, begin, start) is not None


def is_cue(word: str) -> bool:
    """Whether a word announces a phone."""
    return patterns().cue.fullmatch(word) is not None


def cue_after(normal: Normal, end: int) -> bool:
    """Whether such a word follows at once."""
    return patterns().cue.search(normal.low, end, end + _CUE_REACH_AFTER) is not None


def labelled(normal: Normal, start: int) -> bool:
    """Whether the word before `start` announces another kind of number (P.IVA, rif., CAP)."""
    low = normal.low[max(0, start - _LABEL_REACH) : start]
    return patterns().label.search(low) is not None


def masked_after(normal: Normal, end: int, *, whole: bool) -> bool:
    """Whether the digits go on as xxx or ***; after a `whole` number "xx" may say goodbye."""
    match = patterns().masked.match(normal.low, end)
    if match is None:
        return False
    return not (whole and match[0][0].isspace() and match[0].lstrip() in _KISSES)


def channel(normal: Normal, start: int) -> Channel:
    """The messenger named shortly before `start`, else a call."""
    found: Channel = "call"
    begin = max(0, start - _CHANNEL_REACH)
    if not patterns().messenger.search(normal.low, begin, start):
        return found
    for match in patterns().channel.finditer(normal.low, begin, start):
        found = next(name for name, _ in CHANNELS if match[name])
    return found


def listed_before(normal: Normal, start: int) -> bool:
    """Whether a word before `start` announces several prices or sizes."""
    return (
        patterns().list_before.search(normal.low[max(0, start - _LIST_REACH) : start]) is not None
    )


def worth(normal: Normal, end: int) -> bool:
    """Whether a word that makes an amount of a number follows at once: euro, anni, ore."""
    return patterns().worth.match(normal.low, end) is not None


def amounts(normal: Normal, start: int, end: int) -> Places:
    """Places of prices, ages, measures and hours in or beside `text[start:end]`."""
    low = normal.low
    known = patterns()
    if (
        not _LETTER.search(low, start, end)
        and not known.amount_after.match(low, end)
        and not known.money_sign.search(low, max(0, start - 2), end)
        and not known.amount_before.search(low, max(0, start - 14), start)
    ):
        return Places()
    region = (max(0, start - 16), end + 12)
    return Places(match.span() for match in known.amount.finditer(low, *region))


def other_numbers(normal: Normal, start: int, end: int) -> Places:
    """Places of dates, hours, IBANs, addresses of pages and mail, file names, sizes, coordinates
    that touch `text[start:end]`.
    """
    low = normal.low
    known = patterns()
    begin = start
    while begin and start - begin < _PIECE_LIMIT and not low[begin - 1].isspace():
        begin -= 1
    rest = _REST_OF_PIECE.match(low, end)
    stop = rest.end() if rest else end
    found: list[tuple[int, int]] = []
    if known.dated.search(low, begin, stop) or known.month.match(low, stop):
        places = known.date.finditer(low, max(0, begin - 3), stop + 16)
        found += [match.span() for match in places]
    if known.coded.search(low[begin:stop].rstrip(".,;:!?)(")):
        places = known.code.finditer(low, max(0, begin - 12), stop + 24)
        found += [match.span() for match in places]
    return Places(found)


def hints(normal: Normal, start: int, end: int) -> Hints:
    """What the text around `start` to `end` says about how the digits are to be read."""
    known = patterns()
    low = normal.low
    if not known.remark.find_matches_as_indexes(
        low[max(0, start - _HINT_REACH) : end + _HINT_REACH]
    ):
        return NO_HINTS
    before = (max(0, start - _HINT_REACH), start)
    after = (end, end + _HINT_REACH)
    backwards = any(known.reversed.search(low, *side) for side in (before, after))
    for side in (after, before):
        digits = _named_digits(low, *side)
        if digits and known.back.search(low, *side) and not known.front.search(low, *side):
            return Hints(backwards, back=digits)
        if digits:
            return Hints(backwards, front=digits)
    return Hints(backwards)


def _named_digits(low: str, start: int, end: int) -> str:
    """The digits nearest to a word that tells to add some, empty when there are none."""
    words = [match.span() for match in patterns().hint.finditer(low, start, end)]
    if not words:
        return ""
    nearest, distance = "", _HINT_DISTANCE
    for piece in _HINTED_DIGITS.finditer(low, start, end):
        digits = _digit_value(piece[0])
        for begin, stop in words if digits else ():
            apart = max(begin - piece.end(), piece.start() - stop)
            if apart <= distance:
                nearest, distance = digits, apart - 1
    return nearest


def _digit_value(piece: str) -> str:
    """The digits that a word of a hint names, empty when none."""
    if piece.isdigit():
        return piece
    if piece in _ARTICLES:
        return ""
    for edge in segment(piece):
        if edge.end - edge.start == len(piece) and edge.numeral.role == "unit":
            return str(edge.numeral.value)
    return ""
