"""Where Faro's files lie: relative to the config folder's parent, and data never inside it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.models import FaroFile

_SQLITE = re.compile(r"(?P<head>sqlite(?:\+pysqlite)?:///)(?P<path>[^?]*)(?P<query>\?.*)?", re.S)


@dataclass(frozen=True, slots=True)
class Places:
    """Absolute paths of everything that faro.toml places on this machine."""

    data_dir: Path
    key_folder: Path
    database_url: str
    root_key: str
    browser: Path | None


def places(faro: FaroFile, folder: Path) -> Places:
    """The paths of `faro`, as the faro.toml in `folder` (absolute) means them.

    Raises ValueError for a `~name` that is no user of this machine.
    """
    root = folder.parent
    data_dir = _absolute(root, faro.data_dir)
    kind, _, name = faro.keys.root.partition(":")
    url = faro.database_url or f"sqlite:///{data_dir / 'faro.db'}"
    if found := _SQLITE.fullmatch(url):
        url = f"{found['head']}{_absolute(root, Path(found['path']))}{found['query'] or ''}"
    browser = faro.crawler.browser_path
    return Places(
        data_dir=data_dir,
        key_folder=_absolute(data_dir, faro.keys.folder),
        database_url=url,
        root_key=f"file:{_absolute(data_dir, Path(name))}" if kind == "file" else faro.keys.root,
        browser=_absolute(root, browser) if browser else None,
    )


def place_faults(found: Places, folder: Path) -> Iterator[tuple[tuple[str, ...], str]]:
    """Keys and data inside the config folder, which people copy, mail and put under version
    control; or a data folder that holds the config folder, which would be closed to others.
    """
    rooms: list[tuple[tuple[str, ...], Path]] = [
        (("data_dir",), found.data_dir),
        (("keys", "folder"), found.key_folder),
    ]
    if found.root_key.startswith("file:"):
        rooms.append((("keys", "root"), Path(found.root_key.removeprefix("file:"))))
    if database := _SQLITE.fullmatch(found.database_url):
        rooms.append((("database_url",), Path(database["path"])))
    inside = [loc for loc, path in rooms if _within(path, folder)]
    # What lies in data_dir is inside with it: one fault, not four.
    for loc in [loc for loc in inside if loc == ("data_dir",)] or inside:
        yield loc, "is inside the config folder; keys and data must lie outside it"
    if not inside and _within(folder, found.data_dir):
        yield (
            ("data_dir",),
            'holds the config folder; name a folder of its own beside it, as "./var"',
        )


def _absolute(start: Path, path: Path) -> Path:
    try:
        return Path(os.path.normpath(start / path.expanduser()))
    except RuntimeError as error:
        raise ValueError(f"{path}: no such user on this machine") from error


def _within(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
