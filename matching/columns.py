"""Adverts as columns: numbers in arrays, so that comparing is arithmetic over whole columns.

`Columns` is what one file or one pass links. It keeps no text: of what an advert says it has codes,
and the sketch of its rarest phrases under a rarity table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matching.intake import MISSING as MISSING
from matching.intake import Floats, Int32s, Part, gathered, parts
from matching.likeness import Likeness
from matching.phrases import Int64s
from matching.rarity import Rarity, counted
from matching.sketches import Sketches, sketches
from records.linking import LinkRecord

CONTACTS_KEPT = 4
"""Numbers (and handles) of one advert that are compared: those on the fewest names."""
NAMED = 3
"""Hands that give a word as their nickname, from which on it is a name in a title, too."""


@dataclass(frozen=True)
class Uses:
    """Which advert uses which contact, one pair a row; contact k is `names[k]`.

    Confirmed and candidate numbers share their codes: one may be the other elsewhere.
    """

    advert: Int32s
    contact: Int32s
    names: list[str]

    @property
    def count(self) -> int:
        """How many codes there are."""
        return len(self.names)

    def used(self) -> frozenset[str]:
        """The contacts that some advert uses this way."""
        return frozenset(self.names[code] for code in np.unique(self.contact).tolist())


@dataclass(frozen=True)
class Columns:
    """n adverts by column. Codes are -1 where the advert does not say, times days since 2000.

    `sites`, `names`, `cities` and `provinces` are what the codes stand for, as first written. `tie`
    orders adverts first seen at one time. `texts` was chosen under `rarity`.
    """

    ids: list[str]
    tie: NDArray[np.uint32] = field(repr=False)
    site: Int32s
    sites: list[str]
    first: Floats
    last: Floats
    name: Int32s
    names: list[str]
    age: Int32s
    price: Int32s
    city: Int32s
    cities: list[str]
    province: Int32s
    provinces: list[str]
    numbers: Uses
    weak_numbers: Uses
    handles: Uses
    rarity: Rarity
    texts: Sketches = field(repr=False)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def hand(self) -> Int64s:
        """Who wrote it, for counting: its number, else its handle, else the advert itself.

        A number or handle on more than two names may be a switchboard: there, every name is a hand.
        """
        who = np.arange(len(self), dtype=np.int64)
        name = np.zeros(len(self), dtype=np.int64)
        offset = len(self)
        for uses, names in (
            (self.handles, self.handle_names),
            (self.weak_numbers, np.ones(self.weak_numbers.count, dtype=np.int32)),
            (self.numbers, self.number_names),
        ):
            # The last assignment to an advert wins: reversed, so that its first contact does.
            advert, contact = uses.advert[::-1], uses.contact[::-1]
            who[advert] = offset + contact
            group = np.where(self.name[advert] == MISSING, -1, self.name_group[self.name[advert]])
            name[advert] = np.where(names[contact] > 2, group + 1, 0)
            offset += uses.count
        key = who * (len(self.names) + 1) + name
        hands: Int64s = np.unique(key, return_inverse=True)[1].astype(np.int64)
        return hands

    @cached_property
    def number_names(self) -> Int32s:
        """For each number, how many names use it (at least 1)."""
        return self._names_per(self.numbers)

    @cached_property
    def handle_names(self) -> Int32s:
        """For each handle, how many names use it (at least 1)."""
        return self._names_per(self.handles)

    def _names_per(self, uses: Uses) -> Int32s:
        group = self.name_group[self.name[uses.advert]]
        said = self.name[uses.advert] != MISSING
        width = max(len(self.names), 1)
        pairs = np.unique(uses.contact[said].astype(np.int64) * width + group[said])
        names = np.bincount(pairs // width, minlength=uses.count)
        return np.maximum(names, 1).astype(np.int32)

    @cached_property
    def name_group(self) -> Int64s:
        """For each name, a number that it shares with those that begin alike (Vale, Valentina)."""
        starts: dict[str, int] = {}
        return np.array(
            [starts.setdefault(name[:3], place) for place, name in enumerate(self.names)] or [0],
            dtype=np.int64,
        )

    @cached_property
    def alike(self) -> Likeness:
        """Tells which names are one name varied."""
        return Likeness(self.names)

    @cached_property
    def name_hands(self) -> Int64s:
        """For each name, how many hands of the counted corpus have it."""
        hands = [self.rarity.names.get(name, 0) for name in self.names]
        return np.array(hands or [0], dtype=np.int64)

    @cached_property
    def city_hands(self) -> Int64s:
        """For each city, how many hands of the counted corpus are there."""
        hands = [self.rarity.cities.get(city, 0) for city in map(str.casefold, self.cities)]
        return np.array(hands or [0], dtype=np.int64)

    @cached_property
    def rank(self) -> Int32s:
        """The place of each advert in the order of (first seen, id)."""
        order = np.lexsort((self.tie, np.nan_to_num(self.first)))
        place = np.empty(len(self), dtype=np.int32)
        place[order] = np.arange(len(self), dtype=np.int32)
        return place

    @cached_property
    def kept_numbers(self) -> Int32s:
        """Numbers of each advert by row, those on the fewest names first, padded with -1."""
        return _padded(len(self), self.numbers, self.number_names)

    @cached_property
    def kept_weak_numbers(self) -> Int32s:
        """Candidate numbers of each advert by row."""
        return _padded(
            len(self), self.weak_numbers, np.zeros(self.weak_numbers.count, dtype=np.int32)
        )

    @cached_property
    def kept_handles(self) -> Int32s:
        """Handles of each advert by row, those on the fewest names first."""
        return _padded(len(self), self.handles, self.handle_names)


def _padded(count: int, uses: Uses, rank: Int32s) -> Int32s:
    table = np.full((count, CONTACTS_KEPT), MISSING, np.int32)
    order = np.lexsort((uses.contact, rank[uses.contact], uses.advert))
    advert, contact = uses.advert[order], uses.contact[order]
    place = np.arange(len(advert)) - np.searchsorted(advert, advert)
    inside = place < CONTACTS_KEPT
    table[advert[inside], place[inside]] = contact[inside]
    width = max(int(place[inside].max()) + 1, 1) if inside.any() else 1
    return table[:, :width]


def columns(records: Iterable[LinkRecord], rarity: Rarity | None = None) -> Columns:
    """Read a stream of records into columns, under the rarity table given or their own."""
    return columns_of(list(parts(records)), rarity)


def columns_of(found: Sequence[Part], rarity: Rarity | None = None) -> Columns:
    """The columns of parts that were read, under the rarity table given or one counted of them."""
    part = gathered(found)
    number_names = part.values["number"]
    bare = Columns(
        part.ids,
        part.tie,
        part.coded["site"],
        part.values["site"],
        part.first,
        part.last,
        part.coded["name"],
        part.values["name"],
        part.age,
        part.price,
        part.coded["city"],
        part.values["city"],
        part.coded["province"],
        part.values["province"],
        Uses(*part.uses["number"], number_names),
        Uses(*part.uses["weak"], number_names),
        Uses(*part.uses["handle"], part.values["handle"]),
        rarity or Rarity(),
        sketches(part.phrases[:0], part.counts[:0], Rarity(), complete=True),
    )
    table = rarity
    if table is None:
        table = counted(
            bare.hand.astype(np.int32),
            (bare.name, bare.names),
            (bare.city, [city.casefold() for city in bare.cities]),
            bare.age,
            part.phrases,
            np.repeat(np.arange(len(bare), dtype=np.int32), part.counts),
        )
    name, names = _named(part, table)
    texts = sketches(part.phrases, part.counts, table, complete=rarity is None)
    return replace(bare, name=name, names=names, rarity=table, texts=texts)


def _named(part: Part, rarity: Rarity) -> tuple[Int32s, list[str]]:
    """The names of adverts, from the beginning of the title where there is no nickname."""
    values = part.values["name"]
    advert, word = part.uses["called"]
    known = np.array([rarity.names.get(name, 0) >= NAMED for name in values] or [False])[word]
    name = part.coded["name"].copy()
    # The last assignment wins: reversed, so that the first word does.
    name[advert[known][::-1]] = word[known][::-1]
    used, code = np.unique(np.append(name, MISSING), return_inverse=True)
    return (code[:-1] - 1).astype(np.int32), [values[each] for each in used[1:].tolist()]
