"""Write a corpus: `python -m demo.corpus --adverts 100000 --seed 7 corpus.jsonl`.

The truth goes beside it, as `corpus.truth.csv`.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from demo.corpus import Shares, write_corpus


def main() -> None:
    """Read the options, write the two files, say where they are."""
    parser = argparse.ArgumentParser(prog="python -m demo.corpus", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--adverts", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hard", type=float, default=1.0, help="scales difficult behaviours")
    parser.add_argument("--languages", default="", help="shares, as it=78,en=12,es=10")
    parser.add_argument("--share", action="append", default=[], help="one share, as boards=0.2")
    options = parser.parse_args()
    try:
        shares = Shares.named(dict(_pair(each) for each in options.share)).harder(options.hard)
        if options.languages:
            weights = dict(_pair(each) for each in options.languages.split(","))
            shares = replace(shares, languages=weights)
    except (KeyError, ValueError) as fault:
        parser.error(f"{fault.args[0]}: not a share of demo/corpus/shares.py with a number")
    truth = options.out.with_suffix(".truth.csv")
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("adverts", total=options.adverts)
        write_corpus(
            options.out,
            truth,
            options.adverts,
            options.seed,
            shares,
            lambda done: progress.update(task, completed=done),
        )
    sys.stdout.write(f"{options.out}\n{truth}\n")


def _pair(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    return name, float(value)


if __name__ == "__main__":
    main()
