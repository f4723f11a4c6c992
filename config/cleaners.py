"""The names of the cleaners that a field may ask for; the functions are in crawlers/cleaners.py."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from config.wording import did_you_mean, quoted

CLEANERS: Mapping[str, str] = MappingProxyType(
    {
        "absolute_url": "An address made absolute against the page's own.",
        "date": "A date or time, absolute or relative, as ISO 8601.",
        "digits": "Only its digits.",
        "first_line": "Its first line that is not blank.",
        "id_from_url": "The number in the last part of an address, else that part.",
        "lower": "In lower case.",
        "number": "The first number, `1.026,00 €` as `1026.00`.",
        "relative_date": "The same as `date`: `ieri`, `3 ore fa`.",
        "strip_query": "An address without its `?…` and `#…`.",
        "text": "On one line, with single spaces.",
        "url": "The first address in it.",
    }
)
"""Name → what it keeps."""

_REGEX = "regex:"


def check_cleaner(name: str) -> str:
    """Return `name` when it is a cleaner. Raises ValueError that says what there is."""
    if name.startswith(_REGEX):
        _check_pattern(name)
    elif name not in CLEANERS:
        raise ValueError(
            f"unknown cleaner {quoted(name)}{did_you_mean(name, CLEANERS)}"
            f" (there are {', '.join(CLEANERS)} and regex:<pattern>)"
        )
    return name


def _check_pattern(name: str) -> None:
    try:
        with warnings.catch_warnings():
            # Python warns of sets that a later version may read otherwise; the pattern is not code.
            warnings.simplefilter("ignore", FutureWarning)
            pattern = re.compile(name.removeprefix(_REGEX))
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{quoted(name)} does not compile: {error}") from error
    if pattern.groups < 1:
        raise ValueError(f"{quoted(name)} needs a group in brackets around what to keep")


Cleaner = Annotated[
    str,
    AfterValidator(check_cleaner),
    WithJsonSchema(
        {"anyOf": [{"enum": list(CLEANERS)}, {"type": "string", "pattern": "^regex:."}]}
    ),
]
