"""What an admin does so that data is kept no longer than it may be."""

from __future__ import annotations

from typing import Annotated

import typer

from commands.app import app, loaded, opened, out_console


@app.command()
def purge(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing; say what would go.")
    ] = False,
) -> None:
    """Forget what is kept no longer, by [retention] in faro.toml: rows, and keys of old text."""
    config, clock = loaded(context)
    with opened(config, clock) as store:
        purged = store.purge(config.retention, clock.now(), dry_run=dry_run)
    out_console().print(purged.sentence(dry_run=dry_run))
