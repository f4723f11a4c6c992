"""What a report covers: no day is swallowed, none told twice, clock changes or not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from outreach.errors import OutreachError
from outreach.periods import end_of_day, in_zone, period
from records.queue import PublishedReport

ROME = ZoneInfo("Europe/Rome")


def rome(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ROME).astimezone(UTC)


def published(day: str, to: datetime) -> PublishedReport:
    return PublishedReport("treviso", day, to, None, to, "{}")


MONDAY = published("2026-03-02", rome("2026-03-02T06:45"))


@pytest.mark.parametrize(
    ("day", "now", "last", "since", "until"),
    [
        ("2026-03-02", "2026-03-02T06:45", None, None, "2026-03-02T06:45"),
        ("2026-03-03", "2026-03-03T06:45", MONDAY, "2026-03-02T06:45", "2026-03-03T06:45"),
        # After a long holiday: everything since Monday.
        ("2026-03-09", "2026-03-09T06:45", MONDAY, "2026-03-02T06:45", "2026-03-09T06:45"),
        # Yesterday's, which nobody published: up to its midnight; today's goes on from there.
        ("2026-03-04", "2026-03-05T06:45", MONDAY, "2026-03-02T06:45", "2026-03-05T00:00"),
    ],
)
def test_covers_since_the_last_published(
    day: str, now: str, last: PublishedReport | None, since: str | None, until: str
) -> None:
    covered = period(date.fromisoformat(day), rome(now), ROME, last, draft=False)
    assert covered.since == (rome(since) if since else None)
    assert covered.until == rome(until)


@pytest.mark.parametrize(
    ("day", "now", "draft", "says"),
    [
        ("2026-03-04", "2026-03-03T23:59", False, "not come yet"),
        ("2026-03-04", "2026-03-03T23:59", True, "not come yet"),
        ("2026-03-01", "2026-03-03T06:45", False, "ask for --date 2026-03-02"),
        ("2026-03-01", "2026-03-03T06:45", True, "ask for --date 2026-03-02"),
    ],
)
def test_days_that_have_no_report(day: str, now: str, draft: bool, says: str) -> None:
    with pytest.raises(OutreachError, match=says):
        period(date.fromisoformat(day), rome(now), ROME, MONDAY, draft=draft)


def test_a_draft_after_todays_report_is_what_came_since() -> None:
    covered = period(date(2026, 3, 2), rome("2026-03-02T12:00"), ROME, MONDAY, draft=True)
    assert (covered.since, covered.until) == (MONDAY.covers_to, rome("2026-03-02T12:00"))


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-28", 24), ("2026-03-29", 23), ("2026-10-25", 25)]
)
def test_days_of_the_clock_change_are_whole(day: str, hours: int) -> None:
    this = date.fromisoformat(day)
    start = end_of_day(this - timedelta(days=1), ROME)
    end = end_of_day(this, ROME)
    assert (end.astimezone(UTC) - start.astimezone(UTC)) == timedelta(hours=hours)
    # The last minute of the day belongs to it, the next one does not.
    assert (end.astimezone(UTC) - timedelta(minutes=1)).astimezone(ROME).date() == this
    assert end.astimezone(ROME).date() == this + timedelta(days=1)


@pytest.mark.parametrize(
    ("utc", "local"),
    [
        ("2026-03-29T00:59:59+00:00", "2026-03-29T01:59:59+01:00"),
        ("2026-03-29T01:00:00+00:00", "2026-03-29T03:00:00+02:00"),
        # 02:30 comes twice: the offset tells which.
        ("2026-10-25T00:30:00+00:00", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T01:30:00+00:00", "2026-10-25T02:30:00+01:00"),
    ],
)
def test_moments_keep_their_offset(utc: str, local: str) -> None:
    assert in_zone(datetime.fromisoformat(utc), ROME) == local
