"""Conditional requests for list pages: who says "not modified" names the same cards again (for
detail pages: crawlers/detail_memory.py).

Nothing of a page is cached but which adverts it showed, so that a page that was not sent counts as
a sighting of exactly those. Servers lie (a constant ETag, the date of a template), and a lie would
hide new adverts and keep removed ones alive. So a site's validators are believed only once one has
been seen to change together with its list, never again after one stayed while its list changed, and
every sixth time a page is read whole in any case.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from scrapy.http import Request, Response

from config import SiteFile
from crawlers.verdicts import NOT_MODIFIED

WHOLE_EVERY = 6
_CONDITIONS = ("If-None-Match", "If-Modified-Since")


@dataclass(frozen=True, slots=True)
class PageNote:
    """A list page as it was last read. `cards` are (ad id, promoted) in page order, `following` the
    next page's address, `times` how often in a row the server has said "not modified" since.
    """

    etag: str
    modified: str
    landed: str
    cards: tuple[tuple[str, bool], ...]
    following: str | None
    newest_only: bool
    total: int | None
    fill: Mapping[str, int]
    filled_of: Mapping[str, int]
    hits: Mapping[str, int]
    times: int = 0

    @property
    def ids(self) -> tuple[str, ...]:
        """The adverts on the page, in its order."""
        return tuple(ad_id for ad_id, _ in self.cards)

    @property
    def validators(self) -> tuple[str, str]:
        """What the server is asked with."""
        return self.etag, self.modified


@dataclass(slots=True)
class Honesty:
    """What a server's validators have shown: `proved`, one changed together with its page; `lied`,
    one stayed while its page changed.
    """

    proved: bool = False
    lied: bool = False

    @property
    def believed(self) -> bool:
        """Whether "not modified" is taken for true."""
        return self.proved and not self.lied

    def seen_to_change(self, before: tuple[str, str], after: tuple[str, str]) -> None:
        """Judge the validators of a page that changed."""
        if before == after:
            self.lied = True
        else:
            self.proved = True


class ListMemory:
    """The notes of one site: those of earlier runs (`old`), and those of this one (`new`)."""

    def __init__(self, site: SiteFile, kept: Mapping[str, Any]) -> None:
        self._rules = _rules(site)
        self._in_use = site.fetch == "http"
        told = kept if kept.get("rules") == self._rules else {}
        self.honesty = Honesty(bool(told.get("proved")), bool(told.get("lied")))
        self.old = {
            place: PageNote(**(note | {"cards": tuple((a, b) for a, b in note["cards"])}))
            for place, note in told.get("pages", {}).items()
        }
        self.new: dict[str, PageNote] = {}

    def headers(self, partition: str, url: str, settled: Callable[[str], bool]) -> dict[str, str]:
        """Headers that ask for the page only if it changed; none where its adverts are not all
        `settled` (known, not absent, no detail page to be read), or the page is due as a whole.
        """
        note = self.old.get(_place(partition, url))
        if note is None or not self.honesty.believed or note.times + 1 >= WHOLE_EVERY:
            return {}
        if not all(settled(ad_id) for ad_id in note.ids):
            return {}
        return conditions(note.validators)

    def unchanged(self, partition: str, asked: str, landed: str) -> PageNote | None:
        """The page as it still is, after a 304; None when that can't be told."""
        place = _place(partition, asked)
        note = self.old.get(place)
        if note is None or note.landed != landed:
            return None
        self.new[place] = replace(note, times=note.times + 1)
        return note

    def keep(self, partition: str, asked: str, note: PageNote) -> None:
        """Note a page that was read whole, and what that says of the server's honesty."""
        if not self._in_use or not any(note.validators):
            return
        place = _place(partition, asked)
        before = self.new.get(place) or self.old.get(place)
        if before is not None and before.ids != note.ids:
            self.honesty.seen_to_change(before.validators, note.validators)
        self.new[place] = note

    def told(self, complete: set[str]) -> dict[str, object]:
        """The notes of the partitions that were read completely, to be kept; empty without any."""
        pages = {
            place: asdict(note)
            for place, note in self.new.items()
            if place.partition(" ")[0] in complete
        }
        honesty = self.honesty
        if not pages and not honesty.lied:
            return {}
        said = {"proved": honesty.proved, "lied": honesty.lied}
        return {"rules": self._rules, **said, "pages": pages}


def page_note(
    response: Response,
    cards: tuple[tuple[str, bool], ...],
    following: str | None,
    newest_only: bool,
    total: int | None,
    counted: tuple[Mapping[str, int], Mapping[str, int], Mapping[str, int]],
) -> PageNote:
    """The note of a list page; `counted` as `Walk.counted` gives it."""
    fill, filled_of, hits = (dict(each) for each in counted)
    etag, modified = validators(response)
    return PageNote(
        etag=etag,
        modified=modified,
        landed=response.url,
        cards=cards,
        following=following,
        newest_only=newest_only,
        total=total,
        fill=fill,
        filled_of=filled_of,
        hits=hits,
    )


def validators(response: Response) -> tuple[str, str]:
    """The ETag and the Last-Modified of a page, empty where it has none."""
    return _header(response, "ETag"), _header(response, "Last-Modified")


def conditions(known: tuple[str, str]) -> dict[str, str]:
    """Headers that ask for a page only if its validators changed."""
    named = dict(zip(_CONDITIONS, known, strict=True))
    return {name: value for name, value in named.items() if value}


def not_modified(response: Response) -> bool:
    """Whether a page was asked for conditionally, and is as it was. A 304 to a plain question says
    nothing: such a page did not come.
    """
    asked: Request | None = response.request
    if response.status != NOT_MODIFIED or asked is None:
        return False
    return any(name in asked.headers for name in _CONDITIONS)


def opened(kept: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What `closed` made of the memories of lists and of detail pages."""
    told = json.loads(kept) if kept else {}
    return told, told.get("details", {})


def closed(lists: Mapping[str, object], details: Mapping[str, object]) -> str:
    """Both memories as storage keeps them; empty when there is nothing to keep."""
    told = {**lists, "details": details} if details else lists
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False) if told else ""


def _place(partition: str, url: str) -> str:
    return f"{partition} {url}"


def _header(response: Response, name: str) -> str:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else ""


def _rules(site: SiteFile) -> str:
    """What decides how a list page is read: another rule reads another page."""
    told = repr((site.list, site.spider, site.detail.when))
    return hashlib.blake2b(told.encode(errors="surrogatepass"), digest_size=16).hexdigest()
