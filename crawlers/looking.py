"""One page of a site, looked at without storing anything: for `faro site try` and `freeze`."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import HtmlResponse, Request, Response, TextResponse
from twisted.python.failure import Failure

from config import Config, SiteFile, crawl_obstacle
from config.clock import Clock
from crawlers.browser import REFUSED
from crawlers.data import indexed_pages
from crawlers.errors import CrawlError
from crawlers.pages import failure_facts, sheet_of, trouble
from crawlers.process import fork_server, settle_in, start_child
from crawlers.rendering import detail_steps, list_steps, page_meta
from crawlers.settings import crawl_settings, own_hosts
from crawlers.verdicts import PageFacts, PageKind
from records.causes import Cause
from records.errors import FaroError

PATIENCE_S = 90.0


@dataclass(frozen=True, slots=True)
class Look:
    """A page as it came: where it ended, and its answer; `facts` and `trouble` when none came.
    `refused` counts, by host, what its browser page asked other hosts for.
    """

    asked: str
    landed: str
    status: int = 200
    body: bytes = b""
    content_type: bytes = b"text/html"
    facts: PageFacts | None = None
    trouble: Cause | None = None
    refused: Mapping[str, int] = field(default_factory=dict)

    def response(self) -> Response:
        """The page as the listing spider would get it."""
        return TextResponse(
            self.landed,
            status=self.status,
            headers={"Content-Type": self.content_type},
            body=self.body,
            request=Request(self.asked),
        )


def saved_page(site: SiteFile, path: Path) -> Look:
    """A saved page, as if it had come from the site's first list. Raises CrawlError when it can't
    be read.
    """
    return page_of(site.list.start[0].url, path)


def live_list(config: Config, site: SiteFile, clock: Clock) -> Look:
    """The site's first list page, or the first one that an index of sitemaps names."""
    look = live_page(config, site, clock, site.list.start[0].url)
    if look.facts is None:
        sheet = sheet_of(look.response())
        named = indexed_pages(sheet.element) if sheet.is_xml else None
        if named:
            return live_page(config, site, clock, urljoin(look.landed, named[0]))
    return look


def page_of(url: str, path: Path) -> Look:
    """A saved page, as if it had come from `url`. Raises CrawlError when it can't be read."""
    try:
        body = path.read_bytes()
    except OSError as fault:
        raise CrawlError(f"{path}: {fault.strerror}") from fault
    encoding = HtmlResponse(url, body=body).encoding
    kind = "application/json" if body.lstrip()[:1] in {b"{", b"["} else "text/html"
    return Look(url, url, body=body, content_type=f"{kind}; charset={encoding}".encode())


def live_page(
    config: Config, site: SiteFile, clock: Clock, url: str, kind: PageKind = "list"
) -> Look:
    """Fetch one page in a process of its own, under the same rules as a crawl.

    Raises CrawlError when the site may not be read, its browser is missing, or nothing comes back.
    """
    obstacle = crawl_obstacle(config, site, clock.now().date())
    if obstacle is not None:
        raise CrawlError(f"site {site.id}: {obstacle}")
    crawl_settings(config, site)
    ours, theirs = fork_server.Pipe(duplex=False)
    only = config.model_copy(update={"sites": {site.id: site}})
    child = fork_server.Process(
        target=_look_main, args=(theirs, only, site.id, url, kind, dict(os.environ))
    )
    start_child(child)
    theirs.close()
    found: object = None
    with suppress(EOFError):
        if ours.poll(PATIENCE_S):
            found = ours.recv()
    child.join(5)
    if child.is_alive() and child.pid is not None:
        os.killpg(child.pid, signal.SIGKILL)
    if not isinstance(found, Look):
        raise CrawlError(f"site {site.id}: {found or 'the page did not come'}")
    return found


def _look_main(
    connection: Connection,
    config: Config,
    site_id: str,
    url: str,
    kind: PageKind,
    environ: Mapping[str, str],
) -> None:
    settle_in(environ)
    site = config.sites[site_id]
    try:
        settings = crawl_settings(config, site) | {"ITEM_PIPELINES": {}}
        process = AsyncCrawlerProcess(settings)
        crawler = process.create_crawler(_LookSpider)
        crawler.settings.set("FARO_HOSTS", sorted(own_hosts(site)))
        process.crawl(crawler, site=site, url=url, kind=kind)
        process.start()
        seen = crawler.spider.look if isinstance(crawler.spider, _LookSpider) else ""
        connection.send(replace(seen, refused=dict(REFUSED)) if isinstance(seen, Look) else seen)
    except FaroError as fault:
        connection.send(str(fault))


class _LookSpider(Spider):
    def __init__(self, site: SiteFile, url: str, kind: PageKind) -> None:
        super().__init__(name=site.id)
        self.site = site
        self.url = url
        self.kind = kind
        self.look = Look(url, url, facts=PageFacts(status=None))

    async def start(self) -> AsyncIterator[Any]:
        steps = list_steps(self.site) if self.kind == "list" else detail_steps(self.site)
        meta = page_meta(steps) if self.site.fetch == "browser" else {}
        cookies: dict[Any, Any] = dict(self.site.access.cookies)
        yield Request(self.url, self.came, errback=self.failed, meta=meta, cookies=cookies)

    def came(self, response: Response) -> None:
        """Keep the page."""
        form = response.headers.get("Content-Type") or b"text/html"
        if isinstance(response, TextResponse):
            form = form.partition(b";")[0] + f"; charset={response.encoding}".encode()
        self.look = Look(self.url, response.url, response.status, response.body, form)

    def failed(self, failure: Failure) -> None:
        """Keep why it did not come."""
        facts = failure_facts(self.kind, failure)
        self.look = replace(self.look, facts=facts, trouble=trouble(failure))
