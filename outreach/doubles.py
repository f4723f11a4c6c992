"""Possible doubles: profiles that may be one person, for a person to decide while it matters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from outreach.calling import SILENT_STATES, visible
from outreach.periods import in_zone
from outreach.rows import Item, Profiles
from records.queue import Double, Entry, RaisedFlag
from storage import Store

Owner = Callable[[str | None], str | None]
"""The unit that works in a province."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """A double with the entries of both sides, where they have one, and the doubtful `flag` that
    rests on it, if one was raised.
    """

    double: Double
    entry: Entry | None
    other: Entry | None
    flag: RaisedFlag | None


def to_decide(
    store: Store,
    doubles: Iterable[Double],
    unit: str,
    owner: Owner,
    profiles: Profiles,
    flags: Mapping[int, RaisedFlag],
    now: datetime,
) -> list[Undecided]:
    """The doubles of a unit on which a flag hangs, those that are decided by themselves first.

    That is, whose first flag waits, was raised as doubtful (`flags`, by profile), or was not raised
    because the link was supposed to be true. Nobody of whom the unit must not hear is among them;
    suppressed profiles are left out by the caller.
    """
    found = []
    for each in doubles:
        flag = flags.get(each.profile)
        hangs = each.waits_until is not None or flag is not None
        supposed = not each.told and not each.at_start
        if not hangs and not (supposed and _shown(profiles, each.profile, now)):
            continue
        entry, other = store.entry_of(each.profile), store.entry_of(each.older)
        if any(one is not None and one.state in SILENT_STATES for one in (entry, other)):
            continue
        if unit == (entry.unit if entry else owner(profiles.province(each.profile))):
            found.append(Undecided(each, entry, other, flag))
    return sorted(found, key=_urgency)


def row(each: Undecided, zone: ZoneInfo) -> Item:
    """A double as the report's document tells of it."""
    until, flag = each.double.waits_until, each.flag
    return {
        "entry": each.entry.short_id if each.entry else None,
        "profile": str(each.double.profile),
        "other": each.other.short_id if each.other else None,
        "other_profile": str(each.double.older),
        "probability": each.double.probability,
        "waits_until": in_zone(until, zone) if until else None,
        "kind": flag.kind.value if flag else None,
        "raised_at": in_zone(flag.raised_at, zone) if flag else None,
    }


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
