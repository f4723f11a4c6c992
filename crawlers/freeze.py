"""`faro site freeze`: a list page, and the page of its first advert, as a fixture that names
nobody, and what must be read from them.

`differences` is the test of a site file against its fixture: for every site file that ships, and
for those of an installation that have one (`faro site check`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from config import Config, Selector, SiteFile, site_named
from config.clock import Clock
from config.load import FIXTURES
from crawlers.errors import CrawlError
from crawlers.extraction import Found, Node
from crawlers.generated import Inventor
from crawlers.listing import ListingSpider
from crawlers.looking import Look, live_list, live_page, page_of, saved_page
from crawlers.pages import sheet_of
from crawlers.preview import PageReading, read_list, reader
from records.verdicts import PageVerdict

EXPECTED, DETAIL = "expected.json", "detail"
_TYPES = {
    "html": b"text/html; charset=utf-8",
    "json": b"application/json; charset=utf-8",
    "xml": b"application/xml; charset=utf-8",
}

# Attributes that say how a page is built; all others may say what is on it.
_STRUCTURE = frozenset(
    "class id name type rel role for method lang dir colspan rowspan scope hidden itemprop "
    "itemscope itemtype property http-equiv charset".split()
)
_DROPPED = frozenset({"style", "svg", "iframe", "noscript", "template", "video", "audio"})
_LITERAL = re.compile(r"'([^']*)'|\"([^\"]*)\"")


def freeze(
    config: Config,
    site_id: str,
    clock: Clock,
    html: Path | None = None,
    out: Path | None = None,
    detail: Path | None = None,
) -> Iterator[Path]:
    """Write the fixture of a site's list page, and of the page of its first advert where the site
    file reads such pages; yields the files made. `html` and `detail` are saved pages.

    Raises CrawlError when a page does not read as what it should be, or reads otherwise once its
    words are generated (a selector then depends on a word: it is named in the site file literally,
    or not at all).
    """
    site = site_named(config, site_id)
    url = site.list.start[0].url
    look = saved_page(site, html) if html else live_list(config, site, clock)
    spider = reader(site, clock)
    before = read_list(spider, look)
    if before.verdict is not PageVerdict.OK:
        raise CrawlError(f"site {site.id}: the page is no list to freeze: {before.verdict}")
    inventor = Inventor(_needed_words(site))
    made = _Frozen.of(look, inventor)
    after = read_list(reader(site, clock), made.look(url))
    _same_shape(site, before, after)
    told = {"at": clock.now().isoformat()} | _told(after)
    files = {made.name("list"): made.body}
    if site.detail.fields and (detail or html is None):
        card = before.cards[0].url
        page = page_of(card, detail) if detail else live_page(config, site, clock, card, "detail")
        frozen = _Frozen.of(page, inventor)
        told[DETAIL] = _same_detail(spider, page, frozen.look(after.cards[0].url))
        files[frozen.name(DETAIL)] = frozen.body
    folder = out or fixture_folder(config, site.id)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (files | {EXPECTED: json.dumps(told, indent=1) + "\n"}).items():
        (folder / name).write_text(text, "utf-8")
        yield folder / name


@dataclass(frozen=True, slots=True)
class _Frozen:
    """A page with generated words, in its own form (html, json, xml)."""

    body: str
    form: str

    @classmethod
    def of(cls, look: Look, inventor: Inventor) -> _Frozen:
        sheet = sheet_of(look.response())
        return cls(_frozen(sheet, inventor), _form(sheet))

    @classmethod
    def read(cls, folder: Path, kind: str) -> _Frozen:
        """Raises OSError when the folder has no such page."""
        form = next((form for form in _TYPES if (folder / f"{kind}.{form}").exists()), "html")
        return cls((folder / f"{kind}.{form}").read_text("utf-8"), form)

    def name(self, kind: str) -> str:
        return f"{kind}.{self.form}"

    def look(self, url: str) -> Look:
        return Look(url, url, body=self.body.encode(), content_type=_TYPES[self.form])


def fixture_folder(config: Config, site_id: str) -> Path:
    """Where the fixture of an installed site file lies."""
    return config.folder / FIXTURES / site_id


def differences(site: SiteFile, folder: Path) -> list[str]:
    """What the site file reads otherwise from its fixture than it must; empty when nothing. Dates
    are read at the time of the freezing.
    """
    try:
        page = _Frozen.read(folder, "list")
        expected = json.loads((folder / EXPECTED).read_text("utf-8"))
        detail = _Frozen.read(folder, DETAIL) if DETAIL in expected else None
    except OSError as fault:
        return [f"{fault.filename}: {fault.strerror}; make it with: faro site freeze {site.id}"]
    spider = reader(site, Clock(datetime.fromisoformat(expected["at"])))
    reading = read_list(spider, page.look(site.list.start[0].url))
    told = _told(reading)
    found = [
        f"{key}: expected {expected.get(key)}, read {told.get(key)}"
        for key in ("verdict", "cards", "has_next")
        if expected.get(key) != told.get(key)
    ]
    for number, (wanted, read) in enumerate(
        zip(expected["adverts"], told["adverts"], strict=False), start=1
    ):
        found += [
            f"card {number}, {name}: expected {wanted.get(name)}, read {read.get(name)}"
            for name in sorted({*wanted, *read})
            if wanted.get(name) != read.get(name)
        ]
    if detail is not None and reading.cards:
        wanted, read = expected[DETAIL], _told_detail(spider, detail.look(reading.cards[0].url))
        found += [
            f"detail page, {name}: expected {wanted.get(name)}, read {read.get(name)}"
            for name in sorted({*wanted, *read})
            if wanted.get(name) != read.get(name)
        ]
    return found


def has_detail(site: SiteFile, folder: Path) -> bool:
    """Whether the fixture has a detail page, or needs none."""
    made = any((folder / f"{DETAIL}.{form}").exists() for form in _TYPES)
    return made or not site.detail.fields


def _form(sheet: Node) -> str:
    if sheet.element is None:
        return "json"
    return "xml" if sheet.is_xml else "html"


def _told(reading: PageReading) -> dict[str, Any]:
    return {
        "verdict": str(reading.verdict),
        "cards": len(reading.cards),
        "has_next": reading.following is not None,
        "adverts": [_values(card.found) for card in reading.cards],
    }


def _values(found: Found) -> dict[str, list[str]]:
    return {name: [each.value for each in snippets] for name, snippets in found.values.items()}


def _same_shape(site: SiteFile, before: PageReading, after: PageReading) -> None:
    if len(before.cards) != len(after.cards):
        count = f"{len(after.cards)} cards instead of {len(before.cards)}"
        raise CrawlError(f"site {site.id}: the frozen page reads otherwise: {count}")
    for name, share in (before.fill or {}).items():
        read = (after.fill or {}).get(name, 0.0)
        if abs(read - share) > 0.001:
            raise CrawlError(
                f"site {site.id}: the frozen page reads otherwise: {name} found in {read:.0%} of "
                f"the cards instead of {share:.0%}; its selector or cleaner depends on a word"
            )


def _told_detail(spider: ListingSpider, look: Look) -> dict[str, Any]:
    verdict, found = spider.judge_detail(look.response(), look.asked)
    return {"verdict": str(verdict)} | _values(found)


def _same_detail(spider: ListingSpider, page: Look, frozen: Look) -> dict[str, Any]:
    """What is read from the frozen detail page; CrawlError unless it reads like the real one."""
    site = spider.site.id
    if page.facts is not None:
        verdict = spider.classify(page.facts, None)
        raise CrawlError(f"site {site}: the first detail page is none to freeze: {verdict}")
    before, after = _told_detail(spider, page), _told_detail(spider, frozen)
    if before["verdict"] != "ok":
        verdict = before["verdict"]
        raise CrawlError(f"site {site}: the first detail page is none to freeze: {verdict}")
    for name in {*before, *after}:
        if len(before.get(name, ())) != len(after.get(name, ())):
            raise CrawlError(
                f"site {site}: the frozen detail page reads otherwise: {name}; its selector or "
                "cleaner depends on a word"
            )
    return after


def _frozen(sheet: Node, inventor: Inventor) -> str:
    if sheet.element is None:
        return json.dumps(_invented(sheet.value, inventor), ensure_ascii=False)
    root = sheet.element
    for each in list(root.iter()):
        if each.tail:
            each.tail = inventor.text(each.tail)
        if not isinstance(each.tag, str) or each.tag in _DROPPED:
            _remove(each)
        elif each.tag == "script":
            _freeze_script(each, inventor)
        else:
            if each.text:
                each.text = inventor.text(each.text)
            for name, value in each.attrib.items():
                invent = inventor.long_numbers if name in _STRUCTURE else inventor.text
                each.set(name, invent(value))
    if sheet.is_xml:
        return f"{etree.tostring(root, encoding='unicode')}\n"
    written: str = etree.tostring(root, encoding="unicode", method="html")
    return f"<!DOCTYPE html>\n{written}\n"


def _remove(element: Any) -> None:
    """Take an element out, and leave the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    tail = element.tail or ""
    previous = element.getprevious()
    if previous is not None:
        previous.tail = (previous.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    element.tail = None
    parent.remove(element)


def _freeze_script(script: Any, inventor: Inventor) -> None:
    """JSON keeps its shape, any other script its place only."""
    try:
        data = json.loads(script.text or "")
    except ValueError:
        script.text = None
        return
    script.text = json.dumps(_invented(data, inventor), ensure_ascii=False).replace("</", "<\\/")


def _invented(value: Any, inventor: Inventor) -> Any:
    if isinstance(value, str):
        return inventor.text(value)
    if isinstance(value, list):
        return [_invented(each, inventor) for each in value]
    if isinstance(value, dict):
        return {key: _invented(each, inventor) for key, each in value.items()}
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    return int(inventor.text(str(value)).lstrip("+") or 0)


def _needed_words(site: SiteFile) -> Iterator[str]:
    """Words that the site file names: in the strings of its selectors, in its cleaners' patterns,
    in its addresses.
    """
    pages, detail = site.list, site.detail
    every: list[Selector] = [
        *(*pages.card, *pages.page_marker, *pages.empty_marker, *pages.next, *pages.total),
        *(*detail.marker, *detail.gone_marker),
    ]
    for spec in (*pages.fields.values(), *detail.fields.values()):
        every += spec.selectors
        yield from (name.removeprefix("regex:") for name in spec.clean)
    for selector in every:
        for match in _LITERAL.finditer(selector.expression):
            yield match[1] or match[2] or ""
    yield from (start.url for start in pages.start)
