"""The day's work by hand, or by the scheduler: crawl, match, report, run."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from commands.app import NEEDS_A_PERSON, UseError, app, err_console, loaded, opened, out_console


@app.command()
def crawl(
    context: typer.Context, sites: Annotated[list[str] | None, typer.Argument()] = None
) -> None:
    """Crawl sites now (all enabled ones when none is named); a verdict per partition."""
    from config import site_named
    from crawlers.process import crawl_many
    from crawlers.screens import CrawlProgress, costs_table, results_table

    config, clock = loaded(context)
    chosen = [site_named(config, name).id for name in sites or []] or [
        site.id for site in config.sites.values() if site.enabled
    ]
    if not chosen:
        raise UseError(f"{config.folder / 'sites'}: no site is enabled; set enabled = true in one")
    with CrawlProgress(err_console()) as progress:
        results = crawl_many(
            config,
            chosen,
            clock,
            concurrency=config.crawler.concurrency,
            progress=progress.update,
        )
    out_console().print(results_table(results))
    out_console().print(costs_table(results))
    if not all(result.complete for result in results):
        raise typer.Exit(NEEDS_A_PERSON)


@app.command()
def match(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Every advert, not only what changed.")
    ] = False,
    learn: Annotated[
        bool, typer.Option("--learn", help="Show what weights this data asks for; link nothing.")
    ] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Put what is learnt in force.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take the last set learnt back.")] = False,
) -> None:
    """Link what is not yet linked to profiles, and raise flags."""
    from commands import learning
    from scheduling.matching import match_now

    if (apply or undo) and not learn:
        raise UseError(f"match: {'--apply' if apply else '--undo'} goes with --learn")
    if learn and (everything or (apply and undo)):
        raise UseError("match --learn: it stands alone, with --apply, or with --undo")
    config, clock = loaded(context)
    with opened(config, clock) as store:
        if undo:
            learning.undo(store, clock)
        elif learn:
            learning.learn(config, store, clock, apply=apply)
        else:
            summary = match_now(
                config, store, clock.now(), full=everything, console=err_console(), beside=True
            )
            out_console().print(summary.sentence())


@app.command()
def report(
    context: typer.Context,
    unit: Annotated[str | None, typer.Option(help="One unit (default: all).")] = None,
    day: Annotated[
        str | None, typer.Option("--date", help="Local date, 2026-03-04 (default: today).")
    ] = None,
    formats: Annotated[str, typer.Option("--format", help="html,json")] = "html",
    out: Annotated[
        str | None, typer.Option(help="File or folder (default: <data_dir>/reports); - is stdout.")
    ] = None,
    draft: Annotated[bool, typer.Option("--draft", help="Publish nothing.")] = False,
) -> None:
    """Publish the report of (unit, local date); asked again, the same report is rendered."""
    from scheduling.jobs import report_now

    config, clock = loaded(context)
    wanted = tuple(part.strip() for part in formats.split(",") if part.strip())
    with opened(config, clock) as store:
        for path in report_now(
            config,
            store,
            clock.now(),
            unit=unit,
            day=_day(day),
            formats=wanted,
            out=out,
            draft=draft,
        ):
            out_console().print(str(path))


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UseError(f"--date {text}: not a date; write it as 2026-03-04") from error


@app.command()
def run(context: typer.Context) -> None:
    """Run the scheduler: crawls, matching and reports at their times, until stopped."""
    from scheduler import serve

    folder, clock = context.obj
    raise typer.Exit(serve(folder, clock))
