"""Recording sightings: what a crawl saw becomes versions and presence intervals.

A batch is read once (what is known of its adverts), worked through in memory, and written in a few
bulk statements: a sighting of unchanged content extends rows and adds none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, insert

from records.adverts import Advert, UnchangedCard
from records.stored import RecordCounts
from storage import runs
from storage import sighting_statements as sql
from storage.content import Content, carried, fresh
from storage.errors import StorageError
from storage.tables import advert, presence
from storage.vault import Vault
from storage.versions import NewVersion, insert_versions, load_content

_CHUNK = 500  # values in one IN (...)


@dataclass(slots=True)
class _Presence:
    """An open interval. `closed_at` is set when this batch closes it."""

    id: int
    advert_id: int
    version_id: int
    partition_id: int
    first_seen: datetime
    last_seen: datetime
    made: bool = False
    closed_at: datetime | None = None


@dataclass(slots=True)
class _Known:
    """An advert while a batch is worked through. `open` holds its open presences by partition."""

    id: int
    state: str
    last_seen: datetime
    last_run: int
    partition_id: int
    card: bytes
    detail_at: datetime | None
    pending: int
    version_id: int
    versions: int
    sealed_url: bytes = b""
    key_month: str = ""
    keyed: int = 0  # the version whose month that is
    open: dict[int, _Presence] = field(default_factory=dict)
    hashes: dict[bytes, int] = field(default_factory=dict)
    made: Advert | None = None
    changed: bool = False
    new_url: str | None = None
    note: str | None = None


def record(vault: Vault, run: int, batch: Sequence[Advert | UnchangedCard]) -> RecordCounts:
    """See `Store.record`."""
    if not batch:
        return RecordCounts()
    with vault.writing(durable=False) as connection:
        return _Batch(vault, connection, runs.plan(connection, run)).store(batch)


class _Batch:
    """One batch: what is known of it, and what is to be written."""

    def __init__(self, vault: Vault, connection: Connection, plan: runs.RunPlan) -> None:
        self.vault = vault
        self.connection = connection
        self.plan = plan
        self.known: dict[bytes, _Known] = {}
        self.new_versions: list[NewVersion] = []
        self.presences: list[_Presence] = []
        self.returned: list[dict[str, Any]] = []
        self.seen_versions: dict[int, str] = {}
        self.firsts: dict[int, tuple[int, datetime, bytes]] = {}

    def store(self, batch: Sequence[Advert | UnchangedCard]) -> RecordCounts:
        ad_key = self.vault.sealer.ad_key
        keys = [ad_key(self.plan.site, item.ad_id) for item in batch]
        self._load(keys, [isinstance(item, Advert) for item in batch])
        counts = {"new": 0, "changed": 0, "unchanged": 0}
        for key, item in zip(keys, batch, strict=True):
            self._check(item)
            counts[self._sighting(key, item)] += 1
        self._write()
        return RecordCounts(**counts, returned=len(self.returned))

    def _check(self, item: Advert | UnchangedCard) -> None:
        if item.site != self.plan.site or item.partition not in self.plan.partitions:
            raise StorageError(
                f"run {self.plan.run} of {self.plan.site}: got a sighting in "
                f"{item.site}/{item.partition}, which it did not start with"
            )

    def _load(self, keys: list[bytes], whole: list[bool]) -> None:
        distinct = list(dict.fromkeys(keys))
        for chunk in _chunks(distinct):
            for row in sql.known(self.connection, self.plan.site_id, chunk):
                found = self.known.get(row[1])
                if found is None:
                    found = self.known[bytes(row[1])] = _Known(
                        row[0], row[2], row[3], row[4], row[5], bytes(row[6]), *row[7:13]
                    )
                    found.keyed = found.version_id
                if row[13] is not None:
                    found.open[row[15]] = _Presence(
                        row[13], found.id, row[14], row[15], row[16], row[16]
                    )
        by_id = {known.id: known for known in self.known.values()}
        read = {key for key, is_whole in zip(keys, whole, strict=True) if is_whole}
        for chunk in _chunks([self.known[key].id for key in read if key in self.known]):
            for each in self.connection.execute(sql.HASHES, {"adverts": chunk}):
                by_id[each[0]].hashes[bytes(each[1])] = each[2]

    def _sighting(self, key: bytes, item: Advert | UnchangedCard) -> str:
        known = self.known.get(key)
        if isinstance(item, UnchangedCard):
            if known is None:
                raise StorageError(
                    f"{item.site}/{item.partition}: an unchanged card of an advert that was never "
                    "stored; read it whole"
                )
            outcome, version_id = "unchanged", known.version_id
            if item.detail_note is not None:
                known.detail_at, known.changed = item.seen_at, True
        elif known is None:
            known = self.known[key] = self._first(key, item)
            outcome, version_id = "new", known.version_id
        else:
            version_id = self._version(known, item)
            outcome = "unchanged" if version_id == known.version_id else "changed"
        self._seen(known, version_id, item)
        return outcome

    def _first(self, key: bytes, item: Advert) -> _Known:
        partition_id = self.plan.partitions[item.partition]
        made = _Known(
            id=self.vault.ids.one(),
            state="active",
            last_seen=item.seen_at,
            last_run=self.plan.run,
            partition_id=partition_id,
            card=self.vault.sealer.fingerprint("card", item.card),
            detail_at=item.seen_at if item.has_detail else None,
            pending=self.vault.ids.one(),
            version_id=0,
            versions=0,
            made=item,
        )
        self.firsts[made.id] = (partition_id, item.seen_at, key)
        made.version_id = self._new_version(made, fresh(item), item.seen_at)
        return made

    def _version(self, known: _Known, item: Advert) -> int:
        """The version that this sighting shows, made when its content was never seen before."""
        card = self.vault.sealer.fingerprint("card", item.card)
        if not item.has_detail and known.detail_at is not None:
            if card == known.card:
                return known.version_id
            content = carried(self._content(known), item)
            # A fingerprint that no card has: whatever the next run sees, it is read whole. Keeping
            # the old one would take a card that changes back for unchanged, and keep this version.
            unsettled = self.vault.sealer.fingerprint("carried", item.card)
            known.card, known.changed = unsettled, known.changed or unsettled != known.card
        else:
            content = fresh(item)
            if known.card != card or item.has_detail:
                known.card, known.changed = card, True
                known.detail_at = item.seen_at if item.has_detail else known.detail_at
        found = known.hashes.get(self._hash(content))
        return found or self._new_version(known, content, item.seen_at)

    def _content(self, known: _Known) -> Content:
        for made in self.new_versions:
            if made.id == known.version_id:
                return made.content
        return load_content(self.vault, self.connection, known.version_id)

    def _hash(self, content: Content) -> bytes:
        return self.vault.sealer.fingerprint("version", content.digest())

    def _new_version(self, known: _Known, content: Content, seen_at: datetime) -> int:
        made = NewVersion(
            id=self.vault.ids.one(),
            advert_id=known.id,
            number=known.versions + 1,
            content_hash=self._hash(content),
            content=content,
            month=_month(seen_at),
            first_seen=seen_at,
        )
        self.new_versions.append(made)
        known.versions = made.number
        known.hashes[made.content_hash] = made.id
        known.changed = True
        return made.id

    def _seen(self, known: _Known, version_id: int, item: Advert | UnchangedCard) -> None:
        if version_id != known.version_id:
            known.version_id, known.changed = version_id, True
            known.pending = self.vault.ids.one()
        if known.state == "absent":
            self.returned.append({"row": known.id, "at": item.seen_at})
            known.pending, known.changed = self.vault.ids.one(), True
        self._follow(known, item.url)
        known.note = known.note if item.detail_note is None else item.detail_note
        known.state = "active"
        known.last_seen = max(known.last_seen, item.seen_at)
        known.last_run = self.plan.run
        known.partition_id = self.plan.partitions[item.partition]
        month = _month(item.seen_at)
        if version_id != known.keyed or month > known.key_month:
            self.seen_versions[version_id] = month
        self._extend(known, version_id, item.seen_at)

    def _follow(self, known: _Known, url: str | None) -> None:
        """An address changes with the title on many sites, and a dead one would be probed."""
        if url is None or known.made is not None:
            return
        now = known.new_url or self.vault.sealer.open("advert.url", known.id, known.sealed_url)
        if url != now:
            known.new_url = url

    def _extend(self, known: _Known, version_id: int, seen_at: datetime) -> None:
        held = known.open.get(known.partition_id)
        if held is not None and held.version_id == version_id:
            held.last_seen = max(held.last_seen, seen_at)
            self.presences.append(held)
            return
        if held is not None:
            held.closed_at = max(held.last_seen, seen_at)
            self.presences.append(held)
        held = known.open[known.partition_id] = _Presence(
            id=self.vault.ids.one(),
            advert_id=known.id,
            version_id=version_id,
            partition_id=known.partition_id,
            first_seen=seen_at,
            last_seen=seen_at,
            made=True,
        )
        self.presences.append(held)

    def _write(self) -> None:
        run = self.plan.run
        self._insert_adverts()
        insert_versions(self.vault, self.connection, self.new_versions)
        touched = list({held.id: held for held in self.presences}.values())
        self._run(
            insert(presence),
            [
                {
                    "id": held.id,
                    "advert_id": held.advert_id,
                    "version_id": held.version_id,
                    "partition_id": held.partition_id,
                    "first_seen": held.first_seen,
                    "last_seen": held.last_seen,
                    "first_run": run,
                    "last_run": run,
                    "closed_run": None if held.closed_at is None else run,
                    "closed_at": held.closed_at,
                }
                for held in touched
                if held.made
            ],
        )
        kept = [held for held in touched if not held.made]
        # Only those that were sighted are in `known`, and each once.
        old = [known for known in self.known.values() if known.made is None]
        sql.move_on(
            self.connection,
            run,
            [(held.id, held.last_seen) for held in kept if held.closed_at is None],
            [(known.id, known.last_seen, known.partition_id) for known in old],
        )
        self._run(
            sql.CLOSE,
            [
                {"row": held.id, "run": run, "at": held.closed_at}
                for held in kept
                if held.closed_at is not None
            ],
        )
        self._update_adverts(old)
        self._run(sql.RETURNED, self.returned)
        self._rekey()

    def _insert_adverts(self) -> None:
        seal = self.vault.sealer.seal_for
        rows = []
        for known in self.known.values():
            if known.made is None:
                continue
            first_partition, first_seen, key = self.firsts[known.id]
            rows.append(
                {
                    "id": known.id,
                    "site_id": self.plan.site_id,
                    "ad_key": key,
                    "ad_id": seal("advert", "advert.ad_id", known.id, known.made.ad_id),
                    "url": seal("advert", "advert.url", known.id, known.made.url),
                    "card": known.card,
                    "state": "active",
                    "missed": 0,
                    "first_seen": first_seen,
                    "last_seen": known.last_seen,
                    "last_run": known.last_run,
                    "partition_id": known.partition_id,
                    "version_id": known.version_id,
                    "versions": known.versions,
                    "detail_at": known.detail_at,
                    "detail_note": self._sealed_note(known),
                    "pending": known.pending,
                    "held_until": None,
                    "first_run": self.plan.run,
                    "first_partition": first_partition,
                    "baseline": first_partition in self.plan.baselines,
                }
            )
        self._run(insert(advert), rows)

    def _update_adverts(self, old: Sequence[_Known]) -> None:
        self._run(
            sql.CHANGED,
            [
                {
                    "row": known.id,
                    "new_card": known.card,
                    "new_detail_at": known.detail_at,
                    "new_pending": known.pending,
                    "new_version": known.version_id,
                    "new_versions": known.versions,
                }
                for known in old
                if known.changed
            ],
        )

        seal = self.vault.sealer.seal_for
        self._run(
            sql.MOVED,
            [
                {
                    "row": known.id,
                    "sealed": seal("advert", "advert.url", known.id, known.new_url),
                }
                for known in old
                if known.new_url is not None
            ],
        )
        self._run(
            sql.NOTED,
            [
                {"row": known.id, "sealed": self._sealed_note(known)}
                for known in old
                if known.note is not None
            ],
        )

    def _sealed_note(self, known: _Known) -> bytes | None:
        seal = self.vault.sealer.seal_for
        return seal("advert", "advert.detail_note", known.id, known.note) if known.note else None

    def _rekey(self) -> None:
        """Move text whose last sighting is in a new month under that month's key."""
        sealer = self.vault.sealer
        rows = []
        for month in sorted(set(self.seen_versions.values())):
            mine = [key for key, seen in self.seen_versions.items() if seen == month]
            for chunk in _chunks(mine):
                found = self.connection.execute(
                    sql.OTHER_MONTH, {"versions": chunk, "month": month}
                )
                for row in found:
                    plain = sealer.open("version.content", row.id, row.content)
                    key = sealer.keys.month("text", month)
                    sealed = sealer.seal(key, "version.content", row.id, plain)
                    rows.append({"row": row.id, "sealed": sealed, "month": month})
        self._run(sql.REKEY, rows)

    def _run(self, statement: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.connection.execute(statement, rows)


@lru_cache(maxsize=64)  # the sightings of a page share a few moments
def _month(at: datetime) -> str:
    utc = at.astimezone(UTC)
    return f"{utc.year:04d}-{utc.month:02d}"


def _chunks(values: Iterable[Any]) -> Iterable[list[Any]]:
    kept = list(values)
    return (kept[start : start + _CHUNK] for start in range(0, len(kept), _CHUNK))
