"""A JSON Schema checker for the keywords that docs/schema/report.schema.json uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
KNOWN = {
    *("$schema", "$defs", "$ref", "title", "description", "type", "properties", "required"),
    *("additionalProperties", "items", "enum", "pattern", "minimum", "maximum", "oneOf", "format"),
}


def faults(
    value: Any, schema: dict[str, Any], root: dict[str, Any], path: str = "$"
) -> Iterator[str]:
    """What of `value` the schema does not allow; raises for a keyword that is not known here."""
    assert not (unknown := set(schema) - KNOWN), f"{path}: schema keywords {unknown}"
    if "$ref" in schema:
        yield from faults(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, path)
    if "oneOf" in schema:
        fitting = [each for each in schema["oneOf"] if not list(faults(value, each, root, path))]
        if len(fitting) != 1:
            yield f"{path}: fits {len(fitting)} of the alternatives"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    if "type" in schema:
        names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(_is(value, name) for name in names):
            yield f"{path}: {value!r} is no {names}"
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{path}: {value!r} does not match {schema['pattern']}"
        if schema.get("format") == "date-time" and datetime.fromisoformat(value).tzinfo is None:
            yield f"{path}: {value!r} has no offset"
    if isinstance(value, int | float) and not schema.get("minimum", value) <= value <= schema.get(
        "maximum", value
    ):
        yield f"{path}: {value!r} is out of bounds"
    if isinstance(value, list) and "items" in schema:
        for position, each in enumerate(value):
            yield from faults(each, schema["items"], root, f"{path}[{position}]")
    if isinstance(value, dict) and _is_object(schema):
        known = schema.get("properties", {})
        for name in set(schema.get("required", ())) - set(value):
            yield f"{path}: {name} is missing"
        for name, each in value.items():
            rest = schema.get("additionalProperties", True)
            if name in known:
                yield from faults(each, known[name], root, f"{path}.{name}")
            elif rest is False:
                yield f"{path}: {name} is not in the schema"
            elif isinstance(rest, dict):
                yield from faults(each, rest, root, f"{path}.{name}")


def _is(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, TYPES[name])


def _is_object(schema: dict[str, Any]) -> bool:
    return "properties" in schema or "additionalProperties" in schema
