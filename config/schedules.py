"""When sites are crawled, as config files say it: groups, a site's own times, blackouts, pauses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from pydantic import Field

from config.fields import Strict
from config.times import LocalTime, LocalTimes, Weekdays

_DAYS = 'Weekdays by name, as ["mon", "wed"]; empty: every day.'
_JITTER = "Start up to this many seconds later."


class Blackout(Strict):
    """A time of day in which no crawl starts; one that falls due in it starts at its end. Times are
    local to each site; `until` may lie after midnight.
    """

    start: LocalTime = Field(alias="from", description="When it begins.")
    end: LocalTime = Field(alias="until", description="When it ends.")
    days: Weekdays = Field(
        (), description='Weekdays on which it begins, as ["sun"]; empty: every day.'
    )


class Pausable(Strict):
    """What can be paused: `paused_from` and `paused_until` are days, both within the pause."""

    paused_from: date | None = Field(
        None, description="First day of a pause; without it the pause has begun."
    )
    paused_until: date | None = Field(
        None, description="Last day of a pause, in which nothing is crawled by itself."
    )


class ScheduleGroup(Pausable):
    """Times that several sites share, each in its own time zone."""

    at: LocalTimes = Field(min_length=1, description='Local times, as ["06:40", "18:40"].')
    days: Weekdays = Field((), description=_DAYS)
    jitter_s: int = Field(0, ge=0, le=3600, description=_JITTER)
    blackouts: tuple[Blackout, ...] = Field((), description="When its sites do not start.")


class SiteSchedule(Pausable):
    """When the site is crawled: a group of faro.toml, times of its own, or a group and keys of its
    own, which go before the group's. With neither it is crawled by hand only.
    """

    group: str | None = Field(None, description="A group of faro.toml's [schedule.groups].")
    at: LocalTimes = Field((), description='Local times, as ["06:40", "18:40"].')
    days: Weekdays = Field((), description=_DAYS)
    jitter_s: int = Field(0, ge=0, le=3600, description=_JITTER)
    blackouts: tuple[Blackout, ...] = Field(
        (), description="When it does not start; they add to the group's and to faro.toml's."
    )


class Schedule(Pausable):
    """When what runs. Matching follows every crawl, and comes before the report."""

    groups: dict[str, ScheduleGroup] = Field(
        default_factory=dict, description="Named groups of times."
    )
    blackouts: tuple[Blackout, ...] = Field((), description="When no site starts.")
    report_at: LocalTime = Field(
        time(8, 0), description="When the daily report is published, in `timezone`."
    )
    report_patience_minutes: int = Field(
        45,
        ge=0,
        le=720,
        description="How long the report waits for crawls that are still running or due.",
    )
    upkeep_at: LocalTime = Field(
        time(4, 10),
        description="When retention runs and the database is copied to `data_dir`/backups, in "
        "`timezone`.",
    )


@dataclass(frozen=True, slots=True)
class Timing:
    """When one site is crawled, all rules together. No `at`: never by itself.

    `pauses` are (first day, last day); None for the first day: since ever.
    """

    at: tuple[time, ...] = ()
    days: tuple[str, ...] = ()
    jitter_s: int = 0
    blackouts: tuple[Blackout, ...] = ()
    pauses: tuple[tuple[date | None, date], ...] = ()


def timing(schedule: Schedule, own: SiteSchedule) -> Timing:
    """The rules of faro.toml, of the site's group and of the site as one."""
    group = schedule.groups[own.group] if own.group else None
    told = own.model_fields_set
    levels: list[Pausable] = [each for each in (schedule, group, own) if each is not None]
    return Timing(
        at=tuple(sorted(group.at if group and "at" not in told else own.at)),
        days=group.days if group and "days" not in told else own.days,
        jitter_s=group.jitter_s if group and "jitter_s" not in told else own.jitter_s,
        blackouts=(*schedule.blackouts, *(group.blackouts if group else ()), *own.blackouts),
        pauses=tuple(
            (each.paused_from, each.paused_until)
            for each in levels
            if each.paused_until is not None
        ),
    )
