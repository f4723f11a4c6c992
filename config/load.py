"""Read and validate the config folder: all files, all faults, nothing half-applied."""

from __future__ import annotations

import re
import tomllib
import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import process

from config.errors import ConfigError
from config.models import Config, FaroFile, ScheduleGroup
from config.sitefile import SiteFile, SiteSchedule
from config.times import doubtful

_SITE_ID = re.compile(r"[a-z0-9][a-z0-9_-]*")
_NEAR_ENOUGH = 60
# Keys whose wrong value may be a secret in the wrong place: it is not repeated in a message.
_SECRET = ("keys.", "database_url", "access.")

Model = TypeVar("Model", bound=BaseModel)


def load(folder: Path) -> Config:
    """The configuration of `folder`.

    Raises ConfigError with a line for every fault of every file.
    """
    folder = folder.absolute()
    main = folder / "faro.toml"
    if not main.is_file():
        raise ConfigError(f"{_shown(main)}: not found; make a config folder with: faro init DIR")
    problems: list[str] = []
    faro = _validated(main, FaroFile, {}, problems)
    sites: dict[str, SiteFile] = {}
    for path in sorted((folder / "sites").glob("*.toml")):
        if not _SITE_ID.fullmatch(path.stem):
            problems.append(
                f"{_shown(path)}: the file's name is the site's id; "
                "use lower-case letters, digits, - and _"
            )
        elif site := _validated(path, SiteFile, {"id": path.stem}, problems):
            sites[site.id] = site
    if faro:
        problems += _schedule_faults(folder, faro, sites)
        root = folder.parent
        data_dir = (root / faro.data_dir.expanduser()).resolve()
        if data_dir == folder.resolve() or folder.resolve() in data_dir.parents:
            problems.append(
                f"{_shown(main)}: data_dir: '{faro.data_dir}' is inside the config folder; "
                "keys and data must lie outside it"
            )
    if problems or not faro:
        raise ConfigError(*problems)
    values = {name: getattr(faro, name) for name in FaroFile.model_fields}
    values["keys"] = faro.keys.model_copy(update={"folder": data_dir / faro.keys.folder})
    values["database_url"] = faro.database_url or f"sqlite:///{data_dir / 'faro.db'}"
    values["data_dir"] = data_dir
    return Config.model_construct(
        **values,
        folder=folder,
        root=root,
        sites=types.MappingProxyType(sites),
        warnings=tuple(_warnings(folder, faro, sites)),
    )


def site_named(config: Config, name: str) -> SiteFile:
    """The site of this id. Raises ConfigError that names the nearest spelling."""
    if name in config.sites:
        return config.sites[name]
    known = ", ".join(sorted(config.sites)) or "none"
    raise ConfigError(
        f"site {name}: no such site file{_near(name, config.sites)}; there are: {known}"
    )


def timings(config: Config, site: SiteFile) -> ScheduleGroup | SiteSchedule:
    """When the site is crawled: its group's times, or its own (`at` is empty: never by itself)."""
    return config.schedule.groups[site.schedule.group] if site.schedule.group else site.schedule


def _validated(
    path: Path, model: type[Model], more: Mapping[str, Any], problems: list[str]
) -> Model | None:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        content = tomllib.loads(text.replace("\r\n", "\n"))
    except OSError as error:
        problems.append(f"{_shown(path)}: can't be read: {error.strerror}")
    except UnicodeDecodeError as error:
        problems.append(f"{_shown(path)}: not UTF-8 at byte {error.start}; save it as UTF-8")
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{_shown(path)}: not TOML: {error}")
    except RecursionError:
        problems.append(f"{_shown(path)}: not TOML: nested too deeply")
    else:
        internal = sorted(set(content) & set(more))
        if internal:
            problems.append(f"{_shown(path)}: {internal[0]}: unknown key")
            return None
        try:
            return model.model_validate({**content, **more})
        except ValidationError as error:
            for fault in error.errors(include_url=False):
                problems.append(f"{_shown(path)}: {_line(fault, model)}")
    return None


def _line(fault: ErrorDetails, model: type[BaseModel]) -> str:
    """One fault as `key.path: what is wrong`."""
    where = _key_path(fault["loc"])
    kind, message = fault["type"], fault["msg"]
    shown = "the value" if where.startswith(_SECRET) else _value(fault["input"])
    if kind == "extra_forbidden":
        *parents, key = fault["loc"]
        owner = _model_at(model, parents)
        known = _keys(owner) if owner else ()
        return f"{where}: unknown key{_near(str(key), known)}"
    if kind == "missing":
        return f"{where}: missing"
    if kind == "value_error":
        message = message.removeprefix("Value error, ")
    elif kind == "literal_error":
        message = f"must be {fault['ctx']['expected']}, not {shown}"
    elif kind == "string_pattern_mismatch":
        message = f"{shown} does not match {fault['ctx']['pattern']}"
    else:
        message = f"{message[0].lower()}{message[1:]}, not {shown}"
    message = " ".join(message.split())
    return f"{where}: {message}" if where else message


def _key_path(loc: tuple[int | str, ...]) -> str:
    """`list.start[2].url`: positions from 1; a field's `select` is the field itself."""
    path = ""
    for part in loc:
        if isinstance(part, int):
            path += f"[{part + 1}]"
        elif part != "select" and not part.startswith(("literal[", "tuple[")):
            path += f".{part}" if path else part
    return path


def _value(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if not (
            isinstance(field.json_schema_extra, dict) and "internal" in field.json_schema_extra
        ):
            yield field.alias or name


def _model_at(model: type[BaseModel], loc: list[int | str]) -> type[BaseModel] | None:
    """The model that the keys of `loc` lead to, through tuples and mappings."""
    current: Any = model
    for part in loc:
        if isinstance(current, type) and issubclass(current, BaseModel):
            fields = {field.alias or name: field for name, field in current.model_fields.items()}
            if part not in fields:
                return None
            current = fields[str(part)].annotation
        current = _inner(current)
    return current if isinstance(current, type) and issubclass(current, BaseModel) else None


def _inner(annotation: Any) -> Any:
    """The model inside `tuple[M, ...]`, `dict[str, M]`, `M | None`; else the annotation itself."""
    for argument in typing.get_args(annotation):
        found = _inner(argument)
        if isinstance(found, type) and issubclass(found, BaseModel):
            return found
    return annotation


def _near(name: str, known: typing.Iterable[str]) -> str:
    found = process.extractOne(name, list(known))
    return f"; did you mean '{found[0]}'?" if found and found[1] >= _NEAR_ENOUGH else ""


def _schedule_faults(folder: Path, faro: FaroFile, sites: Mapping[str, SiteFile]) -> Iterator[str]:
    groups = faro.schedule.groups
    for site in sites.values():
        group = site.schedule.group
        if group and group not in groups:
            path = _shown(folder / "sites" / f"{site.id}.toml")
            yield f"{path}: schedule.group: no group '{group}' in faro.toml{_near(group, groups)}"


def _warnings(folder: Path, faro: FaroFile, sites: Mapping[str, SiteFile]) -> Iterator[str]:
    main = _shown(folder / "faro.toml")
    for name, group in faro.schedule.groups.items():
        for at in filter(doubtful, group.at):
            yield f"{main}: schedule.groups.{name}.at: {at:%H:%M} {_CLOCK_CHANGE}"
    for site in sites.values():
        for at in filter(doubtful, site.schedule.at):
            path = _shown(folder / "sites" / f"{site.id}.toml")
            yield f"{path}: schedule.at: {at:%H:%M} {_CLOCK_CHANGE}"


_CLOCK_CHANGE = (
    "is skipped or comes twice when the clocks change; prefer before 01:00 or after 03:30"
)


def _shown(path: Path) -> str:
    """The path as a person at this prompt would type it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
