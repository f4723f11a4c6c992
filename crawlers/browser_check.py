"""Whether Chromium is there and starts, asked before a crawl finds out."""

from __future__ import annotations

from config import Config
from crawlers.browser import MISSING_BROWSER, find_chromium, launch_options


def browser_words(config: Config) -> tuple[bool, str]:
    """Whether the sites that need a browser can have it, and a line about it. It is started once,
    when an enabled site needs it.
    """
    needed = any(site.enabled and site.fetch == "browser" for site in config.sites.values())
    found = find_chromium(config)
    if found is None:
        return not needed, MISSING_BROWSER
    if not needed:
        return True, f"{found} (no enabled site needs it)"
    from playwright.sync_api import Error, sync_playwright

    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**launch_options(found, frozenset()))
            version = browser.version
            browser.close()
    except Error as fault:
        why = str(fault.message).splitlines()[0]
        return False, f"{found} does not start: {why}"
    return True, f"{found} {version} starts"
