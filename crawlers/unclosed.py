"""List items that nobody closed, closed as browsers close them.

`<li><b>one<li><b>two` is two items to a browser: the start of an item ends the one before, with
all that is open in it but for lists, tables and sections (HTML, 13.2.6.4.7, "A start tag whose tag
name is li"). libxml2 puts the second item into the first one's `<b>`, and a page of adverts would
be a single card.
"""

from __future__ import annotations

import re
from collections import Counter

_STARTS = tuple(f"<li{after}" for after in " >/\n\t\r\f\v")
_END = re.compile(r"</li\s*>", re.IGNORECASE)
# Items, boxes (which libxml2 closes by their own end only), and what an item's start does not
# reach beyond: HTML's "special" elements but for address, div and p. Comments and scripts may hold
# anything.
_STEP = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|textarea)\b.*?(?:</\1\s*>|\Z)"
    r"|<(?P<end>/?)(?P<name>li|div|ul|ol|menu|dir|dl|table|td|th|tr|section|article|aside|nav"
    r"|header|footer|main|form|fieldset|button|details|figure|blockquote|select|object|template)"
    r"[\s/>]",
    re.IGNORECASE | re.DOTALL,
)


def with_items_closed(page: str) -> str:
    """The page with the ends that the items lack which another item's start ends."""
    plain = page.lower()
    items = sum(plain.count(start) for start in _STARTS)
    if items <= plain.count("</li>") or items <= len(_END.findall(page)):
        return page
    parts, reached = [], 0
    # The open elements around, each with the boxes open in its item; None: no item is open.
    around: list[tuple[str, int | None]] = [("", None)]
    names: Counter[str] = Counter()
    for step in _STEP.finditer(page):
        name, starts = (step["name"] or "").lower(), not step["end"]
        within, boxes = around[-1]
        if name == "li":
            if starts and boxes is not None:
                parts += [page[reached : step.start()], "</div>" * boxes, "</li>"]
                reached = step.start()
            around[-1] = (within, 0 if starts else None)
        elif name == "div":
            if boxes is not None:
                around[-1] = (within, max(0, boxes + (1 if starts else -1)))
        elif name and starts:
            around.append((name, None))
            names[name] += 1
        elif names[name]:
            while (left := around.pop()[0]) != name:
                names[left] -= 1
            names[name] -= 1
    return "".join([*parts, page[reached:]])
