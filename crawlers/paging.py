"""What a list page says of the whole list: the next page by a parameter, how many adverts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from config import Selector
from config.sitefile import Paging
from crawlers.extraction import Node

_COUNTS = re.compile(r"\d{1,3}(?:[.,'’ ]\d{3})+(?!\d)|\d{1,8}")
_NO = frozenset({"", "0", "false", "null", "none"})


def turned(paging: Paging, url: str, sheet: Node, cards: Callable[[], int]) -> str | None:
    """The page after the list page at `url`; None when the page says that there is none, or gives
    no cursor. `cards` counts the adverts on it.
    """
    if paging.more and _said(sheet, paging.more).lower() in _NO:
        return None
    if paging.by == "cursor":
        value = _said(sheet, paging.cursor)
        return _with(url, paging.parameter, value) if value.lower() not in _NO else None
    default = (
        0 if paging.by == "offset" and "first" not in paging.model_fields_set else paging.first
    )
    now = _number(url, paging.parameter, default)
    step = 1 if paging.by == "page" else paging.step or cards()
    return _with(url, paging.parameter, str(now + step)) if step else None


def linked(sheet: Node, selectors: Iterable[Selector]) -> str | None:
    """The address of the next page that the list links to; None on the last one."""
    for selector in selectors:
        for found in sheet.find(selector):
            address = str(found).strip() if isinstance(found, str) else ""
            if address and not address.startswith(("#", "javascript:")):
                return address
    return None


def stated_total(sheet: Node, selectors: Iterable[Selector]) -> int | None:
    """How many adverts the list says it has; None when it does not say."""
    for selector in selectors:
        for found in sheet.find(selector):
            text = found if isinstance(found, str) else found.text()
            # "1-20 di 1.345 annunci": the largest number is the whole.
            numbers = [re.sub(r"\D", "", each) for each in _COUNTS.findall(text)]
            if numbers:
                return max(int(each) for each in numbers)
    return None


def _said(sheet: Node, selectors: Iterable[Selector]) -> str:
    for selector in selectors:
        for found in sheet.find(selector):
            return (found if isinstance(found, str) else found.text()).strip()
    return ""


def _number(url: str, parameter: str, default: int) -> int:
    for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True):
        if name == parameter and value.isascii() and value.isdigit() and len(value) < 12:
            return int(value)
    return default


def _with(url: str, parameter: str, value: str) -> str:
    """The address with the parameter set, in its place or at the end; the others as they are."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if parameter in (name for name, _ in pairs):
        pairs = [(name, value if name == parameter else old) for name, old in pairs]
    else:
        pairs.append((parameter, value))
    return urlunsplit(parts._replace(query=urlencode(pairs), fragment=""))
