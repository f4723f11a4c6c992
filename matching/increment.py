"""The linking of one pass: every advert in columns, what was touched, and the groups it is in."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from functools import cached_property

import numpy as np

from matching.candidates import candidate_pairs
from matching.clusters import clusters
from matching.columns import MISSING, Columns
from matching.context import Place, Tie
from matching.link import Int64s, best_links
from matching.model import Model
from matching.networks import networks
from matching.regroup import Group, ages, chained, doubts, groups
from matching.score import Scored, score
from records.passes import Joined, ProfileRef

SAME_WORDS = ("half the rare phrases in common", "nearly the same text")
"""Levels of the text comparison that a reader would call the same words."""


class LinkedPass:
    """Every advert in columns, linked: which rows were touched, and the groups they are in."""

    def __init__(
        self,
        table: Columns,
        pending: Iterable[int] | None,
        joined: Mapping[int, Joined],
        unjudged: Container[int],
        model: Model,
        now: datetime,
    ) -> None:
        """`pending` is None when every advert is to be linked again, `unjudged` the profiles
        whose first flag is held: what is doubtful of them is found anew in every pass.
        """
        self.table, self.model, self.joined = table, model, joined
        self.advert = [int(name) for name in table.ids]
        row_of = {advert: row for row, advert in enumerate(self.advert)}
        self.touched = np.full(len(table), pending is None)
        self.touched[[row_of[advert] for advert in pending or () if advert in row_of]] = True
        self.profile_of = {
            row: joined[advert].profile for advert, row in row_of.items() if advert in joined
        }
        # A doubt is seen only where its adverts are scored: one left out would be taken for none.
        waiting = [row for row, profile in self.profile_of.items() if profile in unjudged]
        self.touched[waiting] = True
        self.made_at: dict[int, datetime] = {}
        for member in joined.values():
            made = self.made_at.get(member.profile, member.joined_at)
            self.made_at[member.profile] = min(made, member.joined_at)
        a, b = candidate_pairs(table, None if pending is None else self.touched)
        self.scored: Scored = score(table, a, b, model, floor=model.doubt)
        sure = self.scored.at_least(model.link)
        self.cluster: Int64s = clusters(
            table, sure.a, sure.b, sure.probability, chained(self.profile_of)
        )
        self.groups = groups(self.cluster, self.touched, self.profile_of, self.made_at, table.first)
        self.best = best_links(self.scored, self.cluster)
        self.doubts = self._doubts(now)

    def _doubts(self, now: datetime) -> dict[int, float]:
        ends = np.concatenate([self.cluster[self.scored.a], self.cluster[self.scored.b]])
        known = ages(
            np.unique(ends).tolist(),
            self.cluster,
            self.profile_of,
            self.made_at,
            self.table.first,
            now,
        )
        return doubts(self.scored, self.cluster, known.__getitem__)

    def handled(self) -> tuple[int, ...]:
        """The adverts that this pass was about."""
        return tuple(self.advert[row] for row in np.flatnonzero(self.touched).tolist())

    def ties(self, group: Group) -> dict[int, Tie]:
        """What brought each advert of the group to it."""
        found = {
            self.advert[row]: Tie(self.joined[self.advert[row]].probability)
            for row in group.rows
            if self.advert[row] in self.joined
        }
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

    def place(self, row: int) -> Place:
        """Where the advert is now."""
        city, province = int(self.table.city[row]), int(self.table.province[row])
        return Place(
            self.table.cities[city] if city != MISSING else None,
            self.table.provinces[province] if province != MISSING else None,
        )

    def networks(self) -> tuple[tuple[ProfileRef, ...], ...]:
        """The profiles of every network."""
        ref_of: dict[int, ProfileRef] = {group.cluster: group.ref for group in self.groups}
        label = networks(self.table, self.cluster)
        members: dict[int, dict[ProfileRef, None]] = {}
        for row in np.flatnonzero(label != MISSING).tolist():
            ref = ref_of.get(int(self.cluster[row])) or self.profile_of.get(row)
            if ref is not None:
                members.setdefault(int(label[row]), {})[ref] = None
        return tuple(tuple(refs) for refs in members.values() if len(refs) > 1)
