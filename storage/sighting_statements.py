"""The statements of a batch of sightings, built once for all batches."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update

from storage.tables import absence, advert, presence, version

KNOWN = (
    select(
        advert.c.id,
        advert.c.ad_key,
        advert.c.state,
        advert.c.last_seen,
        advert.c.last_run,
        advert.c.partition_id,
        advert.c.card,
        advert.c.detail_at,
        advert.c.pending,
        advert.c.version_id,
        advert.c.versions,
        advert.c.url,
    )
    .where(advert.c.site_id == bindparam("site"))
    .where(advert.c.ad_key.in_(bindparam("keys", expanding=True)))
)
OPEN = (
    select(
        presence.c.advert_id,
        presence.c.id,
        presence.c.version_id,
        presence.c.partition_id,
        presence.c.last_seen,
    )
    .where(presence.c.advert_id.in_(bindparam("adverts", expanding=True)))
    .where(presence.c.closed_run.is_(None))
)
HASHES = select(version.c.advert_id, version.c.content_hash, version.c.id).where(
    version.c.advert_id.in_(bindparam("adverts", expanding=True))
)
OTHER_MONTH = (
    select(version.c.id, version.c.content, version.c.key_month)
    .where(version.c.id.in_(bindparam("versions", expanding=True)))
    .where(version.c.key_month < bindparam("month"))
)
EXTEND = (
    update(presence)
    .where(presence.c.id == bindparam("row"))
    .values(last_seen=bindparam("seen"), last_run=bindparam("run"))
)
CLOSE = (
    update(presence)
    .where(presence.c.id == bindparam("row"))
    .values(closed_run=bindparam("run"), closed_at=bindparam("at"))
)
SEEN = (
    update(advert)
    .where(advert.c.id == bindparam("row"))
    .values(
        last_seen=bindparam("seen"),
        last_run=bindparam("run"),
        partition_id=bindparam("part"),
        state="active",
        missed=0,
    )
)
CHANGED = (
    update(advert)
    .where(advert.c.id == bindparam("row"))
    .values(
        card=bindparam("new_card"),
        detail_at=bindparam("new_detail_at"),
        pending=bindparam("new_pending"),
        version_id=bindparam("new_version"),
        versions=bindparam("new_versions"),
    )
)
MOVED = update(advert).where(advert.c.id == bindparam("row")).values(url=bindparam("sealed"))
RETURNED = (
    update(absence)
    .where(absence.c.advert_id == bindparam("row"), absence.c.ended_at.is_(None))
    .values(ended_at=bindparam("at"))
)
REKEY = (
    update(version)
    .where(version.c.id == bindparam("row"))
    .values(content=bindparam("sealed"), key_month=bindparam("month"))
)
