"""A small language to tell a profile's story in: days, adverts, absences, and what is read when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from matching.context import FlagContext, Place
from records.histories import Absence, AdvertHistory, PresenceInterval, ProfileHistory

START = datetime(2026, 1, 1, 6, 0, tzinfo=UTC)
NAMES = {"PD": "Padova", "TV": "Treviso", "VE": "Venezia"}


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def advert(
    number: int,
    *seen: tuple[float, float],
    site: str = "alfa",
    partition: str = "padova",
    baseline: bool = False,
    numbers: Iterable[str] = ("n1",),
    provinces: Iterable[str] = ("PD",),
    changes: Iterable[tuple[str, float]] = (),
    absent: bool | str = True,
    joined: float | None = 0.0,
) -> AdvertHistory:
    """An advert seen on days `seen` (from, to).

    Every gap between two of them, and the time after the last, was proven an absence two days on
    (`absent` "probe": at the next day's probe; False: never proven). `changes` are later contacts
    or provinces (in capitals), with their day.
    """
    first = min(start for start, _ in seen)
    following = [start for start, _ in seen[1:]] + [None]
    proof, delay = ("probe", 1) if absent == "probe" else ("runs", 2)
    absences = tuple(
        Absence(day(end), day(end + delay), None if back is None else day(back), proof)
        for (_, end), back in zip(seen, following, strict=True)
        if absent
    )
    later = list(changes)
    return AdvertHistory(
        advert=number,
        site=site,
        intervals=tuple(
            PresenceInterval(f"{site}/{partition}", day(start), day(end), 1) for start, end in seen
        ),
        absences=absences,
        baseline=baseline,
        contacts=tuple((c, day(first)) for c in numbers)
        + tuple((c, day(at)) for c, at in later if not c.isupper()),
        provinces=tuple((p, day(first)) for p in provinces)
        + tuple((p, day(at)) for p, at in later if p.isupper()),
        joined_at=None if joined is None else day(joined),
    )


def profile(
    *adverts: AdvertHistory,
    judged: float | None = None,
    created: float = 0.0,
    known: Iterable[str] | None = None,
) -> ProfileHistory:
    """A profile judged up to a day, with what of its adverts had been seen by then, or `known`."""
    until = None if judged is None else day(judged)
    if known is None:
        members = [a for a in adverts if a.joined_at is not None and until is not None]
        firsts = [first for a in members for first in (*a.contacts, *a.provinces)]
        known = [value for value, at in firsts if until is not None and at <= until]
    values = frozenset(known)
    provinces = frozenset(value for value in values if value.isupper())
    return ProfileHistory(7, day(created), tuple(adverts), until, values - provinces, provinces)


def context(now: float, **more: object) -> FlagContext:
    """Day `now`; the partitions of site alfa are read completely every day unless `runs` says."""
    daily = [day(number + 0.05) for number in range(-5, int(now) + 1)]
    settings: dict[str, object] = {
        "now": day(now + 0.1),
        "complete_runs": {
            f"{site}/{partition}": daily
            for site in ("alfa", "beta", "copies")
            for partition in ("padova", "treviso")
        },
        "aggregators": frozenset({"copies"}),
        "numbers": frozenset({"n1", "n2", "n3"}),
        "handles": frozenset({"h1"}),
        "province_name": NAMES.__getitem__,
    }
    return FlagContext(**(settings | more))  # type: ignore[arg-type]


__all__ = ["Place", "advert", "context", "day", "profile"]
