"""The ways in which people write a phone number in an advert."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

_WORDS = ("zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove")
_FULLWIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_CIRCLED = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")
_BOLD = str.maketrans("0123456789", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗")


def national(number: str) -> str:
    """`+393114455667` → `3114455667`."""
    return number.removeprefix("+39")


def _grouped(digits: str, separator: str, sizes: tuple[int, ...] = (3, 3, 4)) -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(digits[at : at + size])
        at += size
    return separator.join(part for part in (*parts, digits[at:]) if part)


def _separated(digits: str, rng: Random) -> str:
    separator = rng.choice((" ", "-", ".", "/", " - ", "*", "_"))
    return _grouped(digits, separator, rng.choice(((3, 3, 4), (3, 2, 2, 3), (3, 7))))


def _prefixed(digits: str, rng: Random) -> str:
    prefix = rng.choice(("+39 ", "0039 ", "+39", "(+39) ", "0039"))
    return prefix + rng.choice((digits, _grouped(digits, " ")))


def _letters(digits: str, rng: Random) -> str:
    return _grouped(digits.replace("0", rng.choice("Oo")), rng.choice(("", " ")))


WRITINGS: Mapping[str, Callable[[str, Random], str]] = {
    "plain": lambda digits, _: digits,
    "separated": _separated,
    "prefixed": _prefixed,
    "digits_apart": lambda digits, rng: rng.choice((" ", ".", "-")).join(digits),
    "words": lambda digits, _: " ".join(_WORDS[int(each)] for each in digits),
    "half_words": lambda digits, _: digits[:6] + " " + " ".join(_WORDS[int(d)] for d in digits[6:]),
    "letter_o": _letters,
    "fullwidth": lambda digits, _: digits.translate(_FULLWIDTH),
    "circled": lambda digits, _: " ".join(digits.translate(_CIRCLED)),
    "bold": lambda digits, _: _grouped(digits.translate(_BOLD), " "),
    "keycaps": lambda digits, _: "".join(f"{each}\ufe0f\u20e3" for each in digits),
    "emoji_between": lambda digits, rng: _grouped(digits, rng.choice(("❤", "🌹", "⭐"))),
}
"""By name: national digits and a source of chance to the writing."""

USUAL = ("plain", "separated", "prefixed", "digits_apart")
ODD = ("letter_o", "fullwidth", "circled", "bold", "keycaps", "emoji_between")
ITALIAN_ONLY = ("words", "half_words")
"""Number words are Italian, so only Italian texts use them."""


def habit(rng: Random, language: str) -> tuple[str, ...]:
    """The one or two writings that a person likes: mostly usual ones, a quarter odd ones."""
    odd = ODD + (ITALIAN_ONLY * 2 if language == "it" else ())
    first = rng.choice(odd) if rng.random() < 0.25 else rng.choice(USUAL)
    return tuple(dict.fromkeys((first, rng.choice(USUAL))))


def write(number: str, writing: str, rng: Random) -> str:
    """The E.164 `number` in the named writing."""
    return WRITINGS[writing](national(number), rng)
