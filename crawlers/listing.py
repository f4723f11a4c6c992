"""The listing spider: list pages, cards, detail pages, next page.

A site file drives it; a developer's spider subclasses it and overrides a hook (`cards`,
`parse_card`, `next_page`, `classify`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urldefrag, urlsplit

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Request, Response, TextResponse
from twisted.python.failure import Failure

from crawlers.cards import Card, card_text
from crawlers.cleaners import CleaningContext
from crawlers.conditional import ListMemory, not_modified, opened, page_note
from crawlers.data import is_newest_only
from crawlers.detail_layout import DetailPages
from crawlers.detail_memory import DetailMemory
from crawlers.extraction import Found, Node, extract
from crawlers.indexes import after_index
from crawlers.job import CrawlJob
from crawlers.pages import (
    detail_facts,
    failure_facts,
    list_facts,
    sheet_of,
    text_of,
    trouble,
)
from crawlers.paging import linked, stated_total, turned
from crawlers.probing import Probing
from crawlers.rendering import Steps, detail_steps, list_steps, loaded, page_meta
from crawlers.rereading import must_read_detail
from crawlers.settings import own_hosts
from crawlers.sightings import Sighting, raw_advert, unchanged_card
from crawlers.unsent import UnsentPages
from crawlers.verdicts import BLOCKING_STATUS, Expectations, PageFacts, page_verdict
from crawlers.walk import Walk
from pipelines.stages import DISK_FULL, faro_flush
from records.adverts import KnownAdvert, UnchangedCard
from records.causes import Cause
from records.verdicts import PageVerdict


class ListingSpider(Spider):
    """Walks every partition of one site in the order of its site file."""

    def __init__(self, job: CrawlJob, **kwargs: Any) -> None:
        super().__init__(name=job.site.id, **kwargs)
        self.job = job
        self.site = job.site
        self.hosts = own_hosts(job.site)
        self.cookies: dict[Any, Any] = dict(job.site.access.cookies)
        self.known: dict[str, KnownAdvert] = job.store.known_adverts(job.site.id)
        self.seen: set[str] = set()
        self.handed: set[str] = set()
        self.elsewhere: dict[str, list[tuple[Walk, Card]]] = {}
        self.counts: Counter[str] = Counter()
        self.blocked = False
        self.walks = {start.id: self._walk(start.id, start.url) for start in job.site.list.start}
        self._order = list(self.walks)
        self.probing = Probing(self)
        self.unsent = UnsentPages(self)
        lists, details = opened(job.store.list_memory(job.site.id))
        self.memory = ListMemory(job.site, lists)
        self.details = DetailMemory(job.site, details, job.store.fingerprint)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> ListingSpider:
        """Also count what callbacks lose."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.probing.on_idle, signals.spider_idle)
        crawler.signals.connect(spider._on_fault, signals.spider_error)
        return spider

    def _walk(self, partition: str, url: str) -> Walk:
        expect = self.site.expect
        past = self.job.store.detail_runs(self.site.id, partition)
        return Walk(
            partition=partition,
            url=url,
            max_pages=self.site.politeness.max_pages,
            history=self.job.store.usual_runs(self.site.id, partition),
            detail_pages=DetailPages(self.job.now(), past),
            expect=Expectations(
                expect.min_cards, expect.max_drop, expect.max_fill_drop, expect.fill
            ),
        )

    # Hooks

    def cards(self, sheet: Node) -> Iterable[Node]:
        """The cards of a list page."""
        for selector in self.site.list.card:
            found = [each for each in sheet.find(selector) if isinstance(each, Node)]
            if found:
                return found
        return ()

    def parse_card(self, card: Node, response: Response) -> Found:
        """The fields of one card."""
        return extract(card, self.site.list.fields, self._context(response))

    def next_page(self, sheet: Node, response: Response) -> str | None:
        """The absolute address of the next list page, None on the last one."""
        if self.site.list.paging is not None:
            asked = self.asked(response)
            return turned(self.site.list.paging, asked, sheet, lambda: len(list(self.cards(sheet))))
        following = linked(sheet, self.site.list.next)
        return response.urljoin(following) if following else None

    def classify(self, facts: PageFacts, response: Response | None) -> PageVerdict:
        """The verdict on a page; `response` is None when none came."""
        del response
        return page_verdict(facts)

    # List pages

    async def start(self) -> AsyncIterator[Any]:
        """The first page of every partition."""
        for walk in self.walks.values():
            yield self.list_request(walk, walk.url, page=1)

    def list_request(
        self, walk: Walk, url: str, *, page: int, again: bool = False, whole: bool = False
    ) -> Request:
        """Ask for a list page; `whole`: not only if it changed."""
        self.count("requests/list")
        headers = {} if whole else self.memory.headers(walk.partition, url, self.unsent.settled)
        headers |= walk.came_from
        return Request(
            url,
            callback=self.parse_list,
            errback=self.list_failed,
            cb_kwargs={"walk": walk, "page": page, "again": again},
            headers=headers,
            meta=self._meta(list_steps(self.site)),
            cookies=self.cookies,
            priority=self._priority(walk),
        )

    def parse_list(
        self, response: Response, walk: Walk, page: int, again: bool
    ) -> Iterator[Request | Sighting]:
        """Judge a list page, hand over its adverts, go on to the next."""
        if not_modified(response):
            yield from self.unsent.as_before(response, walk, page, again)
            return
        sheet = sheet_of(response)
        index = after_index(self, sheet, response, walk, page, again)
        if index is not None:
            yield from index
            return
        before = walk.counted()
        cards = list(self.usable_cards(sheet, response, walk, page))
        facts = list_facts(response, sheet, len(cards), self.site)
        verdict = self.judge_list(facts, response, walk)
        if verdict is PageVerdict.EMPTY and walk.to_come and not again:
            yield from self.onwards(None, False, response, walk, page)
        elif verdict is PageVerdict.EMPTY:
            walk.end("newest" if self._newest_only(sheet) else "empty_page")
            if page > 1:
                yield self._first_again(walk)
        elif verdict is not PageVerdict.OK:
            walk.end("stopped")
        if verdict is not PageVerdict.OK:
            return
        ids = tuple(card.ad_id for card in cards)
        if not again and not walk.visit(self.asked(response), response.url, ids):
            walk.end("total" if walk.total_reached else "loop")
            return
        self.probing.note_listed(cards[0])
        for card in cards:
            yield from self._sighted(walk, card)
        self.crawler.signals.send_catch_log(faro_flush)
        if self.crawler.stats.get_value(DISK_FULL):
            raise CloseSpider("disk_full")
        self.job.tell(sum(len(each.pages) for each in self.walks.values()), len(self.seen))
        following, newest = self.next_page(sheet, response), self._newest_only(sheet)
        total = self.total(sheet)
        badges = tuple((card.ad_id, card.promoted) for card in cards)
        counted = walk.counted(since=before)
        note = page_note(response, badges, following, newest, total, counted)
        self.memory.keep(walk.partition, self.asked(response), note)
        if not again:
            walk.total = total or walk.total
            self._judge_loads(response, walk)
            yield from self.onwards(following, newest, response, walk, page)

    def list_failed(self, failure: Failure) -> None:
        """A list page that did not come."""
        walk: Walk = failure.request.cb_kwargs["walk"]  # type: ignore[attr-defined]
        walk.trouble = trouble(failure)
        self.judge_list(failure_facts("list", failure), None, walk)
        walk.end("stopped")

    def judge_list(self, facts: PageFacts, response: Response | None, walk: Walk) -> PageVerdict:
        """The verdict on a list page, noted in its walk; a refusal ends the crawl."""
        verdict = self.classify(facts, response)
        walk.pages.append(verdict)
        if response is not None:
            walk.place = response.url
        if response is not None and verdict is PageVerdict.ERROR:
            walk.trouble = Cause("server_error", {"status": response.status})
        if isinstance(response, TextResponse):
            walk.keep(text_of(response), verdict)
        self.count(f"page/{verdict}")
        if verdict is not PageVerdict.OK:
            self.logger.info("%s, list page %d: %s", walk.partition, len(walk.pages), verdict)
        self.stop_if_blocked(verdict, walk)
        return verdict

    def _judge_loads(self, response: Response, walk: Walk) -> None:
        """Whether a page that loads its adverts bit by bit came to its end."""
        loads = loaded(response.meta)
        if walk.total_reached or not (loads.capped or loads.failed is not None):
            return
        if loads.failed in BLOCKING_STATUS:
            self.judge_list(PageFacts(status=loads.failed), response, walk)
        walk.end("loads" if loads.capped else "unloaded")

    def usable_cards(
        self, sheet: Node, response: Response, walk: Walk, page: int
    ) -> Iterator[Card]:
        """The cards that have an id, an address and a title, and count what every card has."""
        fields = self.site.list.fields
        for position, node in enumerate(self.cards(sheet), start=1):
            found = self.parse_card(node, response)
            walk.count(found, fields)
            ad_id, url = found.first("id"), found.first("url")
            titled = found.first("title") or "title" in self.site.detail.fields
            if not (ad_id and url and titled):
                self.count("odd/unusable_card")
                walk.unusable += 1
                continue
            text = card_text(found.values, fields)
            yield Card(ad_id, response.urljoin(url), page, position, found, text)

    def onwards(
        self, following: str | None, newest_only: bool, response: Response, walk: Walk, page: int
    ) -> Iterator[Request]:
        """The next list page, or how the walk ended."""
        if self.site.list.paging is not None and walk.total_reached:
            following = None
        if following is None and walk.to_come:
            following, newest_only = walk.to_come.popleft(), False
        if following is None and newest_only:
            walk.end("newest")
        elif following is None or urldefrag(following).url == urldefrag(response.url).url:
            walk.end("last_page")
        elif urlsplit(following).netloc.lower() not in self.hosts:
            walk.end("offsite")
        elif walk.was_read(following):
            walk.end("total" if walk.total_reached else "loop")
        elif walk.max_pages is not None and page >= walk.max_pages:
            walk.end("cap")
        else:
            if self.site.list.paging is None and not walk.indexed:
                walk.turn(response.url, following)
            yield self.list_request(walk, following, page=page + 1)
            return
        if page > 1:
            yield self._first_again(walk)

    def _first_again(self, walk: Walk) -> Request:
        """What came on top while we paged pushed nothing out of sight but itself."""
        return self.list_request(walk, walk.url, page=1, again=True)

    def _newest_only(self, sheet: Node) -> bool:
        whole = self.site.list.whole
        return sheet.is_xml and is_newest_only(sheet.element) if whole is None else not whole

    def total(self, sheet: Node) -> int | None:
        """How many adverts the list says it has; None when it does not say."""
        return stated_total(sheet, self.site.list.total)

    # Adverts

    def _sighted(self, walk: Walk, card: Card) -> Iterator[Request | Sighting]:
        again = card.ad_id in walk.ids
        walk.ids.add(card.ad_id)
        if card.ad_id in self.seen:
            if not again:
                yield from self.also_here(walk, card)
            return
        self.seen.add(card.ad_id)
        detail = self.site.detail
        fingerprint = self.job.store.fingerprint("card", card.text)
        known = self.known.get(card.ad_id)
        now = self.job.now()
        if must_read_detail(known, fingerprint, detail.when, detail.recheck_days, now):
            if urlsplit(card.url).netloc.lower() in self.hosts:
                walk.details += 1
                yield self.detail_request(
                    walk, card, self.details.headers(known, fingerprint, card.url)
                )
                return
            self.count("odd/detail_elsewhere")
        self.count("requests/saved", detail.when != "never")
        yield self._without_detail(walk, card)
        yield from self.hand_over_waiting(card.ad_id)

    def also_here(self, walk: Walk, card: Card) -> Iterator[Sighting]:
        """A sighting in a further partition, as soon as the advert itself is on its way."""
        if card.ad_id in self.known or card.ad_id in self.handed:
            walk.yielded += 1
            yield self.unchanged(walk, card)
        else:
            self.elsewhere.setdefault(card.ad_id, []).append((walk, card))

    def hand_over_waiting(self, ad_id: str) -> Iterator[Sighting]:
        """What waited for the advert to be handed over."""
        self.handed.add(ad_id)
        for walk, card in self.elsewhere.pop(ad_id, ()):
            yield from self.also_here(walk, card)

    def unchanged(self, walk: Walk, card: Card, note: str | None = None) -> UnchangedCard:
        """The sighting of an advert whose detail page is not read again."""
        known = self.known.get(card.ad_id)
        return unchanged_card(self.job, walk.partition, card, known, note)

    def _without_detail(self, walk: Walk, card: Card) -> Sighting:
        known = self.known.get(card.ad_id)
        fingerprint = self.job.store.fingerprint("card", card.text)
        walk.yielded += 1
        if known is not None and known.card == fingerprint:
            return self.unchanged(walk, card)
        return raw_advert(self.job, walk.partition, card, None)

    def detail_request(self, walk: Walk, card: Card, headers: Mapping[str, str]) -> Request:
        """Ask for an advert's page; `headers`: only if it changed."""
        self.count("requests/detail")
        return Request(
            card.url,
            callback=self.parse_detail,
            errback=self.detail_failed,
            cb_kwargs={"walk": walk, "card": card},
            headers={**headers, **walk.came_from},
            meta=self.detail_meta(),
            cookies=self.cookies,
            priority=self._priority(walk) + 1,
        )

    def parse_detail(
        self, response: Response, walk: Walk, card: Card
    ) -> Iterator[Request | Sighting]:
        """Judge a detail page; hand over the advert with or without it."""
        if not_modified(response):
            yield from self.unsent.detail_as_before(response, walk, card)
            return
        verdict, found = self.judge_detail(response, card.url)
        self.probing.note_detail(walk, card.ad_id, verdict, found, response)
        if verdict is PageVerdict.OK:
            walk.count(found, self.site.detail.fields)
            walk.yielded += 1
            note = self.details.keep(self.known.get(card.ad_id), response, card, found)
            yield raw_advert(self.job, walk.partition, card, found, note)
            yield from self.hand_over_waiting(card.ad_id)
            return
        yield from self._unread(walk, card, verdict)
        self.stop_if_blocked(verdict, walk)

    def detail_failed(self, failure: Failure) -> Iterator[Sighting]:
        """A detail page that did not come."""
        named = failure.request.cb_kwargs  # type: ignore[attr-defined]
        verdict = self.classify(failure_facts("detail", failure), None)
        yield from self._unread(named["walk"], named["card"], verdict)
        self.stop_if_blocked(verdict, named["walk"])

    def judge_detail(self, response: Response, asked: str) -> tuple[PageVerdict, Found]:
        """The verdict on a detail page asked for under `asked`, and its fields."""
        sheet = sheet_of(response)
        found = extract(sheet, self.site.detail.fields, self._context(response))
        facts = detail_facts(response, sheet, len(found.values), self.site, asked)
        return self.classify(facts, response), found

    def _unread(self, walk: Walk, card: Card, verdict: PageVerdict) -> Iterator[Sighting]:
        """The card alone: for a known advert, or when the page came but is of no known kind.

        A new advert whose page did not come is left for the next run: without its text and
        numbers it would pass for somebody new.
        """
        walk.unread += 1
        self.count(f"detail/{verdict}")
        if card.ad_id in self.known or verdict in {PageVerdict.UNKNOWN, PageVerdict.DRIFT}:
            yield self._without_detail(walk, card)
            yield from self.hand_over_waiting(card.ad_id)

    # Small things

    def stop_if_blocked(self, verdict: PageVerdict, walk: Walk | None) -> None:
        """A refusal ends the crawl of the whole site: no evasion, no second try."""
        if verdict is PageVerdict.BLOCKED:
            self.blocked = True
            if walk is not None:
                walk.refused = True
            raise CloseSpider("blocked")

    def _on_fault(self, failure: Failure, response: Response | None) -> None:
        del failure
        named = response.request.cb_kwargs if response is not None and response.request else {}
        for walk in [named["walk"]] if "walk" in named else self.walks.values():
            walk.faults += 1

    def _priority(self, walk: Walk) -> int:
        """Partitions one after the other; an advert's detail page before the next list page."""
        return 2 * (len(self._order) - self._order.index(walk.partition))

    def detail_meta(self) -> dict[str, Any]:
        """Request meta of a detail page."""
        return self._meta(detail_steps(self.site))

    def _meta(self, steps: Steps) -> dict[str, Any]:
        return page_meta(steps) if self.site.fetch == "browser" else {}

    def asked(self, response: Response) -> str:
        """The address that was asked for, before any redirect."""
        assert response.request is not None
        return str(response.request.meta.get("redirect_urls", [response.request.url])[0])

    def _context(self, response: Response) -> CleaningContext:
        return CleaningContext(response.url, self.job.now(), self.site.timezone)

    def count(self, name: str, by: int = 1) -> None:
        """Count something worth knowing of this run."""
        self.counts[name] += by
