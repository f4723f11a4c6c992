"""Conditional requests for detail pages: one that is not sent again stands, and is as it was.

What is kept of a page that was read whole and well is its server's validators, and a keyed hash of
what was read: the advert's content is stored already. As for list pages, a site's validators are
believed only once one has been seen to change together with its page, never again after one stayed
while its page changed, and every sixth time a page is read whole in any case. Another site file, or
a Faro that reads otherwise, reads whole, too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from scrapy.http import Response

import pipelines
from config import SiteFile
from crawlers.cards import Card
from crawlers.conditional import WHOLE_EVERY, Honesty, conditions, validators
from crawlers.extraction import Found
from records.adverts import KnownAdvert


@dataclass(frozen=True, slots=True)
class DetailNote:
    """A detail page as it was last read. `rules` names how and under which address, `fields` what
    was found, `digest` the words found, and `times` how often in a row the server has said "not
    modified" since.
    """

    etag: str
    modified: str
    rules: str
    fields: tuple[str, ...]
    digest: str
    times: int = 0

    @property
    def validators(self) -> tuple[str, str]:
        """What the server is asked with."""
        return self.etag, self.modified

    def told(self, site: SiteFile) -> str:
        """The note as storage keeps it; always of one length, so that renewing it takes no room."""
        bits = sum(1 << n for n, name in enumerate(site.detail.fields) if name in self.fields)
        told = [self.times, self.rules, self.digest, bits, self.etag, self.modified]
        return json.dumps(told, separators=(",", ":"), ensure_ascii=False)


class DetailMemory:
    """What is known of a site's detail pages; `kept` is what `told` gave after an earlier run."""

    def __init__(
        self, site: SiteFile, kept: Mapping[str, Any], fingerprint: Callable[[str, str], bytes]
    ) -> None:
        self._site = site
        self._fingerprint = fingerprint
        self._in_use = site.fetch == "http"
        self._read_by = _digest([repr((site.detail, site.list.fields, site.timezone, site.spider))])
        same = kept.get("rules") == self._read_by
        self.honesty = Honesty(bool(kept["proved"]), bool(kept["lied"])) if same else Honesty()

    def headers(self, known: KnownAdvert | None, card: bytes, url: str) -> dict[str, str]:
        """Headers that ask for an advert's page only if it changed; none where more than a new look
        at the page is due: the advert or its card is new, or what was read is not to be kept.
        """
        if known is None or known.card != card or not known.is_read or not self.honesty.believed:
            return {}
        note = self._note(known, url)
        return conditions(note.validators) if note and note.times + 1 < WHOLE_EVERY else {}

    def unchanged(
        self, known: KnownAdvert | None, response: Response, url: str
    ) -> DetailNote | None:
        """The note of a page, asked for under `url`, after a 304; None when it says nothing."""
        note = self._note(known, url)
        if note is None or response.url != url:
            return None
        return replace(note, times=note.times + 1)

    def keep(
        self, known: KnownAdvert | None, response: Response, card: Card, found: Found
    ) -> str | None:
        """The note of a page that was read well, as storage keeps it (empty: forget the one there
        is; None: there is none), and what the page says of the server's honesty.
        """
        had = known.detail_note if known is not None else ""
        etag, modified = validators(response)
        if not self._in_use or response.url != card.url or not (etag or modified):
            return "" if had else None
        note = DetailNote(
            etag, modified, self._rules(card.url), tuple(found.values), self._words(found)
        )
        before = self._note(known, card.url)
        if before is not None and before.digest != note.digest:
            self.honesty.seen_to_change(before.validators, note.validators)
        return note.told(self._site)

    def told(self) -> dict[str, object]:
        """What to keep of the site; empty when nothing is known of its server."""
        if self.honesty == Honesty():
            return {}
        return {
            "rules": self._read_by,
            "proved": self.honesty.proved,
            "lied": self.honesty.lied,
        }

    def _note(self, known: KnownAdvert | None, url: str) -> DetailNote | None:
        if known is None or not known.detail_note or not self._in_use:
            return None
        times, rules, digest, bits, etag, modified = json.loads(known.detail_note)
        if rules != self._rules(url):
            return None
        names = tuple(name for n, name in enumerate(self._site.detail.fields) if bits >> n & 1)
        return DetailNote(etag, modified, rules, names, digest, times)

    def _rules(self, url: str) -> str:
        return _digest([self._read_by, reading_code(), url])

    def _words(self, found: Found) -> str:
        fields = self._site.detail.fields
        lines = [
            f"{name}={' '.join(snippet.value.split())}"
            for name, snippets in sorted(found.values.items())
            if not fields[name].volatile
            for snippet in snippets
        ]
        return self._fingerprint("detail", "\n".join(lines))[:8].hex()


@cache
def reading_code() -> str:
    """A digest of the code and tables that read a page: after an update, pages are read whole."""
    hashed = hashlib.blake2b(digest_size=8)
    for room in (Path(__file__).parent, Path(pipelines.__file__).parent):
        for path in sorted(room.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                hashed.update(path.read_bytes())
    return hashed.hexdigest()


def _digest(parts: Iterable[str]) -> str:
    joined = "\n".join(parts).encode(errors="surrogatepass")
    return hashlib.blake2b(joined, digest_size=8).hexdigest()
