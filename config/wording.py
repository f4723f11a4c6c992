"""How a fault is put into words: values as TOML shows them, the nearest spelling, one line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rapidfuzz import fuzz, process

_LONGEST = 60
# Of 100; below it a suggestion is more often silly than right ('zone' for 'timezone' has 67).
_NEAR_ENOUGH = 60


def quoted(value: Any) -> str:
    """A value for a message: `'text'`, `20`, `true`, `a list`, `a table`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{value if len(value) <= _LONGEST else value[: _LONGEST - 1] + '…'}'"
    if isinstance(value, (list, tuple)):
        return "a list" if value else "an empty list"
    if isinstance(value, dict):
        return "a table"
    try:
        text = str(value)
    except ValueError:  # Python refuses to write whole numbers of more than 4,300 digits
        return "a very large number"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def nearest(name: str, known: Iterable[str], *, at_least: float = _NEAR_ENOUGH) -> str | None:
    """The known spelling most like `name`, None when none is near (ratio of rapidfuzz, 0-100)."""
    # Sorted, so that the same fault always reads the same.
    found = process.extractOne(name, sorted(known), scorer=fuzz.ratio, score_cutoff=at_least)
    return str(found[0]) if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'card'?`, or nothing."""
    near = nearest(name, known)
    return f"; did you mean '{near}'?" if near else ""


def one_line(text: str) -> str:
    """`text` with every line break and unprintable character escaped, so that nothing in a config
    file can forge a second line or hide one.
    """
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )
