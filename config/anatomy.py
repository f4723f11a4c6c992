"""The models seen as the files that they describe: sections, keys, and where a key belongs."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Shape = Literal["table", "list", "mapping"]


@dataclass(frozen=True, slots=True)
class Section:
    """A table of a config file. `heading` is how it is opened: `[detail]`, `[[units]]`,
    `[schedule.groups.<name>]`; empty for the keys above the first table.
    """

    heading: str
    model: type[BaseModel]


def keys(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The keys that a file may hold here, as it spells them."""
    return {
        field.alias or name: field
        for name, field in model.model_fields.items()
        if not (isinstance(field.json_schema_extra, dict) and "internal" in field.json_schema_extra)
    }


def table_in(annotation: Any) -> tuple[type[BaseModel] | None, Shape]:
    """The model that a key of this type holds, and whether one, a list of them or a mapping."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, "table"
    shapes: dict[Any, Shape] = {tuple: "list", dict: "mapping"}
    for argument in typing.get_args(annotation):
        inner, shape = table_in(argument)
        if inner is not None:
            return inner, shapes.get(typing.get_origin(annotation), shape)
    return None, "table"


def sections(model: type[BaseModel], path: str = "") -> Iterator[Section]:
    """Every section of a file, its top first, then alphabetically."""
    yield Section(f"[{path}]" if path else "", model)
    for key, field in sorted(keys(model).items()):
        inner, shape = table_in(field.annotation)
        if inner is not None:
            whole = f"{path}.{key}" if path else key
            yield from sections(
                inner, {"list": f"[{whole}]", "mapping": f"{whole}.<name>"}.get(shape, whole)
            )


def model_at(model: type[BaseModel], loc: Sequence[int | str]) -> type[BaseModel] | None:
    """The model of the table at `loc`, through lists and mappings; None where there is none."""
    current: type[BaseModel] | None = model
    shape: Shape = "table"
    for part in loc:
        if current is None:
            return None
        if shape == "table":
            field = keys(current).get(str(part))
            current, shape = table_in(field.annotation) if field else (None, "table")
        else:
            shape = "table"
    return current


def homes(model: type[BaseModel], key: str) -> list[str]:
    """The headings of the sections that have a key of this name."""
    return [section.heading for section in sections(model) if key in keys(section.model)]
