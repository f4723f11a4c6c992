"""The gate: a run that met almost only new adverts is stored, and its flags wait for a person."""

from __future__ import annotations

import socket

import pytest
from stage import advert, begin, crawl, day, states

from records.verdicts import PartitionVerdict
from storage import StorageError, Store
from storage.gate import NewFacts, held_partitions

OLD = [str(number) for number in range(12)]
RENAMED = [f"n{number}" for number in range(12)]

GATES = [
    # what each partition met (seen, new, known before), and which of them are held
    ("all is new", [(40, 40, 38)], [0]),
    ("nearly all is new", [(40, 33, 38)], [0]),
    ("four fifths are new: as many as may be", [(40, 32, 38)], []),
    ("nobody is new", [(40, 0, 38)], []),
    ("a site that was hardly known", [(40, 40, 9)], []),
    ("a handful", [(4, 4, 30)], []),
    ("nothing was seen", [(0, 0, 30)], []),
    ("a partition that the site file has just got", [(40, 1, 38), (90, 90, 0)], []),
    ("the whole site, a new partition too", [(40, 40, 38), (20, 20, 0)], [0, 1]),
    ("one of three", [(40, 40, 38), (40, 1, 40), (40, 0, 40)], []),
    ("two of three, and the third is as it was", [(90, 90, 38), (90, 90, 40), (9, 0, 12)], [0, 1]),
]


@pytest.mark.parametrize(("_story", "met", "held"), GATES, ids=[each[0] for each in GATES])
def test_which_runs_are_held(_story: str, met: list[tuple[int, int, int]], held: list[int]) -> None:
    facts = {number: NewFacts(*each) for number, each in enumerate(met)}
    assert sorted(held_partitions(facts, 0.8)) == held
    assert held_partitions(facts, 1.0) == frozenset()


def matched(store: Store, at: float) -> list[int]:
    return store.pending_adverts(day(at))


def test_new_ids_wait_for_a_person_and_age_nobody(store: Store) -> None:
    crawl(store, day(0), OLD)
    before = len(matched(store, 0))
    held = [crawl(store, day(at), RENAMED, gone=OLD[:3]) for at in (1, 2, 3)]
    assert [store.run_record(run).gate for run in held] == ["held"] * 3
    (told,) = store.health()
    assert (told.verdict, told.held) == ("drift", True)
    assert told.reason == "12 of 12 adverts are new: the site has probably changed its ids"
    assert {states(store)[ad_id] for ad_id in OLD} == {"active"}
    assert len(matched(store, 3)) == before == 12
    with pytest.raises(StorageError, match="no held run has this number"):
        store.decide_held("altro", "released", day(3))
    assert store.decide_held("bakeca", "released", day(3)) == held
    assert len(matched(store, 3)) == 24
    assert not store.health()[0].held
    crawl(store, day(4), RENAMED)
    assert store.health()[0].verdict == "complete"
    assert {states(store)[ad_id] for ad_id in OLD} == {"missing"}
    with store._vault.reading() as connection:
        actions = connection.exec_driver_sql("SELECT action FROM audit").scalars().all()
    assert actions.count("gate") == 3


def test_what_a_discarded_run_saw_first_was_there_from_the_start(store: Store) -> None:
    crawl(store, day(0), OLD)
    run = crawl(store, day(1), [*RENAMED, "0"])
    assert store.decide_held(str(run), "discarded", day(1)) == [run]
    assert store.run_record(run).gate == "discarded"
    found = store.advert_histories(matched(store, 1)).values()
    assert len(found) == 24
    assert all(each.baseline for each in found)


def test_ids_that_were_a_passing_fault(store: Store) -> None:
    """The next day shows the old ids again: it is judged as ever, the odd run still waits."""
    crawl(store, day(0), OLD)
    crawl(store, day(1), RENAMED)
    crawl(store, day(2), [*OLD, "neu"])
    assert store.health()[0].verdict == "complete"
    assert len(matched(store, 2)) == 13
    assert set(states(store).values()) == {"active", "missing"}


def test_first_pages_before_a_baseline_do_not_hold_it(store: Store) -> None:
    crawl(store, day(0), OLD, PartitionVerdict.BLOCKED)
    crawl(store, day(1), [*OLD, *(f"b{number}" for number in range(200))])
    assert store.health()[0].verdict == "complete"


def test_a_crawl_that_died_in_new_ids_is_held_too(store: Store) -> None:
    crawl(store, day(0), OLD)
    run = begin(store, day(1), host=socket.gethostname())
    store.record(run, [advert(each, day(1)) for each in RENAMED])
    assert len(matched(store, 1)) == 12
    record = store.run_record(run)
    assert (record.state, record.gate) == ("failed", "held")


def test_a_killed_crawl_has_failed_as_soon_as_somebody_asks(store: Store) -> None:
    """Nobody holds its lock: the process is gone."""
    begin(store, day(0), host=socket.gethostname())
    (told,) = store.health()
    assert (told.verdict, told.running) == ("failed", False)
    assert told.reason == "the crawl process died without a final record"
    assert told.last_run is not None


def test_a_running_crawl_is_told_as_such(store: Store) -> None:
    crawl(store, day(0), OLD)
    with store.crawl_lock("bakeca"):
        begin(store, day(1), host=socket.gethostname())
        (told,) = store.health()
        assert (told.verdict, told.running) == ("complete", True)
    begin(store, day(2), host="another machine")
    assert store.health()[0].running
