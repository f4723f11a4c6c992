"""Generated words and numbers in place of those of a page, so that a fixture names nobody.

Every word becomes an invented one of the same length and case, every number other digits; the same
word becomes the same invention throughout a page, under a key that is thrown away. Numbers that
may be contacts become mobiles of prefixes that reach nobody.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable

_CONSONANTS = "bcdfglmnprstv"
_VOWELS = "aeiou"
_WORD = re.compile(r"[^\W\d_]+")
# Seven digits and more, however they are separated: whatever they are, they may be a number.
_CONTACT = re.compile(r"\+?\d(?:[\s./()_-]{0,3}\d){6,}")
_DATE = re.compile(
    r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?\b"
    r"|\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b|\b\d{1,2}:\d\d\b"
)
_DIGITS = re.compile(r"\d+")
_LONG = re.compile(r"\d{5,}")

# Words of a page's own furniture that say how to read a number or a date; they name nobody.
_FURNITURE = frozenset(
    """
    a al alle dal di e fa il la le un una gennaio febbraio marzo aprile maggio giugno luglio agosto
    settembre ottobre novembre dicembre gen feb mar apr mag giu lug ago set ott nov dic lunedì
    martedì mercoledì giovedì venerdì sabato domenica oggi ieri ora ore minuti minuto giorni giorno
    settimana settimane mese mesi anno anni euro eur ago hour hours minute minutes day days week
    weeks month months year years today yesterday page pagina next prev avanti indietro successiva
    precedente http https www html php tel sms mailto whatsapp telegram
    """.split()
)


class Inventor:
    """Invents, with a key of its own. `kept` are words that the site file needs as they are."""

    def __init__(self, kept: Iterable[str] = ()) -> None:
        self._key = secrets.token_bytes(16)
        self._kept = _FURNITURE | {
            word.lower() for text in kept for word in _WORD.findall(text) if len(word) > 1
        }

    def text(self, text: str) -> str:
        """The text with generated words and numbers; dates and times stay, they name nobody."""
        parts = []
        reached = 0
        for found in _DATE.finditer(text):
            parts += [self._plain(text[reached : found.start()]), found[0]]
            reached = found.end()
        parts.append(self._plain(text[reached:]))
        return "".join(parts)

    def long_numbers(self, text: str) -> str:
        """The text with other digits in place of five or more in a row, and nothing else new."""
        return _LONG.sub(lambda match: self._number(match[0]), text)

    def _plain(self, text: str) -> str:
        parts = []
        reached = 0
        for found in _CONTACT.finditer(text):
            parts += [self._small(text[reached : found.start()]), self._mobile(found[0])]
            reached = found.end()
        parts.append(self._small(text[reached:]))
        return "".join(parts)

    def _small(self, text: str) -> str:
        text = _DIGITS.sub(lambda match: self._number(match[0]), text)
        return _WORD.sub(lambda match: self._word(match[0]), text)

    def _word(self, word: str) -> str:
        if word.lower() in self._kept or len(word) == 1:
            return word
        drawn = self._drawn("word", word.lower(), len(word))
        letters = [
            (_VOWELS if number % 2 else _CONSONANTS)[byte % (5 if number % 2 else 13)]
            for number, byte in enumerate(drawn)
        ]
        return "".join(
            new.upper() if old.isupper() else new for old, new in zip(word, letters, strict=True)
        )

    def _number(self, digits: str) -> str:
        drawn = self._drawn("number", digits, len(digits))
        new = "".join(str(byte % 10) for byte in drawn)
        return new if digits.startswith("0") or new[0] != "0" else "1" + new[1:]

    def _mobile(self, written: str) -> str:
        """The same separators around other digits: Italy's prefix, 311 to 318, repeated ones."""
        every = re.sub(r"\D", "", written)
        known, prefix = every[-9:], every[:-10]
        drawn = self._drawn("mobile", known, 3)
        a, b = str(drawn[1] % 10), str(drawn[2] % 10)
        digits = list(f"31{1 + drawn[0] % 8}{a * 4}{b * 3}")
        places = [place for place, char in enumerate(written) if char.isdigit()]
        new = list(written)
        digits = list(prefix if prefix in {"39", "0039"} else "0" * len(prefix)) + digits
        for place in reversed(places):
            new[place] = digits.pop()
        return "".join(new)

    def _drawn(self, kind: str, value: str, size: int) -> bytes:
        made = b""
        while len(made) < size:
            seed = f"{kind}/{value}/{len(made)}".encode()
            made += hmac.new(self._key, seed, hashlib.sha256).digest()
        return made[:size]
