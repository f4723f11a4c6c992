"""How many sightings a second storage records: `python -m benchmarks.sightings [--adverts N]`.

Prints, for SQLite and for a throw-away PostgreSQL, sightings a second of new, unchanged and re-read
adverts in batches as a crawl sends them (`pipelines.stages`: adverts by 50, unchanged cards by 200,
which are five list pages of 40), and the ratio to bare inserts of as many small rows, 50 to a
transaction, on the same database in the same run. Seconds are of the clock and of
the processor (this process and the database's own, which take turns): on a machine that does other
things the second says what a quiet one would do.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Table, Text, create_engine, insert

from config import load
from pipelines.stages import BATCH, UNCHANGED_BATCH
from records.adverts import Advert, UnchangedCard
from records.contacts import FoundContact, Span
from records.verdicts import PartitionOutcome, PartitionVerdict, RunOutcome
from storage import Store, create_store

START = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
_TEXT = "Buonasera, sono appena arrivata in zona e ricevo su appuntamento. " * 6


def adverts(count: int, at: datetime) -> list[Advert]:
    """Adverts of 400 characters with a number each."""
    made = []
    for number in range(count):
        raw = f"31{1 + number % 8} {number % 10}{number // 10 % 10:d}5{number % 997:03d}7"
        text = f"{_TEXT} Chiamami al {raw}"
        start = text.index(raw)
        contact = FoundContact(
            *("phone", f"+39311{number:07d}", "confirmed", "call", "text", raw, "plain", 0.99),
            line="mobile",
            span=Span(start, start + len(raw)),
        )
        made.append(
            Advert(
                *("bench", "all", str(number), f"https://bench.invalid/{number}", at, 1, 1),
                title=f"Annuncio {number}",
                text=text,
                card=f"Annuncio {number}",
                has_detail=True,
                city="Treviso",
                province="TV",
                language="it",
                contacts=(contact,),
            )
        )
    return made


Took = tuple[float, float]
"""Seconds of the clock, and of the processor."""


def sightings(store: Store, batches: Sequence[Sequence[Any]], at: datetime) -> Took:
    """How long it takes to record the batches in a run of their own."""
    run = store.start_run("bench", ["all"], at, slot=None, pid=1, host="bench")
    servers = _servers_worked()
    started, worked = time.perf_counter(), time.process_time()
    for batch in batches:
        store.record(run, batch)
    took, worked = time.perf_counter() - started, time.process_time() - worked
    worked += _servers_worked() - servers
    complete = PartitionOutcome("all", PartitionVerdict.COMPLETE)
    store.finish_run(run, at, RunOutcome((complete,)))
    return took, worked


def _servers_worked() -> float:
    """Processor seconds of the servers that this process has started."""
    ticks, servers = 0, _servers()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        # A backend's group is its server's, which this process has started.
        if int(fields[1]) in servers:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _servers() -> set[int]:
    here = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    return {int(pid) for pid in here.split()}


def growth(store: Store, count: int, first: datetime) -> float:
    """Bytes by which a run over an unchanged site makes the database grow, the mean of five:
    SQLite's file after a checkpoint, PostgreSQL's tables and indexes after VACUUM.
    """
    sizes = []
    for number in range(7):
        at = first + timedelta(hours=12 * number)
        cards = [UnchangedCard("bench", "all", str(n), at, 1, 1) for n in range(count)]
        sightings(store, _batches(cards), at)
        sizes.append(size(store))
    # What the first runs do to a full page is done once.
    return (sizes[-1] - sizes[1]) / 5


def size(store: Store) -> int:
    """Bytes of the database once what was deleted is given back."""
    database = store._vault.database
    database.reclaim()
    if database.sqlite:
        return Path(store.location).stat().st_size
    query = "SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables"
    with database.reading() as connection:
        return int(connection.exec_driver_sql(query).scalar_one())


def bare_inserts(url: str, count: int) -> float:
    """Seconds for `count` bare rows, `BATCH` a transaction."""
    engine = create_engine(url)
    table = Table("bare", MetaData(), Column("id", Integer, primary_key=True), Column("t", Text))
    table.create(engine)
    started = time.perf_counter()
    for first in range(0, count, BATCH):
        rows = [{"id": number, "t": "x" * 40} for number in range(first, first + BATCH)]
        with engine.begin() as connection:
            connection.execute(insert(table), rows)
    took = time.perf_counter() - started
    table.drop(engine)
    engine.dispose()
    return took


def measure(name: str, folder: Path, url: str | None, count: int) -> None:
    """Print one database's lines."""
    config_folder = folder / "config"
    config_folder.mkdir(parents=True)
    line = f'database_url = "{url}"\n' if url else ""
    (config_folder / "faro.toml").write_text(line)
    config = load(config_folder)
    with create_store(config, simulated=True, at=START) as store:
        bare = bare_inserts(config.database_url, count)
        later = START + timedelta(days=1)
        cards = [UnchangedCard("bench", "all", str(number), later, 1, 1) for number in range(count)]
        again = adverts(count, later + timedelta(days=1))
        timings = {
            "new": sightings(store, _batches(adverts(count, START)), START),
            "unchanged cards": sightings(store, _batches(cards), later),
            "read again, unchanged": sightings(store, _batches(again), again[0].seen_at),
        }
        grown = growth(store, count, START + timedelta(days=3))
        next_month = START + timedelta(days=40)
        cards = [UnchangedCard("bench", "all", str(n), next_month, 1, 1) for n in range(count)]
        timings["unchanged cards, new month's key"] = sightings(store, _batches(cards), next_month)
        print(f"{name}: bare inserts {count / bare:,.0f}/s")
        for what, (took, worked) in timings.items():
            print(
                f"  {what:34s} {count / took:9,.0f} sightings/s   {bare / took:5.2f} of bare   "
                f"{count / worked:9,.0f} a processor second"
            )
        print(f"  the database grows by {grown / 1000:.1f} kB a run over an unchanged site")
        for what, call in _readers(store):
            started = time.perf_counter()
            call()
            print(f"  {what:34s} {time.perf_counter() - started:9.2f} s for {count:,} adverts")


def _readers(store: Store) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "known_adverts", lambda: store.known_adverts("bench")
    yield "link_records", lambda: list(store.link_records())
    yield (
        "listing of a past day",
        lambda: store.listing("bench", START.date(), "Europe/Rome"),
    )


def _batches(items: Sequence[Any]) -> list[Sequence[Any]]:
    size = BATCH if isinstance(items[0], Advert) else UNCHANGED_BATCH
    return [items[first : first + size] for first in range(0, len(items), size)]


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of an empty database on a throw-away server."""
    postgres = beside_tests("postgres")
    with postgres.cluster() as cluster:
        yield cluster.url(cluster.create())


def beside_tests(name: str) -> ModuleType:
    """A module of the tests' folder."""
    path = Path(__file__).parents[1] / "tests" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path}: not found")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Measure both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--adverts", type=int, default=5000)
    count = parser.parse_args().adverts
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        measure("SQLite", folder / "sqlite", None, count)
        measure("PostgreSQL", folder / "pg", stack.enter_context(postgresql()), count)


if __name__ == "__main__":
    main()
