"""What the flag rules say of the profiles that a pass touched, and the pass as it is saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta, tzinfo

from config import MatchingSettings
from matching.absences import latest_return
from matching.context import FlagContext, FlagRules, Supposed, Told
from matching.flags import LATE, Judgement, judge
from matching.increment import LinkedPass
from matching.index import days
from matching.regroup import Group
from matching.weights import fingerprint
from records.flags import Flag, FlagKind
from records.histories import AdvertHistory, ProfileHistory
from records.passes import PassResult, ProfileRef, Seen
from records.queue import RaisedFlag
from storage import Store

_MINE = 5
"""Of so many groups one is judged by who then writes links."""


@dataclass(frozen=True)
class Judged:
    """What comes of judging some groups, as in `PassResult`; `held` were kept back by a doubt."""

    flags: tuple[Flag, ...] = ()
    moved_flags: tuple[tuple[int, ProfileRef], ...] = ()
    withdrawn: tuple[int, ...] = ()
    holds: tuple[tuple[int, datetime], ...] = ()
    judged: tuple[ProfileRef, ...] = ()
    seen: tuple[Seen, ...] = ()
    held: int = 0

    def __add__(self, other: Judged) -> Judged:
        """Both."""
        return Judged(*(getattr(self, e.name) + getattr(other, e.name) for e in fields(self)))


def two_parts(linked: LinkedPass) -> tuple[list[Group], list[Group]]:
    """The groups in two parts, neither of which needs to know what comes of the other.

    Whoever parts may take flags along from whom she leaves: all of them are in the first part. That
    is the smaller one, for who judges it has the links to write.
    """
    stayed = {each.kept for each in linked.leaving}
    left = {each.cluster for each in linked.leaving}
    first: list[Group] = []
    others: list[Group] = []
    for group in linked.groups:
        doubt = linked.doubts.get(group.cluster)
        tied = group.cluster in left or not stayed.isdisjoint(group.profiles)
        tied = tied or bool(stayed and doubt and linked.profile_in(doubt.other) in stayed)
        (first if tied else others).append(group)
    first += others[::_MINE]
    del others[::_MINE]
    return first, others


class Judging:
    """Histories of some touched groups, and what the flag rules say of them."""

    def __init__(
        self,
        store: Store,
        linked: LinkedPass,
        groups: Sequence[Group],
        settings: MatchingSettings,
        aggregators: frozenset[str],
        now: datetime,
        tz: tzinfo,
        province_name: Callable[[str], str],
        *,
        reweighted: bool = False,
    ) -> None:
        """`reweighted`: the pass before had other weights, and what these change is no news."""
        self.linked, self.now, self._reweighted = linked, now, reweighted
        self._groups = groups
        self._supposed = {
            group.cluster: older for group in groups if (older := self._older(group)) is not None
        }
        profiles = list(
            dict.fromkeys(
                (
                    *(profile for group in groups for profile in group.profiles),
                    *self._supposed.values(),
                )
            )
        )
        self._known = {known.profile: known for known in store.profile_histories(profiles)}
        self._new = store.advert_histories(
            linked.advert[row] for group in groups for row in group.joining
        )
        revived = [each for each in linked.leaving if each.revived is not None]
        judged = store.judged_profiles(each.revived for each in revived if each.revived)
        for each in revived:
            if each.revived is not None:
                # Merged into the other until now; what it was judged with came along. Whom no pass
                # had judged before that was never told of.
                since = self._known[each.kept].judged_to if each.kept in self._known else now
                self._known[each.revived] = ProfileHistory(
                    each.revived,
                    linked.made_at[each.revived],
                    (),
                    since if each.revived in judged else None,
                )
        self._told: dict[int, list[RaisedFlag]] = {}
        for raised in store.flags_of(profiles, reasons=False):
            if raised.withdrawn_at is None:
                self._told.setdefault(raised.profile, []).append(raised)
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
            places=linked.places,
            ties=linked.ties(),
        )
        self._rules = settings
        self._flags: list[Flag] = []
        self._moved_flags: list[tuple[int, ProfileRef]] = []
        self._took_along: set[int] = set()
        # Whoever parts is judged on her own; what a person decided is news whenever it began.
        self._left = {each.cluster: each.kept for each in linked.leaving}
        merged = store.merged_at(each.revived for each in linked.leaving if each.revived)
        self._alone_until = {
            each.cluster: merged[each.revived] for each in linked.leaving if each.revived in merged
        }
        self._stayed = {each.kept for each in linked.leaving}
        self._decided = {label for pair in linked.apart for label in pair}
        self._withdrawn: list[int] = []
        self._holds: list[tuple[int, datetime]] = []
        self._judged: list[ProfileRef] = []
        self._seen: list[Seen] = []
        # A crawl may have stored another number since this pass read the adverts: it is not judged.
        self._read = frozenset(linked.table.numbers.names) | frozenset(linked.table.handles.names)
        self._held = 0

    def judged(self) -> Judged:
        """Judge the groups, each once."""
        for group in self._groups:
            self._take_along(group)
        for group in self._groups:
            self._judge(group)
        return Judged(
            tuple(self._flags),
            tuple(self._moved_flags),
            tuple(self._withdrawn),
            tuple(self._holds),
            tuple(self._judged),
            tuple(self._seen),
            self._held,
        )

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

    def _judge(self, group: Group) -> None:
        """Judge one group and keep what comes of it."""
        history, merged = self._history(group)
        told = self._told_of(group, history)
        linked = self.linked
        doubt = linked.doubts.get(group.cluster)
        context = replace(
            self._base,
            doubt=doubt.probability if doubt and not doubt.faint else None,
            faint=doubt is not None and doubt.faint,
            supposed=self._supposing(group),
            told=told,
            merged=merged,
        )
        judgement = Judgement() if self._old_news(group) else judge(history, context)
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

    def _older(self, group: Group) -> int | None:
        """The stored profile that she is, if a likely doubtful link is true."""
        doubt = self.linked.doubts.get(group.cluster)
        return self.linked.profile_in(doubt.other) if doubt and doubt.likely else None

    def _supposing(self, group: Group) -> Supposed | None:
        older = self._supposed.get(group.cluster)
        if older is None or older not in self._known:
            return None
        told = [(each.kind, each.raised_at) for each in self._told.get(older, ())]
        return Supposed(self._known[older], told)

    def _history(self, group: Group) -> tuple[ProfileHistory, frozenset[int]]:
        """The group's history as one, and the adverts of it that come from merged profiles.

        What a profile had whose first flag is still held was never judged: its adverts count as
        linked by this pass. What a merged profile was seen with was never linked to the other:
        known is what the oldest judged one was seen with.
        """
        before = [self._known[profile] for profile in group.profiles]
        here = {self.linked.advert[row] for row in group.rows}
        alone = group.cluster in self._left or bool(self._stayed & set(group.profiles))
        adverts: list[AdvertHistory] = []
        merged: set[int] = set()
        for known in before:
            for advert in known.adverts:
                if advert.advert not in here:
                    continue
                adverts.append(
                    advert if known.judged_to is not None else replace(advert, joined_at=None)
                )
                if known.profile != group.ref:
                    merged.add(advert.advert)
        adverts += [
            replace(self._new[self.linked.advert[row]], joined_at=None) for row in group.joining
        ]
        judged = [known for known in before if known.judged_to is not None]
        contacts = judged[0].known_contacts if judged else frozenset[str]()
        provinces = judged[0].known_provinces if judged else frozenset[str]()
        judged_to = max((known.judged_to for known in judged if known.judged_to), default=None)
        if group.cluster in self._took_along:
            judged_to = judged_to or self.now
        if alone:
            # What the other one was seen with is not hers; nothing that her own adverts showed then
            # is news by this.
            until = judged_to or self.now
            contacts = frozenset(c for each in adverts for c, at in each.contacts if at <= until)
            provinces = frozenset(p for each in adverts for p, at in each.provinces if at <= until)
        return (
            ProfileHistory(
                group.ref if isinstance(group.ref, int) else 0,
                min((known.created_at for known in before), default=self.now),
                tuple(adverts),
                judged_to,
                contacts,
                provinces,
            ),
            frozenset(merged),
        )

    def _take_along(self, group: Group) -> None:
        """Of the flags of whom she leaves, those that only her adverts raised: a first one was
        hers, and so is what was raised before the two were taken for one; any other was wrong.
        """
        kept = self._left.get(group.cluster)
        if kept is None:
            return
        alone = self._alone_until.get(group.cluster)
        mine = {self.linked.advert[row] for row in group.rows}
        for raised in list(self._told.get(kept, ())):
            if raised.adverts and set(raised.adverts) <= mine:
                self._told[kept].remove(raised)
                own = alone is not None and raised.raised_at < alone
                if own or raised.kind is FlagKind.NEW:
                    self._moved_flags.append((raised.id, group.ref))
                    self._took_along.add(group.cluster)
                else:
                    self._withdrawn.append(raised.id)

    def _old_news(self, group: Group) -> bool:
        """Whether weights alone made her another, new ones, or those that part her from whom she
        was long taken for: nobody is new by that, and nobody moved.
        """
        if self._reweighted and not self.linked.asked[list(group.rows)].any():
            return True
        if group.cluster not in self._left or group.cluster in self._decided:
            return False
        first = min(float(self.linked.table.first[row]) for row in group.rows)
        return days(self.now) - first > self._rules.reappear_after_days

    def _told_of(self, group: Group, history: ProfileHistory) -> list[Told]:
        """The flags of the group's profiles that still hold.

        Who turns out to be somebody known longer was not new: that flag is withdrawn. So is that
        of a return which, without the adverts of who has parted, was none.
        """
        back = None
        if self._stayed & set(group.profiles):
            back = latest_return(
                history,
                away_after=self._base.rules.reappear_after,
                proof_gap=self._base.rules.proof_gap,
                aggregators=self._base.aggregators,
                complete_runs=self._base.complete_runs,
            )
        told: list[Told] = []
        for profile in group.profiles:
            older = any(
                self._known[other].judged_to is not None
                for other in group.profiles[: group.profiles.index(profile)]
            )
            for raised in self._told.get(profile, ()):
                parted = profile in self._stayed and raised.kind is FlagKind.REAPPEARED
                gone = parted and (back is None or abs(back.seen_again - raised.raised_at) > LATE)
                if gone or (older and raised.kind is FlagKind.NEW):
                    self._withdrawn.append(raised.id)
                else:
                    told.append((raised.kind, raised.raised_at))
        return told


def linking_of(linked: LinkedPass, now: datetime, *, whole: bool) -> PassResult:
    """The pass as it is saved, but for what the flag rules say of it; `whole` when every advert was
    linked anew.
    """
    dropped = {each for group in linked.groups for each in group.dropped}
    return PassResult(
        at=now,
        adverts=linked.handled(),
        memberships=tuple(
            (linked.advert[row], group.ref, float(linked.best[row]))
            for group in linked.groups
            for row in group.joining
        ),
        merges=tuple(
            (group.profiles[0], gone) for group in linked.groups for gone in group.dropped
        ),
        links=linked.found_links(),
        kept_links=linked.kept_links(),
        relit=linked.relit,
        networks=linked.networks() if whole else None,
        bonds=() if whole else linked.networks(),
        partings=linked.partings(),
        whole=whole,
        model=fingerprint(linked.model),
        moved=len({each.kept for each in linked.leaving} | dropped),
    )


def with_flags(
    result: PassResult,
    linked: LinkedPass,
    told: Judged,
    unit_of: Callable[[str | None], str | None],
) -> PassResult:
    """The pass with what the flag rules say of it."""
    return replace(
        result,
        moved_flags=told.moved_flags,
        flags=told.flags,
        withdrawn=told.withdrawn,
        holds=told.holds,
        judged=told.judged,
        seen=told.seen,
        units=tuple((flag.profile, unit_of(_province(linked, flag))) for flag in told.flags),
    )


def _province(linked: LinkedPass, flag: Flag) -> str | None:
    """Where the flagged profile is now: its best advert that says so."""
    provinces = (linked.places[advert].province for advert in flag.adverts)
    return next((province for province in provinces if province), None)
