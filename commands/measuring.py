"""Measuring Faro where the truth is known."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from commands.app import UseError, app, err_console, out_console


@app.command()
def evaluate(
    sizes: Annotated[str, typer.Option(help="Adverts of each corpus.")] = "1000,10000",
    seeds: Annotated[str, typer.Option(help="One corpus of each size for every seed.")] = "301,302",
    hard: Annotated[
        float, typer.Option(min=0, help="Scales the shares of difficult behaviours.")
    ] = 1.0,
    towns: Annotated[int, typer.Option(min=0, help="Towns whose flags are measured.")] = 2,
    days: Annotated[int, typer.Option(min=2, help="Days that each town lives.")] = 30,
    curve: Annotated[bool, typer.Option("--curve", help="At many link thresholds.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Tables for a document.")] = False,
) -> None:
    """Precision and recall of linking and of flags, by behaviour, on invented people."""
    from demo.evaluation.run import Plan, evaluate
    from demo.evaluation.screens import tables

    first = _numbers("--seeds", seeds)
    plan = Plan(
        sizes=_numbers("--sizes", sizes),
        seeds=first,
        hard=hard,
        town_seeds=tuple(range(first[0], first[0] + towns)) if first else (),
        days=days,
        curve=curve,
    )
    found = evaluate(plan, err_console())
    if as_json:
        sys.stdout.write(json.dumps(found.as_json(), indent=2) + "\n")
        return
    for table in tables(found, markdown=markdown):
        out_console().print(table, "")


def _numbers(option: str, text: str) -> tuple[int, ...]:
    """Whole numbers from 1 on, between commas; an empty text is none."""
    parts = [part.strip().replace("_", "") for part in text.split(",") if part.strip()]
    if not all(part.isdecimal() and int(part) for part in parts):
        raise UseError(f"{option} {text}: not whole numbers from 1 on; write them as 1000,10000")
    return tuple(int(part) for part in parts)
