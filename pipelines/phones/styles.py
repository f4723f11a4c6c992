"""What the style sheets of a page hide or write backwards, by class, by id and by selector."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)"
    r"|font-size\s*:\s*0(?:px|em|rem|pt|%)?\s*(?:;|!|$)|(?:left|top|text-indent)\s*:\s*-\d{3,}"
    r"|(?<![-\w])(?:max-)?(?:width|height)\s*:\s*0(?:px)?\s*(?:;|!|$)|clip\s*:\s*rect\(0"
    r"|clip-path\s*:\s*inset\((?:50|100)%|transform\s*:\s*scale\(0\)",
    re.IGNORECASE,
)
BACKWARDS_STYLE = re.compile(r"bidi-override", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_BRACE = re.compile(r"([^{};]*)([{};])")
_ONE_NAME = re.compile(r"[a-z]*([.#])([\w-]+)", re.IGNORECASE)
_SCREEN = re.compile(
    r"@(?:media\s+(?:only\s+)?(?:screen|all)\s*|supports\b.*|layer\b.*)", re.DOTALL
)
_STATE = re.compile(r":(?!nth-|first-|last-|only-|not\()|@")
_UTILITIES = ("d-none", "hidden", "visually-hidden", "sr-only", "invisible", "screen-reader-text")
_MOST_SELECTORS = 40
_LONGEST_SELECTOR = 200
_LONGEST_PAGE = 200_000
"""Characters of a page in which selectors are looked for: some take the square of its size."""


@dataclass(slots=True)
class Styles:
    """`hidden` and `backwards` hold classes as they are and ids with their #."""

    hidden: set[str] = field(default_factory=lambda: set(_UTILITIES))
    backwards: set[str] = field(default_factory=set)
    selectors: list[str] = field(default_factory=list)

    def read(self, css: str) -> None:
        """Takes in a style sheet; rules for print or for a width of screen are passed over."""
        for selector, body in _rules(_COMMENT.sub("", css)):
            hides = HIDDEN_STYLE.search(body)
            if not hides and not BACKWARDS_STYLE.search(body):
                continue
            names = self.hidden if hides else self.backwards
            for one in selector.split(","):
                simple = _ONE_NAME.fullmatch(one.strip())
                if simple:
                    names.add(simple[1].replace(".", "") + simple[2])
                elif hides and len(one) <= _LONGEST_SELECTOR and not _STATE.search(one):
                    self.selectors.append(one.strip())

    def nodes(self, tree: LexborHTMLParser, length: int) -> frozenset[int]:
        """`mem_id` of the nodes that selectors of several parts hide in a page of `length`."""
        if length > _LONGEST_PAGE:
            return frozenset()
        found: set[int] = set()
        for selector in self.selectors[:_MOST_SELECTORS]:
            try:
                found.update(node.mem_id for node in tree.css(selector))
            except SelectolaxError:
                continue
        return frozenset(found)


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """(selector, declarations) of the rules that hold on a screen."""
    heads: list[str] = []
    body: list[str] = []
    for match in _BRACE.finditer(css):
        text, mark = match[1], match[2]
        if mark == "{":
            heads.append(text.strip())
            body = []
        elif mark == ";":
            body.append(text)
        else:
            body.append(text)
            if heads:
                selector = heads.pop()
                if selector[:1] != "@" and all(map(_holds, heads)):
                    yield selector, ";".join(body)
            body = []


def _holds(head: str) -> bool:
    return head[:1] != "@" or _SCREEN.fullmatch(head) is not None
