"""Adverts as columns: numbers in arrays, so that comparing is arithmetic over whole columns.

`Columns` is what one file or one pass links. It is built record by record from a stream, and
keeps no text: words become hashes at once.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matching.names import core, name_words
from matching.phrases import Phrases, WordHashes, bigrams, rarest
from records.linking import LinkRecord

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]

MISSING = -1
CONTACTS_KEPT = 4
"""Numbers (and handles) of one advert that are compared: those on the fewest names."""

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class _Codes(dict[str, int]):
    """Numbers values in the order in which they appear."""

    def __missing__(self, value: str) -> int:
        self[value] = number = len(self)
        return number

    def code(self, value: str | None) -> int:
        return self[value] if value else MISSING


def _days(moment: datetime | None) -> float:
    if moment is None:
        return float("nan")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH).total_seconds() / 86400


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

    `names`, `cities` and `provinces` are what the codes stand for, as first written.
    """

    ids: list[str]
    site: Int32s
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
    words: NDArray[np.uint64] = field(repr=False)
    lengths: Int64s = field(repr=False)

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
    def phrases(self) -> Phrases:
        """The rarest phrases of every advert."""
        return rarest(*bigrams(self.words, self.lengths), self.hand)

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
    def name_share(self) -> Floats:
        """For each name, its share of all named hands: how common it is."""
        named = self.name != MISSING
        pairs = np.unique(self.hand[named] * max(len(self.names), 1) + self.name[named])
        hands = np.bincount(pairs % max(len(self.names), 1), minlength=len(self.names))
        return hands / max(int(hands.sum()), 1)

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


def columns(records: Iterable[LinkRecord]) -> Columns:
    """Read a stream of records into columns; nothing of a record is kept but its numbers."""
    ids: list[str] = []
    sites, names, cities, provinces = _Codes(), _Codes(), _Codes(), _Codes()
    numbers, handles = _Codes(), _Codes()
    spellings: dict[int, str] = {}
    cores: dict[str | None, int] = {}
    hashes = WordHashes()
    site, name, city, province = array("i"), array("i"), array("i"), array("i")
    age, price = array("i"), array("i")
    first, last = array("d"), array("d")
    words, lengths = array("Q"), array("q")
    uses = {kind: (array("i"), array("i")) for kind in ("number", "weak", "handle")}
    for row, record in enumerate(records):
        ids.append(record.id)
        site.append(sites.code(record.site))
        first.append(_days(record.seen_from or record.seen_to))
        last.append(_days(record.seen_to or record.seen_from))
        if record.nickname not in cores:
            cores[record.nickname] = names.code(core(record.nickname))
        name.append(cores[record.nickname])
        age.append(MISSING if record.age is None else record.age)
        price.append(MISSING if record.price_cents is None else record.price_cents // 100)
        city.append(cities.code(record.city and record.city.casefold()))
        spellings.setdefault(city[-1], record.city or "")
        province.append(provinces.code(record.province and record.province.upper()))
        found = (
            ("number", numbers, record.phones),
            ("weak", numbers, record.weak_phones),
            ("handle", handles, record.handles),
        )
        for kind, codes, contacts in found:
            for contact in dict.fromkeys(contacts):
                uses[kind][0].append(row)
                uses[kind][1].append(codes[contact])
        own = frozenset(name_words(record.nickname)) if record.nickname else ()
        text = hashes.of(record.title, record.text, own)
        words.extend(text)
        lengths.append(len(text))
    number_names = list(numbers)
    return Columns(
        ids,
        _int32(site),
        np.array(first, dtype=np.float64),
        np.array(last, dtype=np.float64),
        _int32(name),
        list(names),
        _int32(age),
        _int32(price),
        _int32(city),
        [spellings[code] for code in range(len(cities))],
        _int32(province),
        list(provinces),
        Uses(_int32(uses["number"][0]), _int32(uses["number"][1]), number_names),
        Uses(_int32(uses["weak"][0]), _int32(uses["weak"][1]), number_names),
        Uses(_int32(uses["handle"][0]), _int32(uses["handle"][1]), list(handles)),
        np.array(words, dtype=np.uint64),
        np.array(lengths, dtype=np.int64),
    )


def _int32(values: array[int]) -> Int32s:
    return np.array(values, dtype=np.int32)
