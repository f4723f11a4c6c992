"""Guards in front of every download: only the site's own hosts, and robots.txt read strictly."""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    IgnoreRequest,
)
from scrapy.http import Request, Response
from scrapy.robotstxt import RobotParser

FORBIDDEN_BY_ROBOTS = "Forbidden by robots.txt"
_HEAD = 4 * 4096
"""Bytes of the characters in which Scrapy looks for a refresh, four each at most."""
_DENY_ALL = b"User-agent: *\nDisallow: /\n"


class RobotsRefused(IgnoreRequest):
    """robots.txt could not be read because the server refused or failed: `status` says how, None
    that no answer came; `host_down` is set when no page at all can come.
    """

    def __init__(self, status: int | None, host_down: Exception | None = None) -> None:
        super().__init__(f"robots.txt answered {status}" if status else "robots.txt did not come")
        self.status = status
        self.host_down = host_down


class NotOwnHost(IgnoreRequest):
    """A request, or where one was sent on to, leads away from the site."""


class OwnHostsOnly:
    """Refuses requests to hosts or ports that the site file does not start at, redirects too.

    Scrapy's own middleware lets through every request that was retried (`dont_filter`).
    """

    def __init__(self, hosts: frozenset[str]) -> None:
        self.hosts = hosts

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> OwnHostsOnly:
        """Read the hosts from the settings."""
        return cls(frozenset(crawler.settings.getlist("FARO_HOSTS")))

    def process_request(self, request: Request) -> None:
        """Let the site's own through; raises IgnoreRequest otherwise."""
        if urlsplit(request.url).netloc.lower() not in self.hosts:
            raise NotOwnHost("not one of the site's own hosts")

    def process_response(self, request: Request, response: Response) -> Response:
        """A browser follows redirects by itself: where it landed counts, too."""
        if response.url != request.url and urlsplit(response.url).netloc.lower() not in self.hosts:
            raise NotOwnHost("sent on to another host")
        return response


class MetaRefresh(MetaRefreshMiddleware):
    """Scrapy's own, for pages whose head has the word: it reads each head as markup."""

    def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        """Where the page sends its readers on to, else the page."""
        # Wide encodings have a zero byte beside each letter.
        if b"refresh" not in response.body[:_HEAD].replace(b"\0", b"").lower():
            return response
        return super().process_response(request, response)


class StrictRobots(RobotsTxtMiddleware):
    """robots.txt as RFC 9309 reads it: a server error or no answer denies everything (2.3.1.4), a
    missing file allows everything (2.3.1.3). 429 counts as a refusal, not as a missing file.

    Scrapy 2.19 lets everything through when robots.txt does not come.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._refused: dict[str, int | None] = {}
        self._down: dict[str, Exception] = {}

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500 or response.status == 429:
            self._refused[netloc] = response.status
            response = response.replace(body=_DENY_ALL)
        elif response.status >= 400:
            response = response.replace(body=b"")
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self._refused[netloc] = None
        if isinstance(exc, (CannotResolveHostError, DownloadConnectionRefusedError)):
            self._down[netloc] = exc
        super()._robots_error(exc, netloc)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Raise IgnoreRequest for a page that may not be read, RobotsRefused when nobody knows."""
        netloc = urlsplit(request.url).netloc
        if netloc in self._refused:
            raise RobotsRefused(self._refused[netloc], self._down.get(netloc))
        super().process_request_2(rp, request)
