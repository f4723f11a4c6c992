"""A phone number of which one half stands in the title and the other in the text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from pipelines.phones import find_phones
from records.contacts import FoundContact, Span, Where

_REACH = 60
"""Characters of the title's end and the text's beginning that are read as one."""
_DIGITS = 10
_FIRST = re.compile(
    r"(?<![\d,.€])(?:\+?39[ ./-]?)?3\d(?:[ ./-]?\d){0,6}(?![ ./-]?\d|\s?(?:€|%|euro))"
)
_SECOND = re.compile(r"(?<![\d,.€])\d(?:[ ./-]?\d){1,7}(?![ ./-]?\d|\s?(?:€|%|euro|anni))")
_REMARK = re.compile(
    r"titolo|title|t[ií]tulo|titlu|titre|titel|seconda (?:met[aà]|parte)|(?:second|other) half"
    r"|met[aà] (?:del )?numero|rest(?:o|ul|e)? (?:del|of|du|dari)|continua|segue qui",
    re.IGNORECASE,
)


def halves(title: str, text: str, known: Iterable[FoundContact]) -> list[FoundContact]:
    """The two places of a number that is cut in two, as candidates with the same value.

    The halves meet at the end of the title and the beginning of the text, or the advert says that
    there is more in the title and ten digits come together in one way only. Places of `known`
    contacts are left alone.
    """
    taken = {
        where: [c.span for c in known if c.span and c.where == where] for where in ("title", "text")
    }
    begin = max(0, len(title) - _REACH)
    end = len(title) - begin
    joined = title[begin:] + "\n" + text[:_REACH]
    for contact in find_phones(joined):
        span = contact.span
        if span and span.start < end < span.end - 1:
            first = Span(begin + span.start, len(title.rstrip()))
            second = Span(len(text) - len(text.lstrip()), span.end - end - 1)
            if not _meet(first, taken["title"]) and not _meet(second, taken["text"]):
                return _both(contact, title, first, text, second)
    if _FIRST.search(title) and (_REMARK.search(title) or _REMARK.search(text)):
        return _told(title, text, taken)
    return []


def _told(title: str, text: str, taken: dict[str, list[Span]]) -> list[FoundContact]:
    """The halves of the one number that a part of the title and a part of the text make up."""
    found: list[tuple[FoundContact, Span, Span]] = []
    for one in _FIRST.finditer(title):
        for other in _SECOND.finditer(text):
            first, second = Span(*one.span()), Span(*other.span())
            digits = [char for char in one[0] + other[0] if char.isdigit()]
            whole = _DIGITS + (2 if digits[:2] == ["3", "9"] and len(digits) > _DIGITS else 0)
            if len(digits) != whole or _meet(first, taken["title"]) or _meet(second, taken["text"]):
                continue
            contacts = find_phones(f"tel {one[0]} {other[0]}")
            if len(contacts) == 1:
                found.append((contacts[0], first, second))
    if len({contact.value for contact, _, _ in found}) != 1:
        return []
    contact, first, second = found[0]
    return _both(contact, title, first, text, second)


def _both(
    contact: FoundContact, title: str, first: Span, text: str, second: Span
) -> list[FoundContact]:
    def half(where: Where, source: str, span: Span) -> FoundContact:
        raw = source[span.start : span.end]
        return replace(contact, where=where, span=span, raw=raw, rule="halves", tier="candidate")

    return [half("title", title, first), half("text", text, second)]


def _meet(span: Span, others: list[Span]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in others)
