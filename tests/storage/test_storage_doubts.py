"""What a run may not conclude: adverts that stand elsewhere, addresses that moved, late changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from stage import advert, begin, card, crawl, day, finish, states

from records.passes import PassResult
from records.verdicts import PartitionOutcome, PartitionVerdict, RunOutcome
from storage import Store

V = PartitionVerdict


def two(
    store: Store, at: float, padova: V, treviso: V, alive: frozenset[str] = frozenset()
) -> None:
    """A run of both partitions in which only the witness is seen."""
    run = begin(store, day(at), ("padova", "treviso"))
    store.record(run, [advert("witness", day(at), partition="padova")])
    outcome = RunOutcome(
        (
            PartitionOutcome("padova", padova),
            PartitionOutcome("treviso", treviso, alive=alive),
        )
    )
    store.finish_run(run, day(at), outcome)


def both(store: Store) -> None:
    run = begin(store, day(0), ("padova", "treviso"))
    store.record(run, [advert("1", day(0), partition="padova")])
    store.record(run, [card("1", day(0), "treviso"), advert("witness", day(0), partition="padova")])
    outcomes = (PartitionOutcome(name, V.COMPLETE) for name in ("padova", "treviso"))
    store.finish_run(run, day(0), RunOutcome(tuple(outcomes)))


def test_no_absence_while_another_partition_that_showed_it_was_not_read(store: Store) -> None:
    both(store)
    for at in (1, 2, 3):
        two(store, at, V.FAILED, V.COMPLETE)
    assert states(store)["1"] == "missing"
    listed, uncovered = store.listing("bakeca", day(2).date(), "Europe/Rome")
    assert ("1", "uncovered") in {(each.ad_id, each.status) for each in listed}
    assert uncovered == ["padova"]
    two(store, 4, V.COMPLETE, V.COMPLETE)
    assert states(store)["1"] == "absent"


def test_a_detail_page_that_stands_keeps_its_advert_for_a_week(store: Store) -> None:
    both(store)
    for at in (1, 2, 3):
        two(store, at, V.COMPLETE, V.COMPLETE, alive=frozenset({"1"}))
    assert states(store)["1"] == "active"
    for at in (8, 9):
        two(store, at, V.COMPLETE, V.COMPLETE, alive=frozenset({"1"}))
    assert states(store)["1"] == "absent"


def test_an_address_follows_the_site_without_a_version(store: Store) -> None:
    crawl(store, day(0), [advert("1", day(0), url="http://127.0.0.1/vecchio-1")])
    crawl(store, day(1), [replace(card("1", day(1)), url="http://127.0.0.1/nuovo-1")])
    assert store.known_adverts("bakeca")["1"].url == "http://127.0.0.1/nuovo-1"
    crawl(store, day(2), [advert("1", day(2), url="http://127.0.0.1/altro-1")])
    assert store.known_adverts("bakeca")["1"].url == "http://127.0.0.1/altro-1"
    assert next(iter(store.current_adverts("bakeca"))).versions == 1


def test_a_change_during_a_pass_stays_pending(store: Store) -> None:
    crawl(store, day(0), ["1", "2"])
    pending = store.pending_adverts(day(0))
    crawl(store, day(0.1), [advert("1", day(0.1), text="altro testo"), "2"])
    store.save_pass(PassResult(at=day(0.1), adverts=tuple(pending)))
    (left,) = store.pending_adverts(day(1))
    assert left == pending[0]


def test_adverts_of_a_running_crawl_wait_for_its_verdict(store: Store) -> None:
    run = begin(store, day(0))
    store.record(run, [advert("1", day(0))])
    assert store.pending_adverts(day(0)) == []
    finish(store, run, day(0) + timedelta(minutes=5))
    assert len(store.pending_adverts(day(0))) == 1
