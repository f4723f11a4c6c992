"""Pages that the server did not send again: what of them still counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from scrapy.http import Request, Response

from crawlers.cards import Card
from crawlers.extraction import Found
from crawlers.rereading import must_read_detail
from crawlers.sightings import Sighting
from crawlers.verdicts import PageFacts
from crawlers.walk import Walk
from pipelines.stages import faro_flush
from records.adverts import Snippet

if TYPE_CHECKING:
    from crawlers.listing import ListingSpider


class UnsentPages:
    """What the listing spider does with a 304 (crawlers/conditional.py)."""

    def __init__(self, spider: ListingSpider) -> None:
        self.spider = spider

    def as_before(
        self, response: Response, walk: Walk, page: int, again: bool
    ) -> Iterator[Request | Sighting]:
        """A page that the server says is as it was: sightings of exactly the adverts on it."""
        spider = self.spider
        asked = spider.asked(response)
        note = spider.memory.unchanged(walk.partition, asked, response.url)
        if note is None:
            yield spider.list_request(walk, asked, page=page, again=again, whole=True)
            return
        spider.count("requests/unchanged")
        spider.judge_list(PageFacts(cards=len(note.cards)), response, walk)
        if not again and not walk.visit(asked, response.url, note.ids):
            walk.end("total" if walk.total_reached else "loop")
            return
        walk.count_again(note.fill, note.filled_of, note.hits)
        for position, (ad_id, promoted) in enumerate(note.cards, start=1):
            badge = {"promoted": (Snippet("true"),)} if promoted else {}
            card = Card(ad_id, spider.known[ad_id].url, page, position, Found(badge, {}), "")
            yield from self._seen_again(walk, card)
        spider.crawler.signals.send_catch_log(faro_flush)
        read = sum(len(each.pages) for each in spider.walks.values())
        spider.job.tell(read, len(spider.seen))
        if not again:
            walk.total = note.total or walk.total
            yield from spider.onwards(note.following, note.newest_only, response, walk, page)

    def detail_as_before(
        self, response: Response, walk: Walk, card: Card
    ) -> Iterator[Request | Sighting]:
        """A detail page that the server says is as it was: its advert stands, and so does what was
        read of it.
        """
        spider = self.spider
        known = spider.known.get(card.ad_id)
        note = spider.details.unchanged(known, response, card.url)
        if note is None:
            yield spider.detail_request(walk, card, {})
            return
        spider.count("requests/unchanged")
        spider.probing.note_unsent(walk, card.ad_id, note.fields)
        walk.count(Found(dict.fromkeys(note.fields, ()), {}), spider.site.detail.fields)
        walk.yielded += 1
        yield spider.unchanged(walk, card, note.told(spider.site))
        yield from spider.hand_over_waiting(card.ad_id)

    def _seen_again(self, walk: Walk, card: Card) -> Iterator[Sighting]:
        spider = self.spider
        again = card.ad_id in walk.ids
        walk.ids.add(card.ad_id)
        if card.ad_id in spider.seen:
            if not again:
                yield from spider.also_here(walk, card)
            return
        spider.seen.add(card.ad_id)
        spider.count("requests/saved", spider.site.detail.when != "never")
        walk.yielded += 1
        yield spider.unchanged(walk, card)
        yield from spider.hand_over_waiting(card.ad_id)

    def settled(self, ad_id: str) -> bool:
        """Whether an advert is known, not absent, and its detail page not due."""
        spider = self.spider
        known, detail = spider.known.get(ad_id), spider.site.detail
        return known is not None and not (
            known.state == "absent"
            or must_read_detail(
                known, known.card, detail.when, detail.recheck_days, spider.job.now()
            )
        )
