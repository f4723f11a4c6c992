"""The outreach queue: entries, attempts, flags as raised, and the adverts of a profile."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    func,
    insert,
    select,
    update,
)

from records.flags import FlagKind, Reason
from records.queue import Attempt, Entry, ProfileAdvert, RaisedFlag
from storage import audit, parting, suppression
from storage.content import opened_part
from storage.errors import StorageError
from storage.histories import kept
from storage.sets import among
from storage.tables import advert, site, version
from storage.tables_queue import attempt, entry, flag, flag_advert, profile, profile_advert
from storage.vault import Vault
from storage.versions import contact_rows, stored_contact

FIRST_STATE = "to_review"
MERGED = "merged"
_CHUNK = 500


def ensure(connection: Connection, profile_id: int, unit: str | None, at: datetime) -> Entry:
    """The entry of a profile, made when it has none; an existing one keeps its unit.

    An entry that no unit owned yet goes to `unit`.
    """
    current = kept(connection, (profile_id,)).get(profile_id)
    if current is None:
        raise StorageError(f"profile {profile_id}: unknown")
    found = entry_of(connection, current)
    if found is None:
        last = connection.execute(select(func.max(entry.c.number))).scalar() or 0
        connection.execute(
            insert(entry).values(
                number=last + 1,
                profile_id=current,
                unit=unit,
                state=FIRST_STATE,
                state_at=at,
                created_at=at,
                merged_into=None,
                first_profile=current,
            )
        )
        return Entry(last + 1, current, unit, FIRST_STATE, at)
    if found.unit is None and unit is not None:
        connection.execute(update(entry).where(entry.c.number == found.number).values(unit=unit))
        return Entry(found.number, found.profile, unit, found.state, found.created_at)
    return found


def ensure_all(connection: Connection, wanted: Mapping[int, str | None], at: datetime) -> None:
    """`ensure` for many profiles that were not merged away, each with its unit."""
    found: dict[int, Entry] = {}
    profiles = list(wanted)
    for start in range(0, len(profiles), _CHUNK):
        here = entry.c.profile_id.in_(profiles[start : start + _CHUNK])
        for each in entries(connection, and_(here, entry.c.merged_into.is_(None))):
            found[each.profile] = each
    last = connection.execute(select(func.max(entry.c.number))).scalar() or 0
    made = [
        {
            "number": number,
            "profile_id": each,
            "unit": wanted[each],
            "state": FIRST_STATE,
            "state_at": at,
            "created_at": at,
            "merged_into": None,
            "first_profile": each,
        }
        for number, each in enumerate((each for each in wanted if each not in found), last + 1)
    ]
    if made:
        connection.execute(insert(entry), made)
    owned = [
        {"row": each.number, "to": wanted[profile_id]}
        for profile_id, each in found.items()
        if each.unit is None and wanted[profile_id] is not None
    ]
    if owned:
        connection.execute(
            update(entry).where(entry.c.number == bindparam("row")).values(unit=bindparam("to")),
            owned,
        )


def entry_of(connection: Connection, profile_id: int) -> Entry | None:
    """The live entry of a profile that was not merged away."""
    where = and_(entry.c.profile_id == profile_id, entry.c.merged_into.is_(None))
    return next(iter(entries(connection, where)), None)


def entries(connection: Connection, which: ColumnElement[bool]) -> list[Entry]:
    """The entries that hold `which`, by number."""
    rows = connection.execute(select(entry).where(which).order_by(entry.c.number))
    return [Entry(row.number, row.profile_id, row.unit, row.state, row.created_at) for row in rows]


def of_unit(vault: Vault, unit: str | None) -> list[Entry]:
    """See `Store.entries`."""
    owned = entry.c.unit.is_(None) if unit is None else entry.c.unit == unit
    with vault.reading() as connection:
        return entries(connection, and_(owned, entry.c.merged_into.is_(None)))


def by_number(vault: Vault, number: int) -> Entry:
    """See `Store.entry`."""
    with vault.reading() as connection:
        query = select(func.coalesce(entry.c.merged_into, entry.c.number)).where(
            entry.c.number == number
        )
        leads_to = connection.execute(query).scalar()
        if leads_to is None:
            raise StorageError(f"F-{number:04d}: no such entry")
        return entries(connection, entry.c.number == leads_to)[0]


def merge_entries(connection: Connection, merges: Sequence[tuple[int, int]], at: datetime) -> None:
    """(kept, dropped) profiles become one: of two entries the older stays, the younger leads to it.

    The one that stays is owned and in work as whichever of the two has gone further: a merge must
    not put somebody who is in charge of a service back among those to call.
    """
    live: dict[int, Entry] = {}
    asked = among(entry.c.profile_id, {each for pair in merges for each in pair})
    for each in entries(connection, and_(asked, entry.c.merged_into.is_(None))):
        live.setdefault(each.profile, each)
    younger_ones: dict[int, int] = {}
    states: list[dict[str, Any]] = []
    units: list[dict[str, Any]] = []
    for to, gone in merges:
        pair = [each for each in (live.get(to), live.pop(gone, None)) if each is not None]
        if not pair:
            continue
        older, *rest = sorted(pair, key=lambda each: each.number)
        for younger in rest:
            younger_ones[younger.number] = older.number
            if older.state == FIRST_STATE != younger.state:
                older = replace(older, state=younger.state, unit=younger.unit or older.unit)
                states.append({"row": older.number, "as": older.state, "of": older.unit})
            elif older.unit is None and younger.unit is not None:
                older = replace(older, unit=younger.unit)
                units.append({"row": older.number, "of": older.unit})
        live[to] = older
    here = entry.c.number == bindparam("row")
    for statement, values in (
        (
            update(entry)
            .where(here)
            .values(
                merged_into=bindparam("to"),
                # What it was comes back when they part again; one merged before keeps its own.
                merged_state=func.coalesce(entry.c.merged_state, entry.c.state),
                state=MERGED,
                state_at=at,
            ),
            _with_followers(connection, younger_ones),
        ),
        (
            update(entry)
            .where(here)
            .values(state=bindparam("as"), unit=bindparam("of"), state_at=at),
            states,
        ),
        (update(entry).where(here).values(unit=bindparam("of")), units),
    ):
        if values:
            connection.execute(statement, values)


def _with_followers(connection: Connection, younger: dict[int, int]) -> list[dict[str, int]]:
    """Entries that lead to an older one from now on: the younger, and those that led to them."""
    leads = among(entry.c.merged_into, younger)
    rows = connection.execute(select(entry.c.number, entry.c.merged_into).where(leads)).all()
    leading = {number: number for number in younger}
    leading |= {number: end for number, end in rows if end is not None}
    found = []
    for number, end in leading.items():
        while end in younger:
            end = younger[end]
        found.append({"row": number, "to": end})
    return found


def record_attempt(vault: Vault, number: int, values: dict[str, Any]) -> Attempt:
    """See `Store.record_attempt`; `values` are its keyword arguments."""
    at: datetime = values["at"]
    note, state = values.pop("note"), values.pop("state")
    with vault.writing() as connection:
        owner = by_number(vault, number)
        made = vault.ids.one()
        month = at.astimezone(UTC).strftime("%Y-%m") if note else None
        sealed = None
        if note and month:
            key = vault.sealer.keys.month("note", month)
            sealed = vault.sealer.seal(key, "attempt.note", made, note)
        connection.execute(
            insert(attempt).values(
                id=made, entry_number=owner.number, key_month=month, note=sealed, **values
            )
        )
        if state is not None:
            connection.execute(
                update(entry).where(entry.c.number == owner.number).values(state=state, state_at=at)
            )
        detail = {"attempt": made, "outcome": values["outcome"], "channel": values["channel"]}
        audit.write(vault, connection, at, "attempt", owner.short_id, detail, actor=values["actor"])
    return Attempt(id=made, entry=owner.number, profile=owner.profile, note=note, **values)


def attempts(vault: Vault, profile_id: int) -> list[Attempt]:
    """See `Store.attempts`."""
    with vault.reading() as connection:
        current = kept(connection, (profile_id,)).get(profile_id, profile_id)
        rows = connection.execute(
            select(attempt, entry.c.profile_id, entry.c.merged_into)
            .join(entry, entry.c.number == attempt.c.entry_number)
            .where(entry.c.profile_id == current)
            .order_by(attempt.c.at, attempt.c.id)
        ).all()
        parted = parting.last_parted(connection, current)
    return [_attempt(vault, row, parted) for row in rows]


def _attempt(vault: Vault, row: Row[Any], parted: datetime | None) -> Attempt:
    # Consent was given by one person: it passes neither to who was merged with her nor to who
    # turned out to be another.
    hers = row.merged_into is None and (parted is None or row.at > parted)
    sealed = row.note
    next_on: date | None = row.next_on
    return Attempt(
        id=row.id,
        entry=row.entry_number,
        profile=row.profile_id,
        at=row.at,
        actor=row.actor,
        unit=row.unit,
        channel=row.channel,
        outcome=row.outcome,
        band=row.band,
        language=row.language,
        mediator=row.mediator,
        notice=row.notice,
        next_on=next_on,
        consent=row.consent if hers else None,
        note=None if sealed is None else vault.sealer.open("attempt.note", row.id, sealed),
    )


def flags(vault: Vault, column: str, since: datetime | None, until: datetime) -> list[RaisedFlag]:
    """Flags whose time `column` is in (since, until], oldest first, but for suppressed profiles."""
    time = flag.c[column]
    where = time <= until if since is None else and_(time > since, time <= until)
    with vault.reading() as connection:
        found = _raised(vault, connection, where, time)
        hidden = suppression.suppressed(connection, until)
    return [each for each in found if each.profile not in hidden]


def flags_of(vault: Vault, profiles: Iterable[int], *, reasons: bool = True) -> list[RaisedFlag]:
    """See `Store.flags_of`."""
    with vault.reading() as connection:
        return _raised(
            vault, connection, among(flag.c.profile_id, profiles), flag.c.raised_at, reasons=reasons
        )


def _raised(
    vault: Vault,
    connection: Connection,
    where: ColumnElement[bool],
    time: ColumnElement[Any],
    *,
    reasons: bool = True,
) -> list[RaisedFlag]:
    rows = connection.execute(select(flag).where(where).order_by(time, flag.c.id)).all()
    adverts: dict[int, list[int]] = defaultdict(list)
    for row in connection.execute(
        select(flag_advert.c.flag_id, flag_advert.c.advert_id)
        .join(flag, flag.c.id == flag_advert.c.flag_id)
        .where(where)
        .order_by(flag_advert.c.flag_id, flag_advert.c.place)
    ):
        adverts[row.flag_id].append(row.advert_id)
    return [
        RaisedFlag(
            id=row.id,
            profile=row.profile_id,
            kind=FlagKind(row.kind),
            raised_at=row.raised_at,
            proven=row.proven,
            doubtful=row.doubtful,
            absent_days=row.absent_days,
            probability=row.probability,
            reasons=_reasons(vault, row) if reasons else (),
            adverts=tuple(adverts[row.id]),
            withdrawn_at=row.withdrawn_at,
        )
        for row in rows
    ]


def _reasons(vault: Vault, row: Row[Any]) -> tuple[Reason, ...]:
    said = json.loads(vault.sealer.open("flag.reasons", row.id, row.reasons))
    return tuple(Reason(code, params) for code, params in said)


def profile_adverts(vault: Vault, profile_id: int) -> list[ProfileAdvert]:
    """See `Store.profile_adverts`."""
    opened = vault.sealer.open
    with vault.reading() as connection:
        current = kept(connection, (profile_id,)).get(profile_id, profile_id)
        rows = connection.execute(
            select(
                *(advert.c.id, advert.c.ad_id, advert.c.url, advert.c.state),
                *(advert.c.first_seen, advert.c.last_seen, site.c.name),
                *(version.c.id.label("version"), version.c.content, version.c.city),
                *(version.c.province, version.c.language),
            )
            .join(profile_advert, profile_advert.c.advert_id == advert.c.id)
            .join(version, version.c.id == advert.c.version_id)
            .join(site, site.c.id == advert.c.site_id)
            .where(profile_advert.c.profile_id == current)
            .order_by(advert.c.last_seen.desc(), advert.c.id)
        ).all()
        contacts = contact_rows(connection, [row.version for row in rows])
    found = []
    for row in rows:
        title, _, nickname, _ = opened_part(opened("version.content", row.version, row.content))
        phones = [each for each in contacts.get(row.version, []) if each["kind"] == "phone"]
        masked = [masked_phone(stored_contact(vault, each).value) for each in phones]
        found.append(
            ProfileAdvert(
                advert=row.id,
                site=row.name,
                ad_id=opened("advert.ad_id", row.id, row.ad_id),
                url=opened("advert.url", row.id, row.url),
                title=title,
                nickname=nickname,
                city=row.city,
                province=row.province,
                language=row.language,
                state=row.state,
                first_seen=row.first_seen,
                last_seen=row.last_seen,
                phones=tuple(dict.fromkeys(masked)),
                callable_number=any(each["tier"] == "confirmed" for each in phones),
            )
        )
    return found


def masked_phone(number: str) -> str:
    """The last two digits, which is all that leaves storage."""
    return f"•••{number[-2:]}"


def baseline_profiles(vault: Vault, since: datetime | None, until: datetime) -> list[int]:
    """See `Store.baseline_profiles`."""
    made = profile.c.created_at <= until
    if since is not None:
        made = and_(made, profile.c.created_at > since)
    query = (
        select(
            *(profile.c.id, advert.c.first_seen, advert.c.last_seen),
            *(advert.c.baseline, advert.c.state),
        )
        .join(profile_advert, profile_advert.c.profile_id == profile.c.id)
        .join(advert, advert.c.id == profile_advert.c.advert_id)
        .where(made, profile.c.merged_into.is_(None))
        .order_by(profile.c.id, advert.c.first_seen, advert.c.id)
    )
    at_start: set[int] = set()
    seen: set[int] = set()
    visible: dict[int, datetime] = {}
    with vault.reading() as connection:
        hidden = suppression.suppressed(connection, until)
        for row in connection.execute(query):
            # Rows come oldest advert first: it says whether she was there when we began to look.
            if row.id not in seen and row.baseline:
                at_start.add(row.id)
            seen.add(row.id)
            if row.state != "absent":
                visible[row.id] = max(visible.get(row.id, row.last_seen), row.last_seen)
    shown = [each for each in visible if each in at_start and each not in hidden]
    return sorted(shown, key=lambda each: (-visible[each].timestamp(), each))
