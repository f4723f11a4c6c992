"""Selectors against a page: css, xpath and json queries, fields to snippets, which fallback hit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import escape
from typing import Any

import jmespath
from lxml import etree  # type: ignore[import-untyped]
from parsel.csstranslator import GenericTranslator, HTMLTranslator
from parsel.selector import create_root_node

from config import FieldSpec, Selector
from config.selectors import NAMESPACES
from crawlers.cleaners import CleaningContext, clean
from crawlers.data import embedded_json, is_empty_feed, is_empty_list, loaded, xml_root
from crawlers.errors import CrawlError
from crawlers.unclosed import with_items_closed
from pipelines.markup import visible_text
from records.adverts import Snippet

_NAMESPACES = dict(NAMESPACES)
_TRANSLATORS = {"css": HTMLTranslator(), "css of xml": GenericTranslator()}
_TEXTS = etree.XPath(
    ".//text()[not(parent::script or parent::style or parent::template or parent::noscript)]",
    smart_strings=False,
)


_HTML_END = re.compile(r"</html\s*>", re.IGNORECASE)


class Node:
    """A piece of a page that selectors are applied to: an element of markup, or a JSON value."""

    __slots__ = ("__dict__", "element", "is_xml", "value")

    def __init__(
        self, element: etree._Element | None = None, value: Any = None, *, is_xml: bool = False
    ) -> None:
        self.element = element
        self.value = value
        self.is_xml = is_xml

    @classmethod
    def of_page(cls, text: str, *, is_json: bool = False, is_xml: bool = False) -> Node:
        """The node of a whole page; what claims to be JSON and is not becomes an empty page."""
        if is_json:
            return cls(value=loaded(text))
        if is_xml:
            return cls(element=xml_root(text), is_xml=True)
        # What stands behind it is lost to libxml2, and shown by browsers: a banner with an </html>
        # of its own would hide all adverts below.
        text = with_items_closed(_HTML_END.sub("", text))
        return cls(element=create_root_node(text or "<html/>", etree.HTMLParser))

    @property
    def is_data(self) -> bool:
        """Whether the page is JSON or XML that could be read, not markup for a person."""
        return self.is_xml or isinstance(self.value, (dict, list))

    @cached_property
    def documents(self) -> Sequence[Any]:
        """The JSON that a json query searches: the value itself, or each script that holds JSON."""
        if self.element is None:
            return (self.value,)
        scripts = _compiled("xpath", ".//script[not(@src)]")(self.element)
        return [found for script in scripts for found in embedded_json(script)]

    def find(self, selector: Selector) -> list[Node | str]:
        """What the selector matches, in page order: nodes, or strings for text and attributes."""
        if selector.kind == "json":
            return self._find_json(selector.expression)
        if self.element is None:
            return []
        kind = "css of xml" if self.is_xml and selector.kind == "css" else selector.kind
        found = _compiled(kind, selector.expression)(self.element)
        if isinstance(found, list):
            return [
                Node(element=each, is_xml=self.is_xml) if etree.iselement(each) else str(each)
                for each in found
            ]
        if isinstance(found, bool):
            return ["true"] if found else []
        return [f"{found:g}" if isinstance(found, float) else str(found)]

    def _find_json(self, expression: str) -> list[Node | str]:
        query = _compiled("json", expression)
        for document in self.documents:
            found = query(document)
            if found is not None and found != []:
                values = found if isinstance(found, list) else [found]
                return [_json_result(value) for value in values if value is not None]
        return []

    def has(self, selectors: Iterable[Selector]) -> bool:
        """Whether any of the selectors matches something."""
        return any(self.find(selector) for selector in selectors)

    def says_empty(self, cards: Iterable[Selector]) -> bool:
        """Whether the page itself states that it has no cards: the list that a json query starts
        from is there and empty, or a feed has no entry of any kind.
        """
        if self.is_xml:
            return is_empty_feed(self.element)
        return any(
            is_empty_list(_parsed(each.expression), document)
            for each in cards
            if each.kind == "json"
            for document in self.documents
        )

    def text(self) -> str:
        """The text of the node as a browser would show it, without scripts."""
        if self.element is None:
            return "" if self.value is None else str(self.value)
        return "".join(_TEXTS(self.element))

    def markup(self) -> str:
        """The inner markup."""
        if self.element is None:
            return self.text()
        if self.is_xml and len(self.element) == 0:
            # Feeds carry markup as text.
            return self.element.text or ""
        parts = [escape(self.element.text or "", quote=False)]
        parts += [
            etree.tostring(child, encoding="unicode", method="html") for child in self.element
        ]
        return "".join(parts)


def _json_result(value: Any) -> Node | str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return Node(value=value)
    return str(value)


@lru_cache(maxsize=256)
def _parsed(expression: str) -> Any:
    return jmespath.compile(expression).parsed


@lru_cache(maxsize=1024)
def _compiled(kind: str, expression: str) -> Any:
    """A function from an element (or a JSON value) to what the expression finds in it."""
    try:
        if kind == "json":
            return jmespath.compile(expression).search
        if kind in _TRANSLATORS:
            expression = _TRANSLATORS[kind].css_to_xpath(expression)
        return etree.XPath(expression, namespaces=_NAMESPACES, smart_strings=False)
    except Exception as fault:  # cssselect, lxml and jmespath share no class of fault
        raise CrawlError(f"selector {kind}:{expression}: {fault}") from fault


@dataclass(frozen=True, slots=True)
class Found:
    """Fields that were found. `hits` gives, for fields with fallbacks, which selector hit (0 is
    the first)."""

    values: Mapping[str, tuple[Snippet, ...]]
    hits: Mapping[str, int]

    def first(self, name: str) -> str:
        """The first snippet's value, or an empty string."""
        snippets = self.values.get(name)
        return snippets[0].value if snippets else ""


def extract(node: Node, fields: Mapping[str, FieldSpec], context: CleaningContext) -> Found:
    """Every field that the node holds; fields without a non-blank snippet are missing."""
    values: dict[str, tuple[Snippet, ...]] = {}
    hits: dict[str, int] = {}
    for name, spec in fields.items():
        for number, selector in enumerate(spec.selectors):
            snippets = tuple(_snippets(node.find(selector), spec, context))
            if snippets:
                values[name] = snippets
                if len(spec.selectors) > 1:
                    hits[name] = number
                break
    return Found(values, hits)


def _snippets(
    found: Iterable[Node | str], spec: FieldSpec, context: CleaningContext
) -> Iterable[Snippet]:
    for each in found:
        snippet = _snippet(each, spec, context)
        if snippet is not None and snippet.value.strip():
            yield snippet
            if not spec.many:
                return


def _snippet(found: Node | str, spec: FieldSpec, context: CleaningContext) -> Snippet | None:
    if isinstance(found, Node):
        value = found.markup() if spec.html else found.text()
        is_html = spec.html
    else:
        value, is_html = found, False
    if spec.clean:
        cleaned = clean(visible_text(value) if is_html else value, spec.clean, context)
        return None if cleaned is None else Snippet(cleaned)
    return Snippet(value if is_html else value.strip(), is_html)
