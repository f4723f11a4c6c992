"""The clock: real, or fixed by --now and FARO_NOW."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from config import ConfigError
from config.clock import clock_from

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("option", "environ", "expected"),
    [
        ("2026-03-04T12:00Z", {}, NOON),
        ("2026-03-04T13:00+01:00", {}, NOON),
        ("2026-03-04T12:00", {"FARO_NOW": "2020-01-01"}, NOON),
        (None, {"FARO_NOW": "2026-03-04T12:00:00"}, NOON),
    ],
)
def test_fixed_time(option: str | None, environ: dict[str, str], expected: datetime) -> None:
    clock = clock_from(option, environ)
    assert clock.simulated
    assert clock.now() == expected == clock.now()


def test_real_time() -> None:
    clock = clock_from(None, {})
    assert not clock.simulated
    assert clock.now().tzinfo is UTC


def test_unreadable_time_is_one_line() -> None:
    with pytest.raises(ConfigError, match=r"--now tomorrow: not a time; write it as"):
        clock_from("tomorrow", {})
