"""The linking of one pass: adverts in columns, their links, and the groups that they make up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matching.clusters import clusters
from matching.columns import MISSING, Columns
from matching.context import Place, Tie
from matching.link import Int64s, best_links
from matching.model import Model
from matching.networks import networks
from matching.regroup import Doubt, ages, doubts, groups, settled
from matching.score import Scored
from records.judgements import Decision, Verdict
from records.passes import Joined, Parting, ProfileRef

Mask = NDArray[np.bool_]

SAME_WORDS = (
    "half the rare phrases in common",
    "most of the rare phrases in common",
    "nearly the same text",
)
"""Levels of the text comparison that a reader would call the same words."""
STAYS = 0.8
"""A link that was made stays made down to here under a table counted anew, which must not part and
join the same people week after week."""


@dataclass(frozen=True)
class Known:
    """What was known before the pass of the adverts in its columns, all by storage's ids.

    `links` are the stored links, `edited` the adverts that had another content before, `decisions`
    what people said, `parts` is `Store.parts`. A stored link stays a link from the probability
    `stays` on.
    """

    joined: Mapping[int, Joined]
    links: Mapping[tuple[int, int], float]
    edited: Collection[int]
    decisions: Sequence[Decision]
    parts: Callable[[int, Sequence[Sequence[int]]], Sequence[int | None]]
    stays: float = 1.0


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
        """`scored` are all pairs of the rows `touched`, from the doubtful ones on; the rows `asked`
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
        self.scored = _without(scored, decided, Verdict.DIFFERENT)
        self._kept = self._kept_links(known, decided)
        self.cluster = self._clusters(decided)
        home, self.leaving = settled(
            self.cluster,
            self.profile_of,
            lambda profile, rows: known.parts(
                profile, [[self.advert[row] for row in part] for part in rows]
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

    def _kept_links(
        self, known: Known, decided: Mapping[tuple[int, int], Verdict]
    ) -> dict[tuple[int, int], float]:
        """The stored links that hold though this pass does not find them, by row."""
        now = {
            pair: probability
            for *pair_rows, probability in zip(
                self.scored.a.tolist(),
                self.scored.b.tolist(),
                self.scored.probability.tolist(),
                strict=True,
            )
            for pair in (tuple(pair_rows),)
        }
        found: dict[tuple[int, int], float] = {}
        for (one, other), probability in known.links.items():
            if one not in self.row_of or other not in self.row_of:
                continue
            pair = (self.row_of[one], self.row_of[other])
            if decided.get(pair) is Verdict.DIFFERENT:
                continue
            looked = bool(self.touched[pair[0]] or self.touched[pair[1]])
            if not looked:
                found[pair] = probability
            elif probability >= self.model.link and now.get(pair, 0.0) < self.model.link:
                # What an advert said before ties it still to whom it was tied to by that.
                edited = one in known.edited or other in known.edited
                if now.get(pair, 0.0) >= known.stays or (edited and pair not in now):
                    found[pair] = probability
        return found

    def _clusters(self, decided: Mapping[tuple[int, int], Verdict]) -> Int64s:
        sure = {pair: p for pair, p in self._kept.items() if p >= self.model.link}
        found = self.scored.at_least(self.model.link)
        sure |= {
            (a, b): p
            for a, b, p in zip(
                found.a.tolist(), found.b.tolist(), found.probability.tolist(), strict=True
            )
        }
        # Who can't tell is asked again; until somebody can, these two are not made one by it.
        sure = {pair: p for pair, p in sure.items() if pair not in decided}
        pairs = sorted(sure)
        ends = np.array(pairs, dtype=np.int32).reshape(-1, 2)
        same = [pair for pair, verdict in decided.items() if verdict is Verdict.SAME]
        apart = [pair for pair, verdict in decided.items() if verdict is Verdict.DIFFERENT]
        probability = np.array([sure[pair] for pair in pairs])
        return clusters(self.table, ends[:, 0], ends[:, 1], probability, same, apart)

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
        pairs = [pair for pair, p in self._kept.items() if p < self.model.link]
        a = np.concatenate([self.scored.a, np.array([a for a, _ in pairs], np.int32)])
        b = np.concatenate([self.scored.b, np.array([b for _, b in pairs], np.int32)])
        probability = np.concatenate(
            [self.scored.probability, np.array([self._kept[pair] for pair in pairs])]
        )
        open_ = np.array(
            [
                frozenset(pair) not in self.apart
                for pair in zip(self.cluster[a].tolist(), self.cluster[b].tolist(), strict=True)
            ],
            dtype=np.bool_,
        )
        a, b, probability = a[open_], b[open_], probability[open_]
        ends = np.unique(np.concatenate([self.cluster[a], self.cluster[b]])).tolist()
        known = ages(ends, self.cluster, self.profile_of, self.made_at, self.table.first, now)
        return doubts(a, b, probability, self.cluster, known.__getitem__)

    def profile_in(self, cluster: int) -> int | None:
        """The oldest stored profile of a cluster's rows; None where they are all new."""
        rows = np.flatnonzero(self.cluster == cluster).tolist()
        profiles = {self.profile_of[row] for row in rows if row in self.profile_of}
        return min(profiles, key=lambda each: (self.made_at[each], each), default=None)

    def handled(self) -> tuple[int, ...]:
        """The adverts that this pass was about."""
        return tuple(self.advert[row] for row in np.flatnonzero(self.touched).tolist())

    def kept_links(self) -> tuple[tuple[int, int], ...]:
        """The stored links that stay as they are, by advert."""
        return tuple((self.advert[a], self.advert[b]) for a, b in self._kept)

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
