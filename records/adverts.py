"""What a page says (`RawAdvert`) and what Faro makes of it (`Advert`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from records.contacts import FoundContact


@dataclass(frozen=True, slots=True)
class Snippet:
    """One string that a selector found. `is_html` is true when it is the inner markup of an
    element.
    """

    value: str
    is_html: bool = False


@dataclass(frozen=True, slots=True)
class RawAdvert:
    """One advert as its site shows it, unjudged.

    `values` maps a site file's field names (`title`, `body`, `phone`, `price`, ...) to every
    snippet found, in page order; a field that was not found is missing. `seen_at` is aware UTC.
    `page` counts list pages from 1, `position` counts cards on that page from 1. `card` is the
    canonical text of the card's own content, without what changes by itself (position, badges,
    relative dates): the crawl compares its fingerprint to tell whether the detail page must be
    read again. `has_detail` says whether the values include the detail page's; then `detail_note`
    is what the crawl keeps to ask for that page only if it changed (empty: nothing any more, None:
    nothing was kept, and nothing is).
    """

    site: str
    partition: str
    ad_id: str
    url: str
    seen_at: datetime
    page: int
    position: int
    values: Mapping[str, tuple[Snippet, ...]]
    card: str
    has_detail: bool
    detail_note: str | None = None


@dataclass(frozen=True, slots=True)
class UnchangedCard:
    """A card whose content is known and whose detail page was not read again: a sighting, nothing
    more. `url` is given only when it is no longer the known one, `detail_note` only when the page
    was asked for, and its server said that it is as it was.
    """

    site: str
    partition: str
    ad_id: str
    seen_at: datetime
    page: int
    position: int
    promoted: bool = False
    url: str | None = None
    detail_note: str | None = None


@dataclass(frozen=True, slots=True)
class Advert:
    """A normalised advert: the content of one version, with where it was seen.

    Content: `title` and `text` are clean plain text that still holds contact details, whose spans
    are in `contacts`; every other field holds none. `age` is in years as stated; `price_cents` is
    the lowest stated price in hundredths of `currency` (ISO 4217); `city` is a recognised place
    name in its usual Italian spelling and `province` its two-letter code; `language` is ISO 639-1.
    `extra` keeps further fields that the site file names, as clean text. None means "the page does
    not say, or not readably". Not content, and never part of a version: `page`, `position`,
    `promoted`, `posted_at` (aware UTC, None when the page gives none that can be read),
    `detail_note` (as in `RawAdvert`).
    """

    site: str
    partition: str
    ad_id: str
    url: str
    seen_at: datetime
    page: int
    position: int
    title: str
    text: str
    card: str
    has_detail: bool
    nickname: str | None = None
    age: int | None = None
    price_cents: int | None = None
    currency: str | None = None
    city: str | None = None
    province: str | None = None
    category: str | None = None
    language: str | None = None
    posted_at: datetime | None = None
    promoted: bool = False
    contacts: tuple[FoundContact, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    detail_note: str | None = None


@dataclass(frozen=True, slots=True)
class KnownAdvert:
    """What the crawl needs to know of an advert before it starts. `card` is a keyed fingerprint.

    `partition` is where it was last listed; `detail_at` is when its detail page was last read
    (None: never), `detail_note` what the crawl kept of it (empty: nothing).
    """

    ad_id: str
    url: str
    partition: str
    card: bytes
    detail_at: datetime | None
    last_seen: datetime
    state: AdvertState
    detail_note: str = ""

    @property
    def is_read(self) -> bool:
        """Whether its detail page was read since it was last absent."""
        return self.detail_at is not None and self.state != "absent"


AdvertState = Literal["active", "missing", "absent"]
"""`missing`: not listed by the last complete run of its partition; `absent`: proven gone (guide: 2
runs and 24 h, or its detail page says so).
"""


@dataclass(frozen=True, slots=True)
class ListedAdvert:
    """One row of a past listing. `status` is `seen` when that day's listing is known, else
    `uncovered`.

    `shown_from` and `shown_to` are the presence interval's first and last sighting (aware UTC).
    """

    ad_id: str
    url: str
    title: str
    partition: str
    version: int
    status: Literal["seen", "uncovered"]
    shown_from: datetime
    shown_to: datetime
