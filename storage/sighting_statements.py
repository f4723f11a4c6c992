"""The statements of a batch of sightings, built once for all batches.

A sighting of unchanged content is the common case by far: one statement reads what is known of the
whole batch, one extends its presences, one moves its adverts on. On PostgreSQL these take arrays,
so that a batch costs as many round trips as a single row; SQLite has no round trips, and its driver
repeats a prepared statement faster than it reads arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    true,
    update,
)

from storage.columns import UtcDateTime
from storage.tables import absence, advert, presence, version

_ADVERT = (
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
    version.c.key_month,
)
_PRESENCE = (
    presence.c.id.label("presence_id"),
    presence.c.version_id.label("shown"),
    presence.c.partition_id.label("place"),
    presence.c.last_seen.label("last_shown"),
)
_CURRENT = version.c.id == advert.c.version_id
_SITE = advert.c.site_id == bindparam("site")
_OPEN = presence.c.closed_run.is_(None)
_FENCE: ColumnElement[int] = literal_column("0")
_KNOWN_OF_LIST = (
    select(*_ADVERT, *_PRESENCE)
    .join(version, _CURRENT)
    .outerjoin(presence, and_(presence.c.advert_id == advert.c.id, _OPEN))
    .where(_SITE, advert.c.ad_key.in_(bindparam("keys", expanding=True)))
)


def _known_of_array() -> Select[Any]:
    """OFFSET keeps PostgreSQL from joining whole tables, which it does as long as it has not
    counted them: in the first crawls of a site, when most is written.
    """
    array = cast(bindparam("keys", type_=Text), ARRAY(LargeBinary))
    keys = func.unnest(array).table_valued("key").render_derived("keys")
    mine = select(*_ADVERT).join(version, _CURRENT).where(_SITE, advert.c.ad_key == keys.c.key)
    mine_each = mine.offset(_FENCE).lateral("mine")
    of_it = presence.c.advert_id == mine_each.c.id
    shown = select(*_PRESENCE, presence.c.closed_run).where(of_it)
    shown_each = shown.offset(_FENCE).lateral("shown")
    return (
        select(*mine_each.c, *(shown_each.c[column.name] for column in _PRESENCE))
        .select_from(keys)
        .join(mine_each, true())
        .outerjoin(shown_each, shown_each.c.closed_run.is_(None))
    )


_KNOWN_OF_ARRAY = _known_of_array()
HASHES = select(version.c.advert_id, version.c.content_hash, version.c.id).where(
    version.c.advert_id.in_(bindparam("adverts", expanding=True))
)
OTHER_MONTH = (
    select(version.c.id, version.c.content, version.c.key_month)
    .where(version.c.id.in_(bindparam("versions", expanding=True)))
    .where(version.c.key_month < bindparam("month"))
)
CLOSE = (
    update(presence)
    .where(presence.c.id == bindparam("row"))
    .values(closed_run=bindparam("run"), closed_at=bindparam("at"))
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
NOTED = (
    update(advert).where(advert.c.id == bindparam("row")).values(detail_note=bindparam("sealed"))
)
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

_EXTEND = "UPDATE presence SET last_seen = ?, last_run = ? WHERE id = ?"
_SEEN = (
    "UPDATE advert SET last_seen = ?, last_run = ?, partition_id = ?, state = 'active', missed = 0 "
    "WHERE id = ?"
)
_EXTEND_AND_SEEN = """
    WITH extended AS (
        UPDATE presence p SET last_seen = d.seen, last_run = %s
        FROM unnest(%s::bigint[], %s::timestamptz[]) AS d(id, seen) WHERE p.id = d.id
    )
    UPDATE advert a
    SET last_seen = d.seen, last_run = %s, partition_id = d.part, state = 'active', missed = 0
    FROM unnest(%s::bigint[], %s::timestamptz[], %s::bigint[]) AS d(id, seen, part)
    WHERE a.id = d.id
"""


def known(connection: Connection, site_id: int, keys: Sequence[bytes]) -> Sequence[Any]:
    """What is known of the adverts with these keys, a row for each of their open presences."""
    if _sqlite(connection):
        return connection.execute(_KNOWN_OF_LIST, {"site": site_id, "keys": keys}).all()
    array = _array('"\\\\x' + key.hex() + '"' for key in keys)
    return connection.execute(_KNOWN_OF_ARRAY, {"site": site_id, "keys": array}).all()


def move_on(
    connection: Connection,
    run: int,
    presences: Sequence[tuple[int, datetime]],
    adverts: Sequence[tuple[int, datetime, int]],
) -> None:
    """Extend open presences (id, last seen) and adverts (id, last seen, partition) to this run."""
    if _sqlite(connection):
        dialect = connection.dialect
        bound: Any = UtcDateTime().dialect_impl(dialect).bind_processor(dialect)
        if presences:
            rows = [(bound(seen), run, row) for row, seen in presences]
            connection.exec_driver_sql(_EXTEND, rows)
        if adverts:
            seen_rows = [(bound(seen), run, part, row) for row, seen, part in adverts]
            connection.exec_driver_sql(_SEEN, seen_rows)
        return
    extended = (_array(row for row, _ in presences), _array(seen for _, seen in presences))
    moved = [_array(row[column] for row in adverts) for column in range(3)]
    connection.exec_driver_sql(_EXTEND_AND_SEEN, (run, *extended, run, *moved))


def _sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _array(values: Iterable[object]) -> str:
    """A PostgreSQL array as text: ten times faster to write than by the driver, value by value."""
    return "{" + ",".join(map(str, values)) + "}"
