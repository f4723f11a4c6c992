"""One site file (`sites/<id>.toml`): where a site is, when and how it is read."""

from __future__ import annotations

import ipaddress
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from config.provinces import ProvinceCode
from config.selectors import Selector, check_cleaner, parse_selector
from config.times import LocalTimes, TimeZone, Weekdays

VOLATILE_FIELDS = frozenset({"posted", "promoted", "position"})
"""Fields that change by themselves, so that a card's content never includes them."""

REQUIRED_LIST_FIELDS = ("id", "url", "title")


class Strict(BaseModel):
    """Frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def _selectors(value: Any) -> Any:
    if isinstance(value, str):
        value = [value]
    if isinstance(value, (list, tuple)) and value and all(isinstance(s, str) for s in value):
        return tuple(parse_selector(text) for text in value)
    if isinstance(value, tuple) and all(isinstance(s, Selector) for s in value):
        return value
    raise ValueError("a selector is text, or a list of texts to try in turn")


Selectors = Annotated[
    tuple[Selector, ...],
    BeforeValidator(_selectors),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": "^(css|xpath|json):"},
                {
                    "type": "array",
                    "items": {"type": "string", "pattern": "^(css|xpath|json):"},
                    "minItems": 1,
                },
            ]
        }
    ),
]


class FieldSpec(Strict):
    """How one field is read. In TOML: a selector, a list of fallbacks, or a table of these keys."""

    selectors: Selectors = Field(
        alias="select", description="A selector, or a list of which the first that finds wins."
    )
    clean: tuple[Annotated[str, AfterValidator(check_cleaner)], ...] = Field(
        (), description="Cleaners, applied in turn: names of the registry, or `regex:<pattern>`."
    )
    many: bool = Field(False, description="Keep every value found, not only the first.")
    html: bool = Field(False, description="Keep the inner markup (the default for `body`).")
    volatile: bool = Field(
        False,
        description="Changes by itself, so it is no content of the card "
        "(the default for posted, promoted and position).",
    )


def _fields(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    fields: dict[str, Any] = {}
    for name, spec in value.items():
        if isinstance(spec, FieldSpec):
            fields[name] = spec
            continue
        table = {"html": name == "body", "volatile": name in VOLATILE_FIELDS}
        fields[name] = table | (spec if isinstance(spec, dict) else {"select": spec})
    return fields


Fields = Annotated[dict[str, FieldSpec], BeforeValidator(_fields)]


class Legal(Strict):
    """Why this site may be read at all (guide: lawfulness is configuration)."""

    purpose: str | None = Field(None, description="Why this site is watched.")
    basis: str | None = Field(None, description="The legal basis, art. 6 and 9 GDPR.")
    terms_read: date | None = Field(None, description="When its terms were read.")
    approved_by: str | None = Field(None, description="Who approved watching it.")
    review_by: date | None = Field(None, description="Not crawled after this date until reviewed.")
    robots_override: str | None = Field(
        None, description="The reason for which robots.txt is overridden, if it is."
    )
    robots_approved_by: str | None = Field(None, description="Who approved the override.")
    allow_loopback: bool = Field(
        False, description="A test site on this machine: crawled without the keys above."
    )

    @model_validator(mode="after")
    def _override_is_approved(self) -> Legal:
        if self.robots_override and not self.robots_approved_by:
            raise ValueError("robots_override needs robots_approved_by")
        return self


class SiteSchedule(Strict):
    """When the site is crawled: a group of faro.toml, or times of its own."""

    group: str | None = Field(None, description="A group of faro.toml's [schedule.groups].")
    at: LocalTimes = Field((), description='Local times, as ["06:40", "18:40"].')
    days: Weekdays = Field((), description='Weekdays by name, as ["mon", "wed"]; empty: every day.')
    jitter_s: int = Field(0, ge=0, le=3600, description="Start up to this many seconds later.")

    @model_validator(mode="after")
    def _one_way(self) -> SiteSchedule:
        if self.group and (self.at or self.days):
            raise ValueError("give either group, or at and days, not both")
        return self


class Politeness(Strict):
    """How gently the site is read."""

    delay_s: float = Field(2.0, ge=0, description="Seconds between requests; 0 on loopback only.")
    max_pages: int = Field(
        200, ge=1, description="List pages a partition at most; reaching it makes it partial."
    )
    max_minutes: float = Field(60.0, gt=0, description="The whole crawl, at most.")


class Start(Strict):
    """One partition: a start list of the site."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", description="The partition's name, for good.")
    url: str = Field(description="Where its list begins.")
    city: str | None = Field(None, description="The place of its adverts, where they give none.")
    province: ProvinceCode | None = Field(None, description="Two-letter code, as TV.")
    category: str | None = Field(None, description="The category of its adverts.")

    @model_validator(mode="after")
    def _http(self) -> Start:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"url '{self.url}' is no address; it begins with https://")
        return self


class ListPages(Strict):
    """How list pages are read."""

    start: tuple[Start, ...] = Field(min_length=1, description="The partitions.")
    card: Selectors = Field(description="One advert on the list.")
    page_marker: Selectors = Field(
        (), description="Present on every real list page, with or without adverts."
    )
    empty_marker: Selectors = Field((), description="Present when the list says it is empty.")
    next: Selectors = Field((), description="The address of the next page.")
    total: Selectors = Field((), description="How many adverts the list says it has.")
    fields: Fields = Field(
        description="The card's fields: id, url and title at least; known names are posted, "
        "promoted, position, body, phone, nickname, price, age, city, province and category; "
        "any other name is kept as it is."
    )

    @model_validator(mode="after")
    def _consistent(self) -> ListPages:
        missing = [name for name in REQUIRED_LIST_FIELDS if name not in self.fields]
        if missing:
            raise ValueError(f"fields needs {', '.join(missing)}")
        for key in ("id", "url"):
            values = [getattr(start, key) for start in self.start]
            twice = sorted({value for value in values if values.count(value) > 1})
            if twice:
                raise ValueError(f"start: two partitions have the {key} '{twice[0]}'")
        return self


class DetailPages(Strict):
    """How and when an advert's own page is read."""

    when: Literal["never", "new", "card_changed", "always"] = Field(
        "never", description="`new`: once; `card_changed`: again when its card changed."
    )
    recheck_days: int | None = Field(
        None, ge=1, description="Read again after this many days even when nothing changed."
    )
    marker: Selectors = Field((), description="Present on every real detail page.")
    gone_marker: Selectors = Field((), description="Present when the advert was removed.")
    probe_max: int = Field(
        50, ge=0, description="Detail pages of missed adverts that a run looks at, at most."
    )
    fields: Fields = Field(default_factory=dict, description="Fields of the detail page.")


class Access(Strict):
    """What stands before the list: a consent or age page."""

    cookies: dict[str, str] = Field(default_factory=dict, description="Cookies to send.")
    click: Selectors = Field((), description="Browser sites: what to click first, in turn.")


class Expect(Strict):
    """What a complete run must show; less is not believed."""

    min_cards: int = Field(0, ge=0, description="Adverts a partition has at least.")
    max_drop: float | None = Field(
        0.6,
        gt=0,
        le=1,
        description="Largest believable fall against the median of the last 5 complete runs.",
    )
    fill: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(
        default_factory=dict, description="Share of adverts in which a field must be found."
    )


class Blocked(Strict):
    """More signs of a refusal than Faro knows."""

    phrases: tuple[str, ...] = Field((), description="Words of this site's refusal page.")


class SiteFile(Strict):
    """A site as its file describes it; `id` is the file's name without `.toml`."""

    id: str = Field(exclude=True, json_schema_extra={"internal": True})
    name: str = Field(description="The site's name, for people.")
    enabled: bool = Field(True, description="Whether it is crawled.")
    fetch: Literal["http", "browser"] = Field(
        "http", description="`browser` for pages that render by script."
    )
    timezone: TimeZone = Field("Europe/Rome", description="The site's time zone.")
    country: str = Field("IT", pattern="^[A-Z]{2}$", description="Where its numbers are from.")
    origin: Literal["primary", "aggregator"] = Field(
        "primary", description="An aggregator copies others: it never raises `reappeared` alone."
    )
    spider: str | None = Field(None, description="A developer's spider for this site.")
    images: bool = Field(
        False, description="Browser sites: let images load (never stored); a few sites need it."
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

    @model_validator(mode="after")
    def _consistent(self) -> SiteFile:
        if self.detail.when != "never" and not self.detail.fields:
            raise ValueError(f"detail.when is '{self.detail.when}' but detail.fields is empty")
        if self.politeness.delay_s < 1 and not self.loopback_only:
            raise ValueError("politeness.delay_s: below 1 second is for sites on this machine only")
        unknown = sorted(
            name
            for name in self.expect.fill
            if name not in self.list.fields and name not in self.detail.fields
        )
        if unknown:
            raise ValueError(f"expect.fill: no field is called '{unknown[0]}'")
        return self


def is_loopback(url: str) -> bool:
    """Whether the address's host is this machine by name or number."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
