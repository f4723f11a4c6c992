"""The running scheduler: order, reload, one instance, stopping, killing, and odd clocks."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from house import House, until

import scheduler
from config.clock import Clock
from crawlers.memory import descendants
from crawlers.process import crawl_many
from scheduler import Service
from scheduling.clocks import RunningClock
from scheduling.errors import SchedulerError


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "LOOK_S", 0.05)
    monkeypatch.setattr(scheduler, "BEAT_S", 0.05)


def moment(text: str) -> datetime:
    """A time of 4 March 2026 in Rome, as UTC."""
    return datetime.fromisoformat(f"2026-03-04T{text}:00+01:00").astimezone(UTC)


@contextmanager
def running(house: House, now: str, **how: float) -> Iterator[Service]:
    """A scheduler whose clock begins at `now`, in a thread of its own."""
    service = Service(house.folder, Clock(moment(now)), **how)
    faults: list[BaseException] = []

    def serve() -> None:
        try:
            service.run()
        except BaseException as fault:
            faults.append(fault)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield service
    finally:
        if not service._told_to_stop:
            service.stop()
        thread.join(60)
    assert not thread.is_alive()
    if faults:
        raise faults[0]


def planned(service: Service) -> list[str]:
    """The crawls that are set."""
    return [job.id for job in service._jobs.get_jobs() if job.id.startswith("crawl ")]


def set_clock(service: Service, now: str, day: int = 0) -> None:
    service.clock = RunningClock(moment(now) + timedelta(days=day))


def test_crawl_then_match_then_report(house: House) -> None:
    house.faro('report_at = "06:40"')
    with running(house, "06:39") as service:
        until(lambda: service.clock)
        assert house.slots() == []
        set_clock(service, "06:40")
        with house.store() as store:
            until(lambda: store.report("venezia", "2026-03-04"))
            report = store.report("venezia", "2026-03-04")
            [run] = store.last_runs()
            assert store.status().pending == 0
    assert report is not None and run.finished_at is not None
    assert run.slot == "2026-03-04 06:40"
    assert report.generated_at >= run.finished_at


def test_the_report_does_not_wait_for_ever(house: House) -> None:
    house.faro('report_at = "06:40"\nreport_patience_minutes = 0')
    held = threading.Event()
    house.board.before = lambda path, query: held.wait(20) and None
    with running(house, "06:40") as service, house.store() as store:
        until(lambda: house.board.requests)
        until(lambda: store.report("venezia", "2026-03-04"))
        assert service._active == {"board"}
        held.set()


def test_so_many_at_once_and_no_more(house: House) -> None:
    house.faro('report_at = "12:00"', "crawler = { concurrency = 2 }")
    together, most, lock = [], [], threading.Lock()
    gate = threading.Semaphore(0)

    def before(path: str, query: dict[str, str]) -> None:
        if path == "/robots.txt":
            with lock:
                together.append(path)
                most.append(len(together))
            gate.acquire(timeout=20)
            with lock:
                together.pop()

    house.board.before = before
    for name in ("a", "b", "c", "board"):
        house.site(name, 'at = ["06:40"]')
    with running(house, "06:40"):
        until(lambda: len(together) == 2)
        for _ in range(4):
            gate.release()
        until(lambda: len(house.slots()) == 4)
    assert max(most) == 2


def test_a_missed_slot_is_caught_up_once(house: House) -> None:
    with running(house, "06:40"):
        until(lambda: house.slots())
    with running(house, "09:00") as service:
        set_clock(service, "09:00", day=3)
        until(lambda: len(house.slots()) == 2)
        set_clock(service, "09:30", day=3)
        until(lambda: not service._active)
    assert house.slots() == ["2026-03-04 06:40", "2026-03-07 06:40"]


def test_a_clock_that_jumps_back_repeats_nothing(house: House) -> None:
    with running(house, "06:40") as service:
        until(lambda: house.slots())
        set_clock(service, "06:38")
        looked = service._beaten
        until(lambda: service._beaten > looked)
        set_clock(service, "06:41")
        looked = service._beaten
        until(lambda: service._beaten > looked)
        until(lambda: not service._active)
    assert house.slots() == ["2026-03-04 06:40"]


def test_changed_files_are_read_again_as_a_whole_or_not_at_all(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "faro.scheduler")

    def said(words: str) -> int:
        return sum(words in record.getMessage() for record in caplog.records)

    with running(house, "06:00") as service:
        until(lambda: said("started"))
        # One file is right, the other is not: neither is used, and the reason is told once.
        house.site("board", 'at = ["06:50"]')
        house.site("other", 'at = ["six"]')
        until(lambda: service.watch.fault)
        assert "sites/other.toml: schedule.at[1]: 'six' is no time" in service.watch.fault
        assert service.watch.config.sites["board"].schedule.at[0].hour == 6
        assert service.watch.config.sites["board"].schedule.at[0].minute == 40
        with house.store() as store:
            until(lambda: "other.toml" in store.scheduler_lives()[0].fault)
        house.site("other", 'at = ["06:55"]')
        until(lambda: said("config read again: 2 sites"))
        assert said("the old one stays") == 1
        set_clock(service, "06:50")
        until(lambda: house.slots() == ["2026-03-04 06:50"])
        (house.folder / "faro.toml").write_bytes(b"\xff\x00 = [")
        until(lambda: service.watch.fault)
        set_clock(service, "06:55")
        until(lambda: house.slots() == ["2026-03-04 06:50", "2026-03-04 06:55"])
        house.faro('report_at = "12:00"', 'data_dir = "./elsewhere"')
        until(lambda: "data_dir changed: restart" in service.watch.fault)


def test_a_site_that_is_taken_away_is_not_crawled(house: House) -> None:
    house.site("other", 'at = ["06:40"]')
    with running(house, "06:00") as service:
        until(lambda: len(planned(service)) == 2)
        (house.folder / "sites" / "board.toml").unlink()
        until(lambda: len(planned(service)) == 1)
        set_clock(service, "06:40")
        until(lambda: house.slots())
    assert [run.site for run in house.runs()] == ["other"]


def test_a_crawl_that_can_not_be_started_is_told_once_and_tried_later(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def dead(*_: object, **__: object) -> None:
        raise EOFError

    monkeypatch.setattr(scheduler, "crawl_many", dead)
    with running(house, "06:40") as service:
        until(lambda: "board" in service._put_off)
        until(lambda: not service._active)
        monkeypatch.setattr(scheduler, "crawl_many", crawl_many)
        set_clock(service, "06:46")
        until(lambda: house.slots())
    told = [each.getMessage() for each in caplog.records if each.levelname == "ERROR"]
    assert len(told) == 1 and "crawl of board: a defect of Faro: EOFError" in told[0]


def test_one_scheduler_at_a_time(house: House) -> None:
    with running(house, "06:00") as first:
        until(lambda: first._beaten)
        with pytest.raises(SchedulerError, match="a scheduler runs already"):
            Service(house.folder, Clock(moment("06:00"))).run()
    with house.store() as store:
        [life] = store.scheduler_lives()
    assert life.stopped_at is not None and life.pid == os.getpid()


def test_two_schedulers_that_see_no_common_lock_crawl_a_slot_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two machines with one database: no lock file is common to them, but the claim is."""
    from contextlib import nullcontext

    monkeypatch.setattr(scheduler, "_alone", lambda store: nullcontext())
    with running(house, "06:39") as first, running(house, "06:39") as second:
        until(lambda: first._beaten and second._beaten)
        for each in (first, second):
            set_clock(each, "06:40")
        until(lambda: house.slots())
        until(lambda: not first._active | second._active)
    assert [run.slot for run in house.runs()] == ["2026-03-04 06:40"]


def test_told_to_stop_a_running_crawl_ends_with_a_true_record(house: House) -> None:
    held = threading.Event()
    house.board.before = lambda path, query: path != "/robots.txt" and held.wait(20) and None
    with running(house, "06:40", stop_patience_s=0) as service:
        until(lambda: house.board.count("list"))
        service.stop()
        until(lambda: service._ending.is_set())
        held.set()
    [run] = house.runs()
    assert run.state == "finished"
    assert set(run.verdicts.values()) == {"failed"}


def test_told_to_stop_a_crawl_that_is_nearly_done_may_end(house: House) -> None:
    held = threading.Event()
    house.board.before = lambda path, query: path != "/robots.txt" and held.wait(20) and None
    with running(house, "06:40") as service:
        until(lambda: house.board.count("list"))
        service.stop()
        held.set()
    [run] = house.runs()
    assert set(run.verdicts.values()) == {"complete"}


def serve(house: House, now: str) -> subprocess.Popen[bytes]:
    """`python scheduler.py` as an admin starts it."""
    path = Path(scheduler.__file__)
    words = [sys.executable, str(path), "--config", str(house.folder)]
    return subprocess.Popen(
        [*words, "--now", moment(now).isoformat()], stderr=subprocess.PIPE, start_new_session=True
    )


def test_told_to_stop_with_everything_it_started_while_its_crawls_load(house: House) -> None:
    """As systemd does, and a terminal with Ctrl-C: the signal reaches every process of it."""
    service = serve(house, "06:40")

    def loading() -> bool:
        paths = [Path("/proc", str(pid), "cmdline") for pid in descendants(service.pid)]
        return any(b"forkserver" in path.read_bytes() for path in paths)

    until(loading)
    os.killpg(service.pid, signal.SIGTERM)
    _, told = service.communicate(timeout=60)
    assert service.returncode == 0
    lines = [line.partition(" faro.scheduler ")[2] for line in told.decode().splitlines()]
    assert lines[-1] == "stopped"
    # The crawl was about to begin, and may end: its three adverts are soon read.
    assert [line for line in lines if "board" in line] == [
        "crawled board (2026-03-04 06:40): 1 of 1 partitions complete, 3 adverts, 1 pages"
    ], told.decode()


def test_kill_9_in_the_middle_of_a_crawl_and_a_new_start(house: House) -> None:
    held = threading.Event()
    house.board.before = lambda path, query: path != "/robots.txt" and held.wait(20) and None
    first = serve(house, "06:40")
    until(lambda: house.board.count("list"))
    first.kill()
    first.wait()
    held.set()
    house.board.before = lambda path, query: None
    until(lambda: [run.state for run in house.runs()] == ["finished"])
    second = serve(house, "06:50")
    try:
        until(lambda: len(house.slots()) == 2)
    finally:
        second.send_signal(signal.SIGTERM)
        assert second.wait(60) == 0
    cut, again = house.runs()
    assert (cut.slot, set(cut.verdicts.values())) == ("2026-03-04 06:40", {"failed"})
    assert (again.slot, set(again.verdicts.values())) == ("2026-03-04 06:40 again", {"complete"})
    assert second.stderr is not None
    assert b"Traceback" not in second.stderr.read()


def test_retention_and_a_backup_once_a_day(house: House) -> None:
    backups = house.config.data_dir / "backups"
    for _ in range(2):
        with running(house, "04:11") as service:
            until(lambda: list(backups.glob("faro-*.db")))
            until(lambda: not service._jobs.get_job("upkeep"))
    assert len(list(backups.glob("faro-*.db"))) == 1


def test_the_running_scheduler_tells_and_pings(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "NOTICE_S", 0.05)
    asked = threading.Event()
    house.board.before = lambda path, query: (path == "/alive" and asked.set()) or None
    house.faro('report_at = "12:00"', f'notify.heartbeat_url = "{house.board.url}/alive"')
    with running(house, "06:00") as service:
        until(asked.is_set)
        house.site("board", 'at = ["six"]')
        until(lambda: service.watch.fault)
        with house.store() as store:
            until(store.notices)
            [notice] = store.notices()
    assert (notice.kind, notice.told_at) == ("config", None)
