"""Flags as published, measured: towns told to storage day by day, reports held to the truth."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TypeVar

import numpy as np

from config import Config, load
from demo.evaluation.reliability import Reliability, reliability_of
from demo.feeding import Feeder
from demo.folder import prepare, write_config
from demo.incidents import usual_incidents
from demo.lives import Behaviour
from demo.mornings import morning, published_flags
from demo.score import Outcome, PublishedFlag, Share, score
from demo.town import ALL_SITES, Town
from demo.truth import Event
from matching.columns import columns
from records.flags import FlagKind
from storage import Store, create_store

START = date(2026, 1, 5)
CRAWL_AT = time(5, 30, tzinfo=UTC)
REPORT_AT = time(6, 0, tzinfo=UTC)

Say = Callable[[str], None]


NOTHING = Share(0, 0)


@dataclass(frozen=True, slots=True)
class FlagResult:
    """Towns told at one link threshold: by kind of flag, precision and recall; of the returns with
    a number never shown before (`renumbered`), and by what events came with (a shared flat, another
    city, ...), recall.
    """

    threshold: float
    towns: int
    days: int
    precision: dict[str, Share]
    recall: dict[str, Share]
    renumbered: Share
    behaviours: dict[tuple[str, str], Share]
    reliability: Reliability

    def __add__(self, other: FlagResult) -> FlagResult:
        return FlagResult(
            self.threshold,
            self.towns + other.towns,
            self.days,
            _added(self.precision, other.precision),
            _added(self.recall, other.recall),
            self.renumbered + other.renumbered,
            _added(self.behaviours, other.behaviours),
            self.reliability + other.reliability,
        )


_Key = TypeVar("_Key")


def _added(one: dict[_Key, Share], other: dict[_Key, Share]) -> dict[_Key, Share]:
    keys = dict.fromkeys((*one, *other))
    return {key: one.get(key, NOTHING) + other.get(key, NOTHING) for key in keys}


def evaluate_flags(
    seed: int,
    *,
    adverts: int = 500,
    days: int = 30,
    thresholds: Sequence[float] = (),
    behaviour: Behaviour | None = None,
    say: Say = lambda _: None,
) -> list[FlagResult]:
    """A town's days, told to a database that is thrown away, once for every link threshold.

    With no thresholds, at the shipped one. Incidents are those of the demo: sites refuse, a layout
    drifts.
    """
    town = Town(seed, adverts, days, START, behaviour)
    results = []
    for threshold in thresholds or (None,):
        with tempfile.TemporaryDirectory(prefix="faro-evaluate-") as folder:
            config = town_config(Path(folder), threshold)
            told, reliable = _simulate(town, config, say)
        results.append(_held(town, config.matching.link_threshold, told, reliable))
    return results


def town_config(folder: Path, threshold: float | None = None) -> Config:
    """The demo's config, with another link threshold if one is given."""
    demo = prepare(folder)
    write_config(demo, dict.fromkeys(ALL_SITES, 1), left_out=())
    config = load(demo.config)
    if threshold is None:
        return config
    matching = config.matching.model_copy(
        update={
            "link_threshold": threshold,
            "doubt_threshold": min(config.matching.doubt_threshold, threshold * 0.99),
        }
    )
    return config.model_copy(update={"matching": matching})


def _simulate(town: Town, config: Config, say: Say) -> tuple[list[PublishedFlag], Reliability]:
    """All days of the town: what the reports told, and how far probabilities can be believed."""
    feeder = Feeder(town, config.sites, usual_incidents(town.days))
    told: list[PublishedFlag] = []
    begun = datetime.combine(town.start, CRAWL_AT)
    with create_store(config, simulated=True, at=begun) as store:
        for number in range(town.days):
            say(f"town {town.seed}, day {number + 1} of {town.days}")
            day = town.day(number)
            feeder.crawl(store, number, datetime.combine(day, CRAWL_AT))
            for document in morning(store, config, day, datetime.combine(day, REPORT_AT)):
                told += published_flags(document)
        return told, _reliability(town, store)


def _reliability(town: Town, store: Store) -> Reliability:
    """That of the pairs of all adverts of the town that were ever seen."""
    known = ((store.advert_id(*key), person) for key, person in town.owners.items())
    owners = {str(advert): person for advert, person in known}
    table = columns(store.link_records())
    numbers = {person: number for number, person in enumerate(sorted(set(owners.values())))}
    person = np.array([numbers[owners[each]] for each in table.ids], dtype=np.int64)
    return reliability_of(table, person)


def _held(
    town: Town, threshold: float, told: Sequence[PublishedFlag], reliable: Reliability
) -> FlagResult:
    """The flags held to the town's truth."""
    events = town.events()
    outcome = score(told, events, town.owners)
    scores = outcome.scores.items()
    return FlagResult(
        threshold,
        1,
        town.days,
        {kind.value: Share(each.matched, each.published) for kind, each in scores},
        {kind.value: Share(each.matched, each.true) for kind, each in scores},
        outcome.renumbered,
        _by_behaviour(town, events, outcome),
        reliable,
    )


def _by_behaviour(
    town: Town, events: Sequence[Event], outcome: Outcome
) -> dict[tuple[str, str], Share]:
    """By (kind, what the event came with): how many events were told."""
    told = set(outcome.pairs.values())
    found: dict[tuple[str, str], Share] = {}
    for number, event in enumerate(events):
        for behaviour in _came_with(town, event):
            key = event.kind.value, behaviour
            found[key] = found.get(key, NOTHING) + Share(int(number in told), 1)
    return dict(sorted(found.items()))


def _came_with(town: Town, event: Event) -> list[str]:
    """What makes the event easy or hard to tell: what else changed, and what she is marked by."""
    marks = list(town.marks[event.person])
    if event.kind is not FlagKind.REAPPEARED:
        return marks
    day = (event.day - town.start).days
    lived = [each for each in town.lives[event.person] if each.first <= day]
    if event.new_number:
        marks.append("with a new number")
    if len(lived) > 1:
        before, now = lived[-2:]
        changes = {
            "in another city": before.place != now.place,
            "under a new name": now.renamed,
            "with new texts": now.rewritten,
        }
        marks += [name for name, changed in changes.items() if changed]
    return marks or ["as she was"]
