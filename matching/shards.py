"""Shards: what matching keeps of adverts, in arrays that are written and read whole.

A shard holds of each advert the features that blocking and scoring take (`matching.rarity`: they
depend on the advert and the table alone) and the keys of its blocks. It has no text, and of
contacts only storage's ids.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from mmap import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.candidates import blocks
from matching.columns import MISSING, Columns, Uses
from matching.intake import Codes
from matching.rarity import Rarity
from matching.sketches import Sketches

Int64s = NDArray[np.int64]
UInt32s = NDArray[np.uint32]
Rows = NDArray[np.int64]

CODED = ("site", "name", "city", "province")
KINDS = ("numbers", "weak", "handles")
TAIL_BITS = 6
KEY_BITS = 32 + TAIL_BITS
_KEY_SHIFT, _TAIL_SHIFT = np.uint64(32), np.uint64(32 - TAIL_BITS)
_FORMAT = 5


@dataclass(frozen=True)
class Shard:
    """n adverts. `values` are what the codes of CODED stand for. `uses_*` are (row, contact id).

    `keys` are the first 32 bits of each advert's block keys, advert after advert, `key_count` of
    each; `tails` are the next TAIL_BITS: together they are what counts of a key
    (`matching.candidates`). The rest is as in `Columns` and `Sketches`.
    """

    advert: Int64s
    tie: UInt32s
    first: NDArray[np.float64]
    last: NDArray[np.float64]
    age: NDArray[np.int32]
    price: NDArray[np.int32]
    site: NDArray[np.int32]
    name: NDArray[np.int32]
    city: NDArray[np.int32]
    province: NDArray[np.int32]
    numbers: Int64s
    weak: Int64s
    handles: Int64s
    known: UInt32s
    level: NDArray[np.uint8]
    fresh: UInt32s
    total: NDArray[np.int32]
    keys: UInt32s
    tails: NDArray[np.uint8]
    key_count: NDArray[np.int32]
    values: dict[str, list[str]]

    def __len__(self) -> int:
        return len(self.advert)

    def to_bytes(self) -> bytes:
        """The shard as a file: a line of JSON, then the arrays."""
        arrays = {name: np.ascontiguousarray(getattr(self, name)) for name in _ARRAYS}
        head = {
            "format": _FORMAT,
            "values": self.values,
            "arrays": [
                [name, array.dtype.str, list(array.shape)] for name, array in arrays.items()
            ],
        }
        return b"\n".join(
            [json.dumps(head).encode(), b"".join(array.tobytes() for array in arrays.values())]
        )

    @classmethod
    def from_bytes(cls, content: mmap) -> Shard | None:
        """Read what `to_bytes` wrote, which stays where it is; None for another format."""
        line = content.find(b"\n")
        head: dict[str, Any] = json.loads(content[:line])
        if head["format"] != _FORMAT:
            return None
        place = line + 1
        arrays: dict[str, Any] = {}
        for name, kind, shape in head["arrays"]:
            count = int(np.prod(shape, dtype=np.int64))
            arrays[name] = np.frombuffer(content, kind, count, place).reshape(shape)
            place += arrays[name].nbytes
        return cls(**arrays, values=head["values"])

    def take(self, rows: Rows) -> Shard:
        """Only these rows, in their order."""
        place = np.full(len(self), -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        changed: dict[str, Any] = {
            name: getattr(self, name)[rows]
            for name in _ARRAYS
            if name not in (*KINDS, *CODED, "keys", "tails")
        }
        values: dict[str, list[str]] = {}
        for field in CODED:
            changed[field], values[field] = self._coded(field, rows)
        for kind in KINDS:
            uses = getattr(self, kind)
            uses = uses[place[uses[:, 0]] >= 0]
            changed[kind] = np.column_stack([place[uses[:, 0]], uses[:, 1]])
        places = self._key_places(rows)
        changed["keys"], changed["tails"] = self.keys[places], self.tails[places]
        return replace(self, **changed, values=values)

    @cached_property
    def key_ends(self) -> Int64s:
        """For each row where its keys end."""
        return np.cumsum(self.key_count, dtype=np.int64)

    def keys_of(self, rows: Rows) -> Int64s:
        """The keys of these rows."""
        return self.key_at(self._key_places(rows))

    def key_at(self, places: Rows) -> Int64s:
        """The keys at these places of `keys`, whole."""
        return (self.keys[places].astype(np.int64) << TAIL_BITS) | self.tails[places]

    def _key_places(self, rows: Rows) -> Rows:
        return spans(self.key_ends[rows] - self.key_count[rows], self.key_count[rows])

    def _coded(self, field: str, rows: Rows) -> tuple[NDArray[np.int32], list[str]]:
        """A field's codes in these rows, and what they stand for: no value that none has."""
        code, known = getattr(self, field)[rows], self.values[field]
        used = np.zeros(len(known) + 1, dtype=np.bool_)
        used[code] = True
        used[MISSING] = False
        place = np.cumsum(used, dtype=np.int32) - 1
        place[MISSING] = MISSING
        return place[code], [known[each] for each in np.flatnonzero(used).tolist()]

    def columns(self, rarity: Rarity) -> Columns:
        """These adverts as columns, under the table that their sketches were chosen with."""
        contacts, coded = {}, {}
        number_ids = np.unique(np.concatenate([self.numbers[:, 1], self.weak[:, 1]]))
        handle_ids = np.unique(self.handles[:, 1])
        for kind in KINDS:
            uses, ids = getattr(self, kind), handle_ids if kind == "handles" else number_ids
            order = np.argsort(uses[:, 0], kind="stable")
            contacts[kind] = Uses(
                uses[order, 0].astype(np.int32),
                np.searchsorted(ids, uses[order, 1]).astype(np.int32),
                [str(each) for each in ids.tolist()],
            )
        every = np.arange(len(self))
        for field in CODED:
            coded[field] = self._coded(field, every)
        return Columns(
            [str(each) for each in self.advert.tolist()],
            self.tie,
            *coded["site"],
            self.first,
            self.last,
            *coded["name"],
            self.age,
            self.price,
            *coded["city"],
            *coded["province"],
            contacts["numbers"],
            contacts["weak"],
            contacts["handles"],
            rarity,
            Sketches(self.known, self.level, self.fresh, self.total),
        )


_ARRAYS = tuple(each.name for each in fields(Shard) if each.name != "values")


def shard_of(table: Columns) -> Shard:
    """The shard of columns whose ids and contacts are storage's."""
    key_parts, row_parts = [np.zeros(0, np.uint32)], [np.zeros(0, np.int32)]
    tail_parts = [np.zeros(0, np.uint8)]
    for keys, rows in blocks(table):
        key_parts.append((keys >> _KEY_SHIFT).astype(np.uint32))
        tail_parts.append((keys >> _TAIL_SHIFT).astype(np.uint8) & np.uint8((1 << TAIL_BITS) - 1))
        row_parts.append(rows)
    rows = np.concatenate(row_parts)
    order = np.argsort(rows, kind="stable")
    contact = np.array([int(name) for name in table.numbers.names], np.int64)
    handle = np.array([int(name) for name in table.handles.names], np.int64)
    return Shard(
        advert=np.array([int(name) for name in table.ids], np.int64),
        tie=table.tie,
        first=table.first,
        last=table.last,
        age=table.age,
        price=table.price,
        site=table.site,
        name=table.name,
        city=table.city,
        province=table.province,
        numbers=_uses(table.numbers, contact),
        weak=_uses(table.weak_numbers, contact),
        handles=_uses(table.handles, handle),
        known=table.texts.known,
        level=table.texts.level,
        fresh=table.texts.fresh,
        total=table.texts.total,
        keys=np.concatenate(key_parts)[order],
        tails=np.concatenate(tail_parts)[order],
        key_count=np.bincount(rows, minlength=len(table)).astype(np.int32),
        values={
            "site": table.sites,
            "name": table.names,
            "city": table.cities,
            "province": table.provinces,
        },
    )


def together(shards: Sequence[Shard]) -> Shard:
    """All shards as one, under common codes."""
    joined: dict[str, Any] = {}
    offsets = np.cumsum([0, *(len(each) for each in shards)])
    values: dict[str, list[str]] = {}
    for field in CODED:
        codes, spelling, parts = Codes(), dict[str, str](), []
        for each in shards:
            # Cities that differ in case only are one.
            keys = [value.casefold() for value in each.values[field]]
            for key, value in zip(keys, each.values[field], strict=True):
                spelling.setdefault(key, value)
            common = np.array([*map(codes.__getitem__, keys), MISSING], np.int32)
            parts.append(common[getattr(each, field)])
        joined[field], values[field] = np.concatenate(parts), [spelling[key] for key in codes]
    for kind in KINDS:
        joined[kind] = np.concatenate(
            [
                getattr(each, kind) + np.array([offset, 0])
                for each, offset in zip(shards, offsets[:-1].tolist(), strict=True)
            ]
        )
    for name in _ARRAYS:
        if name not in joined:
            joined[name] = np.concatenate([getattr(each, name) for each in shards])
    return Shard(**joined, values=values)


def _uses(uses: Uses, ids: Int64s) -> Int64s:
    if not len(uses.advert):
        return np.zeros((0, 2), np.int64)
    return np.column_stack([uses.advert.astype(np.int64), ids[uses.contact]])


def spans(starts: Int64s, counts: NDArray[np.int32]) -> Int64s:
    """All places of the spans that begin at `starts` and are `counts` long."""
    ends = np.cumsum(counts, dtype=np.int64)
    within = np.arange(int(ends[-1]) if len(ends) else 0, dtype=np.int64)
    places: Int64s = within + np.repeat(starts - (ends - counts), counts)
    return places
