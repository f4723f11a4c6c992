"""The patterns of what stands around digits, built of the vocabulary of all languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from ahocorasick_rs import AhoCorasick, Implementation

from pipelines.phones.vocabulary import vocabulary
from records.contacts import Channel

CHANNELS: tuple[tuple[Channel, str], ...] = (
    ("whatsapp", r"what?s?[ -]?app?s?|whats|wh?ats?up|w\.?app?|wapp|wa|wsp|wpp|zap+|zapzap"),
    ("telegram", r"telegram|tg|tlgrm"),
    ("viber", r"viber"),
)
_PHONE_SIGNS = (
    "\u260e\u260f\u2706\u2707\u2121\U0001f4de\U0001f4df\U0001f4e0\U0001f4f1\U0001f4f2\U0001f4f3"
    "\U0001f919\U0001f57b\U0001f57d\U0001f57f\U0001f581"
)
_HOUR = r"(?:[01]?\d|2[0-4])"
_DATES = (
    r"(?<![\d/.-])(?:[0-3]?\d([/.-])[01]?\d[/.-](?:19|20)\d\d"
    r"|(?:19|20)\d\d([/.-])[01]\d\2[0-3]\d)(?![/.-]?\d)",
    r"(?<!\d)[0-3]?\d\s(?:MONTHS)(?![a-z])(?:\s(?:19|20)\d\d)?(?!\d)",
    r"(?<![\d/.-])[0-3]\d(/)[01]\d\3\d\d(?![/.-]?\d)",
)
_HOURS = (
    rf"(?<![\d.:]){_HOUR}[:.h][0-5]\d(?::[0-5]\d)?\s?(?:-|–|/|a|alle|to|until)\s?"
    rf"{_HOUR}[:.h][0-5]\d(?![.:]?\d)",
    rf"(?<![\d.:]){_HOUR}[:h][0-5]\d(?::[0-5]\d)?(?![:.]?\d)",
    r"(?<![a-z\d])h[\s.]?24(?!\d)|(?<!\d)24\s?h(?![a-z])|24 su 24|7 su 7",
    r"(?<![\d/])(?:24/24|24/7|7/7|h24)(?![\d/])",
)
_CODES = (
    # IBAN
    r"(?<![a-z\d])[a-z]{2}\d{2}(?:[a-z\d]{11,30}|(?: [a-z\d]{4}){2,7}(?: [a-z\d]{1,4})?)"
    r"(?![a-z\d])",
    r"(?<![a-z\d])[a-z]{2} ?\d{2} ?[a-z] ?\d{5} ?\d{5} ?[a-z\d]{12}(?![a-z\d])",
    # mail and pages
    r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.[a-z]{2,}",
    r"(?:https?://|www\.)\S+",
    r"(?<![\w.-])(?:[a-z][\w-]{0,40}\.){1,4}"
    r"(?:com|it|net|org|eu|ro|es|de|fr|br|pt|co|me|info|xxx)/\S+",
    # names of files
    r"(?<![\w-])[\w-]{0,60}\d\."
    r"(?:png|jpe?g|gif|webp|avif|bmp|svg|mp4|mov|pdf|html?|php|docx?|zip)(?![a-z])",
    # 1.026,00
    r"(?<![\d.,])\d{1,3}(?:[.,'’]\d{3})*,\d\d(?!\d|,\d\d(?!\d))\s?€?",
    # $275,000,000 and < 3.8.8
    r"[$€£]\s?\d{1,3}(?:[.,]\d{3})+(?!\d)",
    r"[<>=~]=?\s?\d{1,3}(?:\.\d{1,3})+(?!\d)",
    # 5.0990195e-01 and 0.50990195, but not 02.12345678
    r"(?<![\w.])[+-]?\d{1,4}\.\d+e[+-]?\d{1,3}(?!\d)",
    r"(?<![\w.])(?!0[26]\.\d{6,8}(?!\d))\d{1,2}\.\d{6,}(?![\d.])",
    # 352:254 353:254 354:85, 3::7::3
    r"(?<![\d:])\d{1,5}:\d{1,4}(?:\s\d{1,5}:\d{1,4}){2,}(?![\d:])",
    r"(?<![\d:])\d{1,6}::\d{1,6}(?:::\d{1,12})*(?![\d:])",
    # 0.9999628
    r"(?<![\w.])[01]\.\d{4,}(?![\d.])",
    # 120 x 60 cm
    r"(?<![\dx])(?!3(?:\s?x\s?\d|\d){9}(?![\sx]*\d))\d{1,4}(?:[.,]\d+)?\s?x\s?\d{1,4}(?:[.,]\d+)?(?:\s?x\s?\d{1,4})?\s?"
    r"(?:cm|mm|m|px)?(?![\dx])",
    # 45.4371, 12.3326
    r"(?<![\d.])\d{1,3}\.\d{4,8},\s?\d{1,3}\.\d{4,8}(?!\d)",
    # 0x45584543, \uaa31, 3.1-20221030, ecfa3f43f4917224
    r"(?<![\da-z])0x[\da-f]{2,}(?![\da-z])|\\u[\da-f]{4}",
    r"(?<![\d.])\d{1,2}\.\d{1,2}-(?:19|20)\d\d[01]\d[0-3]\d(?!\d)",
    r"(?<![\da-z])(?=[a-f]*\d+[a-f]+\d)(?=[\dabe]*[cdf])(?=(?:\d*[a-f]){3})[\da-f]{12,64}(?![\da-z])",
    # UUID
    r"(?<![\da-f])[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}",
)


@dataclass(frozen=True, slots=True)
class Patterns:
    """All of them are searched in the lower-case normal form.

    `amount` is a price, age, measure or hour; `amount_after`, `amount_before` and `money_sign` are
    its cheap signs; `worth` follows one in words; `list_before` stands before several of them.
    `date` and `code` stand for another number altogether, with their cheap signs `dated`, `month`,
    `coded`. `remark` finds the beginning of any word that explains how to read digits.
    """

    cue: re.Pattern[str]
    channel: re.Pattern[str]
    messenger: re.Pattern[str]
    label: re.Pattern[str]
    amount: re.Pattern[str]
    amount_after: re.Pattern[str]
    amount_before: re.Pattern[str]
    worth: re.Pattern[str]
    list_before: re.Pattern[str]
    money_sign: re.Pattern[str]
    date: re.Pattern[str]
    dated: re.Pattern[str]
    month: re.Pattern[str]
    code: re.Pattern[str]
    coded: re.Pattern[str]
    masked: re.Pattern[str]
    reversed: re.Pattern[str]
    front: re.Pattern[str]
    back: re.Pattern[str]
    hint: re.Pattern[str]
    remark: AhoCorasick


@cache
def patterns() -> Patterns:
    """The patterns, compiled once."""
    words = vocabulary()

    def word(*alternatives: str) -> str:
        return rf"(?<![a-z])(?:{'|'.join(alternatives)})(?![a-z])"

    named = "|".join(rf"(?P<{name}>{word(pattern)})" for name, pattern in CHANNELS)
    first = r"(?<![\d.,/-])\d{1,4}"
    last = r"(?:[.,]\d{1,2})?(?:\s?[-/]\s?\d{1,4})?"
    money = rf"\s?(?:[€£%]|\$(?!\d)|(?:{words.money})(?![a-z]))"
    measure = rf"\s?(?:{words.units})(?![a-z]|[\s.]?24(?!\d))"
    unit = rf"(?:{money}|{measure})"
    gift = rf"\s?(?:{words.gifts})(?![a-z])"
    before = rf"(?<![a-z])(?:{words.before})[\s:.]{{1,2}}"
    filled = (
        r"(?:[\s.:#°=(\-]|(?<![a-z])(?:n|nr|no|num|numero|number|annuncio|ad|e|is|es)(?![a-z])"
        r"|(?<![a-z])[a-z]{1,2}[-/])*$"
    )
    sources = {
        "cue": rf"{word(words.cues, *(pattern for _, pattern in CHANNELS))}|[{_PHONE_SIGNS}]",
        "channel": named,
        "messenger": r"[wzv]|tg|tele|tlg",
        "label": rf"(?<![a-z])(?:{words.labels}){filled}",
        "amount": rf"{first}(?:[.,']\d{{3}})*{last}{money}|{first}(?:[.,']\d{{3}})?{last}{measure}"
        rf"|(?<![\d.,/-])(?<!\d )(?:\d{{2,3}}[-/])?[1-9]\d{{0,2}}0{gift}"
        rf"|{before}\d{{1,3}}(?!\d)(?:\s?[-/]\s?\d{{1,3}}(?!\d))?"
        r"|€\s?\d{1,4}(?!\d)",
        "amount_after": rf"(?:\s?[-/]\s?\d{{1,4}})?(?:{unit}|{gift})",
        "amount_before": rf"{before}$",
        "worth": rf"(?!\s?(?:{words.times})(?![a-z])){unit}",
        "list_before": rf"(?<![a-z])(?:{words.lists})[\s:.=]{{1,3}}$",
        "money_sign": r"[€£%]",
        "date": "|".join((*_DATES, *_HOURS)).replace("MONTHS", words.months),
        "dated": rf"[:/h]|[.-][0-9]+[.-]|(?:{words.months})(?![a-z])",
        "month": rf"\s(?:{words.months})(?![a-z])",
        "code": "|".join(_CODES),
        "coded": r"[a-z@$€£<>=~]|\d[.,]\d",
        "masked": r"[\s./-]{0,2}(?:[x*#•?_×]{2,}|[x*#•?_×](?:[\s./-][x*#•?_×])+|x(?![a-z]))",
        "reversed": word(words.reversed),
        "front": word(words.front),
        "back": word(words.back),
        "hint": word(words.front, words.back, words.hint),
    }
    return Patterns(
        **{name: re.compile(source) for name, source in sources.items()},
        remark=AhoCorasick(words.remarks, implementation=Implementation.DFA),
    )
