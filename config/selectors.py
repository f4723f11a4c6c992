"""Selectors as site files write them: `css:…`, `xpath:…`, `json:…`; checked when they are read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

import jmespath
from cssselect import SelectorError
from jmespath.exceptions import JMESPathError
from parsel import Selector as Document
from parsel.csstranslator import HTMLTranslator

SelectorKind = Literal["css", "xpath", "json"]


@dataclass(frozen=True, slots=True)
class Selector:
    """One way to find a value on a page; `json` is JMESPath on embedded or answered JSON."""

    kind: SelectorKind
    expression: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.expression}"


def parse_selector(text: str) -> Selector:
    """Read and check one selector. Raises ValueError with what is wrong and how to write it."""
    kind, colon, expression = text.partition(":")
    expression = expression.strip()
    if not colon or kind not in get_args(SelectorKind) or not expression:
        raise ValueError(f"'{text}' is no selector; write css:…, xpath:… or json:…")
    if kind == "css":
        try:
            HTMLTranslator().css_to_xpath(expression)
        except SelectorError as error:
            raise ValueError(f"'{text}': {error}") from error
    elif kind == "xpath":
        try:
            Document(text="<a/>").xpath(expression)
        except ValueError as error:
            raise ValueError(f"'{text}': {_first_line(error)}") from error
    else:
        try:
            jmespath.compile(expression)
        except JMESPathError as error:
            raise ValueError(f"'{text}': {_first_line(error)}") from error
    return Selector(kind, expression)  # type: ignore[arg-type]


CLEANERS = (
    "text",
    "first_line",
    "digits",
    "number",
    "url",
    "absolute_url",
    "id_from_url",
    "strip_query",
    "date",
    "relative_date",
    "lower",
)
"""Names of the cleaners that a field may ask for; `regex:<pattern>` keeps a first group."""


def check_cleaner(name: str) -> str:
    """Return `name` when it is a cleaner. Raises ValueError with the known ones."""
    if name.startswith("regex:"):
        try:
            pattern = re.compile(name.removeprefix("regex:"))
        except re.error as error:
            raise ValueError(f"'{name}': {error}") from error
        if pattern.groups < 1:
            raise ValueError(f"'{name}': the pattern needs one group in brackets: what to keep")
        return name
    if name not in CLEANERS:
        raise ValueError(f"unknown cleaner '{name}'; there are {', '.join(CLEANERS)}, regex:…")
    return name


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
