"""The browser: where Chromium is, how it is started, and what a rendered page waits for."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config import Config, Selector, SiteFile
from config.sitefile import is_loopback

MISSING_BROWSER = (
    'no Chromium found, so sites with fetch = "browser" are left out; install one '
    "(`apt install chromium`, or `.venv/bin/playwright install chromium`), or name it in "
    "faro.toml: [crawler] browser_path"
)

_SYSTEM_NAMES = (
    *("chromium-headless-shell", "chromium", "chromium-browser"),
    *("google-chrome", "google-chrome-stable"),
)
_MAC_APPS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# Where Playwright puts what `playwright install` fetches; newest first when sorted backwards.
_PLAYWRIGHT_BINARIES = (
    "chromium_headless_shell-*/chrome-*/*headless*shell",
    "chromium-*/chrome-*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)

_ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-quic",
    "--disable-gpu",
    "--no-first-run",
    "--no-pings",
    # WebRTC would talk to any address by itself, past every rule for requests.
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy",
)
# The process that parses hostile pages gets none of Faro's environment, which may hold a key.
_ENVIRONMENT = ("PATH", "HOME", "LANG", "TMPDIR")
# No name is looked up: what a loopback page names elsewhere can't be reached.
_LOOPBACK_NAMES = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"

NAVIGATION_TIMEOUT_MS = 20_000
MARKER_TIMEOUT_MS = 10_000
CLICK_TIMEOUT_MS = 2_000
_STATUS = "performance.getEntriesByType('navigation')[0]?.responseStatus ?? 0"
_PICTURES = frozenset({"image", "media", "font"})
MEMORY_LIMIT_MB = 2048


def find_chromium(config: Config) -> Path | None:
    """The browser to start: the configured one, else Playwright's own, else the system's."""
    configured = config.crawler.browser_path
    if configured is not None:
        return configured if os.access(configured, os.X_OK) else None
    for candidate in (*_playwright_binaries(), *_system_binaries()):
        if os.access(candidate, os.X_OK) and candidate.is_file():
            return candidate
    return None


def _playwright_binaries() -> list[Path]:
    named = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    places = [Path(named)] if named and named != "0" else []
    places += [Path.home() / ".cache/ms-playwright", Path.home() / "Library/Caches/ms-playwright"]
    return [
        path
        for place in places
        for pattern in _PLAYWRIGHT_BINARIES
        for path in sorted(place.glob(pattern), reverse=True)
    ]


def _system_binaries() -> list[Path]:
    found = [Path(path) for name in _SYSTEM_NAMES if (path := shutil.which(name))]
    return found + [Path(path) for path in _MAC_APPS if sys.platform == "darwin"]


def launch_options(chromium: Path, *, loopback_only: bool) -> dict[str, Any]:
    """What Playwright starts Chromium with; as root it runs only without its sandbox."""
    arguments = list(_ARGUMENTS)
    if loopback_only:
        arguments += [_LOOPBACK_NAMES, "--no-proxy-server"]
    return {
        "executable_path": str(chromium),
        "headless": True,
        "chromium_sandbox": not (hasattr(os, "geteuid") and os.geteuid() == 0),
        "env": {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        "args": arguments,
    }


def browser_settings(
    site: SiteFile, chromium: Path, user_agent: str, *, pages: int
) -> dict[str, Any]:
    """Scrapy settings of a site with fetch = "browser": one context, so many pages at a time."""
    schemes = {urlsplit(start.url).scheme for start in site.list.start}
    handler = "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler"
    context = {
        "user_agent": user_agent,
        "service_workers": "block",
        "accept_downloads": False,
        "locale": "it-IT",
        "timezone_id": site.timezone,
    }
    return {
        "DOWNLOAD_HANDLERS": dict.fromkeys(schemes, handler),
        "PLAYWRIGHT_BROWSER_TYPE": "chromium",
        "PLAYWRIGHT_LAUNCH_OPTIONS": launch_options(chromium, loopback_only=site.loopback_only),
        "PLAYWRIGHT_CONTEXTS": {"default": context},
        "PLAYWRIGHT_MAX_CONTEXTS": 1,
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": pages,
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": NAVIGATION_TIMEOUT_MS,
        "PLAYWRIGHT_ABORT_REQUEST": partial(
            unwanted, images=site.images, loopback_only=site.loopback_only
        ),
        "MEMUSAGE_LIMIT_MB": MEMORY_LIMIT_MB,
    }


def unwanted(request: Any, *, images: bool, loopback_only: bool) -> bool:
    """Whether the browser must not fetch this (a Playwright request): pictures, media and fonts
    where the site file does not need them, and anything beyond loopback for a loopback site.
    """
    if request.resource_type in _PICTURES and not images:
        return True
    if urlsplit(request.url).scheme in {"data", "blob", "about"}:
        return False
    return loopback_only and not is_loopback(request.url)


def page_meta(waits_for: tuple[Selector, ...], clicks: tuple[Selector, ...] = ()) -> dict[str, Any]:
    """Request meta of a rendered page: click what stands before it (a consent or age page), then
    wait until one of the selectors matches, or give up waiting and let the page verdict speak.
    """
    from scrapy_playwright.page import PageMethod

    methods = [PageMethod(click_if_there, each) for each in _browser_selectors(clicks)]
    if wanted := _browser_selectors(waits_for):
        methods.append(PageMethod(wait_for_any, wanted))
    return {"playwright": True, "dont_cache": True, "playwright_page_methods": methods}


async def click_if_there(page: Any, selector: str) -> None:
    """Click the first match, if there is one within `CLICK_TIMEOUT_MS`."""
    from playwright.async_api import TimeoutError as NotThere

    try:
        await page.locator(selector).first.click(timeout=CLICK_TIMEOUT_MS)
    except NotThere:
        return


async def wait_for_any(page: Any, selectors: list[str]) -> None:
    """Wait until the page holds one of the selectors, up to `MARKER_TIMEOUT_MS`; not at all when
    the server answered with an error.
    """
    from playwright.async_api import Error

    if await page.evaluate(_STATUS) >= 400:
        return
    wanted = page.locator(selectors[0])
    for selector in selectors[1:]:
        wanted = wanted.or_(page.locator(selector))
    try:
        await wanted.first.wait_for(state="attached", timeout=MARKER_TIMEOUT_MS)
    except Error:
        # The page as it is then decides: a refusal, an empty list, another layout.
        return


def _browser_selectors(selectors: Iterable[Selector]) -> list[str]:
    return [found for selector in selectors if (found := _browser_selector(selector))]


def _browser_selector(selector: Selector) -> str | None:
    """The selector in Playwright's writing; what names text or an attribute waits for its element.

    None for json queries, which have no counterpart in a rendered page.
    """
    if selector.kind == "css":
        return "css=" + selector.expression.split("::", 1)[0].strip()
    if selector.kind == "xpath":
        return "xpath=" + selector.expression.split("/@", 1)[0].removesuffix("/text()")
    return None
