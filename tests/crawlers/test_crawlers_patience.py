"""Retry-After: what a site asks for is read, and kept with its run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from noticeboard import Answer

from crawlers.patience import STAT, retry_after_s

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("Wed, 04 Mar 2026 13:00:00 GMT", 3600),
        ("Wed, 04 Mar 2026 11:00:00 GMT", 0),
        ("", 0),
        ("-5", 0),
        ("soon", 0),
        ("²", 0),
        ("9" * 400, 999_999_999),
    ],
)
def test_reading(header: str, seconds: int) -> None:
    assert retry_after_s(header, NOW) == seconds


def test_a_refusal_keeps_what_it_asks_for(watch, board):
    board.fill("torino", range(1, 3))
    board.before = lambda path, query: (
        Answer(status=429, headers={"Retry-After": "7200"}) if path != "/robots.txt" else None
    )
    result = watch.crawl()
    with watch.store() as store:
        assert store.run_record(result.run).stats[STAT] == 7200
