"""The generated pages are up to date, every key has a meaning, and the schemas fit the files."""

from __future__ import annotations

import csv
import re
import tomllib
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from config.anatomy import Section, keys, sections, table_in
from config.cleaners import CLEANERS
from config.fields import MEANINGS
from config.models import FaroFile
from config.provinces import CODES
from config.reference import config_page, documents
from config.schema import json_schemas
from config.sitefile import SiteFile

ROOT = Path(__file__).resolve().parents[2]
SECTIONS = [
    (page, section)
    for page, model in (("faro.toml", FaroFile), ("sites/*.toml", SiteFile))
    for section in sections(model)
]


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_generated_page_is_up_to_date(path: Path) -> None:
    assert path.read_text("utf-8") == documents()[path], "run: make docs"


@pytest.mark.parametrize(
    ("page", "section"), SECTIONS, ids=lambda value: getattr(value, "heading", value)
)
def test_every_key_is_documented(page: str, section: Section) -> None:
    chapter = config_page().split(f"## {page}\n", 1)[1].split("\n## ", 1)[0]
    assert section.heading == "" or f"### {section.heading}\n" in chapter
    own = chapter.split(f"### {section.heading}\n", 1)[-1].split("\n### ", 1)[0]
    for key, field in keys(section.model).items():
        assert field.description, f"{section.heading} {key} has no meaning"
        if table_in(field.annotation)[0] is None:
            assert re.search(rf"^\| `{key}` \| [^|]", own, re.M), f"{section.heading} {key}"


def test_keys_of_a_section_are_in_alphabetical_order() -> None:
    for own in config_page().split("\n### "):
        found = re.findall(r"^\| `(\w+)` \|", own.split("\n## ", 1)[0], re.M)
        assert found == sorted(found)


def test_cleaners_and_fields_are_documented() -> None:
    page = config_page()
    for name in (*CLEANERS, *MEANINGS):
        assert f"| `{name}` | " in page


def test_province_codes_are_those_of_the_table_of_provinces() -> None:
    table = ROOT / "pipelines" / "data" / "provinces.csv"
    with table.open(encoding="utf-8", newline="") as file:
        assert {row["code"] for row in csv.DictReader(file)} == CODES
    assert len(CODES) == 107


# The part of JSON Schema that the published schemas use.


def mistakes(schema: dict[str, Any], value: Any, whole: dict[str, Any], at: str = "") -> list[str]:
    """What an editor would underline."""
    if "$ref" in schema:
        return mistakes(whole["$defs"][schema["$ref"].rpartition("/")[2]], value, whole, at)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            tried = [mistakes(each, value, whole, at) for each in schema[word]]
            return [] if [] in tried else min(tried, key=len)
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at}: not one of {schema['enum']}"]
    types: dict[str, Any] = {
        "object": dict,
        "array": list,
        "string": (str, date),
        "integer": int,
        "number": (int, float),
        "boolean": bool,
    }
    if "type" in schema and not isinstance(value, types[schema["type"]]):
        return [f"{at}: not of type {schema['type']}"]
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        return [f"{at}: does not match {schema['pattern']}"]
    if isinstance(value, list):
        items = schema.get("items", {})
        return [line for n, each in enumerate(value) for line in mistakes(items, each, whole, at)]
    if isinstance(value, dict):
        known, rest = schema.get("properties", {}), schema.get("additionalProperties", {})
        lines = [f"{at}.{key}: missing" for key in schema.get("required", []) if key not in value]
        for key, each in value.items():
            inner = known.get(key, rest)
            lines += (
                [f"{at}.{key}: unknown"]
                if inner is False
                else mistakes(inner, each, whole, f"{at}.{key}")
            )
        return lines
    return []


@pytest.mark.parametrize(
    ("name", "schema"),
    [("faro.toml", "faro.schema.json"), ("sites/example.toml", "site.schema.json")],
)
def test_schemas_accept_the_shipped_files(name: str, schema: str) -> None:
    whole = json_schemas()[schema]
    content = tomllib.loads(files("config").joinpath(name).read_text("utf-8"))
    assert mistakes(whole, content, whole) == []
    assert mistakes(whole, {**content, "nmae": 1}, whole) == [".nmae: unknown"]


def test_schemas_refuse_what_faro_refuses() -> None:
    whole = json_schemas()["site.schema.json"]
    text = files("config").joinpath("sites/example.toml").read_text("utf-8")
    for old, new, line in [
        ('fetch = "http"', 'fetch = "ftp"', ".fetch: not one of ['http', 'browser']"),
        ("'css:ul.results'", "'ul.results'", ".list.page_marker: does not match"),
        ('province = "TV"', 'province = "TW"', ".list.start.province: not one of ['AG'"),
        ("[detail]", "[detial]", ".detial: unknown"),
        ("many = true }\n", "mayn = true }\n", ".detail.fields.phone"),
        ('name = "Example"', "", ".name: missing"),
    ]:
        assert old in text
        found = mistakes(whole, tomllib.loads(text.replace(old, new, 1)), whole)
        assert found and found[0].startswith(line), (new, found)
