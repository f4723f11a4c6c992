"""The plan for all sites: their visits, and why some have none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from config import Config, SiteFile, crawl_obstacle, timings
from scheduling.past import PastRun
from scheduling.rests import pause_of
from scheduling.timetable import AHEAD, Visit, visits


def site_visits(
    config: Config,
    site: SiteFile,
    past: Sequence[PastRun],
    *,
    since: datetime,
    now: datetime,
    until: datetime | None = None,
) -> Iterator[Visit]:
    """The crawls of a site that start up to `until` (by default as far as planning looks)."""
    if idle_reason(config, site, now) is not None:
        return iter(())
    zone, until = ZoneInfo(site.timezone), until or now + AHEAD
    timing = timings(config, site)
    return visits(site.id, timing, zone, past, since=since, now=now, until=until)


def idle_reason(config: Config, site: SiteFile, now: datetime) -> str | None:
    """Why a site is not crawled by itself at all; None when it is, or when it is only paused."""
    if not site.enabled:
        return "enabled = false"
    if (obstacle := crawl_obstacle(config, site, now.date())) is not None:
        return obstacle
    return None if timings(config, site).at else "by hand only: [schedule] names no times"


def paused_words(config: Config, site: SiteFile, now: datetime) -> str | None:
    """`paused until 23 Aug`, or None."""
    last = pause_of(timings(config, site), now.astimezone(ZoneInfo(site.timezone)).date())
    return f"paused until {last:%-d %b %Y}" if last else None


def plan(
    config: Config,
    past: Mapping[str, Sequence[PastRun]],
    now: datetime,
    until: datetime,
) -> list[Visit]:
    """Every crawl that starts up to `until`, by time; what is overdue comes first."""
    found = [
        visit
        for site in config.sites.values()
        for visit in site_visits(
            config, site, past.get(site.id, ()), since=now, now=now, until=until
        )
    ]
    return sorted(found)
