"""The `faro` command: global options, one-line errors, exit status. Subcommands: commands/."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import traceback
from pathlib import Path

import typer
from typer.exceptions import TyperException

from commands.app import DONE, WRONG_USE, app
from records.errors import FaroError

# What is imported stays, and has next to no cycles: looking for them every few hundred objects is a
# sixteenth of the start.
gc.set_threshold(50_000, 10, 10)
# A process that ends frees everything at once: nobody need look for cycles in it first.
atexit.register(gc.freeze)


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
