"""Moments and days in words, as an operator says them, in the unit's time zone."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from records.reasons import Language, day_in_words, elided

_WEEKDAYS = {
    "it": ("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_DAYS_AGO = {"it": ("oggi", "ieri"), "en": ("today", "yesterday")}


def when_words(iso: str, language: Language, now: datetime, zone: ZoneInfo) -> str:
    """`oggi alle 06:10`, `ieri alle 18:40`, `il 2 marzo`: when something happened."""
    moment, ago = _local(iso, now, zone)
    if ago in (0, 1):
        at = "alle" if language == "it" else "at"
        return f"{_DAYS_AGO[language][ago]} {at} {moment:%H:%M}"
    words = day_words(moment.date(), language, now, zone)
    return elided(f"il {words}") if language == "it" else f"on {words}"


def since_words(iso: str, language: Language, now: datetime, zone: ZoneInfo) -> str:
    """`dalle 06:10`, `da ieri alle 18:40`, `dal 2 marzo`: from when something has been so."""
    moment, ago = _local(iso, now, zone)
    if ago == 0:
        return f"{'dalle' if language == 'it' else 'since'} {moment:%H:%M}"
    if ago == 1:
        start = "da ieri alle" if language == "it" else "since yesterday at"
        return f"{start} {moment:%H:%M}"
    words = day_words(moment.date(), language, now, zone)
    return elided(f"dal {words}") if language == "it" else f"since {words}"


def short_moment(iso: str, language: Language, now: datetime, zone: ZoneInfo) -> str:
    """`oggi 06:10`, `ieri 18:40`, `2 marzo`: for a column."""
    moment, ago = _local(iso, now, zone)
    if ago in (0, 1):
        return f"{_DAYS_AGO[language][ago]} {moment:%H:%M}"
    return day_words(moment.date(), language, now, zone)


def day_words(day: date, language: Language, now: datetime, zone: ZoneInfo) -> str:
    """`2 marzo`, with the year when it is not this one."""
    words = day_in_words(day.isoformat(), language)
    return words if day.year == now.astimezone(zone).year else f"{words} {day.year}"


def long_day(day: date, language: Language) -> str:
    """`mercoledì 4 marzo 2026`, `Wednesday 4 March 2026`."""
    weekday = _WEEKDAYS[language][day.weekday()]
    return f"{weekday} {day_in_words(day.isoformat(), language)} {day.year}"


def _local(iso: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, int]:
    """The local moment, and how many midnights lie between it and `now`."""
    moment = datetime.fromisoformat(iso).astimezone(zone)
    return moment, (now.astimezone(zone).date() - moment.date()).days
