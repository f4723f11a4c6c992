"""Scrapy's settings for one site: polite, honest and closed by default, with what its file allows.

`scrapy.cfg` names this module, so that `scrapy shell` and friends find the same defaults.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from scrapy.settings.default_settings import RETRY_EXCEPTIONS as _RETRY_EXCEPTIONS

from config import Config, SiteFile
from crawlers.browser import MISSING_BROWSER, browser_settings, find_chromium
from crawlers.errors import CrawlError
from crawlers.logs import DiscreetFormatter
from pipelines.stages import ITEM_PIPELINES

BOT_NAME = "faro"
# What is on by default in Scrapy and must not be: REMOTE_CONTROL executes Python.
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False
ROBOTSTXT_OBEY = True
COOKIES_ENABLED = False
HTTPCACHE_ENABLED = False

# A loopback site without delay is a test or a demo: a few pages at once keep both sides busy.
LOOPBACK_PAGES = {"http": 4, "browser": 2}

_UNUSED_EXTENSIONS = tuple(
    f"scrapy.extensions.{name}"
    for name in (
        *("feedexport.FeedExporter", "logstats.LogStats", "memdebug.MemoryDebugger"),
        *("remote_control.RemoteControl", "spiderstate.SpiderState", "telnet.TelnetConsole"),
    )
)

ALWAYS: dict[str, Any] = {
    "BOT_NAME": BOT_NAME,
    "REMOTE_CONTROL_ENABLED": REMOTE_CONTROL_ENABLED,
    "TELNETCONSOLE_ENABLED": TELNETCONSOLE_ENABLED,
    "ROBOTSTXT_OBEY": ROBOTSTXT_OBEY,
    "HTTPCACHE_ENABLED": HTTPCACHE_ENABLED,
    "DOWNLOAD_WARNSIZE": 0,
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "DOWNLOAD_DELAY_JITTER": 0.5,
    "REDIRECT_MAX_TIMES": 5,
    "METAREFRESH_MAXDELAY": 5,
    "RETRY_TIMES": 2,
    # 429 and 503 are refusals: asking again at once would be the wrong answer.
    "RETRY_HTTP_CODES": [500, 502, 504, 522, 524, 408],
    # The spider itself sees to it that no page is read twice; a request that a filter drops in
    # silence would leave its walk without an end.
    "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
    "DOWNLOADER_MIDDLEWARES": {
        "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
        "crawlers.guards.OwnHostsOnly": 50,
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
        "crawlers.guards.StrictRobots": 100,
        "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
        "crawlers.guards.MetaRefresh": 580,
        # No site file holds a password.
        "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    },
    "ITEM_PIPELINES": ITEM_PIPELINES,
    # Every status reaches the spider, which judges it (no HttpError) and says itself where a link
    # stood (no Referer); the others cost time for each page and guard against nothing that a walk
    # does.
    "SPIDER_MIDDLEWARES": {
        f"scrapy.spidermiddlewares.{name}": None
        for name in (
            *("start.StartSpiderMiddleware", "httperror.HttpErrorMiddleware"),
            *("referer.RefererMiddleware", "urllength.UrlLengthMiddleware"),
            *("depth.DepthMiddleware", "metacopy.MetaCopyDetectionMiddleware"),
        )
    },
    # The stages never wait, so items gain nothing from the hundred workers that Scrapy starts for
    # every page; and it reads a callback's source for every page unless it is told not to.
    "CONCURRENT_ITEMS": 1,
    "WARN_ON_GENERATOR_RETURN_VALUE": False,
    "EXTENSIONS": {
        "scrapy.extensions.memusage.MemoryUsage": None,
        "crawlers.memory.MemoryWithBrowser": 0,
        **dict.fromkeys(_UNUSED_EXTENSIONS),
    },
    "SPIDER_MODULES": [],
    "LOG_FORMATTER": DiscreetFormatter,
    "LOG_INSTALL_ROOT_HANDLER": False,
    "LOG_VERSIONS": [],
    "LOGSTATS_INTERVAL": 0,
    "STATS_DUMP": False,
    "DEFAULT_REQUEST_HEADERS": {
        "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "Accept-Language": "it,en;q=0.5",
    },
}


def crawl_settings(config: Config, site: SiteFile) -> dict[str, Any]:
    """Scrapy settings for a crawl of `site`.

    Raises CrawlError when the site needs a browser and there is none.
    """
    delay = site.politeness.delay_s
    unhurried = delay > 0 or not site.loopback_only
    together = 1 if unhurried else LOOPBACK_PAGES[site.fetch]
    agent = config.crawler.user_agent
    settings = ALWAYS | {
        "USER_AGENT": agent,
        "MEMUSAGE_LIMIT_MB": config.crawler.memory_mb // (1 if site.fetch == "browser" else 2),
        "DOWNLOAD_TIMEOUT": config.crawler.page_timeout_s,
        "DOWNLOAD_MAXSIZE": int(config.crawler.page_mb * 1024 * 1024),
        "CONCURRENT_REQUESTS": together,
        "CONCURRENT_REQUESTS_PER_DOMAIN": together,
        "DOWNLOAD_DELAY": delay,
        "AUTOTHROTTLE_ENABLED": unhurried,
        "AUTOTHROTTLE_START_DELAY": delay,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": 1.0,
        "CLOSESPIDER_TIMEOUT": time_limit(site).total_seconds(),
        "COOKIES_ENABLED": COOKIES_ENABLED or bool(site.access.cookies),
        "ROBOTSTXT_OBEY": ROBOTSTXT_OBEY and not site.legal.robots_override,
        "HTTPPROXY_ENABLED": not site.loopback_only,
    }
    if site.fetch == "browser":
        chromium = find_chromium(config)
        if chromium is None:
            raise CrawlError(f"site {site.id}: {MISSING_BROWSER}")
        settings |= browser_settings(site, chromium, agent, own_hosts(site), pages=together)
        # Scrapy gives up at once when a navigation times out, unless it is told to try again.
        settings["RETRY_EXCEPTIONS"] = [*_RETRY_EXCEPTIONS, "playwright.async_api.TimeoutError"]
    return settings


def time_limit(site: SiteFile) -> timedelta:
    """How long a crawl of the site may take before it is stopped, as a time-out."""
    return timedelta(minutes=site.politeness.max_minutes)


def own_hosts(site: SiteFile) -> frozenset[str]:
    """Host and port of every start address: the only ones that a crawl of the site may reach."""
    return frozenset(urlsplit(start.url).netloc.lower() for start in site.list.start)
