"""Sitemap indexes: a list page that names list pages (sitemaps.org, "Sitemap index files")."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from scrapy.http import Request, Response

from crawlers.data import indexed_pages
from crawlers.extraction import Node
from crawlers.verdicts import PageFacts
from crawlers.walk import Walk

if TYPE_CHECKING:
    from crawlers.listing import ListingSpider


def after_index(
    spider: ListingSpider, sheet: Node, response: Response, walk: Walk, page: int, again: bool
) -> Iterator[Request] | None:
    """What is read after an index: the pages that it names, one after the other; None when the page
    is no index. Read again, at the end of the walk, it tells nothing more.

    What bounds a list's pages bounds these: max_pages, the site's own hosts, no page twice.
    """
    named = indexed_pages(sheet.element) if sheet.is_xml else None
    if named is None:
        return None
    found = tuple(response.urljoin(each) for each in named)
    spider.judge_list(PageFacts(cards=len(found), empty_marker=True), response, walk)
    if again:
        return iter(())
    if not walk.visit(spider.asked(response), response.url, found):
        walk.end("loop")
        return iter(())
    walk.to_come.extend(found)
    walk.indexed = True
    return spider.onwards(None, False, response, walk, page)
