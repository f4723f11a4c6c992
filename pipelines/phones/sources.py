"""Finds where visible text stands in the HTML source it was parsed from."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import unescape
from typing import NamedTuple

from records.contacts import FoundContact, Span


class Chunk(NamedTuple):
    """A piece of the visible text from `start` on; `source`: a text node, as it is in the page."""

    start: int
    text: str
    source: bool


_TEXT = re.compile(
    r"(?:<!--.*?(?:-->|\Z)|<script\b[^>]*+>.*?(?:</script\s*+>|\Z)"
    r"|<style\b[^>]*+>.*?(?:</style\s*+>|\Z)"
    r"|</?[a-z](?:[^>=]++|=\s*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z))?)*+(?:>|\Z)"
    r"|<[!?/][^>]*+(?:>|\Z)|\s++(?=<[a-z!?/]))*"
    r"(?:([^<]++(?:<(?![a-z!?/])[^<]*+)*|<(?![a-z!?/])[^<]*+)|\Z)",
    re.DOTALL | re.IGNORECASE,
)
"""Any markup, then character data or the end: so it matches wherever it begins.

Its group is not possessive: before Python 3.11.5 one kept what a turn had read that then failed.
"""
_ENTITY = re.compile(
    r"&(?:#[0-9]{1,8};?|#[xX][0-9a-fA-F]{1,7};?|[A-Za-z][A-Za-z0-9]{1,31};?)|\r\n?"
)


def _segments(html: str) -> Iterator[tuple[int, str]]:
    """Stretches of character data in the source, with their places; blank ones left out."""
    for match in _TEXT.finditer(html):
        if match[1] is not None:
            yield match.start(1), match[1]


def _decoded(raw: str) -> tuple[str, list[tuple[int, int]]]:
    """The text of a stretch, and (place in text, place in source) after each entity."""
    text = ""
    anchors = [(0, 0)]
    place = 0
    parts: list[str] = []
    length = 0
    for match in _ENTITY.finditer(raw):
        plain = "\n" if match[0][0] == "\r" else unescape(match[0])
        parts.append(raw[place : match.start()])
        length += match.start() - place
        anchors.append((length, match.start()))
        parts.append(plain)
        length += len(plain)
        anchors.append((length, match.end()))
        place = match.end()
    parts.append(raw[place:])
    text = "".join(parts)
    return text, anchors


def place_in_source(
    found: Sequence[FoundContact], chunks: Sequence[Chunk], html: str
) -> tuple[FoundContact, ...]:
    """The contacts with their spans moved from the visible text to the source.

    Text nodes and stretches of the source follow each other in the same order; a node that cannot
    be found there (the parser moved it) leaves its contacts without a span.
    """
    segments = list(_segments(html))
    last = max((contact.span.end for contact in found if contact.span), default=-1)
    starts = [chunk.start for chunk in chunks]
    decoded: dict[int, tuple[str, list[tuple[int, int]]]] = {}
    home: dict[int, int] = {}
    at = 0
    for index, chunk in enumerate(chunks):
        if not chunk.source or chunk.text.isspace():
            continue
        if chunk.start > last:
            break
        for candidate in range(at, min(at + 400, len(segments))):
            raw = segments[candidate][1]
            if raw == chunk.text or (
                ("&" in raw or "\r" in raw) and _decoded(raw)[0] == chunk.text
            ):
                home[index] = candidate
                at = candidate + 1
                break

    def source_of(place: int, end: bool) -> int | None:
        index = bisect_right(starts, place) - 1
        if index not in home:
            return None
        base, raw = segments[home[index]]
        if home[index] not in decoded:
            decoded[home[index]] = _decoded(raw)
        anchors = decoded[home[index]][1]
        offset = place - chunks[index].start + (1 if end else 0)
        nearest = bisect_right(anchors, (offset, len(raw))) - 1
        text_at, raw_at = anchors[nearest]
        if end and offset == text_at and nearest and anchors[nearest - 1][0] == offset:
            raw_at = anchors[nearest - 1][1]
        return base + raw_at + offset - text_at

    placed = []
    for contact in found:
        span = contact.span
        start = source_of(span.start, False) if span else None
        end = source_of(span.end - 1, True) if span else None
        if start is None or end is None or start >= end:
            placed.append(replace(contact, span=None))
        else:
            placed.append(replace(contact, span=Span(start, end), raw=html[start:end]))
    return tuple(placed)
