"""An advert's content as it is stored: contact details lifted out, tokens in their place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from records.adverts import Advert
from records.contacts import ContactKind, FoundContact
from records.stored import StoredContact
from storage.crypto import canonical

TOKEN = re.compile(r"⟦(?:tel|mail|handle):\d+⟧")
_TOKEN_NAMES = {"phone": "tel", "email": "mail"}
_TIERS = ("confirmed", "candidate")
# Beyond any price; and what a database column can count.
_MAX_PRICE_CENTS = 10**12

ContactName = tuple[ContactKind, str]


@dataclass(frozen=True, slots=True)
class Content:
    """One version's content. `title` and `text` are redacted, `contacts` in the order of tokens.

    `rules` gives (rule, confidence) of each contact; how it was read is no part of the content.
    """

    title: str
    text: str
    nickname: str | None
    age: int | None
    price_cents: int | None
    currency: str | None
    city: str | None
    province: str | None
    category: str | None
    language: str | None
    extra: Mapping[str, str]
    contacts: tuple[StoredContact, ...]
    rules: tuple[tuple[str, float], ...]

    def digest(self) -> str:
        """What makes it this version and no other: everything but the guessed language and how
        sure a reading was.
        """
        return canonical(
            [
                *(self.title, self.text, self.nickname, self.age, self.price_cents),
                *(self.currency, self.city, self.province, self.category, dict(self.extra)),
                sorted({(contact.token, contact.kind, contact.value) for contact in self.contacts}),
            ]
        )

    def sealed_part(self) -> str:
        """The part that is encrypted under the month's key."""
        return canonical([self.title, self.text, self.nickname, dict(self.extra)])


EMPTY_PART = canonical(["", "", None, {}])
"""The sealed part of a version whose text is purged."""


def opened_part(sealed: str) -> tuple[str, str, str | None, dict[str, str]]:
    """Title, text, nickname and extra fields of a `sealed_part`."""
    title, text, nickname, extra = json.loads(sealed)
    return title, text, nickname, extra


def fresh(advert: Advert) -> Content:
    """The content of an advert that was read whole."""
    return _content(advert, advert.text, _in_order(advert.contacts), (), ())


def carried(previous: Content, advert: Advert) -> Content:
    """The content of an advert whose card changed while its detail page was not read.

    What only the detail page says stays as it was: without it the version would lose text and
    numbers that are still there.
    """
    kept = [
        (contact, rule)
        for contact, rule in zip(previous.contacts, previous.rules, strict=True)
        if contact.where != "title"
    ]
    known = {(contact.kind, contact.value): contact.token for contact, _ in kept}
    found = tuple(contact for contact in advert.contacts if contact.where != "text")
    for name in _in_order(found):
        if name not in known:
            known[name] = min(set(range(1, len(known) + 2)) - set(known.values()))
    content = _content(
        advert,
        "",
        known,
        tuple(contact for contact, _ in kept),
        tuple(rule for _, rule in kept),
        found,
    )
    return Content(
        title=content.title or previous.title,
        text=previous.text,
        nickname=content.nickname or previous.nickname,
        age=_or(content.age, previous.age),
        price_cents=_or(content.price_cents, previous.price_cents),
        currency=content.currency or previous.currency,
        city=content.city or previous.city,
        province=content.province or previous.province,
        category=content.category or previous.category,
        language=previous.language or content.language,
        extra={**previous.extra, **content.extra},
        contacts=content.contacts,
        rules=content.rules,
    )


def blanked(text: str) -> str:
    """Text without its tokens."""
    return TOKEN.sub(" ", text)


def _content(
    advert: Advert,
    text: str,
    numbers: Mapping[ContactName, int],
    kept: tuple[StoredContact, ...],
    kept_rules: tuple[tuple[str, float], ...],
    found: tuple[FoundContact, ...] | None = None,
) -> Content:
    found = advert.contacts if found is None else found
    rows: dict[tuple[Any, ...], tuple[StoredContact, tuple[str, float]]] = {
        _row_key(contact): (contact, rule) for contact, rule in zip(kept, kept_rules, strict=True)
    }
    for contact in found:
        row = StoredContact(
            contact.kind,
            contact.value,
            contact.tier,
            contact.channel,
            contact.where,
            contact.line,
            numbers[contact.kind, contact.value],
        )
        held = rows.get(_row_key(row))
        if held is None or _surer(contact, held):
            rows[_row_key(row)] = (row, (contact.rule[:64], contact.confidence))
    ordered = [rows[key] for key in sorted(rows)]
    price = advert.price_cents
    return Content(
        title=_redacted(advert.title, advert.contacts, "title", numbers),
        text=_redacted(text, advert.contacts, "text", numbers),
        nickname=advert.nickname,
        age=advert.age if advert.age is None or 0 <= advert.age < 200 else None,
        price_cents=price if price is None or 0 <= price < _MAX_PRICE_CENTS else None,
        currency=advert.currency,
        city=_plain(advert.city),
        province=advert.province,
        category=_plain(advert.category),
        language=advert.language,
        extra=dict(advert.extra),
        contacts=tuple(row for row, _ in ordered),
        rules=tuple(rule for _, rule in ordered),
    )


def _row_key(contact: StoredContact) -> tuple[Any, ...]:
    return contact.token, contact.kind, contact.value, contact.where, contact.channel


def _surer(contact: FoundContact, held: tuple[StoredContact, tuple[str, float]]) -> bool:
    row, (_, confidence) = held
    return (_TIERS.index(row.tier), contact.confidence) > (
        _TIERS.index(contact.tier),
        confidence,
    )


def _in_order(contacts: Iterable[FoundContact]) -> dict[ContactName, int]:
    """Token numbers: as they stand in title, then text; then those of fields and links, sorted,
    for their order on the page may change by itself.
    """
    wheres = ("title", "text")
    standing = sorted(
        (wheres.index(contact.where), contact.span.start, contact.kind, contact.value)
        for contact in contacts
        if contact.where in wheres and contact.span is not None
    )
    names = [(kind, value) for _, _, kind, value in standing]
    names += sorted((contact.kind, contact.value) for contact in contacts)
    return {name: number for number, name in enumerate(dict.fromkeys(names), start=1)}


def _redacted(
    text: str,
    contacts: Iterable[FoundContact],
    where: str,
    numbers: Mapping[ContactName, int],
) -> str:
    # An advert may hold our brackets; it must not forge a token.
    text = text.replace("⟦", "[").replace("⟧", "]")
    spans = sorted(
        (
            (contact.span, contact)
            for contact in contacts
            if contact.where == where and contact.span is not None
        ),
        key=lambda pair: (pair[0].start, -pair[0].end),
    )
    parts: list[str] = []
    reached = 0
    for span, contact in spans:
        if span.start >= reached:
            parts.append(text[reached : span.start])
            name = _TOKEN_NAMES.get(contact.kind, "handle")
            parts.append(f"⟦{name}:{numbers[contact.kind, contact.value]}⟧")
        # Of overlapping readings the longest stands first; what sticks out goes too.
        reached = max(reached, span.end)
    parts.append(text[reached:])
    return "".join(parts)


def _plain(text: str | None) -> str | None:
    """Text for a clear column: PostgreSQL takes neither NUL nor half a surrogate pair."""
    if text is None or (text.isascii() and "\0" not in text):
        return text
    return text.replace("\0", "").encode(errors="replace").decode()


def _or(value: int | None, other: int | None) -> int | None:
    return other if value is None else value
