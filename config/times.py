"""Local times, weekdays and time zones as config files write them."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema
from rapidfuzz import process

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except Exception as error:  # zoneinfo raises by the name's shape: KeyError, ValueError, OSError
        near = process.extractOne(name, sorted(available_timezones()))
        hint = f"; did you mean '{near[0]}'?" if near and near[1] > 70 else ""
        raise ValueError(f"unknown time zone '{name}'{hint}") from error
    return name


def _time(value: Any) -> Any:
    if isinstance(value, time):
        return value
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"'{value}' is no time; write it as \"06:40\"")
    return time(int(found[1]), int(found[2]))


def _day(value: Any) -> Any:
    # Numbers are refused because cron dialects disagree on whether 0 is Sunday or Monday.
    if not isinstance(value, str) or value not in DAYS:
        raise ValueError(f"'{value}' is no weekday; use {', '.join(DAYS)} (names, not numbers)")
    return value


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
