"""Clean text: one way to write spaces, lines and accents, with nothing invisible left in it."""

from __future__ import annotations

import re
import unicodedata

# Line ends of every kind, spaces of every width, letters that render as nothing but a gap, and the
# brackets of Faro's own tokens (an advert that contains "⟦tel:1⟧" must not pass for a lifted
# number).
_TRANSLATION = str.maketrans(
    {
        **dict.fromkeys("\r\v\f\x1c\x1d\x1e\x85\u2028", "\n"),
        "\u2029": "\n\n",
        **dict.fromkeys("\t\x1f\u115f\u1160\u2800\u3164\uffa0", " "),
        **{
            chr(code): " "
            for code in range(0x80, 0x3001)
            if unicodedata.category(chr(code)) == "Zs"
        },
        "⟦": "[",
        "⟧": "]",
    }
)

# Control and format characters (Cc, Cf), lone surrogates, and the combining grapheme joiner.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u070f\u180b-\u180f\u200b-\u200f"
    r"\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]+"
)
_ZERO_WIDTH_JOINER = "\u200d"
# What is clean already, as most is: printable Latin letters and signs, none of them composed of
# several characters, with single spaces and at most one blank line between words.
_SIGNS = "[!-~\u00a1-\u00ac\u00ae-\u017f€]+"
_CLEAN = re.compile(rf"(?:{_SIGNS}(?:(?: |\n\n?){_SIGNS})*)?")
_SPACES = re.compile(r"[ \t]+")
_MANY_LINES = re.compile(r"\n{3,}")
_EDGE_DECORATION = re.compile(r"^[^\w]+|[^\w.!?)]+$")


def _joins_emoji(before: str, after: str) -> bool:
    return (
        unicodedata.category(before) in ("So", "Sk") or before == "\ufe0f"
    ) and unicodedata.category(after) == "So"


def _replace_invisible(match: re.Match[str]) -> str:
    text = match.string
    if match.start() == 0 or match.end() == len(text):
        return ""
    before, after = text[match.start() - 1], text[match.end()]
    if before.isdigit() and after.isdigit():
        # "25\u200b3114455667" is an age and a number: joined it would be neither. A number that is
        # cut this way is still read, as one with spaces.
        return " "
    if _ZERO_WIDTH_JOINER in match[0] and _joins_emoji(before, after):
        return _ZERO_WIDTH_JOINER
    return ""


def clean_text(text: str) -> str:
    """`text` in NFC, with plain spaces and `\\n`, without invisible characters.

    Spaces are collapsed within a line, lines stripped, and at most one blank line is left between
    two others. Digits of every script, emoji and combining marks stay as they are: numbers hide in
    them. Cleaning twice changes nothing more.
    """
    if _CLEAN.fullmatch(text):
        return text
    text = text.replace("\r\n", "\n").translate(_TRANSLATION)
    text = unicodedata.normalize("NFC", _INVISIBLE.sub(_replace_invisible, text))
    lines = (_SPACES.sub(" ", line).strip(" ") for line in text.split("\n"))
    return _MANY_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


def clean_title(text: str) -> str:
    """`text` cleaned and on one line."""
    return " ".join(clean_text(text).split())


def clean_nickname(text: str) -> str | None:
    """`text` on one line without the decoration around it; None when no letter is left."""
    name = _EDGE_DECORATION.sub("", clean_title(text)).strip()
    return name if any(character.isalpha() for character in name) else None
