"""Possible doubles: profiles that may be one person, for a person to decide while it matters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from config import Config
from outreach.calling import SILENT_STATES, visible
from outreach.periods import in_zone
from outreach.rows import Item, Profiles
from outreach.units import unit_of
from records.flags import LIKELY
from records.queue import Double, Entry, RaisedFlag
from storage import Store

# Whom nothing was told of stands on the report that long after the flag would have been due.
SUPPOSED_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Undecided:
    """A double with the entries of both sides, where they have one, and the doubtful `flag` that
    rests on it, if one was raised. The older side may be `elsewhere`: not the unit's to hear of.
    """

    double: Double
    entry: Entry | None
    other: Entry | None
    elsewhere: bool
    flag: RaisedFlag | None


def to_decide(
    store: Store,
    config: Config,
    doubles: Iterable[Double],
    unit: str,
    profiles: Profiles,
    flags: Mapping[int, RaisedFlag],
    now: datetime,
) -> list[Undecided]:
    """The doubles of a unit on which a flag hangs, those that are decided by themselves first.

    That is, whose first flag waits, was raised as doubtful (`flags`, by profile), or was not raised
    lately because the link was supposed to be true. Nobody of whom the unit must not hear is among
    them; suppressed profiles are left out by the caller.
    """
    province_owner = unit_of(config)
    supposed_since = now - timedelta(days=config.matching.doubtful_days) - SUPPOSED_FOR

    def owner(profile: int, entry: Entry | None) -> str | None:
        return entry.unit if entry else province_owner(profiles.province(profile))

    found = []
    for each in doubles:
        flag = flags.get(each.profile)
        hangs = each.waits_until is not None or flag is not None
        if not hangs and not _supposed(each, supposed_since):
            continue
        entry = store.entry_of(each.profile)
        if owner(each.profile, entry) != unit:
            continue
        if not hangs and not _shown(profiles, each.profile, now):
            continue
        other = store.entry_of(each.older)
        if any(one is not None and one.state in SILENT_STATES for one in (entry, other)):
            continue
        elsewhere = owner(each.older, other) != unit
        found.append(Undecided(each, entry, other, elsewhere, flag))
    return sorted(found, key=_urgency)


def row(each: Undecided, zone: ZoneInfo) -> Item:
    """A double as the report's document tells of it: of a side elsewhere, only that it is."""
    until, flag = each.double.waits_until, each.flag
    other = each.other.short_id if each.other else None
    return {
        "entry": each.entry.short_id if each.entry else None,
        "profile": str(each.double.profile),
        "other": None if each.elsewhere else other,
        "other_profile": None if each.elsewhere else str(each.double.older),
        "probability": None if each.elsewhere else each.double.probability,
        "waits_until": in_zone(until, zone) if until else None,
        "kind": flag.kind.value if flag else None,
        "raised_at": in_zone(flag.raised_at, zone) if flag else None,
    }


def _supposed(double: Double, since: datetime) -> bool:
    """Whether nothing was told of somebody made `since`, as the link was supposed to be true."""
    silent = not double.told and not double.at_start
    return silent and double.probability >= LIKELY and double.known_since >= since


def _shown(profiles: Profiles, profile: int, now: datetime) -> bool:
    return any(visible(advert, now) for advert in profiles.adverts(profile))


def _urgency(each: Undecided) -> tuple[bool, float, float, int, int]:
    """Those that wait by their day; then what was supposed, then what was raised; unsure first."""
    until = each.double.waits_until
    return (
        each.flag is not None,
        until.timestamp() if until else float("inf"),
        abs(each.double.probability - 0.5),
        each.double.profile,
        each.double.older,
    )
