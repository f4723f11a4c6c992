"""Linking a file of adverts without a database: JSON lines in, a CSV of profiles out."""

from __future__ import annotations

import csv
import gc
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from matching.columns import columns_of
from matching.errors import MatchingError
from matching.intake import Part, part_of, parts
from matching.link import link_columns, numbered
from matching.model import WEIGHTS, Model
from matching.reading import Extract, read_adverts
from matching.score import Scorer, score

Progress = Callable[[int, int], None]
"""Called with what is done of the whole, in parts of about equal weight."""
_READ, _LAID_OUT, _LINKED = 55, 70, 95
"""Of a hundred, how far each stage goes (without `extract`, which makes reading the longest)."""

_BLOCK = 4 << 20
"""Bytes that a process reads at a time: some ten thousand adverts."""
_READERS = 2
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(slots=True)
class FileSummary:
    """What linking a file came to. `unread` counts values that could not be read, by field."""

    adverts: int = 0
    profiles: int = 0
    networks: int = 0
    unread: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        line = f"{self.adverts:,} adverts, {self.profiles:,} profiles, {self.networks:,} networks"
        if self.unread:
            odd = ", ".join(f"{name} {count:,}" for name, count in sorted(self.unread.items()))
            line += f"; not readable and left out: {odd}"
        return line

    def __rich__(self) -> str:
        """The same line on a Rich console, which would else show the fields."""
        return str(self)


def link_file(
    source: Path,
    out: Path,
    *,
    extract: Extract | None = None,
    model: Model = WEIGHTS,
    progress: Progress | None = None,
    scorer: Scorer = score,
) -> FileSummary:
    """Link the adverts of `source`, a JSON object a line, into `id,profile,network,probability`.

    Any field may be missing; an advert without `id` gets the number of its line. With `extract`,
    phones are also read from title and text. `out` appears whole or not at all, for its owner's
    eyes only; an id that a spreadsheet would take for a formula gets an apostrophe before it.
    Raises MatchingError, naming the line, for anything that is not a JSON object in UTF-8.
    """
    summary = FileSummary()
    told = progress or (lambda *_: None)
    read = read_parts(
        source, extract, summary.unread, lambda done, size: told(done * _READ // size, 100)
    )
    told(_READ, 100)
    table = columns_of(read)
    del read
    told(_LAID_OUT, 100)
    found = link_columns(table, model, scorer)
    told(_LINKED, 100)
    ids = table.ids
    profiles, networks = numbered(found.cluster, "P"), numbered(found.network, "N")
    with _whole(out) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("id", "profile", "network", "probability"))
        writer.writerows(
            (_as_text(name), profile, network or "", f"{probability:.4f}")
            for name, profile, network, probability in zip(
                ids, profiles, networks, found.probability.tolist(), strict=True
            )
        )
    summary.adverts = len(ids)
    summary.profiles = len(set(profiles))
    summary.networks = len(set(networks) - {None})
    told(100, 100)
    return summary


def _as_text(name: str) -> str:
    """The id as a spreadsheet shows it rather than runs it."""
    return f"'{name}" if name.startswith(_FORMULA) else name


@contextmanager
def _whole(path: Path) -> Iterator[TextIO]:
    """Write beside `path`, readable by its owner only, and put the file in its place when whole."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.unlink(missing_ok=True)
        with open(beside, "x", encoding="utf-8", newline="", opener=_private) as file:
            yield file
        beside.replace(path)
    except OSError as fault:
        raise MatchingError(f"{path}: {fault.strerror or fault}; it was not written") from fault
    finally:
        beside.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def read_parts(
    source: Path,
    extract: Extract | None,
    unread: dict[str, int],
    progress: Progress | None = None,
) -> list[Part]:
    """Read a JSON lines file into parts, in two processes where it is long enough for two.

    `unread` counts values that made no sense. Raises MatchingError as `link_file` does.
    """
    try:
        size = source.stat().st_size
        blocks = _blocks(source)
        found: list[tuple[Part, dict[str, int]]] = []
        if size <= _BLOCK:
            found += [_read(source, extract, *block) for block in blocks]
        else:
            with ProcessPoolExecutor(_READERS, initializer=_uncollected) as pool:
                waiting: list[Future[tuple[Part, dict[str, int]]]] = []
                for block in blocks:
                    waiting.append(pool.submit(_read, source, extract, *block))
                    while len(waiting) > 2 * _READERS:
                        found.append(waiting.pop(0).result())
                        if progress is not None:
                            progress(min(len(found) * _BLOCK, size), size)
                found += [each.result() for each in waiting]
    except OSError as fault:
        raise MatchingError(f"{source}: {fault.strerror or fault}") from fault
    counts: Counter[str] = Counter()
    for _, odd in found:
        counts.update(odd)
    unread.update(counts)
    return [part for part, _ in found] or list(parts(()))


def _uncollected() -> None:
    """What is read makes no cycles: looking for them took a third of the time."""
    gc.disable()


def _blocks(source: Path) -> Iterator[tuple[int, int, int]]:
    """(start, length, number of the first line) of stretches of whole lines."""
    start, line = 0, 1
    with source.open("rb") as file:
        while block := file.read(_BLOCK):
            block += file.readline()
            yield start, len(block), line
            start += len(block)
            line += block.count(b"\n")


def _read(
    source: Path, extract: Extract | None, start: int, length: int, line: int
) -> tuple[Part, dict[str, int]]:
    unread: dict[str, int] = {}
    with source.open("rb") as file:
        file.seek(start)
        lines = file.read(length).split(b"\n")
    return part_of(read_adverts(lines, line, source, extract, unread)), unread
