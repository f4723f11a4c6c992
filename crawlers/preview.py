"""`faro site try`: what a site file finds on one page: verdict, cards, fill rates, first rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from config import Config, SiteFile, site_named
from config.clock import Clock
from crawlers.cards import Card
from crawlers.extraction import Found
from crawlers.job import CrawlJob
from crawlers.listing import ListingSpider
from crawlers.logs import digits_masked
from crawlers.looking import Look, live_list, live_page, page_of, saved_page
from crawlers.pages import list_facts, sheet_of
from crawlers.run import spider_class
from crawlers.sightings import raw_advert
from crawlers.verdicts import PartitionFacts, partition_verdict
from pipelines.errors import PipelineError
from pipelines.normalise import normalise
from records.adverts import Advert, KnownAdvert
from records.causes import Cause
from records.verdicts import CompleteRun, DetailRun, PageVerdict
from storage import Store

ROWS = 8


@dataclass(frozen=True, slots=True)
class PageReading:
    """What a site file makes of a list page. `why` says what is wrong with it, `fill` gives each
    field's share of the cards.
    """

    verdict: PageVerdict
    why: Cause | None = None
    cards: tuple[Card, ...] = ()
    fill: Mapping[str, float] | None = None
    hits: Mapping[str, int] | None = None
    following: str | None = None
    total: int | None = None


class Unknowing:
    """A store that knows nothing, for pages that are only looked at."""

    def fingerprint(self, kind: str, content: str) -> bytes:
        """Nothing is compared."""
        del kind, content
        return b""

    def list_memory(self, site: str) -> str:
        """No page was ever read."""
        del site
        return ""

    def known_adverts(self, site: str) -> dict[str, KnownAdvert]:
        """No advert was ever seen."""
        del site
        return {}

    def usual_runs(self, site: str, partition: str) -> tuple[CompleteRun, ...]:
        """No run was ever made."""
        del site, partition
        return ()

    def detail_runs(self, site: str, partition: str) -> tuple[DetailRun, ...]:
        """No detail page was ever read."""
        del site, partition
        return ()


def reader(site: SiteFile, clock: Clock) -> ListingSpider:
    """The site's spider, to read pages with and not to crawl."""
    return spider_class(site)(CrawlJob(site, cast(Store, Unknowing()), clock, run=0))


def read_list(spider: ListingSpider, look: Look) -> PageReading:
    """Read a list page as a crawl would."""
    if look.facts is not None:
        verdict = spider.classify(look.facts, None)
        return PageReading(verdict, _why(verdict, look))
    response = look.response()
    walk = next(iter(spider.walks.values()))
    sheet = sheet_of(response)
    cards = tuple(spider.usable_cards(sheet, response, walk, page=1))
    verdict = spider.classify(list_facts(response, sheet, len(cards), spider.site), response)
    return PageReading(
        verdict,
        _why(verdict, look),
        cards,
        {name: walk.fill[name] / of for name, of in walk.filled_of.items()},
        dict(walk.hits),
        spider.next_page(sheet, response),
        spider.total(sheet),
    )


def _why(verdict: PageVerdict, look: Look) -> Cause | None:
    """What a crawl would say of a first page with this verdict; None when it is a list."""
    if verdict in {PageVerdict.OK, PageVerdict.EMPTY}:
        return None
    trouble = look.trouble or Cause("server_error", {"status": look.status})
    return partition_verdict(PartitionFacts(pages=(verdict,), trouble=trouble))[1]


@dataclass(frozen=True, slots=True)
class Preview:
    """A page as the site file reads it. `adverts` are the first rows, normalised."""

    site: SiteFile
    reading: PageReading
    adverts: tuple[Advert | None, ...]
    odd: Mapping[str, int]
    detail: tuple[PageVerdict, Found] | None = None
    refused: Mapping[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the page reads as a list, and the first detail page as one too."""
        detailed = self.detail is None or self.detail[0] is PageVerdict.OK
        return self.reading.verdict in {PageVerdict.OK, PageVerdict.EMPTY} and detailed

    def render(self) -> RenderableType:
        """The preview for a terminal; numbers are digits_masked."""
        reading = self.reading
        shown: list[RenderableType] = [
            Text(f"{self.site.id}: {reading.verdict}, {len(reading.cards)} cards"),
        ]
        if reading.why is not None:
            shown.append(Text(str(reading.why)))
        if reading.following:
            shown.append(Text(f"next page: {digits_masked(reading.following)}"))
        if reading.total is not None:
            shown.append(Text(f"the list says: {reading.total} adverts"))
        if self.detail is not None:
            shown.append(Text(f"first detail page: {self.detail[0]}"))
        if reading.fill:
            shown += [Text(""), self._fields(reading.fill, reading.hits or {}), Text("")]
        if self.refused:
            told = ", ".join(f"{host} × {times}" for host, times in self.refused.items())
            words = "not allowed to load from (name what the page needs in [access] hosts): "
            shown.append(Text(words + told))
        if self.odd:
            told = ", ".join(f"{name} × {times}" for name, times in self.odd.items())
            shown.append(Text(f"odd: {told}"))
        if reading.cards:
            shown.append(_table(reading.cards, self.adverts))
        return Group(*shown)

    def _fields(self, fill: Mapping[str, float], hits: Mapping[str, int]) -> Table:
        """A row for each field: in which share of the cards it was found, how much is expected, by
        which of its selectors, and what the first detail page has of it.
        """
        floors, found = self.site.expect.fill, self.detail[1].values if self.detail else {}
        table = Table(box=None, pad_edge=False, header_style="dim")
        for heading in ("field", "of cards", "expected", "selector hit", "detail page"):
            right = heading in {"of cards", "expected"}
            table.add_column(heading, justify="right" if right else "left")
        for name in dict.fromkeys((*fill, *self.site.detail.fields)):
            share, floor = fill.get(name), floors.get(name)
            low = share is not None and (not share or (floor is not None and share < floor))
            by = [
                f"no. {int(number) + 1} × {times}"
                for each, times in sorted(hits.items())
                for of, _, number in [each.partition(":")]
                if of == name
            ]
            on_page = ""
            if self.detail is not None and name in self.site.detail.fields:
                times = len(found.get(name, ()))
                on_page = ("found" + f" × {times}" * (times > 1)) if times else "not found"
            table.add_row(
                name,
                Text("" if share is None else f"{share:.0%}", "red" if low else ""),
                "" if floor is None else f"{floor:.0%}",
                ", ".join(by),
                Text(on_page, "red" if on_page == "not found" else ""),
            )
        return table


def preview(
    config: Config,
    site_id: str,
    clock: Clock,
    html: Path | None = None,
    detail_html: Path | None = None,
) -> Preview:
    """Read the first page of the site's first list and the page of its first advert, or saved ones;
    store nothing.

    Raises CrawlError when the page can't be had.
    """
    site = site_named(config, site_id)
    spider = reader(site, clock)
    look = saved_page(site, html) if html is not None else live_list(config, site, clock)
    reading = read_list(spider, look)
    refused = Counter(look.refused)
    detail = None
    if site.detail.fields and (detail_html or (html is None and reading.cards)):
        url = reading.cards[0].url if reading.cards else site.list.start[0].url
        if detail_html is not None:
            page = page_of(url, detail_html)
        else:
            page = live_page(config, site, clock, url, "detail")
        refused.update(page.refused)
        detail = (
            (spider.classify(page.facts, None), Found({}, {}))
            if page.facts is not None
            else spider.judge_detail(page.response(), url)
        )
    odd: Counter[str] = Counter()
    adverts = tuple(
        _normalised(spider, card, detail[1] if detail and number == 0 else None, odd)
        for number, card in enumerate(reading.cards[:ROWS])
    )
    return Preview(site, reading, adverts, odd, detail, refused)


def _normalised(
    spider: ListingSpider, card: Card, detail: Found | None, odd: Counter[str]
) -> Advert | None:
    walk = next(iter(spider.walks.values()))
    try:
        return normalise(raw_advert(spider.job, walk.partition, card, detail), spider.site, odd)
    except PipelineError:
        return None


def _table(cards: Sequence[Card], adverts: Sequence[Advert | None]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "title", "price", "age", "city", "posted", "contacts"):
        table.add_column(heading, overflow="ellipsis", no_wrap=True)
    for card, advert in zip(cards, adverts, strict=False):
        if advert is None:
            table.add_row(Text(digits_masked(card.ad_id)), Text("can't be normalised"))
            continue
        price = f"{advert.price_cents / 100:.2f}" if advert.price_cents is not None else ""
        cells = (
            digits_masked(advert.ad_id),
            _hidden(advert),
            f"{price} {advert.currency or ''}",
            str(advert.age or ""),
            advert.city or "",
            f"{advert.posted_at:%Y-%m-%d}" if advert.posted_at else "",
            ", ".join(f"{kind} × {times}" for kind, times in _kinds(advert).items()),
        )
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _kinds(advert: Advert) -> Counter[str]:
    return Counter(kind for kind, _ in {(each.kind, each.value) for each in advert.contacts})


def _hidden(advert: Advert) -> str:
    """The title without the contacts in it."""
    title = advert.title
    spans = [each.span for each in advert.contacts if each.where == "title" and each.span]
    for span in sorted(spans, key=lambda each: each.start, reverse=True):
        title = title[: span.start] + "···" + title[span.end :]
    return digits_masked(title)
