"""A newcomer's commands: the demo, and the first config folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands.app import UseError, app, out_console


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
    run_demo(directory, days=days, adverts=adverts, console=out_console())


@app.command()
def init(context: typer.Context, directory: Annotated[Path, typer.Argument()]) -> None:
    """Make a config folder, keys with an escrow copy, and an empty database."""
    from config import load, write_starter
    from storage import create_store

    _, clock = context.obj
    out = out_console()
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
