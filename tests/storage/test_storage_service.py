"""What the scheduler leaves in the database: signs of life, notices, and runs to look back on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from stage import advert, begin, card, crawl, day, finish

from records.service import Notice
from records.verdicts import PartitionVerdict
from storage import Store

REAL = datetime(2026, 3, 1, tzinfo=UTC)


def test_signs_of_life_are_one_a_machine_and_end_when_told(store: Store) -> None:
    assert store.scheduler_lives() == []
    store.scheduler_beat("here", 7, REAL, "")
    store.scheduler_beat("here", 7, REAL, "faro.toml: timzone: unknown key")
    store.scheduler_beat("there", 9, REAL, "")
    there, here = store.scheduler_lives()
    assert (there.host, here.host, here.pid) == ("there", "here", 7)
    assert here.fault == "faro.toml: timzone: unknown key"
    assert here.started_at == REAL and here.heartbeat_at > REAL and here.stopped_at is None
    store.scheduler_stopped("here")
    assert store.scheduler_lives()[0].stopped_at is not None
    store.scheduler_beat("here", 8, REAL, "")
    assert store.scheduler_lives()[0].stopped_at is None


def test_notices_are_kept_as_given(store: Store) -> None:
    bad = Notice("bad", "bakeca", "bakeca: blocked", day(1), told_at=day(1))
    quiet = Notice("quiet", "bakeca", "bakeca: nothing new", day(0), well_at=day(2))
    store.save_notices([bad, quiet])
    assert store.notices() == [quiet, bad]
    store.save_notices([bad])
    assert store.notices() == [bad]


def test_of_two_schedulers_one_tells(store: Store, reopen: Callable[[datetime], Store]) -> None:
    with reopen(day(0)) as other:
        with store.telling() as mine, other.telling() as also:
            assert (mine, also) == (True, False)
            store.save_notices([Notice("bad", "bakeca", "bakeca: blocked", day(1))])
        with other.telling() as mine:
            assert mine
            assert len(other.notices()) == 1


def test_the_latest_runs_of_a_site_newest_first(store: Store) -> None:
    crawl(store, day(0), ["1"])
    crawl(store, day(1), [card("1", day(1))], PartitionVerdict.BLOCKED)
    running = begin(store, day(2), slot="2026-03-03 06:40")
    other = store.start_run("altra", ("asti",), day(2), slot=None, pid=1, host="test")
    found = store.recent_runs(2)
    assert set(found) == {"bakeca", "altra"}
    assert [each.id for each in found["altra"]] == [other]
    assert [(each.state, dict(each.verdicts)) for each in found["bakeca"]] == [
        ("running", {"treviso": None}),
        ("finished", {"treviso": "blocked"}),
    ]
    assert found["bakeca"][0].slot == "2026-03-03 06:40"
    finish(store, running, day(2))


def test_when_a_site_last_had_something_new(store: Store) -> None:
    assert store.site_watches() == {}
    crawl(store, day(0))
    [watch] = store.site_watches().values()
    assert (watch.first_run, watch.last_new) == (day(0), None)
    crawl(store, day(1), ["1"])
    crawl(store, day(2), [card("1", day(2)), advert("2", day(2))])
    crawl(store, day(3), [card("1", day(3)), card("2", day(3))])
    [watch] = store.site_watches().values()
    assert (watch.first_run, watch.last_new) == (day(0), day(2))
