"""The clock: real time, or a fixed time for simulated days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from config.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Clock:
    """Time of crawl stamps, matching, queue, report and retention.

    `fixed` is aware UTC, or None for real time. Durations, locks and heartbeats never use it.
    """

    fixed: datetime | None = None

    @property
    def simulated(self) -> bool:
        """Whether this clock stands still at a given time."""
        return self.fixed is not None

    def now(self) -> datetime:
        """The time, aware UTC."""
        return self.fixed or datetime.now(UTC)


def clock_from(option: str | None, environ: Mapping[str, str]) -> Clock:
    """The clock that `--now` (else FARO_NOW in `environ`) asks for; a time without offset is UTC.

    Raises ConfigError when the time can't be read.
    """
    name, text = ("--now", option) if option else ("FARO_NOW", environ.get("FARO_NOW"))
    if not text:
        return Clock()
    try:
        at = datetime.fromisoformat(text)
        return Clock((at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC))
    # Overflow: the first hours of the year 1, and the last of 9999, east or west of Greenwich.
    except (ValueError, OverflowError) as error:
        raise ConfigError(f"{name} {text}: not a time; write it as 2026-03-04T06:40Z") from error
