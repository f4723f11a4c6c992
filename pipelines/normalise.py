"""From what a page says (`RawAdvert`) to a normalised advert, counting what is odd on the way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipelines import gathering
from pipelines.ages import HIGHEST, LOWEST, find_age, read_age
from pipelines.dates import read_date
from pipelines.echoes import echoes
from pipelines.errors import PipelineError
from pipelines.halves import halves
from pipelines.language import detect_language
from pipelines.markup import visible_text
from pipelines.places import Place, find_place, provinces, read_place
from pipelines.prices import Price, read_price
from pipelines.text import clean_nickname, clean_text, clean_title
from records.adverts import Advert, RawAdvert, Snippet
from records.contacts import FoundContact, Where

if TYPE_CHECKING:
    from config import SiteFile, Start

_OWN_FIELDS = frozenset(
    (
        *("id", "url", "title", "body", "phone", "nickname", "price", "age", "city", "province"),
        *("category", "posted", "promoted", "position"),
    )
)
"""Field names with a meaning of their own; any other goes to `Advert.extra`."""

MOST_TITLE, MOST_TEXT, MOST_FIELD = 500, 20_000, 1_000
"""Characters that are read of a title, a body and any other field. The rest is left out and counted
as "<field>/cut": a hostile page must not take the time of a hundred adverts.
"""
_MOST_MARKUP, _MOST_SNIPPETS = 200_000, 100
# What is read beyond the end and then left out, longer than any contact: none is cut in two.
_MARGIN = 200

_TAGS = re.compile(
    r"</?(?:a|b|br|div|em|font|h\d|i|img|li|ol|p|script|span|strong|u|ul)\b[^>]*>", re.I
)
_MOST_CATEGORY = 40
_WORD = re.compile(r"[^\W\d_]+")
_NOT_PROMOTED = frozenset(("", "0", "false", "no", "none", "null"))


def _is_markup(snippet: Snippet) -> bool:
    # Descriptions in JSON hold tags too, and nobody writes "<br>" for readers.
    return snippet.is_html or ("<" in snippet.value and _TAGS.search(snippet.value) is not None)


def _first_of(source: str) -> str:
    """As much of a piece of markup as is read, up to the end of a tag or a text between tags."""
    if len(source) <= _MOST_MARKUP:
        return source
    first = source[:_MOST_MARKUP]
    return first.rpartition("<")[0] or first


def _plain(snippet: Snippet) -> str:
    return visible_text(snippet.value) if _is_markup(snippet) else clean_text(snippet.value)


class _Reading:
    """One advert while it is being read: its fields, the contacts so far, the oddities."""

    def __init__(self, raw: RawAdvert, odd: Counter[str]) -> None:
        self.raw = raw
        self.odd = odd
        self.contacts: list[FoundContact] = []
        self._cut: set[str] = set()

    def _is_cut(self, field: str) -> None:
        if field not in self._cut:
            self._cut.add(field)
            self.odd[f"{field}/cut"] += 1

    def snippets(self, field: str) -> tuple[Snippet, ...]:
        """What the page gave for `field`, as much as is read of it."""
        given = self.raw.values.get(field, ())
        if not given or (len(given) == 1 and len(given[0].value) <= _MOST_MARKUP):
            return given
        kept = given[:_MOST_SNIPPETS]
        if len(given) > len(kept) or any(len(s.value) > _MOST_MARKUP for s in kept):
            self._is_cut(field)
            kept = tuple(replace(s, value=_first_of(s.value)) for s in kept)
        return kept

    def values(self, field: str, most: int = MOST_FIELD, *, to_letter: bool = True) -> list[str]:
        """The clean text of every snippet of `field` that holds any, `most` characters in all and
        a margin. With `to_letter` what is cut ends in a letter, so that no part of a number passes
        for a whole one.
        """
        texts, left = [], most + _MARGIN
        for snippet in self.snippets(field):
            text = _plain(snippet)
            if len(text) > left:
                self._is_cut(field)
                text = text[:left]
                if to_letter:
                    letters = [i for i, character in enumerate(text) if character.isalpha()]
                    text = text[: letters[-1] + 1] if letters else ""
            left -= len(text)
            if text:
                texts.append(text)
        return texts

    def _look_behind(self, field: str) -> None:
        """Keep the contacts that the markup of `field` holds behind what it shows."""
        for snippet in self.snippets(field):
            if _is_markup(snippet):
                self.contacts += gathering.in_markup(snippet.value)

    def _read(self, text: str, where: Where, field: str, most: int) -> str:
        """`text`, cut after `most` characters but not within a contact; its contacts are kept."""
        found = gathering.in_text(text, where)
        if len(text) > most:
            self._is_cut(field)
            starts = (c.span.start for c in found if c.span and c.span.end > most)
            text = text[: min(starts, default=most)].rstrip()
            found = [
                c
                if c.span is None or c.span.end <= len(text)
                else replace(c, where="field", span=None)
                for c in found
                if c.span is None or c.span.start < most
            ]
        self.contacts += found
        return text

    def short(self, field: str) -> str:
        """A short field on one line, its contacts taken out and kept."""
        self._look_behind(field)
        values = self.values(field)
        shown = []
        for value in values:
            text, taken = gathering.taken_out(clean_title(value), field)
            self.contacts += taken
            shown.append(text)
        if sum(map(len, values)) > MOST_FIELD:
            self._is_cut(field)
            shown[-1] = shown[-1][:-_MARGIN]
        return " ".join(filter(None, shown))

    def title(self) -> str:
        """The title with its contacts still in it. Raises PipelineError when there is none."""
        title = clean_title(" ".join(self.values("title", MOST_TITLE, to_letter=False)))
        if not title:
            self.odd["title/missing"] += 1
            raw = self.raw
            raise PipelineError(
                f"{raw.site}/{raw.partition}, page {raw.page}, position {raw.position}: no title; "
                "see list.fields.title in its site file"
            )
        self._look_behind("title")
        return self._read(title, "title", "title", MOST_TITLE)

    def text(self) -> str:
        """The advert's text with its contacts still in it."""
        self._look_behind("body")
        text = clean_text("\n\n".join(self.values("body", MOST_TEXT, to_letter=False)))
        if not text and "body" in self.raw.values:
            self.odd["body/empty"] += 1
        return self._read(text, "text", "body", MOST_TEXT)

    def phones(self) -> None:
        """The numbers of the phone fields."""
        before = len(self.contacts)
        self._look_behind("phone")
        values = self.values("phone")
        for value in values:
            self.contacts += gathering.in_phone_field(value)
        if values and len(self.contacts) == before:
            self.odd["phone/unreadable"] += 1

    def extra(self) -> dict[str, str]:
        """The further fields that the site file names."""
        names = [name for name in self.raw.values if name not in _OWN_FIELDS]
        return {name: value for name in names if (value := self.short(name))}

    def price(self, prose: str) -> Price | None:
        """The price field's lowest price, else the text's."""
        shown = self.values("price")
        prices = [price for text in shown if (price := read_price(text))]
        if prices:
            same = [price for price in prices if price.currency == prices[0].currency]
            return min(same, key=lambda price: price.cents)
        if shown:
            self.odd["price/unreadable"] += 1
        return read_price(prose)

    def age(self, prose: str) -> int | None:
        """The age field's age, else the text's; one under 18 is kept wherever it is stated."""
        shown = self.values("age")
        stated = [age for text in shown if (age := read_age(text)) is not None]
        if shown and not stated:
            numbers = [int(n) for n in re.findall(r"\d+", " ".join(shown))]
            out = any(not LOWEST <= number <= HIGHEST for number in numbers)
            self.odd["age/out_of_range" if out else "age/unreadable"] += 1
        told = find_age(prose)
        if stated and told is not None and told < 18 <= min(stated):
            self.odd["age/contradicted"] += 1
        ages = stated + ([told] if told is not None and (not stated or told < 18) else [])
        if not ages:
            return None
        return min(ages) if min(ages) < 18 else ages[0]

    def place(
        self, city: str, province: str, start: Start | None, title: str, text: str
    ) -> Place | None:
        """The fields' place first, then the partition's, then the text's; what comes later only
        adds a city in the same province.
        """
        known = _field_place(city, province)
        if (city or province) and known is None:
            self.odd["place/unknown"] += 1
        elif city and known and known.city is None:
            self.odd["city/unknown"] += 1
        others: tuple[Callable[[], Place | None], ...] = (
            lambda: _field_place(start.city or "", start.province or "") if start else None,
            lambda: find_place(title),
            lambda: find_place(text),
        )
        for read in others:
            if known is not None and known.city is not None:
                break
            other = read()
            same = other is not None and known is not None and other.province == known.province
            if known is None or (known.city is None and same):
                known = other
        return known

    def posted(self, zone: str) -> datetime | None:
        """When it was posted, by the site's own words."""
        shown = self.values("posted")
        for text in shown:
            if moment := read_date(text, self.raw.seen_at, ZoneInfo(zone)):
                return moment
        if shown:
            self.odd["posted/unreadable"] += 1
        return None

    def promoted(self) -> bool:
        """Whether the card carries a badge."""
        snippets = self.raw.values.get("promoted", ())
        return any(s.value.strip().lower() not in _NOT_PROMOTED for s in snippets)

    def all_contacts(self, title: str, text: str) -> tuple[FoundContact, ...]:
        """All contacts, with further writings of them in title and text.

        What markup shows was read again as clean text; only what was not found so is kept of it.
        """
        placed = {(c.kind, c.value) for c in self.contacts if c.where != "input"}
        self.contacts = [
            replace(c, where="link", span=None) if c.where == "input" else c
            for c in self.contacts
            if c.where != "input" or (c.kind, c.value) not in placed
        ]
        self.contacts += halves(title, text, self.contacts)
        self.contacts += echoes(title, "title", self.contacts)
        self.contacts += echoes(text, "text", self.contacts)
        contacts = gathering.distinct(self.contacts)
        phones = {contact.value for contact in contacts if contact.kind == "phone"}
        sure = {c.value for c in contacts if c.kind == "phone" and c.tier == "confirmed"}
        if phones - sure:
            self.odd["phone/candidate"] += len(phones - sure)
        in_url = "".join(character for character in self.raw.url if character.isdecimal())
        if any(phone.removeprefix("+39")[1:] in in_url for phone in phones):
            self.odd["url/phone"] += 1
        return contacts


@lru_cache(maxsize=1024)  # a site names the same few cities
def _field_place(city: str, province: str) -> Place | None:
    code = province.strip().upper()
    stated = code if code in provinces() else None
    if province and stated is None and (named := read_place(province)):
        stated = named.province
    if city and stated:
        return read_place(f"{city} ({stated})") or read_place(city)
    return read_place(city or stated or "")


def _without(contacts: tuple[FoundContact, ...], value: str) -> str:
    """A field's value without further writings of known numbers."""
    return clean_title(gathering.blanked(value, echoes(value, "field", contacts), " "))


def _names_nobody(
    category: str, nickname: str, contacts: tuple[FoundContact, ...], shown: list[str]
) -> bool:
    """Whether a page's own category may stand in clear: short, and it tells of no one person.

    Pages fill it with what they like; `shown` is what stood there before contacts were taken out.
    """
    if len(category) > _MOST_CATEGORY or category != clean_title(" ".join(shown)):
        return False
    if any(character.isnumeric() for character in category):
        return False
    handles = (contact.value for contact in contacts if contact.kind != "phone")
    telling = {word for name in (nickname, *handles) for word in _words(name)}
    return telling.isdisjoint(_words(category))


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.casefold()) if len(word) >= 3]


def normalise(raw: RawAdvert, site: SiteFile, odd: Counter[str]) -> Advert:
    """The advert that `raw` shows; pure but for `odd`, which counts what was dropped or is odd.

    Title and text keep their contacts, with a span for each writing; every other field has them
    taken out. A number in a link or a phone field is confirmed. Keys of `odd` are
    "<what>/<oddity>", such as "price/unreadable". Raises PipelineError when there is no title.
    """
    reading = _Reading(raw, odd)
    title, text = reading.title(), reading.text()
    reading.phones()
    nickname, category = reading.short("nickname"), reading.short("category")
    city, province = reading.short("city"), reading.short("province")
    extra = reading.extra()
    contacts = reading.all_contacts(title, text)
    nickname, category = (_without(contacts, value) for value in (nickname, category))
    if category and not _names_nobody(
        category, nickname, contacts, shown=reading.values("category")
    ):
        extra, category = {**extra, "category": category}, ""
    extra = {name: bare for name, value in extra.items() if (bare := _without(contacts, value))}
    bare_title = gathering.blanked(title, (c for c in contacts if c.where == "title"))
    bare_text = gathering.blanked(text, (c for c in contacts if c.where == "text"))
    prose = f"{bare_title}\n{bare_text}"
    start = next((start for start in site.list.start if start.id == raw.partition), None)
    price = reading.price(prose)
    place = reading.place(city, province, start, bare_title, bare_text)
    return Advert(
        site=raw.site,
        partition=raw.partition,
        ad_id=raw.ad_id,
        url=raw.url,
        seen_at=raw.seen_at,
        page=raw.page,
        position=raw.position,
        title=title,
        text=text,
        card=raw.card,
        has_detail=raw.has_detail,
        detail_note=raw.detail_note,
        nickname=clean_nickname(nickname),
        age=reading.age(prose),
        price_cents=price.cents if price else None,
        currency=price.currency if price else None,
        city=place.city if place else None,
        province=place.province if place else None,
        category=category or (start.category if start else None) or None,
        language=detect_language(prose),
        posted_at=reading.posted(site.timezone),
        promoted=reading.promoted(),
        contacts=contacts,
        extra=extra,
    )
