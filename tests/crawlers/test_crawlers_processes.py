"""Crawl processes that are killed, stopped, orphaned or doubled: the record stays true."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from noticeboard import Notice

from config import load
from config.clock import Clock
from crawlers.process import crawl_many


def until(condition, seconds=60):
    """Wait for another process: what it does is asked for again and again."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        pause.wait(0.02)
    raise AssertionError(f"not within {seconds} s")


def at_request(number, action):
    """Does `action` when the board gets its request of that number."""
    counted = iter(range(1, 10_000))
    return lambda path, query: action() if next(counted) == number else None


def signal_crawl(kind):
    """Send a signal to the crawl's session, as a shell or the system would."""

    def send():
        for child in multiprocessing.active_children():
            if child.name.startswith("faro crawl"):
                os.killpg(child.pid, kind)

    return send


@pytest.mark.parametrize("moment", [1, 2, 3, 8, 13, 16, 17])
def test_kill_9_at_any_moment_loses_and_doubles_nothing(watch, board, moment):
    """1 is robots.txt, 2 the first list page, then detail pages and further list pages."""
    board.fill("torino", range(1, 13))
    assert watch.crawl(day=0).complete
    before = watch.adverts(day=0)
    board.notices["torino"].insert(0, Notice(40))
    board.notices["torino"].pop()
    watch.describe(when="always")
    board.before = at_request(moment, signal_crawl(signal.SIGKILL))
    killed = watch.crawl(day=1)
    assert [str(part.verdict) for part in killed.partitions] == ["failed"]
    assert "died" in killed.sentence()
    states = watch.states(day=1)
    assert {states[ad_id] for ad_id in before} == {"active"}
    with watch.store(day=1) as store:
        assert [each.state for each in store.last_runs()] == ["finished", "finished"]
        assert [each.verdict for each in store.health()] == ["failed"]
    board.before = lambda path, query: None
    assert watch.crawl(day=2).complete
    after = watch.adverts(day=2)
    assert set(after) == {*before, "40"}
    assert {each.versions for each in after.values()} == {1}
    assert {name for name, each in after.items() if each.state != "active"} == {"1"}


def test_a_killed_run_is_marked_by_the_next_one_when_nobody_else_could(watch, board, monkeypatch):
    """The whole of Faro is killed at once (power cut): the next run finds the open one."""
    board.fill("torino", range(1, 6))
    script = (
        "import sys; from pathlib import Path; from config import load;"
        "from config.clock import clock_from; from crawlers.run import crawl_site;"
        "config = load(Path(sys.argv[1]));"
        "crawl_site(config, config.sites['board'], clock_from(sys.argv[2], {}))"
    )
    held = threading.Event()
    board.before = lambda path, query: held.wait(10) and None
    moment = watch.at(0).isoformat()
    crawl = subprocess.Popen([sys.executable, "-c", script, str(watch.folder), moment])
    until(lambda: board.requests)
    crawl.kill()
    crawl.wait()
    held.set()
    with watch.store(day=0) as store:
        [run] = store.last_runs()
        assert run.state == "running"
    board.before = lambda path, query: None
    assert watch.crawl(day=1).complete
    with watch.store(day=1) as store:
        assert [each.state for each in store.last_runs()] == ["finished", "failed"]


def test_a_crawl_that_is_told_to_stop_says_so(watch, board):
    board.fill("torino", range(1, 13))
    board.before = at_request(9, signal_crawl(signal.SIGTERM))
    [part] = watch.crawl().partitions
    assert (str(part.verdict), part.reason) == ("failed", "the crawl was told to stop")
    assert 0 < part.stored <= 12
    assert len(watch.adverts()) == part.stored


def test_two_crawls_of_one_site_do_not_meet(watch, board):
    board.fill("torino", range(1, 6))
    held, results = threading.Event(), []
    board.before = lambda path, query: held.wait(10) and None
    first = threading.Thread(target=lambda: results.append(watch.crawl()))
    first.start()
    until(lambda: board.requests)
    [second] = crawl_many(watch.config, ["board"], watch.clock(0), concurrency=1)
    assert second.run is None
    assert not second.complete
    held.set()
    first.join()
    assert results[0].complete


ORPHANING = """
import sys
from pathlib import Path
from config import load
from config.clock import clock_from
from crawlers.process import crawl_many
crawl_many(load(Path(sys.argv[1])), ["board"], clock_from(sys.argv[2], {}))
"""


def test_a_crawl_whose_parent_died_stops_itself(watch, board):
    board.fill("torino", range(1, 13))
    slow = threading.Event()
    board.before = lambda path, query: slow.wait(3) and None if query.get("page") else None
    moment = watch.at(0).isoformat()
    parent = subprocess.Popen([sys.executable, "-c", ORPHANING, str(watch.folder), moment])
    until(lambda: board.count("list") == 2)
    parent.kill()
    parent.wait()

    def recorded():
        with watch.store(day=0) as store:
            return store.last_runs()[0].state == "finished"

    until(recorded)
    with watch.store(day=0) as store:
        assert [(each.verdict, each.reason) for each in store.health()] == [
            ("failed", "the crawl was told to stop")
        ]


def test_a_crawl_that_does_not_end_is_killed(watch, board, monkeypatch):
    """Past its hard limit a crawl is told to stop, and killed when it does not listen."""
    monkeypatch.setattr("crawlers.process.HARD_LIMIT_MARGIN_S", 0.0)
    monkeypatch.setattr("crawlers.process.GRACE_S", 0.3)
    watch.describe(max_minutes=0.01)
    board.fill("torino", range(1, 6))

    def freeze():
        signal_crawl(signal.SIGSTOP)()

    board.before = at_request(2, freeze)
    began = time.monotonic()
    [part] = watch.crawl().partitions
    assert str(part.verdict) == "failed"
    assert time.monotonic() - began < 10


def test_an_unforeseen_fault_is_told_in_one_line_and_recorded(watch, board):
    """Here: where the log should be is a folder."""
    board.fill("torino", range(1, 3))
    (watch.folder.parent / "var" / "logs" / "board.log").mkdir(parents=True)
    result = watch.crawl()
    assert not result.complete
    assert "unforeseen fault (IsADirectoryError)" in result.sentence()
    assert "\n" not in result.sentence()
    assert [str(part.verdict) for part in result.partitions] == ["failed"]


def test_many_sites_at_once_each_in_its_process(watch, board):
    board.fill("torino", range(1, 6))
    text = (watch.folder / "sites" / "board.toml").read_text()
    names = ["board", "bis", "ter"]
    for name in names[1:]:
        (watch.folder / "sites" / f"{name}.toml").write_text(text)
    results = crawl_many(load(watch.folder), names, Clock(watch.at(0)), concurrency=3)
    assert [each.site for each in results] == names
    assert all(each.complete for each in results)
    assert not [c for c in multiprocessing.active_children() if c.name.startswith("faro crawl")]
