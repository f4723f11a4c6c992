"""The demo: the main job end to end on a simulated town, day after day, then how well it did."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from datetime import time as day_time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from config import Config, load
from config.clock import Clock
from crawlers.browser import MISSING_BROWSER, find_chromium
from crawlers.process import crawl_many
from demo.folder import DemoFolder, prepare, write_config, write_truth
from demo.incidents import Incidents, usual_incidents
from demo.mornings import morning, published_flags
from demo.score import KindScore, PublishedFlag, Share, score
from demo.sites import SiteServers
from demo.town import ALL_SITES, Town
from outreach.writing import write_report
from records.flags import FlagKind
from storage import create_store, open_store

SEED = 20260105
START = date(2026, 1, 5)
CRAWL_AT = day_time(5, 30, tzinfo=UTC)
REPORT_AT = day_time(6, 0, tzinfo=UTC)
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Summary:
    """What the demo measured. `renumbered` are the returns with a number never shown before, and
    how many were told; `report` is the latest report's page; `seconds` is wall time.
    """

    adverts: int
    profiles: int
    scores: Mapping[FlagKind, KindScore]
    renumbered: Share
    seconds: float
    report: Path
    days: int
    seed: int
    sites: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The contract's shape (DESIGN.md, `faro demo`), with the counts behind the shares."""
        flags: dict[str, dict[str, Any]] = {
            kind.value: {
                "precision": each.precision,
                "recall": each.recall,
                "published": each.published,
                "true": each.true,
                "matched": each.matched,
            }
            for kind, each in self.scores.items()
        }
        flags[FlagKind.REAPPEARED.value]["with_a_new_number"] = {
            "recall": self.renumbered.value,
            "true": self.renumbered.total,
            "matched": self.renumbered.matched,
        }
        return {
            "adverts": self.adverts,
            "profiles": self.profiles,
            "flags": flags,
            "days": self.days,
            "seed": self.seed,
            "sites": list(self.sites),
            "seconds": round(self.seconds, 1),
            "report": str(self.report),
        }


def run_demo(
    directory: Path,
    *,
    days: int = 30,
    adverts: int = 500,
    seed: int = SEED,
    start: date = START,
    browser: bool = True,
    console: Console,
) -> Summary:
    """Simulate `days` days of a town with about `adverts` adverts, into `directory`.

    Each day all sites are crawled, what changed is matched and the report is published; in the end
    the flags are compared with the truth. With `browser` false, or where none is found, sites that
    need one are left out, of the truth too. Raises DemoError when `directory` is in use for
    something else, and SystemExit(130) when interrupted.
    """
    begun = time.monotonic()
    folder = prepare(directory)
    try:
        town = Town(seed, adverts, days, start)
        incidents = usual_incidents(days)
        with SiteServers(town, incidents) as servers:
            config = _configured(folder, servers.ports, browser, console)
            published = _simulate(folder, town, servers, incidents, config, console)
    except KeyboardInterrupt:
        console.print(f"stopped; {directory} holds the days so far, `faro demo` starts anew")
        raise SystemExit(INTERRUPTED) from None
    summary = _summary(folder, town, config, published, begun)
    folder.summary.write_text(json.dumps(summary.as_json(), indent=2) + "\n", "utf-8")
    console.print(_table(summary))
    console.print(f"The latest report: {summary.report}")
    return summary


def _configured(
    folder: DemoFolder, ports: Mapping[str, int], browser: bool, console: Console
) -> Config:
    """The demo's config; sites that need a browser are disabled where there is none."""
    write_config(folder, ports, left_out=())
    config = load(folder.config)
    if browser and find_chromium(config) is not None:
        return config
    if browser:
        console.print(MISSING_BROWSER)
    rendered = [site.id for site in config.sites.values() if site.fetch == "browser"]
    write_config(folder, ports, left_out=rendered)
    return load(folder.config)


def _simulate(
    folder: DemoFolder,
    town: Town,
    servers: SiteServers,
    incidents: Incidents,
    config: Config,
    console: Console,
) -> list[PublishedFlag]:
    """All days; returns what the reports told."""
    sites = _enabled(config)
    write_truth(folder, town, sites)
    create_store(config, simulated=True, at=datetime.combine(town.start, CRAWL_AT)).close()
    published: list[PublishedFlag] = []
    with _progress(console, town.days) as bar:
        for number in range(town.days):
            day = town.day(number)
            servers.show(day)
            bar.step(day, "crawling")
            clock = Clock(datetime.combine(day, CRAWL_AT))
            for result in crawl_many(config, sites, clock, concurrency=config.crawler.concurrency):
                if not result.complete and not incidents.on(result.site, number):
                    bar.say(f"{day}, {result.site}: {result.sentence()}")
            bar.step(day, "matching and reporting")
            published += _report(folder, config, day)
            bar.done(number + 1, len(published))
    return published


def _report(folder: DemoFolder, config: Config, day: date) -> list[PublishedFlag]:
    """Match what the day's crawls changed, publish its reports and write them."""
    now = datetime.combine(day, REPORT_AT)
    told = []
    with open_store(config, Clock(now)) as store:
        for document in morning(store, config, day, now):
            write_report(document, ("html", "json"), folder.reports, folder=folder.reports)
            told += published_flags(document)
    return told


def _enabled(config: Config) -> tuple[str, ...]:
    return tuple(site for site in ALL_SITES if config.sites[site].enabled)


def _summary(
    folder: DemoFolder,
    town: Town,
    config: Config,
    published: list[PublishedFlag],
    begun: float,
) -> Summary:
    sites = _enabled(config)
    now = datetime.combine(town.day(town.days - 1), REPORT_AT)
    with open_store(config, Clock(now)) as store:
        status = store.status()
    outcome = score(published, town.events(sites), town.owners)
    return Summary(
        adverts=sum(status.adverts.values()),
        profiles=status.profiles,
        scores=outcome.scores,
        renumbered=outcome.renumbered,
        seconds=time.monotonic() - begun,
        report=max(folder.reports.glob("*.html"), key=lambda path: path.name),
        days=town.days,
        seed=town.seed,
        sites=sites,
    )


def _table(summary: Summary) -> Table:
    table = Table(
        title=f"{summary.adverts} adverts, {summary.profiles} profiles, {summary.days} days, "
        f"{summary.seconds:.0f} s",
        title_justify="left",
        box=None,
    )
    table.add_column("flag")
    for heading in ("published", "true", "right", "precision", "recall"):
        table.add_column(heading, justify="right")
    for kind in (FlagKind.NEW, FlagKind.REAPPEARED, FlagKind.NEW_NUMBER, FlagKind.MOVED):
        each = summary.scores[kind]
        counts = (str(each.published), str(each.true), str(each.matched))
        table.add_row(kind.value, *counts, _share(each.precision), _share(each.recall))
        if kind is FlagKind.REAPPEARED:
            found = summary.renumbered
            counts = ("", str(found.total), str(found.matched))
            table.add_row("  with a new number", *counts, "", _share(found.value))
    return table


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


class _Bar:
    """Days done and the current step; on no terminal a line every five days."""

    def __init__(self, progress: Progress, console: Console, days: int) -> None:
        self._progress, self._console, self._days = progress, console, days
        self._task = progress.add_task("starting", total=days)

    def step(self, day: date, what: str) -> None:
        """Say what is being done."""
        self._progress.update(self._task, description=f"{day}: {what}")

    def say(self, line: str) -> None:
        """A line above the bar."""
        self._console.print(line, markup=False)

    def done(self, days: int, flags: int) -> None:
        """A day is over; `flags` have been published so far."""
        self._progress.update(self._task, completed=days)
        if not self._console.is_terminal and (days % 5 == 0 or days == self._days):
            self._console.print(f"day {days} of {self._days}, {flags} flags so far")


@contextmanager
def _progress(console: Console, days: int) -> Iterator[_Bar]:
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    described = TextColumn("{task.description}")
    with Progress(
        *columns, described, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        yield _Bar(progress, console, days)
