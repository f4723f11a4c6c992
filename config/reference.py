"""Generates docs/config.md and docs/schema/ from the models: `python -m config.reference`."""

from __future__ import annotations

import json
import typing
from collections.abc import Iterator, Mapping
from datetime import time
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Tag
from pydantic.fields import FieldInfo

from config.anatomy import keys, sections, table_in
from config.cleaners import CLEANERS, Cleaner
from config.fields import MEANINGS
from config.models import DatabaseUrl, FaroFile, RootKey
from config.notify import Line, Mailbox, SecretPlace
from config.provinces import ProvinceCode
from config.schema import json_schemas
from config.selectors import Selectors
from config.sitefile import Share, SiteFile
from config.texts import Address, AnyPath, Contact, Country, Id, Words
from config.times import LocalTime, TimeZone, Weekday

DOCS = Path(__file__).resolve().parent.parent / "docs"

_HEAD = """# Configuration

Generated from the models by `make docs`. Every key of `config/faro.toml` and of
`config/sites/*.toml`, by section. Editors that know JSON Schema complete and check them with
`docs/schema/faro.schema.json` and `docs/schema/site.schema.json`. `faro site check` validates all
files at once; a fault is one line that names the file, the key and the remedy, and nothing is
applied before all files are valid.
"""
_FARO = """## faro.toml

Relative paths begin at the folder that holds the config folder, so that the default `data_dir`,
`./var`, lies beside `config/`. Keys and data are never inside it.
"""
_SITES = """## sites/*.toml

One file for each site; the file's name without `.toml` is the site's id, for good: its history goes
by it. Keys above the first `[table]` come first. `config/sites/example.toml` shows every section.
"""
_SELECTORS = """## Selectors

| begins with | is | example |
|---|---|---|
| `css:` | a CSS selector; `::text` and `::attr(name)` as in parsel | `'css:a.title::attr(href)'` |
| `xpath:` | XPath 1.0; begin with `.//` to stay in the card | `'xpath:.//time/@datetime'` |
| `json:` | JMESPath on a JSON response, or on JSON in a page's scripts | `'json:offers.price'` |

A list of selectors is tried in turn; which one hit is counted, for a fallback that begins to hit is
an early sign of a changed layout. Write selectors and patterns in 'single quotes': TOML then leaves
their backslashes alone. Every selector is compiled when the file is read.
"""
_CLEANERS = """## Cleaners

What `clean = [...]` may name, besides `regex:<pattern>`, which keeps the pattern's first group:
"""
_FIELDS = """## Fields

The names of `[list.fields]` and `[detail.fields]` that Faro understands. A field of any other name
is kept as text, with its name.
"""
# The types that have a name of their own; everything else is told from its structure.
_NAMES: tuple[tuple[Any, str], ...] = (
    (Selectors, "selector, or list of selectors"),
    (Address, "address"),
    (AnyPath, "path"),
    (Cleaner, "cleaner"),
    (Contact, "address or e-mail"),
    (Country, "country code"),
    (DatabaseUrl, "URL"),
    (Id, "id (`a-z`, `0-9`, `-`, `_`)"),
    (Line, "text"),
    (LocalTime, '"HH:MM"'),
    (Mailbox, "e-mail address"),
    (ProvinceCode, "province code"),
    (RootKey, "`file:…`, `env:…` or `credential:…`"),
    (SecretPlace, "`file:…`, `env:…` or `credential:…`"),
    (Share, "number, 0 to 1"),
    (TimeZone, "time zone"),
    (Weekday, "weekday"),
    (Words, "text"),
)
_PLAIN = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def documents() -> dict[Path, str]:
    """Every generated file with its content."""
    pages = {DOCS / "config.md": config_page()}
    for name, schema in json_schemas().items():
        pages[DOCS / "schema" / name] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return pages


def config_page() -> str:
    """docs/config.md."""
    parts = [_HEAD, _FARO, *_sections(FaroFile), _SITES, *_sections(SiteFile)]
    parts += [_SELECTORS, _CLEANERS, _table("cleaner", "keeps", CLEANERS)]
    parts += [_FIELDS, _table("field", "meaning", MEANINGS)]
    return "\n".join(parts)


def _sections(model: type[BaseModel]) -> Iterator[str]:
    """A heading and a table of its plain keys for every section of a file."""
    for section in sections(model):
        if section.heading:
            yield f"### {section.heading}\n\n{_paragraph(section.model.__doc__ or '')}\n"
        rows = [
            f"| `{key}` | {_cell(type_name(field))} | {_default(field)} | {field.description} |"
            for key, field in sorted(keys(section.model).items())
            if table_in(field.annotation)[0] is None
        ]
        if rows:
            head = ["| key | type | default | meaning |", "|---|---|---|---|"]
            yield "\n".join([*head, *rows]) + "\n"


def _table(head: str, meaning: str, rows: Mapping[str, str]) -> str:
    lines = [f"| `{name}` | {words} |" for name, words in sorted(rows.items())]
    return "\n".join([f"| {head} | {meaning} |", "|---|---|", *lines]) + "\n"


def _paragraph(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def type_name(field: FieldInfo) -> str:
    """The type of a key in words, with its bounds: `whole number, 1 to 32`."""
    # A field's own metadata is apart from its annotation; together they are what was declared.
    declared: Any = field.annotation
    for meta in field.metadata:
        declared = typing.Annotated[declared, meta]
    return _words(declared)


def _words(annotation: Any) -> str:
    for known, name in _NAMES:
        if annotation == known:
            return name
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _words(arguments[0]) + _bounds(arguments[1:])
    if origin is typing.Literal:
        return " or ".join(f"`{value}`" for value in arguments)
    if origin is tuple:
        return f"list of {_words(arguments[0])}"
    if origin is dict:
        return f"table of {_words(arguments[1])}"
    if arguments:
        return " or ".join(_words(each) for each in arguments if each is not type(None))
    return _PLAIN.get(annotation) or str(annotation.__name__).lower()


def _bounds(metadata: tuple[Any, ...]) -> str:
    found: dict[str, Any] = {}
    for meta in metadata:
        if isinstance(meta, FieldInfo):
            return _bounds(tuple(meta.metadata))
        for name in ("ge", "gt", "le", "lt"):
            if not isinstance(meta, Tag) and getattr(meta, name, None) is not None:
                found[name] = getattr(meta, name)
    low = found.get("ge", found.get("gt"))
    high = found.get("le", found.get("lt"))
    if low is None:
        return ""
    if "gt" in found:
        return f", above {low}" + (
            f" and {'below' if 'lt' in found else 'up to'} {high}" * (high is not None)
        )
    return f", {low} or more" if high is None else f", {low} to {high}"


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
