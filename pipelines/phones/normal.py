"""The normal form of a text, in which digits are ASCII digits, and the way back from it."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path

from records.contacts import Span

DROPPED = "\x00"
SOFT_BASE = 0xE000
"""Private code point of the lookalike ("soft") digit 0; the others follow."""
OTHER_LETTER = "\ue020"
"""Stands for every letter that neither is nor resembles a Latin one."""
SOFT_DIGITS = "".join(chr(SOFT_BASE + value) for value in range(10))
TO_ASCII = str.maketrans({chr(SOFT_BASE + value): str(value) for value in range(10)})

_SPELT = re.compile(r"(?<![a-z])(?:[a-z][ ._*/\n-]{1,3}){7,400}[a-z](?![a-z])")
_BLANK_LETTERS = {0x115F, 0x1160, 0x3164, 0xFFA0}
_NAMED_LETTER = re.compile(r"\bLATIN (CAPITAL|SMALL) LETTER ([A-Z])(?: WITH [A-Z ]+)?$")
_NAMED_DIGIT = re.compile(
    r"(?:DIGIT|KEYCAP|NUMBER) (ZERO|ONE|TWO|THREE|FOUR|FIVE|SIX|SEVEN|EIGHT|NINE)$"
)
_NAMES = ("ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE")


class Glyphs(dict[int, str]):
    """A `str.translate` table that works a code point out when it is first met.

    Characters are replaced by one character (most), by none (`DROPPED`: invisible characters and
    combining marks) or by several (a circled 12, a compatibility form such as ㎏).
    """

    def __init__(self) -> None:
        super().__init__({code: chr(code) for code in range(0x80)})
        rows = tomllib.loads((Path(__file__).parent / "glyphs.toml").read_text("utf-8"))
        for target, lookalikes in rows["lookalikes"].items():
            char = chr(SOFT_BASE + int(target)) if target.isdigit() else target
            self.update(dict.fromkeys(map(ord, lookalikes), char))
        self.update({ord(char): instead for char, instead in rows["instead"].items()})

    def __missing__(self, code: int) -> str:
        self[code] = found = _read(chr(code))
        return found


def _read(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Cf", "Mn", "Me", "Mc") or ord(char) in _BLANK_LETTERS:
        return DROPPED
    if category[0] == "Z" or char == "\u2800":
        return "\n" if category in ("Zl", "Zp") else " "
    value = unicodedata.numeric(char, -1.0)
    if value >= 0 and value.is_integer() and value < 100:
        digits = str(int(value))
        if category in ("Nd", "No"):
            return digits
        return "".join(chr(SOFT_BASE + int(digit)) for digit in digits)
    name = unicodedata.name(char, "")
    if char == "\U0001f51f":
        return "10"
    if category == "So" and name.startswith("REGIONAL"):
        return char
    if found := _NAMED_DIGIT.search(name):
        return str(_NAMES.index(found[1]))
    plain = "".join(
        part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part)
    )
    if plain and plain.isascii() and (plain.isalnum() or len(plain) == 1):
        return plain
    if found := _NAMED_LETTER.search(name):
        return found[2] if found[1] == "CAPITAL" else found[2].lower()
    if len(plain) == 1 and plain != char:
        return glyphs()[ord(plain)]
    return OTHER_LETTER if category[0] == "L" else char


@cache
def glyphs() -> Glyphs:
    """The table, read once."""
    return Glyphs()


class Normal:
    """A text and its normal form: `text` keeps the case, `low` does not; both have one length.

    `at[i]` is the place in the original of character i of the normal form; None when they agree.
    """

    __slots__ = ("at", "low", "raw", "text")

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.at: list[int] | None = None
        if raw.isascii():
            self.text = raw
        else:
            table = glyphs()
            text = raw.translate(table)
            if len(text) != len(raw) or DROPPED in text:
                chars: list[str] = []
                self.at = []
                for place, char in enumerate(raw):
                    for part in table[ord(char)]:
                        if part != DROPPED:
                            chars.append(part)
                            self.at.append(place)
                text = "".join(chars)
            self.text = text
        self.low = self.text.lower()

    def join_spelt(self) -> bool:
        """Takes out what stands between the letters of words that are spelt: "t r e  s e i".

        Whether there was anything of the kind.
        """
        if not _SPELT.search(self.low):
            return False
        between: set[int] = set()
        for match in _SPELT.finditer(self.low):
            between.update(
                place for place in range(*match.span()) if not "a" <= self.low[place] <= "z"
            )
        kept = [place for place in range(len(self.text)) if place not in between]
        self.text = "".join(self.text[place] for place in kept)
        self.at = kept if self.at is None else [self.at[place] for place in kept]
        self.low = self.text.lower()
        return True

    def span(self, start: int, end: int) -> Span:
        """The place in the original of `text[start:end]`, with the marks that sit on its end."""
        if self.at is not None:
            start, end = self.at[start], self.at[end - 1] + 1
        raw = self.raw
        while (
            end < len(raw) and raw[end] > "\x7f" and unicodedata.category(raw[end]) in ("Mn", "Me")
        ):
            end += 1
        return Span(start, end)
