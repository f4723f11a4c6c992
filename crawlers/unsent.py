"""List pages that the server did not send again: what of them still counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scrapy.http import Request, Response

from crawlers.cards import Card
from crawlers.extraction import Found
from crawlers.rereading import must_read_detail
from crawlers.verdicts import PageFacts
from crawlers.walk import Walk
from pipelines.stages import faro_flush
from records.adverts import RawAdvert, Snippet, UnchangedCard

Sighting = RawAdvert | UnchangedCard


class UnsentPages:
    """The part of the listing spider that handles a 304 (crawlers/conditional.py)."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)

    def _as_before(
        self, response: Response, walk: Walk, page: int, again: bool
    ) -> Iterator[Request | Sighting]:
        """A page that the server says is as it was: sightings of exactly the adverts on it."""
        asked = self._asked(response)
        note = self.memory.unchanged(walk.partition, asked, response.url)
        if note is None:
            yield self._list_request(walk, asked, page=page, again=again, whole=True)
            return
        self.count("requests/unchanged")
        self._judge_list(PageFacts(cards=len(note.cards)), response, walk)
        if not again and not walk.visit(asked, response.url, note.ids):
            walk.end("total" if walk.total_reached else "loop")
            return
        walk.count_again(note.fill, note.filled_of, note.hits)
        for position, (ad_id, promoted) in enumerate(note.cards, start=1):
            badge = {"promoted": (Snippet("true"),)} if promoted else {}
            card = Card(ad_id, self.known[ad_id].url, page, position, Found(badge, {}), "")
            yield from self._seen_again(walk, card)
        self.crawler.signals.send_catch_log(faro_flush)
        self.job.tell(sum(len(each.pages) for each in self.walks.values()), len(self.seen))
        if not again:
            walk.total = note.total or walk.total
            yield from self._onwards(note.following, note.newest_only, response, walk, page)

    def _seen_again(self, walk: Walk, card: Card) -> Iterator[Sighting]:
        again = card.ad_id in walk.ids
        walk.ids.add(card.ad_id)
        if card.ad_id in self.seen:
            if not again:
                yield from self._also_here(walk, card)
            return
        self.seen.add(card.ad_id)
        self.count("requests/saved", self.site.detail.when != "never")
        walk.yielded += 1
        yield self._unchanged(walk, card)
        yield from self._handed(card.ad_id)

    def _settled(self, ad_id: str) -> bool:
        known, detail = self.known.get(ad_id), self.site.detail
        return known is not None and not (
            known.state == "absent"
            or must_read_detail(known, known.card, detail.when, detail.recheck_days, self.job.now())
        )
