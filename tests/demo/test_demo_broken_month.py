"""Thirty days in which one crawl in ten breaks: the flags are those of the unbroken days, later.

Nothing else may differ: nobody new by mistake, nobody back who was never away, nobody forgotten.
What no unbroken crawl ever saw (a person shown on one day only, and that crawl broke) can't be
told; the truth of what could be seen says which flags those are.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from config import Config, SiteFile, load
from config.clock import Clock
from crawlers.process import crawl_many
from demo.feeding import Feeder, _partition
from demo.folder import prepare, write_config
from demo.incidents import Incidents
from demo.mornings import morning, published_flags
from demo.score import PublishedFlag
from demo.sites import SiteServers
from demo.sites.page import Answer, refused
from demo.sites.server import RESPONDERS
from demo.town import ALL_SITES, Showing, Town
from demo.truth import Seen, events_of
from records.flags import FlagKind
from records.verdicts import PartitionOutcome, PartitionVerdict, RunOutcome
from storage import Store, create_store, open_store

START = date(2026, 1, 5)
CRAWL_AT, REPORT_AT = time(5, 30, tzinfo=UTC), time(6, 0, tzinfo=UTC)
KINDS = ("blocked", "partial", "killed", "drift")
SHARE = 0.1
CRAWLED = ("piazzetta", "lanterna", "specchio")

Broken = Mapping[tuple[str, int], str]
Told = dict[tuple[FlagKind, str], list[date]]


def broken_runs(seed: int, sites: tuple[str, ...], days: int) -> Broken:
    """A tenth of the runs, drawn at random, the first day's too; and how each of them breaks."""
    rng = Random(f"{seed}/broken")
    runs = [(site, day) for site in sites for day in range(days)]
    return {run: rng.choice(KINDS) for run in rng.sample(runs, round(SHARE * len(runs)))}


class BrokenFeeder(Feeder):
    """Tells a town as crawls do of which some break: refused, half read, killed, drifted."""

    def __init__(self, town: Town, sites: Mapping[str, SiteFile], broken: Broken) -> None:
        super().__init__(town, sites, Incidents())
        self._broken = broken

    def _crawl_site(
        self, store: Store, site: str, showings: tuple[Showing, ...], number: int, at: datetime
    ) -> None:
        kind = self._broken.get((site, number))
        if kind is None:
            super()._crawl_site(store, site, showings, number, at)
            return
        partitions = [start.id for start in self._sites[site].list.start]
        run = store.start_run(site, partitions, at, slot=None, pid=0, host="demo")
        read = showings[: len(showings) // 2] if kind in {"partial", "killed"} else ()
        items = []
        for position, each in enumerate(read, 1):
            partition = _partition(site, each.place.province)
            items.append(self._read(site, partition, each, position, at))
            self._listed[site][each.ad_id] = partition
        store.record(run, items)
        if kind != "killed":
            verdict = PartitionVerdict(kind)
            outcomes = tuple(PartitionOutcome(name, verdict, cards=9) for name in partitions)
            store.finish_run(run, at, RunOutcome(outcomes))


def flags_told(town: Town, flags: list[PublishedFlag]) -> Told:
    """Who was flagged as what, and when."""
    told: Told = {}
    for flag in flags:
        for person in sorted({town.owners[key] for key in flag.adverts}):
            told.setdefault((flag.kind, person), []).append(flag.day)
    return told


def visible_events(town: Town, sites: tuple[str, ...], broken: Broken) -> Told:
    """What is true of what unbroken crawls could see, and since when."""
    days = []
    for number in range(town.days):
        seen: dict[str, Seen] = {}
        for site, showings in town.on(town.day(number)).items():
            for each in showings if site in sites and (site, number) not in broken else ():
                before = seen.get(each.person, Seen(frozenset(), frozenset()))
                seen[each.person] = Seen(
                    before.numbers | each.numbers, before.provinces | {each.place.province}
                )
        days.append(seen)
    events: Told = {}
    for event in events_of(town.start, days):
        events.setdefault((event.kind, event.person), []).append(event.day)
    return events


def differences(clean: Told, told: Told, seen: Told, truth: Told) -> dict[str, set[Any]]:
    """Flags that broken crawls added, lost or told too early; but for what nobody could see.

    One told sooner than by unbroken crawls is too early only while it is not true: of two adverts
    of hers whose link is doubtful, the second waits a week, and so does the first where both are
    seen on one day.
    """
    unseen = truth.keys() ^ seen.keys()
    persons = {person for _, person in unseen}
    both = clean.keys() & told.keys()
    return {
        "added": {key for key in told.keys() - clean.keys() if key[1] not in persons},
        "lost": {key for key in clean.keys() - told.keys() if key[1] not in persons},
        "early": {
            key
            for key in both
            if min(told[key]) < min(clean[key])
            and not any(day <= min(told[key]) for day in truth.get(key, ()))
        },
    }


def configured(folder: Path, ports: Mapping[str, int], left_out: tuple[str, ...] = ()) -> Config:
    demo = prepare(folder)
    write_config(demo, ports, left_out=left_out)
    return load(demo.config)


def fed(folder: Path, town: Town, sites: tuple[str, ...], broken: Broken) -> list[PublishedFlag]:
    config = configured(folder, dict.fromkeys(ALL_SITES, 1))
    feeder = BrokenFeeder(town, {site: config.sites[site] for site in sites}, broken)
    told: list[PublishedFlag] = []
    with create_store(config, simulated=True, at=datetime.combine(START, CRAWL_AT)) as store:
        for number in range(town.days):
            day = town.day(number)
            feeder.crawl(store, number, datetime.combine(day, CRAWL_AT))
            for document in morning(store, config, day, datetime.combine(day, REPORT_AT)):
                told += published_flags(document)
    return told


def compared(town: Town, sites: tuple[str, ...], broken: Broken, clean: Told, told: Told) -> None:
    truth, seen = (visible_events(town, sites, each) for each in ({}, broken))
    assert differences(clean, told, seen, truth) == {"added": set(), "lost": set(), "early": set()}
    assert any(kind is FlagKind.NEW for kind, _ in told)
    assert any(kind is FlagKind.REAPPEARED for kind, _ in told)


def test_three_weeks_with_a_tenth_of_their_runs_broken(tmp_path: Path) -> None:
    """Told straight to storage: verdicts, ageing, the gate, matching, flags and reports."""
    sites = ("piazzetta", "lanterna")
    town = Town(20, 30, 20, START)
    broken = broken_runs(20, sites, town.days)
    clean = flags_told(town, fed(tmp_path / "clean", town, sites, {}))
    told = flags_told(town, fed(tmp_path / "broken", town, sites, broken))
    compared(town, sites, broken, clean, told)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(11, 15))
def test_a_month_with_a_tenth_of_its_runs_broken(tmp_path: Path, seed: int) -> None:
    town = Town(seed, 150, 30, START)
    broken = broken_runs(seed, ALL_SITES, town.days)
    clean = flags_told(town, fed(tmp_path / "clean", town, ALL_SITES, {}))
    compared(
        town,
        ALL_SITES,
        broken,
        clean,
        flags_told(town, fed(tmp_path / "broken", town, ALL_SITES, broken)),
    )


def sabotaged(servers: SiteServers, site: str, kind: str | None) -> None:
    """Let a site answer as it should, or as it does on a bad day."""
    server = servers._servers[site]
    respond, asked = RESPONDERS[site], iter(range(10_000))

    def broken(path: str, query: Mapping[str, str], view: Any) -> Answer:
        number = next(asked)
        # The aggregator's list may be one page: half of it is all of it.
        if kind == "blocked" or (kind == "partial" and (number > 0 or site == "specchio")):
            return refused()
        if kind == "killed" and number == 0:
            kill_crawl(site)
        found = respond(path, query, view)
        return replace(found, body=found.body.replace("<a", "<span")) if kind == "drift" else found

    server.respond = respond if kind is None else broken


def kill_crawl(site: str) -> None:
    for child in multiprocessing.active_children():
        if child.name == f"faro crawl {site}" and child.pid is not None:
            os.killpg(child.pid, signal.SIGKILL)


def crawled(folder: Path, town: Town, broken: Broken) -> list[PublishedFlag]:
    """The same, through real crawls of the town's sites; those that need a browser are left out."""
    told: list[PublishedFlag] = []
    with SiteServers(town, Incidents()) as servers:
        config = configured(folder, servers.ports, left_out=("girandola",))
        create_store(config, simulated=True, at=datetime.combine(START, CRAWL_AT)).close()
        for number in range(town.days):
            day = town.day(number)
            servers.show(day)
            for site in CRAWLED:
                sabotaged(servers, site, broken.get((site, number)))
            results = crawl_many(config, CRAWLED, Clock(datetime.combine(day, CRAWL_AT)))
            complete = {each.site: each.complete for each in results}
            assert complete == {site: (site, number) not in broken for site in CRAWLED}, results
            now = datetime.combine(day, REPORT_AT)
            with open_store(config, Clock(now)) as store:
                for document in morning(store, config, day, now):
                    told += published_flags(document)
    return told


@pytest.mark.long
def test_a_month_of_crawls_of_which_a_tenth_break(tmp_path: Path) -> None:
    town = Town(11, 80, 30, START)
    broken = broken_runs(11, CRAWLED, town.days)
    clean = flags_told(town, crawled(tmp_path / "clean", town, {}))
    compared(
        town, CRAWLED, broken, clean, flags_told(town, crawled(tmp_path / "broken", town, broken))
    )
