"""The admin's screens: what is planned, and how everything is."""

from __future__ import annotations

from typing import Annotated

import typer

from commands.app import UseError, app, err_console, loaded, opened, out_console


@app.command()
def schedule(context: typer.Context) -> None:
    """What the scheduler will do in the next 24 hours, in local time."""
    from scheduling.past import RUNS
    from scheduling.screen import schedule_screen
    from storage import StorageError

    config, clock = loaded(context)
    try:
        with opened(config, clock) as store:
            runs = store.recent_runs(RUNS)
    except StorageError as fault:
        err_console().print(f"planned from the config alone, without past runs: {fault}")
        runs = {}
    out_console().print(schedule_screen(config, clock.now(), runs), soft_wrap=False)


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
    from scheduling.screen import next_words, scheduler_words

    config, clock = loaded(context)
    if release and discard:
        raise UseError("--release and --discard: one of them at a time")
    with opened(config, clock) as store:
        if release or discard:
            store.decide_held(
                release or discard or "", "released" if release else "discarded", clock.now()
            )
        zone = ZoneInfo(config.timezone)
        next_of, coming = next_words(config, clock.now(), store.recent_runs(RUNS))
        around = Surroundings(
            scheduler=scheduler_words(store.scheduler_lives(), datetime.now(UTC), zone),
            browser=browser_words(config),
            coming=coming,
            audit_fault=store.verify_audit(),
            next_of=next_of,
        )
        screen = status_screen(config, store, clock.now(), around)
        out_console().print(screen, soft_wrap=False)
