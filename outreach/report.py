"""The daily report: what a unit needs to know this morning, as one document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from config import Config, Unit
from outreach.calling import SILENT_STATES, due_on
from outreach.doubles import row, to_decide
from outreach.errors import OutreachError
from outreach.health import health_sentence
from outreach.periods import Period, in_zone, period
from outreach.ranking import Candidate, choose, strength
from outreach.rows import Item, Profiles, RowMaker
from outreach.suppression import counted_flags, without
from outreach.units import unit_of
from records.causes import cause_words
from records.flags import FlagKind
from records.queue import Entry, PublishedReport, RaisedFlag
from records.reasons import Language
from records.verdicts import PartitionHealth, PartitionVerdict
from storage import StorageError, Store

# A lead that nobody called in two months has gone cold: it stays in the queue, off the report.
CARRIED_FOR = timedelta(days=60)

# How far back to look for the run with which a partition's trouble began.
HISTORY = 60


def publish(
    store: Store, config: Config, unit: str, day: date, now: datetime, *, draft: bool = False
) -> dict[str, Any]:
    """The report of (`unit`, local `day`): published now, or as it was published before.

    Of a report published before, only those who have asked not to be contacted since, or must not
    be called, are taken out: protection comes before sameness. A draft publishes and stores
    nothing and covers what the next report would. Raises OutreachError for a unit that is not in
    the config and for a day that cannot be reported on any more.
    """
    with store.transaction():
        if not draft and (published := store.report(unit, day)) is not None:
            return _shown_again(store, json.loads(published.document), now)
        document = build_report(store, config, unit, day, now, draft=draft)
        if draft:
            return document
        last = store.last_report(unit)
        covered = period(day, now, ZoneInfo(config.timezone), last, draft=False)
        for item in document["baseline"]:
            item["entry"] = store.ensure_entry(int(item["profile"]), unit, now).short_id
        _number_doubles(store, unit, document["doubtful"], now)
        text = json.dumps(document, ensure_ascii=False)
        store.publish_report(
            PublishedReport(
                unit=unit,
                day=day.isoformat(),
                generated_at=now,
                covers_from=covered.since,
                covers_to=covered.until,
                document=text,
            )
        )
        store.audit(
            "system", "report.publish", f"{unit}/{day.isoformat()}", dict(document["counts"]), now
        )
    # What storage gives back another day, key for key.
    return dict(json.loads(text))


def _number_doubles(store: Store, unit: str, doubtful: Iterable[Item], now: datetime) -> None:
    """Give the sides of every double that are the unit's an entry, by which people name them."""
    for item in doubtful:
        for entry, profile in (("entry", "profile"), ("other", "other_profile")):
            if item[profile] is not None:
                item[entry] = store.ensure_entry(int(item[profile]), unit, now).short_id


def build_report(
    store: Store, config: Config, unit: str, day: date, now: datetime, *, draft: bool = False
) -> dict[str, Any]:
    """The document of (`unit`, local `day`) as of `now`, in the shape of docs/report.md.

    Reads only. Raises OutreachError as `publish` does.
    """
    if unit not in {each.id for each in config.units}:
        known = ", ".join(each.id for each in config.units) or "none"
        raise OutreachError(f"unit {unit}: not in faro.toml; it has {known}")
    last = store.last_report(unit)
    covered = period(day, now, ZoneInfo(config.timezone), last, draft=draft)
    return _Builder(store, config, unit, day, now, covered, last).document(draft)


def _shown_again(store: Store, document: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A published document without those who must not be shown any more."""
    # Until doubles named both sides their rows named one, which nobody can decide by.
    paired = [item for item in document["doubtful"] if "other_profile" in item]
    document = document | {"doubtful": paired}
    gone: set[int | None] = {None, *store.suppressed_profiles(now)}
    entries = {
        item["entry"]
        for name in ("flags", "carried", "follow_ups", "handover", "withdrawn", "baseline")
        for item in document[name]
    } | {item[side] for item in paired for side in ("entry", "other") if item[side]}
    hidden = {each for each in entries if _leads_to(store, each) in gone}
    return without(document, hidden) if hidden else document


def _leads_to(store: Store, short_id: str) -> int | None:
    """The profile behind an entry that may have been merged since; None when it was erased."""
    try:
        return store.entry(int(short_id.removeprefix("F-"))).profile
    except StorageError:
        return None


class _Builder:
    """Gathers one report; whoever is hidden is left out where it is read, not where shown."""

    def __init__(
        self,
        store: Store,
        config: Config,
        unit: str,
        day: date,
        now: datetime,
        covered: Period,
        last: PublishedReport | None,
    ) -> None:
        self.store, self.config, self.unit = store, config, unit
        self.day, self.now, self.covered = day, now, covered
        self.zone = ZoneInfo(config.timezone)
        self.language: Language = config.language
        self.last = last
        self.before: dict[str, Any] | None = json.loads(last.document) if last else None
        self.profiles = Profiles(store, now)
        self.rows = RowMaker(self.profiles, now, self.zone, self.language)
        mine = store.entries(unit)
        silent = {entry.profile for entry in mine if entry.state in SILENT_STATES}
        self.hidden = store.suppressed_profiles(now) | silent
        self.flags = store.flags(None, covered.until)
        self.entries: dict[int, Entry] = {
            entry.profile: entry for entry in mine if entry.profile not in self.hidden
        }

    def document(self, draft: bool) -> dict[str, Any]:
        fresh, older = self._raised()
        flags = [self.rows.flag(each, self.entries[each.profile]) for each in fresh]
        old = [self.rows.flag(each, self.entries[each.profile]) for each in older]
        follow_ups = self._follow_ups()
        ready = [each["entry"] for each in follow_ups if each["why_not_listed"] is None]
        promised = {each["entry"] for each in follow_ups}
        choice = choose(
            ready,
            _candidates(flags, promised),
            _candidates(old, promised),
            self._unit.list_size,
            self.now,
        )
        shown = {*choice.listed, *choice.carried}
        _mark_waiting(flags, {*shown, *promised})
        carried = {each["entry"]: each for each in old}
        # An older lead whose advert is gone waits for nothing; one with a number to confirm does.
        unconfirmed = [each for each in old if each["why_not_listed"] == "number_unconfirmed"]
        because = _because([*flags, *unconfirmed], {*shown, *promised}, choice.waiting)
        baseline, baseline_total = self._baseline()
        withdrawn = self._withdrawn()
        document = {
            "report": self.day.isoformat(),
            "unit": self.unit,
            "draft": draft,
            "generated_at": in_zone(self.now, self.zone),
            "covers": {
                "from": in_zone(self.covered.since or self.store.created_at, self.zone),
                "to": in_zone(self.covered.until, self.zone),
            },
            "health": self._health(),
            "counts": {
                **counted_flags(flags),
                "withdrawn": len(withdrawn),
                "follow_ups": len(follow_ups),
                "baseline": baseline_total,
            },
            "flags": flags,
            "list": list(choice.listed),
            "waiting": sum(len(each) for each in because.values()),
            "follow_ups": follow_ups,
            "doubtful": self._doubtful([*older, *fresh]),
            "withdrawn": withdrawn,
            "handover": self._handover(),
        }
        return document | {
            "unit_name": self._unit.name,
            "language": self.language,
            "timezone": self.config.timezone,
            "counts_before": self.before["counts"] if self.before else None,
            "carried": [carried[each] for each in choice.carried],
            "waiting_because": because,
            "baseline": baseline,
        }

    @property
    def _unit(self) -> Unit:
        return next(each for each in self.config.units if each.id == self.unit)

    def _raised(self) -> tuple[list[RaisedFlag], list[RaisedFlag]]:
        """Flags to tell of now, oldest first, and those told before whom nobody has called yet.

        A matching pass that began before the last report and ended after it saves flags that are
        older than that report: what it did not show is new, whatever the time it bears.
        """
        told = {each["flag"] for each in self.before["flags"]} if self.before else set()
        from_last = self.last.covers_from if self.last else None
        cold = self.covered.until - CARRIED_FOR
        fresh: list[RaisedFlag] = []
        older: dict[int, RaisedFlag] = {}
        for flag in self.flags:
            if flag.withdrawn_at is not None or flag.profile not in self.entries:
                continue
            recent = from_last is None or flag.raised_at > from_last
            if self.last is None or (recent and flag.id not in told):
                fresh.append(flag)
            elif flag.raised_at > cold and not self._called_since(flag):
                held = older.get(flag.profile)
                if held is None or strength(flag.kind) <= strength(held.kind):
                    older[flag.profile] = flag
        flagged = {flag.profile for flag in fresh}
        fresh.sort(key=lambda each: (each.raised_at, each.id))
        return fresh, [flag for profile, flag in older.items() if profile not in flagged]

    def _doubtful(self, flags: Iterable[RaisedFlag]) -> list[Item]:
        """Who may be somebody known, as long as nobody has decided it."""
        doubles = [
            each
            for each in self.store.doubles(self.config.matching.doubt_threshold)
            if self.hidden.isdisjoint((each.profile, each.older))
        ]
        raised = {flag.profile: flag for flag in flags if flag.doubtful}
        given = (doubles, self.unit, self.profiles, raised, self.now)
        return [row(each, self.zone) for each in to_decide(self.store, self.config, *given)]

    def _called_since(self, flag: RaisedFlag) -> bool:
        attempts = self.profiles.attempts(flag.profile)
        return bool(attempts) and attempts[-1].at >= flag.raised_at

    def _follow_ups(self) -> list[Item]:
        """Promises due today or late, the latest first."""
        due = [
            (date_due, entry)
            for profile, entry in self.entries.items()
            if (date_due := due_on(self.profiles.attempts(profile))) and date_due <= self.day
        ]
        due.sort(key=lambda each: (each[0], each[1].number))
        return [self.rows.follow_up(entry, when, self.day) for when, entry in due]

    def _handover(self) -> list[Item]:
        """The attempts since the last report, the newest first."""
        since = self.covered.since
        made = [
            (attempt, entry)
            for profile, entry in self.entries.items()
            for attempt in self.profiles.attempts(profile)
            if (since is None or attempt.at > since) and attempt.at <= self.covered.until
        ]
        made.sort(key=lambda each: (each[0].at, each[0].id), reverse=True)
        return [self.rows.handed_over(attempt, entry) for attempt, entry in made]

    def _withdrawn(self) -> list[Item]:
        """Flags that an earlier report showed and that were withdrawn since.

        As in `_raised`, a pass may save a withdrawal that is older than the last report: what that
        report did not tell is told now.
        """
        if self.last is None or self.before is None:
            return []
        told = {(each["entry"], each["withdrawn_at"]) for each in self.before["withdrawn"]}
        rows = [
            self.rows.withdrawn(flag, self.entries[flag.profile])
            for flag in self.store.withdrawn_flags(self.last.covers_from, self.covered.until)
            if flag.profile in self.entries and flag.raised_at <= self.last.covers_to
        ]
        return [row for row in rows if (row["entry"], row["withdrawn_at"]) not in told]

    def _baseline(self) -> tuple[list[Item], int]:
        """Who was there when we began to look: the first of them, and how many they are.

        Those beyond the cap, and those saved late by a pass older than the last report, come in
        the next one. Who only has an entry was numbered as somebody's double, not told of.
        """
        listed = self.before["baseline"] if self.before else []
        told = {_leads_to(self.store, each["entry"]) for each in listed}
        told |= {flag.profile for flag in self.flags}
        owner = unit_of(self.config)
        since = self.last.covers_from if self.last else None
        found = [
            profile
            for profile in self.store.baseline_profiles(since, self.covered.until)
            if profile not in self.hidden
            and profile not in told
            and owner(self.profiles.province(profile)) == self.unit
        ]
        items: list[Item] = []
        for profile in found[: self.config.matching.baseline_cap]:
            unnumbered = Entry(0, profile, self.unit, "to_review", self.now)
            items.append(self.rows.person(unnumbered) | {"entry": None})
        return items, len(found)

    def _health(self) -> list[Item]:
        """A row for each partition of each enabled site, also of those never crawled."""
        known = {(each.site, each.partition): each for each in self.store.health()}
        items: list[Item] = []
        for _, site in sorted(self.config.sites.items()):
            if not site.enabled:
                continue
            for start in site.list.start:
                never = PartitionHealth(site.id, start.id, "never", "", None, None, 0)
                items.append(self._health_row(known.get((site.id, start.id), never)))
        return items

    def _health_row(self, health: PartitionHealth) -> Item:
        health = replace(
            health,
            last_run=self._local(health.last_run),
            last_complete=self._local(health.last_complete),
        )
        if health.cause is not None:
            health = replace(health, reason=cause_words(health.cause, self.language))
        since = self._trouble_since(health)
        return {
            "site": health.site,
            "partition": health.partition,
            "verdict": health.verdict,
            "last_complete": health.last_complete,
            "adverts": health.adverts,
            "reason": health.reason,
            "held": health.held,
            "last_run": health.last_run,
            "since": since,
            "sentence": health_sentence(health, self.language, self.now, self.zone, since=since),
        }

    def _local(self, iso: str | None) -> str | None:
        return in_zone(datetime.fromisoformat(iso), self.zone) if iso else None

    def _trouble_since(self, health: PartitionHealth) -> str | None:
        """When the unbroken row of incomplete runs began that ends with the last run."""
        if health.verdict == PartitionVerdict.COMPLETE or health.last_run is None:
            return None
        since = health.last_run
        for finished, verdict, _ in self.store.partition_history(
            health.site, health.partition, HISTORY
        ):
            if verdict == PartitionVerdict.COMPLETE:
                break
            since = in_zone(finished, self.zone)
        return since


def _candidates(flags: Iterable[Item], promised: set[str]) -> list[Candidate]:
    """The callable profiles behind `flags`, each by its strongest flag."""
    best: dict[str, Item] = {}
    for item in flags:
        if item["why_not_listed"] is not None or item["entry"] in promised:
            continue
        held = best.get(item["entry"])
        if held is None or strength(item["kind"]) <= strength(held["kind"]):
            best[item["entry"]] = item
    return [
        Candidate(
            entry=item["entry"],
            kind=FlagKind(item["kind"]),
            province=item["place"]["province"],
            probability=item["probability"],
            raised_at=datetime.fromisoformat(item["raised_at"]),
        )
        for item in best.values()
    ]


def _mark_waiting(flags: Sequence[Item], shown: set[str]) -> None:
    """Say of every flag that could be called and has no row that it comes after the rows."""
    for item in flags:
        if item["why_not_listed"] is None and item["entry"] not in shown:
            item["why_not_listed"] = "beyond_size"


def _because(items: Iterable[Item], shown: set[str], ranked: Sequence[str]) -> dict[str, list[str]]:
    """The flagged entries without a row, by the reason why; those only too late by their rank."""
    because: dict[str, list[str]] = {"beyond_size": list(ranked)} if ranked else {}
    for item in items:
        why = item["why_not_listed"]
        if item["entry"] in shown or why in (None, "beyond_size"):
            continue
        names = because.setdefault(why, [])
        if item["entry"] not in names:
            names.append(item["entry"])
    return because
