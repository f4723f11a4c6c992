"""The health line: what the crawls could see, in words that an operator understands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from outreach.times import since_words, when_words
from records.reasons import Language
from records.verdicts import PartitionHealth, PartitionVerdict

Tone = Literal["good", "bad"]

# Two days without a complete run: what was true then may not be true now (guide/crawling.md).
STALE_AFTER = timedelta(hours=48)

# {since} is "dalle 06:10", {when} is "oggi alle 06:10".
_TROUBLE: dict[str, tuple[str, str]] = {
    "partial": ("letto solo in parte {since}", "read only in part {since}"),
    "blocked": ("bloccato {since}", "blocked {since}"),
    "drift": (
        "il sito ha cambiato aspetto e non si legge {since}",
        "the site has changed its look and cannot be read {since}",
    ),
    "empty_suspect": (
        "si mostra vuoto {since}, e non è credibile",
        "shows itself empty {since}, which is not credible",
    ),
    "failed": ("il controllo non riesce {since}", "the check fails {since}"),
    "timeout": ("il controllo non finisce in tempo {since}", "the check runs out of time {since}"),
    "robots": ("il sito non permette la lettura {since}", "the site allows no reading {since}"),
    "stale": ("nessun controllo completo {since}", "no complete check {since}"),
    "never": ("mai controllato", "never checked"),
    "held": (
        "quasi solo annunci mai visti: le loro segnalazioni aspettano una decisione {since}",
        "almost only adverts never seen before: their flags wait for a decision {since}",
    ),
}
_UNKNOWN = ("controllo non concluso {since}", "check not concluded {since}")
_CAUTION = (
    "l'assenza dei suoi annunci non significa nulla",
    "the absence of its adverts means nothing",
)
_LAST = ("ultimo controllo completo {when}", "last complete check {when}")
_GOOD = (
    "completo, controllato {when}, {n} annunci",
    "complete, checked {when}, {n} adverts",
)


@dataclass(frozen=True, slots=True)
class HealthLine:
    """One line of the report's data health. `tone` never stands alone: the text says it too."""

    tone: Tone
    text: str


def condition(health: PartitionHealth, now: datetime) -> str:
    """`complete`, the verdict that troubles it, `held` (flags wait for a person), `stale` (none
    complete for 48 h) or `never`.
    """
    if health.last_run is None:
        return "never"
    if health.held:
        return "held"
    if health.verdict != PartitionVerdict.COMPLETE:
        return str(health.verdict)
    seen = health.last_complete or health.last_run
    return "stale" if now - datetime.fromisoformat(seen) > STALE_AFTER else "complete"


def health_sentence(
    health: PartitionHealth,
    language: Language,
    now: datetime,
    zone: ZoneInfo,
    *,
    since: str | None = None,
    name: str | None = None,
) -> str:
    """`bakeca, treviso: bloccato dalle 06:10; l'assenza dei suoi annunci non significa nulla`.

    Why (`health.reason`, in this language) stands behind in brackets.
    `since` (ISO) is when the trouble began, by default the last run's time; `name` replaces
    "site, partition".
    """
    pick = 0 if language == "it" else 1
    name = name or f"{health.site}, {health.partition}"
    state = condition(health, now)
    if state == "complete":
        when = when_words(health.last_complete or health.last_run or "", language, now, zone)
        adverts = _GOOD[pick].format(when=when, n=health.adverts)
        return f"{name}: {_singular(adverts, health.adverts, pick)}"
    start = health.last_complete if state == "stale" else since or health.last_run
    words = _TROUBLE.get(state, _UNKNOWN)[pick]
    if start is not None:
        words = words.format(since=since_words(start, language, now, zone))
    why = [health.reason] if health.reason and state != "stale" else []
    if state != "stale" and health.last_complete is not None:
        why.append(_LAST[pick].format(when=when_words(health.last_complete, language, now, zone)))
    if why:
        words = f"{words} ({'; '.join(why)})"
    return f"{name}: {words}; {_CAUTION[pick]}"


def _singular(text: str, count: int, pick: int) -> str:
    if count != 1:
        return text
    return text.replace(*(("annunci", "annuncio"), ("adverts", "advert"))[pick])


def health_lines(
    partitions: Sequence[tuple[PartitionHealth, str | None]],
    language: Language,
    now: datetime,
    zone: ZoneInfo,
) -> list[HealthLine]:
    """What is wrong, a line per site and trouble (with when it began), then what is in order.

    A site whose partitions all share a trouble is named alone; otherwise the partitions are named.
    """
    sites: dict[str, list[tuple[PartitionHealth, str | None]]] = {}
    for health, since in partitions:
        sites.setdefault(health.site, []).append((health, since))
    bad: list[HealthLine] = []
    good: list[HealthLine] = []
    for site, rows in sites.items():
        states: dict[str, list[tuple[PartitionHealth, str | None]]] = {}
        for health, since in rows:
            states.setdefault(condition(health, now), []).append((health, since))
        for state, members in states.items():
            whole = len(members) == len(rows)
            partition_names = ", ".join(health.partition for health, _ in members)
            name = site if whole else f"{site} ({partition_names})"
            text = _one_line(members, state, name, language, now, zone)
            (good if state == "complete" else bad).append(
                HealthLine("good" if state == "complete" else "bad", text)
            )
    return bad + good


def _one_line(
    members: Sequence[tuple[PartitionHealth, str | None]],
    state: str,
    name: str,
    language: Language,
    now: datetime,
    zone: ZoneInfo,
) -> str:
    """The sentence for partitions in one condition, by the one that says most of them all."""
    if state == "complete":
        newest = max(members, key=lambda each: each[0].last_complete or "")[0]
        merged = PartitionHealth(
            site=newest.site,
            partition=newest.partition,
            verdict=newest.verdict,
            reason="",
            last_run=newest.last_run,
            last_complete=newest.last_complete,
            adverts=sum(health.adverts for health, _ in members),
        )
        return health_sentence(merged, language, now, zone, name=name)
    oldest, since = min(members, key=lambda each: each[1] or each[0].last_run or "")
    return health_sentence(oldest, language, now, zone, since=since, name=name)
