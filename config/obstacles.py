"""Lawfulness is configuration: what stands in the way of crawling a site."""

from __future__ import annotations

from datetime import date

from config.models import Config
from config.sitefile import SiteFile

REQUIRED = ("purpose", "basis", "terms_read", "approved_by", "review_by")


def crawl_obstacle(config: Config, site: SiteFile, today: date) -> str | None:
    """Why `site` may not be crawled on the day `today`; None when it may.

    A site on this machine needs only `legal.allow_loopback`; any other needs `[controller]` in
    faro.toml, a contact for the user agent, and a complete `[legal]` that is not past its review.
    """
    if site.loopback_only:
        if site.legal.allow_loopback:
            return None
        return "a site on this machine is crawled only with legal.allow_loopback = true"
    if config.controller is None:
        return "faro.toml has no [controller]: without it only sites on this machine are crawled"
    if config.crawler.contact is None:
        return "faro.toml: crawler.contact is missing: real sites must see whom to write to"
    missing = [name for name in REQUIRED if getattr(site.legal, name) is None]
    if missing:
        return f"[legal] lacks {', '.join(missing)}"
    read, review = site.legal.terms_read, site.legal.review_by
    assert read is not None and review is not None
    if read > today:
        return f"[legal] terms_read {read} is in the future: they are not read yet"
    if today > review:
        return f"[legal] review_by {review} is past: review it, then set a new date"
    return None
