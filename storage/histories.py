"""What matching reads: adverts to link, and what is known over time of adverts and profiles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from operator import itemgetter
from statistics import median
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    func,
    literal_column,
    not_,
    select,
    true,
    union,
)

from records.histories import Absence, AdvertHistory, PresenceInterval, ProfileHistory
from records.linking import LinkRecord
from records.passes import Joined, StoredLink
from storage import gate, health, misread
from storage.content import blanked, opened_part
from storage.sets import among
from storage.tables import (
    absence,
    advert,
    contact,
    partition,
    presence,
    site,
    site_run,
    version,
    version_contact,
)
from storage.tables_matching import match_pass
from storage.tables_queue import link, profile, profile_advert, profile_seen
from storage.vault import Vault

_PAGE = 2_000
_MANY = 1_000
_PAIR, _WORTH = itemgetter(0, 1), itemgetter(2, 3)


def pending_adverts(vault: Vault, now: datetime) -> dict[int, int]:
    """The mark of each advert that `Store.pending_adverts` gives, oldest advert first."""
    # Literally as in the indexes' own conditions, so that both are found by them.
    marked = select(advert.c.id).where(advert.c.pending != literal_column("0"))
    due = select(advert.c.id).where(advert.c.held_until <= now)
    query = (
        select(advert.c.id, advert.c.pending)
        .join(site_run, site_run.c.id == advert.c.last_run)
        .where(
            advert.c.id.in_(union(marked, due)),
            site_run.c.state != "running",
            site_run.c.gate.is_distinct_from("held"),
            not_(misread.waiting()),
            advert.c.first_run.not_in(gate.undecided_runs()),
        )
        .order_by(advert.c.id)
    )
    health.bury(vault)
    with vault.reading() as connection:
        return {row.id: row.pending for row in connection.execute(query)}


def link_records(vault: Vault, adverts: Iterable[int] | None) -> Iterator[LinkRecord]:
    """See `Store.link_records`."""
    query = (
        select(
            *(advert.c.id, advert.c.first_seen, advert.c.last_seen, site.c.name),
            *(version.c.id.label("version"), version.c.content, version.c.age),
            *(version.c.price_cents, version.c.city, version.c.province),
        )
        .join(version, version.c.id == advert.c.version_id)
        .join(site, site.c.id == advert.c.site_id)
        .order_by(advert.c.id)
    )
    with vault.reading() as connection:
        for page in _pages(connection, query, adverts):
            contacts = _contacts(connection, [row.id for row in page])
            for row in page:
                title, text, nickname, _ = opened_part(
                    vault.sealer.open("version.content", row.version, row.content)
                )
                found = contacts[row.id]
                yield LinkRecord(
                    id=str(row.id),
                    site=row.name,
                    seen_from=row.first_seen,
                    seen_to=row.last_seen,
                    title=blanked(title),
                    text=blanked(text),
                    nickname=nickname,
                    age=row.age,
                    price_cents=row.price_cents,
                    city=row.city,
                    province=row.province,
                    phones=tuple(found["phone", "confirmed"]),
                    weak_phones=tuple(
                        each
                        for each in found["phone", "candidate"]
                        if each not in found["phone", "confirmed"]
                    ),
                    handles=tuple(found["handle", ""]),
                )


def _pages(
    connection: Connection, query: Select[Any], adverts: Iterable[int] | None
) -> Iterator[Sequence[Row[Any]]]:
    wanted = query.where(_where(advert.c.id, adverts))
    yield from connection.execute(wanted, execution_options={"yield_per": _PAGE}).partitions()


def _contacts(
    connection: Connection, adverts: Sequence[int]
) -> dict[int, dict[tuple[str, str], list[str]]]:
    """All contacts of all versions: by advert, then by ("phone", tier) or ("handle", "")."""
    found: dict[int, dict[tuple[str, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in connection.execute(
        select(version.c.advert_id, contact.c.id, contact.c.kind, version_contact.c.tier)
        .join(version_contact, version_contact.c.version_id == version.c.id)
        .join(contact, contact.c.id == version_contact.c.contact_id)
        .where(among(version.c.advert_id, adverts))
        .distinct()
        .order_by(version.c.advert_id, contact.c.id)
    ).all():
        sort = ("phone", row.tier) if row.kind == "phone" else ("handle", "")
        if str(row.id) not in found[row.advert_id][sort]:
            found[row.advert_id][sort].append(str(row.id))
    return found


def memberships(vault: Vault, adverts: Iterable[int] | None) -> dict[int, Joined]:
    """See `Store.memberships`."""
    return _joined(vault, profile_advert.c.advert_id, adverts)


def profiles_of(vault: Vault, adverts: Iterable[int]) -> set[int]:
    """See `Store.profiles_of`."""
    query = select(profile_advert.c.profile_id).where(among(profile_advert.c.advert_id, adverts))
    with vault.reading() as connection:
        return set(connection.execute(query).scalars())


def members(vault: Vault, profiles: Iterable[int]) -> dict[int, Joined]:
    """See `Store.members`."""
    return _joined(vault, profile_advert.c.profile_id, profiles)


def _joined(vault: Vault, column: Column[int], values: Iterable[int] | None) -> dict[int, Joined]:
    columns = profile_advert.c
    query = select(columns.advert_id, columns.profile_id, columns.probability, columns.joined_at)
    with vault.reading() as connection:
        rows = connection.execute(query.where(_where(column, values))).all()
    return {member: Joined(*joined) for member, *joined in rows}


def _where(column: Column[int], values: Iterable[int] | None) -> ColumnElement[bool]:
    """The condition that `column` is one of `values`; one that holds always for None."""
    return true() if values is None else among(column, values)


def stored_links(vault: Vault, adverts: Iterable[int] | None) -> dict[tuple[int, int], StoredLink]:
    """See `Store.links`."""
    query = select(link.c.advert_a, link.c.advert_b, link.c.alone, link.c.probability)
    asked = None if adverts is None else list(dict.fromkeys(adverts))

    def rows(column: Column[int]) -> Sequence[Any]:
        with vault.reading() as connection:
            return connection.execute(query.where(_where(column, asked))).all()

    ends = (link.c.advert_a,) if asked is None else (link.c.advert_a, link.c.advert_b)
    if vault.database.sqlite or len(asked or ()) < _MANY:
        both = [rows(column) for column in ends]
    else:
        # A server looks both up at once; SQLite's driver asks Python for its lock at every row.
        with ThreadPoolExecutor(len(ends)) as pool:
            both = list(pool.map(rows, ends))
    found: dict[tuple[int, int], StoredLink] = {}
    for each in both:
        found.update(zip(map(_PAIR, each), map(StoredLink._make, map(_WORTH, each)), strict=True))
    return found


def advert_id(vault: Vault, site_name: str, ad_id: str) -> int | None:
    """See `Store.advert_id`."""
    query = (
        select(advert.c.id)
        .join(site, site.c.id == advert.c.site_id)
        .where(site.c.name == site_name, advert.c.ad_key == vault.sealer.ad_key(site_name, ad_id))
    )
    with vault.reading() as connection:
        return connection.execute(query).scalar()


def profiles_of_contacts(vault: Vault, contacts: Iterable[int]) -> dict[int, set[int]]:
    """See `Store.profiles_of_contacts`."""
    found: dict[int, set[int]] = {}
    query = (
        select(version_contact.c.contact_id, profile_advert.c.profile_id)
        .join(version, version.c.id == version_contact.c.version_id)
        .join(profile_advert, profile_advert.c.advert_id == version.c.advert_id)
        .distinct()
    )
    with vault.reading() as connection:
        which = among(version_contact.c.contact_id, contacts)
        for row in connection.execute(query.where(which)):
            found.setdefault(row[0], set()).add(row[1])
    return found


def median_price(vault: Vault, city: str) -> int | None:
    """See `Store.median_price`."""
    query = (
        select(version.c.price_cents)
        .join(advert, advert.c.version_id == version.c.id)
        .where(
            version.c.city == city, version.c.price_cents.is_not(None), advert.c.state != "absent"
        )
    )
    with vault.reading() as connection:
        prices = list(connection.execute(query).scalars())
    return int(median(prices)) if len(prices) >= 5 else None


def last_pass(vault: Vault) -> int:
    """See `Store.last_pass`."""
    with vault.reading() as connection:
        return connection.execute(select(func.max(match_pass.c.id))).scalar() or 0


def knows_pass(vault: Vault, number: int) -> bool:
    """See `Store.knows_pass`."""
    query = select(match_pass.c.id).where(match_pass.c.id == number)
    with vault.reading() as connection:
        return number == 0 or connection.execute(query).first() is not None


def matched_after(vault: Vault, number: int) -> list[int]:
    """See `Store.matched_after`."""
    query = select(advert.c.id).where(advert.c.matched_in > number).order_by(advert.c.id)
    with vault.reading() as connection:
        return list(connection.execute(query).scalars())


def last_seen(vault: Vault, adverts: Iterable[int]) -> dict[int, datetime]:
    """See `Store.last_seen`."""
    query = select(advert.c.id, advert.c.last_seen).where(among(advert.c.id, adverts))
    with vault.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(query).all()}


def edited(vault: Vault, adverts: Iterable[int] | None) -> set[int]:
    """See `Store.edited_adverts`."""
    query = select(advert.c.id).where(_where(advert.c.id, adverts), advert.c.versions > 1)
    with vault.reading() as connection:
        return set(connection.execute(query).scalars())


def unjudged_profiles(vault: Vault) -> set[int]:
    """See `Store.unjudged_profiles`."""
    # Asked for what nobody merged too, SQLite reads all of that, which is almost everything.
    query = select(profile.c.id, profile.c.merged_into).where(profile.c.judged_to.is_(None))
    with vault.reading() as connection:
        return {number for number, into in connection.execute(query) if into is None}


def kept(connection: Connection, profiles: Iterable[int]) -> dict[int, int]:
    """Under which id each profile is known now: its own, or the one that it was merged into."""
    query = select(profile.c.id, func.coalesce(profile.c.merged_into, profile.c.id)).where(
        among(profile.c.id, profiles)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def profile_histories(vault: Vault, profiles: Iterable[int]) -> list[ProfileHistory]:
    """See `Store.profile_histories`."""
    with vault.reading() as connection:
        ids = set(kept(connection, profiles).values())
        rows = connection.execute(
            select(profile.c.id, profile.c.created_at, profile.c.judged_to)
            .where(among(profile.c.id, ids))
            .order_by(profile.c.id)
        ).all()
        members: dict[int, list[int]] = defaultdict(list)
        joined: dict[int, datetime] = {}
        for owner, member, since in connection.execute(
            select(*(profile_advert.c[name] for name in ("profile_id", "advert_id", "joined_at")))
            .where(among(profile_advert.c.profile_id, ids))
            .order_by(profile_advert.c.advert_id)
        ).all():
            members[owner].append(member)
            joined[member] = since
        seen: dict[tuple[int, str], list[str]] = defaultdict(list)
        query = select(profile_seen.c.profile_id, profile_seen.c.kind, profile_seen.c.value)
        for owner, kind, value in connection.execute(
            query.where(among(profile_seen.c.profile_id, ids))
        ).all():
            seen[owner, kind].append(value)
        judged = {number for number, _, judged_to in rows if judged_to is not None}
        told = {each for owner in judged for each in members[owner]}
        adverts = _histories(connection, list(joined), joined, told)
    return [
        ProfileHistory(
            number,
            created_at,
            tuple(adverts[each] for each in members[number]),
            judged_to,
            frozenset(seen[number, "contact"]),
            frozenset(seen[number, "province"]),
        )
        for number, created_at, judged_to in rows
    ]


def advert_histories(vault: Vault, adverts: Iterable[int]) -> dict[int, AdvertHistory]:
    """See `Store.advert_histories`."""
    asked = list(dict.fromkeys(adverts))
    columns = profile_advert.c
    query = select(columns.advert_id, columns.joined_at).where(among(columns.advert_id, asked))
    with vault.reading() as connection:
        joined = {row.advert_id: row.joined_at for row in connection.execute(query)}
        return _histories(connection, asked, joined, frozenset())


def _histories(
    connection: Connection,
    asked: list[int],
    joined: Mapping[int, datetime],
    judged: Set[int],
) -> dict[int, AdvertHistory]:
    """The histories of adverts. Of those `judged` before nobody asks who saw them first: `advert`,
    whose rows are the widest, is not read for them.
    """
    intervals, site_of = _intervals(connection, asked)
    absences: dict[int, list[Absence]] = defaultdict(list)
    for row in connection.execute(
        select(absence).where(among(absence.c.advert_id, asked)).order_by(absence.c.id)
    ):
        absences[row.advert_id].append(
            Absence(row.last_seen, row.declared_at, row.ended_at, row.proof)
        )
    contacts, provinces = _firsts(connection, asked)
    others = [each for each in asked if each not in judged or each not in site_of]
    rows = connection.execute(
        select(advert.c.id, site.c.name, advert.c.baseline)
        .join(site, site.c.id == advert.c.site_id)
        .where(among(advert.c.id, others))
    ).all()
    first_there = {number: baseline for number, _, baseline in rows}
    site_of |= {number: name for number, name, _ in rows}
    return {
        number: AdvertHistory(
            number,
            site_of[number],
            tuple(intervals.get(number, ())),
            tuple(absences.get(number, ())),
            first_there.get(number, False),
            tuple(contacts.get(number, {}).items()),
            tuple(provinces.get(number, {}).items()),
            joined.get(number),
        )
        for number in asked
        if number in site_of
    }


def _intervals(
    connection: Connection, adverts: list[int]
) -> tuple[dict[int, list[PresenceInterval]], dict[int, str]]:
    """The presence of adverts, and the site of each that has some."""
    name_of = {
        number: (f"{owner}/{name}", owner)
        for number, owner, name in connection.execute(
            select(partition.c.id, site.c.name, partition.c.name).join(
                site, site.c.id == partition.c.site_id
            )
        )
    }
    found: dict[int, list[PresenceInterval]] = defaultdict(list)
    site_of: dict[int, str] = {}
    columns = presence.c
    query = select(
        *(columns.advert_id, columns.partition_id, columns.first_seen, columns.last_seen),
        columns.first_run,
    )
    for number, where, *seen in connection.execute(
        query.where(among(columns.advert_id, adverts)).order_by(columns.first_seen, columns.id)
    ).all():
        place, site_of[number] = name_of[where]
        found[number].append(PresenceInterval(place, *seen))
    return found, site_of


_Firsts = dict[int, dict[str, datetime]]


def _firsts(connection: Connection, adverts: list[int]) -> tuple[_Firsts, _Firsts]:
    """By advert, each contact and each province with the first time it was seen."""
    contacts: _Firsts = defaultdict(dict)
    provinces: _Firsts = defaultdict(dict)
    columns = version.c
    query = (
        select(columns.advert_id, columns.province, version_contact.c.contact_id)
        .add_columns(columns.first_seen)
        .outerjoin(version_contact, version_contact.c.version_id == columns.id)
        .where(among(columns.advert_id, adverts))
        .order_by(columns.first_seen, version_contact.c.contact_id, columns.province)
    )
    for number, province, contact_id, at in connection.execute(query).all():
        if contact_id is not None:
            contacts[number].setdefault(str(contact_id), at)
        if province is not None:
            provinces[number].setdefault(province, at)
    return contacts, provinces
