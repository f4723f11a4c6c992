"""What a rendered page waits for before it is read: consent, its marker, clicks, more adverts.

Playwright page methods, so that no page is ever held by a callback (guide/crawling.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from config import Selector, SiteFile

MARKER_TIMEOUT_MS = 10_000
CLICK_TIMEOUT_MS = 2_000
# After a click something changes within `CHANGE_MS`, and is done when nothing changes for
# `QUIET_MS`.
CHANGE_MS, QUIET_MS = 3_000, 150
# More adverts come within this time of the last answer of the site; a load that takes longer than
# the second has failed.
GROWTH_S, LOAD_S = 1.0, 20.0
_STATUS = "performance.getEntriesByType('navigation')[0]?.responseStatus ?? 0"
_SETTLED = """([change, quiet]) => new Promise(done => {
  const end = () => { watch.disconnect(); done(); };
  let timer = setTimeout(end, change);
  const again = () => { clearTimeout(timer); timer = setTimeout(end, quiet); };
  const watch = new MutationObserver(again);
  watch.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
})"""
# Cards seen so far, by where they link: lists that show a window of themselves take cards away.
_COLLECT = """cards => {
  const seen = window.__faro ??= new Map();
  for (const card of cards) {
    const links = [card, ...card.querySelectorAll('a[href]')].map(each => each.href)
      .filter(each => each && !each.endsWith('#') && !each.startsWith('javascript:'));
    const name = links.join(' ') || card.textContent;
    if (!seen.has(name)) seen.set(name, [card.outerHTML, null]);
    seen.get(name)[1] = card;
  }
  return seen.size;
}"""
_PUT_BACK = """cards => {
  const place = cards.length ? cards[cards.length - 1].parentElement : document.body;
  const gone = [...(window.__faro ?? new Map()).values()].filter(each => !each[1].isConnected);
  for (const [html] of gone) place.insertAdjacentHTML('beforeend', html);
}"""
# To just below the last card: a jump to the end would skip what such a list shows in between.
_DOWN = """cards => {
  if (cards.length) cards[cards.length - 1].scrollIntoView({block: 'end'});
  window.scrollBy(0, window.innerHeight);
}"""


@dataclass(frozen=True, slots=True)
class Steps:
    """What to do on a page before it is read; selectors in Playwright's writing.

    `consent` is clicked where it shows before anything of `wanted` is there, `clicks` after that.
    `cards` and `scroll` or `more` load more adverts, at most `max_loads` times, `pause_s` apart.
    """

    consent: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    clicks: tuple[str, ...] = ()
    cards: str = ""
    scroll: bool = False
    more: tuple[str, ...] = ()
    max_loads: int = 0
    pause_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Loaded:
    """How the loading of more adverts ended: `capped` at `max_loads`, or `failed` (the status of
    the answer that was an error, 0 when none came); None of both: by itself.
    """

    capped: bool = False
    failed: int | None = None


def list_steps(site: SiteFile) -> Steps:
    """The steps of a list page."""
    pages = site.list
    return Steps(
        consent=browser_selectors(site.access.click),
        wanted=browser_selectors((*pages.page_marker, *pages.empty_marker)),
        cards=_either(browser_selectors(pages.card)),
        scroll=pages.scroll,
        more=browser_selectors(pages.more),
        max_loads=pages.max_loads,
        pause_s=site.politeness.delay_s,
    )


def detail_steps(site: SiteFile) -> Steps:
    """The steps of a detail page."""
    return Steps(
        consent=browser_selectors(site.access.click),
        wanted=browser_selectors((*site.detail.marker, *site.detail.gone_marker)),
        clicks=browser_selectors(site.detail.click),
    )


def page_meta(steps: Steps) -> dict[str, Any]:
    """Request meta of a page that is rendered."""
    from scrapy_playwright.page import PageMethod

    method = PageMethod(prepare, steps)
    return {"playwright": True, "dont_cache": True, "playwright_page_methods": [method]}


def loaded(meta: dict[str, Any]) -> Loaded:
    """How the loading of more adverts ended, from a response's meta."""
    for method in meta.get("playwright_page_methods", ()):
        if isinstance(method.result, Loaded):
            return method.result
    return Loaded()


async def prepare(page: Any, steps: Steps) -> Loaded:
    """Do the steps. A page that stays as it was is judged like any other."""
    if await page.evaluate(_STATUS) >= 400:
        return Loaded()
    wanted = _any_of(page, steps.wanted)
    for selector in steps.consent:
        await _consent(page, selector, wanted)
    if wanted is not None:
        await _there(wanted)
    for selector in steps.clicks:
        await _click(page, page.locator(selector).first)
    if steps.cards and (steps.scroll or steps.more):
        return await _Loading(page, steps).run()
    return Loaded()


async def _consent(page: Any, selector: str, wanted: Any) -> None:
    """Click what stands before the page; where the page is there, nothing stands before it."""
    target = page.locator(selector).first
    await _there(target if wanted is None else target.or_(wanted))
    if wanted is None or await target.is_visible():
        await _click(page, target)


async def _there(locator: Any) -> None:
    from playwright.async_api import Error

    # The page as it is then decides: a refusal, an empty list, another layout.
    with suppress(Error):
        await locator.first.wait_for(state="attached", timeout=MARKER_TIMEOUT_MS)


async def _click(page: Any, target: Any) -> bool:
    """Click, if it can be clicked within `CLICK_TIMEOUT_MS`, and wait for what that changes."""
    from playwright.async_api import Error

    try:
        await target.wait_for(state="visible", timeout=CLICK_TIMEOUT_MS)
        settled = asyncio.ensure_future(page.evaluate(_SETTLED, [CHANGE_MS, QUIET_MS]))
        try:
            await target.click(timeout=CLICK_TIMEOUT_MS)
        finally:
            # A click may lead to another page, on which nobody waits.
            with suppress(Error):
                await settled
    except Error:
        return False
    return True


class _Loading:
    """More adverts on one page, until no more come. What the site answers meanwhile tells an end
    from a failure: both show as "nothing came".
    """

    def __init__(self, page: Any, steps: Steps) -> None:
        self.page = page
        self.steps = steps
        self.failed: int | None = None
        self.pending: set[Any] = set()
        self._loop = asyncio.get_running_loop()
        self._answered = self._loop.time()

    async def run(self) -> Loaded:
        """Load; the cards that were taken away meanwhile are put back at the end."""
        watched = {
            "request": self._asked,
            "requestfinished": self._done,
            "requestfailed": self._lost,
            "response": self._came,
        }
        for event, listener in watched.items():
            self.page.on(event, listener)
        try:
            capped = await self._load()
            await self.page.locator(self.steps.cards).evaluate_all(_PUT_BACK)
        finally:
            for event, listener in watched.items():
                self.page.remove_listener(event, listener)
        return Loaded(capped=capped, failed=self.failed)

    async def _load(self) -> bool:
        cards = self.page.locator(self.steps.cards)
        number = await cards.evaluate_all(_COLLECT)
        for _ in range(self.steps.max_loads):
            await asyncio.sleep(self.steps.pause_s)
            if self.steps.scroll:
                await cards.evaluate_all(_DOWN)
            if self.steps.more and await self._offers():
                await _click(self.page, self._button)
            elif not self.steps.scroll:
                return False
            grown = await self._growth(cards, number)
            if self.failed is not None or grown == number:
                if self.steps.more and await self._offers():
                    self._fail(0)
                return False
            number = grown
        return not self.steps.more or await self._offers()

    @property
    def _button(self) -> Any:
        return _any_of(self.page, self.steps.more).first

    async def _offers(self) -> bool:
        """Whether the button that loads more is there to be pressed."""
        return bool(await self._button.is_visible() and await self._button.is_enabled())

    async def _growth(self, cards: Any, before: int) -> int:
        """The number of cards as soon as it is larger, or once nothing more is to be expected."""
        began = self._answered = self._loop.time()
        while True:
            await asyncio.sleep(0.1)
            number: int = await cards.evaluate_all(_COLLECT)
            now = self._loop.time()
            if number > before or self.failed is not None:
                return number
            if not self.pending and now - self._answered > GROWTH_S:
                return number
            if now - began > LOAD_S:
                self._fail(0)
                return number

    def _asked(self, request: Any) -> None:
        if request.resource_type in {"fetch", "xhr"}:
            self.pending.add(request)

    def _done(self, request: Any) -> None:
        self.pending.discard(request)
        self._answered = self._loop.time()

    def _lost(self, request: Any) -> None:
        if request in self.pending:
            self._done(request)
            # What Faro itself refuses (another host, a picture) is no failure of the list.
            if request.failure not in {"net::ERR_FAILED", "net::ERR_ABORTED"}:
                self._fail(0)

    def _came(self, response: Any) -> None:
        if response.request in self.pending and response.status >= 400:
            self._fail(response.status)

    def _fail(self, status: int) -> None:
        if self.failed is None:
            self.failed = status


def _any_of(page: Any, selectors: tuple[str, ...]) -> Any:
    if not selectors:
        return None
    found = page.locator(selectors[0])
    for selector in selectors[1:]:
        found = found.or_(page.locator(selector))
    return found


def browser_selectors(selectors: Iterable[Selector]) -> tuple[str, ...]:
    """The selectors in Playwright's writing; what names text or an attribute means its element.

    Without json queries, which have no counterpart in a rendered page.
    """
    return tuple(found for selector in selectors if (found := _browser_selector(selector)))


def _browser_selector(selector: Selector) -> str | None:
    if selector.kind == "css":
        return "css=" + selector.expression.split("::", 1)[0].strip()
    if selector.kind == "xpath":
        return "xpath=" + selector.expression.split("/@", 1)[0].removesuffix("/text()")
    return None


def _either(selectors: tuple[str, ...]) -> str:
    """The first: fallbacks of a card are other layouts, of which a page has one."""
    return selectors[0] if selectors else ""
