"""Who must not be called: the do-not-contact list, and every profile that it silences.

The list holds contacts under a key of its own, which never rotates. Every contact that a crawl
stores carries its index under that key too, so whoever is listed is found again whatever profile
her adverts make up today: through merges, splits and the next crawl.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Select, or_, select, text, true, union, update

from records.contacts import ContactKind
from storage import audit, parting
from storage.errors import StorageError
from storage.sets import among
from storage.tables import contact, version, version_contact
from storage.tables_queue import (
    NOT_PERTINENT,
    attempt,
    do_not_contact,
    entry,
    link,
    profile_advert,
)
from storage.vault import Vault

LINKED = 0.5
ADULT = 18
NOT_HERS_FOR = timedelta(days=365)
REVIEW_AFTER = timedelta(days=30)

ASKED_BY = ("herself", "third_person", "unknown")
_FOR_EVER = ("do_not_contact", "minor_suspected")
_FOR_A_YEAR = ("wrong_number", "not_pertinent")
_CHUNK = 500
_PHONE = re.compile(r"\+[1-9]\d{5,14}")


def add(vault: Vault, kind: ContactKind, value: str, asked_by: str, at: datetime) -> None:
    """See `Store.add_do_not_contact`."""
    if asked_by not in ASKED_BY:
        raise StorageError(f"do-not-contact: asked_by is one of {', '.join(ASKED_BY)}")
    key = vault.sealer.dnc_key(kind, _checked(kind, value))
    review = None if asked_by == "herself" else at + REVIEW_AFTER
    columns = do_not_contact.c
    with vault.writing() as connection:
        known = connection.execute(
            select(columns.id, columns.asked_by, columns.lifted_at).where(
                columns.kind == kind, columns.dnc == key
            )
        ).first()
        if known is None:
            number = vault.ids.one()
            connection.execute(
                do_not_contact.insert().values(
                    id=number,
                    kind=kind,
                    dnc=key,
                    asked_by=asked_by,
                    added_at=at,
                    review_due=review,
                    lifted_at=None,
                )
            )
        elif known.lifted_at is None and known.asked_by == "herself":
            return  # her own word stands, whoever asks after her
        else:
            number = known.id
            connection.execute(
                update(do_not_contact)
                .where(columns.id == number)
                .values(asked_by=asked_by, added_at=at, review_due=review, lifted_at=None)
            )
        detail = {"kind": kind, "asked_by": asked_by}
        audit.write(vault, connection, at, "dnc.add", f"dnc:{number}", detail)


def listed(vault: Vault, kind: ContactKind, value: str) -> bool:
    """See `Store.is_do_not_contact`."""
    key = vault.sealer.dnc_key(kind, _checked(kind, value))
    query = select(do_not_contact.c.id).where(
        do_not_contact.c.kind == kind,
        do_not_contact.c.dnc == key,
        do_not_contact.c.lifted_at.is_(None),
    )
    with vault.reading() as connection:
        return connection.execute(query).first() is not None


def _checked(kind: ContactKind, value: str) -> str:
    if kind == "phone" and not _PHONE.fullmatch(value):
        raise StorageError("do-not-contact: a phone is written as E.164: + and 6 to 15 digits")
    if not value:
        raise StorageError(f"do-not-contact: the {kind} is empty")
    return value if kind == "phone" else value.lower()


def suppressed(connection: Connection, now: datetime | None) -> set[int]:
    """See `Store.suppressed_profiles`."""
    # The key says the kind, too: equal keys are of one contact.
    keys = select(do_not_contact.c.dnc).where(do_not_contact.c.lifted_at.is_(None))
    listed_contacts = select(contact.c.id).where(contact.c.dnc.in_(keys))
    silent = _holders(connection, version_contact.c.contact_id.in_(listed_contacts))
    silent |= _linked(connection, silent)
    silent |= _young(connection) | _told(connection, now)
    return silent | parting.still_silent(connection, silent)


def _holders(connection: Connection, which: ColumnElement[bool]) -> set[int]:
    """The profiles of adverts any version of which holds such a contact."""
    query = (
        select(profile_advert.c.profile_id)
        .join(version, version.c.advert_id == profile_advert.c.advert_id)
        .join(version_contact, version_contact.c.version_id == version.c.id)
        .where(which)
        .distinct()
    )
    return set(connection.execute(query).scalars())


def _linked(connection: Connection, profiles: set[int]) -> set[int]:
    """The profiles with an advert that a link of p >= .5 ties to an advert of one of these."""
    here, there = profile_advert.alias("here"), profile_advert.alias("there")
    found: set[int] = set()
    for chunk in _chunks(profiles):
        for one, other in (
            (link.c.advert_a, link.c.advert_b),
            (link.c.advert_b, link.c.advert_a),
        ):
            query = (
                select(there.c.profile_id)
                .select_from(here)
                .join(link, one == here.c.advert_id)
                .join(there, there.c.advert_id == other)
                .where(here.c.profile_id.in_(chunk), link.c.probability >= LINKED)
                .distinct()
            )
            found.update(connection.execute(query).scalars())
    return found


def _young(connection: Connection) -> set[int]:
    """Profiles that ever stated an age under 18, and those that share a contact with them."""
    young = connection.execute(select(version.c.advert_id).where(version.c.age < ADULT)).scalars()
    here = among(profile_advert.c.advert_id, young)
    stated = set(connection.execute(select(profile_advert.c.profile_id).where(here)).scalars())
    return stated | _sharing(connection, stated)


def _sharing(connection: Connection, profiles: set[int]) -> set[int]:
    """The profiles that share a contact with one of these."""
    contacts: set[int] = set()
    for chunk in _chunks(profiles):
        query = (
            select(version_contact.c.contact_id)
            .join(version, version.c.id == version_contact.c.version_id)
            .join(profile_advert, profile_advert.c.advert_id == version.c.advert_id)
            .where(profile_advert.c.profile_id.in_(chunk))
            .distinct()
        )
        contacts.update(connection.execute(query).scalars())
    found: set[int] = set()
    for chunk in _chunks(contacts):
        found |= _holders(connection, version_contact.c.contact_id.in_(chunk))
    return found


def _chunks(values: set[int]) -> Iterator[list[int]]:
    ordered = sorted(values)
    return (ordered[start : start + _CHUNK] for start in range(0, len(ordered), _CHUNK))


def _told(connection: Connection, now: datetime | None) -> set[int]:
    """Profiles of which an attempt, or the state of their entry, says to leave them alone."""
    recent_attempt = true() if now is None else attempt.c.at > now - NOT_HERS_FOR
    recent_state = true() if now is None else entry.c.state_at > now - NOT_HERS_FOR

    def tried(which: ColumnElement[bool]) -> Select[int]:
        numbers = select(attempt.c.entry_number).where(which)
        return select(entry.c.profile_id).where(entry.c.number.in_(numbers))

    query = union(
        tried(
            or_(
                attempt.c.outcome.in_(_FOR_EVER),
                attempt.c.outcome.in_(_FOR_A_YEAR) & recent_attempt,
            )
        ),
        select(entry.c.profile_id).where(text(NOT_PERTINENT), recent_state),
    )
    told = set(connection.execute(query).scalars())
    minors = set(connection.execute(tried(attempt.c.outcome == "minor_suspected")).scalars())
    return told | _sharing(connection, minors)
