"""The browser: where Chromium is, how it is started, and what it may fetch."""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config import Config, SiteFile
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

NAVIGATION_TIMEOUT_MS = 20_000
# An aborted navigation waits so long for a file to download; none is ever wanted, and a crawl that
# is told to stop while a page loads would wait, too.
DOWNLOAD_TIMEOUT_MS = 500
_PICTURES = frozenset({"image", "media", "font"})
# A frame, an object or a script may fetch a picture as something else.
_PICTURE_FILES = (
    *(".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".bmp", ".ico"),
    *(".mp4", ".webm", ".mov", ".m3u8", ".mp3", ".ogg", ".woff", ".woff2", ".ttf", ".otf"),
)
MEMORY_LOOK_S = 10
# Of one page's scripts; a page that wants more is stopped by the browser, not by the machine.
_SCRIPT_MEMORY = "--js-flags=--max-old-space-size=512"

REFUSED: Counter[str] = Counter()
"""How often this crawl's pages asked other hosts for something, by host: a process is one crawl."""


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


def launch_options(chromium: Path, hosts: frozenset[str]) -> dict[str, Any]:
    """What Playwright starts Chromium with; as root it runs only without its sandbox.

    No name but those of `hosts` is looked up, so that nothing else is reached by what goes past
    the rules for requests: redirects, sockets, prefetching.
    """
    names = sorted({urlsplit(f"//{host}").hostname or "" for host in hosts})
    rules = ", ".join(["MAP * ~NOTFOUND", *(f"EXCLUDE {name}" for name in names)])
    arguments = [*_ARGUMENTS, _SCRIPT_MEMORY, f"--host-resolver-rules={rules}"]
    if all(is_loopback(f"http://{host}/") for host in hosts):
        arguments.append("--no-proxy-server")
    return {
        "executable_path": str(chromium),
        "headless": True,
        "chromium_sandbox": not (hasattr(os, "geteuid") and os.geteuid() == 0),
        "env": {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        "args": arguments,
    }


def browser_settings(
    site: SiteFile, chromium: Path, user_agent: str, own: frozenset[str], *, pages: int
) -> dict[str, Any]:
    """Scrapy settings of a site with fetch = "browser": one context, so many pages at a time, that
    load from its `own` hosts and those of its file's [access] hosts.
    """
    hosts = own | set(site.access.hosts)
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
        "PLAYWRIGHT_LAUNCH_OPTIONS": launch_options(chromium, hosts),
        "PLAYWRIGHT_CONTEXTS": {"default": context},
        "PLAYWRIGHT_MAX_CONTEXTS": 1,
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": pages,
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": NAVIGATION_TIMEOUT_MS,
        "PLAYWRIGHT_DOWNLOAD_TIMEOUT": DOWNLOAD_TIMEOUT_MS,
        "PLAYWRIGHT_ABORT_REQUEST": partial(unwanted, images=site.images, hosts=hosts),
        "MEMUSAGE_CHECK_INTERVAL_SECONDS": MEMORY_LOOK_S,
    }


def unwanted(request: Any, *, images: bool, hosts: frozenset[str]) -> bool:
    """Whether the browser must not fetch this (a Playwright request): pictures, media and fonts
    where the site file does not need them, and anything from other hosts, which is counted.
    """
    parts = urlsplit(request.url)
    if not images and (
        request.resource_type in _PICTURES or parts.path.lower().endswith(_PICTURE_FILES)
    ):
        return True
    if parts.scheme in {"data", "blob", "about"} or parts.netloc.lower() in hosts:
        return False
    REFUSED[parts.netloc.lower()] += 1
    return True
