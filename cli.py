"""The `faro` command: each subcommand is a few lines that call a room."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from typer.exceptions import TyperException

from records.errors import FaroError

if TYPE_CHECKING:
    from config import Config, SiteFile
    from config.clock import Clock
    from storage import Store

# Exit status, as documented in README.md.
DONE, NEEDS_A_PERSON, WRONG_USE = 0, 1, 2

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Faro tells a street unit, every morning, whom to phone.",
)
site_app = typer.Typer(no_args_is_help=True, help="Look at, validate and try site files.")
app.add_typer(site_app, name="site")

# Commands of later waves: they exist, so that nobody guesses, and they say so plainly.
LATER = {
    "desk": "the web desk",
    "explain": "why two adverts are linked or not",
    "evaluate": "precision and recall by behaviour",
    "export": "pseudonymised exports",
    "trends": "charts",
    "user": "users and roles",
    "unit": "units and their calendars",
    "dnc": "the do-not-contact list",
    "erase": "erasure on request",
    "purge": "retention",
    "key": "key rotation and backup",
    "audit": "reading and verifying the audit trail",
    "backup": "encrypted backups",
    "restore": "restoring a backup",
    "upgrade": "schema upgrades",
    "import": "importing contacts",
    "legal": "the record of processing",
}


class UseError(FaroError):
    """A command used wrongly."""


@app.callback()
def settings(
    context: typer.Context,
    config: Annotated[
        Path, typer.Option("--config", envvar="FARO_CONFIG", help="The config folder.")
    ] = Path("config"),
    now: Annotated[
        str | None,
        typer.Option("--now", help="Simulate this time (ISO 8601; or FARO_NOW)."),
    ] = None,
) -> None:
    """Keep the global options for the commands."""
    from config.clock import clock_from

    context.obj = (config, clock_from(now, os.environ))


def _config(context: typer.Context) -> tuple[Config, Clock]:
    from config import load

    folder, clock = context.obj
    return load(folder), clock


@contextmanager
def _store(config: Config, clock: Clock) -> Iterator[Store]:
    from storage import open_store

    store = open_store(config, clock)
    try:
        yield store
    finally:
        store.close()


# Into a pipe or a file, where nobody sees a terminal's edge, tables are not squeezed.
PIPED_WIDTH = 200


def _out() -> Console:
    width = None if sys.stdout.isatty() else PIPED_WIDTH
    # No markup: what sites and config files say in brackets is text.
    return Console(highlight=False, markup=False, soft_wrap=True, width=width)


def _err() -> Console:
    return Console(stderr=True, highlight=False, markup=False)


@app.command()
def demo(
    days: Annotated[int, typer.Option(min=2, help="Days to simulate.")] = 30,
    adverts: Annotated[int, typer.Option(min=20, help="Adverts in the town, about.")] = 500,
    directory: Annotated[Path, typer.Option("--dir", help="Where everything goes.")] = Path(
        "demo-output"
    ),
    serve: Annotated[bool, typer.Option("--serve", help="Leave the desk running.")] = False,
) -> None:
    """Run the main job end to end on a simulated town whose truth is known."""
    from demo.run import run_demo

    if serve:
        raise UseError("--serve: the desk is not there yet; the report is a file to open")
    run_demo(directory, days=days, adverts=adverts, console=_out())


@app.command()
def init(context: typer.Context, directory: Annotated[Path, typer.Argument()]) -> None:
    """Make a config folder, keys with an escrow copy, and an empty database."""
    from config import load, write_starter
    from storage import create_store

    _, clock = context.obj
    out = _out()
    if (directory / "faro.toml").exists():
        out.print(f"{directory / 'faro.toml'} is there already: kept")
    else:
        for path in write_starter(directory):
            out.print(f"made {path}")
    config = load(directory)
    with create_store(config, simulated=clock.simulated, at=clock.now()) as store:
        out.print(f"made the database {store.location}")
        out.print(f"made the keys in {config.keys.folder}")
        out.print(
            f"\nPut the escrow copy of the root key away now, off this machine: {store.escrow}\n"
            "Without the root key nothing in the database can be read."
        )
    out.print(f"Next: describe a site in {directory / 'sites'}, then `faro site check`.")


@site_app.command("list")
def site_list(context: typer.Context) -> None:
    """The sites, and whether they may be crawled."""
    from analysis.status import sites_table

    config, clock = _config(context)
    _out().print(sites_table(config, clock.now()))


@site_app.command("check")
def site_check(
    context: typer.Context, site: Annotated[str | None, typer.Argument()] = None
) -> None:
    """Validate all config, one line per fault."""
    config, _ = _config(context)
    chosen = [site] if site else sorted(config.sites)
    for name in chosen:
        _site(config, name)
    for warning in config.warnings:
        _err().print(f"warning: {warning}")
    _out().print(f"{len(chosen)} site file{'s' * (len(chosen) != 1)} valid: {', '.join(chosen)}")


@site_app.command("try")
def site_try(
    context: typer.Context,
    site: str,
    html: Annotated[
        Path | None, typer.Option("--html", help="A saved page instead of the live one.")
    ] = None,
) -> None:
    """Preview one list page: verdict, cards, fill rates, first rows (masked). Stores nothing."""
    from crawlers.preview import preview

    config, clock = _config(context)
    found = preview(config, _site(config, site).id, clock, html)
    _out().print(found.render())
    if not found.ok:
        raise typer.Exit(NEEDS_A_PERSON)


@site_app.command("freeze")
def site_freeze(
    context: typer.Context,
    site: str,
    html: Annotated[
        Path | None, typer.Option("--html", help="A saved page instead of the live one.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the fixture.")] = None,
) -> None:
    """Make a fixture of a list page, with every text and contact replaced by a generated one."""
    from crawlers.freeze import freeze

    config, clock = _config(context)
    for path in freeze(config, _site(config, site).id, clock, html, out):
        _out().print(f"made {path}")


def _site(config: Config, name: str) -> SiteFile:
    from config import site_named

    return site_named(config, name)


@app.command()
def crawl(
    context: typer.Context, sites: Annotated[list[str] | None, typer.Argument()] = None
) -> None:
    """Crawl sites now (all enabled ones when none is named); a verdict per partition."""
    from crawlers.process import crawl_many
    from crawlers.screens import CrawlProgress, results_table

    config, clock = _config(context)
    chosen = [_site(config, name).id for name in sites or []] or [
        site.id for site in config.sites.values() if site.enabled
    ]
    if not chosen:
        raise UseError(f"{config.folder / 'sites'}: no site is enabled; set enabled = true in one")
    with CrawlProgress(_err()) as progress:
        results = crawl_many(
            config,
            chosen,
            clock,
            concurrency=config.crawler.concurrency,
            progress=progress.update,
        )
    _out().print(results_table(results))
    if not all(result.complete for result in results):
        raise typer.Exit(NEEDS_A_PERSON)


@app.command()
def match(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Every advert, not only what changed.")
    ] = False,
) -> None:
    """Link what is not yet linked to profiles, and raise flags."""
    from scheduler import match_now

    config, clock = _config(context)
    with _store(config, clock) as store:
        summary = match_now(config, store, clock.now(), full=everything, console=_err())
    _out().print(summary.sentence())


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
    from scheduler import report_now

    config, clock = _config(context)
    wanted = tuple(part.strip() for part in formats.split(",") if part.strip())
    with _store(config, clock) as store:
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
            _out().print(str(path))


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


@app.command()
def schedule(context: typer.Context) -> None:
    """What the scheduler will do in the next 24 hours, in local time."""
    from scheduler import schedule_table

    config, clock = _config(context)
    _out().print(schedule_table(config, clock.now()))


@app.command()
def status(context: typer.Context) -> None:
    """Sites, last verdicts, queue, keys, retention: one screen."""
    from analysis.status import status_screen
    from crawlers.browser import MISSING_BROWSER, find_chromium

    config, clock = _config(context)
    browser = find_chromium(config)
    with _store(config, clock) as store:
        screen = status_screen(
            config, store, clock.now(), str(browser or MISSING_BROWSER), store.verify_audit()
        )
        _out().print(screen)


@app.command()
def phones() -> None:
    """Read phone numbers: JSON lines {"id","input","is_html"} in, numbers out."""
    from pipelines.phones import read_jsonl

    with _counting("strings", sys.stdin) as lines:
        for line in read_jsonl(lines):
            sys.stdout.write(line.rstrip("\n") + "\n")


@contextmanager
def _counting(unit: str, lines: Iterator[str]) -> Iterator[Iterator[str]]:
    """Pass `lines` through, counting them on a terminal's stderr (and only there)."""
    if not sys.stderr.isatty():
        yield lines
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.completed} " + unit), TimeElapsedColumn())
    with Progress(*columns, console=_err(), transient=True) as progress:
        task = progress.add_task(unit, total=None)

        def counted() -> Iterator[str]:
            for line in lines:
                yield line
                progress.advance(task)

        yield counted()


@app.command()
def link(
    source: Annotated[Path, typer.Argument(metavar="IN.jsonl")],
    out: Annotated[Path, typer.Option("--out", help="The CSV to write.")],
    extract: Annotated[
        bool, typer.Option("--extract", help="Read phones from the text first.")
    ] = False,
    engine: Annotated[str, typer.Option(help="local (spark comes later).")] = "local",
) -> None:
    """Link a file of adverts without a database: id, profile, network, probability."""
    from matching.files import link_file

    if engine != "local":
        raise UseError(f"--engine {engine}: only `local` is there yet")
    from pipelines.phones import find_phones

    summary = link_file(source, out, extract=find_phones if extract else None)
    _err().print(summary)


@app.command()
def query(
    context: typer.Context,
    sql: str,
    form: Annotated[str, typer.Option("--format", help="table or csv.")] = "table",
    limit: Annotated[int, typer.Option(min=1, help="Rows at most.")] = 1000,
) -> None:
    """Ask the pseudonymised views (v_adverts, v_runs, ...), read-only."""
    from analysis.queries import as_csv, as_table

    config, clock = _config(context)
    with _store(config, clock) as store:
        columns, rows = store.query(sql, limit)
    if form == "csv":
        sys.stdout.write(as_csv(columns, rows))
    else:
        _out().print(as_table(columns, rows, limit))


def _later(name: str, what: str) -> None:
    @app.command(
        name,
        help=f"Not there yet: {what}.",
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )
    def not_there() -> None:
        raise UseError(f"faro {name}: {what} is not there yet; CHANGELOG.md says what is")


for _name, _what in LATER.items():
    _later(_name, _what)


@site_app.command("add", help="Not there yet: proposing a site file from an address.")
def site_add(url: str) -> None:
    """Say that it is not there yet."""
    raise UseError(f"faro site add {url}: not there yet; copy sites/example.toml and edit it")


@site_app.command("forget", help="Not there yet: deleting a site's data.")
def site_forget(site: str) -> None:
    """Say that it is not there yet."""
    raise UseError(f"faro site forget {site}: not there yet; set enabled = false to stop crawling")


def _hoisted(arguments: list[str]) -> list[str]:
    """Global options may stand anywhere: move `--config X` and `--now X` to the front."""
    front: list[str] = []
    rest: list[str] = []
    queue = iter(arguments)
    for argument in queue:
        if argument == "--":
            return [*front, *rest, argument, *queue]
        if argument in {"--config", "--now"}:
            front += [argument, *(value for value in [next(queue, None)] if value is not None)]
        elif argument.startswith(("--config=", "--now=")):
            front.append(argument)
        else:
            rest.append(argument)
    return front + rest


def _one_line(misuse: TyperException) -> str:
    return " ".join(misuse.format_message().split())


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit status is 0 done, 1 needs a person, 2 wrong use or config."""
    words = _hoisted(sys.argv[1:] if arguments is None else arguments)
    try:
        return int(app(words, prog_name="faro", standalone_mode=False) or DONE)
    except FaroError as fault:
        for line in str(fault).splitlines():
            sys.stderr.write(f"faro: {line}\n")
        return WRONG_USE
    except TyperException as misuse:
        sys.stderr.write(f"faro: {_one_line(misuse)} (see faro --help)\n")
        return WRONG_USE
    except BrokenPipeError:
        # The reader went away (`faro query … | head`): not a fault of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except MemoryError:
        sys.stderr.write("faro: not enough memory; ask for less, or try again when nothing runs\n")
        return WRONG_USE
    except OSError as fault:
        # A full disk, a missing right, a path that is a folder: no defect of Faro's.
        sys.stderr.write(f"faro: {fault.filename or 'file'}: {fault.strerror or fault}\n")
        return WRONG_USE
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("faro: stopped\n")
        return 130
    except Exception as defect:
        # A message or a traceback may quote what a page says, so neither is shown unasked.
        if os.environ.get("FARO_DEBUG"):
            raise
        place = traceback.extract_tb(defect.__traceback__)[-1]
        sys.stderr.write(
            f"faro: a defect of Faro: {type(defect).__name__} at {Path(place.filename).name}:"
            f"{place.lineno}; please report it (FARO_DEBUG=1 shows the traceback)\n"
        )
        return WRONG_USE


if __name__ == "__main__":
    sys.exit(main())
