"""What the scheduler plans: config files are the only truth, and clock changes do not double it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from config import Config, load, write_starter
from scheduler import _slot_now, schedule_table, upcoming


def planned(tmp_path: Path, schedule: str, now: datetime, hours: int = 24) -> list[str]:
    return [
        f"{each.at:%d %H:%M} {each.what}" for each in upcoming(site(tmp_path, schedule), now, hours)
    ]


def site(tmp_path: Path, schedule: str) -> Config:
    folder = tmp_path / "config"
    if not folder.exists():
        write_starter(folder)
        path = folder / "sites" / "example.toml"
        text = path.read_text()
        start, end = text.index("[legal]"), text.index("[politeness]")
        text = (
            text[:start] + f"[legal]\nallow_loopback = true\n[schedule]\n{schedule}\n" + text[end:]
        )
        text = text.replace("enabled = false", "enabled = true")
        path.write_text(text.replace("https://example.org", "http://127.0.0.1:9"))
    return load(folder)


def test_a_day_has_its_crawls_and_the_report(tmp_path: Path) -> None:
    now = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
    assert planned(tmp_path, 'group = "twice-daily"', now) == [
        "04 06:40 crawl",
        "04 08:00 match and report",
        "04 18:40 crawl",
    ]


def test_named_weekdays(tmp_path: Path) -> None:
    # 4 March 2026 is a Wednesday.
    now = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
    schedule = 'at = ["06:40"]\ndays = ["fri"]'
    assert planned(tmp_path, schedule, now) == ["04 08:00 match and report"]
    assert "06 06:40 crawl" in planned(tmp_path, schedule, now, hours=72)


@pytest.mark.parametrize(
    ("now", "slots"),
    [
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), {"2026-10-25 02:30"}),
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), {"2026-03-29 03:30", "2026-03-29 02:30"}),
    ],
    ids=["clocks go back", "clocks go forward"],
)
def test_a_clock_change_gives_one_slot(tmp_path: Path, now: datetime, slots: set[str]) -> None:
    config = site(tmp_path, 'at = ["02:30"]')
    got = {each.slot for each in upcoming(config, now, 6) if each.what == "crawl"}
    assert len(got) == 1
    assert got <= slots


def test_a_late_start_claims_the_planned_slot(tmp_path: Path) -> None:
    config = site(tmp_path, 'group = "twice-daily"')
    late = datetime(2026, 3, 4, 18, 44)
    assert _slot_now(config, "example", late) == "2026-03-04 18:40"
    assert _slot_now(config, "example", datetime(2026, 3, 4, 0, 5)) == "2026-03-03 18:40"


def test_a_site_that_may_not_be_crawled_says_why(tmp_path: Path) -> None:
    config = site(tmp_path, 'group = "twice-daily"')
    path = config.folder / "sites" / "example.toml"
    path.write_text(path.read_text().replace("allow_loopback = true", ""))
    config = load(config.folder)
    now = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
    assert [each.what for each in upcoming(config, now)] == ["match and report"]
    cells = [str(cell) for column in schedule_table(config, now).columns for cell in column.cells]
    assert any("allow_loopback" in cell for cell in cells)
