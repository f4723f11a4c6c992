"""Lists that are data, not markup: JSON answers, JSON in a page's scripts, RSS, Atom, sitemaps."""

from __future__ import annotations

import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from typing import Any

from jmespath.visitor import TreeInterpreter
from lxml import etree  # type: ignore[import-untyped]

_FEED_ROOTS = frozenset({"rss", "feed", "RDF", "urlset"})
_ENTRIES = frozenset({"item", "entry", "url"})
_INDEX = "sitemapindex"
# The first element of the text, past a declaration, comments and a document type.
_ROOT = re.compile(r"\ufeff?\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*<(?:\w+:)?(\w+)", re.DOTALL)
_PROJECTIONS = frozenset(
    {"projection", "filter_projection", "flatten", "value_projection", "slice"}
)
# `window.__STATE__ = {`, `const page = JSON.parse("`: where a script hands data to itself.
_ASSIGNED = re.compile(r"=\s*(?:(?=[\[{])|JSON\.parse\(\s*(?P<parsed>(?=\")))")
_DECODER = json.JSONDecoder()
_MOST_TRIED = 200


def is_xml(text: str, declared: bool) -> bool:
    """Whether a page is a feed, a sitemap or other XML. What is declared as XML may be a page of
    HTML all the same, and a feed may be declared as anything.
    """
    root = _ROOT.match(text, 0, 4096)
    if root is None or root[1].lower() == "html":
        return False
    return declared or root[1] in _FEED_ROOTS or root[1] == _INDEX


def xml_root(text: str) -> Any:
    """The root element, its own namespace taken away so that selectors need no prefix for it.

    Nothing outside the text is loaded and no entity is expanded.
    """
    parser = etree.XMLParser(
        recover=True,
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    root = etree.fromstring(text.lstrip("\ufeff \n\r\t").encode("utf-8", "replace"), parser)
    if root is None:
        return etree.Element("nothing")
    own = f"{{{root.nsmap.get(None)}}}"
    for element in root.iter(f"{own}*") if None in root.nsmap else ():
        element.tag = element.tag.removeprefix(own)
    return root


def is_newest_only(root: Any) -> bool:
    """Whether the page is a feed (RSS or Atom), which shows the newest adverts only."""
    return root is not None and _local(root) in _FEED_ROOTS - {"urlset"}


def indexed_pages(root: Any) -> list[str] | None:
    """The addresses of the sitemaps that an index of them names; None when the page is none."""
    if _local(root) != _INDEX:
        return None
    places = [each for each in root.iter(etree.Element) if _local(each) == "loc"]
    return [place.text.strip() for place in places if (place.text or "").strip()]


def is_empty_feed(root: Any) -> bool:
    """Whether this is a feed or a sitemap without any entry."""
    if _local(root) not in _FEED_ROOTS:
        return False
    return not any(_local(each) in _ENTRIES for each in root.iter(etree.Element))


def _local(element: Any) -> str:
    return str(etree.QName(element).localname)


def gunzipped(body: bytes, largest: int) -> bytes | None:
    """The content of a gzip file (sitemaps are often sent so); None when it is none, is broken, or
    is larger than `largest` bytes.
    """
    if not body.startswith(b"\x1f\x8b"):
        return None
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
            content = file.read(largest + 1)
    except (OSError, EOFError, zlib.error):
        return None
    return content if len(content) <= largest else None


def loaded(text: str) -> Any:
    """The value of a JSON text; None when it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def embedded_json(script: Any) -> Iterator[Any]:
    """The data that a script element holds: the whole of it, or what it assigns."""
    text = script.text or ""
    if "json" in (script.get("type") or ""):
        if (found := loaded(text)) is not None:
            yield found
        return
    reached = 0
    for number, match in enumerate(_ASSIGNED.finditer(text)):
        if number == _MOST_TRIED:
            return
        if match.start() < reached:
            continue
        try:
            value, reached = _DECODER.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            continue
        if match["parsed"] is not None and isinstance(value, str):
            value = loaded(value)
        if isinstance(value, (dict, list)):
            yield value


def is_empty_list(query: Any, document: Any) -> bool:
    """Whether the list that a parsed JMESPath query starts from is there and has nothing in it.

    `ads[].card` finds `[]` in `{"ads": []}`, which is a statement, and in `{"ads": [{"c": 1}]}`,
    which is another layout; nothing at all in `{"adverts": []}`.
    """
    while query["type"] in {*_PROJECTIONS, "pipe"} or _holds_projection(query):
        query = query["children"][0]
    return bool(TreeInterpreter().visit(query, document) == [])


def _holds_projection(query: Any) -> bool:
    children = query.get("children") or ()
    first = children[0] if children and isinstance(children[0], dict) else None
    return (
        query["type"] in {"subexpression", "index_expression"}
        and first is not None
        and (first["type"] in _PROJECTIONS or _holds_projection(first))
    )
