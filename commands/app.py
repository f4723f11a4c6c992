"""What every subcommand stands on: the Typer app, the global options, the consoles."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from records.errors import FaroError

if TYPE_CHECKING:
    from config import Config
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


def loaded(context: typer.Context) -> tuple[Config, Clock]:
    """The validated config and the clock that the global options name."""
    from config import load

    folder, clock = context.obj
    return load(folder), clock


@contextmanager
def opened(config: Config, clock: Clock) -> Iterator[Store]:
    """The store, closed at the end."""
    from storage import open_store

    store = open_store(config, clock)
    try:
        yield store
    finally:
        store.close()


# Into a pipe or a file, where nobody sees a terminal's edge, tables are not squeezed.
PIPED_WIDTH = 200


def out_console() -> Console:
    """What a command answers goes here."""
    width = None if sys.stdout.isatty() else PIPED_WIDTH
    # No markup: what sites and config files say in brackets is text.
    return Console(highlight=False, markup=False, soft_wrap=True, width=width)


def err_console() -> Console:
    """Progress and warnings go here."""
    # A warning stays one line, so that grep and a journal show it whole.
    return Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
