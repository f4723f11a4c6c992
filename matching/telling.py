"""Why adverts are linked, or not, from the store: weights in words, and the words they share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

import numpy as np

from config import MatchingSettings
from matching import index as files
from matching.errors import MatchingError
from matching.index import Index
from matching.names import plain
from matching.nearby import count_names
from matching.phrases import phrases
from matching.rarity import Rarity
from matching.score import evidence, score
from matching.signals import Facts
from matching.weights import in_force
from records.judgements import Judgement, Verdict, decisions
from records.linking import Evidence, LinkRecord
from storage import Store

PHRASES_TOLD = 3
_LONGEST = 6
"""Words of a phrase that is quoted."""
_WORDS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class PairTold:
    """Two adverts, what speaks for one person behind both, and what they share.

    `probability` is by these two alone, `in_all` by all adverts of both sides, None where they are
    not linked. `together` says whether they are in one profile now, `sure` whether weights would
    link them. `judgements` is what people said of the two, undone words too. `path` is the chain of
    links that binds them where they are together otherwise: each next advert with its link's
    probability, None where people decided. `parted` says that people decided of other adverts of
    the two profiles that they are not one. `phrases` are the rarest word for word, from texts
    without contact details.
    """

    a: int
    b: int
    probability: float
    evidence: tuple[Evidence, ...]
    phrases: tuple[str, ...]
    judgements: tuple[Judgement, ...]
    together: bool
    sure: bool
    in_all: float | None = None
    path: tuple[tuple[int, float | None], ...] = ()
    parted: bool = False


class Explaining:
    """Explains adverts of a store. Raises MatchingError when nothing was matched yet."""

    def __init__(self, store: Store, settings: MatchingSettings) -> None:
        found = files.opened(store)
        if found is None:
            raise MatchingError("nothing was matched yet; run `faro match` first")
        self._store, self._index = store, found
        self._whole = files.whole_of(store, found)
        self._model = in_force(store, settings)

    @property
    def index(self) -> Index:
        """The index that it reads."""
        return self._index

    @property
    def link(self) -> float:
        """The probability from which on two adverts are one person's."""
        return self._model.link

    @property
    def doubt(self) -> float:
        """The probability from which on a person should look."""
        return self._model.doubt

    def pair(self, one: int, other: int) -> PairTold:
        """Two adverts. Raises MatchingError when one was never matched."""
        low, high = sorted((one, other))
        rows = self._rows((low, high))
        for each, row in zip((low, high), rows, strict=True):
            if row < 0:
                raise MatchingError(
                    f"advert {each}: not matched yet; run `faro match`, then ask again"
                )
        table = self._whole.take(rows).columns(self._index.rarity)
        count_names(table, self._whole)
        ends = np.zeros(1, dtype=np.int32), np.ones(1, dtype=np.int32)
        scored = score(table, *ends, self._model)
        first, second = self._store.link_records((low, high))
        joined = self._store.memberships((low, high))
        profiles = {member.profile for member in joined.values()}
        alone = float(scored.probability[0])
        link = self._store.links((low,)).get((low, high))
        together = len(joined) == 2 and len(profiles) == 1
        told = PairTold(
            low,
            high,
            alone,
            evidence(scored, self._model)[0],
            shared_phrases(first, second, self._index.rarity),
            tuple(e for e in self._store.judgements((low,)) if (e.a, e.b) == (low, high)),
            together,
            alone >= self._model.core if link is None else link.probability >= self._model.link,
            link.probability if link else None,
        )
        if together != told.sure:
            return self._bound(told, profiles)
        return told

    def _bound(self, told: PairTold, profiles: set[int]) -> PairTold:
        """The pair with what binds or parts it against its own weights."""
        member_of = {each: joined.profile for each, joined in self._store.members(profiles).items()}
        decided = [
            each
            for each in decisions(self._store.judgements(member_of))
            if each.a in member_of and each.b in member_of
        ]
        if told.together:
            links: dict[tuple[int, int], float | None] = {
                pair: link.probability
                for pair, link in self._store.links(member_of).items()
                if link.probability >= self._model.link and set(pair) <= member_of.keys()
            }
            links |= {(e.a, e.b): None for e in decided if e.verdict is Verdict.SAME}
            return replace(told, path=chain(links, told.a, told.b))
        parted = any(
            each.verdict is Verdict.DIFFERENT and member_of[each.a] != member_of[each.b]
            for each in decided
        )
        return replace(told, parted=parted)

    def facts(self, profile: int, now: datetime) -> Facts:
        """What the signals are computed from."""
        store = self._store
        adverts = [each.advert for each in store.profile_adverts(profile)]
        records = list(store.link_records(adverts))
        histories = store.advert_histories(adverts).values()
        numbers = sorted({each for record in records for each in record.phones})
        holders = store.profiles_of_contacts(map(int, numbers))
        since: dict[str, datetime] = {}
        for history in histories:
            for contact, at in history.contacts:
                since[contact] = min(since.get(contact, at), at)
        prices = [(r.city, r.price_cents) for r in records if r.city and r.price_cents]
        shares = [
            price / median
            for city, price in prices
            if (median := store.median_price(city)) is not None
        ]
        in_use = [since[each] for each in numbers if each in since]
        return Facts(
            now=now,
            texts=tuple(f"{record.title}\n{record.text}" for record in records),
            profiles_per_number=tuple(len(holders.get(int(each), ())) for each in numbers),
            adverts=len(records),
            obscured=sum(bool(record.weak_phones) for record in records),
            template_profiles=self._template(profile, adverts, set(map(int, numbers))),
            cities=tuple((r.city, r.seen_from) for r in records if r.city and r.seen_from),
            price_share=min(shares, default=None),
            number_since=min(in_use, default=None),
        )

    def _rows(self, adverts: Sequence[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        here = np.flatnonzero(self._whole.rows_of(np.array(adverts)) & self._whole.alive)
        place = {int(self._whole.advert[row]): int(row) for row in here}
        return np.array([place.get(each, -1) for each in adverts], dtype=np.int64)

    def _template(self, profile: int, adverts: Sequence[int], numbers: set[int]) -> int:
        """How many other profiles, with other numbers, use the very text of one of these."""
        rows = self._rows(adverts)
        mine = self._whole.known[rows[rows >= 0]]
        mine = mine[(mine != 0).sum(axis=1) >= TEMPLATE_PHRASES]
        if not len(mine):
            return 0
        same = np.zeros(len(self._whole), dtype=np.bool_)
        for sketch in np.unique(mine, axis=0):
            same |= (self._whole.known == sketch).all(axis=1)
        same &= self._whole.alive
        same[rows[rows >= 0]] = False
        rows, contacts = self._whole.numbers
        same[rows[np.isin(contacts, list(numbers))]] = False
        others = self._store.memberships(map(int, self._whole.advert[same]))
        return len({member.profile for member in others.values()} - {profile})


def chain(
    links: Mapping[tuple[int, int], float | None], start: int, end: int
) -> tuple[tuple[int, float | None], ...]:
    """The fewest links from one advert to another: each next one, with its link; () without."""
    ways: dict[int, tuple[tuple[int, float | None], ...]] = {start: ()}
    frontier = [start]
    while frontier and end not in ways:
        reached: list[int] = []
        for (one, other), probability in links.items():
            for here, there in ((one, other), (other, one)):
                if here in frontier and there not in ways:
                    ways[there] = (*ways[here], (there, probability))
                    reached.append(there)
        frontier = reached
    return ways.get(end, ())


TEMPLATE_PHRASES = 6
"""Rare phrases that a text needs before it can be recognised as somebody's template."""


def shared_phrases(one: LinkRecord, other: LinkRecord, rarity: Rarity) -> tuple[str, ...]:
    """The rarest runs of words that both adverts have, in the words of the first."""
    first, second = (_pairs(record) for record in (one, other))
    common = set(first) & set(second)
    runs: list[list[str]] = []
    open_ = False
    for pair in first:
        if pair not in common or not all(pair):
            open_ = False
        elif open_ and len(runs[-1]) < _LONGEST:
            runs[-1].append(pair[1])
        else:
            runs.append(list(pair))
            open_ = True
    told = sorted({" ".join(run): None for run in runs}, key=lambda run: _rareness(run, rarity))
    return tuple(told[:PHRASES_TOLD])


def _pairs(record: LinkRecord) -> list[tuple[str, str]]:
    own = set(_WORDS.findall(plain(record.nickname or "")))
    found: list[tuple[str, str]] = []
    for text in (record.title, record.text):
        words = [word for word in _WORDS.findall(plain(text)) if word not in own]
        found += [*pairwise(words), ("", "")]
    return found


def _rareness(run: str, rarity: Rarity) -> tuple[float, str]:
    """Rarest first: by how many hands use its words on the average, the longest before."""
    hashes, _ = phrases([("", "", run)])
    levels = rarity.level(hashes)
    return (float(levels.mean()) if len(levels) else 255.0) - len(run) / 100, run


def strongest(links: Iterable[tuple[tuple[int, int], float]], advert: int) -> tuple[int, float]:
    """The other end, and the probability, of an advert's surest link; (0, 0) without one."""
    ends = [(p, a + b - advert) for (a, b), p in links if advert in (a, b)]
    probability, other = max(ends, default=(0.0, 0))
    return other, probability
