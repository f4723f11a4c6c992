"""The matching index: the features of every advert, beside the database, and the rarity table.

It is derived: whatever of it is missing, torn, stale or of another database is noticed and made
again. A list file names the shards, by the month in which their adverts were last seen, and the
pass up to which they speak; passes since are caught up with, and a list of a pass that the database
does not know is no list of it. The list is written last, so that a kill leaves the old or the new.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from matching.columns import columns_of
from matching.errors import MatchingError
from matching.intake import Part, parts
from matching.rarity import Rarity
from matching.shards import Shard, shard_of, together
from matching.threads import in_threads
from matching.whole import Whole
from storage import Store

LIST, TABLE = "list", "rarity"
MOST_SHARDS = 12
"""Shards of one month before they are written as one."""
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_READ = 50_000


@dataclass(frozen=True)
class Index:
    """What stands in the files: the table, and shards by file name, oldest first.

    `upto` is the pass after which they were written, `lost` whether a shard could not be read.
    """

    rarity: Rarity
    upto: int
    shards: dict[str, Shard] = field(default_factory=dict)
    lost: bool = False

    def __len__(self) -> int:
        return sum(len(each) for each in self.shards.values())


def listed(store: Store) -> bool:
    """Whether there is an index at all, of whatever worth."""
    return store.read_index(LIST) is not None


def opened(store: Store) -> Index | None:
    """The index as of the last pass, caught up with; None when it has to be made anew."""
    found = _read(store)
    if found is None or not found.rarity.adverts:
        return None
    last = store.last_pass()
    if found.upto == last and not found.lost:
        return found
    missed = set(store.matched_after(0 if found.lost else found.upto))
    if found.lost:
        # A month that was purged, or a file that was harmed: its adverts as they are now.
        fresh = set(store.matched_after(found.upto))
        here = {each for shard in found.shards.values() for each in shard.advert.tolist()}
        missed -= here - fresh
    return added(store, found, read_shard(store, missed, found.rarity), last)


def read(store: Store, adverts: Iterable[int]) -> list[Part]:
    """These adverts as the database has them now."""
    return list(parts(store.link_records(sorted(set(adverts)))))


def read_shard(store: Store, adverts: Iterable[int], rarity: Rarity) -> Shard:
    """These adverts as the database has them now, under the table."""
    return shard_of(columns_of(read(store, adverts), rarity))


def made(store: Store, shard: Shard, rarity: Rarity, upto: int) -> Index:
    """Write the index anew: the table, and every advert in the shard of its month."""
    store.write_index(TABLE, None, rarity.to_bytes())
    return _listed(store, Index(rarity, upto, _written(store, shard, upto)))


def added(store: Store, index: Index, shard: Shard, upto: int) -> Index:
    """Add adverts to the index; what it said of them before no longer counts."""
    shards = index.shards | (_written(store, shard, upto) if len(shard) else {})
    return _listed(store, Index(index.rarity, upto, _compacted(store, shards)))


def _written(store: Store, shard: Shard, upto: int) -> dict[str, Shard]:
    parts: dict[str, Shard] = {}
    month = np.array([month_of(day) for day in shard.last.tolist()], dtype="U7")
    for each in np.unique(month).tolist():
        # Segments of a size that loads, and is written again, in a moment.
        rows = np.flatnonzero(month == each)
        for start in range(0, len(rows), _READ):
            part = shard.take(rows[start : start + _READ])
            name = f"{each}.{upto}.{start // _READ}"
            store.write_index(name, each, part.to_bytes())
            parts[name] = part
    return parts


def _compacted(store: Store, shards: dict[str, Shard]) -> dict[str, Shard]:
    """Shards with the small ones of a month written as one, when they have become many."""
    months: dict[str, list[str]] = {}
    for name, shard in shards.items():
        if len(shard) < _READ:
            months.setdefault(name.partition(".")[0], []).append(name)
    for month, names in months.items():
        if len(names) > MOST_SHARDS:
            whole = together([shards[name] for name in names])
            part = whole.take(np.flatnonzero(latest(whole.advert)))
            name = f"{names[-1]}.{len(names)}"
            store.write_index(name, month, part.to_bytes())
            shards = {
                name if each == names[-1] else each: part if each == names[-1] else shard
                for each, shard in shards.items()
                if each == names[-1] or each not in names
            }
    return shards


def _listed(store: Store, index: Index) -> Index:
    told = {
        "upto": index.upto,
        "shards": [[name, len(shard)] for name, shard in index.shards.items()],
    }
    store.write_index(LIST, None, json.dumps(told).encode())
    store.keep_index([LIST, TABLE, *index.shards])
    return index


def _read(store: Store) -> Index | None:
    told, table = store.read_index(LIST), store.read_index(TABLE)
    if told is None or table is None:
        return None
    head = json.loads(told[:])
    if not store.knows_pass(head["upto"]):
        return None
    named = dict(head["shards"])

    def loaded(name: str) -> Shard | None:
        content = store.read_index(name)
        shard = Shard.from_bytes(content) if content is not None else None
        return shard if shard is not None and len(shard) == named[name] else None

    found = zip(named, in_threads(loaded, named), strict=True)
    shards = {name: shard for name, shard in found if shard is not None}
    try:
        lost = len(shards) < len(named)
        return Index(Rarity.from_bytes(table[:]), head["upto"], shards, lost)
    except MatchingError:
        return None


def latest(advert: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Of rows about one advert the last."""
    alive = np.zeros(len(advert), dtype=np.bool_)
    _, place = np.unique(advert[::-1], return_index=True)
    alive[len(advert) - 1 - place] = True
    return alive


def month_of(day: float) -> str:
    """The month ("2026-03") of a time in days since 2000."""
    return (_EPOCH + timedelta(days=0.0 if np.isnan(day) else day)).strftime("%Y-%m")


def days(moment: datetime) -> float:
    """A time in days since 2000."""
    return (moment - _EPOCH).total_seconds() / 86400


def whole_of(store: Store, index: Index, *more: Shard) -> Whole:
    """The whole index as one, and `more` after it."""
    shards = [*index.shards.values(), *more]
    return Whole(shards or [read_shard(store, [], index.rarity)])
