"""One site file (`sites/<id>.toml`): where a site is, when and how it is read."""

from __future__ import annotations

import ipaddress
from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field

from config.fields import Fields, Strict
from config.provinces import ProvinceCode
from config.schedules import SiteSchedule
from config.selectors import Selectors
from config.texts import Address, Country, Host, Id, ParameterName, Words
from config.times import TimeZone

Share = Annotated[float, Field(ge=0, le=1)]
When = Literal["never", "new", "card_changed", "always"]


class Legal(Strict):
    """Why this site may be read at all. Without purpose, basis, terms_read, approved_by and
    review_by, or past review_by, it is not crawled.
    """

    purpose: Words | None = Field(None, description="Why this site is watched.")
    basis: Words | None = Field(None, description="The legal basis, art. 6 and 9 GDPR.")
    terms_read: date | None = Field(None, description="When its terms were read.")
    approved_by: Words | None = Field(None, description="Who approved watching it.")
    review_by: date | None = Field(None, description="Not crawled after this date until reviewed.")
    robots_override: Words | None = Field(
        None, description="The reason for which robots.txt is overridden, if it is."
    )
    robots_approved_by: Words | None = Field(None, description="Who approved the override.")
    allow_loopback: bool = Field(
        False, description="A test site on this machine: crawled without the keys above."
    )


class Politeness(Strict):
    """How gently the site is read: one request at a time, at this pace at most."""

    delay_s: float = Field(
        2.0,
        ge=0,
        le=3600,
        description="Seconds between requests, at least 1; less on this machine only.",
    )
    max_pages: int = Field(
        200,
        ge=1,
        le=100_000,
        description="List pages a partition at most; reaching it makes it partial.",
    )
    max_minutes: float = Field(60.0, gt=0, le=1440, description="The whole crawl, at most.")


class Start(Strict):
    """One partition: a start list of the site, such as a city or a category."""

    id: Id = Field(description="The partition's name, for good: its history goes by it.")
    url: Address = Field(description="Where its list begins.")
    city: Words | None = Field(
        None, description="The place of its adverts, where they give none themselves."
    )
    province: ProvinceCode | None = Field(None, description="Its two-letter code, as TV.")
    category: Words | None = Field(None, description="The category of its adverts.")


class Paging(Strict):
    """Pages that are turned by a parameter of the address, where no page links to the next."""

    parameter: ParameterName = Field(description="The parameter, as `page` in `?page=2`.")
    by: Literal["page", "offset", "cursor"] = Field(
        "page",
        description="What it counts: pages, or adverts; `cursor`: the page before says it.",
    )
    first: int = Field(
        1,
        ge=0,
        le=1_000_000,
        description="What the start address stands for, where it does not say; an offset from 0.",
    )
    step: int | None = Field(
        None,
        ge=1,
        le=10_000,
        description="Adverts a page, with `offset`; without it, as many as the page showed.",
    )
    cursor: Selectors = Field(
        (), description="With `cursor`: where a page says what the next one is asked with."
    )
    more: Selectors = Field(
        (),
        description="Where a page says whether there are more; missing, `false` or 0 ends the "
        "list. Without it, it ends at its total or at a page with `empty_marker`.",
    )


class ListPages(Strict):
    """How list pages are read: of HTML, JSON, RSS, Atom or a sitemap (or an index of sitemaps)."""

    start: tuple[Start, ...] = Field(min_length=1, description="The partitions.")
    card: Selectors = Field(description="One advert on the list.")
    page_marker: Selectors = Field(
        (),
        description="On every real list page, with or without adverts: tells a changed layout "
        "from a refusal.",
    )
    empty_marker: Selectors = Field(
        (),
        description="Only on a list, or a page past its last, that says it is empty; without it no "
        "adverts is a fault.",
    )
    next: Selectors = Field(
        (), description="The address of the next page; without it the list is one page."
    )
    paging: Paging | None = Field(
        None, description="Instead of `next`: pages turned by a parameter of the address."
    )
    whole: bool | None = Field(
        None,
        description="Whether the list holds every advert; a list of the newest only (the default "
        "for RSS and Atom) proves no absence.",
    )
    scroll: bool = Field(
        False,
        description='With fetch = "browser": scroll to the end for as long as more adverts come.',
    )
    more: Selectors = Field(
        (),
        description='With fetch = "browser": a button that loads more, pressed for as long as it '
        "is there and more adverts come.",
    )
    max_loads: int = Field(
        50,
        ge=1,
        le=1000,
        description="Scrolls, or presses of `more`, at most; reaching it makes the partition "
        "partial.",
    )
    total: Selectors = Field((), description="How many adverts the list says it has.")
    fields: Fields = Field(
        description="What each card shows; `id`, `url` and `title` are required."
    )


class DetailPages(Strict):
    """When and how an advert's own page is read."""

    when: When = Field(
        "never",
        description="`new`: once; `card_changed`: again when its card changed; `always`: each run.",
    )
    recheck_days: int | None = Field(
        None,
        ge=1,
        le=3650,
        description="Read again after this many days even when its card did not change; a server "
        "that says that the page is as it was need not send it.",
    )
    marker: Selectors = Field((), description="On every real detail page.")
    click: Selectors = Field(
        (),
        description='With fetch = "browser": what shows a text or number when it is clicked, in '
        "turn.",
    )
    gone_marker: Selectors = Field((), description="Only where the site says it was removed.")
    probe_max: int = Field(
        50,
        ge=0,
        le=10_000,
        description="Detail pages of adverts missing from the list that a run asks for, at most.",
    )
    fields: Fields = Field(
        default_factory=dict, description="What the page shows; goes before the card's fields."
    )


class Access(Strict):
    """What stands before the list: a consent or age page."""

    cookies: dict[str, str] = Field(default_factory=dict, description="Cookies to send, by name.")
    click: Selectors = Field(
        (), description='With fetch = "browser": what to click first, in turn.'
    )
    hosts: tuple[Host, ...] = Field(
        (),
        description='With fetch = "browser": further hosts that its pages may load scripts and '
        "data from; all others are refused. `faro site try` names those that were.",
    )


class Expect(Strict):
    """What a complete run must show; less is not believed and makes nobody absent."""

    min_cards: int = Field(0, ge=0, description="Adverts a partition has at least.")
    max_drop: float | None = Field(
        0.6,
        gt=0,
        le=1,
        description="Largest believable fall against the median of the last 5 complete runs.",
    )
    fill: dict[str, Share] = Field(
        default_factory=dict,
        description="Share of adverts in which a field must be found, as { title = 0.95 }.",
    )
    max_fill_drop: float | None = Field(
        0.5,
        gt=0,
        le=1,
        description="Largest believable fall of a field's fill rate, likewise.",
    )
    max_new_share: Share = Field(
        0.8,
        description="Share of adverts never seen before above which a run has met new ids rather "
        "than new adverts: its flags are held until a person decides. 1: never, as a feed needs "
        "that shows other adverts at each crawl.",
    )


class Blocked(Strict):
    """More signs of a refusal than Faro knows."""

    phrases: tuple[Words, ...] = Field((), description="Words of this site's refusal page.")


class SiteFile(Strict):
    """A site as its file describes it; `id` is the file's name without `.toml`."""

    id: str = Field(exclude=True, json_schema_extra={"internal": True})
    name: Words = Field(description="The site's name, for people.")
    enabled: bool = Field(True, description="Whether it is crawled.")
    fetch: Literal["http", "browser"] = Field(
        "http", description="`browser` for pages that render by script."
    )
    timezone: TimeZone = Field("Europe/Rome", description="Of its dates and of its schedule.")
    country: Country = Field("IT", description="Where it is, two letters (ISO 3166).")
    origin: Literal["primary", "aggregator"] = Field(
        "primary", description="An aggregator copies others: it never raises `reappeared` alone."
    )
    spider: Words | None = Field(None, description="A developer's spider for this site.")
    family: Words | None = Field(
        None, description="A note for people: the engine that it shares with other sites."
    )
    images: bool = Field(
        False,
        description='With fetch = "browser": let images load (never stored); few sites need it.',
    )
    legal: Legal = Field(default_factory=Legal, description="Why this site may be read.")
    schedule: SiteSchedule = Field(default_factory=SiteSchedule, description="When it is read.")
    politeness: Politeness = Field(default_factory=Politeness, description="How gently.")
    list: ListPages = Field(description="Its list pages.")
    detail: DetailPages = Field(default_factory=DetailPages, description="Its detail pages.")
    access: Access = Field(default_factory=Access, description="What stands before the list.")
    expect: Expect = Field(default_factory=Expect, description="What a run must show.")
    blocked: Blocked = Field(default_factory=Blocked, description="Signs of a refusal.")

    @property
    def loopback_only(self) -> bool:
        """Whether every start address is on this machine."""
        return all(is_loopback(start.url) for start in self.list.start)


def is_loopback(url: str) -> bool:
    """Whether the address's host is this machine by name or number."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
