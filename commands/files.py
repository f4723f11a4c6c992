"""Commands from data to data: phone numbers, linking a file, questions to the database."""

from __future__ import annotations

import io
import os
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer

from commands.app import UseError, app, err_console, loaded, opened, out_console

_LINES_A_STEP = 20
"""Lines between two movements of the progress bar."""


@app.command()
def phones() -> None:
    """Read phone numbers: JSON lines {"id","input","is_html"} in, numbers out."""
    from pipelines.phones import read_jsonl

    with _progress("strings", sys.stdin) as lines:
        for line in read_jsonl(lines):
            sys.stdout.write(line.rstrip("\n") + "\n")


@contextmanager
def _progress(unit: str, stream: TextIO) -> Iterator[Iterator[str]]:
    """Pass the lines of `stream` through, with a bar on the terminal of stderr.

    The bar knows its end when a file is read. Where the answers go to the terminal there is none.
    """
    if not sys.stderr.isatty() or sys.stdout.isatty():
        yield iter(stream)
        return
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.fields[count]:,} " + unit), BarColumn(), TaskProgressColumn(),
        TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    # Rich would take what is written to stdout, a file here, to the terminal.
    with Progress(
        *columns,
        console=err_console(),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as progress:
        task = progress.add_task(unit, total=_size(stream), count=0)

        def counted() -> Iterator[str]:
            read = 0
            for count, line in enumerate(stream, 1):
                yield line
                read += len(line.encode("utf-8", "surrogateescape"))
                if not count % _LINES_A_STEP:
                    progress.update(task, completed=read, count=count)

        yield counted()


def _size(stream: TextIO) -> int | None:
    """The bytes of the file that a stream reads, None when it is no file."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, io.UnsupportedOperation):
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


@app.command()
def link(
    source: Annotated[Path, typer.Argument(metavar="IN.jsonl")],
    out: Annotated[Path, typer.Option("--out", help="The CSV to write.")],
    extract: Annotated[
        bool, typer.Option("--extract", help="Read phones from the text first.")
    ] = False,
    engine: Annotated[str, typer.Option(help="local, or spark for several machines.")] = "local",
    master: Annotated[
        str | None, typer.Option(help="Spark's, as spark://host:7077 (default: local[*]).")
    ] = None,
) -> None:
    """Link a file of adverts without a database: id, profile, network, probability."""
    from matching.files import link_file
    from matching.reading import Extract
    from matching.spark import spark_scorer

    if engine not in {"local", "spark"}:
        raise UseError(f"--engine {engine}: there is `local` and `spark`")
    if engine == "local" and master is not None:
        raise UseError("--master: only Spark has one; add --engine spark")
    phones: Extract | None = None
    if extract:
        from pipelines.phones import find_phones

        phones = find_phones
    # Ended by the system as by hand: what was begun is taken away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with _stages() as told:
        if engine == "local":
            summary = link_file(source, out, extract=phones, progress=told)
        else:
            with spark_scorer(master or "local[*]") as scorer:
                summary = link_file(source, out, extract=phones, progress=told, scorer=scorer)
    err_console().print(summary)


@contextmanager
def _stages() -> Iterator[Callable[[str, float], None] | None]:
    """A bar on the terminal of stderr, moved by what is yielded; None where there is none."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import Progress, SpinnerColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), *Progress.get_default_columns(), TimeElapsedColumn())
    with Progress(*columns, console=err_console(), transient=True) as progress:
        task = progress.add_task("linking", total=1.0)
        yield lambda what, share: progress.update(task, description=what, completed=share)


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
