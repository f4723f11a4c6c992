"""Work that a process of its own does beside this one, which goes on meanwhile.

Python runs one thread at a time; what is made of many small objects gains from a second core only
in a second process. Forked, it has all that this one has in memory, and sends back what it made.
"""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from matching.threads import CORES

_Found = TypeVar("_Found")

CAN_FORK = hasattr(os, "fork") and CORES > 1


@contextmanager
def forked(work: Callable[[], _Found]) -> Iterator[Callable[[], _Found | None]]:
    """Begin `work` in another process; yields what waits for its result, None when it failed.

    Every connection and file that `work` would use has to be closed before, and opened by it. It
    must neither print nor log, and no other thread of this process may hold what it needs.
    """
    here, there = os.pipe()
    child = os.fork()
    if not child:
        _send(work, there)
    os.close(there)
    running = True

    def result() -> _Found | None:
        nonlocal running
        with os.fdopen(here, "rb", closefd=False) as pipe:
            content = pipe.read()
        _, status = os.waitpid(child, 0)
        running = False
        # Our own pickle, from our own child.
        return pickle.loads(content) if status == 0 else None

    try:
        yield result
    finally:
        os.close(here)
        if running:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _send(work: Callable[[], object], pipe: int) -> None:
    """Write what `work` makes into the pipe, and end this process, whatever happens."""
    status = 1
    try:
        # Locks of files live as long as one process has them open: not through this one.
        os.closerange(3, pipe)
        os.closerange(pipe + 1, os.sysconf("SC_OPEN_MAX"))
        with os.fdopen(pipe, "wb") as file:
            pickle.dump(work(), file, pickle.HIGHEST_PROTOCOL)
        status = 0
    finally:
        os._exit(status)
