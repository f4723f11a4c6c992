"""From a response to the facts that a page verdict needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest
from scrapy.http import JsonResponse, Response, TextResponse, XmlResponse
from twisted.python.failure import Failure
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

from config import Selector, SiteFile
from crawlers.data import gunzipped, is_xml
from crawlers.extraction import Node
from crawlers.guards import FORBIDDEN_BY_ROBOTS, RobotsRefused
from crawlers.refusals import challenge_vendor, has_block_words
from crawlers.verdicts import TINY_TEXT, PageFacts, PageKind
from pipelines.markup import visible_text
from records.causes import Cause

# What a page may hold once it is unpacked; Scrapy bounds the rest.
LARGEST_CONTENT = 50 * 1024 * 1024


_REPLACED = "\ufffd"
_WIDE = ("utf-16", "utf-32", "gb", "big5", "euc", "shift", "iso2022", "hz")


def sheet_of(response: Response) -> Node:
    """The page as selectors see it; what is not text becomes an empty page."""
    if not isinstance(response, TextResponse):
        content = gunzipped(response.body, LARGEST_CONTENT) or b""
        text = content.decode("utf-8", "replace")
        return Node.of_page(text, is_xml=is_xml(text, declared=False))
    text = text_of(response)
    is_json = isinstance(response, JsonResponse) or text.lstrip()[:1] in {"{", "["}
    xml = not is_json and is_xml(text, declared=isinstance(response, XmlResponse))
    return Node.of_page(text, is_json=is_json, is_xml=xml)


def text_of(response: TextResponse) -> str:
    """The page's text, also where its server names a wrong charset or none: bytes that are UTF-8
    are hardly anything else, and those that are not, whatever they claim, are a Western page.
    """
    body = response.body
    if body.isascii():
        return response.text
    try:
        utf8 = body.decode("utf-8")
    except UnicodeDecodeError:
        utf8 = None
    if utf8 is not None:
        # Only single bytes and UTF-8 can be mistaken for each other.
        return response.text if response.encoding.startswith(_WIDE) else utf8
    if _declares(response):
        text = response.text
        broken = text.count(_REPLACED)
        # A few broken bytes are a cut letter or two; more of them than of whole ones another code.
        if broken <= sum(1 for each in text if ord(each) > 127) - broken:
            return text
    return body.decode("cp1252", "replace")


def _declares(response: TextResponse) -> bool:
    """Whether the page says in which charset it is."""
    told = response.headers.get("Content-Type") or b""
    return bool(
        http_content_type_encoding(told.decode("latin-1"))
        or html_body_declared_encoding(response.body)
        or read_bom(response.body)[0]
    )


def list_facts(response: Response, sheet: Node, cards: int, site: SiteFile) -> PageFacts:
    """Facts of a list page with so many usable cards."""
    return _facts(
        "list",
        response,
        sheet,
        cards,
        marker=site.list.page_marker,
        site=site,
        empty_marker=not cards and sheet.has(site.list.empty_marker),
        says_empty=not cards and sheet.says_empty(site.list.card),
    )


def detail_facts(
    response: Response, sheet: Node, found: int, site: SiteFile, asked: str
) -> PageFacts:
    """Facts of a detail page on which so many fields were found; `asked` is its own address."""
    return _facts(
        "detail",
        response,
        sheet,
        found,
        marker=site.detail.marker,
        site=site,
        gone_marker=sheet.has(site.detail.gone_marker),
        redirected_to=landing(asked, response.url, (start.url for start in site.list.start)),
    )


def _facts(
    kind: PageKind,
    response: Response,
    sheet: Node,
    cards: int,
    *,
    marker: Sequence[Selector],
    site: SiteFile,
    empty_marker: bool = False,
    says_empty: bool = False,
    gone_marker: bool = False,
    redirected_to: Literal["list", "home"] | None = None,
) -> PageFacts:
    marked = sheet.has(marker) if marker else None
    challenge, refused, length = False, False, TINY_TEXT
    if not (marked or (marked is None and cards)) and isinstance(response, TextResponse):
        page = text_of(response)
        text = visible_text(page)
        challenge = challenge_vendor(page) is not None
        refused, length = has_block_words(text, site.blocked.phrases), len(text)
    if marked is None and not cards and not refused and sheet.is_data:
        # Data of the right kind is what a marker is to a page.
        marked = True
    return PageFacts(
        kind=kind,
        status=response.status,
        redirected_to=redirected_to,
        marker=marked,
        empty_marker=empty_marker or (says_empty and not refused),
        gone_marker=gone_marker,
        cards=cards,
        challenge=challenge,
        block_words=refused,
        text_length=length,
    )


def failure_facts(kind: PageKind, failure: Failure) -> PageFacts:
    """Facts of a page that did not come."""
    fault = failure.value
    if isinstance(fault, RobotsRefused):
        return PageFacts(kind=kind, status=fault.status)
    denied = isinstance(fault, IgnoreRequest) and str(fault) == FORBIDDEN_BY_ROBOTS
    return PageFacts(kind=kind, status=None, robots_denied=denied)


_TROUBLES = {
    "DownloadTimeoutError": "too_slow",
    "TimeoutError": "too_slow",
    "DownloadConnectionRefusedError": "connection_refused",
    "CannotResolveHostError": "unknown_host",
    "DownloadCancelledError": "too_large",
    "DownloadFailedError": "cut_off",
    "ResponseDataLossError": "cut_off",
    "NotOwnHost": "not_own_host",
    "RobotsRefused": "robots_unread",
}


def trouble(failure: Failure) -> Cause:
    """Why a page did not come."""
    fault = failure.value
    if isinstance(fault, RobotsRefused) and fault.host_down is not None:
        return Cause(_TROUBLES[type(fault.host_down).__name__])
    if isinstance(fault, IgnoreRequest) and "max redirections" in str(fault):
        # Scrapy has no exception of its own for it.
        return Cause("redirects")
    name = type(fault).__name__
    if name in _TROUBLES:
        return Cause(_TROUBLES[name])
    if "DOWNLOAD_MAXSIZE" in str(fault):
        # A small answer that unpacks to a large page; Scrapy has no exception of its own for it.
        return Cause("too_large")
    return Cause("no_answer", {"fault": name})


def landing(asked: str, landed: str, starts: Iterable[str]) -> Literal["list", "home"] | None:
    """Where a request for a detail page ended: on a list, at home, or (None) on a page of its own.

    Paths decide: sites add queries and correct slugs without meaning anything by it.
    """
    if landed == asked or (path := _path(landed)) == _path(asked):
        return None
    if path in {_path(start) for start in starts}:
        return "list"
    return "home" if path == "/" else None


def _path(url: str) -> str:
    return urlsplit(url).path.rstrip("/") or "/"
