"""From what a page says of a place to a city and an Italian province.

`data/provinces.csv`: the 107 provinces and metropolitan cities. Source: ISTAT, "Codici delle unità
amministrative territoriali: comuni, città metropolitane, province e regioni", situation of 2021 to
2025 (so Sardinia still with Sud Sardegna). `istat` is the historical province code, the first
three digits of a municipality's code; `uts` the code of the "unità territoriale sovracomunale",
which differs for the metropolitan cities only (201 for Torino). `code` is the licence-plate code.
Spellings, separated by `|`, are the usual other ones of the capital or of the province, also
German, Ladin, French, English and others. Where several towns share the rank, the capital is the
seat by name; the others are in `data/towns.csv`.

`data/towns.csv`: other towns and localities, complete for Italian municipalities above 25,000
inhabitants and Venetian ones above 5,000 (census of 2011), and others that adverts name. A name
that two towns share decides nothing without a province.

`data/place_words.txt`: names that are also everyday words or names of people.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Province:
    """A province or metropolitan city: ISTAT's historical and supra-municipal codes (three
    digits, as text), its two letters, usual name, region and capital.
    """

    istat: str
    uts: str
    code: str
    name: str
    region: str
    capital: str


@dataclass(frozen=True, slots=True)
class Place:
    """A recognised place: `city` in its usual Italian spelling (None when only the province is
    said), the province's two letters, the region's usual name.
    """

    city: str | None
    province: str
    region: str


@dataclass(frozen=True, slots=True)
class _Mention:
    """A name in a text: where it stands, and the (city, province code) pairs that it may mean."""

    start: int
    end: int
    readings: frozenset[tuple[str | None, str]]


_WORD = re.compile(r"[^\W_]+")
_PART_OF_ANOTHER = re.compile(
    # streets and houses ("via Roma"), and longer names that are not in the tables ("San Marino")
    r"(?<!\w)(?:san|santa|santo|lago di|golfo di|via|viale|v\.?le|corso|c\.?so|piazza|"
    r"p\.?zz?a|piazzale|p\.?le|largo|vicolo|lungomare|strada|calle|porta|"
    r"ponte|hotel|ristorante|bar)\s+(?:di\s+)?$",
    re.I,
)
_ORIGIN = re.compile(
    r"(?<!\w)(?:da|dalla|from|desde|sono di|nat[ao] a|originari[ao] di|viene da|"
    r"(?:ragazza|donna|signora|bellezza) di)\s+$",
    re.I,
)
_AT = re.compile(
    r"(?<!\w)(?:a|ad|in|zona|citt[aà]|centro|stazione|provincia di|prov\.? di|vicino|presso|"
    r"vicino a|zona di|centro di|near|em|en|à|la|nach)[\s:,]+$",
    re.I,
)
_PROVINCE_OF = re.compile(
    r"(?<!\w)(?:provincia|province|prov\.?|hinterland)\s+(?:di |of |de )?$", re.I
)
_PROVINCE_AFTER = re.compile(
    r"\s*,?\s*(?:e\s+)?(?:provincia|prov\.?|province|hinterland)(?!\w)", re.I
)
_REACH = 24  # characters before a name that can say what it is
_CODE_IN_BRACKETS = re.compile(r"\s*[(\[]\s*([A-Za-z]{2})\s*[)\]]")
_CODE_AT_END = re.compile(r"(?:^|[\s,/–—-])([A-Z]{2})$")


@lru_cache(maxsize=8192)
def _fold(word: str) -> str:
    if word.isascii():
        return word.lower()
    word = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", word).lower())
    return "".join(c for c in word if not unicodedata.combining(c))


def _key(name: str) -> tuple[str, ...]:
    return tuple(_fold(word) for word in _WORD.findall(name))


def _table(name: str) -> list[dict[str, str]]:
    text = files("pipelines.data").joinpath(name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def provinces() -> Mapping[str, Province]:
    """The 107 provinces by their two letters."""
    rows = _table("provinces.csv")
    fields = ("istat", "uts", "code", "name", "region", "capital")
    return MappingProxyType({row["code"]: Province(*(row[f] for f in fields)) for row in rows})


@cache
def _names() -> Mapping[tuple[str, ...], frozenset[tuple[str | None, str]]]:
    """Every spelling as folded words, with what it may mean."""
    found: dict[tuple[str, ...], set[tuple[str | None, str]]] = {}

    def add(spellings: list[str], city: str | None, code: str) -> None:
        for spelling in filter(None, spellings):
            found.setdefault(_key(spelling), set()).add((city, code))

    for row in _table("provinces.csv"):
        code, capital = row["code"], row["capital"]
        add([capital, *row["capital_spellings"].split("|")], capital, code)
        areas = [row["name"], *row["province_spellings"].split("|")]
        add([a for a in areas if _key(a) != _key(capital)], None, code)
    for row in _table("towns.csv"):
        add([row["name"], *row["spellings"].split("|")], row["name"], row["province"])
    return MappingProxyType({key: frozenset(readings) for key, readings in found.items()})


@cache
def _everyday_words() -> frozenset[str]:
    text = files("pipelines.data").joinpath("place_words.txt").read_text("utf-8")
    return frozenset(
        word for line in text.splitlines() if not line.startswith("#") for word in line.split()
    )


@cache
def _reach() -> Mapping[str, int]:
    """How many words the longest name has that begins with a word."""
    reach: dict[str, int] = {}
    for key in _names():
        reach[key[0]] = max(len(key), reach.get(key[0], 0))
    return MappingProxyType(reach)


def _mentions(text: str) -> Iterator[_Mention]:
    """The names in `text`, the longest at each word, none inside another."""
    names, reach = _names(), _reach()
    if reach.keys().isdisjoint(map(_fold, _WORD.findall(text))):
        return
    words = [(m.start(), m.end(), _fold(m[0])) for m in _WORD.finditer(text)]
    index = 0
    while index < len(words):
        longest = reach.get(words[index][2], 0)
        for size in range(min(longest, len(words) - index), 0, -1):
            run = words[index : index + size]
            readings = names.get(tuple(word for _, _, word in run))
            gaps = (text[a[1] : b[0]] for a, b in pairwise(run))
            if readings and all(re.fullmatch(r"[ '’`´./-]{1,3}", gap) for gap in gaps):
                yield _Mention(run[0][0], run[-1][1], readings)
                index += size
                break
        else:
            index += 1


def _before(pattern: re.Pattern[str], text: str, mention: _Mention) -> bool:
    """Whether `pattern` (which ends in `$`) stands right before a name."""
    return pattern.search(text, max(0, mention.start - _REACH), mention.start) is not None


def _place(city: str | None, code: str) -> Place:
    return Place(city, code, provinces()[code].region)


def _code(letters: str | None) -> str | None:
    letters = (letters or "").upper()
    return letters if letters in provinces() else None


def _settle(text: str, mentions: list[_Mention], stated: str | None) -> Place | None:
    """What the mentions mean together; `stated` is a province code given beside them."""
    codes: set[str] = set()
    cities: set[tuple[str, str]] = set()
    open_names = 0
    for mention in mentions:
        bracket = _CODE_IN_BRACKETS.match(text, mention.end)
        said = _code(bracket[1]) if bracket else stated
        readings = [r for r in mention.readings if said is None or r[1] == said]
        if not readings:
            # A name known elsewhere, with another province beside it: a namesake not in the table.
            codes.add(said or "")
            continue
        if len({code for _, code in readings}) > 1:
            open_names += 1
            continue
        codes |= {code for _, code in readings}
        area = _before(_PROVINCE_OF, text, mention) or _PROVINCE_AFTER.match(text, mention.end)
        if len(readings) == 1 and readings[0][0] is not None and not area:
            cities.add((readings[0][0], readings[0][1]))
    if stated:
        codes.add(stated)
    if len(codes) != 1 or (open_names and not codes):
        return None
    (code,) = codes
    capital = provinces()[code].capital
    # "Mestre, Venezia" is Mestre: the capital often only names the province.
    towns = {city for city, _ in cities if city != capital} or {city for city, _ in cities}
    return _place(towns.pop() if len(towns) == 1 else None, code)


def read_place(text: str) -> Place | None:
    """The place that a place field holds ("Padova (PD)", "zona stazione Mestre").

    A province's code counts in brackets, at the end or alone. Streets ("via Roma") are no places.
    None when nothing is recognised or several provinces are.
    """
    text = " ".join(unicodedata.normalize("NFC", text).split())
    bracketed = [_code(m[1]) for m in _CODE_IN_BRACKETS.finditer(text)]
    at_end = _CODE_AT_END.search(text)
    codes = {code for code in [*bracketed, _code(at_end[1]) if at_end else None] if code}
    if len(codes) > 1:
        return None
    mentions = [m for m in _mentions(text) if not _before(_PART_OF_ANOTHER, text, m)]
    if not mentions and len(text) == 2 and (code := _code(text)):
        return _place(None, code)
    return _settle(text, mentions, next(iter(codes), None))


def find_place(text: str) -> Place | None:
    """The place that running text names; stricter than `read_place`.

    A name that is also a word or a person's name counts only with a capital letter after a place
    preposition or before its province's code. Where somebody comes from ("da Milano", "sono di
    Napoli") is not where she is. None when several provinces are named.
    """
    text = unicodedata.normalize("NFC", text)
    mentions = []
    for mention in _mentions(text):
        if _before(_PART_OF_ANOTHER, text, mention) or _before(_ORIGIN, text, mention):
            continue
        name = text[mention.start : mention.end]
        bracket = _CODE_IN_BRACKETS.match(text, mention.end)
        plain = " ".join(_key(name)) not in _everyday_words()
        with_code = bracket is not None and _code(bracket[1]) is not None
        if plain or with_code or (name[0].isupper() and _before(_AT, text, mention)):
            mentions.append(mention)
    return _settle(text, mentions, None) if mentions else None
