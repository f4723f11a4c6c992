"""`faro schedule`: the next 24 hours in local time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from config import Config
from records.stored import RunRecord
from scheduling.past import PastRun, past_runs
from scheduling.planning import idle_reason, paused_words, plan
from scheduling.timetable import AHEAD, LATE, Visit

SHOWN = timedelta(hours=24)


def schedule_screen(
    config: Config, now: datetime, runs: Mapping[str, Sequence[RunRecord]]
) -> RenderableType:
    """What starts in the next 24 hours, then the sites that do not. `runs` are the last ones of
    each site, without which refusals and missed times are not known.
    """
    zone = ZoneInfo(config.timezone)
    past = {site: past_runs(records, datetime.now(UTC)) for site, records in runs.items()}
    found = plan(config, past, now, now + SHOWN)
    until = (now + SHOWN).astimezone(zone)
    parts: list[RenderableType] = [
        Text(f"Until {until:%a %-d %b %H:%M}, {config.timezone}", style="bold"),
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
        at = datetime.combine(day, config.schedule.report_at, zone).astimezone(UTC)
        if now < at <= now + SHOWN:
            yield at, "match and report", units


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
