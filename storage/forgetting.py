"""Rows that are forgotten whole: old adverts, profiles without any, contacts that nobody has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, String, Table, cast, delete, exists, func, insert, or_, select

from storage import audit
from storage.errors import StorageError
from storage.suppression import REVIEW_AFTER
from storage.tables import (
    absence,
    advert,
    contact,
    list_memory,
    partition,
    partition_run,
    presence,
    site,
    site_run,
    version,
    version_contact,
)
from storage.tables_matching import membership_past
from storage.tables_queue import (
    attempt,
    do_not_contact,
    entry,
    flag,
    flag_advert,
    link,
    network_member,
    profile,
    profile_advert,
    profile_seen,
)
from storage.vault import Vault

FOR_EVER = ("do_not_contact", "minor_suspected")
"""Outcomes of an attempt that silence a profile without end."""

_CHUNK = 500


def old_adverts(vault: Vault, connection: Connection, before: datetime, at: datetime) -> int:
    """Forget adverts last seen `before`, with all that hangs on them."""
    return _adverts(vault, connection, advert.c.last_seen < before, at)


def site_of(vault: Vault, name: str, at: datetime) -> dict[str, int]:
    """See `Store.forget_site`."""
    with vault.writing() as connection:
        query = select(site.c.id).where(site.c.name == name)
        site_id = connection.execute(query).scalar()
        if site_id is None:
            raise StorageError(f"site {name}: nothing of it is stored")
        counts = {"adverts": _adverts(vault, connection, advert.c.site_id == site_id, at)}
        counts["profiles"] = empty_profiles(connection)
        counts["contacts"] = lone_contacts(connection)
        runs = select(site_run.c.id).where(site_run.c.site_id == site_id)
        _delete(connection, partition_run, partition_run.c.run_id.in_(runs))
        counts["runs"] = _delete(connection, site_run, site_run.c.site_id == site_id)
        for table in (list_memory, partition):
            _delete(connection, table, table.c.site_id == site_id)
        _delete(connection, site, site.c.id == site_id)
        audit.write(vault, connection, at, "forget", f"site {name}", counts)
    vault.database.reclaim()
    return counts


def _adverts(vault: Vault, connection: Connection, which: Any, at: datetime) -> int:
    old = list(connection.execute(select(advert.c.id).where(which)).scalars())
    for chunk in _chunks(old):
        _keep_silent(vault, connection, chunk, at)
        versions = select(version.c.id).where(version.c.advert_id.in_(chunk))
        _delete(connection, version_contact, version_contact.c.version_id.in_(versions))
        for table in (presence, absence, version, profile_advert, flag_advert, membership_past):
            _delete(connection, table, table.c.advert_id.in_(chunk))
        _delete(connection, link, or_(link.c.advert_a.in_(chunk), link.c.advert_b.in_(chunk)))
        _delete(connection, advert, advert.c.id.in_(chunk))
    return len(old)


def _keep_silent(vault: Vault, connection: Connection, adverts: list[int], at: datetime) -> None:
    """Who must not be called must not be called when she returns: her contacts go onto the list.

    That list holds them under a key of its own, and tells nobody what they are.
    """
    query = (
        select(contact.c.kind, contact.c.dnc, func.min(attempt.c.outcome))
        .join(version_contact, version_contact.c.contact_id == contact.c.id)
        .join(version, version.c.id == version_contact.c.version_id)
        .join(profile_advert, profile_advert.c.advert_id == version.c.advert_id)
        .join(entry, entry.c.profile_id == profile_advert.c.profile_id)
        .join(attempt, attempt.c.entry_number == entry.c.number)
        .where(version.c.advert_id.in_(adverts), attempt.c.outcome.in_(FOR_EVER))
        .where(
            ~exists().where(
                do_not_contact.c.kind == contact.c.kind, do_not_contact.c.dnc == contact.c.dnc
            )
        )
        .group_by(contact.c.kind, contact.c.dnc)
    )
    rows = [
        {
            "id": vault.ids.one(),
            "kind": kind,
            "dnc": key,
            "asked_by": "herself" if outcome == "do_not_contact" else "unknown",
            "added_at": at,
            "review_due": None if outcome == "do_not_contact" else at + REVIEW_AFTER,
            "lifted_at": None,
        }
        for kind, key, outcome in connection.execute(query)
    ]
    if rows:
        connection.execute(insert(do_not_contact), rows)


def empty_profiles(connection: Connection) -> int:
    """Forget profiles without adverts and work, and those that were merged into them.

    The newest entry stays: its number must not be given again.
    """
    last = connection.execute(select(func.max(entry.c.number))).scalar()
    worked = select(entry.c.profile_id).where(
        or_(
            exists().where(attempt.c.entry_number == entry.c.number),
            entry.c.number == last,
        )
    )
    query = select(profile.c.id).where(
        profile.c.merged_into.is_(None),
        profile.c.id.not_in(select(profile_advert.c.profile_id)),
        profile.c.id.not_in(worked),
    )
    empty = list(connection.execute(query).scalars())
    for chunk in _chunks(empty):
        merged = select(profile.c.id).where(profile.c.merged_into.in_(chunk))
        both = [*chunk, *connection.execute(merged).scalars()]
        flags = select(flag.c.id).where(flag.c.profile_id.in_(both))
        _delete(connection, flag_advert, flag_advert.c.flag_id.in_(flags))
        entries = select(entry.c.number).where(entry.c.profile_id.in_(both))
        _delete(connection, entry, entry.c.merged_into.in_(entries))
        for table in (flag, entry, network_member, profile_seen):
            _delete(connection, table, table.c.profile_id.in_(both))
        _delete(connection, profile, profile.c.merged_into.in_(chunk))
        _delete(connection, profile, profile.c.id.in_(chunk))
    return len(empty)


def lone_contacts(connection: Connection) -> int:
    """Forget contacts that no version has; but for those by which a profile is known to have them:
    a number that she takes up again is no new one.
    """
    known = select(profile_seen.c.value).where(profile_seen.c.kind == "contact")
    return _delete(
        connection,
        contact,
        ~exists().where(version_contact.c.contact_id == contact.c.id),
        cast(contact.c.id, String).not_in(known),
    )


def _delete(connection: Connection, table: Table, *conditions: Any) -> int:
    return connection.execute(delete(table).where(*conditions)).rowcount


def _chunks(values: list[int]) -> Iterator[list[int]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))
