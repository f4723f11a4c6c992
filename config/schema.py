"""JSON Schemas of faro.toml and of site files, for editors that complete and check TOML."""

from __future__ import annotations

from typing import Any

from config.models import FaroFile
from config.sitefile import SiteFile


def json_schemas() -> dict[str, dict[str, Any]]:
    """The schemas by file name: `faro.schema.json` and `site.schema.json`."""
    site = SiteFile.model_json_schema(mode="validation")
    site["properties"].pop("id")
    site["required"].remove("id")
    # A field may be written short: a selector or a list of them instead of a table.
    definitions = site["$defs"]
    short = definitions["FieldSpec"]["properties"]["select"]["anyOf"]
    definitions["FieldSpec"] = {"anyOf": [*short, definitions["FieldSpec"]]}
    schemas = {"faro.schema.json": FaroFile.model_json_schema(), "site.schema.json": site}
    for schema in schemas.values():
        schema["$schema"] = "http://json-schema.org/draft-07/schema#"
    return schemas
