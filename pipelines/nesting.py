"""Markup nested without end: elements deeper than a browser would nest them are opened no more.

A parser takes quadratic time for them: 100 kB of `<div>` cost a second, ten times as much a
hundred.
"""

from __future__ import annotations

import re
from collections import Counter

DEEPEST = 512
"""Depth from which on elements stay where they are: Blink's limit for the depth of a document."""

_FEW_TAGS = 2000
"""A page of so few tags is read fast however they are nested."""

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*)[^<>]*>")
_NEVER_OPEN = frozenset(
    "area base br col embed hr img input link meta source track wbr"
    " dd dt li option p rb rp rt tbody td tfoot th thead tr".split()
)
"""Elements without content, and those that the next of their kind closes."""


def flattened(html: str) -> str:
    """The page with the tags that open deeper than `DEEPEST` blanked; every place stays its own."""
    if html.count("<") <= _FEW_TAGS:
        return html
    opened: Counter[str] = Counter()
    depth = 0
    kept = []
    start = 0
    for tag in _TAG.finditer(html):
        name = tag[2].lower()
        if name in _NEVER_OPEN:
            continue
        if tag[1]:
            closed = min(opened[name], 1)
            opened[name] -= closed
            depth -= closed
        elif depth < DEEPEST:
            opened[name] += 1
            depth += 1
        else:
            kept += [html[start : tag.start()], " " * (tag.end() - tag.start())]
            start = tag.end()
    return "".join((*kept, html[start:])) if kept else html
