"""Retention: what is kept no longer (guide/protection.md, Rights and retention).

One transaction forgets rows; the keys of text and notes are destroyed once it has been committed.
What matching and flags stand on stays as long as the redacted advert: when it was seen, absent,
and which contacts it had, by their blind index. An advert whose text is gone is read anew when it
is seen again.

A month's key is renewed when some of its texts are due and others are not: the others are encrypted
under the new one, and the old one is destroyed. So an old backup can't be read for what was purged;
nor can it be for the rest of that month, which the database itself still has.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from records.stored import Purged
from storage import audit, forgetting, index_files, locks
from storage.content import EMPTY_PART
from storage.keys import DataKey
from storage.samples import Samples
from storage.tables import advert, presence, version
from storage.tables_queue import attempt, entry, profile_advert, report
from storage.vault import Vault

if TYPE_CHECKING:
    from config.models import Retention

PURGED = "purged"
"""`key_month` of a version without its text. It sorts behind every month."""

_CHUNK = 500


class _Undone(Exception):  # noqa: N818 - named for what it says
    """Takes a dry run back."""


def purge(vault: Vault, keep: Retention, at: datetime, *, dry_run: bool) -> Purged:
    """See `Store.purge`."""
    purging = _Purge(vault, keep, at)
    with locks.run_lock(vault.folder / "locks", "purge"):
        try:
            with vault.writing() as connection:
                counts = purging.forget(connection)
                pages = Samples(vault).purge(at, dry_run=dry_run)
                counts = replace(counts, pages=pages)
                if dry_run:
                    raise _Undone
                purging.encrypt_anew(connection)
                if counts.total:
                    audit.write(vault, connection, at, "purge", "database", asdict(counts))
                doomed = purging.unused_keys(connection)
        except _Undone:
            return counts
        for key in doomed:
            vault.sealer.keys.destroy(key)
            if key.name.startswith("text-"):
                index_files.forget(vault, _of_month(key))
        if counts.total:
            vault.database.reclaim()
        return counts


def settle(vault: Vault) -> int:
    """Forget the text that a restored backup holds and whose key is destroyed; how many versions.

    Notes without a key are taken away too.
    """
    with vault.writing() as connection:
        keys = {key.id for key in vault.sealer.keys.of_kind("text")}
        query = select(version.c.id, func.substr(version.c.content, 2, 4)).where(
            version.c.key_month != PURGED
        )
        lost = [row[0] for row in connection.execute(query) if bytes(row[1]) not in keys]
        empty(vault, connection, lost, again=True)
        keys = {key.id for key in vault.sealer.keys.of_kind("note")}
        notes = select(attempt.c.id, func.substr(attempt.c.note, 2, 4))
        gone = [
            {"row": row[0]}
            for row in connection.execute(notes.where(attempt.c.note.is_not(None)))
            if bytes(row[1]) not in keys
        ]
        if gone:
            connection.execute(
                update(attempt)
                .where(attempt.c.id == bindparam("row"))
                .values(note=None, key_month=None),
                gone,
            )
    return len(lost) + len(gone)


class _Purge:
    """One purge: what is due at `at`."""

    def __init__(self, vault: Vault, keep: Retention, at: datetime) -> None:
        self.vault = vault
        self.at = at
        self.advert_before = months_before(at, keep.advert_months)
        self.text_before = max(at - timedelta(days=keep.advert_text_days), self.advert_before)
        self.pertinent_before = at - timedelta(days=keep.not_pertinent_days)
        self.attempt_before = months_before(at, keep.attempt_months)
        self.audit_before = months_before(at, 12 * keep.audit_years)
        self.lost: set[tuple[str, str]] = set()

    def forget(self, connection: Connection) -> Purged:
        """Delete and redact rows; what went, counted."""
        vault = self.vault
        texts = self._texts(connection)
        not_pertinent = self._not_pertinent(connection)
        attempts, notes = self._attempts(connection)
        return Purged(
            texts=texts,
            not_pertinent=not_pertinent,
            adverts=forgetting.old_adverts(vault, connection, self.advert_before, self.at),
            profiles=forgetting.empty_profiles(connection),
            contacts=forgetting.lone_contacts(connection),
            attempts=attempts,
            notes=notes,
            reports=self._reports(connection),
            audit=audit.cut(vault, connection, self.audit_before, self.at),
        )

    def _texts(self, connection: Connection) -> int:
        """Texts last seen before their time; one that was never seen dates from its making."""
        seen_since = exists().where(
            presence.c.advert_id == version.c.advert_id,
            presence.c.version_id == version.c.id,
            presence.c.last_seen >= self.text_before,
        )
        due = connection.execute(
            select(version.c.id, version.c.key_month).where(
                version.c.key_month <= _month(self.text_before),
                version.c.first_seen < self.text_before,
                ~seen_since,
            )
        ).all()
        self.lost |= {("text", row.key_month) for row in due}
        empty(self.vault, connection, [row.id for row in due], again=True)
        return len(due)

    def _not_pertinent(self, connection: Connection) -> int:
        """Her advert may stand for long: its text goes, and is not read again while it is the same.

        The key of a month that is not due stays: with it would go what backups hold of all others.
        """
        hers = select(entry.c.profile_id).where(self._not())
        due = connection.execute(
            select(version.c.id)
            .join(profile_advert, profile_advert.c.advert_id == version.c.advert_id)
            .where(profile_advert.c.profile_id.in_(hers), version.c.key_month != PURGED)
        ).scalars()
        ids = list(due)
        empty(self.vault, connection, ids, again=False)
        return len(ids)

    def _not(self) -> Any:
        return and_(entry.c.state == "not_pertinent", entry.c.state_at < self.pertinent_before)

    def _attempts(self, connection: Connection) -> tuple[int, int]:
        """Attempts whose entry has rested long enough, and notes of them and of the not pertinent.

        What says for ever that somebody must not be called stays with her adverts, without a note.
        """
        rested = select(attempt.c.entry_number).group_by(attempt.c.entry_number)
        rested = rested.having(func.max(attempt.c.at) < self.attempt_before)
        not_hers = select(entry.c.number).where(self._not())
        months = select(attempt.c.key_month).where(attempt.c.note.is_not(None)).distinct()
        held = set(connection.execute(months).scalars())
        silent = or_(attempt.c.entry_number.in_(rested), attempt.c.entry_number.in_(not_hers))
        notes = connection.execute(
            update(attempt)
            .where(attempt.c.note.is_not(None), silent)
            .values(note=None, key_month=None)
        ).rowcount
        if notes:
            self.lost |= {("note", month) for month in held}
        gone = connection.execute(
            delete(attempt).where(
                attempt.c.entry_number.in_(rested),
                attempt.c.outcome.not_in(forgetting.FOR_EVER),
            )
        ).rowcount
        return gone, notes

    def _reports(self, connection: Connection) -> int:
        """Reports as old as their adverts; a unit's last one says where the next begins."""
        last = select(func.max(report.c.covers_to)).group_by(report.c.unit)
        return connection.execute(
            delete(report).where(
                report.c.generated_at < self.advert_before, report.c.covers_to.not_in(last)
            )
        ).rowcount

    def encrypt_anew(self, connection: Connection) -> None:
        """Give the months that lost some of their texts or notes a new key for the others."""
        ring = self.vault.sealer.keys
        for kind, column, before in self._sealed():
            keys = [key for key in ring.of_kind(kind) if _of_month(key) <= _month(before)]
            months = [_of_month(key) for key in keys]
            # A purge that was killed between keys and rows has left two.
            unfinished = {month for month in months if months.count(month) > 1}
            for month in sorted(set(months)):
                lost = (kind, month) in self.lost or month in unfinished
                if lost and _key_ids(connection, column, month):
                    _encrypt(self.vault, connection, column, month, ring.renewed(kind, month))

    def unused_keys(self, connection: Connection) -> list[DataKey]:
        """Keys of due months that open nothing any more."""
        return [
            key
            for kind, column, before in self._sealed()
            for key in self.vault.sealer.keys.of_kind(kind)
            if _of_month(key) <= _month(before)
            and key.id not in _key_ids(connection, column, _of_month(key))
        ]

    def _sealed(self) -> tuple[tuple[str, Column[Any], datetime], ...]:
        """What is encrypted by month: kind of key, column, and the time before which it is due."""
        return (
            ("text", version.c.content, self.text_before),
            ("note", attempt.c.note, self.attempt_before),
        )


def empty(vault: Vault, connection: Connection, versions: Sequence[int], *, again: bool) -> None:
    """Take title, text, nickname and other words of versions away.

    `again`: an advert that is seen again is read whole, and makes a version of its own. Else its
    card stays known, and nothing of it is read while it is the same.
    """
    rows: list[dict[str, Any]] = [
        {
            "row": each,
            "sealed": vault.sealer.seal_for("advert", "version.content", each, EMPTY_PART),
            "hash": os.urandom(32),
        }
        for each in versions
    ]
    if not rows:
        return
    values: dict[str, Any] = {"content": bindparam("sealed"), "key_month": PURGED}
    of_advert: dict[str, Any] = {"detail_note": None}
    if again:
        values["content_hash"] = bindparam("hash")
        of_advert |= {"card": bindparam("hash"), "detail_at": None}
    connection.execute(
        update(advert)
        .where(advert.c.version_id == bindparam("row"), advert.c.id == bindparam("owner"))
        .values(of_advert),
        list(_owned(connection, rows)),
    )
    connection.execute(update(version).where(version.c.id == bindparam("row")).values(values), rows)


def _owned(connection: Connection, rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rows with the advert of each version, for adverts are found by their id."""
    for start in range(0, len(rows), _CHUNK):
        chunk = {row["row"]: row for row in rows[start : start + _CHUNK]}
        query = select(version.c.id, version.c.advert_id).where(version.c.id.in_(list(chunk)))
        for found in connection.execute(query):
            yield {**chunk[found.id], "owner": found.advert_id}


def _encrypt(
    vault: Vault, connection: Connection, column: Column[Any], month: str, key: DataKey
) -> None:
    """Encrypt a month's values anew."""
    table, place = column.table, f"{column.table.name}.{column.name}"
    sealer = vault.sealer
    query = select(table.c.id, column).where(table.c.key_month == month)
    rows = [
        {"row": row[0], "sealed": sealer.seal(key, place, row[0], sealer.open(place, *row))}
        for row in connection.execute(query)
    ]
    statement = update(table).where(table.c.id == bindparam("row"))
    connection.execute(statement.values({column.name: bindparam("sealed")}), rows)


def _key_ids(connection: Connection, column: Column[Any], month: str) -> set[bytes]:
    """The keys that a month's values were encrypted with (storage/crypto.py: the envelope)."""
    query = select(func.substr(column, 2, 4)).where(column.table.c.key_month == month).distinct()
    return {bytes(found) for found in connection.execute(query).scalars()}


def _of_month(key: DataKey) -> str:
    return key.name.partition("-")[2]


def _month(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m")


def months_before(at: datetime, months: int) -> datetime:
    """The same day and hour so many months ago, or the 28th."""
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    return at.replace(year=max(year, 1), month=month + 1, day=min(at.day, 28))
