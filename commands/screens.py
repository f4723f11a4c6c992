"""The admin's screens: what is planned, and how everything is."""

from __future__ import annotations

from typing import Annotated

import typer

from commands.app import UseError, app, err_console, loaded, opened, out_console


@app.command()
def schedule(context: typer.Context) -> None:
    """What the scheduler will do in the next 24 hours, in local time."""
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from scheduling.past import RUNS
    from scheduling.screen import schedule_screen, scheduler_state
    from storage import StorageError

    config, clock = loaded(context)
    zone = ZoneInfo(config.timezone)
    try:
        with opened(config, clock) as store:
            runs = store.recent_runs(RUNS)
            state = scheduler_state(store.scheduler_lives(), runs, datetime.now(UTC), zone)
    except StorageError as fault:
        err_console().print(f"planned from the config alone, without past runs: {fault}")
        runs, state = {}, None
    out_console().print(schedule_screen(config, clock.now(), runs, state), soft_wrap=False)


@app.command()
def status(
    context: typer.Context,
    release: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Let a held run (or a site's) be judged like any."),
    ] = None,
    discard: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Take what a held run (or a site's) saw as not new."),
    ] = None,
) -> None:
    """Sites, last verdicts, queue, keys, retention: one screen."""
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from analysis.status import Surroundings, status_screen
    from crawlers.browser_check import browser_words
    from scheduling.past import RUNS
    from scheduling.screen import next_words, scheduler_state

    config, clock = loaded(context)
    if release and discard:
        raise UseError("--release and --discard: one of them at a time")
    with opened(config, clock) as store:
        if release or discard:
            store.decide_held(
                release or discard or "", "released" if release else "discarded", clock.now()
            )
        zone = ZoneInfo(config.timezone)
        runs = store.recent_runs(RUNS)
        state = scheduler_state(store.scheduler_lives(), runs, datetime.now(UTC), zone)
        next_of, coming = next_words(config, clock.now(), runs, state)
        around = Surroundings(
            scheduler=(state.well, state.words),
            browser=browser_words(config),
            coming=coming,
            audit_fault=store.verify_audit(),
            next_of=next_of,
        )
        screen = status_screen(config, store, clock.now(), around)
        out_console().print(screen, soft_wrap=False)
