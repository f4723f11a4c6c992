"""One card of a list page: id, address, fields, and the text that tells whether it changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from config import FieldSpec
from crawlers.extraction import Found
from records.adverts import Snippet

# The address carries slugs and tokens that change by themselves; the id is the advert's name.
_NO_CONTENT = frozenset({"id", "url"})


@dataclass(frozen=True, slots=True)
class Card:
    """A usable card: it has an id and an address (absolute). `page` and `position` count from 1."""

    ad_id: str
    url: str
    page: int
    position: int
    found: Found
    text: str

    @property
    def promoted(self) -> bool:
        """Whether the card carries a promotion badge."""
        return "promoted" in self.found.values


def card_text(values: Mapping[str, tuple[Snippet, ...]], fields: Mapping[str, FieldSpec]) -> str:
    """The canonical text of a card: its fields that do not change by themselves, sorted by name."""
    lines = []
    for name in sorted(values):
        if name in _NO_CONTENT or fields[name].volatile:
            continue
        lines += [f"{name}={' '.join(snippet.value.split())}" for snippet in values[name]]
    return "\n".join(lines)
