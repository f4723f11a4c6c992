"""One partition's walk in one run: what was read, seen, yielded and lost, up to its outcome."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urldefrag

from crawlers.detail_layout import DetailPages
from crawlers.extraction import Found
from crawlers.verdicts import (
    ENDED_BY_ITSELF,
    Ending,
    Expectations,
    PartitionFacts,
    partition_verdict,
)
from records.causes import Cause
from records.verdicts import CompleteRun, Filled, PageVerdict, PartitionOutcome

# A page's cards and their selectors fit into this many characters; its memory is bounded.
SAMPLE_CHARACTERS = 256 * 1024

_DIGITS = re.compile(r"\d+")


# A second page's number (or offset) is hardly larger; an advert's id or a time is.
_LARGEST_SECOND = 1000


def turned_between(before: str, after: str) -> tuple[int, int] | None:
    """The one number (a page, an offset) in which two addresses differ, in each of them; None when
    they differ in more than that, or in less.
    """
    if _DIGITS.sub("#", before) != _DIGITS.sub("#", after):
        return None
    numbers = zip(_DIGITS.findall(before), _DIGITS.findall(after), strict=True)
    turned = [(int(old), int(new)) for old, new in numbers if new != old]
    return turned[0] if len(turned) == 1 else None


@dataclass(slots=True)
class Walk:
    """The state of one partition while it is walked.

    `ids` are the distinct adverts its list pages showed, `gone` those whose detail page said that
    they are removed, `alive` those that the lists missed and whose page stands. `unusable` counts
    cards without an id, an address or a title. `page` is the text of the list page read last, or of
    the first bad one, `place` the address of the list page read last. `fill` counts adverts by
    field found, `filled_of` the adverts that could have had it; `detail_pages` does so for detail
    pages alone. `to_come` are pages that an index has named (`indexed`: one has).
    """

    partition: str
    url: str
    max_pages: int | None
    history: tuple[CompleteRun, ...] = ()
    expect: Expectations = field(default_factory=Expectations)
    pages: list[PageVerdict] = field(default_factory=list)
    ending: Ending | None = None
    total: int | None = None
    ids: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    soft_gone: set[str] = field(default_factory=set)
    yielded: int = 0
    details: int = 0
    unread: int = 0
    faults: int = 0
    unusable: int = 0
    alive: set[str] = field(default_factory=set)
    refused: bool = False
    trouble: Cause | None = None
    fill: Counter[str] = field(default_factory=Counter)
    filled_of: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)
    page: str = ""
    place: str = ""
    to_come: deque[str] = field(default_factory=deque)
    indexed: bool = False
    detail_pages: DetailPages = field(default_factory=DetailPages)
    _kept: bool = False
    _step: int | None = None
    _turns: int = 0
    _urls: set[str] = field(default_factory=set)
    _contents: set[tuple[str, ...]] = field(default_factory=set)

    def visit(self, asked: str, landed: str, ids: tuple[str, ...]) -> bool:
        """Note a list page of this walk. False when it was read before: under this address, or
        with the very same adverts.
        """
        landed = urldefrag(landed).url
        if landed in self._urls or (ids and ids in self._contents):
            return False
        self._urls |= {urldefrag(asked).url, landed}
        self._contents.add(ids)
        return True

    def was_read(self, url: str) -> bool:
        """Whether this list page was read before."""
        return urldefrag(url).url in self._urls

    def turn(self, before: str, after: str) -> None:
        """Note which page comes after which: steps of unlike length leave some out. Where the first
        page's address has no number, it stands for 0 or 1.
        """
        self._turns += 1
        old, new = turned_between(before, after) or (0, 0)
        step = new - old
        if step <= 0:
            return
        if self._step is not None:
            uneven = step != self._step
        else:
            uneven = self._turns == 2 and old <= _LARGEST_SECOND and old - step not in {0, 1}
        if uneven:
            self.end("skip")
        self._step = step

    def keep(self, page: str, verdict: PageVerdict) -> None:
        """Keep the list page read last; once a bad one has come, that."""
        if not self._kept:
            self.page = page[:SAMPLE_CHARACTERS]
        self._kept |= verdict not in {PageVerdict.OK, PageVerdict.EMPTY}

    @property
    def came_from(self) -> dict[str, str]:
        """The header that names the page on which a link stood, as browsers send it."""
        return {"Referer": self.place} if self.place else {}

    @property
    def total_reached(self) -> bool:
        """Whether as many adverts were seen as the site itself says there are."""
        return self.total is not None and len(self.ids) >= self.total

    def end(self, ending: Ending) -> None:
        """Say how the walk ended; the first word stands."""
        if self.ending is None:
            self.ending = ending

    @property
    def ended_by_itself(self) -> bool:
        """Whether nothing cut the walk short."""
        return self.ending in ENDED_BY_ITSELF

    @property
    def may_probe(self) -> bool:
        """Whether the adverts that it missed may be asked for one by one: all pages were read well,
        up to the end or to a cap.
        """
        well = all(each in {PageVerdict.OK, PageVerdict.EMPTY} for each in self.pages)
        return well and (
            self.ended_by_itself
            or self.ending in {"cap", "newest", "loads", "loop", "skip", "offsite"}
        )

    def count(self, found: Found, names: Mapping[str, object]) -> None:
        """Count which of the fields `names` an advert had, and which fallbacks found them."""
        # Counter.update takes several times as long for so few.
        for name in names:
            self.filled_of[name] += 1
        for name in found.values:
            self.fill[name] += 1
        for name, number in found.hits.items():
            self.hits[f"{name}:{number}"] += 1

    def counted(
        self, since: tuple[Counter[str], ...] | None = None
    ) -> tuple[Counter[str], Counter[str], Counter[str]]:
        """What `count` has counted so far, or since then: fields found, those that could be, hits
        of fallbacks.
        """
        now = self.fill.copy(), self.filled_of.copy(), self.hits.copy()
        if since is not None:
            for mine, earlier in zip(now, since, strict=True):
                mine.subtract(earlier)
        return now

    def count_again(
        self, fill: Mapping[str, int], filled_of: Mapping[str, int], hits: Mapping[str, int]
    ) -> None:
        """Count what a page held that was not sent again."""
        self.fill.update(fill)
        self.filled_of.update(filled_of)
        self.hits.update(hits)

    def outcome(self, finish: str, *, site_blocked: bool, stored: int) -> PartitionOutcome:
        """The walk's verdict and numbers. `stored` counts the items that storage confirmed."""
        fill = {name: Filled(self.fill[name], of) for name, of in self.filled_of.items() if of}
        details = self.detail_pages.fields()
        layout = self.detail_pages.changed(self.expect.max_fill_drop)
        verdict, cause = partition_verdict(
            PartitionFacts(
                finish=finish,
                pages=tuple(self.pages),
                trouble=self.trouble,
                ending=self.ending,
                max_pages=self.max_pages,
                cards=len(self.ids),
                yielded=self.yielded,
                stored=stored,
                total=self.total,
                history=self.history,
                fill=fill,
                on_details=frozenset(details),
                layout=layout,
                details=self.details,
                unread=self.unread,
                faults=self.faults,
                unusable=self.unusable,
                detail_refused=self.refused,
                site_blocked=site_blocked,
                expect=self.expect,
            )
        )
        return PartitionOutcome(
            partition=self.partition,
            verdict=verdict,
            cause=cause,
            pages=len(self.pages),
            cards=len(self.ids),
            stored=stored,
            gone=frozenset(self.gone),
            alive=frozenset(self.alive),
            fill={name: round(each.share, 4) for name, each in fill.items()},
            selector_hits=dict(self.hits),
            details=details,
            reread_since=layout.since if layout else None,
        )
