"""Verdicts as pure functions: what a page turned out to be, and what a partition's walk proved.

guide/crawling.md, "Verdicts", is the specification. Both functions map plain facts to a verdict,
so that every case is a line of a table in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Literal

from records.verdicts import PageVerdict, PartitionVerdict

PageKind = Literal["list", "detail"]
Ending = Literal["last_page", "empty_page", "total", "cap", "newest", "loop", "offsite", "stopped"]
"""How a walk ended: by itself (no next page, an empty page after the last, or the site's own total
reached), or cut short (max_pages, a list of the newest only, paging that returns to a page already
read, a next page on another host, or anything that stopped it).
"""

ENDED_BY_ITSELF: frozenset[Ending] = frozenset({"last_page", "empty_page", "total"})
BLOCKING_STATUS = frozenset({401, 403, 429, 503})
GONE_STATUS = frozenset({404, 410})

# A short page: a page of adverts shows more text than this, a refusal less.
TINY_TEXT = 1500
# A second card layout, or a selector that no longer fits: adverts that are there look absent.
UNUSABLE_SHARE = 0.02
# Below this many adverts a fall of any size is within chance, so [expect] max_drop is not applied.
SIGNIFICANT_MEDIAN = 10
# The site's own total may be off by what changed while we paged.
TOTAL_TOLERANCE = 0.02
# More unread detail pages than this share (and more than two) are no longer single broken adverts.
UNREAD_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What was observed of one page.

    `status` is None when no answer came. `marker` says whether the site file's marker was found
    (None: it names none). `cards` counts cards of a list page, or found fields of a detail page.
    `redirected_to` tells where a detail page's request ended, when elsewhere. `challenge` is
    whether a known challenge page's signature was found, `block_words` whether words of refusal
    were, `text_length` the length of the visible text in characters.
    """

    kind: PageKind = "list"
    status: int | None = 200
    robots_denied: bool = False
    redirected_to: Literal["list", "home"] | None = None
    marker: bool | None = None
    empty_marker: bool = False
    gone_marker: bool = False
    cards: int = 0
    challenge: bool = False
    block_words: bool = False
    text_length: int = TINY_TEXT


def page_verdict(facts: PageFacts) -> PageVerdict:
    """What a page turned out to be; the first rule that holds decides."""
    if facts.robots_denied:
        return PageVerdict.ROBOTS
    if facts.status is None:
        return PageVerdict.ERROR
    if facts.status in BLOCKING_STATUS:
        return PageVerdict.BLOCKED
    if facts.status in GONE_STATUS:
        return PageVerdict.GONE
    if facts.status >= 500:
        return PageVerdict.ERROR
    if facts.kind == "detail" and (facts.redirected_to or facts.gone_marker):
        return PageVerdict.SOFT_GONE
    marked = facts.cards > 0 if facts.marker is None else facts.marker
    if marked and facts.cards:
        return PageVerdict.OK
    if facts.empty_marker:
        return PageVerdict.EMPTY
    if not marked and (facts.challenge or _refusal(facts)):
        return PageVerdict.BLOCKED
    if marked:
        return PageVerdict.DRIFT
    return PageVerdict.UNKNOWN


def _refusal(facts: PageFacts) -> bool:
    return facts.block_words and facts.text_length < TINY_TEXT


@dataclass(frozen=True, slots=True)
class Expectations:
    """A site file's [expect]: floors for the number of adverts and for each field's fill rate.

    `max_drop` is the largest accepted fall against the median of the last complete runs (0 to 1).
    """

    min_cards: int = 0
    max_drop: float | None = None
    fill: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartitionFacts:
    """What was observed of one partition's walk.

    `finish` is why the process stopped (Scrapy's reason, `finished` when by itself). `pages` are
    the verdicts of the list pages in reading order; `trouble` says why one did not come.
    `ending` is None when the walk never came to
    an end. `cards` counts distinct adverts, `yielded` and `stored` the items made and confirmed.
    `total` is what the site itself says. `history` holds the card counts of the last complete
    runs. `unread` counts detail pages that could not be read, of `details` asked for, and
    `unusable` cards that had no id, address or title, and
    `detail_refused` whether one of them was a refusal. `faults` counts exceptions in callbacks.
    `site_blocked` is whether any page of the site was a refusal.
    """

    finish: str = "finished"
    pages: tuple[PageVerdict, ...] = ()
    trouble: str = ""
    ending: Ending | None = None
    max_pages: int | None = None
    cards: int = 0
    yielded: int = 0
    stored: int = 0
    total: int | None = None
    history: tuple[int, ...] = ()
    fill: Mapping[str, float] = field(default_factory=dict)
    details: int = 0
    unread: int = 0
    faults: int = 0
    unusable: int = 0
    detail_refused: bool = False
    site_blocked: bool = False
    expect: Expectations = Expectations()


_FINISH_WORDS = {
    "shutdown": "the crawl was told to stop",
    "orphaned": "the process that started the crawl died",
    "memusage_exceeded": "the crawl used too much memory",
    "died": "the crawl process died",
}
_BAD_PAGE: Mapping[PageVerdict, tuple[PartitionVerdict, str]] = {
    PageVerdict.DRIFT: (
        PartitionVerdict.DRIFT,
        "the page's marker is there but no card was found: has the layout changed?",
    ),
    PageVerdict.ERROR: (PartitionVerdict.FAILED, "no usable answer"),
    PageVerdict.GONE: (PartitionVerdict.FAILED, "the list page does not exist (404 or 410)"),
    PageVerdict.SOFT_GONE: (PartitionVerdict.FAILED, "the list page sends elsewhere"),
    PageVerdict.UNKNOWN: (
        PartitionVerdict.FAILED,
        "neither the list's marker nor its empty marker was found",
    ),
}


def partition_verdict(facts: PartitionFacts) -> tuple[PartitionVerdict, str]:
    """What a partition's walk proved, and why in a short clause (empty when complete)."""
    for rule in (_refused, _interrupted, _bad_page, _unfinished, _lost, _unexpected):
        found = rule(facts)
        if found is not None:
            return found
    return PartitionVerdict.COMPLETE, ""


_Found = tuple[PartitionVerdict, str] | None


def _refused(facts: PartitionFacts) -> _Found:
    if PageVerdict.ROBOTS in facts.pages:
        return PartitionVerdict.ROBOTS, "robots.txt does not allow this page"
    if PageVerdict.BLOCKED in facts.pages:
        return PartitionVerdict.BLOCKED, f"page {_first(facts, PageVerdict.BLOCKED)} was refused"
    if facts.detail_refused:
        return PartitionVerdict.BLOCKED, "a detail page was refused"
    if facts.site_blocked:
        if facts.ending in ENDED_BY_ITSELF:
            return PartitionVerdict.PARTIAL, "the site refused a later page of this crawl"
        return PartitionVerdict.BLOCKED, "the site refused a page, so the crawl stopped"
    return None


def _interrupted(facts: PartitionFacts) -> _Found:
    if facts.finish == "closespider_timeout":
        return PartitionVerdict.TIMEOUT, "stopped at max_minutes"
    if facts.finish not in {"finished", "blocked"}:
        return PartitionVerdict.FAILED, _FINISH_WORDS.get(facts.finish, facts.finish)
    return None


def _bad_page(facts: PartitionFacts) -> _Found:
    for number, verdict in enumerate(facts.pages, start=1):
        if verdict not in _BAD_PAGE:
            continue
        found, words = _BAD_PAGE[verdict]
        if found is PartitionVerdict.FAILED and number > 1:
            found = PartitionVerdict.PARTIAL
        if verdict is PageVerdict.ERROR and facts.trouble:
            words = facts.trouble
        return found, f"page {number}: {words}"
    return None


def _unfinished(facts: PartitionFacts) -> _Found:
    if not facts.pages:
        return PartitionVerdict.FAILED, "no list page was read"
    if facts.ending == "cap":
        return PartitionVerdict.PARTIAL, f"stopped at max_pages = {facts.max_pages}"
    if facts.ending == "newest":
        return PartitionVerdict.PARTIAL, "the list shows only the newest adverts"
    if facts.ending == "loop":
        return PartitionVerdict.PARTIAL, f"paging came back after page {len(facts.pages)}"
    if facts.ending == "offsite":
        return PartitionVerdict.PARTIAL, "the next page is on another host"
    if facts.ending not in ENDED_BY_ITSELF:
        return PartitionVerdict.PARTIAL, f"stopped after page {len(facts.pages)}"
    return None


def _lost(facts: PartitionFacts) -> _Found:
    if facts.stored != facts.yielded:
        lost = facts.yielded - facts.stored
        return PartitionVerdict.PARTIAL, f"{lost} of {facts.yielded} adverts were not stored"
    if facts.faults:
        return PartitionVerdict.PARTIAL, f"{facts.faults} faults in the spider: see the site's log"
    if facts.unusable > max(2, UNUSABLE_SHARE * (facts.cards + facts.unusable)):
        words = f"{facts.unusable} cards have no id, address or title: has the layout changed?"
        return PartitionVerdict.DRIFT, words
    if facts.unread > max(2, UNREAD_SHARE * facts.details):
        words = f"{facts.unread} of {facts.details} detail pages could not be read"
        return PartitionVerdict.PARTIAL, words
    return None


def _unexpected(facts: PartitionFacts) -> _Found:
    usual = median(facts.history) if facts.history else 0
    if facts.cards == 0 and (facts.expect.min_cards or _fallen(facts, usual)):
        floor = facts.expect.min_cards or round(usual)
        return PartitionVerdict.EMPTY_SUSPECT, f"no advert where there are usually {floor}"
    if facts.cards < facts.expect.min_cards:
        words = f"{facts.cards} adverts, fewer than min_cards = {facts.expect.min_cards}"
        return PartitionVerdict.PARTIAL, words
    if _fallen(facts, usual):
        words = f"{facts.cards} adverts where there are usually {round(usual)}"
        return PartitionVerdict.PARTIAL, words
    if facts.total is not None and facts.cards < facts.total * (1 - TOTAL_TOLERANCE):
        return PartitionVerdict.PARTIAL, f"{facts.cards} adverts of the {facts.total} the site has"
    if facts.cards:
        for name, floor_share in sorted(facts.expect.fill.items()):
            share = facts.fill.get(name, 0.0)
            if share < floor_share:
                words = f"field {name} found in {share:.0%} of adverts, expected {floor_share:.0%}"
                return PartitionVerdict.DRIFT, words
    return None


def _fallen(facts: PartitionFacts, usual: float) -> bool:
    if facts.expect.max_drop is None or usual < SIGNIFICANT_MEDIAN:
        return False
    return facts.cards < usual * (1 - facts.expect.max_drop)


def _first(facts: PartitionFacts, verdict: PageVerdict) -> int:
    return facts.pages.index(verdict) + 1
