"""Profiles that may be one person's two: doubtful links that nobody has decided yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, cast, func, select

from records.judgements import Decision, Verdict, decisions
from records.queue import Double
from storage import judgements
from storage.sets import among
from storage.tables import advert
from storage.tables_queue import flag, link, profile_advert
from storage.vault import Vault

Pair = tuple[int, int]


def undecided(vault: Vault, least: float) -> list[Double]:
    """See `Store.doubles`."""
    said = decisions(judgements.of_adverts(vault, None))
    with vault.reading() as connection:
        found = _tied(connection, least)
        for pair in _parted(connection, said):
            found.pop(pair, None)
        if not found:
            return []
        profiles = {each for pair in found for each in pair}
        known = _known(connection, profiles)
        query = select(flag.c.profile_id).where(
            among(flag.c.profile_id, profiles), flag.c.withdrawn_at.is_(None)
        )
        told = set(connection.execute(query).scalars())
    doubles = []
    for pair, probability in found.items():
        older, younger = sorted(pair, key=lambda each: _age(known[each]))
        doubles.append(
            Double(
                younger,
                older,
                probability,
                known_since=known[younger].made_at,
                waits_until=known[younger].held_until,
                told=younger in told,
                at_start=bool(known[younger].at_start),
            )
        )
    return sorted(doubles, key=lambda each: (each.profile, each.older))


def _tied(connection: Connection, least: float) -> dict[Pair, float]:
    """The pairs of profiles that a link ties, and how likely they are one person's.

    A link that would make them one and did not was refused, or may not by what people said.
    """
    here, there = profile_advert.alias("here"), profile_advert.alias("there")
    query = (
        select(here.c.profile_id, there.c.profile_id, func.max(link.c.probability))
        .select_from(link)
        .join(here, here.c.advert_id == link.c.advert_a)
        .join(there, there.c.advert_id == link.c.advert_b)
        .where(link.c.probability >= least, here.c.profile_id != there.c.profile_id)
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


def _known(connection: Connection, profiles: set[int]) -> Mapping[int, Any]:
    """Since when each profile is known by its adverts of today, until when its first flag waits,
    and whether it was there when looking began.
    """
    query = (
        select(
            profile_advert.c.profile_id,
            func.min(profile_advert.c.joined_at).label("made_at"),
            func.min(advert.c.first_seen).label("first_seen"),
            func.max(advert.c.held_until).label("held_until"),
            func.max(cast(advert.c.baseline, Integer)).label("at_start"),
        )
        .join(advert, advert.c.id == profile_advert.c.advert_id)
        .where(among(profile_advert.c.profile_id, profiles))
        .group_by(profile_advert.c.profile_id)
    )
    return {row.profile_id: row for row in connection.execute(query)}


def _age(known: Any) -> tuple[datetime, datetime, int]:
    """As a pass orders them that ties two profiles."""
    return known.made_at, known.first_seen, known.profile_id
