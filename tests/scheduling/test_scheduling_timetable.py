"""When a site is crawled next: clock changes, downtime, refusals, blackouts, pauses; as cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config import Timing
from config.schedules import Blackout
from scheduling.past import PastRun
from scheduling.timetable import Visit, jitter, visits

ROME = ZoneInfo("Europe/Rome")
TWICE = Timing(at=(time(6, 40), time(18, 40)))
DAILY = Timing(at=(time(6, 40),))


def at(text: str) -> datetime:
    """A local time of Rome as UTC: `4 06:40` is in March 2026, `10-25 02:30` in that month."""
    day, clock = text.split()
    month, _, number = day.rpartition("-")
    hour, minute = clock.split(":")
    moment = datetime(2026, int(month or 3), int(number), int(hour), int(minute), tzinfo=ROME)
    return moment.astimezone(UTC)


def run(started: str, slot: str | None = None, minutes: int = 5, **how: object) -> PastRun:
    begun = at(started)
    ended = begun + timedelta(minutes=minutes)
    return PastRun(begun, ended, f"2026-03-{slot}" if slot else None, **how)  # type: ignore[arg-type]


def plan(
    now: str,
    past: Sequence[PastRun] = (),
    timing: Timing = TWICE,
    *,
    hours: float = 24,
    since: str | None = None,
    zone: ZoneInfo = ROME,
) -> list[Visit]:
    moment = at(now)
    return list(
        visits(
            "bakeca",
            timing,
            zone,
            past,
            since=at(since) if since else moment,
            now=moment,
            until=moment + timedelta(hours=hours),
        )
    )


def told(found: Sequence[Visit]) -> list[str]:
    return [f"{each.start.astimezone(ROME):%d %H:%M} {each.slot[8:]}" for each in found]


CASES = [
    # now, runs, what starts when for which slot
    ("4 04:00", [], ["04 06:40 04 06:40", "04 18:40 04 18:40"], "a usual day"),
    ("4 06:45", [run("4 06:40", "04 06:40")], ["04 18:40 04 18:40", "05 06:40 05 06:40"], "done"),
    ("4 12:00", [run("3 18:40", "03 18:40")], ["04 06:40 04 06:40", "04 18:40 04 18:40"], "missed"),
    ("9 12:00", [run("3 18:40", "03 18:40")], ["09 06:40 09 06:40", "09 18:40 09 18:40"], "one"),
    ("4 18:10", [run("3 18:40", "03 18:40")], ["04 18:40 04 18:40"], "the next is near enough"),
    ("4 06:41", [run("4 06:10")], ["04 06:40 04 06:40", "04 18:40 04 18:40"], "manual before"),
    ("4 06:50", [run("4 06:45")], ["04 18:40 04 18:40", "05 06:40 05 06:40"], "manual instead"),
    ("4 06:41", [run("4 06:40", running=True)], [], "it runs"),
]


@pytest.mark.parametrize(
    ("now", "past", "expected"), [case[:3] for case in CASES], ids=[case[3] for case in CASES]
)
def test_what_is_next(now: str, past: list[PastRun], expected: list[str]) -> None:
    # What was missed keeps its own time: whoever is late starts it at once.
    assert told(plan(now, past))[: len(expected)] == expected


def test_a_new_site_waits_for_its_first_time() -> None:
    assert told(plan("4 12:00", since="4 12:00"))[0] == "04 18:40 04 18:40"
    assert told(plan("4 06:41", since="4 06:00"))[0] == "04 06:40 04 06:40"


CLOCKS = [
    # The clocks go back: 02:30 comes twice, and is one slot.
    ("10-24 23:00", "02:30", ["2026-10-25 02:30"], "2026-10-25T00:30"),
    # The clocks go forward: 02:30 does not come, and is an hour later.
    ("29 00:00", "02:30", ["2026-03-29 02:30"], "2026-03-29T01:30"),
    ("29 00:00", "03:00", ["2026-03-29 03:00"], "2026-03-29T01:00"),
    ("10-24 23:00", "03:00", ["2026-10-25 03:00"], "2026-10-25T02:00"),
]


@pytest.mark.parametrize(("now", "local", "expected", "start"), CLOCKS)
def test_a_clock_change_gives_one_slot(
    now: str, local: str, expected: list[str], start: str
) -> None:
    found = plan(now, timing=Timing(at=(time.fromisoformat(local),)), hours=20)
    assert [each.slot for each in found] == expected
    assert found[0].start == datetime.fromisoformat(start).replace(tzinfo=UTC)


def test_the_second_0230_of_autumn_finds_its_slot_taken() -> None:
    past = [PastRun(at("10-25 02:30"), at("10-25 02:40"), "2026-10-25 02:30")]
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    night = Timing(at=(time(2, 30),))
    found = visits("x", night, ROME, past, since=second, now=second, until=second + timedelta(1))
    assert [each.slot for each in found] == ["2026-10-26 02:30"]


@pytest.mark.parametrize("day", ["10-25", "29"])
def test_a_day_of_23_or_25_hours_has_every_hour_once(day: str) -> None:
    hourly = Timing(at=tuple(time(hour, 10) for hour in range(24)))
    found = plan(f"{day} 00:00", timing=hourly, hours=25 if day == "10-25" else 23)
    named = [each.slot[11:] for each in found]
    # In spring the hour that does not exist shares the next one's start: one crawl, not two.
    missing = {"02:10"} if day == "29" else set()
    assert set(named) == {f"{hour:02}:10" for hour in range(24)} - missing
    assert len(named) == len(set(named))


def test_named_weekdays_in_the_sites_own_zone() -> None:
    # 4 March 2026 is a Wednesday; in Auckland it is Friday already when it is Thursday in Rome.
    friday = Timing(at=(time(6, 40),), days=("fri",))
    [found] = plan("4 12:00", timing=friday, hours=72, zone=ZoneInfo("Pacific/Auckland"))
    assert (found.slot, found.start.astimezone(ROME).day) == ("2026-03-06 06:40", 5)


NIGHT = Blackout.model_validate({"from": time(23), "until": time(5)})
LUNCH = Blackout.model_validate({"from": time(12), "until": time(14)})
SUNDAY = Blackout.model_validate({"from": time(4, 30), "until": time(9), "days": ("sun",)})
ALWAYS = [
    Blackout.model_validate({"from": time(0), "until": time(12)}),
    Blackout.model_validate({"from": time(12), "until": time(0)}),
]


@pytest.mark.parametrize(
    ("now", "hour", "blackouts", "expected"),
    [
        ("4 10:00", time(12), [LUNCH], ["04 14:00 04 12:00"]),
        ("4 10:00", time(14), [LUNCH], ["04 14:00 04 14:00"]),
        ("4 20:00", time(23), [NIGHT], ["05 05:00 04 23:00"]),
        ("4 20:00", time(4, 59), [NIGHT], ["05 05:00 05 04:59"]),
        # 8 March 2026 is a Sunday: one blackout ends in another.
        ("7 20:00", time(2), [NIGHT, SUNDAY], ["08 09:00 08 02:00"]),
        ("8 20:00", time(2), [NIGHT, SUNDAY], ["09 05:00 09 02:00"]),
        ("4 10:00", time(12), ALWAYS, []),
    ],
)
def test_a_blackout_moves_what_falls_into_it(
    now: str, hour: time, blackouts: list[Blackout], expected: list[str]
) -> None:
    found = plan(now, timing=Timing(at=(hour,), blackouts=tuple(blackouts)), hours=20)
    assert told(found) == expected
    assert all(each.why for each in found if each.start > each.due)


def test_what_a_blackout_moves_together_is_one_crawl() -> None:
    nightly = Timing(at=(time(0, 10), time(4), time(5, 30)), blackouts=(NIGHT,))
    assert told(plan("4 20:00", timing=nightly, hours=12)) == [
        "05 05:00 05 04:00",
        "05 05:30 05 05:30",
    ]


def test_a_pause_has_dates_and_is_not_caught_up() -> None:
    paused = Timing(at=(time(6, 40),), pauses=((date(2026, 3, 5), date(2026, 3, 7)),))
    past = [run("3 06:40", "03 06:40")]
    assert told(plan("4 07:00", past, paused, hours=96)) == [
        "04 06:40 04 06:40",
        "08 06:40 08 06:40",
    ]
    assert told(plan("6 12:00", past, paused, hours=48)) == ["08 06:40 08 06:40"]
    # Back from it, what was due before it is long past; the next slot is soon enough.
    assert told(plan("8 06:00", [run("4 06:40", "04 06:40")], paused)) == ["08 06:40 08 06:40"]


def refused(started: str, **how: object) -> PastRun:
    return run(started, f"{int(started.split()[0]):02} {started.split()[1]}", blocked=True, **how)


HOURLY = Timing(at=tuple(time(hour) for hour in range(24)))
REFUSALS = [
    (HOURLY, [refused("4 06:00")], "4 06:06", "08:00"),
    (HOURLY, [refused("4 08:00"), refused("4 06:00")], "4 08:06", "12:00"),
    (
        HOURLY,
        [refused("4 08:00"), run("4 07:00", "04 07:00"), refused("4 06:00")],
        "4 08:06",
        "10:00",
    ),
    (HOURLY, [run("4 09:30"), refused("4 08:00")], "4 09:36", "10:00"),
    (HOURLY, [refused("4 08:00")] * 5, "4 08:06", "08:00 next day"),
    (HOURLY, [refused("4 08:00")] * 10, "4 08:06", "08:00 next day"),
    (TWICE, [refused("4 06:40")], "4 07:00", "06:40 next day"),
    (DAILY, [refused("4 06:40")], "4 07:00", "06:40 next day"),
    # Retry-After counts from the end of the run, five minutes later.
    (HOURLY, [refused("4 06:00", retry_after=timedelta(hours=5))], "4 06:06", "11:05"),
    (HOURLY, [refused("4 06:00", retry_after=timedelta(minutes=2))], "4 06:06", "08:00"),
    (DAILY, [refused("4 06:40", retry_after=timedelta(hours=30))], "4 07:00", "12:45 next day"),
]


@pytest.mark.parametrize(("timing", "past", "now", "expected"), REFUSALS)
def test_a_refusal_doubles_the_interval_up_to_a_day(
    timing: Timing, past: list[PastRun], now: str, expected: str
) -> None:
    found = plan(now, past, timing, hours=48)[0]
    local = found.start.astimezone(ROME)
    assert f"{local:%H:%M}" + " next day" * (local.day - 4) == expected


def test_a_back_off_outlives_restarts_and_is_never_forgotten() -> None:
    """Whenever planning is asked before its end, it says the same."""
    past = [refused("4 08:00"), refused("4 06:00")]
    for minute in range(6, 240, 7):
        now = at("4 08:00") + timedelta(minutes=minute)
        [found, *_] = visits("x", HOURLY, ROME, past, since=now, now=now, until=now + timedelta(1))
        assert found.start == at("4 12:00")
        assert "back-off" in found.why or found.due == found.start


CUT = run("4 06:40", "04 06:40", cut=True)


def test_a_crawl_that_was_cut_off_is_made_again_once() -> None:
    first, second, *_ = plan("4 06:46", [CUT])
    assert (first.slot, first.start) == ("2026-03-04 06:40 again", at("4 06:50"))
    assert "again" in first.why
    assert second.slot == "2026-03-04 18:40"
    again = PastRun(at("4 06:50"), at("4 06:52"), "2026-03-04 06:40 again", cut=True)
    assert told(plan("4 06:55", [again, CUT]))[0] == "04 18:40 04 18:40"
    # Not when the next slot is near, nor when somebody crawled by hand.
    assert told(plan("4 18:00", [CUT]))[0] == "04 18:40 04 18:40"
    assert told(plan("4 07:00", [run("4 06:55"), CUT]))[0] == "04 18:40 04 18:40"


def test_a_crawl_longer_than_its_interval_is_followed_by_one_not_by_all_it_missed() -> None:
    long = run("4 06:00", "04 06:00", minutes=200)
    assert told(plan("4 09:21", [long], HOURLY, hours=1)) == [
        "04 09:00 04 09:00",
        "04 10:00 04 10:00",
    ]


def test_jitter_is_the_same_every_time_it_is_asked_for() -> None:
    jittery = Timing(at=(time(6, 40),), jitter_s=300)
    [found] = plan("4 04:00", timing=jittery)
    late = (found.start - found.due).total_seconds()
    assert late == jitter("bakeca", found.slot, 300) and 0 <= late <= 300
    spread = {jitter("bakeca", f"2026-03-{day:02} 06:40", 300) for day in range(1, 32)}
    assert len(spread) > 20


TIMES = st.lists(
    st.times().map(lambda t: t.replace(second=0, microsecond=0)), unique=True, max_size=5
)


@settings(deadline=None, max_examples=40)
@given(
    times=TIMES,
    hours=st.integers(0, 24 * 366),
    step=st.integers(15, 600),
    zone=st.sampled_from(["Europe/Rome", "America/New_York", "Australia/Lord_Howe", "UTC"]),
)
def test_a_scheduler_that_looks_now_and_then_claims_every_slot_it_should(
    times: list[time], hours: int, step: int, zone: str
) -> None:
    """Two days from any hour of a year, looked at every `step` minutes: no slot twice, none lost
    but those that a later one overtook."""
    timing, where = Timing(at=tuple(sorted(times))), ZoneInfo(zone)
    begun = now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    past: list[PastRun] = []
    while now < begun + timedelta(days=2):
        found = next(
            visits("x", timing, where, past, since=begun, now=now, until=now + timedelta(1)), None
        )
        if found is not None and found.start <= now:
            assert found.slot not in {each.slot for each in past}
            past.insert(0, PastRun(now, now, found.slot))
        now += timedelta(minutes=step)
    final = list(visits("x", timing, where, past, since=begun, now=now, until=now))
    assert all(now - each.due <= timedelta(minutes=step) for each in final)
