"""The linking of one pass: adverts in columns, their links, and the groups that they make up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.columns import MISSING, Columns
from matching.context import Place, Tie
from matching.cores import settle
from matching.link import Int64s, best_links
from matching.model import Model
from matching.networks import networks
from matching.regroup import Doubt, Parts, ages, doubts, groups, settled
from matching.score import Asked, Scored, letters
from records.judgements import Decision, Verdict
from records.passes import FoundLink, Joined, Parting, ProfileRef, StoredLink

Mask = NDArray[np.bool_]
Rows = NDArray[np.int32]

SAME_WORDS = (
    "half the rare phrases in common",
    "most of the rare phrases in common",
    "nearly the same text",
)
"""Levels of the text comparison that a reader would call the same words."""
STAYS = 0.5
"""A link that was made stays made down to here under a table counted anew, which must not part and
join the same people week after week."""


@dataclass(frozen=True)
class Known:
    """What was known before the pass of the adverts in its columns, all by storage's ids.

    `links` are the stored links, `edited` the adverts that had another content before, `decisions`
    what people said, `parts` is `Store.parts`. A stored link stays a link from the probability
    `stays` on. `asked` hears of rows before the time at which they were last seen counts.
    """

    joined: Mapping[int, Joined]
    links: Mapping[tuple[int, int], StoredLink]
    edited: Collection[int]
    decisions: Sequence[Decision]
    parts: Parts
    stays: float = 1.0
    asked: Asked = lambda _: None


class LinkedPass:
    """Adverts in columns, linked: which rows were touched, and the groups they are in."""

    def __init__(
        self,
        table: Columns,
        scored: Scored,
        touched: Mask,
        asked: Mask,
        known: Known,
        model: Model,
        now: datetime,
    ) -> None:
        """`scored` are all links of the rows `touched`, from the model's floor on; the rows `asked`
        are to be judged, beside those whose profile changes.
        """
        self.table, self.model, self.touched, self.asked = table, model, touched, asked
        self.advert = [int(name) for name in table.ids]
        self.row_of = {advert: row for row, advert in enumerate(self.advert)}
        self.joined = {each: known.joined[each] for each in self.advert if each in known.joined}
        self.profile_of = {self.row_of[each]: at.profile for each, at in self.joined.items()}
        self.made_at: dict[int, datetime] = {}
        for member in self.joined.values():
            made = self.made_at.get(member.profile, member.joined_at)
            self.made_at[member.profile] = min(made, member.joined_at)
        decided = {
            (self.row_of[each.a], self.row_of[each.b]): each.verdict
            for each in known.decisions
            if each.a in self.row_of and each.b in self.row_of
        }
        found = _without(scored, decided, Verdict.DIFFERENT)
        self.alone = found.probability
        self.cluster, probability = self._settled(found, decided, known)
        self.scored = replace(found, probability=probability)
        home, self.leaving = settled(
            self.cluster,
            self.profile_of,
            lambda wholes: known.parts(
                {
                    profile: [[self.advert[row] for row in part] for part in parts]
                    for profile, parts in wholes.items()
                }
            ),
        )
        for each in self.leaving:
            if each.revived is not None:
                self.made_at.setdefault(each.revived, self.made_at[each.kept])
        judged = asked | self._changed(home)
        self.groups = groups(self.cluster, judged, self.profile_of, home, self.made_at, table.first)
        self.best = best_links(self.scored, self.cluster)
        self.apart = {
            frozenset((int(self.cluster[a]), int(self.cluster[b])))
            for (a, b), verdict in decided.items()
            if verdict is Verdict.DIFFERENT
        }
        self.doubts = self._doubts(now)

    def _settled(
        self, found: Scored, decided: Mapping[tuple[int, int], Verdict], known: Known
    ) -> tuple[Int64s, NDArray[np.float64]]:
        """The clusters, and the probability of the links found; those that stay are kept, too."""
        before, (then_alone, then) = self._stored(known.links)
        edited = np.isin(self.advert, list(known.edited))
        now = _codes(found.a, found.b)
        differ = [pair for pair, verdict in decided.items() if verdict is Verdict.DIFFERENT]
        stay = ~np.isin(before, now) & ~np.isin(before, _codes_of(differ))
        # What an advert said before ties it still to whom it was tied to by that.
        said_else = self._either(edited, before) & (then >= self.model.link)
        stay &= said_else | ~self._either(self.touched, before)
        codes = np.concatenate([now, before[stay]])
        alone = np.concatenate([found.probability, then_alone[stay]])
        place = np.minimum(np.searchsorted(before, codes), max(len(before) - 1, 0))
        was = np.zeros(len(codes))
        if len(before):
            was = np.where(before[place] == codes, then[place], 0.0)
        # Who can't tell is asked again; until somebody can, these two are not made one by it.
        open_ = ~np.isin(codes, _codes_of(decided))
        stays = np.full(len(codes), known.stays)
        stays[len(now) :][said_else[stay]] = 0.0
        a, b = _ends(codes)
        settled = settle(
            self.table,
            *(a[open_], b[open_], alone[open_]),
            self.model,
            was=was[open_],
            asked=known.asked,
            stays=stays[open_],
            together=[pair for pair, verdict in decided.items() if verdict is Verdict.SAME],
            apart=differ,
        )
        probability = alone.copy()
        probability[open_] = settled.probability
        self._kept = (a[len(now) :], b[len(now) :], probability[len(now) :])
        relit = self._kept[2] != then[stay]
        ends = zip(*(each[relit].tolist() for each in self._kept), strict=True)
        self.relit = {(self.advert[one], self.advert[other]): p for one, other, p in ends}
        return settled.cluster, probability[: len(now)]

    def _stored(
        self, links: Mapping[tuple[int, int], StoredLink]
    ) -> tuple[Int64s, NDArray[np.float64]]:
        """The codes of stored links between these rows, in their order, and what they are worth."""
        ends = np.fromiter(chain.from_iterable(links), np.int64).reshape(-1, 2)
        worth = np.fromiter(chain.from_iterable(links.values()), np.float64).reshape(-1, 2)
        adverts = np.array(self.advert, dtype=np.int64)
        here = np.isin(ends, adverts).all(axis=1)
        order = np.argsort(adverts)
        rows = order[np.searchsorted(adverts, ends[here], sorter=order)]
        codes = _codes(rows[:, 0], rows[:, 1])
        order = np.argsort(codes)
        return codes[order], worth[here][order].T

    @staticmethod
    def _either(rows: Mask, codes: Int64s) -> Mask:
        """Whether one end of each pair is one of `rows`."""
        a, b = _ends(codes)
        return rows[a] | rows[b]

    def _changed(self, home: Mapping[int, int]) -> Mask:
        """Rows of clusters that are no longer what their profile was."""
        none = 0
        rows = range(len(self.table))
        before = np.array([self.profile_of.get(row, none) for row in rows], dtype=np.int64)
        after = np.array([home.get(row, none) for row in rows], dtype=np.int64)
        order = np.lexsort((after, self.cluster))
        label, to = self.cluster[order], after[order]
        several = np.zeros(len(self.table), dtype=np.bool_)
        several[label[1:][(label[1:] == label[:-1]) & (to[1:] != to[:-1])]] = True
        stayed = np.isin(after, np.array([each.kept for each in self.leaving], dtype=np.int64))
        # Rows that no pass asks for and that have no profile are of adverts that still wait.
        changed: Mask = (before == none) | (before != after) | several[self.cluster] | stayed
        return changed

    def _doubts(self, now: datetime) -> dict[int, Doubt]:
        kept_a, kept_b, worth = self._kept
        a = np.concatenate([self.scored.a, kept_a])
        b = np.concatenate([self.scored.b, kept_b])
        probability = np.concatenate([self.scored.probability, worth])
        apart = np.array([sorted(pair) for pair in self.apart if len(pair) > 1], dtype=np.int64)
        ends = np.sort(np.stack([self.cluster[a], self.cluster[b]]), axis=0)
        open_ = ~np.isin(_codes(*ends), _codes(*apart.reshape(-1, 2).T))
        open_ &= ends[0] != ends[1]
        a, b, probability = a[open_], b[open_], probability[open_]
        ends = np.unique(np.concatenate([self.cluster[a], self.cluster[b]])).tolist()
        known = ages(ends, self.cluster, self.profile_of, self.made_at, self.table.first, now)
        return doubts(a, b, probability, self.cluster, known.__getitem__, self.model)

    def profile_in(self, cluster: int) -> int | None:
        """The oldest stored profile of a cluster's rows; None where they are all new."""
        rows = np.flatnonzero(self.cluster == cluster).tolist()
        profiles = {self.profile_of[row] for row in rows if row in self.profile_of}
        return min(profiles, key=lambda each: (self.made_at[each], each), default=None)

    def handled(self) -> tuple[int, ...]:
        """The adverts that this pass was about."""
        return tuple(self.advert[row] for row in np.flatnonzero(self.touched).tolist())

    def found_links(self) -> tuple[FoundLink, ...]:
        """The links found, by advert."""
        a, b = (
            map(self.advert.__getitem__, each.tolist()) for each in (self.scored.a, self.scored.b)
        )
        worth = (self.scored.probability.tolist(), self.alone.tolist())
        return tuple(map(FoundLink, a, b, *worth, letters(self.scored)))

    def kept_links(self) -> tuple[tuple[int, int], ...]:
        """The stored links that stay, by advert."""
        a, b, _ = self._kept
        return tuple((self.advert[a], self.advert[b]) for a, b in _pairs(a, b))

    def partings(self) -> tuple[Parting, ...]:
        """Who leaves whose profile."""
        ref_of = {group.cluster: group.ref for group in self.groups}
        return tuple(
            Parting(each.kept, each.revived or ref_of[each.cluster], each.revived is not None)
            for each in self.leaving
        )

    def ties(self) -> dict[int, Tie]:
        """What brought each advert of a group to it."""
        found = {each: Tie(member.probability) for each, member in self.joined.items()}
        for group in self.groups:
            for row in group.joining:
                found[self.advert[row]] = Tie(float(self.best[row]), row in self._by_words)
        return found

    @cached_property
    def _by_words(self) -> frozenset[int]:
        """Rows with a sure link whose texts a reader would call the same words."""
        sure = self.scored.at_least(self.model.link)
        names = [comparison.name for comparison in self.model.comparisons]
        text = names.index("text")
        levels = list(self.model.comparisons[text].levels)
        like = np.isin(sure.levels[text], [levels.index(level) for level in SAME_WORDS])
        return frozenset(np.concatenate([sure.a[like], sure.b[like]]).tolist())

    @cached_property
    def places(self) -> dict[int, Place]:
        """Where each advert is now."""
        cities, provinces = [*self.table.cities, None], [*self.table.provinces, None]
        found = zip(
            self.advert, self.table.city.tolist(), self.table.province.tolist(), strict=True
        )
        return {each: Place(cities[city], provinces[province]) for each, city, province in found}

    def networks(self) -> tuple[tuple[ProfileRef, ...], ...]:
        """The profiles that share contacts or texts, as far as these columns show it."""
        ref_of: dict[int, ProfileRef] = {group.cluster: group.ref for group in self.groups}
        label = networks(self.table, self.cluster)
        members: dict[int, dict[ProfileRef, None]] = {}
        for row in np.flatnonzero(label != MISSING).tolist():
            ref = ref_of.get(int(self.cluster[row])) or self.profile_of.get(row)
            if ref is not None:
                members.setdefault(int(label[row]), {})[ref] = None
        return tuple(tuple(refs) for refs in members.values() if len(refs) > 1)


def _codes(a: NDArray[Any], b: NDArray[Any]) -> Int64s:
    """Pairs of rows, each as one number."""
    codes: Int64s = (a.astype(np.int64) << 32) | b
    return codes


def _codes_of(pairs: Iterable[tuple[int, int]]) -> Int64s:
    return _codes(*np.array(list(pairs), dtype=np.int64).reshape(-1, 2).T)


def _pairs(a: Rows, b: Rows) -> Iterable[tuple[int, int]]:
    return zip(a.tolist(), b.tolist(), strict=True)


def _ends(codes: Int64s) -> tuple[Rows, Rows]:
    return (codes >> 32).astype(np.int32), codes.astype(np.int32)


def _without(
    scored: Scored, decided: Mapping[tuple[int, int], Verdict], verdict: Verdict
) -> Scored:
    gone: Iterable[tuple[int, int]] = {pair for pair, said in decided.items() if said is verdict}
    if not gone:
        return scored
    keep = np.array(
        [pair not in gone for pair in zip(scored.a.tolist(), scored.b.tolist(), strict=True)],
        dtype=np.bool_,
    )
    return Scored(scored.a[keep], scored.b[keep], scored.probability[keep], scored.levels[:, keep])
