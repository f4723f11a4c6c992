"""Reads phone numbers in HTML: links and attributes, scripts, and the text that a visitor sees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.nesting import flattened
from pipelines.phones.links import links_in, may_hold_link
from pipelines.phones.reader import find_phones
from pipelines.phones.scripts import PHONE_NAME, decode_base64, json_phones, strings
from pipelines.phones.sources import Chunk, place_in_source
from pipelines.phones.styles import BACKWARDS_STYLE, HIDDEN_STYLE, Styles
from records.contacts import FoundContact

_BLOCKS = frozenset(
    "address article aside blockquote body br button caption center dd div dl dt fieldset"
    " figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hr html legend li main nav ol"
    " option p pre section select table tbody td textarea tfoot th thead title tr ul".split()
)
_UNSEEN = frozenset("script style template iframe object svg math datalist noembed".split())
_READ_ATTRIBUTES = frozenset(
    ("aria-label", "title", "alt", "value", "placeholder", "summary", "label")
)
_UNREAD_ATTRIBUTES = frozenset(
    "class style src srcset sizes id rel width height loading role target type tabindex".split()
)
_META = re.compile(r"description|title|phone|telephone", re.IGNORECASE)
_HANDED_OUT = re.compile(r"value|clipboard|copy|reveal|show|full|content|text")
_PHONE_WORD = re.compile(
    r"(?<![a-z])(?:tele?phon|telefon|tel|cell|mobile?|phone|whats|chiama|numero|clipboard)",
    re.IGNORECASE,
)
_NUMBER_ONLY = re.compile(r"[+(\d][\d\s().+/-]{6,28}")


def find_phones_html(html: str, *, placed: bool = True) -> tuple[FoundContact, ...]:
    """Every phone number of a page.

    Numbers in the visible text have their span in `html`, or none when they need not be `placed`;
    those of links, attributes, JSON-LD and decoded scripts have none, and `where` is "link" or
    "field". Page code is never run.
    """
    return _Page(html, depth=0).found(placed)


class _Page:
    def __init__(self, html: str, depth: int) -> None:
        self.html = flattened(html)
        self.depth = depth
        self.aside: list[FoundContact] = []
        self.chunks: list[Chunk] = []
        self.styles = Styles()
        self.concealed: frozenset[int] = frozenset()
        self.length = 0
        self.ended = False
        self.may_turn = "bidi-override" in html or "<bdo" in html.lower()

    def found(self, placed: bool) -> tuple[FoundContact, ...]:
        tree = LexborHTMLParser(self.html)
        for style in tree.css("style"):
            self.styles.read(style.text(deep=True))
        if self.styles.selectors:
            self.concealed = self.styles.nodes(tree, len(self.html))
        root = tree.root
        if root is not None:
            self._walk(root)
        text = "".join(chunk.text for chunk in self.chunks)
        seen = find_phones(text)
        if seen:
            seen = (
                place_in_source(seen, self.chunks, self.html)
                if placed
                else tuple(replace(contact, span=None) for contact in seen)
            )
        return tuple(dict.fromkeys((*self.aside, *seen)))

    def _walk(self, root: LexborNode) -> None:
        """Visits the tree in the order of the page, leaving out what is hidden."""
        node: LexborNode | None = root
        backwards: list[LexborNode] = []
        open_: list[tuple[LexborNode, bool]] = []
        while node is not None:
            inside = None
            tag = node.tag
            block = False
            if tag == "-text":
                text = node.text_content or ""
                self._add(text[::-1] if backwards else text, source=not backwards)
            elif tag is not None and tag[0] != "-":
                block = tag in _BLOCKS
                if block:
                    self._break()
                if self._element(node, tag):
                    inside = node.child
                    if self.may_turn and inside is not None and self._is_backwards(node, tag):
                        backwards.append(node)
            elif tag is None or tag == "-document":
                inside = node.child
            if inside is not None:
                open_.append((node, block))
                node = inside
                continue
            while True:
                if block:
                    self._break()
                after = node.next
                if after is not None or not open_:
                    node = after
                    break
                node, block = open_.pop()
                if backwards and node.mem_id == backwards[-1].mem_id:
                    backwards.pop()

    def _break(self) -> None:
        """Ends the line, once."""
        if not self.ended:
            self.ended = True
            self.chunks.append(Chunk(self.length, "\n", False))
            self.length += 1

    def _add(self, text: str, *, source: bool = False) -> None:
        self.chunks.append(Chunk(self.length, text, source))
        self.length += len(text)
        self.ended = False

    def _is_backwards(self, node: LexborNode, tag: str) -> bool:
        attributes = node.attributes
        if tag == "bdo" and attributes.get("dir") == "rtl":
            return True
        style = attributes.get("style")
        if style and BACKWARDS_STYLE.search(style):
            return True
        backwards = self.styles.backwards
        return bool(backwards) and not backwards.isdisjoint(_names(attributes))

    def _element(self, node: LexborNode, tag: str) -> bool:
        """Reads an element's attributes; whether its content is to be visited."""
        if tag == "script":
            self._script(node)
            return False
        if tag in _UNSEEN or (self.concealed and node.mem_id in self.concealed):
            return False
        if tag == "noscript":
            self._field(node.text(deep=True), "attribute")
            return False
        attributes = node.attributes
        if not attributes:
            return True
        style = attributes.get("style")
        if "hidden" in attributes or (style and HIDDEN_STYLE.search(style)):
            return False
        classes = attributes.get("class")
        if classes and not self.styles.hidden.isdisjoint(classes.split()):
            return False
        identity = attributes.get("id")
        if identity and "#" + identity in self.styles.hidden:
            return False
        self._attributes(tag, attributes)
        return True

    def _attributes(self, tag: str, attributes: dict[str, str | None]) -> None:
        for name, value in attributes.items():
            if name in _UNREAD_ATTRIBUTES:
                continue
            if not value or len(value) < 6:
                if tag == "img" and name == "alt" and value:
                    self._add(value)
                continue
            if name[:2] == "on":
                self._code(value)
            elif links := _links(value):
                self.aside += links
            elif name[:5] == "data-":
                self._data(name, value, attributes)
            elif name == "content":
                kind = " ".join(
                    attributes.get(key) or "" for key in ("itemprop", "name", "property")
                )
                if PHONE_NAME.search(kind):
                    self._field(value, "attribute", sure=True)
                elif _META.search(kind):
                    self._field(value, "attribute")
            elif name in _READ_ATTRIBUTES:
                hint = (attributes.get("name") or "") + (attributes.get("type") or "")
                sure = name == "value" and bool(PHONE_NAME.search(hint))
                if name != "value" or sure:
                    self._field(value, "attribute", sure=sure)

    def _data(self, name: str, value: str, attributes: dict[str, str | None]) -> None:
        if name.endswith("id"):
            return
        plain = unquote(value) if "%" in value else value
        if plain.lstrip()[:1] in ("{", "["):
            for phone in json_phones(plain):
                self._field(phone, "json", sure=True)
            if plain.lstrip()[0] == "{":
                return
        decoded = decode_base64(value)
        if decoded is None and "%" in value:
            decoded = unquoted(value)
        if decoded is not None:
            if links := list(links_in(decoded)):
                self.aside += [replace(link, rule="decoded") for link in links]
                return
            if _NUMBER_ONLY.fullmatch(decoded.strip()):
                self._field(decoded, "decoded", sure=True)
                return
        named = PHONE_NAME.search(name[5:])
        if not named and _NUMBER_ONLY.fullmatch(value.strip()) and _HANDED_OUT.search(name):
            named = _PHONE_WORD.search(" ".join((name, *filter(None, attributes.values()))))
        if named:
            if re.search(r"rev(?!eal)", name):
                value = value[::-1]
            self._field(value, "attribute", sure=True)

    def _field(self, value: str, rule: str, *, sure: bool = False) -> None:
        """Reads a text that stands outside the visible one; `sure`: it is said to be a phone."""
        found = find_phones("tel: " + value if sure else value)
        for contact in found:
            tier = "confirmed" if sure else contact.tier
            self.aside.append(
                replace(contact, where="field", span=None, rule=rule, raw=value[:80], tier=tier)
            )

    def _script(self, node: LexborNode) -> None:
        code = node.text(deep=True)
        kind = (node.attributes.get("type") or "").lower()
        if "json" in kind:
            for value in json_phones(code):
                self._field(value, "json", sure=True)
        elif "template" in kind or kind == "text/html":
            self._markup(code)
        else:
            self._code(code)

    def _code(self, code: str) -> None:
        for name, text, derived in strings(code):
            if len(text) < 6:
                continue
            lower = text.lower()
            if may_hold_link(lower) and (links := list(links_in(text))):
                self.aside += [replace(link, rule="script") for link in links]
            elif "<" in text and _writes(name):
                self._markup(text)
            elif (derived or PHONE_NAME.search(name)) and _NUMBER_ONLY.fullmatch(text.strip()):
                self._field(text, "script", sure=True)
            elif _writes(name) or (derived and any(char.isdigit() for char in text)):
                self._field(text, "script")

    def _markup(self, html: str) -> None:
        if self.depth >= 2:
            return
        for contact in _Page(html, self.depth + 1).found(placed=False):
            self.aside.append(replace(contact, where="field", span=None, rule="script"))


def _links(value: str) -> list[FoundContact]:
    """Numbers of the links in an attribute, also of one that is handed on in another's address."""
    if "%2f" in value.lower():
        value = unquote(value)
    return list(links_in(value)) if may_hold_link(value.lower()) else []


def _writes(name: str) -> bool:
    return name.endswith(
        ("innerHTML", "textContent", "innerText", "write", "writeln", "html", "text", "append")
    )


def _names(attributes: dict[str, str | None]) -> Iterator[str]:
    """Classes as they are, the id with its #."""
    yield from (attributes.get("class") or "").split()
    if identity := attributes.get("id"):
        yield "#" + identity


def unquoted(value: str) -> str | None:
    """A URL-encoded text decoded, None when nothing was encoded."""
    plain = unquote(value)
    return plain if plain != value else None
