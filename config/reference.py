"""Generates docs/config.md and docs/schema/ from the models: `python -m config.reference`."""

from __future__ import annotations

import json
import typing
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.models import FaroFile
from config.schema import json_schemas
from config.selectors import Selector
from config.sitefile import SiteFile

DOCS = Path(__file__).resolve().parent.parent / "docs"

_HEAD = """# Configuration

Generated from the models by `make docs`. Every key of `config/faro.toml` and of
`config/sites/*.toml`, by section. Editors that know JSON Schema complete and check them with
`docs/schema/faro.schema.json` and `docs/schema/site.schema.json`. `faro site check` validates all
files at once; a fault is one line that names the file, the key and the remedy.
"""


def documents() -> dict[Path, str]:
    """Every generated file with its content."""
    pages = {DOCS / "config.md": config_page()}
    for name, schema in json_schemas().items():
        pages[DOCS / "schema" / name] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return pages


def config_page() -> str:
    """docs/config.md."""
    parts = [_HEAD, "## faro.toml\n", *_sections(FaroFile, "")]
    parts += ["## sites/*.toml\n", "The file's name without `.toml` is the site's id.\n"]
    parts += _sections(SiteFile, "")
    return "\n".join(parts)


def _sections(model: type[BaseModel], path: str) -> Iterator[str]:
    """A table of the model's plain keys, then a section for each key that is a table itself."""
    rows, tables = [], []
    for name, field in sorted(
        model.model_fields.items(), key=lambda item: item[1].alias or item[0]
    ):
        if isinstance(field.json_schema_extra, dict) and "internal" in field.json_schema_extra:
            continue
        key = field.alias or name
        inner, shape = _table_in(field.annotation)
        if inner is None:
            rows.append(f"| `{key}` | {_type(field)} | {_default(field)} | {field.description} |")
        else:
            tables.append((_place(path, key, shape), inner))
    if path:
        yield f"### [{path}]\n\n{(model.__doc__ or '').strip()}\n"
    if rows:
        yield "\n".join(["| key | type | default | meaning |", "|---|---|---|---|", *rows]) + "\n"
    for place, inner in tables:
        yield from _sections(inner, place)


def _table_in(annotation: Any) -> tuple[type[BaseModel] | None, str]:
    """The model inside an annotation, and whether it is a `list`, a `mapping` or the `table`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, "table"
    origin = typing.get_origin(annotation)
    for argument in typing.get_args(annotation):
        inner, _ = _table_in(argument)
        if inner is not None:
            return inner, {tuple: "list", dict: "mapping"}.get(origin, "table")
    return None, "table"


def _place(path: str, key: str, shape: str) -> str:
    whole = f"{path}.{key}" if path else key
    return {"list": f"[{whole}]", "mapping": f"{whole}.<name>"}.get(shape, whole)


def _type(field: FieldInfo) -> str:
    annotation = field.annotation
    for meta in field.metadata:
        pattern = getattr(meta, "pattern", None)
        if pattern:
            return f"text like `{pattern}`".replace("|", "\\|")
    return _type_name(annotation)


def _type_name(annotation: Any) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return " or ".join(f"`{value}`" for value in arguments)
    if origin is typing.Annotated:
        return _type_name(arguments[0])
    if origin is tuple:
        name = _type_name(arguments[0])
        return "selector, or list of selectors" if name == "Selector" else f"list of {name}"
    if origin is dict:
        return f"table of {_type_name(arguments[1])}"
    if arguments:
        return " or ".join(_type_name(each) for each in arguments if each is not type(None))
    names = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    if annotation is Selector:
        return "Selector"
    return names.get(annotation) or str(annotation.__name__).lower()


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default_factory is not None or field.default in (None, ()):
        return "none"
    value = field.default
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:%H:%M}`" if isinstance(value, time) else f"`{value}`"


def main() -> None:
    """Write every generated file."""
    for path, text in documents().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
