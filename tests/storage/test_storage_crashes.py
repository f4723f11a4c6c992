"""Crawls that are killed, and crawls side by side: nothing lost, nothing doubled or broken."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select
from stage import advert, begin, card, crawl, day, finish, phone, states

from config import Config
from storage import Store
from storage.tables import advert as advert_table
from storage.tables import contact, presence, version

_CRAWL = """
import sys
sys.path.insert(0, sys.argv[3])
from datetime import timedelta
from pathlib import Path
from stage import advert, begin, day, phone
from config import load
from config.clock import Clock
from storage import open_store
config, site = load(Path(sys.argv[1])), sys.argv[2]
with open_store(config, Clock(day(1))) as store:
    run = store.start_run(site, ["treviso"], day(1), slot=None, pid=1, host="test")
    print("ready", flush=True)
    sys.stdin.readline()
    for first in range(0, 400, 10):
        batch = [
            advert(str(number), day(1), site=site, text=f"Versione nuova {number}",
                   contacts=[phone(f"+393114{number % 50:06}")])
            for number in range(first, first + 10)
        ]
        store.record(run, batch)
        print("batch", flush=True)
"""


def start(config: Config, site: str) -> subprocess.Popen[bytes]:
    here = str(Path(__file__).parent)
    return subprocess.Popen(
        [sys.executable, "-c", _CRAWL, str(config.folder), site, here],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def lines(process: subprocess.Popen[bytes], count: int) -> None:
    assert process.stdout is not None
    for _ in range(count):
        assert process.stdout.readline()


def go(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.write(b"go\n")
    process.stdin.flush()


def whole(store: Store) -> None:
    """Every advert has its versions, every version its advert, and one open presence each."""
    with store._vault.reading() as connection:
        if store._vault.database.sqlite:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        made = select(advert_table.c.versions, func.count(version.c.id)).join(
            version, version.c.advert_id == advert_table.c.id
        )
        for told, there in connection.execute(made.group_by(advert_table.c.id)):
            assert told == there
        opened = select(func.count()).select_from(presence).where(presence.c.closed_run.is_(None))
        per_advert = connection.execute(opened.group_by(presence.c.advert_id)).scalars().all()
        adverts = connection.execute(select(func.count()).select_from(advert_table)).scalar_one()
        assert per_advert == [1] * adverts
    for each in store.current_adverts("bakeca"):
        assert each.text


def kill_and_crawl_again(config: Config, store: Store, after: list[int]) -> None:
    crawl(store, day(0), [advert(str(number), day(0)) for number in range(200)])
    for batches in after:
        with start(config, "bakeca") as killed:
            lines(killed, 1)
            go(killed)
            lines(killed, batches)
            killed.send_signal(signal.SIGKILL)
        whole(store)
        assert set(states(store).values()) == {"active"}
    run = begin(store, day(2))
    batch = [
        advert(str(n), day(2), text=f"Versione nuova {n}", contacts=[phone(f"+393114{n % 50:06}")])
        for n in range(200)
    ]
    store.record(run, batch)
    later = [str(number) for number in range(200, 400) if str(number) in states(store)]
    store.record(run, [card(each, day(2)) for each in later])
    finish(store, run, day(2))
    whole(store)
    assert set(states(store).values()) == {"active"}
    assert {each.versions for each in store.current_adverts("bakeca")} <= {1, 2}


def test_kill_9(config: Config, store: Store) -> None:
    kill_and_crawl_again(config, store, [0, 3, 11])


@pytest.mark.long
def test_kill_9_at_many_moments(config: Config, store: Store) -> None:
    moments = random.Random(4619)
    kill_and_crawl_again(config, store, [moments.randrange(40) for _ in range(25)])


def test_two_crawls_side_by_side(config: Config, store: Store) -> None:
    with start(config, "bakeca") as one, start(config, "altro") as two:
        for process in (one, two):
            lines(process, 1)
        for process in (one, two):
            go(process)
        for process in (one, two):
            lines(process, 40)
            assert process.wait(60) == 0
    whole(store)
    assert len(store.known_adverts("bakeca")) == len(store.known_adverts("altro")) == 400
    with store._vault.reading() as connection:
        assert connection.execute(select(func.count()).select_from(contact)).scalar_one() == 50
    assert store.status().text_months == ("2026-03",)
