"""A matching pass over the database: link what changed, judge flags, save it all at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from config import MatchingSettings
from matching.columns import columns
from matching.context import FlagContext, FlagRules, Told
from matching.flags import judge
from matching.increment import LinkedPass
from matching.link import links_of
from matching.model import WEIGHTS
from matching.regroup import Group
from records.flags import Flag, FlagKind
from records.histories import AdvertHistory, ProfileHistory
from records.passes import PassResult, ProfileRef, Seen
from records.queue import RaisedFlag
from storage import Store

Progress = Callable[[int, int], None]
"""Called with what is done of the pass, and its whole, in parts of about equal weight."""


@dataclass(frozen=True, slots=True)
class PassSummary:
    """What a pass did. `flags` counts by kind; `held` are flags kept back by a doubtful link."""

    adverts: int = 0
    made: int = 0
    merged: int = 0
    held: int = 0
    withdrawn: int = 0
    networks: int = 0
    flags: Mapping[str, int] = field(default_factory=dict)

    def sentence(self) -> str:
        """The pass in one line."""
        if not self.adverts:
            return "nothing to match: no advert has changed since the last pass"
        raised = ", ".join(f"{count} {kind}" for kind, count in sorted(self.flags.items()))
        parts = [
            f"{self.adverts:,} adverts matched",
            f"{self.made:,} new profiles",
            f"{self.merged:,} merged" if self.merged else "",
            f"flags: {raised or 'none'}",
            f"{self.held:,} waiting for a doubt to be decided" if self.held else "",
            f"{self.withdrawn:,} withdrawn" if self.withdrawn else "",
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
) -> PassSummary:
    """Link the adverts that changed (with `full`, all), raise flags, and save the pass.

    `origins` says of each site whether it is `primary` or an `aggregator`, `unit_of` which unit
    works in a province, `province_name` what a province code is called in reasons. Raises Busy
    when another pass is running.
    """
    with store.run_lock("match"):
        pending = store.pending_adverts(now)
        if not pending and not full:
            return PassSummary()
        steps = _Steps(progress)
        joined = store.memberships()
        # What a running crawl has just found is not for this pass: its verdict is still to come.
        ready = joined.keys() | set(pending)
        table = columns(each for each in store.link_records() if int(each.id) in ready)
        steps.taken()
        model = replace(WEIGHTS, link=settings.link_threshold, doubt=settings.doubt_threshold)
        linked = LinkedPass(
            table, None if full else pending, joined, store.unjudged_profiles(), model, now
        )
        steps.taken()
        judging = _Judging(
            store,
            linked,
            settings,
            frozenset(site for site, origin in origins.items() if origin == "aggregator"),
            now,
            ZoneInfo(tz) if isinstance(tz, str) else tz,
            province_name,
        )
        for group in linked.groups:
            judging.judge(group)
        result = judging.result(unit_of)
        steps.taken()
        store.save_pass(result)
        steps.taken()
        return judging.summary(result)


class _Steps:
    """Reading, linking, judging, saving."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress, self._done = progress, 0
        self.taken(0)

    def taken(self, count: int = 1) -> None:
        self._done += count
        if self._progress is not None:
            self._progress(self._done, 4)


class _Judging:
    """Histories of the touched groups, and what the flag rules say of them."""

    def __init__(
        self,
        store: Store,
        linked: LinkedPass,
        settings: MatchingSettings,
        aggregators: frozenset[str],
        now: datetime,
        tz: tzinfo,
        province_name: Callable[[str], str],
    ) -> None:
        self.linked, self.now = linked, now
        profiles = [profile for group in linked.groups for profile in group.profiles]
        self._known = {known.profile: known for known in store.profile_histories(profiles)}
        self._new = store.advert_histories(
            linked.advert[row] for group in linked.groups for row in group.joining
        )
        self._told = self._flags_told(store)
        self._base = FlagContext(
            now=now,
            tz=tz,
            rules=FlagRules(
                reappear_after=timedelta(days=settings.reappear_after_days),
                proof_gap=timedelta(days=settings.proof_gap_days),
                doubt=timedelta(days=settings.doubtful_days),
            ),
            complete_runs=self._complete_runs(store),
            aggregators=aggregators,
            numbers=linked.table.numbers.used(),
            handles=linked.table.handles.used(),
            province_name=province_name,
        )
        self._flags: list[Flag] = []
        self._withdrawn: list[int] = []
        self._holds: list[tuple[int, datetime]] = []
        self._judged: list[ProfileRef] = []
        self._seen: list[Seen] = []
        # A crawl may have stored another number since this pass read the adverts: it is not judged.
        self._read = frozenset(linked.table.numbers.names) | frozenset(linked.table.handles.names)
        self._held = 0

    def _flags_told(self, store: Store) -> dict[int, list[RaisedFlag]]:
        since = min((known.created_at for known in self._known.values()), default=self.now)
        # The flag of a return may bear the time of a sighting after the pass that raised it.
        until = max(
            (
                interval.last_seen
                for known in self._known.values()
                for advert in known.adverts
                for interval in advert.intervals
            ),
            default=self.now,
        )
        told: dict[int, list[RaisedFlag]] = {}
        for raised in store.flags(since - timedelta(seconds=1), max(until, self.now)):
            if raised.withdrawn_at is None:
                told.setdefault(raised.profile, []).append(raised)
        return told

    def _complete_runs(self, store: Store) -> dict[str, Sequence[datetime]]:
        """Complete runs since the touched profiles were last seen before what they show now."""
        since = min(
            (
                interval.last_seen
                for known in self._known.values()
                for advert in known.adverts
                for interval in advert.intervals
            ),
            default=self.now,
        )
        return {
            f"{site}/{partition}": times
            for (site, partition), times in store.complete_runs(since).items()
        }

    def judge(self, group: Group) -> None:
        """Judge one group and keep what comes of it."""
        history, merged = self._history(group)
        told = self._told_of(group)
        linked = self.linked
        context = replace(
            self._base,
            places={linked.advert[row]: linked.place(row) for row in group.rows},
            ties=linked.ties(group),
            doubt=linked.doubts.get(group.cluster),
            told=told,
            merged=merged,
        )
        judgement = judge(history, context)
        if judgement.hold_until is not None:
            self._held += 1
            self._holds += [
                (linked.advert[row], judgement.hold_until)
                for row in group.rows
                if linked.touched[row]
            ]
            return
        self._judged.append(group.ref)
        self._seen.append(
            Seen(
                group.ref,
                frozenset(c for a in history.adverts for c, _ in a.contacts) & self._read,
                frozenset(province for a in history.adverts for province, _ in a.provinces),
            )
        )
        if judgement.flag is not None:
            self._flags.append(replace(judgement.flag, profile=group.ref))

    def _history(self, group: Group) -> tuple[ProfileHistory, frozenset[int]]:
        """The group's history as one, and the adverts of it that come from merged profiles.

        What a profile had whose first flag is still held was never judged: its adverts count as
        linked by this pass. What a merged profile was seen with was never linked to the other:
        known is what the oldest judged one was seen with.
        """
        before = [self._known[profile] for profile in group.profiles]
        adverts: list[AdvertHistory] = []
        merged: set[int] = set()
        for known in before:
            for advert in known.adverts:
                adverts.append(
                    advert if known.judged_to is not None else replace(advert, joined_at=None)
                )
                if known.profile != group.ref:
                    merged.add(advert.advert)
        adverts += [
            replace(self._new[self.linked.advert[row]], joined_at=None) for row in group.joining
        ]
        judged = [known for known in before if known.judged_to is not None]
        return (
            ProfileHistory(
                group.ref if isinstance(group.ref, int) else 0,
                min((known.created_at for known in before), default=self.now),
                tuple(adverts),
                max((known.judged_to for known in judged if known.judged_to), default=None),
                judged[0].known_contacts if judged else frozenset(),
                judged[0].known_provinces if judged else frozenset(),
            ),
            frozenset(merged),
        )

    def _told_of(self, group: Group) -> list[Told]:
        """The flags of the group's profiles that still hold.

        Who turns out to be somebody known longer was not new: that flag is withdrawn.
        """
        told: list[Told] = []
        for profile in group.profiles:
            older = any(
                self._known[other].judged_to is not None
                for other in group.profiles[: group.profiles.index(profile)]
            )
            for raised in self._told.get(profile, ()):
                if older and raised.kind is FlagKind.NEW:
                    self._withdrawn.append(raised.id)
                else:
                    told.append((raised.kind, raised.raised_at))
        return told

    def result(self, unit_of: Callable[[str | None], str | None]) -> PassResult:
        """The pass as it is saved."""
        linked = self.linked
        return PassResult(
            at=self.now,
            adverts=linked.handled(),
            memberships=tuple(
                (linked.advert[row], group.ref, float(linked.best[row]))
                for group in linked.groups
                for row in group.joining
            ),
            merges=tuple(
                (group.profiles[0], dropped) for group in linked.groups for dropped in group.dropped
            ),
            links=links_of(linked.table.ids, linked.scored, linked.model),
            networks=linked.networks(),
            flags=tuple(self._flags),
            withdrawn=tuple(self._withdrawn),
            holds=tuple(self._holds),
            judged=tuple(self._judged),
            seen=tuple(self._seen),
            units=tuple((flag.profile, unit_of(self._province(flag))) for flag in self._flags),
        )

    def _province(self, flag: Flag) -> str | None:
        """Where the flagged profile is now: its best advert that says so."""
        row_of = {
            self.linked.advert[row]: row
            for group in self.linked.groups
            if group.ref == flag.profile
            for row in group.rows
        }
        provinces = (self.linked.place(row_of[advert]).province for advert in flag.adverts)
        return next((province for province in provinces if province), None)

    def summary(self, result: PassResult) -> PassSummary:
        """What the pass came to."""
        return PassSummary(
            adverts=len(result.adverts),
            made=sum(not group.profiles for group in self.linked.groups),
            merged=len(result.merges),
            held=self._held,
            withdrawn=len(result.withdrawn),
            networks=len(result.networks or ()),
            flags=Counter(flag.kind.value for flag in result.flags),
        )
