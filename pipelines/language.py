"""The language of an advert, among those that adverts in Italy are written in."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

LANGUAGES = (
    *("it", "en", "es", "pt", "ro", "fr", "de", "ru", "uk", "sq", "zh", "hu", "pl", "bg"),
    *("sr", "hr", "sl", "tr", "ar", "th"),
)
"""ISO 639-1 codes that can be the answer. Fewer candidates make short texts surer."""

_CERTAIN = 0.6
_ENOUGH_LETTERS = 10
_ENOUGH_IDEOGRAMS = 4
_SAMPLE = 2_000  # characters: more changes no answer
# A long text is first judged by so many characters of its beginning, middle and end (an advert in
# two languages has both in them); it is read whole when they leave a doubt.
_PIECE, _CLEAR = 80, 0.95
_NO_WORDS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|[\d_]+|[^\w\s'’]+")
_IDEOGRAM = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
# Most adverts are Italian, and words that only Italian has tell so at a tenth of the model's cost:
# so many different ones, and at least one word in so many, without any that another language has.
_FEWEST_ITALIAN, _ONE_IN = 3, 12
_ITALIAN = frozenset(
    (
        "adesso anche appena aspetto bellissima che città ciò cosa degli della delle dello di"
        " disponibile dopo gli ho invece massaggio molto nei nel nella nelle niente non nuova"
        " nuovo ogni ore perché perchè però più puoi qualsiasi quello questa questo ragazza"
        " ragazze ragazzi ricevo rispondo sarò senza sono tranquillo tutte tutti tutto vicino"
        " vieni vuoi è"
    ).split()
)
_OTHERS = frozenset(
    (
        "the and you your with for my are am we is this to of que para muy los las el y soy"
        " amor uma você não com eu sou meu und ich mit bin der die das je vous et pour avec suis"
        " des les sunt și pe cu este jam dhe për një sam na jest vagyok és ve bir ja"
    ).split()
)
_BEYOND_LATIN = "\u0250"
# Two writings of one language: short texts do not tell which.
_TWINS = {"sr": "hr", "hr": "sr"}


@cache
def _identifier() -> LanguageIdentifier:
    # Loaded at the first use: the model costs a third of a second, which no import should.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier


def detect_language(text: str) -> str | None:
    """ISO 639-1 code of the language of `text`; None when it is too short or not clear.

    Numbers, symbols, addresses and handles are left out first.
    """
    text = text[:_SAMPLE]
    if _is_plainly_italian(text):
        return "it"
    if len(text) > 4 * _PIECE:
        middle = (len(text) - _PIECE) // 2
        pieces = text[:_PIECE], text[middle : middle + _PIECE], text[-_PIECE:]
        language, probability = _guess(" ".join(pieces))
        if probability >= _CLEAR:
            return language
    language, probability = _guess(text)
    return language if probability >= _CERTAIN else None


def _is_plainly_italian(text: str) -> bool:
    """Whether words that only Italian has leave no doubt; hardly any other text has them."""
    words = set(text.lower().split())
    italian = len(words & _ITALIAN)
    return (
        italian >= max(_FEWEST_ITALIAN, len(words) / _ONE_IN)
        and words.isdisjoint(_OTHERS)
        and not any(character >= _BEYOND_LATIN and character.isalpha() for character in text)
    )


def _guess(text: str) -> tuple[str | None, float]:
    """The likeliest language and its probability; None and 0 when there are too few letters."""
    words = _NO_WORDS.sub(" ", text).lower().split()
    plain = " ".join(words)
    letters = sum(map(str.isalpha, plain))
    ideograms = len(_IDEOGRAM.findall(plain))
    if ideograms < _ENOUGH_IDEOGRAMS and (letters < _ENOUGH_LETTERS or len(words) < 2):
        return None, 0.0
    ranked: list[tuple[str, float]] = _identifier().rank(plain)
    language, probability = ranked[0]
    twin = _TWINS.get(language)
    return language, probability + sum(p for other, p in ranked[1:] if other == twin)
