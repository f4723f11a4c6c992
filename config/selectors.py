"""Selectors as site files write them: `css:…`, `xpath:…`, `json:…`; checked when they are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args

import jmespath
from cssselect import SelectorError
from jmespath.exceptions import JMESPathError
from parsel import Selector as Document
from parsel.csstranslator import HTMLTranslator
from pydantic import BeforeValidator, WithJsonSchema

from config.wording import quoted

SelectorKind = Literal["css", "xpath", "json"]

NAMESPACES: Mapping[str, str] = MappingProxyType(
    {
        "atom": "http://www.w3.org/2005/Atom",
        "content": "http://purl.org/rss/1.0/modules/content/",
        "dc": "http://purl.org/dc/elements/1.1/",
        "georss": "http://www.georss.org/georss",
        "image": "http://www.google.com/schemas/sitemap-image/1.1",
        "media": "http://search.yahoo.com/mrss/",
        "re": "http://exslt.org/regular-expressions",
    }
)
"""Prefixes of elements in feeds and sitemaps, as `xpath:./content:encoded`; a feed's own elements
need none. `re:test` and `re:match` are functions for any page.
"""

_EMPTY = Document(text="<a/>")
_TRANSLATOR = HTMLTranslator()


@dataclass(frozen=True, slots=True)
class Selector:
    """One way to find a value on a page; `json` is JMESPath on embedded or answered JSON."""

    kind: SelectorKind
    expression: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.expression}"


def parse_selector(text: str) -> Selector:
    """Read and check one selector. Raises ValueError with what is wrong and how to write it."""
    kind, _, expression = text.partition(":")
    expression = expression.strip()
    if kind not in get_args(SelectorKind) or not expression:
        raise ValueError(f"{quoted(text)} is no selector; write css:…, xpath:… or json:…")
    try:
        if kind == "css":
            _EMPTY.xpath(_TRANSLATOR.css_to_xpath(expression), namespaces=NAMESPACES)
        elif kind == "xpath":
            _EMPTY.xpath(expression, namespaces=NAMESPACES)
        else:
            jmespath.compile(expression)
    except (SelectorError, JMESPathError, ValueError, RecursionError) as error:
        raise ValueError(f"{quoted(text)} does not compile: {_reason(error)}") from error
    return Selector(kind, expression)  # type: ignore[arg-type]


def _reason(error: Exception) -> str:
    """The first line, without the expression that the message repeats."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    lines = str(error).splitlines() or [type(error).__name__]
    reason = lines[0].removeprefix("XPath error: ")
    for tail in (" in ", ", for expression"):
        reason = reason.split(tail, 1)[0]
    return reason


def _one(value: Any) -> Any:
    if isinstance(value, Selector):
        return value
    if not isinstance(value, str):
        raise ValueError(
            f"a selector is text, or a list of texts to try in turn, not {quoted(value)}"
        )
    return parse_selector(value)


def _listed(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        if not value:
            raise ValueError("an empty list finds nothing; leave the key out, or write a selector")
        return value
    return (value,)


_TEXT = {"type": "string", "pattern": "^(css|xpath|json):."}

Selectors = Annotated[
    tuple[Annotated[Selector, BeforeValidator(_one)], ...],
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}),
]
"""A selector, or a list of which the first that finds something wins."""
