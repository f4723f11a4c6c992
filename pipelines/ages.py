"""The age that an advert states, in the languages of adverts, in figures or in words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import chain, product

from pipelines.minors import Form, is_own

LOWEST, HIGHEST = 10, 99
"""Years between which a stated number can be an age. What is under 18 is kept: somebody must see
it.
"""
_LOWEST_WITHOUT_CUE = 14  # "10 anni" in running text is a guarantee or a piece of furniture


def _compounds(
    tens: dict[int, str], units: dict[int, str], glue: str, elide: bool = False
) -> Iterator[tuple[str, int]]:
    for (ten, ten_word), (unit, unit_word) in product(tens.items(), units.items()):
        stem = ten_word[:-1] if elide and unit_word[0] in "aeiou" else ten_word
        yield stem + glue + unit_word, ten + unit


def _numbered(words: str, first: int, step: int = 1) -> dict[int, str]:
    return {first + step * index: word for index, word in enumerate(words.split())}


@cache
def _italian() -> dict[str, int]:
    """10 to 99; as everything here, without accents."""
    tens = _numbered(
        "venti trenta quaranta cinquanta sessanta settanta ottanta novanta", 20, step=10
    )
    units = _numbered("uno due tre quattro cinque sei sette otto nove", 1)
    teens = (
        "dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove"
    )
    table = {word: value for value, word in (_numbered(teens, 10) | tens).items()}
    table |= dict(_compounds(tens, units, "", elide=True))
    # Before "anni" the last vowel may fall: vent'anni, diciott'anni, ventun anni.
    table |= {word[:-1]: value for word, value in table.items() if word[-1] in "aieo"}
    return table


@cache
def _other_words() -> dict[str, int]:
    """Number words from 15 to 59 of es, pt, en, ro, fr and de, without accents."""
    table: dict[str, int] = {}
    spanish = _numbered("uno dos tres cuatro cinco seis siete ocho nueve", 1)
    portuguese = _numbered("um dois tres quatro cinco seis sete oito nove", 1)
    english = _numbered("one two three four five six seven eight nine", 1)
    romanian = _numbered("unu doi trei patru cinci sase sapte opt noua", 1)
    french = _numbered("un deux trois quatre cinq six sept huit neuf", 1)
    german = _numbered("ein zwei drei vier funf sechs sieben acht neun", 1)
    simple = {
        "quince dieciseis diecisiete dieciocho diecinueve veinte": 15,
        "quinze dezesseis dezessete dezoito dezenove vinte": 15,
        "fifteen sixteen seventeen eighteen nineteen twenty": 15,
        "cincisprezece saisprezece saptesprezece optsprezece nouasprezece douazeci": 15,
        "quinze seize dix-sept dix-huit dix-neuf vingt": 15,
        "funfzehn sechzehn siebzehn achtzehn neunzehn zwanzig": 15,
    }
    for words, first in simple.items():
        table |= {word: value for value, word in _numbered(words, first).items()}
    later = {
        "treinta cuarenta cincuenta": (spanish, " y "),
        "trinta quarenta cinquenta": (portuguese, " e "),
        "thirty forty fifty": (english, "-"),
        "treizeci patruzeci cincizeci": (romanian, " si "),
        "trente quarante cinquante": (french, "-"),
    }
    for words, (units, glue) in later.items():
        tens = _numbered(words, 30, step=10)
        table |= {word: value for value, word in tens.items()}
        table |= dict(_compounds(tens, units, glue))
    table |= dict(_compounds({20: "veinti"}, spanish, ""))
    table |= dict(_compounds({20: "vinte"}, portuguese, " e "))
    table |= dict(_compounds({20: "twenty"}, english, "-"))
    table |= dict(_compounds({20: "douazeci"}, romanian, " si "))
    table |= dict(_compounds({20: "vingt"}, french, "-")) | {"vingt et un": 21}
    german_tens = {20: "zwanzig", 30: "dreissig", 40: "vierzig", 50: "funfzig"}
    table |= {word: value for value, word in german_tens.items()}
    for (unit, word), (ten, ten_word) in product(german.items(), german_tens.items()):
        table[f"{word}und{ten_word}"] = ten + unit
    return table


@cache
def _word_pattern() -> str:
    words = sorted(_italian() | _other_words(), key=len, reverse=True)
    return "|".join(re.escape(word).replace(r"\-", "[- ]?") for word in words)


_YEARS = (
    r"(?:ann(?:i|etti)|anos?|anitos|aninhos|ani(?:sori)?|ans|jahren?|jahre\s+(?:alt|jung)|"
    r"years?|yrs?|y[./ ]?o\b|yo|lat|let|лет|года?|рок[иів]+|vjec|vjece|godin[ae]|eves|岁|歲)"
)
_CUE = (
    r"(?<!\w)(?:(?:ho|eta|age|aged|edad|idade|varsta|alter|tengo|tenho|am|sono|i ?am|i['’ ]?m|"
    r"j['’ ]ai|ich bin|мне|возраст)\s*[:=]?\s*(?:solo|appena|just|only|solamente|apenas|doar)?\s*)"
)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """(number + years, Italian -enne, label + number, "di anni" + number)."""
    number = rf"(?:\d{{1,3}}|{_word_pattern()})"
    chain = rf"(?P<ages>{number}(?:\s?(?:[-/–]|e|o|y|and|to|a|ai)\s?{number}){{0,3}})"
    enne = "|".join(sorted((word for word in _italian() if word[-1] not in "aieo"), key=len))
    return (
        re.compile(rf"(?<![\w.,'’+]){chain}\s?['’]?\s?(?:de |di )?{_YEARS}(?!\w)"),
        re.compile(rf"(?<!\w)(?P<ages>\d\d|{enne})\s?['’]?en[n]?[ei](?!\w)"),
        re.compile(
            r"(?<!\w)(?:eta|age|edad|idade|varsta|alter|wiek|возраст)\s*[:=]?\s*"
            r"(?P<ages>\d\d)(?![\d%])"
        ),
        re.compile(r"(?<!\w)(?P<decade>(?:di\s+)?anni\s*:?\s*)(?P<ages>\d\d)(?![\d\w])"),
    )


# What stands before or after years that are not her age.
_NOT_BEFORE = re.compile(
    r"(?:(?<!\w)(?:da|dal|dai|dopo|oltre|piu di|meno di|per|fino a|sopra i|sotto i|sopra|sotto|"
    r"almeno|minimo|massimo|max|min|tra i|fra i|tra|fra|under|over|above|below|since|for|from|"
    r"at least|desde hace|desde|hace|ha|depuis|seit|de peste|minori(?: di| d['’])?|minore di|"
    r"maggiori(?: di| d['’])?|maggiore di|menores de|mayores de|minors?|avere|compiuto|"
    r"must be|have to be|hai|devi avere|garanzia(?: di)?|esperienza(?: di)?|vecchio(?: di)?|"
    r"clienti(?: di)?|uomini(?: di)?|signori(?: di)?|uomo di|figli[oae](?: di)?|bambin[oai] di|"
    r"contratto(?: di)?|durata(?: di)?|prossimi|ultimi|primi|ogni)|[+<>])\s*:?\s*$"
)
_NOT_AFTER = re.compile(
    r"\s*(?:di |d['’]|de |of |in |nel |nella )?(?:esperienza|experiencia|experience|erfahrung|"
    r"attivita|servizio|carriera|garanzia|settore|mestiere|fa\b|ago\b|atras|insieme|di fila|"
    r"in su|in poi|and over|o piu|or older|compiuti\s+(?:per|richiest)|che\b|\+)"
)


_TWO_DIGITS = re.compile(r"\d\d")
_ENDINGS: dict[Form, re.Pattern[str]] = {
    "years": re.compile(rf"{_YEARS}(?!\w)"),
    "enne": re.compile(r"enn?[ei](?!\w)"),
    "label": _TWO_DIGITS,
    "of years": _TWO_DIGITS,
}
# Beyond any chain of ages before the word for years (or label before an age), and the rest of it.
_CHAIN_BEFORE, _REST = 160, re.compile(r".{0,12}\w{0,40}", re.DOTALL)


def _stretches(text: str, form: Form) -> Iterator[tuple[int, int]]:
    """The stretches of `text` in which ages of this form can stand.

    Three hundred number words are looked for, which the whole of a text would make slow.
    """
    start = end = 0
    for word in _ENDINGS[form].finditer(text):
        if form == "years" and not _follows_number(text, word.start()):
            continue
        if word.start() - _CHAIN_BEFORE > end:
            if end:
                yield start, end
            start = max(0, word.start() - _CHAIN_BEFORE)
        rest = _REST.match(text, word.end())
        end = rest.end() if rest else len(text)
    if end:
        yield start, end


@cache
def _tails() -> frozenset[str]:
    """The last three letters of every number word."""
    return frozenset(word[-3:] for word in _italian() | _other_words())


def _follows_number(text: str, place: int) -> bool:
    """Whether a number, or a word that ends like one, stands before a word for years."""
    before = text[max(0, place - 9) : place].removesuffix("de ").removesuffix("di ")
    before = before.rstrip(" \n'’")
    return before[-1:].isdigit() or before[-3:] in _tails()


_FORMS: tuple[Form, ...] = ("years", "enne", "label", "of years")
_SPACES = re.compile(r"[^\S\n]{2,}|[^\S\n ]")


def _plain(text: str) -> str:
    """`text` without accents, with single spaces and line ends."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("ß", "ss").replace("\u20e3", "")
        kept = (c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
        text = unicodedata.normalize("NFC", "".join(kept))
    lines = map(str.strip, _SPACES.sub(" ", text).split("\n"))
    return "\n".join(filter(None, lines))


def _value(word: str) -> int | None:
    if word.isdigit():
        return int(word)
    word = re.sub(r"\s+", " ", word)
    table = _italian() | _other_words()
    return table.get(word) or table.get(word.replace(" ", "-"))


def _stated(plain: str, running: bool) -> Iterator[int]:
    """The ages in a plain text; of those under 18 in running text only the clear ones."""
    text = plain.lower()
    cased = plain if len(plain) == len(text) else text
    years, enne, label, of_years = _patterns()
    for pattern, form in zip((years, enne, label, of_years), _FORMS, strict=True):
        stretches = _stretches(text, form)
        found = chain.from_iterable(pattern.finditer(text, *each) for each in stretches)
        for match in found:
            before, after = text[max(0, match.start() - 24) : match.start()], text[match.end() :]
            cued = pattern is not years or re.search(_CUE + "$", before) is not None
            if (not cued or pattern is of_years) and _NOT_BEFORE.search(before):
                continue
            if pattern is years and _NOT_AFTER.match(after):
                continue
            for word in re.findall(rf"\d+|(?:{_word_pattern()})", match["ages"]):
                value = _value(word)
                if value is None or not LOWEST <= value <= HIGHEST:
                    continue
                if pattern is of_years and value % 10 == 0 and ":" not in match["decade"]:
                    continue  # "anni 80" is a decade
                if not cued and value < _LOWEST_WITHOUT_CUE:
                    continue
                if value >= 18 or not running or is_own(cased, *match.span(), form):
                    yield value


def read_age(text: str) -> int | None:
    """The age in years that an age field states of the advertiser; None when it states none.

    A text that is nothing but a number is an age. Experience, guarantees, and the ages of clients
    and children are none. Of several, one under 18 is never passed over for another; otherwise the
    first counts.
    """
    plain = _plain(text)
    if re.fullmatch(r"\d{1,3}", plain):
        return int(plain) if LOWEST <= int(plain) <= HIGHEST else None
    return _first(list(_stated(plain, running=False)))


def find_age(text: str) -> int | None:
    """The age that running text states; stricter than `read_age`.

    One under 18 counts only when it is clearly her own (`pipelines.minors`); a bare number never.
    """
    return _first(list(_stated(_plain(text), running=True)))


def _first(ages: list[int]) -> int | None:
    minors = [age for age in ages if age < 18]
    if minors:
        return min(minors)
    return ages[0] if ages else None
