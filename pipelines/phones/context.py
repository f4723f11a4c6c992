"""What stands around digits: cues and labels, amounts, dates and addresses, hints how to read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pipelines.phones.normal import Normal
from pipelines.phones.vocabulary import segment, vocabulary
from records.contacts import Channel

_CUE_REACH = 45
_HINT_REACH = 60
_PHONE_SIGNS = "\u260e\u260f\u2706\U0001f4de\U0001f4f1\U0001f4f2\U0001f4f3\U0001f919\U0001f57b\U0001f57d\U0001f57f\U0001f581\u2121\U0001f4df\U0001f4e0"
_CHANNELS: tuple[tuple[Channel, str], ...] = (
    ("whatsapp", r"what?s?[ -]?app?s?|whats|wh?ats?up|w\.?app?|wapp|wa|wsp|wpp|zap+|zapzap"),
    ("telegram", r"telegram|tg|tlgrm"),
    ("viber", r"viber"),
)


@dataclass(frozen=True, slots=True)
class Hints:
    """How the text says that digits must be changed: read backwards, completed."""

    reversed: bool = False
    front: str = ""
    back: str = ""


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    words = vocabulary()
    channels = "|".join(pattern for _, pattern in _CHANNELS)
    amount = r"(?<![\d.,/-])\d{1,4}(?:[.,']\d{3})*(?:[.,]\d{1,2})?(?:\s?[-/]\s?\d{1,4})?"
    marks = "".join(SIGNS)
    return {
        name: re.compile(pattern)
        for name, pattern in {
            "cue": rf"(?<![a-z])(?:{words.cues}|{channels})(?![a-z])|[{marks}{_PHONE_SIGNS}]",
            "channel": "|".join(
                rf"(?P<{name}>(?<![a-z])(?:{pattern})(?![a-z]))" for name, pattern in _CHANNELS
            ),
            "label": rf"(?<![a-z])(?:{words.labels})"
            r"(?:[\s.:#°=(\-]|(?<![a-z])(?:n|nr|no|num|numero|number|annuncio|ad|e|is|es)(?![a-z]))*$",
            "amount": rf"{amount}\s?(?:[€£%]|\$(?!\d)|(?:{words.money}|{words.units})(?![a-z]))"
            rf"|(?<![a-z])(?:{words.before})[\s:.]{{1,2}}\d{{1,3}}(?!\d)(?:\s?[-/]\s?\d{{1,3}}(?!\d))?"
            r"|€\s?\d{1,4}(?!\d)",
            "date": rf"(?<![\d/.-])(?:[0-3]?\d([/.-])[01]?\d\1(?:19|20)\d\d|(?:19|20)\d\d([/.-])[01]\d\2[0-3]\d)(?![/.-]?\d)"
            rf"|(?<!\d)[0-3]?\d\s(?:{words.months})(?![a-z])(?:\s(?:19|20)\d\d)?(?!\d)"
            r"|(?<![\d/.-])[0-3]\d([/])[01]\d\3\d\d(?![/.-]?\d)",
            "time": r"(?<![\d.:])(?:[01]?\d|2[0-4])[:.h][0-5]\d(?::[0-5]\d)?\s?(?:-|–|/|a|alle|to|until)\s?(?:[01]?\d|2[0-4])[:.h][0-5]\d(?![.:]?\d)"
            r"|(?<![\d.:])(?:[01]?\d|2[0-4])[:h][0-5]\d(?::[0-5]\d)?(?![:.]?\d)"
            r"|(?<![a-z\d])h[\s.]?24(?!\d)|(?<!\d)24\s?h(?![a-z])|(?<![\d/])(?:24/24|24/7|7/7|h24)(?![\d/])|24 su 24|7 su 7",
            "other": r"(?<![a-z\d])[a-z]{2}\d{2}[ ]?(?:[a-z][ ]?\d{1,3}|[\da-z]{4})(?:[ ]?[\da-z]{1,4}){3,8}(?![a-z\d])"
            r"|[\w.+-]+@[\w-]+\.[a-z]{2,}"
            r"|(?:https?://|www\.)\S+|(?<![a-z])(?:[a-z][\w-]*\.)+(?:com|it|net|org|eu|ro|es|de|fr|br|pt|co|me|info|xxx)/\S+"
            r"|[\w-]*\d\.(?:png|jpe?g|gif|webp|avif|bmp|svg|mp4|mov|pdf|html?|php|docx?|zip)(?![a-z])"
            r"|(?<![\d.,])\d{1,3}(?:[.,'’]\d{3})*,\d\d(?!\d)\s?€?"
            r"|(?<!\d)\d{1,4}(?:[.,]\d+)?\s?x\s?\d{1,4}(?:[.,]\d+)?(?:\s?x\s?\d{1,4})?\s?(?:cm|mm|m|px)?(?![\dx])"
            r"|(?<![\d.])\d{1,3}\.\d{4,8},\s?\d{1,3}\.\d{4,8}(?!\d)"
            r"|(?<![\da-f])[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}",
            "dated": rf"[:/h]|[.-][0-9]+[.-]|(?:{words.months})(?![a-z])",
            "month": rf"\s(?:{words.months})(?![a-z])",
            "messenger": r"[wzv]|tg|tele|tlg",
            "coded": r"[a-z@]|\d[.,]\d",
            "masked": r"[\s./-]{0,2}(?:[x*#•?_×]{2,}|[x*#•?_×](?:[\s./-][x*#•?_×])+|x(?![a-z]))",
            "reversed": rf"(?<![a-z])(?:{words.reversed})(?![a-z])",
            "front": rf"(?<![a-z])(?:{words.front})(?![a-z])",
            "back": rf"(?<![a-z])(?:{words.back})(?![a-z])",
            "hint": rf"(?<![a-z])(?:{words.front}|{words.back}|{words.hint})(?![a-z])",
            "remark": rf"(?<![a-z])(?:{words.reversed}|{words.front}|{words.back}|{words.hint})(?![a-z])",
            "digit": r"(?<![a-z\d])(?:\d{1,3}|[a-z]{2,9})(?![a-z\d])",
        }.items()
    }


SIGNS = ("\u2706", "\u2707")


def cue_before(normal: Normal, start: int) -> bool:
    """Whether a word that announces a phone stands shortly before `start`."""
    begin = max(0, start - _CUE_REACH)
    return _patterns()["cue"].search(normal.low, begin, start) is not None


def is_cue(word: str) -> bool:
    """Whether a word announces a phone."""
    return _patterns()["cue"].fullmatch(word) is not None


def cue_after(normal: Normal, end: int) -> bool:
    """Whether such a word follows at once."""
    return _patterns()["cue"].search(normal.low, end, end + 16) is not None


def labelled(normal: Normal, start: int) -> bool:
    """Whether the word before `start` says that another kind of number follows (P.IVA, rif., CAP)."""
    low = normal.low[max(0, start - 32) : start]
    return _patterns()["label"].search(low) is not None


def masked_after(normal: Normal, end: int) -> bool:
    """Whether the digits go on as xxx or ***."""
    return _patterns()["masked"].match(normal.low, end) is not None


def channel(normal: Normal, start: int) -> Channel:
    """The messenger named shortly before `start`, else a call."""
    found: Channel = "call"
    if not _patterns()["messenger"].search(normal.low, max(0, start - 28), start):
        return found
    for match in _patterns()["channel"].finditer(normal.low, max(0, start - 28), start):
        for name, _ in _CHANNELS:
            if match[name]:
                found = name
    return found


def amounts(normal: Normal, start: int, end: int) -> list[tuple[int, int]]:
    """Places of prices, ages, measures and hours in or beside `text[start:end]`."""
    region = (max(0, start - 16), end + 12)
    return [match.span() for match in _patterns()["amount"].finditer(normal.low, *region)]


_SPACE_AFTER = re.compile(r"\S{0,120}")


def other_numbers(normal: Normal, start: int, end: int) -> list[tuple[int, int]]:
    """Places of dates, hours, IBANs, addresses of pages and mail, file names, sizes, coordinates
    that touch `text[start:end]`.
    """
    low = normal.low
    patterns = _patterns()
    begin = start
    while begin and start - begin < 120 and not low[begin - 1].isspace():
        begin -= 1
    after = _SPACE_AFTER.match(low, end)
    stop = after.end() if after else end
    found = []
    if patterns["dated"].search(low, begin, stop) or patterns["month"].match(low, stop):
        for name in ("date", "time"):
            places = patterns[name].finditer(low, max(0, begin - 3), stop + 16)
            found += [match.span() for match in places]
    if patterns["coded"].search(low[begin:stop].rstrip(".,;:!?)(")):
        places = patterns["other"].finditer(low, max(0, begin - 12), stop + 24)
        found += [match.span() for match in places]
    return found


@cache
def _remark_stems() -> tuple[str, ...]:
    """How the words begin that say how to read digits: a text without them is not searched."""
    words = vocabulary()
    patterns = "|".join((words.reversed, words.front, words.back, words.hint))
    literal = re.sub(r"\(\?:[^)]*\).*?(?=\||$)|\\w.*?(?=\||$)|\[.*?(?=\||$)", "", patterns)
    stems = {re.sub(r".\?.*", "", pattern)[:7] for pattern in literal.split("|")}
    return tuple(stem for stem in sorted(stems) if len(stem) >= 3)


def hint_places(normal: Normal) -> list[tuple[int, int]]:
    """Places of words that may say how digits are to be read, in the whole text."""
    low = normal.low
    if not any(stem in low for stem in _remark_stems()):
        return []
    return [match.span() for match in _patterns()["remark"].finditer(low)]


def hints(normal: Normal, start: int, end: int, places: list[tuple[int, int]]) -> Hints:
    """What the text around `start` to `end` says about how the digits are to be read."""
    if not any(start - _HINT_REACH < place[1] and place[0] < end + _HINT_REACH for place in places):
        return Hints()
    patterns = _patterns()
    low = normal.low
    before = (max(0, start - _HINT_REACH), start)
    after = (end, end + _HINT_REACH)
    backwards = any(patterns["reversed"].search(low, *side) for side in (before, after))
    front = back = ""
    for side in (after, before):
        match = patterns["hint"].search(low, *side)
        if match is None:
            continue
        region = max(side[0], match.start() - 16), min(match.end() + 24, side[1])
        for digit in patterns["digit"].finditer(low, *region):
            value = _digit_value(digit[0])
            if value and not front and not back:
                if patterns["back"].search(low, *side) and not patterns["front"].search(low, *side):
                    back = value
                else:
                    front = value
    return Hints(backwards, front, back)


def _digit_value(piece: str) -> str:
    if piece.isdigit():
        return piece
    if piece in ("un", "uno", "una", "e", "il", "ein", "eine", "one", "o", "i", "um", "une", "sei"):
        return ""
    edges = segment(piece)
    whole = [edge for edge in edges if edge.start == 0 and edge.end == len(piece)]
    return str(whole[0].numeral.value) if whole and whole[0].numeral.role == "unit" else ""
