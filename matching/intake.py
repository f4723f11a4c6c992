"""Reading adverts into columns, part by part: nothing of a record is kept but its numbers.

A part is what one process read of a file, with codes of its own; `gathered` puts parts together
under common codes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from itertools import islice
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from matching.names import core, name_words
from matching.phrases import Int64s, UInt64s, phrases
from records.linking import LinkRecord

Int32s = NDArray[np.int32]
Floats = NDArray[np.float64]

MISSING = -1
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_PART = 20_000
"""Records whose texts are held at a time."""
FIELDS = ("site", "name", "city", "province")
USES = {"number": "number", "weak": "number", "handle": "handle", "called": "name"}
"""Kinds of what an advert uses, and whose values they are."""
_TITLE_WORDS = 3
"""Words at the beginning of a title among which a name is looked for."""


class Codes(dict[str, int]):
    """Numbers values in the order in which they appear."""

    def __missing__(self, value: str) -> int:
        self[value] = number = len(self)
        return number

    def code(self, value: str | None) -> int:
        """The number of a value, -1 for none."""
        return self[value] if value else MISSING


@dataclass(frozen=True)
class Part:
    """Adverts in columns. `coded` and `values` have the keys of FIELDS, `uses` those of USES.

    `coded[field][advert]` is a place in `values[field]`; `uses[kind]` are pairs of advert and
    contact, a place in `values["number"]` or `values["handle"]`. `uses["called"]` are the first
    words of the title where there is no nickname, places in `values["name"]`: one may be a name.
    `tie` orders adverts first seen at one time. Phrases lie advert after advert, `counts` of each.
    """

    ids: list[str]
    tie: NDArray[np.uint32]
    first: Floats
    last: Floats
    age: Int32s
    price: Int32s
    coded: dict[str, Int32s]
    values: dict[str, list[str]]
    uses: dict[str, tuple[Int32s, Int32s]]
    phrases: UInt64s
    counts: Int64s


@dataclass(frozen=True, slots=True)
class Adverts:
    """Adverts as they were read, field by field: equally long lists with LinkRecord's meanings."""

    ids: list[str]
    site: list[str | None]
    seen_from: list[datetime | None]
    seen_to: list[datetime | None]
    title: list[str]
    text: list[str]
    nickname: list[str | None]
    age: list[int | None]
    price_cents: list[int | None]
    city: list[str | None]
    province: list[str | None]
    phones: Sequence[Sequence[str]]
    weak_phones: Sequence[Sequence[str]]
    handles: Sequence[Sequence[str]]


def part_of(adverts: Adverts) -> Part:
    """The adverts in columns, under codes of their own."""
    site, sites = _coded(adverts.site)
    name, names = _named(adverts.nickname)
    city, cities = _coded([value and value.casefold() for value in adverts.city])
    province, provinces = _coded([value and value.upper() for value in adverts.province])
    spelling: dict[str, str] = {}
    for value in dict.fromkeys(adverts.city):
        if value:
            spelling.setdefault(value.casefold(), value)
    numbers, (number, weak) = _used(adverts.phones, adverts.weak_phones)
    handles, (handle,) = _used(adverts.handles)
    called = _called(name, adverts.title, names)
    first = _times(adverts.seen_from, adverts.seen_to)
    one_time = adverts.seen_from is adverts.seen_to
    hashes, counts = phrases(
        [
            (nickname or "", title, text)
            for nickname, title, text in zip(
                adverts.nickname, adverts.title, adverts.text, strict=True
            )
        ]
    )
    return Part(
        adverts.ids,
        np.array([crc32(name.encode("utf-8", "replace")) for name in adverts.ids], np.uint32),
        first,
        first if one_time else _times(adverts.seen_to, adverts.seen_from),
        np.array([MISSING if age is None else age for age in adverts.age], np.int32),
        np.array(
            [MISSING if cents is None else cents // 100 for cents in adverts.price_cents], np.int32
        ),
        {"site": site, "name": name, "city": city, "province": province},
        {
            "site": sites,
            "name": list(names),
            "city": [spelling[each] for each in cities],
            "province": provinces,
            "number": numbers,
            "handle": handles,
        },
        {"number": number, "weak": weak, "handle": handle, "called": called},
        hashes,
        counts,
    )


def _coded(values: Sequence[str | None]) -> tuple[Int32s, list[str]]:
    """Values by their place among the distinct ones, which come second; MISSING for none."""
    distinct = [value for value in dict.fromkeys(values) if value]
    code: dict[str | None, int] = {value: place for place, value in enumerate(distinct)}
    code[None] = code[""] = MISSING
    return np.fromiter(map(code.__getitem__, values), np.int32, len(values)), distinct


def _named(nicknames: Sequence[str | None]) -> tuple[Int32s, Codes]:
    """Nicknames by the code of their core, and the codes."""
    codes = Codes()
    code = {nickname: codes.code(core(nickname)) for nickname in dict.fromkeys(nicknames)}
    return np.fromiter(map(code.__getitem__, nicknames), np.int32, len(nicknames)), codes


def _called(name: Int32s, titles: Sequence[str], names: Codes) -> tuple[Int32s, Int32s]:
    """(advert, name) of the words that begin the titles of adverts without a name."""
    adverts, called = array("i"), array("i")
    known: dict[str, int] = {}
    for row in np.flatnonzero(name == MISSING).tolist():
        for word in name_words(titles[row])[:_TITLE_WORDS]:
            if word not in known:
                known[word] = names.code(core(word))
            if known[word] != MISSING:
                adverts.append(row)
                called.append(known[word])
    return np.array(adverts, np.int32), np.array(called, np.int32)


def _used(
    *kinds: Sequence[Sequence[str]],
) -> tuple[list[str], list[tuple[Int32s, Int32s]]]:
    """The distinct contacts; for each of `kinds`, (advert, contact) of those that adverts use."""
    known = Codes()
    found: list[tuple[Int32s, Int32s]] = []
    for every in kinds:
        used = [
            (row, known[contact])
            for row, contacts in enumerate(every)
            if contacts
            for contact in (contacts if len(contacts) == 1 else dict.fromkeys(contacts))
        ]
        pairs = np.array(used, np.int32).reshape(-1, 2)
        found.append((pairs[:, 0].copy(), pairs[:, 1].copy()))
    return list(known), found


def _times(moments: Sequence[datetime | None], others: Sequence[datetime | None]) -> Floats:
    """Days since 2000, of the other moment where one is missing."""
    return np.array(
        [_days(one or other) for one, other in zip(moments, others, strict=True)], np.float64
    )


def _days(moment: datetime | None) -> float:
    if moment is None:
        return float("nan")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH).total_seconds() / 86400


def parts(records: Iterable[LinkRecord]) -> Iterator[Part]:
    """Read a stream of records, a part at a time; at least one part."""
    stream = iter(records)
    held = list(islice(stream, _PART))
    while True:
        yield part_of(_by_field(held))
        held = list(islice(stream, _PART))
        if not held:
            return


def _by_field(records: Sequence[LinkRecord]) -> Adverts:
    names = ("id", *[each.name for each in fields(Adverts)][1:])
    return Adverts(*([getattr(record, name) for record in records] for name in names))


def gathered(found: Sequence[Part]) -> Part:
    """All parts as one, under common codes; cities that differ in case only are one."""
    if len(found) == 1:
        return found[0]
    codes = {field: Codes() for field in found[0].values}
    spelling: dict[str, str] = {}
    coded: dict[str, list[Int32s]] = {field: [] for field in FIELDS}
    uses: dict[str, tuple[list[Int32s], list[Int32s]]] = {kind: ([], []) for kind in USES}
    offset = 0
    for part in found:
        common: dict[str, Int32s] = {}
        for field, values in part.values.items():
            if field == "city":
                folded = [value.casefold() for value in values]
                for one, value in zip(folded, values, strict=True):
                    spelling.setdefault(one, value)
                values = folded
            known = codes[field]
            # One more place, the last, so that -1 stays -1.
            common[field] = np.array([*map(known.__getitem__, values), MISSING], np.int32)
        for field in FIELDS:
            coded[field].append(common[field][part.coded[field]])
        for kind, field in USES.items():
            adverts, used = part.uses[kind]
            uses[kind][0].append(adverts + np.int32(offset))
            uses[kind][1].append(common[field][used])
        offset += len(part.ids)
    all_values = {field: list(known) for field, known in codes.items()}
    all_values["city"] = [spelling[city] for city in all_values["city"]]
    return Part(
        [name for part in found for name in part.ids],
        np.concatenate([part.tie for part in found]),
        np.concatenate([part.first for part in found]),
        np.concatenate([part.last for part in found]),
        np.concatenate([part.age for part in found]),
        np.concatenate([part.price for part in found]),
        {field: np.concatenate(coded[field]) for field in FIELDS},
        all_values,
        {kind: (np.concatenate(uses[kind][0]), np.concatenate(uses[kind][1])) for kind in USES},
        np.concatenate([part.phrases for part in found]),
        np.concatenate([part.counts for part in found]),
    )
