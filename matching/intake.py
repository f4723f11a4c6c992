"""Reading adverts into columns, part by part: nothing of a record is kept but its numbers.

A part is what one process read of a file, with codes of its own; `gathered` puts parts together
under common codes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
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


class _Reading:
    """One part as it is read."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.first, self.last = array("d"), array("d")
        self.age, self.price = array("i"), array("i")
        self.coded = {field: array("i") for field in FIELDS}
        self.codes = {field: Codes() for field in (*FIELDS, "number", "handle")}
        self.cores: dict[str | None, int] = {}
        self.city_spelling: dict[int, str] = {}
        self.uses = {kind: (array("i"), array("i")) for kind in USES}
        self.texts: list[tuple[str, str, str]] = []

    def add(self, record: LinkRecord) -> None:
        row = len(self.ids)
        self.ids.append(record.id)
        self.first.append(_days(record.seen_from or record.seen_to))
        self.last.append(_days(record.seen_to or record.seen_from))
        self.age.append(MISSING if record.age is None else record.age)
        self.price.append(MISSING if record.price_cents is None else record.price_cents // 100)
        coded, codes = self.coded, self.codes
        coded["site"].append(codes["site"].code(record.site))
        nickname = record.nickname
        coded["name"].append(self._name(nickname))
        if coded["name"][-1] == MISSING:
            adverts, called = self.uses["called"]
            for word in name_words(record.title)[:_TITLE_WORDS]:
                if (name := self._name(word)) != MISSING:
                    adverts.append(row)
                    called.append(name)
        city = codes["city"].code(record.city and record.city.casefold())
        coded["city"].append(city)
        self.city_spelling.setdefault(city, record.city or "")
        coded["province"].append(
            codes["province"].code(record.province and record.province.upper())
        )
        for kind, contacts in (
            ("number", record.phones),
            ("weak", record.weak_phones),
            ("handle", record.handles),
        ):
            if contacts:
                known = codes[USES[kind]]
                adverts, used = self.uses[kind]
                for contact in dict.fromkeys(contacts):
                    adverts.append(row)
                    used.append(known[contact])
        self.texts.append((nickname or "", record.title, record.text))

    def _name(self, nickname: str | None) -> int:
        if nickname not in self.cores:
            self.cores[nickname] = self.codes["name"].code(core(nickname))
        return self.cores[nickname]

    def part(self) -> Part:
        values = {field: list(codes) for field, codes in self.codes.items()}
        values["city"] = [self.city_spelling[code] for code in range(len(values["city"]))]
        hashes, counts = phrases(self.texts)
        return Part(
            self.ids,
            np.array([crc32(name.encode("utf-8", "replace")) for name in self.ids], np.uint32),
            np.array(self.first, np.float64),
            np.array(self.last, np.float64),
            np.array(self.age, np.int32),
            np.array(self.price, np.int32),
            {field: np.array(coded, np.int32) for field, coded in self.coded.items()},
            values,
            {
                kind: (np.array(adverts, np.int32), np.array(used, np.int32))
                for kind, (adverts, used) in self.uses.items()
            },
            hashes,
            counts,
        )


def _days(moment: datetime | None) -> float:
    if moment is None:
        return float("nan")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH).total_seconds() / 86400


def parts(records: Iterable[LinkRecord]) -> Iterator[Part]:
    """Read a stream of records, a part at a time; at least one part."""
    reading = _Reading()
    for record in records:
        if len(reading.ids) == _PART:
            yield reading.part()
            reading = _Reading()
        reading.add(record)
    yield reading.part()


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
