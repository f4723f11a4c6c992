"""What of a nickname says who she is: its core, without decoration, filler or spelling games."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

FILLER = frozenset((Path(__file__).parent / "name_filler.txt").read_text("utf-8").split())
"""Words that adverts put around a name and that do not say who she is. Those that state an origin
are among them because nationality and ethnicity enter no score (guide: protection).
"""
ALSO_NAMES = frozenset({"bruna", "vera"})
"""Filler that is a name when nothing else is."""
MOST_LETTERS = 24
"""Of a name: what is longer was not written to be called by."""
_WORD = re.compile(r"[^\W\d_]+")
_REPEATED = re.compile(r"(.)\1+")
_SOUNDS = str.maketrans({"y": "i", "j": "i", "k": "c", "w": "v", "h": None})


def plain(text: str) -> str:
    """Lower case without accents, styled letters or decoration."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return text.casefold()


def name_words(nickname: str) -> list[str]:
    """The words of a nickname, filler included, as they would stand in a text."""
    return _WORD.findall(plain(nickname))


def core(nickname: str | None) -> str:
    """The first word that names somebody, as it sounds: `✨GIULYA bella✨` → `giulia`; else "".

    Doubled letters count once; y, k, w and h are written as i, c, v and nothing, which is how the
    same name is varied in Italian adverts.
    """
    if not nickname:
        return ""
    words = [word for word in name_words(nickname) if len(word) > 1]
    for filler in (FILLER, FILLER - ALSO_NAMES):
        for word in words:
            if word not in filler:
                return (_REPEATED.sub(r"\1", word.translate(_SOUNDS)) or word)[:MOST_LETTERS]
    return ""
