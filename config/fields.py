"""Fields of an advert as a site file names them: which mean something, and how one is read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from config.cleaners import Cleaner
from config.selectors import Selectors

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "age": "Her age as stated; read as a number of years.",
        "body": "The advert's text; its markup is kept and read.",
        "category": "The site's category; goes before the partition's.",
        "city": "The place as stated, looked up in a table of places; goes before the partition's.",
        "id": "The site's own id of the advert: the same on every day. Required.",
        "nickname": "The name that she, or whoever wrote it, gives.",
        "phone": "Where the page shows or links a number; usually with `many = true`.",
        "position": "Its place on the list. Volatile.",
        "posted": "When the site says that it was posted or bumped. Volatile.",
        "price": "The price as stated; the lowest is kept.",
        "promoted": "Present when the advert is promoted (a paid place, a badge). Volatile.",
        "province": "The province as stated.",
        "title": "Its title. Required.",
        "url": "The address of its own page. Required.",
    }
)
"""The names that Faro understands; a field of any other name is kept as text, with its name."""

REQUIRED_LIST_FIELDS = ("id", "url", "title")
VOLATILE_FIELDS = frozenset({"posted", "promoted", "position"})
"""Fields that change by themselves, so that a card's content never includes them."""


class Strict(BaseModel):
    """Frozen, and an unknown key is an error."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, arbitrary_types_allowed=True
    )


class FieldSpec(Strict):
    """How a field is read. Short: `title = 'css:h2'`, or a list of selectors to try in turn; with
    more to say: a table of these keys.
    """

    selectors: Selectors = Field(
        alias="select", description="A selector, or a list of which the first that finds wins."
    )
    clean: tuple[Cleaner, ...] = Field(
        (), description="Cleaners, applied in turn: names from the table of cleaners, or `regex:…`."
    )
    many: bool = Field(False, description="Keep every value found, not only the first.")
    html: bool = Field(False, description="Keep the inner markup (the default for `body`).")
    volatile: bool = Field(
        False,
        description="Changes by itself, so it is no content of the card "
        "(the default for posted, promoted and position).",
    )


def _fields(value: Any) -> Any:
    """Every field as a table, with the defaults that depend on its name."""
    if not isinstance(value, dict):
        return value
    fields: dict[str, Any] = {}
    for name, spec in value.items():
        if isinstance(spec, FieldSpec):
            fields[name] = spec
            continue
        table = {"html": name == "body", "volatile": name in VOLATILE_FIELDS}
        fields[name] = table | (spec if isinstance(spec, dict) else {"select": spec})
    return fields


Fields = Annotated[dict[str, FieldSpec], BeforeValidator(_fields)]
