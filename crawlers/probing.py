"""After the walks: ask for the detail pages of the adverts that they missed, which prove absence;
and for some of adverts that are there, where the few that were read leave a doubt of their layout.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.exceptions import DontCloseSpider
from scrapy.http import Request, Response, TextResponse
from twisted.python.failure import Failure

from crawlers.cards import Card
from crawlers.extraction import Found
from crawlers.pages import failure_facts, text_of
from crawlers.verdicts import GONE_STATUS
from crawlers.walk import SAMPLE_CHARACTERS, Walk
from records.adverts import KnownAdvert
from records.verdicts import PageVerdict

if TYPE_CHECKING:
    from crawlers.listing import ListingSpider

# A walk that knows almost none of the adverts it sees has met new ids (guide, Gate): the old ones
# are then no longer there under their addresses, and their pages prove nothing.
MAX_NEW_SHARE = 0.8
_ENOUGH_KNOWN = 10
_REMOVED = frozenset({PageVerdict.GONE, PageVerdict.SOFT_GONE})
# What a detail page that came turned out to be, when it was not said to be gone.
_CAME = frozenset({PageVerdict.OK, PageVerdict.UNKNOWN, PageVerdict.DRIFT})


class Probing:
    """The probes of one run. `details_read` counts detail pages that read well in it."""

    def __init__(self, spider: ListingSpider) -> None:
        self.spider = spider
        self.details_read = 0
        self._probed = False
        self._listed: Card | None = None
        self._read: set[str] = set()

    def note_listed(self, card: Card) -> None:
        """Remember an advert that is certainly there, to compare with."""
        self._listed = self._listed or card

    def note_detail(
        self,
        walk: Walk,
        ad_id: str,
        verdict: PageVerdict,
        found: Found,
        response: Response,
        *,
        known: bool = False,
    ) -> None:
        """Count what a listed advert's page had of its fields; a page of no known kind has none.
        `known`: it was read before, and is asked for to compare.
        """
        self.details_read += verdict is PageVerdict.OK
        self._read.add(ad_id)
        if verdict not in _CAME:
            return
        names = self.spider.site.detail.fields
        read = found.values if verdict is PageVerdict.OK else {}
        walk.detail_pages.count(names, read, known=known)
        if len(read) < len(names) and isinstance(response, TextResponse):
            walk.detail_pages.page = text_of(response)[:SAMPLE_CHARACTERS]

    def note_unsent(self, walk: Walk, ad_id: str, fields: Iterable[str]) -> None:
        """Count a listed advert's page that is as it was, and had these fields, among those of
        known adverts: it says nothing of a layout that only new ones have.
        """
        self.details_read += 1
        self._read.add(ad_id)
        walk.detail_pages.count(self.spider.site.detail.fields, fields, known=True)

    def on_idle(self) -> None:
        """When all is read: probe, and compare doubtful layouts; then, if the probes' answers are
        doubtful, ask for a page to compare.
        """
        spider = self.spider
        if spider.blocked:
            return
        requests = [] if self._probed else [*self._requests(), *self._layout_requests()]
        self._probed = True
        if not requests and self._doubtful():
            requests = [self._control()]
        for request in requests:
            spider.crawler.engine.crawl(request)
        if requests:
            raise DontCloseSpider

    def settle(self) -> None:
        """At the end: a page that sends elsewhere proves a removal only when the pages of adverts
        that are there do not.
        """
        if self.details_read:
            for walk in self.spider.walks.values():
                walk.gone |= walk.soft_gone

    def _requests(self) -> Iterator[Request]:
        missed = list(self._missed())
        # Newly missed ones first; then a different choice in every run, for a capped partition
        # always misses more than may be asked for.
        missed.sort(key=lambda known: (known.state != "active", self._shuffled(known.ad_id)))
        for known in missed[: self.spider.site.detail.probe_max]:
            self.spider.count("requests/probe")
            walk = self.spider.walks[known.partition]
            named = {"walk": walk, "ad_id": known.ad_id}
            if self.spider.site.fetch == "browser":
                yield self._plainly(known.url, named)
            else:
                yield self._request(known.url, self._answered, named)

    def _layout_requests(self) -> Iterator[Request]:
        """Pages of adverts that are listed and were read before, when the layout was another one
        perhaps: they are counted, and nothing of them is stored.
        """
        for walk in self.spider.walks.values():
            there = [
                known
                for known in self.spider.known.values()
                if known.partition == walk.partition
                and known.detail_at is not None
                and known.ad_id in walk.ids
                and known.ad_id not in self._read
                and urlsplit(known.url).netloc.lower() in self.spider.hosts
            ]
            # Those read longest ago: the others may be of the layout that is doubted.
            there.sort(key=lambda known: (known.detail_at, self._shuffled(known.ad_id)))
            for known in there[: walk.detail_pages.doubted]:
                self.spider.count("requests/layout")
                named = {"walk": walk, "ad_id": known.ad_id}
                yield self._request(known.url, self._layout_seen, named)

    def _layout_seen(self, response: Response, url: str, walk: Walk, ad_id: str) -> None:
        verdict, found = self.spider.judge_detail(response, url)
        self.spider.count(f"layout/{verdict}")
        self.note_detail(walk, ad_id, verdict, found, response, known=True)
        self.spider.stop_if_blocked(verdict, walk)

    def _plainly(self, url: str, named: dict[str, object]) -> Request:
        """Ask without the browser first: a status that says "gone" needs no rendering, which takes
        thirty times as long. Anything else is asked again with the browser.
        """

        def rendered(_: object) -> Iterator[Request]:
            yield self._request(url, self._answered, named)

        def answered(response: Response) -> Iterator[Request]:
            if response.status in GONE_STATUS:
                self._answered(response, url, **named)  # type: ignore[arg-type]
            else:
                yield from rendered(response)

        return Request(url, answered, errback=rendered, cookies=self.spider.cookies)

    def _missed(self) -> Iterator[KnownAdvert]:
        walks = {walk.partition for walk in self.spider.walks.values() if self._may_probe(walk)}
        for known in self.spider.known.values():
            if (
                known.partition in walks
                and known.state != "absent"
                and known.ad_id not in self.spider.seen
                and urlsplit(known.url).netloc.lower() in self.spider.hosts
            ):
                yield known

    def _may_probe(self, walk: Walk) -> bool:
        new = sum(ad_id not in self.spider.known for ad_id in walk.ids)
        before = sum(known.partition == walk.partition for known in self.spider.known.values())
        if before >= _ENOUGH_KNOWN and new > MAX_NEW_SHARE * len(walk.ids):
            self.spider.count("odd/new_ids")
            return False
        return walk.may_probe

    def _answered(self, response: Response, url: str, walk: Walk, ad_id: str) -> None:
        verdict = self._judged("probe", response, url, walk)
        if verdict is PageVerdict.GONE:
            walk.gone.add(ad_id)
        elif verdict is PageVerdict.SOFT_GONE:
            walk.soft_gone.add(ad_id)
        elif verdict is PageVerdict.OK:
            walk.alive.add(ad_id)
        self.details_read += verdict is PageVerdict.OK

    def _doubtful(self) -> bool:
        doubted = any(walk.soft_gone for walk in self.spider.walks.values())
        return doubted and self.details_read == 0 and self._listed is not None

    def _control(self) -> Request:
        assert self._listed is not None
        card, self._listed = self._listed, None
        return self._request(card.url, self._compared, {})

    def _compared(self, response: Response, url: str) -> None:
        self.details_read += self._judged("control", response, url, None) not in _REMOVED

    def _judged(self, kind: str, response: Response, url: str, walk: Walk | None) -> PageVerdict:
        verdict, _ = self.spider.judge_detail(response, url)
        self.spider.count(f"{kind}/{verdict}")
        self.spider.stop_if_blocked(verdict, walk)
        return verdict

    def _failed(self, failure: Failure) -> None:
        """No answer proves nothing."""
        verdict = self.spider.classify(failure_facts("detail", failure), None)
        self.spider.count(f"probe/{verdict}")
        self.spider.stop_if_blocked(verdict, failure.request.cb_kwargs.get("walk"))  # type: ignore[attr-defined]

    def _request(self, url: str, callback: object, named: dict[str, object]) -> Request:
        return Request(
            url,
            callback=callback,  # type: ignore[arg-type]
            errback=self._failed,
            cb_kwargs={"url": url, **named},
            meta=self.spider.detail_meta(),
            cookies=self.spider.cookies,
        )

    def _shuffled(self, ad_id: str) -> bytes:
        return hashlib.blake2b(f"{self.spider.job.run}/{ad_id}".encode(), digest_size=8).digest()
