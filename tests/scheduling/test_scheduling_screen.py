"""The scheduler's own line of `faro status`: running, stopped, silent, never started."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from records.service import SchedulerLife
from scheduling.screen import scheduler_words

NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)
ROME = ZoneInfo("Europe/Rome")


def life(silent_s: int, stopped: bool = False, fault: str = "") -> SchedulerLife:
    seen = NOW - timedelta(seconds=silent_s)
    started = NOW - timedelta(days=1)
    return SchedulerLife("faro1", 12, started, seen, seen if stopped else None, fault)


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
    found = scheduler_words(lives, NOW, ROME)
    assert found[0] is well
    assert words in found[1]
