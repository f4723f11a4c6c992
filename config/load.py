"""Read and validate the config folder: all files, all faults, nothing half-applied."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from config import faults
from config.advice import faro_advice, site_advice
from config.checks import FARO_CHECKS, SITE_CHECKS, Check, Fault, group_faults
from config.errors import ConfigError
from config.models import Config, FaroFile
from config.paths import Places, place_faults, places
from config.reading import read_table
from config.schedules import Timing, timing
from config.sitefile import SiteFile
from config.texts import is_id
from config.wording import did_you_mean, nearest

Model = TypeVar("Model", bound=BaseModel)

FARO_FILE = "faro.toml"
SITES, FIXTURES = "sites", "fixtures"


def load(folder: Path) -> Config:
    """The configuration of `folder`.

    Raises ConfigError with a line for every fault of every file.
    """
    # Not resolve(): where the folder is a link, its data lies beside the link.
    folder = Path(os.path.normpath(Path(folder).absolute()))
    main = _File(folder / FARO_FILE)
    problems = list(_absent(folder))
    if problems:
        raise ConfigError(*problems)
    faro = _validated(main, FaroFile, FARO_CHECKS)
    found = _placed(main, faro, folder)
    files, problems = _site_files(folder)
    sites: dict[str, SiteFile] = {}
    for file in files:
        site = _validated(file, SiteFile, SITE_CHECKS, id=file.path.stem)
        if file.content is not None and main.content is not None:
            file.note(group_faults(file.content, main.content))
        if site is not None:
            sites[site.id] = site
    problems = [*main.problems, *problems, *(line for file in files for line in file.problems)]
    if problems or faro is None or found is None:
        raise ConfigError(*problems)
    return _assembled(faro, found, folder, sites)


# So many sites are named where one is asked for that is none: a message stays one line.
_NAMED = 8


def site_named(config: Config, name: str) -> SiteFile:
    """The site of this id. Raises ConfigError that names the nearest spelling."""
    if name in config.sites:
        return config.sites[name]
    near, known = did_you_mean(name, config.sites), sorted(config.sites)
    there = ", ".join(known) or "none"
    if len(known) > _NAMED:
        there = f"{len(known)}, which `faro site list` shows"
    raise ConfigError(f"site {name}: no such site file{near} (there are: {there})")


def timings(config: Config, site: SiteFile) -> Timing:
    """When the site is crawled, by its own rules, its group's and faro.toml's."""
    return timing(config.schedule, site.schedule)


@dataclass(slots=True)
class _File:
    """A file on its way: its content once it could be read, and what is wrong with it."""

    path: Path
    content: dict[str, Any] | None = None
    problems: list[str] = field(default_factory=list)

    def fault(self, words: str) -> None:
        """Note a fault; the same one found twice is one."""
        line = f"{_shown(self.path)}: {words}"
        if line not in self.problems:
            self.problems.append(line)

    def note(self, found: Iterator[Fault]) -> None:
        """Note faults of places in the content."""
        for loc, words in found:
            self.fault(faults.line(loc, self.content, words))


def _absent(folder: Path) -> Iterator[str]:
    """Why there is nothing to read at all."""
    main = folder / FARO_FILE
    try:
        if not folder.is_dir():
            yield f"{_shown(folder)}: no such folder; make a config folder with: faro init DIR"
        elif not main.exists():
            yield f"{_shown(main)}: not found; make a config folder with: faro init DIR"
    except OSError as error:
        yield f"{_shown(main)}: can't be read: {error.strerror}; check its owner and mode"


def _validated(
    file: _File, model: type[Model], checks: Sequence[Check], **more: Any
) -> Model | None:
    """Read, check and validate a file; None when it has faults, which are noted in it."""
    try:
        file.content = read_table(file.path)
    except ValueError as error:
        file.fault(str(error))
        return None
    made = None
    try:
        # Strict: "20" is no number and 1 is not true. TOML says what it means.
        made = model.model_validate({**file.content, **more}, strict=True)
    except ValidationError as error:
        for line in faults.lines(error, model, file.content):
            file.fault(line)
    for check in checks:
        file.note(check(file.content))
    return None if file.problems else made


def _placed(main: _File, faro: FaroFile | None, folder: Path) -> Places | None:
    if faro is None:
        return None
    try:
        found = places(faro, folder)
    except ValueError as error:
        main.fault(str(error))
        return None
    main.note(place_faults(found, folder))
    return found


def _site_files(folder: Path) -> tuple[list[_File], list[str]]:
    """The site files in the order of their names, and files whose names can't be a site's."""
    sites = folder / SITES
    try:
        names = sorted(entry.name for entry in sites.iterdir())
    except FileNotFoundError:
        return [], []
    except OSError as error:
        return [], [f"{_shown(sites)}: can't be read: {error.strerror}; check its owner and mode"]
    paths = [sites / name for name in names if name.endswith(".toml") and name[0] != "."]
    odd = [
        f"{_shown(path)}: the file's name is the site's id; use lower-case letters, digits, - and _"
        for path in paths
        if not is_id(path.stem)
    ]
    return [_File(path) for path in paths if is_id(path.stem)], odd


def _assembled(
    faro: FaroFile, found: Places, folder: Path, sites: Mapping[str, SiteFile]
) -> Config:
    values = {name: getattr(faro, name) for name in FaroFile.model_fields}
    values |= {
        "data_dir": found.data_dir,
        "database_url": found.database_url,
        "keys": faro.keys.model_copy(update={"folder": found.key_folder, "root": found.root_key}),
        "crawler": faro.crawler.model_copy(update={"browser_path": found.browser}),
    }
    return Config.model_construct(
        **values,
        folder=folder,
        root=folder.parent,
        sites=MappingProxyType(dict(sites)),
        warnings=tuple(_warnings(folder, faro, sites)),
    )


def _warnings(folder: Path, faro: FaroFile, sites: Mapping[str, SiteFile]) -> Iterator[str]:
    for words in faro_advice(faro):
        yield f"{_shown(folder / FARO_FILE)}: {words}"
    starts: dict[str, str] = {}
    for site in sites.values():
        shown = _shown(folder / SITES / f"{site.id}.toml")
        for words in site_advice(site):
            yield f"{shown}: {words}"
        for start in site.list.start if site.enabled else ():
            other = starts.setdefault(start.url, site.id)
            if other != site.id:
                yield f"{shown}: list.start: {start.url} is crawled for site {other} already"
    yield from _strays(folder)


def _strays(folder: Path) -> Iterator[str]:
    """Files and folders that look meant for Faro and are not read."""
    for path in sorted(folder.iterdir()):
        misplaced = path.suffix == ".toml" and path.name != FARO_FILE
        own = path.name in {SITES, FIXTURES}
        misspelt = path.is_dir() and not own and nearest(path.name.lower(), [SITES])
        if misplaced or misspelt:
            yield f"{_shown(path)}: not read; site files are in {SITES}/"
    sites = folder / SITES
    for path in sorted(sites.iterdir()) if sites.is_dir() else ():
        near = path.suffix and nearest(path.suffix.lower(), [".toml"])
        if near and path.suffix != ".toml":
            yield f"{_shown(path)}: not read; a site file's name ends in .toml"


def _shown(path: Path) -> str:
    """The path as a person at this prompt would type it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)
