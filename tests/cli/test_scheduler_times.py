"""`faro schedule`: the next 24 hours as an admin reads them, clock changes included."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli import main
from config import write_starter


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    write_starter(folder)
    return folder


def site(folder: Path, schedule: str, *, legal: str = "allow_loopback = true") -> None:
    """The example site, on this machine, with a schedule of its own."""
    path = folder / "sites" / "example.toml"
    text = path.read_text()
    start, end = text.index("[legal]"), text.index("[politeness]")
    text = f"{text[:start]}[legal]\n{legal}\n[schedule]\n{schedule}\n{text[end:]}"
    text = text.replace("enabled = false", "enabled = true")
    path.write_text(text.replace("https://example.org", "http://127.0.0.1:9"))


def shown(folder: Path, now: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The screen's lines, without the spaces that make columns."""
    assert main(["--config", str(folder), "--now", now, "schedule"]) == 0
    lines = capsys.readouterr().out.splitlines()
    return [re.sub(r"\s{2,}", " | ", line.strip()) for line in lines]


def test_a_day_has_its_crawls_and_the_report(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site(folder, 'at = ["06:40", "18:40"]')
    assert shown(folder, "2026-03-04T04:00Z", capsys) == [
        "Until Thu 5 Mar 05:00, Europe/Rome",
        "time | what | site",
        "Wed 4 Mar",
        "06:40 | crawl | example",
        "08:00 | match and report | unita-di-strada",
        "18:40 | crawl | example",
        "Thu 5 Mar",
        "04:10 | retention and backup",
    ]


SPRING, AUTUMN = "2026-03-28T22:00Z", "2026-10-24T21:00Z"


@pytest.mark.parametrize(
    ("now", "local", "expected"),
    [
        (SPRING, "02:30", "03:30 CEST | crawl | example"),
        (SPRING, "04:00", "04:00 CEST | crawl | example"),
        (SPRING, "00:30", "00:30 CET | crawl | example"),
        (AUTUMN, "02:30", "02:30 CEST | crawl | example"),
        (AUTUMN, "03:00", "03:00 CET | crawl | example"),
    ],
)
def test_a_clock_change_is_told_and_starts_nothing_twice(
    folder: Path, capsys: pytest.CaptureFixture[str], now: str, local: str, expected: str
) -> None:
    site(folder, f'at = ["{local}"]')
    lines = shown(folder, now, capsys)
    way = "forward" if now == SPRING else "back"
    assert lines[1].startswith(f"The clocks go {way}")
    assert [line for line in lines if "crawl" in line] == [expected]


def test_what_is_moved_says_why(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site(folder, 'at = ["06:40", "23:30"]\nblackouts = [{ from = "06:00", until = "07:15" }]')
    lines = shown(folder, "2026-03-04T04:00Z", capsys)
    assert "07:15 | crawl | example | after a blackout; due 06:40" in lines


@pytest.mark.parametrize(
    ("schedule", "legal", "why"),
    [
        ('at = ["06:40"]', "", "allow_loopback"),
        ('at = ["06:40"]\npaused_until = 2026-03-20', None, "paused until 20 Mar 2026"),
        ('at = ["06:40"]\ndays = ["mon"]', None, "Mon 9 Mar 06:40"),
        ("", None, "by hand only"),
        (
            'at = ["06:40"]\nblackouts = [{ from = "00:00", until = "12:00" }, '
            '{ from = "12:00", until = "00:00" }]',
            None,
            "its blackouts leave it no time",
        ),
    ],
)
def test_a_site_without_a_crawl_says_why(
    folder: Path, capsys: pytest.CaptureFixture[str], schedule: str, legal: str | None, why: str
) -> None:
    site(folder, schedule, legal="allow_loopback = true" if legal is None else legal)
    lines = shown(folder, "2026-03-04T04:00Z", capsys)
    assert not [line for line in lines if "crawl | example" in line]
    assert [line for line in lines if line.startswith("example |") and why in line]


def test_without_a_database_the_plan_is_that_of_the_config(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site(folder, 'at = ["06:40"]')
    assert main(["--config", str(folder), "--now", "2026-03-04T04:00Z", "schedule"]) == 0
    captured = capsys.readouterr()
    assert "06:40" in captured.out
    assert "run `faro init`" in captured.err
