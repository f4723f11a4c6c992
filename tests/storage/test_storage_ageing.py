"""Ageing: what a run proves of adverts that it did not see; and the whole against a plain model."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stage import advert, begin, crawl, day, finish, states

from records.verdicts import PartitionOutcome, PartitionVerdict, RunOutcome
from storage import Store

V = PartitionVerdict

AGEING = [
    # (story, runs after one at day 0 that saw the advert: (day, verdict, gone), expected state)
    ("missed once", [(1, V.COMPLETE, False)], "missing"),
    ("missed twice, a day later", [(1, V.COMPLETE, False), (2, V.COMPLETE, False)], "absent"),
    ("twice within a day", [(0.2, V.COMPLETE, False), (0.9, V.COMPLETE, False)], "missing"),
    (
        "three times, the last a day later",
        [(0.2, V.COMPLETE, False), (0.9, V.COMPLETE, False), (1, V.COMPLETE, False)],
        "absent",
    ),
    ("its detail page is gone", [(0.1, V.COMPLETE, True)], "absent"),
    ("gone in a partial run", [(0.1, V.PARTIAL, True)], "absent"),
    ("gone in a blocked run", [(0.1, V.BLOCKED, True)], "absent"),
    *(
        (f"a {verdict} run proves nothing", [(d, verdict, False) for d in range(1, 9)], "active")
        for verdict in V
        if verdict is not V.COMPLETE
    ),
    (
        "incomplete runs do not interrupt the proof",
        [(1, V.COMPLETE, False), (2, V.PARTIAL, False), (3, V.COMPLETE, False)],
        "absent",
    ),
]


@pytest.mark.parametrize(("runs", "expected"), [c[1:] for c in AGEING], ids=[c[0] for c in AGEING])
def test_ageing(store: Store, runs: list[tuple[float, V, bool]], expected: str) -> None:
    crawl(store, day(0), ["1", "witness"])
    for at, verdict, gone in runs:
        crawl(store, day(at), ["witness"], verdict, gone=["1"] if gone else [])
    assert states(store) == {"1": expected, "witness": "active"}


def test_a_sighting_starts_the_count_anew(store: Store) -> None:
    crawl(store, day(0), ["1"])
    crawl(store, day(1))
    crawl(store, day(2), ["1"], V.PARTIAL)
    crawl(store, day(3))
    assert states(store) == {"1": "missing"}
    crawl(store, day(4))
    assert states(store) == {"1": "absent"}


def test_an_advert_listed_in_this_run_is_never_aged(store: Store) -> None:
    crawl(store, day(0), ["1"])
    crawl(store, day(1), ["1"], gone=["1"])
    assert states(store) == {"1": "active"}


def test_only_its_own_partition_ages_an_advert(store: Store) -> None:
    both = ["treviso", "padova"]
    crawl(store, day(0), ["1"], partitions=both)
    for at in (1, 2, 3):
        run = begin(store, day(at), ["padova"])
        finish(store, run, day(at), partitions=["padova"])
    assert states(store) == {"1": "active"}


def test_a_day_begins_with_its_midnight(store: Store) -> None:
    midnight = datetime(2026, 3, 1, 23, tzinfo=UTC)  # in Rome the 2nd begins
    crawl(store, midnight, ["1"])
    crawl(store, midnight + timedelta(hours=1))
    listed, _ = store.listing("bakeca", date(2026, 3, 2), "Europe/Rome")
    assert [(each.ad_id, each.status) for each in listed] == [("1", "seen")]
    assert store.listing("bakeca", date(2026, 3, 1), "Europe/Rome")[0] == []


def test_gone_of_an_advert_that_nobody_knows(store: Store) -> None:
    crawl(store, day(0), ["1"], gone=["never seen"])
    assert states(store) == {"1": "active"}


def test_an_absent_advert_stays_as_it_is(store: Store) -> None:
    crawl(store, day(0), ["1"])
    for at in (1, 2, 3, 4):
        crawl(store, day(at), gone=["1"] if at == 4 else [])
    (stored,) = store.current_adverts("bakeca")
    (history,) = store.advert_histories([stored.advert]).values()
    assert [(each.declared_at, each.proof) for each in history.absences] == [(day(2), "runs")]


# A plain model: it remembers every sighting and every run, and answers from those.

ADS = "abc"
PARTS = ("treviso", "padova")
ROME = ZoneInfo("Europe/Rome")
WEEK = timedelta(days=7)


@dataclass
class Run:
    """One run: per partition the verdict, what was seen (ad, partition, content), and which detail
    pages were gone or still stood.
    """

    at: datetime
    verdicts: dict[str, V]
    seen: list[tuple[str, str, str]]
    gone: set[str]
    alive: set[str]


@dataclass
class Interval:
    content: str
    partition: str
    first: datetime
    last: datetime
    run: int
    closed: datetime | None = None


@dataclass
class Model:
    runs: list[Run] = field(default_factory=list)
    intervals: dict[str, list[Interval]] = field(default_factory=lambda: defaultdict(list))
    state: dict[str, str] = field(default_factory=dict)
    missed: dict[str, int] = field(default_factory=dict)
    where: dict[str, str] = field(default_factory=dict)
    last: dict[str, datetime] = field(default_factory=dict)
    absences: dict[str, list[list[object]]] = field(default_factory=lambda: defaultdict(list))

    def play(self, run: Run) -> None:
        self.runs.append(run)
        number = len(self.runs)
        for ad, part, content in run.seen:
            held = [i for i in self.intervals[ad] if i.partition == part and i.closed is None]
            if held and held[0].content == content:
                held[0].last, held[0].run = run.at, number
            else:
                for each in held:
                    each.closed = run.at
                self.intervals[ad].append(Interval(content, part, run.at, run.at, number))
            if self.state.get(ad) == "absent":
                self.absences[ad][-1][2] = run.at
            self.state[ad], self.missed[ad] = "active", 0
            self.where[ad], self.last[ad] = part, run.at
        seen_now = {ad for ad, _, _ in run.seen}
        standing = {ad for ad in run.alive if run.at - self.last.get(ad, run.at) < WEEK}
        complete = [part for part, verdict in run.verdicts.items() if verdict is V.COMPLETE]
        for ad in set(self.intervals) - standing:
            for each in self.intervals[ad]:
                if each.partition in complete and each.closed is None and each.run != number:
                    each.closed = run.at
        for ad, part in self.where.items():
            if part not in complete or ad in seen_now | standing or self.state[ad] == "absent":
                continue
            self.state[ad], self.missed[ad] = "missing", self.missed[ad] + 1
            shown = [i for i in self.intervals[ad] if i.closed is None]
            maybe_elsewhere = any(i.partition in run.verdicts for i in shown)
            long_ago = run.at - self.last[ad] >= timedelta(hours=24)
            if self.missed[ad] >= 2 and long_ago and not maybe_elsewhere:
                self.leave(ad, run.at, "runs")
        for ad in run.gone & set(self.state):
            if ad not in seen_now and self.state[ad] != "absent":
                self.leave(ad, run.at, "probe")

    def leave(self, ad: str, at: datetime, proof: str) -> None:
        self.state[ad] = "absent"
        self.absences[ad].append([self.last[ad], at, None, proof])
        for each in self.intervals[ad]:
            each.closed = each.closed or at

    def listing(self, on: date) -> tuple[set[tuple[str, str, str, str]], list[str]]:
        def local(at: datetime) -> date:
            return at.astimezone(ROME).date()

        covered = {
            part
            for run in self.runs
            for part, verdict in run.verdicts.items()
            if verdict is V.COMPLETE and local(run.at) == on
        }
        found = set()
        for ad, intervals in self.intervals.items():
            for each in intervals:
                first, last = local(each.first), local(each.last)
                if first <= on <= last:
                    sighted = on in (first, last) or each.partition in covered
                    status = "seen" if sighted else "uncovered"
                elif last < on and (each.closed is None or local(each.closed) > on):
                    status = "uncovered"
                else:
                    continue
                found.add((ad, each.content, each.partition, status))
        known = {part for run in self.runs for part in run.verdicts}
        return found, sorted(known - covered)


@st.composite
def histories(draw: st.DrawFn) -> list[Run]:
    runs = []
    at = day(0)
    for _ in range(draw(st.integers(1, 9))):
        at += draw(st.sampled_from([1, 7, 11, 13, 24, 36, 49, 150])) * timedelta(hours=1)
        parts = draw(st.sampled_from([PARTS, PARTS, PARTS[:1], PARTS[1:]]))
        verdicts = {
            part: draw(st.sampled_from([V.COMPLETE, V.COMPLETE, V.PARTIAL])) for part in parts
        }
        seen = draw(
            st.lists(
                st.tuples(st.sampled_from(ADS), st.sampled_from(parts), st.sampled_from("XY")),
                max_size=5,
                unique_by=lambda each: each[:2],
            )
        )
        gone, alive = (draw(st.sets(st.sampled_from(ADS), max_size=1)) for _ in range(2))
        runs.append(Run(at, verdicts, seen, gone, alive))
    return runs


_numbers = count(1)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(runs=histories())
def test_presence_absence_and_listing_are_those_of_the_model(store: Store, runs: list[Run]) -> None:
    model = Model()
    site = f"site-{next(_numbers)}"  # each history on a site of its own, in one database
    for run in runs:
        model.play(run)
        record_run(store, site, run)
    known = store.known_adverts(site)
    assert {ad: each.state for ad, each in known.items()} == model.state
    ids = {each.ad_id: each.advert for each in store.current_adverts(site)}
    stored = store.advert_histories(ids.values())
    for ad, key in ids.items():
        told = sorted(
            (each.partition.partition("/")[2], each.first_seen, each.last_seen)
            for each in stored[key].intervals
        )
        assert told == sorted((i.partition, i.first, i.last) for i in model.intervals[ad])
        assert [
            [each.last_seen, each.declared_at, each.ended_at, each.proof]
            for each in stored[key].absences
        ] == model.absences[ad]
    first, last = (each.at.astimezone(ROME).date() for each in (runs[0], runs[-1]))
    for number in range(-1, (last - first).days + 1):
        on = first + timedelta(days=number)
        listed, uncovered = store.listing(site, on, "Europe/Rome")
        expected, expected_uncovered = model.listing(on)
        rows = {(each.ad_id, each.title, each.partition, each.status) for each in listed}
        assert (rows, uncovered) == (expected, expected_uncovered), on


def record_run(store: Store, site: str, run: Run) -> None:
    """A run as a crawl makes it: in batches, one of them sent again."""
    key = store.start_run(site, list(run.verdicts), run.at, slot=None, pid=1, host="test")
    batch = [
        advert(ad, run.at, site=site, partition=part, text=content, title=content)
        for ad, part, content in run.seen
    ]
    for part in (batch[:2], batch[:2], batch[2:]):
        store.record(key, part)
    outcomes = [PartitionOutcome(part, verdict) for part, verdict in run.verdicts.items()]
    outcomes[0] = replace(outcomes[0], gone=frozenset(run.gone), alive=frozenset(run.alive))
    store.finish_run(key, run.at, RunOutcome(tuple(outcomes)))
