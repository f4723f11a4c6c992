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


@pytest.mark.parametrize(
    ("option", "environ", "line"),
    [
        ("tomorrow", {}, "--now tomorrow: not a time; write it as 2026-03-04T06:40Z"),
        (None, {"FARO_NOW": "4/3"}, "FARO_NOW 4/3: not a time; write it as 2026-03-04T06:40Z"),
        (
            "0001-01-01T00:00+10:00",
            {},
            "--now 0001-01-01T00:00+10:00: not a time; write it as 2026-03-04T06:40Z",
        ),
        ("a\nb", {}, "--now a\\nb: not a time; write it as 2026-03-04T06:40Z"),
    ],
)
def test_unreadable_time_is_one_line(
    option: str | None, environ: dict[str, str], line: str
) -> None:
    with pytest.raises(ConfigError) as fault:
        clock_from(option, environ)
    assert str(fault.value) == line
