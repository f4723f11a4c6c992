"""What admins are told: found anew each time, told once, and once more when it is over. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from config import Config, SiteFile, crawl_obstacle
from records.reasons import Language
from records.service import Notice, SiteWatch
from records.stored import RunRecord
from records.verdicts import PartitionHealth, PartitionVerdict
from scheduling.timetable import LATE, Visit

BAD_RUNS = 2
BAD_FOR = timedelta(hours=48)
"""A site is told of after 2 bad runs in a row or 48 hours, whichever is sooner (guide)."""
CAPPED_RUNS = 5
"""A partition that was never read to its end in so many runs cannot prove an absence."""

_WORDS: dict[str, tuple[str, str]] = {
    "bad": (
        "{subject}: {bad} elenchi su {all} non letti per intero ({verdicts}), dal {since}",
        "{subject}: {bad} of {all} lists not read whole ({verdicts}), since {since}",
    ),
    "unproven": (
        "{subject}: elenchi mai letti fino in fondo, che non provano assenze: {partitions}",
        "{subject}: lists never read to their end, which prove no absence: {partitions}",
    ),
    "quiet": (
        "{subject}: niente di nuovo da {days} giorni",
        "{subject}: nothing new for {days} days",
    ),
    "held": (
        "{subject}: una lettura aspetta una decisione (quasi tutto è nuovo)",
        "{subject}: a run waits for a decision (almost everything in it is new)",
    ),
    "missed": (
        "{subject}: la lettura delle {at} non è partita",
        "{subject}: its crawl of {at} has not started",
    ),
    "report": (
        "{subject}: il rapporto di oggi manca",
        "{subject}: today's report is missing",
    ),
    "config": (
        "i file di configurazione hanno {faults} errori: resta in uso la versione di prima",
        "the config files have {faults} faults: the version before stays in use",
    ),
}
_FRAME: dict[str, tuple[str, str]] = {
    "subject": ("Avviso di servizio", "Service notice"),
    "new": ("Richiede attenzione ({count}):", "Needs attention ({count}):"),
    "over": ("Di nuovo in ordine ({count}):", "In order again ({count}):"),
    "remedy": ("Che cosa fare: faro status", "What to do: faro status"),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is not as it should be now; (kind, subject) tells it from others."""

    kind: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database and the scheduler know: partitions' health, each site's last runs (newest
    first), since when it is watched, visits to come, units without today's report, config faults.
    """

    health: Sequence[PartitionHealth] = ()
    runs: Mapping[str, Sequence[RunRecord]] = field(default_factory=dict)
    watches: Mapping[str, SiteWatch] = field(default_factory=dict)
    visits: Sequence[Visit] = ()
    unreported: Sequence[str] = ()
    config_faults: int = 0


def troubles(config: Config, facts: Facts, now: datetime) -> list[Trouble]:
    """Everything that an admin should know now."""
    found: list[Trouble] = []
    for site in config.sites.values():
        if site.enabled and crawl_obstacle(config, site, now.date()) is None:
            found += _of_site(config, site, facts, now)
    found += [
        _trouble(config, "missed", visit.site, at=visit.slot)
        for visit in facts.visits
        if now - visit.start > LATE
    ]
    found += [_trouble(config, "report", unit) for unit in facts.unreported]
    if facts.config_faults:
        found.append(_trouble(config, "config", "config", faults=facts.config_faults))
    return found


def _of_site(config: Config, site: SiteFile, facts: Facts, now: datetime) -> Iterator[Trouble]:
    named = {start.id for start in site.list.start}
    rows = [row for row in facts.health if row.site == site.id and row.partition in named]
    runs = [run for run in facts.runs.get(site.id, ()) if run.finished_at is not None]
    capped = [row.partition for row in rows if row.newest_only or _capped(runs, row.partition)]
    bad = [row for row in rows if row.partition not in capped and _bad(row, runs, now)]
    if bad:
        complete = [row.last_complete for row in bad if row.last_complete]
        since = min(complete) if complete else runs[-1].started_at.isoformat()
        yield _trouble(
            config,
            "bad",
            site.id,
            bad=len(bad),
            all=len(rows),
            verdicts=", ".join(sorted({row.verdict for row in bad})),
            since=_local(since, config),
        )
    if capped:
        yield _trouble(config, "unproven", site.id, partitions=", ".join(sorted(capped)))
    if any(row.held for row in rows):
        yield _trouble(config, "held", site.id)
    days = config.notify.quiet_days
    watch = facts.watches.get(site.id)
    if rows and not bad and watch is not None:
        newest = watch.last_new or watch.first_run
        if now - newest > timedelta(days=days):
            yield _trouble(config, "quiet", site.id, days=days)


def _capped(runs: Sequence[RunRecord], partition: str) -> bool:
    told = [run.verdicts[partition] for run in runs if partition in run.verdicts][:CAPPED_RUNS]
    return len(told) == CAPPED_RUNS and set(told) == {PartitionVerdict.PARTIAL.value}


def _bad(row: PartitionHealth, runs: Sequence[RunRecord], now: datetime) -> bool:
    """Whether the partition's last run was bad, and that not for the first time or for long."""
    told = [run.verdicts[row.partition] for run in runs if row.partition in run.verdicts]
    in_a_row = 0
    for verdict in told:
        if verdict == PartitionVerdict.COMPLETE.value:
            break
        in_a_row += 1
    if in_a_row == 0:
        return False
    since = datetime.fromisoformat(row.last_complete) if row.last_complete else runs[-1].started_at
    return in_a_row >= BAD_RUNS or now - since > BAD_FOR


def merged(known: Sequence[Notice], found: Sequence[Trouble], now: datetime) -> list[Notice]:
    """The notices after a look: new ones, those that go on, and those that are over.

    One that is over before anybody was told is forgotten; one that comes back before its end was
    told goes on as if it had never been over.
    """
    current = {(each.kind, each.subject): each for each in found}
    kept = []
    for notice in known:
        trouble = current.pop((notice.kind, notice.subject), None)
        if trouble is not None:
            kept.append(replace(notice, text=trouble.text, well_at=None))
        elif notice.told_at is not None:
            kept.append(replace(notice, well_at=notice.well_at or now))
    return kept + [Notice(each.kind, each.subject, each.text, now) for each in current.values()]


def untold(known: Sequence[Notice]) -> list[Notice]:
    """Those that somebody must be told of: new troubles, and troubles that are over."""
    return [each for each in known if each.told_at is None or each.well_at is not None]


def after_telling(known: Sequence[Notice], now: datetime) -> list[Notice]:
    """The notices once everything was told: what is over is forgotten."""
    return [replace(each, told_at=each.told_at or now) for each in known if each.well_at is None]


def letter(config: Config, notices: Sequence[Notice]) -> tuple[str, str]:
    """Subject and body of one message: counts and names from config files, nothing else."""
    pick = _pick(config.language)
    lines: list[str] = []
    parts = (
        ("new", [each.text for each in notices if each.well_at is None]),
        ("over", [each.text for each in notices if each.well_at is not None]),
    )
    for heading, texts in parts:
        if texts:
            lines += [_FRAME[heading][pick].format(count=len(texts))]
            lines += [*(f"- {text}" for text in texts), ""]
    subject = config.notify.subject or _FRAME["subject"][pick]
    return subject, "\n".join([*lines, _FRAME["remedy"][pick], ""])


def _trouble(config: Config, kind: str, subject: str, **params: object) -> Trouble:
    words = _WORDS[kind][_pick(config.language)]
    return Trouble(kind, subject, words.format(subject=subject, **params))


def _local(iso: str, config: Config) -> str:
    return f"{datetime.fromisoformat(iso).astimezone(ZoneInfo(config.timezone)):%d/%m %H:%M}"


def _pick(language: Language) -> int:
    return 0 if language == "it" else 1
