"""Further writings of contacts that are already known from elsewhere in the advert.

A number that only a link or a field told for certain may stand in the text in a writing that no
rule reads, and a handle may stand there again without the word that announced it; neither must stay
there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from pipelines.phones.normal import Normal
from records.contacts import FoundContact, Span, Where

MOST_KNOWN = 50
"""Contacts whose echoes are looked for; an advert has a few, a hostile page thousands."""
# Characters between two digits of one writing of a number ("3 3 1 - 4 4"), and how long a writing
# of it may be.
_MAX_GAP, _MAX_WRITING = 4, 60
_SHORTEST_NUMBER = 8  # digits: fewer may stand in a text by chance
_DIGIT = re.compile(r"\d")
_SHORTEST_NAME = 5  # characters, for the same reason


def echoes(text: str, where: Where, known: Iterable[FoundContact]) -> list[FoundContact]:
    """The writings in `text` of `known` contacts that are not among their spans yet.

    Of more than `MOST_KNOWN` contacts those without a place of their own come first.
    """
    known = list(known)
    if not text or not known:
        return []
    taken = bytearray(len(text))
    for contact in known:
        if contact.where == where and contact.span:
            _take(taken, contact.span)
    models: dict[tuple[str, str], FoundContact] = {}
    for contact in sorted(known, key=lambda contact: contact.span is not None):
        models.setdefault((contact.kind, contact.value), contact)
    found: list[FoundContact] = []
    for model, span in _writings(text, list(models.values())[:MOST_KNOWN]):
        if not any(taken[span.start : span.end]):
            _take(taken, span)
            raw = text[span.start : span.end]
            found.append(replace(model, where=where, raw=raw, rule="echo", span=span))
    return found


def _take(taken: bytearray, span: Span) -> None:
    taken[span.start : span.end] = bytes([1]) * (span.end - span.start)


def _writings(text: str, models: list[FoundContact]) -> Iterator[tuple[FoundContact, Span]]:
    numbers = {_national(model): model for model in models if model.kind == "phone"}
    names = {model.value: model for model in models if model.kind != "phone"}
    for span, value in _names(text, [name for name in names if len(name) >= _SHORTEST_NAME]):
        yield names[value], span
    for span, value in _numbers(text, [n for n in numbers if len(n) >= _SHORTEST_NUMBER]):
        yield numbers[value], span


def _national(phone: FoundContact) -> str:
    return phone.value[3:] if phone.value.startswith("+39") else phone.value[1:]


def _numbers(text: str, wanted: list[str]) -> Iterator[tuple[Span, str]]:
    """Where the digits of a number stand, with few other characters between them."""
    digits_shown = list(_DIGIT.finditer(text)) if wanted else []
    if len(digits_shown) < _SHORTEST_NUMBER:
        return
    places = [match.start() for match in digits_shown]
    stream = "".join([str(int(match[0])) for match in digits_shown])
    for digits in wanted:
        at = stream.find(digits)
        while at >= 0:
            run = places[at : at + len(digits)]
            short = run[-1] - run[0] < _MAX_WRITING
            whole = short and all(b - a <= _MAX_GAP + 1 for a, b in pairwise(run))
            if whole:
                yield Span(run[0], run[-1] + 1), digits
            at = stream.find(digits, at + (len(digits) if whole else 1))


def _names(text: str, wanted: list[str]) -> Iterator[tuple[Span, str]]:
    """Where handles and addresses stand as whole words, in any case and style of letters."""
    if not wanted:
        return
    normal = Normal(text)
    longest_first = sorted(wanted, key=len, reverse=True)
    pattern = rf"(?<!\w)@?({'|'.join(map(re.escape, longest_first))})(?!\w)"
    for match in re.finditer(pattern, normal.low):
        yield normal.span(*match.span()), match[1]
