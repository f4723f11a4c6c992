"""The words of the languages: a trie of numerals, and the patterns of cues, labels and amounts.

A language is one file `languages/*.toml`; to add one, add its file. Keys:

`[numerals]` value = spellings, misspellings too (lower case, accents taken off; doubled letters
    need no variant). `[elided]` tens that have lost a vowel and need a unit after them.
`[grammar]` `hundred` multiplies the unit before it, `score` likewise by twenty; `double`,
    `triple` repeat what follows; `times`: "due volte tre"; `joiner` stands between tens and
    units, `unit_first` between unit and tens; `plus` is said for +; `ten_plus_unit`: dix-sept;
    `teens_after`: tens that take 11 to 19 (soixante-douze).
`[reading]` regular expressions: `fillers` between the parts of a number; `cues` announce a phone;
    `labels` announce another kind of number; `reversed`, `front`, `back`, `hint` explain how to
    change it.
`[amounts]` `money` and `units` follow a quantity, `before` stand before one; `lists` before
    a list of prices or sizes; `gifts` are said for
    money, and to say goodbye: they follow a round sum.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from rapidfuzz.distance import OSA

Role = Literal[
    "unit", "teen", "tens", "hundred", "elided", "by_hundred", "score", "repeat", "times", "joiner"
]


@dataclass(frozen=True, slots=True)
class Numeral:
    """A word of number: its part in a numeral, and its value."""

    role: Role
    value: int
    joins: bool = False
    """Tens that take teens, teens that take units: soixante-dix-sept."""
    alone: bool = False
    """Tens that take no unit after them: siebenundfünfzig."""


@dataclass(frozen=True, slots=True)
class Edge:
    """`token[start:end]` read as a numeral; `edits` letters were mended."""

    start: int
    end: int
    numeral: Numeral
    edits: int = 0


@dataclass(slots=True)
class _Node:
    next: dict[str, _Node] = field(default_factory=dict)
    numerals: list[Numeral] = field(default_factory=list)


def squeeze(word: str) -> str:
    """The word with doubled letters made single."""
    return "".join(letter for letter, _ in groupby(word))


class Vocabulary:
    """What all language files say together."""

    def __init__(self, languages: dict[str, dict[str, Any]]) -> None:
        self.words: dict[str, list[Numeral]] = {}
        self.unit_first: set[str] = set()
        self.plus: set[str] = set()
        self.joiners: set[str] = set()
        self.languages: dict[str, set[str]] = {}
        """The languages that know a word of number, by its squeezed form."""
        tables = list(languages.values())
        for name, table in languages.items():
            self._take(name, table)
        self.spellings = frozenset(
            word
            for word, numerals in self.words.items()
            if any(one.role not in ("joiner", "elided", "times") for one in numerals)
        )
        self.words = {squeeze(word): numerals for word, numerals in self.words.items()}
        self.root = _Node()
        for word, numerals in self.words.items():
            node = self.root
            for letter in word:
                node = node.next.setdefault(letter, _Node())
            node.numerals = numerals
        reading = [table["reading"] for table in tables]
        amounts = [table["amounts"] for table in tables]
        self.fillers = frozenset(word for part in reading for word in part["fillers"])
        self.cues = _alternatives(part["cues"] for part in reading)
        self.labels = _alternatives(part["labels"] for part in reading)
        self.reversed = _alternatives(part["reversed"] for part in reading)
        self.front = _alternatives(part["front"] for part in reading)
        self.back = _alternatives(part["back"] for part in reading)
        self.hint = _alternatives(part["hint"] for part in reading)
        told = (part[key] for part in reading for key in ("reversed", "front", "back", "hint"))
        self.remarks = sorted({_beginning(word) for words in told for word in words})
        self.times = _alternatives(table["grammar"].get("times", ()) for table in tables)
        self.money = _alternatives(part["money"] for part in amounts)
        self.gifts = _alternatives(part["gifts"] for part in amounts)
        self.units = _alternatives(part["units"] for part in amounts)
        self.lists = _alternatives(part["lists"] for part in amounts)
        self.before = _alternatives(part["before"] for part in amounts)
        self.months = _alternatives(part["months"] for part in amounts)

    def _take(self, language: str, table: dict[str, Any]) -> None:
        grammar = table["grammar"]
        teens_after = grammar.get("teens_after", ())
        for key, spellings in table["numerals"].items():
            value = int(key)
            role: Role = (
                "unit" if value < 10 else "teen" if value < 20 or value % 10 else
                "tens" if value < 100 else "hundred"
            )  # fmt: skip
            joins = value in teens_after or (value == 10 and grammar.get("ten_plus_unit", False))
            alone = role == "tens" and bool(grammar.get("unit_first"))
            for word in spellings:
                self._add(word, Numeral(role, value, joins, alone))
                self.languages.setdefault(squeeze(word), set()).add(language)
        for key, spellings in table.get("elided", {}).items():
            for word in spellings:
                self._add(word, Numeral("elided", int(key)))
        for name, role, value in (
            ("hundred", "by_hundred", 100), ("score", "score", 20),
            ("double", "repeat", 2), ("triple", "repeat", 3), ("times", "times", 0),
            ("joiner", "joiner", 0),
        ):  # fmt: skip
            for word in grammar.get(name, ()):
                self._add(word, Numeral(role, value))
        for word in grammar.get("unit_first", ()):
            self.unit_first.add(word)
            self._add(word, Numeral("joiner", 1))
        self.plus.update(grammar["plus"])
        self.joiners.update(grammar["joiner"])

    def _add(self, word: str, numeral: Numeral) -> None:
        known = self.words.setdefault(word, [])
        for other in known:
            if (other.role, other.value) == (numeral.role, numeral.value):
                if numeral.joins and not other.joins:
                    known[known.index(other)] = numeral
                return
        known.append(numeral)

    def edges_at(self, token: str, start: int) -> list[Edge]:
        """Numerals that begin at `token[start]`; any letter may be written several times."""
        found: list[Edge] = []
        node: _Node | None = self.root
        last = ""
        for place in range(start, len(token)):
            letter = token[place]
            if letter != last:
                node = node.next.get(letter) if node else None
                if node is None:
                    break
                last = letter
            if node is not None:
                found.extend(Edge(start, place + 1, numeral) for numeral in node.numerals)
        return found

    def mended_at(
        self, token: str, start: int, favoured: frozenset[str] = frozenset()
    ) -> list[Edge]:
        """Numerals that begin at `token[start]` with one letter wrong, missing or too many.

        By a whole token only a word of a `favoured` language is meant, where there is one.
        """
        found: list[Edge] = []
        if start == 0 and len(token) <= 20:
            whole = squeeze(token)
            meant = [
                word
                for word in self.words
                if len(word) >= 3
                and not (favoured and favoured.isdisjoint(self.languages.get(word, ())))
                and OSA.distance(whole, word, score_cutoff=1) <= 1
            ]
            alike = [word for word in meant if word[0] == whole[0]]
            for word in alike or meant:
                found.extend(Edge(0, len(token), numeral, 1) for numeral in self.words[word])
            if found:
                return found
        for word, numerals in self.words.items():
            if len(word) < 3 or numerals[0].role in ("joiner", "elided"):
                continue
            for length in (len(word) - 1, len(word), len(word) + 1):
                piece = token[start : start + length]
                if len(piece) == length and OSA.distance(piece, word, score_cutoff=1) == 1:
                    found.extend(Edge(start, start + length, numeral, 1) for numeral in numerals)
        return found


def _beginning(expression: str) -> str:
    """The letters with which every text begins that the expression matches."""
    match = re.match(r"[a-z ]+(?![?*])", expression)
    if match is None or len(match[0].strip()) < 3:
        raise ValueError(f"{expression!r} must begin with three letters that are always there")
    return match[0].strip()


def _alternatives(parts: Any) -> str:
    """The words as one expression, sorted by their first letter: so most are never tried."""
    words = {word for part in parts for word in part}
    return by_letter(sorted(words, key=lambda word: (-len(word), word)))


def by_letter(words: list[str]) -> str:
    """Alternatives, those that begin with the same letter behind it."""
    groups: dict[str, list[str]] = {}
    for word in words:
        plain = word[0].isalpha() and "|" not in word and word[1:2] not in ("?", "*", "+", "{")
        groups.setdefault(word[0] if plain else word, []).append(word[1:] if plain else "")
    return "|".join(
        head + (f"(?:{'|'.join(rests)})" if rests != [""] else "") for head, rests in groups.items()
    )


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary of all files in `languages/`, read once."""
    files = sorted((Path(__file__).parent / "languages").glob("*.toml"))
    return Vocabulary({file.stem: tomllib.loads(file.read_text("utf-8")) for file in files})


TOKEN_LIMIT = 200
"""Letters of the longest glued word that is taken apart."""
MEND_LIMIT = 60


@lru_cache(maxsize=8192)
def segment(
    token: str, mend: bool = False, favoured: frozenset[str] = frozenset()
) -> tuple[Edge, ...]:
    """All numerals in all ways of reading the whole of `token` as numerals; empty when none.

    With `mend`, places where no numeral begins may be read with one letter wrong, as a word of the
    `favoured` languages first.
    """
    if len(token) > (MEND_LIMIT if mend else TOKEN_LIMIT):
        return ()
    words = vocabulary()
    reached = {0}
    edges: list[Edge] = []
    for start in range(len(token)):
        if start not in reached:
            continue
        here = words.edges_at(token, start)
        if mend and (len(token) - start) >= 2:
            here += words.mended_at(token, start, favoured)
        edges.extend(here)
        reached.update(edge.end for edge in here)
    if len(token) not in reached:
        return ()
    useful = {len(token)}
    kept = []
    for edge in sorted(edges, key=lambda edge: -edge.end):
        if edge.end in useful:
            useful.add(edge.start)
            kept.append(edge)
    return tuple(sorted(kept, key=lambda edge: (edge.start, edge.end)))


def has_row(word: str) -> bool:
    """Whether a long word holds so many numerals that it must be a row of them, misspelt."""
    if len(word) < 16:
        return False
    words = vocabulary()
    found = place = 0
    while place < min(len(word), 120):
        ends = [edge.end for edge in words.edges_at(word, place) if edge.end - place >= 3]
        found += bool(ends)
        place = max(ends, default=place + 1)
    return found >= 4
