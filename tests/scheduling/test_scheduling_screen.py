"""The scheduler's own line of `faro status`: running, stopped, silent, never started."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from house import House

from records.service import SchedulerLife
from records.stored import RunRecord
from scheduling.screen import scheduler_state
from scheduling.watching import ConfigWatch

NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)
ROME = ZoneInfo("Europe/Rome")


def life(silent_s: int, stopped: bool = False, fault: str = "") -> SchedulerLife:
    seen = NOW - timedelta(seconds=silent_s)
    started = NOW - timedelta(days=1)
    return SchedulerLife("faro1", 12, started, seen, seen if stopped else None, fault)


def runs(hours: float, slot: str | None = None) -> dict[str, list[RunRecord]]:
    at = NOW - timedelta(hours=hours)
    return {"asti": [RunRecord(1, "asti", slot, "finished", at, at, at, {}, {}, None)]}


CASES = [
    ([], False, "never started"),
    ([life(10)], True, "running since 03 Mar 10:00 (process 12 on faro1)"),
    ([life(100)], False, "no sign of life since 04 Mar 09:58"),
    ([life(100, stopped=True)], False, "not running, stopped on 04 Mar 09:58"),
    # One machine's has stopped, another's runs.
    ([life(5, stopped=True), life(10)], True, "running since"),
    ([life(10, fault="a: x\nb: y\nc: z")], False, "on the config of before: a: x and 2 more"),
]


@pytest.mark.parametrize(("lives", "well", "words"), CASES)
def test_how_the_scheduler_is(lives: list[SchedulerLife], well: bool, words: str) -> None:
    found = scheduler_state(lives, {}, NOW, ROME)
    assert found.well is well
    assert words in found.words


ELSEWHERE = [
    ("cron, yesterday evening", [], runs(14), True),
    ("cron, and nothing since the day before yesterday", [], runs(50), False),
    ("a scheduler that was tried once", [life(90_000, stopped=True)], runs(14), True),
    (
        "crawled by hand, then a scheduler, which was stopped",
        [life(9, stopped=True)],
        runs(1),
        False,
    ),
    ("the runs of a scheduler", [], runs(14, "2026-03-03 18:40"), False),
    ("crawled by hand while the scheduler is silent", [life(900)], runs(0.1), False),
]


@pytest.mark.parametrize(
    ("lives", "past", "well"), [each[1:] for each in ELSEWHERE], ids=[each[0] for each in ELSEWHERE]
)
def test_a_house_that_cron_drives_is_well(
    lives: list[SchedulerLife], past: dict[str, list[RunRecord]], well: bool
) -> None:
    found = scheduler_state(lives, past, NOW, ROME)
    assert (found.alive, found.well) == (False, well)


def test_a_folder_named_from_where_one_stands_is_not_read_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(house.folder.parent)
    watch = ConfigWatch.of(Path(house.folder.name))
    assert [watch.look() for _ in range(3)] == [False, False, False]
