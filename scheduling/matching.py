"""The matching pass as a job and as a command."""

from __future__ import annotations

import threading
from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from config import Config
from matching.passes import SHARED, PassSummary, match_store
from outreach.units import unit_of
from pipelines.places import provinces
from scheduling.errors import SchedulerError
from storage import Busy, Store

# How long a pass waits for one that somebody else runs.
PATIENCE_S = 900
_ASK_S = 5


def match_now(
    config: Config,
    store: Store,
    now: datetime,
    *,
    full: bool = False,
    console: Console,
    beside: bool = False,
) -> PassSummary:
    """One matching pass over what changed (`full`: over everything), with a progress bar. With
    `beside`, this process does nothing else, and may fork (`matching.beside`).
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bars:
        task = bars.add_task("matching", total=None)

        def show(done: int, total: int) -> None:
            bars.update(task, completed=done, total=total)

        return match_store(
            store,
            config.matching,
            {site.id: site.origin for site in config.sites.values()},
            unit_of(config),
            now,
            config.timezone,
            full=full,
            beside=SHARED if beside else None,
            progress=show,
            province_name=lambda code: provinces()[code].name if code in provinces() else code,
        )


def match_when_free(
    config: Config, store: Store, now: datetime, stopping: threading.Event
) -> PassSummary | None:
    """A quiet matching pass that waits for somebody's own `faro match`; None when told to stop.

    Raises SchedulerError when the other pass goes on for `PATIENCE_S`.
    """
    quiet = Console(stderr=True, quiet=True)
    for _ in range(0, PATIENCE_S, _ASK_S):
        try:
            return match_now(config, store, now, console=quiet)
        except Busy:
            if stopping.wait(_ASK_S):
                return None
    raise SchedulerError(f"matching: another pass has been running for {PATIENCE_S} s")
