"""JSON Schemas of faro.toml and of site files, for editors that complete and check TOML."""

from __future__ import annotations

from datetime import time
from typing import Any

from config.models import FaroFile
from config.sitefile import SiteFile

_DRAFT = "http://json-schema.org/draft-07/schema#"


def json_schemas() -> dict[str, dict[str, Any]]:
    """The schemas by file name: `faro.schema.json` and `site.schema.json`."""
    faro, site = FaroFile.model_json_schema(), SiteFile.model_json_schema()
    site["properties"].pop("id")
    site["required"].remove("id")
    # A field may be written short: a selector or a list of them instead of a table.
    definitions = site["$defs"]
    short = definitions["FieldSpec"]["properties"]["select"]["anyOf"]
    definitions["FieldSpec"] = {"anyOf": [*short, definitions["FieldSpec"]]}
    schemas = {"faro.schema.json": faro, "site.schema.json": site}
    return {name: {"$schema": _DRAFT, **_tidied(schema)} for name, schema in schemas.items()}


def _tidied(schema: Any) -> Any:
    """Without `null`, which TOML lacks, and with times as the files write them."""
    if isinstance(schema, list):
        return [_tidied(each) for each in schema if each != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    tidied = {key: _tidied(value) for key, value in schema.items() if value is not None}
    if isinstance(schema.get("default"), str) and schema.get("pattern", "").endswith(r":[0-5]\d$"):
        tidied["default"] = f"{time.fromisoformat(schema['default']):%H:%M}"
    alternatives = tidied.get("anyOf", [])
    if len(alternatives) == 1:
        tidied |= alternatives[0]
        del tidied["anyOf"]
    return tidied
