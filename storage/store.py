"""The door of storage: `Store`, with one method for everything that other rooms may ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from config.clock import Clock
from records.adverts import Advert, KnownAdvert, ListedAdvert, UnchangedCard
from records.contacts import ContactKind
from records.queue import Attempt, Double, Entry, ProfileAdvert, PublishedReport, RaisedFlag
from records.service import Notice, SchedulerLife, SiteWatch
from records.stored import Purged, RecordCounts, RunRecord, StoredAdvert, StoreStatus
from records.verdicts import CompleteRun, DetailRun, PartitionHealth, RunOutcome
from storage import (
    ageing,
    audit,
    backups,
    doubles,
    forgetting,
    gate,
    health,
    histories,
    list_memory,
    listing,
    locks,
    misread,
    opening,
    purging,
    querying,
    queue,
    reports,
    runs,
    service,
    sightings,
    status,
    suppression,
)
from storage.matching_door import MatchingDoor
from storage.samples import Samples

if TYPE_CHECKING:
    from config import Config
    from config.models import Retention


def create_store(config: Config, *, simulated: bool, at: datetime) -> Store:
    """Make the data folder, the keys with their escrow copy, and an empty database.

    Raises StorageError when there is a database already.
    """
    return Store(opening.create(config, simulated=simulated, at=at))


def open_store(config: Config, clock: Clock) -> Store:
    """Open the database of `config`.

    Raises StorageError when there is none, its keys are missing, its schema is of another version,
    or `clock` may not be used on it (simulated on a real database, or before its last run).
    """
    return Store(opening.open_(config, clock))


class Store(MatchingDoor):
    """An open database with its keys. Use one per process (threads may share it)."""

    def __init__(self, opened: opening.Opened) -> None:
        """Made by `create_store` and `open_store`."""
        super().__init__(opened.vault)
        self.location = opened.vault.database.location
        self.escrow = opened.escrow
        self.simulated = opened.simulated
        self.created_at = opened.created_at
        self.samples = Samples(opened.vault)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database; the store can't be used afterwards."""
        self._vault.database.close()

    def let_go(self) -> None:
        """Close all connections for now, as before a fork; each is opened again when needed."""
        self._vault.database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Re-entrant: an inner transaction joins the outer one; if the inner one
        fails and the outer goes on, only the inner one's changes are lost.
        """
        with self._vault.writing():
            yield

    def crawl_lock(self, site: str) -> AbstractContextManager[None]:
        """Hold the lock of a crawl of `site`. Raises Busy when another crawl of it is running."""
        return self.run_lock(locks.crawl_name(site))

    def run_lock(self, name: str) -> AbstractContextManager[None]:
        """Hold the lock `name` of this data folder. Raises Busy when another process has it."""
        return locks.run_lock(self._vault.folder / "locks", name)

    # Runs

    def start_run(
        self,
        site: str,
        partitions: Sequence[str],
        at: datetime,
        *,
        slot: str | None,
        pid: int,
        host: str,
    ) -> int:
        """Begin a crawl of `site`; its earlier runs without a final record become failed.

        The caller holds the site's lock. Raises SlotTaken when (site, slot) was claimed before.
        """
        run = runs.start(self._vault, site, partitions, at, slot=slot, pid=pid, host=host)
        self._vault.database.after_commit(lambda: audit.anchor(self._vault, at, daily=True))
        return run

    def heartbeat(self, run: int) -> None:
        """Say that the run's process is alive (real time)."""
        runs.heartbeat(self._vault, run)

    def finish_run(self, run: int, at: datetime, outcome: RunOutcome) -> RunOutcome:
        """Write the verdicts and age adverts, in one transaction (guide/crawling.md, Verdicts).

        Returns the outcome as it was recorded: a run that has met new ids is held.
        """
        return ageing.finish(self._vault, run, at, outcome)

    def decide_held(
        self, which: str, decision: Literal["released", "discarded"], at: datetime
    ) -> list[int]:
        """Decide on held runs: one by its number, or all of a site by its name; returns them.

        What a released run saw first is judged by the next pass; of a discarded one it counts as
        there from the start and raises no `new`. Raises StorageError when none is held.
        """
        return gate.decide(self._vault, which, decision, at)

    def fingerprint(self, kind: str, content: str) -> bytes:
        """Keyed hash of `content`, to tell whether it changed (`kind` "card" for cards)."""
        return self._vault.sealer.fingerprint(kind, content)

    def known_adverts(self, site: str) -> dict[str, KnownAdvert]:
        """Every advert ever seen on `site`, absent ones too, by its id there."""
        return listing.known_adverts(self._vault, site)

    def list_memory(self, site: str) -> str:
        """What `keep_list_memory` kept of the site; empty when nothing was."""
        return list_memory.load(self._vault, site)

    def keep_list_memory(self, site: str, pages: str) -> None:
        """Keep what the site's list pages showed, in place of what was kept; sealed whole."""
        list_memory.save(self._vault, site, pages)

    def record(self, run: int, batch: Sequence[Advert | UnchangedCard]) -> RecordCounts:
        """Store sightings in one transaction; the same batch again changes nothing.

        Contact details are taken out of title and text and encrypted. Raises StorageError for an
        UnchangedCard of an advert that is not known.
        """
        return sightings.record(self._vault, run, batch)

    def health(self) -> list[PartitionHealth]:
        """The last word on every partition. A run whose process is gone is recorded as failed."""
        return health.health(self._vault)

    def last_runs(self, limit: int = 20) -> list[RunRecord]:
        """The latest runs, newest first."""
        return runs.last_runs(self._vault, limit)

    def recent_runs(self, limit: int) -> dict[str, list[RunRecord]]:
        """The latest `limit` runs of every site, newest first."""
        return runs.recent_runs(self._vault, limit)

    def run_record(self, run: int) -> RunRecord:
        """One run."""
        return runs.run_record(self._vault, run)

    def usual_runs(self, site: str, partition: str, limit: int = 5) -> tuple[CompleteRun, ...]:
        """The latest complete runs of a partition, newest first."""
        return health.usual_runs(self._vault, site, partition, limit)

    def detail_runs(self, site: str, partition: str, limit: int = 60) -> tuple[DetailRun, ...]:
        """What the detail pages that the latest runs of a partition read held, newest first.

        Runs without any are left out, and those that found the layout changed: what they read is
        read again.
        """
        return misread.detail_runs(self._vault, site, partition, limit)

    def partition_history(
        self, site: str, partition: str, limit: int = 5
    ) -> list[tuple[datetime, str, int]]:
        """(finished at, verdict, cards) of the latest finished runs, newest first."""
        return runs.partition_history(self._vault, site, partition, limit)

    def listing(self, site: str, day: date, tz: str) -> tuple[list[ListedAdvert], list[str]]:
        """What `site` listed on the local `day`, and the partitions without a complete run then."""
        return listing.listing(self._vault, site, day, tz)

    def current_adverts(self, site: str) -> Iterator[StoredAdvert]:
        """The current version of every advert of `site`, in the order of their first sighting."""
        return listing.current_adverts(self._vault, site)

    # Outreach

    def ensure_entry(self, profile: int, unit: str | None, at: datetime) -> Entry:
        """The profile's queue entry, made now when it has none."""
        with self._vault.writing() as connection:
            return queue.ensure(connection, profile, unit, at)

    def entries(self, unit: str | None) -> list[Entry]:
        """The entries that `unit` owns (None: of provinces without a unit), oldest first."""
        return queue.of_unit(self._vault, unit)

    def entry(self, number: int) -> Entry:
        """The entry of this number, or the one that it was merged into."""
        return queue.by_number(self._vault, number)

    def entry_of(self, profile: int) -> Entry | None:
        """The entry of a profile, None when it has none."""
        with self._vault.reading() as connection:
            current = histories.kept(connection, (profile,)).get(profile, profile)
            return queue.entry_of(connection, current)

    def flags(self, since: datetime | None, until: datetime) -> list[RaisedFlag]:
        """Flags raised after `since` and up to `until`, but for suppressed profiles."""
        return queue.flags(self._vault, "raised_at", since, until)

    def flags_of(self, profiles: Iterable[int], *, reasons: bool = True) -> list[RaisedFlag]:
        """All flags of these profiles, withdrawn and suppressed ones too, oldest first; without
        their `reasons` where these are not asked for.
        """
        return queue.flags_of(self._vault, profiles, reasons=reasons)

    def withdrawn_flags(self, since: datetime | None, until: datetime) -> list[RaisedFlag]:
        """Flags withdrawn after `since` and up to `until`."""
        return queue.flags(self._vault, "withdrawn_at", since, until)

    def profile_adverts(self, profile: int) -> list[ProfileAdvert]:
        """The adverts of a profile, last seen first."""
        return queue.profile_adverts(self._vault, profile)

    def suppressed_profiles(self, now: datetime | None = None) -> set[int]:
        """Profiles that nobody may call, nor see in a report: do-not-contact, under 18."""
        with self._vault.reading() as connection:
            return suppression.suppressed(connection, now)

    def add_do_not_contact(
        self, kind: ContactKind, value: str, asked_by: str, at: datetime
    ) -> None:
        """List a contact; `asked_by` is `herself`, `third_person` or `unknown`."""
        suppression.add(self._vault, kind, value, asked_by, at)

    def is_do_not_contact(self, kind: ContactKind, value: str) -> bool:
        """Whether the contact is listed."""
        return suppression.listed(self._vault, kind, value)

    def record_attempt(
        self,
        entry: int,
        *,
        at: datetime,
        actor: str,
        channel: str,
        outcome: str,
        unit: str | None = None,
        band: str | None = None,
        language: str | None = None,
        mediator: bool = False,
        notice: str | None = None,
        next_on: date | None = None,
        consent: bool | None = None,
        note: str | None = None,
        state: str | None = None,
    ) -> Attempt:
        """Store a call or message; `state` is the entry's new state (None: unchanged)."""
        values = {
            "at": at,
            "actor": actor,
            "channel": channel,
            "outcome": outcome,
            "unit": unit,
            "band": band,
            "language": language,
            "mediator": mediator,
            "notice": notice,
            "next_on": next_on,
            "consent": consent,
            "note": note,
            "state": state,
        }
        return queue.record_attempt(self._vault, entry, values)

    def attempts(self, profile: int) -> list[Attempt]:
        """The attempts to reach a profile, merged ones included, oldest first."""
        return queue.attempts(self._vault, profile)

    def doubles(self, least: float) -> list[Double]:
        """The pairs of profiles tied by a link of at least `least` that nobody has decided."""
        return doubles.undecided(self._vault, least)

    def last_report(self, unit: str) -> PublishedReport | None:
        """The unit's latest published report."""
        return reports.last(self._vault, unit)

    def report(self, unit: str, day: date | str) -> PublishedReport | None:
        """The report of (unit, local day)."""
        return reports.by_day(self._vault, unit, day)

    def publish_report(self, report: PublishedReport) -> None:
        """Publish; raises AlreadyPublished when (unit, day) has one."""
        reports.publish(self._vault, report)

    def baseline_profiles(self, since: datetime | None, until: datetime) -> list[int]:
        """Visible profiles made in (since, until] that were there at the start, last seen first.

        Their oldest advert was first seen in a baseline; suppressed ones are left out.
        """
        return queue.baseline_profiles(self._vault, since, until)

    # The scheduler

    def scheduler_beat(self, host: str, pid: int, started_at: datetime, fault: str) -> None:
        """Say that the scheduler of `host` is alive (real time), and what config it refused."""
        service.beat(self._vault, host, pid, started_at, fault)

    def scheduler_stopped(self, host: str) -> None:
        """Say that the scheduler of `host` ended as told (real time)."""
        service.stopped(self._vault, host)

    def scheduler_lives(self) -> list[SchedulerLife]:
        """The last sign of life of every machine's scheduler, newest first."""
        return service.lives(self._vault)

    def notices(self) -> list[Notice]:
        """What admins are told or were told and is not over, oldest first."""
        return service.notices(self._vault)

    def telling(self) -> AbstractContextManager[bool]:
        """Hold the right to tell admins; False while another scheduler on this database has it."""
        return service.telling(self._vault)

    def save_notices(self, known: Iterable[Notice]) -> None:
        """Keep exactly these notices."""
        service.save_notices(self._vault, known)

    def site_watches(self) -> dict[str, SiteWatch]:
        """Since when every site is crawled, and which run last saw something new there."""
        return service.watches(self._vault)

    # The rest

    def audit(
        self,
        actor: str,
        action: str,
        subject: str,
        detail: Mapping[str, Any],
        at: datetime | None = None,
    ) -> None:
        """Add to the audit trail; ids and codes only."""
        with self._vault.writing() as connection:
            when = at or self._vault.clock.now()
            audit.write(self._vault, connection, when, action, subject, detail, actor)

    def verify_audit(self) -> str | None:
        """None when the audit trail is whole, else one line that says what is wrong with it."""
        return audit.verify(self._vault)

    def audit_head(self) -> tuple[int, str]:
        """How many entries the audit trail has, and the hash of the last (hex)."""
        return audit.head(self._vault)

    def query(self, sql: str, limit: int = 1000) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Read the analysts' views: column names and at most `limit` rows. Can't write."""
        return querying.query(self._vault, sql, limit)

    def forget_site(self, site: str, at: datetime) -> dict[str, int]:
        """Delete what is stored of a site, and profiles and contacts that only it showed; counts by
        `adverts`, `runs`, `profiles`, `contacts`. Who must not be called stays so.

        Raises StorageError when nothing of the site is stored.
        """
        counts = forgetting.site_of(self._vault, site, at)
        self.samples.forget(site)
        return counts

    def purge(self, keep: Retention, at: datetime, *, dry_run: bool = False) -> Purged:
        """Forget what is kept no longer, rows and keys (`dry_run`: only tell). Raises Busy."""
        return purging.purge(self._vault, keep, at, dry_run=dry_run)

    def backup(self, at: datetime, path: Path | None = None, *, keep: int = backups.KEPT) -> Path:
        """Copy the database to `path`, or to a folder of which the newest `keep` stay. Audited."""
        return backups.back_up(self._vault, at, path, keep)

    def status(self) -> StoreStatus:
        """Facts for `faro status`."""
        return status.status(self._vault)
