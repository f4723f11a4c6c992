"""What a site listed on any past day, and what is known of its adverts now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, or_, select

from records.adverts import KnownAdvert, ListedAdvert
from records.stored import StoredAdvert
from records.verdicts import PartitionVerdict
from storage.content import opened_part
from storage.errors import StorageError
from storage.tables import advert, partition, partition_run, presence, site, site_run, version
from storage.vault import Vault
from storage.versions import contact_rows, stored_contact

_PAGE = 500

Stretch = tuple[datetime, datetime]


def known_adverts(vault: Vault, name: str) -> dict[str, KnownAdvert]:
    """See `Store.known_adverts`."""
    opened = vault.sealer.open
    query = (
        select(
            *(advert.c.id, advert.c.ad_id, advert.c.url, partition.c.name, advert.c.card),
            *(advert.c.detail_at, advert.c.last_seen, advert.c.state, advert.c.detail_note),
        )
        .join(partition, partition.c.id == advert.c.partition_id)
        .join(site, site.c.id == advert.c.site_id)
        .where(site.c.name == name)
    )
    found: dict[str, KnownAdvert] = {}
    with vault.reading() as connection:
        for row in connection.execute(query):
            key, ad_id, url, part, card, detail_at, last_seen, state, note = row
            plain = opened("advert.ad_id", key, ad_id)
            found[plain] = KnownAdvert(
                ad_id=plain,
                url=opened("advert.url", key, url),
                partition=part,
                card=bytes(card),
                detail_at=detail_at,
                last_seen=last_seen,
                state=state,
                detail_note=opened("advert.detail_note", key, note) if note else "",
            )
    return found


def current_adverts(vault: Vault, name: str) -> Iterator[StoredAdvert]:
    """See `Store.current_adverts`."""
    query = (
        select(
            advert.c.id.label("advert"),
            *(advert.c.ad_id, advert.c.url, advert.c.state, advert.c.versions),
            *(advert.c.first_seen, advert.c.last_seen, partition.c.name.label("partition")),
            *(version.c.id, version.c.content, version.c.age, version.c.price_cents),
            *(version.c.currency, version.c.city, version.c.province, version.c.category),
            version.c.language,
        )
        .join(version, version.c.id == advert.c.version_id)
        .join(partition, partition.c.id == advert.c.partition_id)
        .join(site, site.c.id == advert.c.site_id)
        .where(site.c.name == name)
        .order_by(advert.c.id)
    )
    opened = vault.sealer.open
    with vault.reading() as connection:
        streamed = connection.execute(query, execution_options={"yield_per": _PAGE})
        for page in streamed.partitions():
            contacts = contact_rows(connection, [row.id for row in page])
            for row in page:
                title, text, nickname, extra = opened_part(
                    opened("version.content", row.id, row.content)
                )
                yield StoredAdvert(
                    advert=row.advert,
                    site=name,
                    partition=row.partition,
                    ad_id=opened("advert.ad_id", row.advert, row.ad_id),
                    url=opened("advert.url", row.advert, row.url),
                    title=title,
                    text=text,
                    nickname=nickname,
                    age=row.age,
                    price_cents=row.price_cents,
                    currency=row.currency,
                    city=row.city,
                    province=row.province,
                    category=row.category,
                    language=row.language,
                    extra=extra,
                    contacts=tuple(
                        stored_contact(vault, each) for each in contacts.get(row.id, [])
                    ),
                    state=row.state,
                    versions=row.versions,
                    first_seen=row.first_seen,
                    last_seen=row.last_seen,
                )


def listing(vault: Vault, name: str, day: date, tz: str) -> tuple[list[ListedAdvert], list[str]]:
    """See `Store.listing`.

    An interval of sightings is unbroken: a complete run that day inside it saw it, so its day is
    `seen`; so are the days of its first and last sighting. A day inside it without a complete run
    is `uncovered`; so is one after its last sighting, before the complete run that missed it.
    """
    zone = ZoneInfo(tz)
    start = datetime.combine(day, time(), zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    with vault.reading() as connection:
        site_id = connection.execute(select(site.c.id).where(site.c.name == name)).scalar()
        if site_id is None:
            raise StorageError(f"site {name}: never crawled, so nothing is known of any day")
        parts = _covering_runs(connection, site_id, start, end)
        rows = connection.execute(
            select(
                *(advert.c.id, advert.c.ad_id, advert.c.url, partition.c.name),
                *(version.c.id.label("version"), version.c.number, version.c.content),
                *(presence.c.partition_id, presence.c.first_seen, presence.c.last_seen),
            )
            .select_from(presence)
            .join(partition, partition.c.id == presence.c.partition_id)
            .join(advert, advert.c.id == presence.c.advert_id)
            .join(version, version.c.id == presence.c.version_id)
            .where(partition.c.site_id == site_id, presence.c.first_seen < end)
            .where(
                or_(
                    presence.c.last_seen >= start,
                    presence.c.closed_at.is_(None),
                    presence.c.closed_at >= end,
                )
            )
            .order_by(partition.c.name, presence.c.first_seen, presence.c.id)
        ).all()
    opened = vault.sealer.open
    listed = [
        ListedAdvert(
            ad_id=opened("advert.ad_id", row.id, row.ad_id),
            url=opened("advert.url", row.id, row.url),
            title=opened_part(opened("version.content", row.version, row.content))[0],
            partition=row.name,
            version=row.number,
            status="seen"
            if _seen(row.first_seen, row.last_seen, start, end, parts[row.partition_id][1])
            else "uncovered",
            shown_from=row.first_seen,
            shown_to=row.last_seen,
        )
        for row in rows
    ]
    return listed, sorted(part for part, covering in parts.values() if not covering)


def _covering_runs(
    connection: Connection, site_id: int, start: datetime, end: datetime
) -> dict[int, tuple[str, list[Stretch]]]:
    """Every partition's name, and its complete runs that touch [start, end)."""
    query = select(partition.c.id, partition.c.name).where(partition.c.site_id == site_id)
    parts: dict[int, tuple[str, list[Stretch]]] = {
        row.id: (row.name, []) for row in connection.execute(query)
    }
    for row in connection.execute(
        select(partition_run.c.partition_id, site_run.c.started_at, site_run.c.finished_at)
        .join(site_run, site_run.c.id == partition_run.c.run_id)
        .where(site_run.c.site_id == site_id)
        .where(partition_run.c.verdict == PartitionVerdict.COMPLETE.value)
        .where(site_run.c.started_at < end, site_run.c.finished_at >= start)
    ):
        parts[row.partition_id][1].append((row.started_at, row.finished_at))
    return parts


def _seen(
    first: datetime, last: datetime, start: datetime, end: datetime, covering: list[Stretch]
) -> bool:
    if start <= first < end or start <= last < end:
        return True
    # A complete run between the first and the last sighting saw it, or it would have ended it.
    return first < start and last >= end and bool(covering)
