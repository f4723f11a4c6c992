"""`faro site freeze`: a list page as a fixture that names nobody, and what must be read from it.

`differences` is the test of a site file against its fixture: for every site file that ships, and
for those of an installation that have one (`faro site check`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from config import Config, Selector, SiteFile, site_named
from config.clock import Clock
from crawlers.errors import CrawlError
from crawlers.extraction import Node
from crawlers.generated import Inventor
from crawlers.looking import Look, live_page, saved_page
from crawlers.pages import sheet_of
from crawlers.preview import PageReading, read_list, reader
from records.verdicts import PageVerdict

EXPECTED = "expected.json"
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
) -> Iterator[Path]:
    """Write the fixture of a site's list page; yields the files made.

    Raises CrawlError when the page does not read as a list, or reads otherwise once its words are
    generated (a selector then depends on a word: it is named in the site file literally, or not at
    all).
    """
    site = site_named(config, site_id)
    url = site.list.start[0].url
    look = saved_page(site, html) if html else live_page(config, site, clock, url)
    before = read_list(reader(site, clock), look)
    if before.verdict is not PageVerdict.OK:
        raise CrawlError(f"site {site.id}: the page is no list to freeze: {before.verdict}")
    sheet = sheet_of(look.response())
    body, form = _frozen(sheet, site), _form(sheet)
    after = read_list(reader(site, clock), _look(url, form, body.encode()))
    _same_shape(site, before, after)
    told = {"at": clock.now().isoformat()} | _told(after)
    folder = out or fixture_folder(config, site.id)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in ((f"list.{form}", body), (EXPECTED, json.dumps(told, indent=1) + "\n")):
        (folder / name).write_text(text, "utf-8")
        yield folder / name


def fixture_folder(config: Config, site_id: str) -> Path:
    """Where the fixture of an installed site file lies."""
    return config.folder / "fixtures" / site_id


def differences(site: SiteFile, folder: Path) -> list[str]:
    """What the site file reads otherwise from its fixture than it must; empty when nothing. Dates
    are read at the time of the freezing.
    """
    url = site.list.start[0].url
    form = next((form for form in _TYPES if (folder / f"list.{form}").exists()), "html")
    try:
        body = (folder / f"list.{form}").read_bytes()
        expected = json.loads((folder / EXPECTED).read_text("utf-8"))
    except OSError as fault:
        return [f"{fault.filename}: {fault.strerror}; make it with: faro site freeze {site.id}"]
    clock = Clock(datetime.fromisoformat(expected["at"]))
    told = _told(read_list(reader(site, clock), _look(url, form, body)))
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
    return found


def _look(url: str, form: str, body: bytes) -> Look:
    return Look(url, url, body=body, content_type=_TYPES[form])


def _form(sheet: Node) -> str:
    if sheet.element is None:
        return "json"
    return "xml" if sheet.is_xml else "html"


def _told(reading: PageReading) -> dict[str, Any]:
    return {
        "verdict": str(reading.verdict),
        "cards": len(reading.cards),
        "has_next": reading.following is not None,
        "adverts": [
            {
                name: [each.value for each in snippets]
                for name, snippets in card.found.values.items()
            }
            for card in reading.cards
        ],
    }


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


def _frozen(sheet: Node, site: SiteFile) -> str:
    inventor = Inventor(_needed_words(site))
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
    pages = site.list
    every: list[Selector] = [
        *(*pages.card, *pages.page_marker, *pages.empty_marker, *pages.next, *pages.total)
    ]
    for spec in pages.fields.values():
        every += spec.selectors
        yield from (name.removeprefix("regex:") for name in spec.clean)
    for selector in every:
        for match in _LITERAL.finditer(selector.expression):
            yield match[1] or match[2] or ""
    yield from (start.url for start in pages.start)
