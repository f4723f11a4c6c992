"""What the listing spider hands over: an advert as its pages show it, or that it is still there."""

from __future__ import annotations

from crawlers.cards import Card
from crawlers.extraction import Found
from crawlers.job import CrawlJob
from records.adverts import KnownAdvert, RawAdvert, UnchangedCard

Sighting = RawAdvert | UnchangedCard


def raw_advert(
    job: CrawlJob, partition: str, card: Card, detail: Found | None, note: str | None = None
) -> RawAdvert:
    """The advert as its card and, where it was read, its detail page show it."""
    values = dict(card.found.values)
    if detail is not None:
        values.update(detail.values)
    return RawAdvert(
        site=job.site.id,
        partition=partition,
        ad_id=card.ad_id,
        url=card.url,
        seen_at=job.now(),
        page=card.page,
        position=card.position,
        values=values,
        card=card.text,
        has_detail=detail is not None,
        detail_note=note,
    )


def unchanged_card(
    job: CrawlJob, partition: str, card: Card, known: KnownAdvert | None, note: str | None = None
) -> UnchangedCard:
    """The sighting of an advert whose detail page is not read again, or not sent again (`note`)."""
    return UnchangedCard(
        site=job.site.id,
        partition=partition,
        ad_id=card.ad_id,
        seen_at=job.now(),
        page=card.page,
        position=card.position,
        promoted=card.promoted,
        url=card.url if known is not None and known.url != card.url else None,
        detail_note=note,
    )
