"""Local times, weekdays and time zones as config files write them."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from config.wording import did_you_mean, quoted

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ITALIAN_DAYS = dict(zip(("lun", "mar", "mer", "gio", "ven", "sab", "dom"), DAYS, strict=True))
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    # By the name's shape zoneinfo raises KeyError, ValueError, UnicodeError or OSError.
    except (LookupError, ValueError, OSError):
        known = False
    else:
        # Lower case: other places of the same file, as posix/Europe/Rome and localtime.
        known = name[:1].isupper()
    if not known:
        # All names are listed only now: that reads hundreds of files.
        near = did_you_mean(name, (each for each in available_timezones() if each[0].isupper()))
        raise ValueError(f"unknown time zone {quoted(name)}{near}")
    return name


def _time(value: Any) -> Any:
    if isinstance(value, time) and not (value.second or value.microsecond):
        return value
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f'{quoted(value)} is no time; write it as "06:40"')
    return time(int(found[1]), int(found[2]))


def _day(value: Any) -> Any:
    if isinstance(value, str) and value in DAYS:
        return value
    known = ", ".join(DAYS)
    if isinstance(value, str):
        short = value.strip().lower()[:3]
        meant = short if short in DAYS else _ITALIAN_DAYS.get(short)
        hint = f"; did you mean '{meant}'?" if meant else ""
        if not value.strip().isdecimal():
            raise ValueError(f"{quoted(value)} is no weekday; use {known}{hint}")
    # Cron counts 0 as Sunday, APScheduler's cron as Monday: a number would be read wrongly by some.
    raise ValueError(
        f"{quoted(value)} is no weekday; use {known} "
        "(names, not numbers: 0 is Monday to some and Sunday to others)"
    )


TimeZone = Annotated[str, AfterValidator(_zone)]
LocalTime = Annotated[
    time,
    BeforeValidator(_time),
    WithJsonSchema({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"}),
]
LocalTimes = tuple[LocalTime, ...]
Weekday = Annotated[
    str, BeforeValidator(_day), WithJsonSchema({"type": "string", "enum": list(DAYS)})
]
Weekdays = tuple[Weekday, ...]


def doubtful(at: time) -> bool:
    """Whether a clock change may skip or repeat this local time (01:00 to 03:30)."""
    return time(1) <= at <= time(3, 30)
