"""Linking a file of adverts without a database: JSON lines in, a CSV of profiles out."""

from __future__ import annotations

import csv
import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from matching.columns import columns_of
from matching.errors import MatchingError
from matching.intake import Part, part_of, parts
from matching.link import LinkedColumns, link_columns, numbered
from matching.model import WEIGHTS, Model
from matching.reading import Extract, read_adverts
from matching.score import Scorer, score

Progress = Callable[[str, float], None]
"""Called with what is being done, and how much of the whole, 0 to 1, is behind it."""
_READ, _LAID_OUT, _PAIRED, _LINKED = 0.5, 0.65, 0.75, 0.95
"""How far each stage goes (without `extract`, which makes reading the longest by far)."""

_BLOCK = 4 << 20
"""Bytes that a process reads at a time: some ten thousand adverts."""
_READERS = 2
_Block = tuple[int, int, int]
"""Where it begins in the file, its length in bytes, the number of its first line."""
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
    with _whole(out) as file:
        found = _linked(source, extract, model, told, scorer, summary)
        ids = found.columns.ids
        profiles, networks = numbered(found.cluster, "P"), numbered(found.network, "N")
        told(f"writing {len(ids):,} adverts", _LINKED)
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
    told("written", 1.0)
    return summary


def _linked(
    source: Path,
    extract: Extract | None,
    model: Model,
    told: Progress,
    scorer: Scorer,
    summary: FileSummary,
) -> LinkedColumns:
    read = read_parts(
        source,
        extract,
        summary.unread,
        lambda adverts, share: told(f"reading, {adverts:,} adverts so far", share * _READ),
    )
    adverts = sum(len(part.ids) for part in read)
    told(f"counting the phrases of {adverts:,} adverts", _READ)
    table = columns_of(read)
    del read
    told(f"looking for candidates among {adverts:,} adverts", _LAID_OUT)
    return link_columns(
        table,
        model,
        scorer,
        lambda done, pairs: told(
            f"comparing, {done:,} of {pairs:,} pairs",
            _PAIRED + (_LINKED - _PAIRED) * done / max(pairs, 1),
        ),
    )


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
    progress: Callable[[int, float], None] = lambda *_: None,
) -> list[Part]:
    """Read a JSON lines file into parts, in two processes where it is long enough for two.

    `progress` hears how many adverts were read, and which share of the file. `unread` counts
    values that made no sense. Raises MatchingError as `link_file` does.
    """
    found: list[Part] = []
    adverts = 0
    try:
        size = source.stat().st_size
        blocks = _blocks(source)
        for part, odd in _all_read(source, extract, blocks, alone=size <= _BLOCK):
            found.append(part)
            adverts += len(part.ids)
            progress(adverts, min(len(found) * _BLOCK / max(size, 1), 1.0))
            for name, count in odd.items():
                unread[name] = unread.get(name, 0) + count
    except OSError as fault:
        raise MatchingError(f"{source}: {fault.strerror or fault}") from fault
    except BrokenProcessPool as fault:
        raise MatchingError(
            f"{source}: a process that read it was ended from outside; is there memory enough?"
        ) from fault
    return found or list(parts(()))


def _all_read(
    source: Path, extract: Extract | None, blocks: Iterator[_Block], *, alone: bool
) -> Iterator[tuple[Part, dict[str, int]]]:
    """What is read of each block, in their order."""
    if alone:
        yield from (_read(source, extract, *block) for block in blocks)
        return
    with ProcessPoolExecutor(_READERS, initializer=_reader) as pool:
        waiting: deque[Future[tuple[Part, dict[str, int]]]] = deque()
        for block in blocks:
            waiting.append(pool.submit(_read, source, extract, *block))
            if len(waiting) > 2 * _READERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _reader() -> None:
    """Begin a process that reads: the one that it reads for ends it, Ctrl-C included."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What is read makes no cycles: looking for them would take a third of the time.
    gc.disable()


def _blocks(source: Path) -> Iterator[_Block]:
    """Stretches of whole lines."""
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
