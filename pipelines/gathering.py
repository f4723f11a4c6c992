"""Every contact detail of an advert, with all its places in the clean title and text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from pipelines.contacts import find_contacts, link_contacts
from pipelines.markup import links, visible_text
from pipelines.phones import find_phones, find_phones_html
from pipelines.phones.links import links_in
from pipelines.text import clean_title
from records.contacts import FoundContact, Span, Where

_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*:(?=\S)|//|/(?=\S)|www\.)\S+", re.I)
# Markup that shows all it holds: paragraphs, lines and emphasis, nothing said of them.
_PLAIN = re.compile(
    r"[^<]*+(?:</?(?:p|br|b|i|em|strong|u|div|span|ul|ol|li|h[1-6])\s*/?>[^<]*+)*", re.IGNORECASE
)
_MESSENGERS = frozenset(
    ("email", "mail", "telegram", "instagram", "onlyfans", "twitter", "facebook", "x")
)
_MOST_ROUNDS = 4  # what is left in a field may read as a contact again
# A gap that is left where a contact was taken out of running text.
_BLANK = " ; "


def is_address(value: str) -> bool:
    """Whether a field's whole value is an address (a URL, or a scheme such as `tel:`)."""
    return _ADDRESS.fullmatch(value.strip()) is not None


def _found(text: str) -> list[FoundContact]:
    return [*find_phones(text), *find_contacts(text)]


def _settled(found: Sequence[FoundContact], where: Where) -> list[FoundContact]:
    """The readings with spans that do not overlap, so that every span can be lifted out.

    Of readings that overlap ("anna3114455667@example.org") the longest takes the whole stretch;
    the others stay known, without a place of their own.
    """
    settled: list[FoundContact] = []
    loose: list[FoundContact] = []
    clusters: list[tuple[Span, list[FoundContact]]] = []
    placed = [(contact.span, contact) for contact in found if contact.span]
    for span, contact in sorted(placed, key=lambda pair: (pair[0].start, -pair[0].end)):
        if clusters and span.start < clusters[-1][0].end:
            covered, members = clusters[-1]
            clusters[-1] = (Span(covered.start, max(covered.end, span.end)), [*members, contact])
        else:
            clusters.append((span, [contact]))
    for covered, members in clusters:
        first, *others = sorted(members, key=_length, reverse=True)
        settled.append(replace(first, where=where, span=covered))
        loose += [other for other in others if (other.kind, other.value) != _key(first)]
    loose += [contact for contact in found if contact.span is None]
    return settled + [replace(contact, where="field", span=None) for contact in loose]


def _length(contact: FoundContact) -> int:
    return contact.span.end - contact.span.start if contact.span else 0


def _key(contact: FoundContact) -> tuple[str, str]:
    return contact.kind, contact.value


def in_text(text: str, where: Where) -> list[FoundContact]:
    """The contacts in a clean text, with spans in it."""
    return _settled(_found(text), where)


def in_markup(source: str) -> list[FoundContact]:
    """The contacts of a piece of markup, without spans: with `where` "link" those of links,
    attributes and embedded data; with "input" those of its visible text.
    """
    if _PLAIN.fullmatch(source):
        # No page need be parsed for it once more. Lines follow each other without a gap there.
        shown = visible_text(source).replace("\n\n", "\n")
        return [replace(c, span=None) for c in find_phones(shown)]
    found = [
        c if c.where == "input" else replace(c, where="link")
        for c in find_phones_html(source, placed=False)
    ]
    found += filter(None, map(link_contacts, links(source)))
    return found


def in_address(address: str) -> list[FoundContact]:
    """The contacts that an address dials or leads to."""
    dialled = [*links_in(address)] if address[:4].lower() == "tel:" else []
    if dialled:  # what most phone fields hold: no page need be read for it
        return dialled
    found = in_markup(f'<a href="{html.escape(address.strip())}"></a>')
    return [replace(contact, where="link", span=None) for contact in found]


def in_phone_field(value: str) -> list[FoundContact]:
    """The numbers in a field that holds phones: what reads as a number there is one."""
    found = in_address(value) if is_address(value) else []
    found = found or [*find_phones(value)]
    return [
        replace(contact, where="field", span=None, tier="confirmed")
        for contact in found
        if contact.kind == "phone"
    ]


@lru_cache(maxsize=1024)  # cities, categories and names come again and again
def taken_out(value: str, label: str = "") -> tuple[str, tuple[FoundContact, ...]]:
    """A short field's value without the contacts in it, and those contacts (`where` is "field").

    `label` is the field's name: a bare name under "telegram" is a handle there.
    """
    taken: list[FoundContact] = []
    if is_address(value):
        taken += in_address(value)
        if taken:
            return "", tuple(taken)
    if label in _MESSENGERS:
        named = find_contacts(f"{label}: {value}")
        if named:
            return "", tuple(replace(contact, where="field", span=None) for contact in named)
    text = clean_title(value)
    for _ in range(_MOST_ROUNDS):
        found = in_text(text, "text")
        if not found:
            return text, tuple(taken)
        taken += [replace(contact, where="field", span=None) for contact in found]
        text = clean_title(blanked(text, found, " "))
    return "", tuple(taken)


def distinct(contacts: Iterable[FoundContact]) -> tuple[FoundContact, ...]:
    """`contacts` without repetitions: every place in a text, and of readings without a place one
    for each origin, the surest.
    """
    kept: dict[tuple[str, str, Where, Span | None], FoundContact] = {}
    for contact in contacts:
        place = (contact.kind, contact.value, contact.where, contact.span)
        other = kept.get(place)
        if other is None or (other.tier, contact.tier) == ("candidate", "confirmed"):
            kept[place] = contact
    return tuple(kept.values())


def blanked(text: str, contacts: Iterable[FoundContact], blank: str = _BLANK) -> str:
    """`text` with a gap in the place of every span of `contacts`."""
    pieces, at = [], 0
    for span in sorted(
        (contact.span for contact in contacts if contact.span), key=lambda span: span.start
    ):
        pieces += [text[at : span.start], blank]
        at = max(at, span.end)
    return "".join([*pieces, text[at:]])
