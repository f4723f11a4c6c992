"""What an admin does so that data is neither lost nor kept longer than it may be."""

from __future__ import annotations

from pathlib import Path
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


@app.command()
def backup(
    context: typer.Context,
    path: Annotated[
        Path | None, typer.Argument(help="Where to (default: <data_dir>/backups).")
    ] = None,
    keep: Annotated[int, typer.Option(min=1, help="How many stay in the default folder.")] = 14,
) -> None:
    """Copy the database while everything goes on. The keys are not in it: keep them apart."""
    config, clock = loaded(context)
    with opened(config, clock) as store:
        made = store.backup(clock.now(), path, keep=keep)
    out_console().print(f"made {made} ({made.stat().st_size / 1e6:,.1f} MB), without the keys")


@app.command()
def restore(context: typer.Context, path: Path) -> None:
    """Put a backup back where there is no data yet, and check that the keys at hand open it."""
    from storage import restore_backup

    config, clock = loaded(context)
    lost = restore_backup(config, path, clock)
    out_console().print(
        f"restored {path}; its keys fit and its audit trail is whole"
        + (f"; {lost:,} texts and notes were purged since and stay forgotten" if lost else "")
    )
