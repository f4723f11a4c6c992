"""How long a pass over what changed takes: `python -m benchmarks.incremental`.

For each of `--adverts` (default 20,000 to 1,000,000) a database is made in bulk and kept in
`--folder`, so that a repetition costs nothing (benchmarks/prepared.py); then `faro match` runs as a
command on a copy of it, for `--new` adverts never seen before and `--changed` known ones. Seconds
are of the clock and of processors (the command's, its helper's with it, and PostgreSQL's own),
memory is the command's.
`--check` then links everything anew under the same rarity table and compares the profiles: once
with the links by what edited adverts said before, which the database holds, and once without.
`--refresh` runs `faro match --all` after it, which counts the table anew; with `--counted 0.8` the
old one is as old as it gets, and the share of profiles that changes is the most that there is.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.prepared import Corpus, configured, corpus, prepare
from benchmarks.sightings import beside_tests
from config import load
from config.clock import Clock
from matching import index as files
from matching.columns import columns_of
from matching.increment import Known, LinkedPass
from matching.intake import parts
from matching.link import link_columns
from matching.model import WEIGHTS
from records.judgements import decisions
from storage import open_store

_COMMAND = "import sys; from cli import main; sys.exit(main())"
_READY, _RUN = "ready", "run"


@dataclass(frozen=True)
class Case:
    """One size, in its folder below `kept`."""

    kept: Path
    adverts: int
    new: int
    changed: int
    counted: float

    @property
    def folder(self) -> Path:
        """Where its databases are kept."""
        return self.kept / f"{self.adverts}-{self.new}-{self.changed}-{self.counted}"

    @cached_property
    def corpus(self) -> Corpus:
        """Its adverts, linked."""
        started = time.perf_counter()
        made = corpus(self.adverts, self.new, self.changed, self.counted)
        made.linked  # noqa: B018 - its time is told with the corpus's
        _tell(f"{self.adverts:,} adverts made and linked: {time.perf_counter() - started:.0f} s")
        return made

    def prepared(self, name: str, url: str | None) -> Path:
        """The folder of the database called `name`, made when it is not there yet."""
        ready = self.folder / name
        if not (ready / "at").exists():
            shutil.rmtree(ready, ignore_errors=True)
            made = self.corpus
            started = time.perf_counter()
            prepare(ready, url, made)
            _tell(f"{name} filled: {time.perf_counter() - started:.0f} s")
        return ready


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Server:
    """A PostgreSQL whose databases stay."""

    cluster: Any

    def busy(self) -> float:
        """Seconds of processors that connections which are closed by now have used."""
        pid = (self.cluster.folder / "data" / "postmaster.pid").read_text().split()[0]
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(told[13]) + int(told[14])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def copied(case: Case, database: str) -> Iterator[tuple[Path, Server | None]]:
    """A copy of the prepared database, to be matched."""
    with tempfile.TemporaryDirectory(dir=case.kept) as place:
        run = Path(place) / _RUN
        if database == "sqlite":
            shutil.copytree(case.prepared(database, None), run)
            os.sync()  # what the copy has still to write is no work of the pass
            yield run, None
            return
        with beside_tests("postgres").cluster(case.folder / "server") as cluster:
            if not (case.folder / database / "at").exists():
                cluster.drop(_READY)
                cluster.create(name=_READY)
            shutil.copytree(case.prepared(database, cluster.url(_READY)), run)
            cluster.drop(_RUN)
            configured(run, cluster.url(cluster.create(_READY, _RUN)))
            os.sync()
            yield run, Server(cluster)
            cluster.drop(_RUN)


@dataclass(frozen=True)
class Used:
    """What a command used: seconds of the clock and of processors, GiB; and what it said."""

    wall: float
    work: float
    memory: float
    said: str


def faro(run: Path, *arguments: str) -> Used:
    """Run the command on an installation at its time."""
    started = time.perf_counter()
    command = [sys.executable, "-c", _COMMAND, "--config", str(run / "config")]
    command += ["--now", (run / "at").read_text(), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    said = process.stdout.read().strip()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"faro {' '.join(arguments)}: exit status {process.returncode}")
    wall, work = time.perf_counter() - started, used.ru_utime + used.ru_stime
    _tell(f"faro {' '.join(arguments)}: {said}")
    return Used(wall, work, used.ru_maxrss / 2**20, said)


def measured(case: Case, database: str, *, check: bool, refresh: bool) -> str:
    """A row of the table."""
    with copied(case, database) as (run, server):
        before = server.busy() if server else 0.0
        used = faro(run, "match")
        its = f"{server.busy() - before:.1f}" if server else ""
        row = [database, f"{case.adverts:,}", f"{case.new + case.changed:,}"]
        row += [f"{used.wall:.1f}", f"{used.work:.1f}", its, f"{used.memory:.2f}"]
        if check:
            row += map(str, _differing(run))
        if refresh:
            told = faro(run, "match", "--all").said
            row.append(told.partition("known profiles changed (")[2].partition(")")[0])
        return f"| {' | '.join(row)} |"


def _differing(run: Path) -> tuple[int, int]:
    """How many adverts are in a profile that a linking of everything does not make: one that knows
    what edited adverts said before, as passes do; and one that knows only what all say now.
    """
    at = datetime.fromisoformat((run / "at").read_text())
    with open_store(load(run / "config"), Clock(at)) as store:
        index = files.opened(store)
        assert index is not None
        linked = link_columns(columns_of(list(parts(store.link_records())), index.rarity))
        joined, edited = store.memberships(), store.edited_adverts()
        known = Known(joined, store.links(), edited, decisions(store.judgements()), store.parts)
        everyone = np.ones(len(linked.columns), dtype=np.bool_)
        scored = replace(linked.scored, probability=linked.alone)
        knowing = LinkedPass(linked.columns, scored, everyone, ~everyone, known, WEIGHTS, at)
    ids = [int(name) for name in linked.columns.ids]
    passed = _groups(ids, [joined[each].profile for each in ids])
    batches = (_groups(ids, each.cluster.tolist()) for each in (knowing, linked))
    unexplained, differing = (sum(map(len, passed - batch)) for batch in batches)
    return unexplained, differing


def _groups(ids: Sequence[int], labels: Sequence[int]) -> set[frozenset[int]]:
    groups: dict[int, list[int]] = {}
    for each, label in zip(ids, labels, strict=True):
        groups.setdefault(label, []).append(each)
    return {frozenset(group) for group in groups.values()}


def main() -> None:
    """Print a row for each size and database."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--adverts", default="20000,100000,300000,1000000")
    parser.add_argument("--new", type=int, default=4_000)
    parser.add_argument("--changed", type=int, default=1_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"))
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "faro-passes")
    parser.add_argument("--counted", type=float, default=1.0, help="share in the rarity table")
    parser.add_argument("--refresh", action="store_true", help="then count a new rarity table")
    parser.add_argument("--check", action="store_true", help="compare the profiles with a batch's")
    chosen = parser.parse_args()
    head = ["database", "adverts", "waiting", "s", "s of the processor", "and of PostgreSQL", "GiB"]
    head += ["adverts in other profiles", "without what was said before"] if chosen.check else []
    head += ["profiles changed by a new table"] if chosen.refresh else []
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}\n", end="", flush=True)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for adverts in map(int, chosen.adverts.split(",")):
        case = Case(chosen.folder, adverts, chosen.new, chosen.changed, chosen.counted)
        for database in ("sqlite", "postgresql"):
            if chosen.database in (None, database):
                row = measured(case, database, check=chosen.check, refresh=chosen.refresh)
                print(row, flush=True)


if __name__ == "__main__":
    main()
