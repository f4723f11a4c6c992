"""The scheduler's clock, which runs on from where `--now` put it, and the bell that wakes it."""

from __future__ import annotations

import os
import select
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from config.clock import Clock


@dataclass(frozen=True, slots=True)
class RunningClock(Clock):
    """A clock that goes: a scheduler with one that stands would wait for ever."""

    begun: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        """The time, aware UTC."""
        if self.fixed is None:
            return datetime.now(UTC)
        return self.fixed + timedelta(seconds=time.monotonic() - self.begun)

    def standing(self) -> Clock:
        """The clock of a job that begins now: the simulated moment, or real time."""
        return Clock(self.now() if self.simulated else None)

    def real(self, moment: datetime) -> datetime:
        """When `moment` is in real time."""
        return moment - self.now() + datetime.now(UTC)


class Bell:
    """Wakes the thread that waits for it; any thread or signal handler may ring.

    A `threading.Event` can't be: its lock is not re-entrant, so a handler that runs inside `wait`
    would wait for itself.
    """

    def __init__(self) -> None:
        self._ear, self._rope = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def ring(self) -> None:
        """Wake the waiting thread, or the next that waits."""
        # A full pipe rings already.
        with suppress(BlockingIOError):
            os.write(self._rope, b"!")

    def wait(self, seconds: float) -> None:
        """Wait for the bell, so long at most."""
        select.select([self._ear], [], [], seconds)
        with suppress(BlockingIOError):
            while os.read(self._ear, 4096):
                pass
