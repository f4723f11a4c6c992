"""The scheduler on screens: `faro schedule`, and its lines of `faro status`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from config import Config
from records.service import SchedulerLife
from records.stored import RunRecord
from scheduling.past import PastRun, past_runs
from scheduling.planning import idle_reason, paused_words, plan
from scheduling.rests import instant
from scheduling.timetable import AHEAD, LATE, Visit

SHOWN = timedelta(hours=24)
STALE_AFTER = timedelta(seconds=90)
"""The scheduler beats every 15 seconds (scheduler.py)."""
STARTED_ELSEWHERE = timedelta(hours=36)
"""Where no scheduler runs and a crawl was started since, cron starts them (docs/operations.md)."""


@dataclass(frozen=True, slots=True)
class SchedulerState:
    """Whether a scheduler is `alive`, so that what is planned happens; whether all is `well`, which
    it also is where crawls are started by cron; and how it is, in words.
    """

    alive: bool
    well: bool
    words: str


def schedule_screen(
    config: Config,
    now: datetime,
    runs: Mapping[str, Sequence[RunRecord]],
    state: SchedulerState | None = None,
) -> RenderableType:
    """What starts in the next 24 hours, then the sites that do not. `runs` are the last ones of
    each site, without which refusals and missed times are not known; `state` is the scheduler's.
    """
    zone = ZoneInfo(config.timezone)
    past = _past(runs)
    found = plan(config, past, now, now + SHOWN)
    until = (now + SHOWN).astimezone(zone)
    parts: list[RenderableType] = [
        Text(f"Until {until:%a %-d %b %H:%M}, {config.timezone}", style="bold"),
        *_asleep(state),
        *_clock_change(now, zone),
        _timetable(config, found, now, zone),
    ]
    idle = list(_idle(config, past, {each.site for each in found}, now))
    if idle:
        table = _table("not in these 24 hours", "")
        for site, why in idle:
            table.add_row(site, why)
        parts += [Text(""), table]
    return Group(*parts)


def _asleep(state: SchedulerState | None) -> Iterator[Text]:
    if state is not None and not state.alive:
        why = " (crawls are started otherwise)" if state.well else ""
        yield Text(f"No scheduler runs{why}: this is what one would do.", style="yellow")


def next_words(
    config: Config,
    now: datetime,
    runs: Mapping[str, Sequence[RunRecord]],
    state: SchedulerState,
) -> tuple[dict[str, str], str]:
    """When each site is crawled next, or why not; and what comes next of all."""
    zone, past = ZoneInfo(config.timezone), _past(runs)
    words: dict[str, str] = dict(_idle(config, past, set(), now))
    if not state.alive:
        words |= {each.site: "none planned" for each in plan(config, past, now, now + AHEAD)}
        return words, "nothing by itself: no scheduler runs"
    coming: list[tuple[datetime, str]] = [(at, what) for at, what, _ in _daily(config, now, zone)]
    seen: set[str] = set()
    for visit in plan(config, past, now, now + AHEAD):
        if visit.site not in seen:
            seen.add(visit.site)
            coming.append((visit.start, visit.site))
            note = visit.why.partition(":")[0]
            when = _day_and_time(visit.start, now, zone)
            words[visit.site] = f"{when} ({note})" if note else when
    first = [f"{_day_and_time(at, now, zone)} {what}" for at, what in sorted(coming)[:3]]
    return words, ", ".join(first) or "nothing is planned"


def scheduler_state(
    lives: Sequence[SchedulerLife],
    runs: Mapping[str, Sequence[RunRecord]],
    now: datetime,
    zone: ZoneInfo,
) -> SchedulerState:
    """How the scheduler is; `now` is real time, and so are the heartbeats of `runs`."""
    running = [life for life in lives if life.stopped_at is None]
    life = running[0] if running else lives[0] if lives else None
    if life is None or life.stopped_at is not None:
        return _not_running(life, runs, now, zone)
    where = f"process {life.pid} on {life.host}"
    seen = life.heartbeat_at.astimezone(zone)
    if now - life.heartbeat_at > STALE_AFTER:
        words = f"no sign of life since {seen:%d %b %H:%M} ({where}): start it again"
        return SchedulerState(False, False, words)
    since = f"running since {life.started_at.astimezone(zone):%d %b %H:%M} ({where})"
    if life.fault:
        faults = life.fault.splitlines()
        more = f" and {len(faults) - 1} more" if len(faults) > 1 else ""
        words = f"{since}, on the config of before: {faults[0]}{more}"
        return SchedulerState(True, False, words)
    return SchedulerState(True, True, since)


def _not_running(
    life: SchedulerLife | None,
    runs: Mapping[str, Sequence[RunRecord]],
    now: datetime,
    zone: ZoneInfo,
) -> SchedulerState:
    stopped = life.stopped_at if life is not None else None
    begun = [run.heartbeat_at for each in runs.values() for run in each if run.slot is None]
    last = max(begun, default=None)
    if last is not None and now - last < STARTED_ELSEWHERE and (not stopped or last > stopped):
        at = f"{last.astimezone(zone):%d %b %H:%M}"
        return SchedulerState(
            False, True, f"none: cron or a person starts crawls, the last at {at}"
        )
    if stopped is None:
        words = "never started: start it with `faro run`, or crawl by cron (docs/operations.md)"
    else:
        at = f"{stopped.astimezone(zone):%d %b %H:%M}"
        words = f"not running, stopped on {at}: start it with `faro run`"
    return SchedulerState(False, False, words)


def _past(runs: Mapping[str, Sequence[RunRecord]]) -> dict[str, list[PastRun]]:
    return {site: past_runs(records, datetime.now(UTC)) for site, records in runs.items()}


def _day_and_time(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    local, today = max(at, now).astimezone(zone), now.astimezone(zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%a %-d %b %H:%M}"


def _timetable(config: Config, found: Sequence[Visit], now: datetime, zone: ZoneInfo) -> Table:
    rows: list[tuple[datetime, str, str, str]] = [
        (visit.start, "crawl", visit.site, _note(config, visit, now)) for visit in found
    ]
    rows += [(at, what, "", note) for at, what, note in _daily(config, now, zone)]
    table = _table("time", "what", "site", "")
    shown = None
    for at, what, site, note in sorted(rows):
        local = max(at, now).astimezone(zone)
        if local.date() != shown:
            shown = local.date()
            table.add_row(Text(f"{local:%a %-d %b}", style="dim"), "", "", "")
        table.add_row(f"{local:%H:%M} {_offset(local, now, zone)}".rstrip(), what, site, note)
    if not rows:
        table.add_row("", "nothing", "", "")
    return table


def _daily(config: Config, now: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, str, str]]:
    local = now.astimezone(zone)
    units = ", ".join(unit.id for unit in config.units) or "no units yet"
    for day in (local.date(), local.date() + timedelta(days=1)):
        for what, local_time, note in (
            ("match and report", config.schedule.report_at, units),
            ("retention and backup", config.schedule.upkeep_at, ""),
        ):
            at = instant(day, local_time, zone)
            if now < at <= now + SHOWN:
                yield at, what, note


def _note(config: Config, visit: Visit, now: datetime) -> str:
    """Why it does not start at its own time, and what that was."""
    zone = ZoneInfo(config.sites[visit.site].timezone)
    notes = [visit.why]
    if not visit.why and now - visit.start > LATE:
        notes = ["catch-up: its time was missed"]
    if notes[0] and "again" not in visit.slot:
        notes.append(f"due {visit.slot[5:] if now - visit.due > LATE else visit.slot[11:]}")
    if config.sites[visit.site].timezone != config.timezone:
        notes.append(f"{visit.start.astimezone(zone):%H:%M} in {zone.key}")
    return "; ".join(note for note in notes if note)


def _idle(
    config: Config, past: Mapping[str, Sequence[PastRun]], shown: set[str], now: datetime
) -> Iterator[tuple[str, str]]:
    zone = ZoneInfo(config.timezone)
    later = {visit.site: visit for visit in reversed(plan(config, past, now, now + AHEAD))}
    for site in config.sites.values():
        if site.id in shown:
            continue
        runs = past.get(site.id, ())
        why = idle_reason(config, site, now) or paused_words(config, site, now)
        if why is None and runs and runs[0].running:
            why = f"being crawled since {runs[0].started.astimezone(zone):%H:%M}"
        if why is None:
            visit = later.get(site.id)
            why = (
                f"{visit.start.astimezone(zone):%a %-d %b %H:%M}"
                if visit
                else "its blackouts leave it no time"
            )
        yield site.id, why


def _clock_change(now: datetime, zone: ZoneInfo) -> Iterator[Text]:
    before = now.astimezone(zone).utcoffset() or timedelta()
    after = (now + SHOWN).astimezone(zone).utcoffset() or timedelta()
    if after != before:
        way = "back" if after < before else "forward"
        yield Text(
            f"The clocks go {way}: times between 01:00 and 03:30 are doubtful; each starts once.",
            style="yellow",
        )


def _offset(local: datetime, now: datetime, zone: ZoneInfo) -> str:
    """The zone's short name, on the day on which it changes."""
    changes = (now.astimezone(zone).utcoffset()) != ((now + SHOWN).astimezone(zone).utcoffset())
    return local.tzname() or "" if changes else ""


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
