"""A matching pass over the database: link what changed, judge flags, save it all at once.

A whole pass reads every advert, counts a new rarity table and links all anew, as the first one
under other weights does. Any other looks, in the index beside the database, only at what the
changed adverts can touch (`matching.nearby`), under the table of the last whole one, and finds the
same profiles. The database decides: a pass is saved in one transaction, and then the index follows.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from functools import cache
from itertools import chain
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from config import MatchingSettings
from matching import index as files
from matching.beside import CAN_FORK, forked
from matching.candidates import candidate_pairs
from matching.columns import Columns, columns_of
from matching.increment import STAYS, Known, LinkedPass, Rows
from matching.index import Index
from matching.intake import Part, parts
from matching.judging import Judged, Judging, linking_of, two_parts, with_flags
from matching.model import Model
from matching.nearby import count_names, nearby
from matching.regroup import Group
from matching.score import Scored, score
from matching.shards import Shard, shard_of
from matching.weights import fingerprint, in_force
from records.judgements import decisions
from records.passes import Joined, PassResult, StoredLink
from storage import Store

GROWN = 1.1
"""From so many times the adverts of the table on, a pass is a whole one and counts anew. A table
twice as old changes twice the profiles (docs/matching.md, A pass)."""
SHARED = 500
"""From so many groups on a second process is worth making."""
SMALL = 2_000
"""Up to so many adverts every pass is a whole one: it takes no longer."""

MANY = 20_000
"""From so many groups on they are judged before the database is locked for writing, which others
wait for."""

Progress = Callable[[int, int], None]
"""Called with what is done of the pass, and its whole, in parts of about equal weight."""


@dataclass(frozen=True, slots=True)
class PassSummary:
    """What a pass did. `flags` counts by kind; `held` are flags kept back by a doubtful link.

    `whole` says that every advert was linked anew (`linked` of them), `moved` how many of the
    `known` profiles that changed, `reweighted` that weights or cuts are other ones than those of
    the pass before.
    """

    adverts: int = 0
    linked: int = 0
    made: int = 0
    merged: int = 0
    held: int = 0
    parted: int = 0
    moved: int = 0
    known: int = 0
    whole: bool = False
    reweighted: bool = False
    withdrawn: int = 0
    networks: int = 0
    flags: Mapping[str, int] = field(default_factory=dict)

    @property
    def changed(self) -> float:
        """The share of the known profiles that a whole pass changed."""
        return self.moved / self.known if self.known else 0.0

    def sentence(self) -> str:
        """The pass in one line."""
        if not self.adverts:
            return "nothing to match: no advert has changed since the last pass"
        raised = ", ".join(f"{count} {kind}" for kind, count in sorted(self.flags.items()))
        parts = [
            f"{self.adverts:,} adverts matched",
            f"{self.made:,} new profiles",
            f"{self.merged:,} merged" if self.merged else "",
            f"{self.parted:,} parted" if self.parted else "",
            f"{self.moved:,} of {self.known:,} known profiles changed ({self.changed:.2%})"
            if self.known
            else "",
            f"flags: {raised or 'none'}",
            f"{self.held:,} held back by a doubt" if self.held else "",
            f"{self.withdrawn:,} withdrawn" if self.withdrawn else "",
            "every advert linked anew, for weights have changed" if self.reweighted else "",
        ]
        return "; ".join(part for part in parts if part)


def match_store(
    store: Store,
    settings: MatchingSettings,
    origins: Mapping[str, str],
    unit_of: Callable[[str | None], str | None],
    now: datetime,
    tz: tzinfo | str,
    *,
    full: bool = False,
    progress: Progress | None = None,
    province_name: Callable[[str], str] = str,
    small: int = SMALL,
    grown: float = GROWN,
    beside: int | None = None,
) -> PassSummary:
    """Link the adverts that changed (with `full`, all), raise flags, and save the pass.

    `origins` says of each site whether it is `primary` or an `aggregator`, `unit_of` which unit
    works in a province, `province_name` what a province code is called in reasons. From `beside`
    groups on another process judges while this one saves: only where this one does nothing else,
    for it is forked. Raises Busy when another pass is running.
    """
    with store.run_lock("match"), _uncollected():
        model, last = in_force(store, settings), store.last_model()
        # Links made under other weights say nothing under these.
        reweighted = last is not None and last != fingerprint(model)
        pending = store.pending_adverts(now)
        if not (pending or full or reweighted):
            return PassSummary()
        index, came = _opened(store, [] if reweighted else pending)
        few = len(index or ()) + len(pending) <= small
        whole = full or reweighted or index is None or few
        whole = whole or len(index or ()) > grown * (index.rarity.adverts if index else 0)
        around = index if pending and not reweighted and not (whole and few) else None
        steps = _Steps(progress, (around is not None) + whole)
        aggregators = frozenset(site for site, origin in origins.items() if origin == "aggregator")
        zone = ZoneInfo(tz) if isinstance(tz, str) else tz
        summary = PassSummary(adverts=len(pending))

        def saved(read: _Read) -> PassSummary:
            steps.taken()
            linked = read.linked

            def judge(groups: Sequence[Group]) -> Judged:
                given = (store, linked, groups, settings, aggregators, now, zone, province_name)
                return Judging(*given, reweighted=reweighted).judged()

            apart = beside is not None and CAN_FORK and len(linked.groups) >= beside
            with _judged(store, linked, judge, apart=apart) as told:
                result = linking_of(linked, now, whole=read.index is None)
                steps.taken()
                if len(linked.groups) > MANY:
                    told()
                store.save_pass(result, lambda: with_flags(result, linked, told(), unit_of))
            if read.index is None:
                files.made(store, read.fresh, read.linked.table.rarity, store.last_pass())
            else:
                files.added(store, read.index, read.fresh, store.last_pass())
            steps.taken()
            return _and(summary, linked, told(), result)

        if around is not None:
            # What came is linked under the old table first: what then changes, the new one does.
            summary, pending = saved(_around(store, around, came, model, now, steps)), []
        if whole:
            stays = 1.0 if reweighted else STAYS
            summary = saved(_everything(store, pending, model, now, steps, stays))
            if full or reweighted:
                summary = replace(summary, adverts=summary.linked)
        return replace(summary, reweighted=reweighted)


@dataclass(frozen=True)
class _Read:
    """What a pass linked: the adverts to write into the index, which is None to be made anew."""

    linked: LinkedPass
    fresh: Shard
    index: Index | None


def _everything(
    store: Store, pending: Iterable[int], model: Model, now: datetime, steps: _Steps, stays: float
) -> _Read:
    joined = store.memberships()
    # What a running crawl has just found is not for this pass: its verdict is still to come.
    ready = joined.keys() | set(pending)
    read = list(parts(each for each in store.link_records() if int(each.id) in ready))
    # As features of one advert alone, as those that come later will have them too.
    table = columns_of(read, columns_of(read).rarity)
    del read
    steps.taken()
    asked = np.isin([int(each) for each in table.ids], list(_asked(store, joined, pending)))
    scored = score(table, *candidate_pairs(table), model, floor=model.floor)
    known = Known(
        joined,
        store.links(),
        store.edited_adverts(),
        decisions(store.judgements()),
        store.parts,
        stays,
    )
    everyone = np.ones(len(table), dtype=np.bool_)
    linked = LinkedPass(table, scored, everyone, asked, known, model, now)
    return _Read(linked, shard_of(table), None)


def _asked(store: Store, joined: Mapping[int, Joined], pending: Iterable[int]) -> set[int]:
    """Adverts to judge: the pending, and those whose first flag is held, for their doubts are found
    anew in every pass.
    """
    waiting = store.unjudged_profiles()
    return set(pending) | {each for each, member in joined.items() if member.profile in waiting}


def _opened(store: Store, pending: list[int]) -> tuple[Index | None, list[Part]]:
    """The index, and the pending adverts, read while it is opened (and decrypted) beside."""
    with ThreadPoolExecutor(1) as beside:
        index = beside.submit(files.opened, store)
        came = files.read(store, pending if files.listed(store) else [])
        return index.result(), came


def _around(
    store: Store, index: Index, read: list[Part], model: Model, now: datetime, steps: _Steps
) -> _Read:
    fresh = shard_of(columns_of(read, index.rarity))
    whole = files.whole_of(store, index, fresh)
    came = np.arange(len(whole)) >= len(whole) - len(fresh)
    asked = set(fresh.advert.tolist()) | set(store.members(store.unjudged_profiles()))
    steps.taken()
    waiting = whole.rows_of(_ids(asked)) & whole.alive & ~came
    near = nearby(whole, came, waiting, index.rarity)
    refresh = _refreshing(store)
    scored = score(
        *(near.columns, near.a, near.b, model),
        floor=model.floor,
        asked=lambda rows: refresh(near.columns, rows),
    )
    ids = whole.advert[near.rows]
    touched = set(ids[near.touched].tolist())
    seeds = touched | {int(each) for each in ids[np.unique(np.concatenate([scored.a, scored.b]))]}
    adverts, known = _closed(store, seeds, touched, model)
    rows = np.flatnonzero(whole.rows_of(_ids(adverts)) & whole.alive)
    rows = rows[np.argsort(whole.advert[rows])]
    table = whole.take(rows).columns(index.rarity)
    count_names(table, whole)
    known = replace(known, asked=lambda rows: refresh(table, rows))
    place = np.searchsorted(whole.advert[rows], ids)
    linked = LinkedPass(
        table,
        Scored(
            place[scored.a].astype(np.int32),
            place[scored.b].astype(np.int32),
            scored.probability,
            scored.levels,
        ),
        np.isin(whole.advert[rows], ids[near.touched]),
        np.isin(whole.advert[rows], list(asked)),
        known,
        model,
        now,
    )
    return _Read(linked, fresh, index)


@contextmanager
def _judged(
    store: Store,
    linked: LinkedPass,
    judge: Callable[[Sequence[Group]], Judged],
    *,
    apart: bool,
) -> Iterator[Callable[[], Judged]]:
    """Yields what waits for the judging of all groups: `apart`, another process is still at it.

    Whoever judges looks at the database as it was before this pass.
    """
    one, other = two_parts(linked)
    if not apart:
        judged = judge(one) + judge(other)
        yield lambda: judged
        return
    store.let_go()
    with forked(lambda: judge(other)) as result:
        mine = judge(one)

        def told() -> Judged:
            if (theirs := result()) is not None:
                return mine + theirs
            # A thread of its own does not see what this one has written so far.
            with ThreadPoolExecutor(1) as alone:
                return mine + alone.submit(judge, other).result()

        yield cache(told)


def _ids(adverts: Iterable[int]) -> NDArray[np.int64]:
    return np.array(list(adverts), dtype=np.int64)


def _refreshing(store: Store) -> Callable[[Columns, Rows], None]:
    """What asks when adverts were last seen, of each once: one that stays visible changes nothing
    but that.
    """
    seen: dict[int, datetime | None] = {}

    def refresh(table: Columns, rows: Rows) -> None:
        advert_of = {row: int(table.ids[row]) for row in rows.tolist()}
        asked = advert_of.values() - seen.keys()
        seen.update(dict.fromkeys(asked) | store.last_seen(asked))
        for row, each in advert_of.items():
            if (at := seen[each]) is not None:
                table.last[row] = files.days(at)

    return refresh


def _closed(
    store: Store, seeds: set[int], touched: set[int], model: Model
) -> tuple[set[int], Known]:
    """These adverts with all that links, profiles and decisions tie to them, and what is known.

    Doubtful links tie, too: all adverts on both sides have a say in what they are worth.
    """
    decided = decisions(store.judgements())
    partners: dict[int, set[int]] = {}
    for each in decided:
        partners.setdefault(each.a, set()).add(each.b)
        partners.setdefault(each.b, set()).add(each.a)
    adverts: set[int] = set()
    joined: dict[int, Joined] = {}
    links: dict[tuple[int, int], StoredLink] = {}
    profiles: set[int] = set()
    frontier = set(seeds)
    while frontier:
        adverts |= frontier
        new = store.profiles_of(frontier - joined.keys()) - profiles
        profiles |= new
        members = store.members(new)
        joined |= members
        reached = frontier | (members.keys() - adverts)
        adverts |= reached
        found_links = store.links(reached)
        links |= found_links
        frontier = set(chain.from_iterable(found_links))
        frontier |= {other for each in reached for other in partners.get(each, ())}
        frontier -= adverts
    # Only of the ends of a link that this pass weighs again it counts what they said before.
    again = [
        pair
        for pair, link in links.items()
        if link.probability >= model.link
        and (link.alone < model.core or pair[0] in touched or pair[1] in touched)
    ]
    edited = store.edited_adverts(end for pair in again for end in pair)
    return adverts, Known(joined, links, edited, decided, store.parts)


def _and(before: PassSummary, linked: LinkedPass, told: Judged, result: PassResult) -> PassSummary:
    """What was done before, and this pass after it."""
    flags = Counter(before.flags) + Counter(flag.kind.value for flag in told.flags)
    return PassSummary(
        adverts=before.adverts,
        linked=len(result.adverts),
        made=before.made + sum(not group.profiles for group in linked.groups),
        merged=before.merged + len(result.merges),
        held=told.held,
        parted=before.parted + len(result.partings),
        moved=result.moved,
        known=len(set(linked.profile_of.values())) if result.whole else 0,
        whole=result.whole,
        withdrawn=before.withdrawn + len(told.withdrawn),
        networks=len(result.networks or ()),
        flags=dict(flags),
    )


@contextmanager
def _uncollected() -> Iterator[None]:
    """A pass makes a million objects that live until it ends, and next to no cycles: a collector
    that walks over them time and again is a fifth of its work.
    """
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


class _Steps:
    """Reading, linking, judging, saving: of each of the passes."""

    def __init__(self, progress: Progress | None, passes: int) -> None:
        self._progress, self._done, self._all = progress, 0, 4 * passes
        self.taken(0)

    def taken(self, count: int = 1) -> None:
        self._done += count
        if self._progress is not None:
            self._progress(self._done, self._all)
