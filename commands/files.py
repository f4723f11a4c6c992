"""Commands from data to data: phone numbers, linking a file, questions to the database."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from commands.app import UseError, app, err_console, loaded, opened, out_console


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
    with Progress(*columns, console=err_console(), transient=True) as progress:
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
    err_console().print(summary)


@app.command()
def query(
    context: typer.Context,
    sql: str,
    form: Annotated[str, typer.Option("--format", help="table or csv.")] = "table",
    limit: Annotated[int, typer.Option(min=1, help="Rows at most.")] = 1000,
) -> None:
    """Ask the pseudonymised views (v_adverts, v_runs, ...), read-only."""
    from analysis.queries import as_csv, as_table

    config, clock = loaded(context)
    with opened(config, clock) as store:
        columns, rows = store.query(sql, limit)
    if form == "csv":
        sys.stdout.write(as_csv(columns, rows))
    else:
        out_console().print(as_table(columns, rows, limit))
