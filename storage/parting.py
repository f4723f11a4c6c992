"""A profile that turns out to be two: who keeps what.

The id stays with the side that has the attempts; a profile that had been merged away takes up its
own id, entry and attempts again. Who must not be called stays so on both sides, and consent goes
to neither (guide: protection).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from storage.sets import add_rows, among
from storage.tables_matching import membership_past, parting
from storage.tables_queue import attempt, entry, profile, profile_advert, profile_seen
from storage.vault import Vault


def keep_past(vault: Vault, connection: Connection, adverts: Sequence[int], at: datetime) -> None:
    """Write down to which profile these adverts belong, before they leave it."""
    columns = profile_advert.c
    query = select(columns.advert_id, columns.profile_id, columns.joined_at)
    rows = connection.execute(query.where(among(columns.advert_id, adverts))).all()
    made = zip(vault.ids.take(len(rows)), rows, strict=True)
    add_rows(connection, membership_past, ((number, *row, at) for number, row in made))


def parts(
    vault: Vault, wholes: Mapping[int, Sequence[Sequence[int]]]
) -> dict[int, list[int | None]]:
    """See `Store.parts`."""
    if not wholes:
        return {}
    with vault.reading() as connection:
        stays = _keepers(connection, wholes)
        former = _former(connection, wholes)
    found: dict[int, list[int | None]] = {}
    for whole, each in wholes.items():
        ids = found[whole] = []
        for place, adverts in enumerate(each):
            votes = Counter(before for one in adverts for before in former.get((whole, one), ()))
            before = max(votes, key=lambda one: (votes[one], -one), default=None)
            # One that was merged away can go on in one place only.
            goes_on = before if place != stays[whole] and before not in ids else None
            ids.append(whole if place == stays[whole] else goes_on)
    return found


def _keepers(
    connection: Connection, wholes: Mapping[int, Sequence[Sequence[int]]]
) -> dict[int, int]:
    """Which of the parts of each profile keeps its id: a place in its parts.

    The one that held most of the adverts that were the profile's own when it was last called, or,
    where nobody called, when it was made.
    """
    called: dict[int, datetime] = {
        row[0]: row[1]
        for row in connection.execute(
            select(entry.c.profile_id, func.max(attempt.c.at))
            .join(attempt, entry.c.number == attempt.c.entry_number)
            .where(among(entry.c.profile_id, wholes), entry.c.merged_into.is_(None))
            .group_by(entry.c.profile_id)
        )
    }
    members = profile_advert.c
    joined: dict[int, dict[int, datetime]] = {}
    for whole, member, at in connection.execute(
        select(members.profile_id, members.advert_id, members.joined_at).where(
            among(members.profile_id, wholes)
        )
    ):
        joined.setdefault(whole, {})[member] = at
    whole_of = {one: whole for whole, each in joined.items() for one in each}
    past = membership_past.c
    borrowed = {
        advert
        for advert, before in connection.execute(
            select(past.advert_id, past.profile_id).where(among(past.advert_id, whole_of))
        )
        if whole_of[advert] != before
    }

    def keeper(whole: int, parts: Sequence[Sequence[int]]) -> int:
        until = called.get(whole) or min(joined[whole].values())

        def own(part: Sequence[int]) -> tuple[int, int, int]:
            mine = [each for each in part if each in joined[whole] and each not in borrowed]
            return (sum(joined[whole][each] <= until for each in mine), len(mine), -min(part))

        return max(range(len(parts)), key=lambda place: own(parts[place]))

    return {whole: keeper(whole, each) for whole, each in wholes.items()}


def _former(
    connection: Connection, wholes: Mapping[int, Sequence[Sequence[int]]]
) -> dict[tuple[int, int], set[int]]:
    """By profile and advert, the profiles, merged into that one, from which the advert came."""
    past = membership_past.c
    adverts = (one for parts in wholes.values() for part in parts for one in part)
    found: dict[tuple[int, int], set[int]] = {}
    for whole, advert, before in connection.execute(
        select(profile.c.merged_into, past.advert_id, past.profile_id)
        .join(profile, profile.c.id == past.profile_id)
        .where(among(past.advert_id, adverts), among(profile.c.merged_into, wholes))
    ):
        found.setdefault((whole, advert), set()).add(before)
    return found


def merged_at(vault: Vault, profiles: Iterable[int]) -> dict[int, datetime]:
    """See `Store.merged_at`."""
    query = select(profile.c.id, profile.c.merged_at).where(
        among(profile.c.id, profiles), profile.c.merged_at.is_not(None)
    )
    with vault.reading() as connection:
        return {row.id: row.merged_at for row in connection.execute(query)}


def judged(vault: Vault, profiles: Iterable[int]) -> set[int]:
    """See `Store.judged_profiles`."""
    query = select(profile.c.id).where(
        among(profile.c.id, profiles), profile.c.judged_to.is_not(None)
    )
    with vault.reading() as connection:
        return set(connection.execute(query).scalars())


def revive(connection: Connection, gone: int, kept: int, at: datetime) -> None:
    """A profile that was merged into `kept` is itself again, with its entry and its attempts."""
    since = connection.execute(select(profile.c.merged_at).where(profile.c.id == gone)).scalar_one()
    connection.execute(
        update(profile).where(profile.c.id == gone).values(merged_into=None, merged_at=None)
    )
    mine = connection.execute(
        select(entry.c.number, entry.c.merged_into)
        .where(entry.c.first_profile == gone)
        .order_by(entry.c.number)
    ).first()
    if mine is None:
        return
    if mine.merged_into is not None:
        _stand_again(connection, mine.number, gone, at)
        return
    # The younger profile had the older entry, under which both went on. Whoever was called since
    # keeps it; else it goes back with her.
    later = select(attempt.c.id).where(attempt.c.entry_number == mine.number, attempt.c.at > since)
    if connection.execute(later.limit(1)).first() is None:
        connection.execute(
            update(entry).where(entry.c.number == mine.number).values(profile_id=gone)
        )
        led = (entry.c.first_profile == kept) & (entry.c.merged_into == mine.number)
        other = connection.execute(select(func.min(entry.c.number)).where(led)).scalar()
        if other is not None:
            _stand_again(connection, other, kept, at)


def _stand_again(connection: Connection, number: int, profile_id: int, at: datetime) -> None:
    """An entry that led to another one is of this profile again, in the state that it had."""
    connection.execute(
        update(entry)
        .where(entry.c.number == number)
        .values(
            merged_into=None,
            profile_id=profile_id,
            state=func.coalesce(entry.c.merged_state, "to_review"),
            merged_state=None,
            state_at=at,
        )
    )


def entry_adverts(vault: Vault, number: int) -> list[int]:
    """See `Store.entry_adverts`."""
    past = membership_past.c
    with vault.reading() as connection:
        own = connection.execute(
            select(entry.c.profile_id, entry.c.first_profile).where(entry.c.number == number)
        ).one()
        here = set(
            connection.execute(
                select(profile_advert.c.advert_id).where(
                    profile_advert.c.profile_id == own.profile_id
                )
            ).scalars()
        )
        # Merged profiles: whose each advert was before says to which entry it belongs.
        before = connection.execute(
            select(past.advert_id, past.profile_id)
            .join(profile, profile.c.id == past.profile_id)
            .where(among(past.advert_id, here), profile.c.merged_into == own.profile_id)
            .order_by(past.left_at, past.id)
        )
        came: dict[int, int] = {row.advert_id: row.profile_id for row in before}
    mine = {each for each in here if came.get(each, own.profile_id) == own.first_profile}
    return sorted(mine or here)


def part(
    vault: Vault, connection: Connection, kept: int, left: int, at: datetime, *, silent: bool
) -> None:
    """Write a parting down; what both were seen with is found anew by who judges them."""
    connection.execute(
        insert(parting).values(
            id=vault.ids.one(), kept_profile=kept, parted_profile=left, at=at, silent=silent
        )
    )
    connection.execute(delete(profile_seen).where(profile_seen.c.profile_id.in_((kept, left))))


def still_silent(connection: Connection, silent: set[int]) -> set[int]:
    """The profiles that parted, when nobody was to call them, from one that still is not called."""
    if not silent:
        return set()
    rows = connection.execute(
        select(parting.c.kept_profile, parting.c.parted_profile).where(parting.c.silent)
    ).all()
    found: set[int] = set()
    grown = True
    while grown:
        grown = False
        for one, other in rows:
            for here, there in ((one, other), (other, one)):
                if (here in silent or here in found) and there not in silent | found:
                    found.add(there)
                    grown = True
    return found


def last_parted(connection: Connection, profile_id: int) -> datetime | None:
    """When this profile last parted from another; None when it never did."""
    either = or_(parting.c.kept_profile == profile_id, parting.c.parted_profile == profile_id)
    found: datetime | None = connection.execute(
        select(func.max(parting.c.at)).where(either)
    ).scalar()
    return found
