"""Profiles that may be one person's two: doubtful links that nobody has decided yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from records.judgements import Decision, Verdict, decisions
from records.queue import Double
from storage import judgements
from storage.sets import among
from storage.tables import advert
from storage.tables_matching import judgement
from storage.tables_queue import flag, link, profile, profile_advert
from storage.vault import Vault

Pair = tuple[int, int]


def undecided(vault: Vault, least: float, most: float) -> list[Double]:
    """See `Store.doubles`."""
    said = decisions(judgements.of_adverts(vault, None))
    with vault.reading() as connection:
        found = _tied(connection, least, most)
        for pair in _parted(connection, said):
            found.pop(pair, None)
        if not found:
            return []
        profiles = {each for pair in found for each in pair}
        made = {
            row.id: row.created_at
            for row in connection.execute(
                select(profile.c.id, profile.c.created_at).where(among(profile.c.id, profiles))
            )
        }
        waits, at_start = _waiting(connection, profiles)
        query = select(flag.c.profile_id).where(
            among(flag.c.profile_id, profiles), flag.c.withdrawn_at.is_(None)
        )
        told = set(connection.execute(query).scalars())
    doubles = []
    for pair, probability in found.items():
        older, younger = sorted(pair, key=lambda each: (made[each], each))
        doubles.append(
            Double(
                younger,
                older,
                probability,
                waits.get(younger),
                told=younger in told,
                at_start=younger in at_start,
            )
        )
    return sorted(doubles, key=lambda each: (each.profile, each.older))


def _tied(connection: Connection, least: float, most: float) -> dict[Pair, float]:
    """The pairs of profiles that a link ties, and how likely they are one person's."""
    unsure = select(judgement.c.advert_a).where(judgement.c.verdict == Verdict.UNKNOWN.value)
    here, there = profile_advert.alias("here"), profile_advert.alias("there")
    query = (
        select(here.c.profile_id, there.c.profile_id, func.max(link.c.probability))
        .select_from(link)
        .join(here, here.c.advert_id == link.c.advert_a)
        .join(there, there.c.advert_id == link.c.advert_b)
        .where(
            link.c.probability >= least,
            or_(link.c.probability < most, link.c.advert_a.in_(unsure)),
            here.c.profile_id != there.c.profile_id,
        )
        .group_by(here.c.profile_id, there.c.profile_id)
    )
    found: dict[Pair, float] = {}
    for one, other, probability in connection.execute(query):
        pair = _pair(one, other)
        found[pair] = max(found.get(pair, 0.0), probability)
    return found


def _parted(connection: Connection, said: Iterable[Decision]) -> set[Pair]:
    """The pairs of profiles of which people said that they are not one person."""
    apart = [each for each in said if each.verdict is Verdict.DIFFERENT]
    ends = {end for each in apart for end in (each.a, each.b)}
    members = select(profile_advert.c.advert_id, profile_advert.c.profile_id)
    rows = connection.execute(members.where(among(profile_advert.c.advert_id, ends)))
    owner = {row.advert_id: row.profile_id for row in rows}
    return {
        _pair(owner[each.a], owner[each.b]) for each in apart if each.a in owner and each.b in owner
    }


def _pair(one: int, other: int) -> Pair:
    return min(one, other), max(one, other)


def _waiting(connection: Connection, profiles: set[int]) -> tuple[dict[int, datetime], set[int]]:
    """Until when a first flag of these profiles waits, and who was there when looking began."""
    query = (
        select(profile_advert.c.profile_id, advert.c.held_until, advert.c.baseline)
        .join(advert, advert.c.id == profile_advert.c.advert_id)
        .where(among(profile_advert.c.profile_id, profiles))
    )
    waits: dict[int, datetime] = {}
    at_start: set[int] = set()
    for owner, until, baseline in connection.execute(query):
        if until is not None:
            waits[owner] = max(until, waits.get(owner, until))
        if baseline:
            at_start.add(owner)
    return waits, at_start
