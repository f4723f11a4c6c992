"""Runs: their start, their slot, their end, and what is known of them afterwards."""

from datetime import timedelta

import pytest
from stage import START, advert, begin, card, crawl, day, finish

from records.causes import Cause
from records.verdicts import PartitionOutcome, PartitionVerdict, RunOutcome
from storage import SlotTaken, StorageError, Store


def test_a_slot_is_claimed_once(store: Store) -> None:
    begin(store, START, slot="2026-03-01 06:00")
    with pytest.raises(SlotTaken, match=r"bakeca: 2026-03-01 06:00 was claimed"):
        begin(store, day(1), slot="2026-03-01 06:00")
    begin(store, day(1), slot="2026-03-02 06:00")
    begin(store, day(1), slot=None)
    begin(store, day(2), slot=None)


def test_a_run_without_a_final_record_has_failed(store: Store) -> None:
    dead = begin(store, START)
    store.heartbeat(dead)
    assert store.run_record(dead).state == "running"
    begin(store, day(1))
    record = store.run_record(dead)
    assert (record.state, dict(record.verdicts)) == ("failed", {"treviso": "failed"})
    with pytest.raises(StorageError, match="over"):
        store.record(dead, [advert("1", day(1))])
    with pytest.raises(StorageError, match="over"):
        finish(store, dead, day(1))


def test_another_site_does_not_end_a_run(store: Store) -> None:
    running = begin(store, START)
    store.start_run("altro", ["tutto"], START, slot=None, pid=2, host="test")
    assert store.run_record(running).state == "running"


def test_what_a_run_tells(store: Store) -> None:
    run = begin(store, START, ["treviso", "padova"], slot="s")
    outcomes = (
        PartitionOutcome("treviso", PartitionVerdict.COMPLETE, pages=3, cards=40, stored=40),
        PartitionOutcome("padova", PartitionVerdict.BLOCKED, Cause("page_refused", {"page": 1})),
    )
    store.finish_run(run, day(0.1), RunOutcome(outcomes, {"requests": 44}))
    (record,) = store.last_runs()
    assert (record.site, record.slot, record.state) == ("bakeca", "s", "finished")
    assert (record.started_at, record.finished_at) == (START, day(0.1))
    assert dict(record.verdicts) == {"padova": "blocked", "treviso": "complete"}
    assert dict(record.stats) == {"requests": 44}
    padova, treviso = store.health()
    assert (padova.verdict, padova.reason, padova.last_complete) == (
        "blocked",
        "page 1 was refused: the site blocks us; slow down, or ask the site",
        None,
    )
    assert padova.cause == Cause("page_refused", {"page": 1})
    assert treviso.last_run == treviso.last_complete == "2026-03-01T08:24:00Z"


def test_a_partition_without_a_verdict_has_failed(store: Store) -> None:
    run = begin(store, START, ["treviso", "padova"])
    finish(store, run, START, partitions=["treviso"])
    assert dict(store.run_record(run).verdicts) == {"treviso": "complete", "padova": "failed"}


def test_strangers_are_refused(store: Store) -> None:
    run = begin(store, START)
    with pytest.raises(StorageError, match="padova"):
        store.record(run, [advert("1", START, partition="padova")])
    with pytest.raises(StorageError, match="verdict for padova"):
        finish(store, run, START, partitions=["padova"])
    with pytest.raises(StorageError, match="never stored"):
        store.record(run, [card("7", START)])
    with pytest.raises(StorageError, match="run 5: unknown"):
        store.record(5, [advert("1", START)])


def test_a_reason_holds_no_number(store: Store) -> None:
    run = begin(store, START)
    cause = Cause("finish", {"finish": "error at https://x.invalid/tel-311 4455667/ after 3"})
    outcome = PartitionOutcome("treviso", PartitionVerdict.PARTIAL, cause)
    store.finish_run(run, START, RunOutcome((outcome,)))
    (told,) = store.health()
    assert told.reason == "ended as error at https://x.invalid/tel-…/ after 3"
    assert told.cause == Cause("finish", {"finish": "error at https://x.invalid/tel-…/ after 3"})


def test_history_of_a_partition(store: Store) -> None:
    crawl(store, day(0), ["1", "2"])
    crawl(store, day(1), ["1"], PartitionVerdict.PARTIAL)
    begin(store, day(2))
    assert store.partition_history("bakeca", "treviso") == [
        (day(1), "partial", 1),
        (day(0), "complete", 2),
    ]
    assert store.partition_history("bakeca", "treviso", limit=1) == [(day(1), "partial", 1)]
    assert store.complete_runs(day(0)) == {("bakeca", "treviso"): [day(0)]}
    assert store.complete_runs(day(0) + timedelta(seconds=1)) == {}


def test_health_while_the_first_run_goes_on(store: Store) -> None:
    begin(store, START)
    (only,) = store.health()
    assert (only.verdict, only.last_run, only.adverts) == ("running", None, 0)


BASELINES = [
    # (day, verdict) of runs that each see one advert of their own; which adverts are baseline
    ("the first complete run is one", [(0, "complete"), (1, "complete")], [0]),
    ("incomplete runs before it too", [(0, "partial"), (1, "complete"), (2, "complete")], [0, 1]),
    ("not an incomplete one after it", [(0, "complete"), (1, "partial")], [0]),
    ("29 days are no outage", [(0, "complete"), (29, "complete")], [0]),
    ("30 days are one", [(0, "complete"), (30, "complete"), (31, "complete")], [0, 30]),
    (
        "blocked runs do not end an outage",
        [(0, "complete"), (15, "blocked"), (30, "complete")],
        [0, 30],
    ),
    (
        "the first complete one after an outage, whatever came before",
        [(0, "complete"), (29, "partial"), (31, "complete")],
        [0, 31],
    ),
    ("always capped: a week of baseline", [(d, "partial") for d in range(10)], list(range(7))),
    ("always capped, then an outage", [(0, "partial"), (9, "partial"), (40, "partial")], [0, 40]),
]


@pytest.mark.parametrize(("_story", "runs", "expected"), BASELINES, ids=[b[0] for b in BASELINES])
def test_baselines(
    store: Store, _story: str, runs: list[tuple[int, str]], expected: list[int]
) -> None:
    ids = {}
    for number, verdict in runs:
        seen = [] if verdict == "blocked" else [str(number)]
        crawl(store, day(number), seen, PartitionVerdict(verdict))
    for stored in store.current_adverts("bakeca"):
        ids[int(stored.ad_id)] = stored.advert
    histories = store.advert_histories(ids.values())
    assert [number for number, key in ids.items() if histories[key].baseline] == expected
