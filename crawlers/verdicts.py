"""Verdicts as pure functions: what a page turned out to be, and what a partition's walk proved.

guide/crawling.md, "Verdicts", is the specification. Both functions map plain facts to a verdict,
so that every case is a line of a table in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Literal

from crawlers.detail_layout import SIGNIFICANT_FILL, LayoutChange
from records.causes import CAUSES, Cause, Parameter
from records.verdicts import CompleteRun, Filled, PageVerdict, PartitionVerdict

PageKind = Literal["list", "detail"]
Ending = (
    Literal["last_page", "empty_page", "total"]
    | Literal["cap", "newest", "loads", "unloaded", "loop", "skip", "offsite", "stopped"]
)
"""How a walk ended: by itself (no next page, an empty page after the last, or the site's own total
reached), or cut short (max_pages, a list of the newest only, max_loads or a failure while a page
loaded more, paging that returns to a page already read or leaves pages out, a next page on another
host, or anything that stopped it).
"""

ENDED_BY_ITSELF: frozenset[Ending] = frozenset({"last_page", "empty_page", "total"})
BLOCKING_STATUS = frozenset({401, 403, 429, 503})
GONE_STATUS = frozenset({404, 410})
# To a question that set no condition, this is no answer.
NOT_MODIFIED = 304

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
    if facts.status >= 500 or facts.status == NOT_MODIFIED:
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

    `max_drop` is the largest accepted fall of the number of adverts against the median of the last
    complete runs, `max_fill_drop` that of a field's fill rate (0 to 1; None: not compared).
    """

    min_cards: int = 0
    max_drop: float | None = None
    max_fill_drop: float | None = None
    fill: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartitionFacts:
    """What was observed of one partition's walk.

    `finish` is why the process stopped (Scrapy's reason, `finished` when by itself). `pages` are
    the verdicts of the list pages in reading order; `trouble` says why one did not come.
    `ending` is None when the walk never came to
    an end. `cards` counts distinct adverts, `yielded` and `stored` the items made and confirmed.
    `total` is what the site itself says. `history` holds the last complete runs. `unread` counts
    detail pages that could not be read, of `details` asked for, and `unusable` cards that had no
    id, address or title, and `detail_refused` whether one of them was a refusal. `faults` counts
    exceptions in callbacks. `site_blocked` is whether any page of the site was a refusal. `layout`
    tells which of the fields `on_details` detail pages have lost (crawlers/detail_layout.py).
    """

    finish: str = "finished"
    pages: tuple[PageVerdict, ...] = ()
    trouble: Cause | None = None
    ending: Ending | None = None
    max_pages: int | None = None
    cards: int = 0
    yielded: int = 0
    stored: int = 0
    total: int | None = None
    history: tuple[CompleteRun, ...] = ()
    fill: Mapping[str, Filled] = field(default_factory=dict)
    on_details: frozenset[str] = frozenset()
    layout: LayoutChange | None = None
    details: int = 0
    unread: int = 0
    faults: int = 0
    unusable: int = 0
    detail_refused: bool = False
    site_blocked: bool = False
    expect: Expectations = Expectations()

    @property
    def usual(self) -> int:
        """How many adverts the last complete runs saw (their median); 0 when there is none."""
        return round(median(run.cards for run in self.history)) if self.history else 0


_BAD_PAGE: Mapping[PageVerdict, tuple[PartitionVerdict, str]] = {
    PageVerdict.DRIFT: (PartitionVerdict.DRIFT, "layout_first"),
    PageVerdict.ERROR: (PartitionVerdict.FAILED, "no_answer"),
    PageVerdict.GONE: (PartitionVerdict.FAILED, "page_gone"),
    PageVerdict.SOFT_GONE: (PartitionVerdict.FAILED, "page_elsewhere"),
    PageVerdict.UNKNOWN: (PartitionVerdict.FAILED, "unmarked"),
}


SHOWN_BY_A_PAGE = frozenset(
    {
        *(
            "page_refused",
            "layout",
            "layout_first",
            "layout_later",
            "unmarked",
            "unusable_cards",
            "new_ids",
        ),
        *("loop", "skip", "empty", "below_min", "fallen", "below_total"),
        *("fill_below", "fill_fallen", "details_fallen"),
    }
)
"""Causes that the list page itself shows to who looks at it."""


def partition_verdict(facts: PartitionFacts) -> tuple[PartitionVerdict, Cause | None]:
    """What a partition's walk proved, and why (None when complete)."""
    for rule in (_refused, _interrupted, _bad_page, _details, _unfinished, _lost, _fewer, _emptier):
        found = rule(facts)
        if found is not None:
            verdict, code, params = found
            return verdict, Cause(code, params)
    return PartitionVerdict.COMPLETE, None


_Found = tuple[PartitionVerdict, str, dict[str, Parameter]] | None


def _refused(facts: PartitionFacts) -> _Found:
    if PageVerdict.ROBOTS in facts.pages:
        return PartitionVerdict.ROBOTS, "robots", {}
    if PageVerdict.BLOCKED in facts.pages:
        page = facts.pages.index(PageVerdict.BLOCKED) + 1
        return PartitionVerdict.BLOCKED, "page_refused", {"page": page}
    if facts.detail_refused:
        return PartitionVerdict.BLOCKED, "detail_refused", {}
    if facts.site_blocked:
        if facts.ending in ENDED_BY_ITSELF:
            return PartitionVerdict.PARTIAL, "refused_later", {}
        return PartitionVerdict.BLOCKED, "refused_before", {}
    return None


def _interrupted(facts: PartitionFacts) -> _Found:
    if facts.finish == "closespider_timeout":
        return PartitionVerdict.TIMEOUT, "timeout", {}
    if facts.finish in {"finished", "blocked"}:
        return None
    if facts.finish in CAUSES:
        return PartitionVerdict.FAILED, facts.finish, {}
    return PartitionVerdict.FAILED, "finish", {"finish": facts.finish}


def _bad_page(facts: PartitionFacts) -> _Found:
    for number, verdict in enumerate(facts.pages, start=1):
        if verdict not in _BAD_PAGE:
            continue
        found, code = _BAD_PAGE[verdict]
        params: dict[str, Parameter] = {"page": number}
        if found is PartitionVerdict.FAILED and number > 1:
            found = PartitionVerdict.PARTIAL
        if verdict is PageVerdict.DRIFT and number > 1:
            code = "layout_later"
        elif verdict is PageVerdict.DRIFT and facts.usual:
            code, params = "layout", params | {"usual": facts.usual}
        elif verdict is PageVerdict.ERROR:
            trouble = facts.trouble or Cause("no_answer", {"fault": "unknown"})
            code, params = trouble.code, params | dict(trouble.params)
        return found, code, params
    return None


def _details(facts: PartitionFacts) -> _Found:
    if facts.layout is None:
        return None
    return PartitionVerdict.DRIFT, "details_fallen", facts.layout.told


def _unfinished(facts: PartitionFacts) -> _Found:
    if not facts.pages:
        return PartitionVerdict.FAILED, "no_page", {}
    if facts.ending in ENDED_BY_ITSELF:
        return None
    if facts.ending == "cap":
        return PartitionVerdict.PARTIAL, "max_pages", {"max_pages": facts.max_pages or 0}
    code = facts.ending if facts.ending in CAUSES else "unfinished"
    return PartitionVerdict.PARTIAL, str(code), {"page": len(facts.pages)}


def _lost(facts: PartitionFacts) -> _Found:
    if facts.stored != facts.yielded:
        lost = facts.yielded - facts.stored
        return PartitionVerdict.PARTIAL, "not_stored", {"lost": lost, "of": facts.yielded}
    if facts.faults:
        return PartitionVerdict.PARTIAL, "faults", {"faults": facts.faults}
    if facts.unusable > max(2, UNUSABLE_SHARE * (facts.cards + facts.unusable)):
        return PartitionVerdict.DRIFT, "unusable_cards", {"cards": facts.unusable}
    if facts.unread > max(2, UNREAD_SHARE * facts.details):
        lost_pages: dict[str, Parameter] = {"unread": facts.unread, "of": facts.details}
        return PartitionVerdict.PARTIAL, "unread_details", lost_pages
    return None


def _fewer(facts: PartitionFacts) -> _Found:
    """Fewer adverts than the site file, the site's own history or the site itself says."""
    params: dict[str, Parameter] = {"cards": facts.cards, "usual": facts.usual}
    if facts.cards == 0 and (facts.expect.min_cards or _fallen(facts)):
        usual = facts.expect.min_cards or facts.usual
        return PartitionVerdict.EMPTY_SUSPECT, "empty", {"usual": usual}
    if facts.cards < facts.expect.min_cards:
        floor: dict[str, Parameter] = {"cards": facts.cards, "min_cards": facts.expect.min_cards}
        return PartitionVerdict.PARTIAL, "below_min", floor
    if _fallen(facts):
        return PartitionVerdict.PARTIAL, "fallen", params
    if facts.total is not None and facts.cards < facts.total * (1 - TOTAL_TOLERANCE):
        return PartitionVerdict.PARTIAL, "below_total", params | {"total": facts.total}
    return None


def _fallen(facts: PartitionFacts) -> bool:
    if facts.expect.max_drop is None or facts.usual < SIGNIFICANT_MEDIAN:
        return False
    return facts.cards < facts.usual * (1 - facts.expect.max_drop)


def _emptier(facts: PartitionFacts) -> _Found:
    """A field found more rarely than the site file or the site's own history says.

    One advert without a field is within chance, whatever share it is of the few that were read.
    What only detail pages have is compared over several runs (crawlers/detail_layout.py).
    """
    for name, filled in sorted(facts.fill.items()):
        if filled.of - filled.found < 2:
            continue
        percent: dict[str, Parameter] = {"field": name, "found": round(100 * filled.share)}
        floor = facts.expect.fill.get(name, 0.0)
        if filled.share < floor:
            percent["expected"] = round(100 * floor)
            return PartitionVerdict.DRIFT, "fill_below", percent
        usual = _usual_fill(facts, name)
        drop = facts.expect.max_fill_drop
        compared = drop is not None and name not in facts.on_details
        believable = usual * (1 - (drop or 0.0))
        if compared and filled.of >= SIGNIFICANT_MEDIAN and filled.share < believable:
            percent["usual"] = round(100 * usual)
            return PartitionVerdict.DRIFT, "fill_fallen", percent
    return None


def _usual_fill(facts: PartitionFacts, name: str) -> float:
    """The median fill rate of the complete runs that read the field; 0 where it is rare, for the
    share of a rare field says little.
    """
    shares = [run.fill[name] for run in facts.history if name in run.fill]
    usual = median(shares) if shares else 0.0
    return usual if usual >= SIGNIFICANT_FILL else 0.0
