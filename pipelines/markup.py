"""What a reader sees of a piece of markup: its text and its links, without what is hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.nesting import flattened
from pipelines.text import clean_text

_Piece = tuple[Literal["text", "break", "paragraph", "gap", "link"], str]

_UNSEEN = (
    "area audio canvas datalist head iframe math noscript object option script select style svg "
    "template textarea title video -comment"
)
_LINES = (
    "address article aside blockquote body button center dd details dialog div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav "
    "ol section summary table tbody tfoot thead tr ul"
)
_UNSEEN_TAGS = frozenset(_UNSEEN.split())
_LINE_TAGS = frozenset(_LINES.split())
_PARAGRAPH_TAGS = frozenset(["p", "pre"])
_CELL_TAGS = frozenset(["td", "th"])

_HIDING = (
    r"(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|"
    r"(?:font-size|opacity)\s*:\s*0+(?:\.0+)?(?:px|em|rem|pt|%)?\s*(?:!|;|\}|$))"
)
_HIDING_STYLE = re.compile(_HIDING, re.I)
_STYLE_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_PLAIN_SELECTOR = re.compile(r"[\w-]*([.#][\w-]+)")
_SOURCE_SPACE = re.compile(r"[ \t\r\n\f]+")
_SYMBOL_IMAGE = re.compile(r"[^a-zA-Z]{1,8}")


def _hidden_selectors(root: LexborNode) -> frozenset[str]:
    """Classes (".x") and ids ("#x") that a style element inside the markup hides."""
    hidden: set[str] = set()
    for style in root.css("style"):
        for rule in _STYLE_RULE.finditer(style.text()):
            if _HIDING_STYLE.search(rule[2]):
                for selector in rule[1].split(","):
                    if plain := _PLAIN_SELECTOR.fullmatch(selector.strip()):
                        hidden.add(plain[1])
    return frozenset(hidden)


def _is_hidden(node: LexborNode, selectors: frozenset[str]) -> bool:
    # aria-hidden is no sign: it hides from screen readers what everybody else sees.
    attributes = node.attributes
    if "hidden" in attributes or _HIDING_STYLE.search(attributes.get("style") or ""):
        return True
    if not selectors:
        return False
    names = {"." + name for name in (attributes.get("class") or "").split()}
    names.add("#" + (attributes.get("id") or ""))
    return not names.isdisjoint(selectors)


def _edge(tag: str) -> _Piece | None:
    if tag in _LINE_TAGS:
        return "break", ""
    if tag in _PARAGRAPH_TAGS:
        return "paragraph", ""
    if tag in _CELL_TAGS:
        return "gap", ""
    return None


@lru_cache(maxsize=2)  # a text, and at once its links
def _pieces(html: str) -> tuple[_Piece, ...]:
    """The visible pieces in page order."""
    return tuple(_walked(html))


def _walked(html: str) -> Iterator[_Piece]:
    """The visible pieces in page order. Walks without recursion: markup may be nested at will."""
    parser = LexborHTMLParser(flattened(html).encode("utf-8", "replace").decode("utf-8"))
    root = parser.body
    if root is None:
        return
    selectors = _hidden_selectors(parser.root or root)
    # (node, inside <pre>, leaving it)
    stack: list[tuple[LexborNode, bool, bool]] = [(root, False, False)]
    while stack:
        node, verbatim, leaving = stack.pop()
        tag = node.tag or ""
        if tag == "-text":
            text = node.text_content or ""
            yield "text", text if verbatim else _SOURCE_SPACE.sub(" ", text)
            continue
        edge = _edge(tag)
        if leaving:
            if edge:
                yield edge
            continue
        if tag in _UNSEEN_TAGS or _is_hidden(node, selectors):
            continue
        if tag == "br":
            yield "text", "\n"
            continue
        if edge:
            yield edge
        if tag == "a" and (href := node.attributes.get("href")):
            yield "link", href.strip()
        elif tag == "img" and _SYMBOL_IMAGE.fullmatch(alt := node.attributes.get("alt") or ""):
            # An emoji drawn as a picture: its alternative text is what the reader sees.
            yield "text", alt
        stack.append((node, verbatim, True))
        children = []
        child = node.child
        while child is not None:
            children.append((child, verbatim or tag == "pre", False))
            child = child.next
        stack.extend(reversed(children))


def visible_text(html: str) -> str:
    """The text of `html` as a reader sees it, cleaned (`pipelines.text.clean_text`).

    Block elements and `<br>` make lines, paragraphs a blank line between them, table cells a
    space; inline elements are joined, so that a number cut by tags is whole. Left out: scripts,
    styles, templates, comments, form choices, and whatever `hidden`, an inline style or a plain
    class or id rule of a style element inside `html` hides.
    """
    written: list[str] = []
    line_ends = 2  # how many line ends stand at the end of what is written
    gap = ""
    for kind, value in _pieces(html):
        if kind == "break" or kind == "paragraph":
            wanted = 1 if kind == "break" else 2
            written.append("\n" * max(0, wanted - line_ends))
            line_ends = max(line_ends, wanted)
            gap = ""
        elif kind == "gap":
            gap = " "
        elif kind == "text" and value:
            if not value.strip(" ") and line_ends:
                continue
            written += (gap, value)
            gap = ""
            line_ends = len(value) - len(value.rstrip("\n"))
    return clean_text("".join(written))


def links(html: str) -> tuple[str, ...]:
    """The addresses of the visible links of `html`, in page order, as written."""
    return tuple(value for kind, value in _pieces(html) if kind == "link")
