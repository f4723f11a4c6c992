"""Profiles that turn out to be one: everything of the dropped one moves to the one that is kept.

The dropped one's id, and its queue entry's, lead to the other from then on (guide: judgements).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from storage import audit, grouping, parting, queue
from storage.errors import StorageError
from storage.histories import kept
from storage.sets import among
from storage.tables_queue import entry, flag, profile, profile_advert, profile_seen
from storage.vault import Vault


def merge(
    vault: Vault, connection: Connection, merges: Sequence[tuple[int, int]], at: datetime
) -> None:
    """Merge (kept, dropped) profiles, in their order; one that is merged already stays so.

    Raises StorageError for a profile that is unknown.
    """
    pairs = _current(connection, merges)
    if not pairs:
        return
    into = {gone: to for to, gone in pairs}
    last = {gone: _end(into, gone) for gone in into}
    moving = select(profile_advert.c.advert_id).where(among(profile_advert.c.profile_id, last))
    parting.keep_past(vault, connection, list(connection.execute(moving).scalars()), at)
    queue.merge_entries(connection, pairs, at)
    values = [{"gone": gone, "to": to} for gone, to in last.items()]
    for table in (profile_advert, flag, entry):
        connection.execute(
            update(table)
            .where(table.c.profile_id == bindparam("gone"))
            .values(profile_id=bindparam("to")),
            values,
        )
    grouping.inherit(vault, connection, last, at)
    connection.execute(delete(profile_seen).where(among(profile_seen.c.profile_id, last)))
    gone = or_(profile.c.id == bindparam("gone"), profile.c.merged_into == bindparam("gone"))
    connection.execute(
        update(profile).where(gone).values(merged_into=bindparam("to"), merged_at=at), values
    )
    told = [(f"profile:{to}", {"kept": to, "dropped": dropped}) for to, dropped in pairs]
    audit.write_all(vault, connection, at, "merge", told)


def _current(connection: Connection, merges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The merges that are still to be made, by the ids under which the profiles are known then."""
    known = kept(connection, {each for pair in merges for each in pair})
    into: dict[int, int] = {}
    pairs = []
    for one, other in merges:
        if one not in known or other not in known:
            raise StorageError(f"matching pass: merge of {other} into {one}: unknown profile")
        to, gone = _end(into, known[one]), _end(into, known[other])
        if to != gone:
            into[gone] = to
            pairs.append((to, gone))
    return pairs


def _end(into: dict[int, int], profile_id: int) -> int:
    while profile_id in into:
        profile_id = into[profile_id]
    return profile_id
