"""`faro site add`: a site file proposed from a list page; every guess is marked for review."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

from config import Config
from config.sitefile import is_loopback
from crawlers.errors import CrawlError
from crawlers.extraction import Node
from crawlers.looking import Look, page_of
from crawlers.pages import sheet_of

_NOT_LISTS = frozenset({"nav", "header", "footer", "select", "head", "script"})
_FEWEST = 3
_PAGE_BYTES = 8 * 1024 * 1024
_IDS = (r"/(\d+)(?:[-/.?]|$)", r"-(\d+)(?:\.html?|/)?$", r"[?&]id=(\d+)", r"(\d{3,})")
_ONWARDS = ("avanti", "successiva", "pagina successiva", "next", "seguente", "»", "›", ">")
# What the text of a small element says it is, where it does so in a third of the cards.
_SIGNS: dict[str, re.Pattern[str]] = {
    "price": re.compile(r"€|\beuro?\b", re.I),
    "age": re.compile(r"^\D{0,6}(1[89]|[2-6]\d)\s*(anni|aa)?\W*$", re.I),
    "posted": re.compile(
        r"\b(ieri|oggi|fa)\b|\b\d{1,2}[/.-]\d{1,2}([/.-]\d{2,4})?\b|\d:\d\d", re.I
    ),
}
_NAMES = {
    "city": re.compile(r"citt|city|luogo|zona|local|place|area", re.I),
    "price": re.compile(r"prezz|price|cost|tariff", re.I),
    "posted": re.compile(r"data|date|time|quando|posted|pubblic", re.I),
    "age": re.compile(r"^et|age|anni", re.I),
}
_JSON_NAMES = {
    "id": ("id", "ad_id", "adId", "uuid", "codice", "_id"),
    "url": ("url", "link", "href", "permalink", "slug", "path"),
    "title": ("title", "titolo", "name", "nome", "headline", "subject"),
    "price": ("price", "prezzo", "amount"),
    "city": ("city", "citta", "location", "place"),
    "posted": ("date", "data", "created_at", "published", "publishedAt", "createdAt"),
    "body": ("description", "descrizione", "body", "text", "testo"),
}
_FEEDS = {
    "rss": ("item", {"id": "guid", "url": "link", "title": "title", "body": "description"}),
    "feed": ("entry", {"id": "id", "url": "link::attr(href)", "title": "title", "body": "content"}),
    "urlset": ("url", {"id": "loc", "url": "loc", "title": "loc"}),
}


@dataclass(frozen=True, slots=True)
class Guess:
    """What a list page seems to be: `pages` are keys of [list], `fields` of [list.fields], each as
    TOML writes it.
    """

    pages: dict[str, str]
    fields: dict[str, str]


def propose(config: Config, url: str, html: Path | None) -> Path:
    """Write a proposal for the list at `url` beside the other site files, from the saved page
    `html`, or from the page itself where it is on this machine; returns where.

    Raises CrawlError when the page can't be had or shows no list: other sites may be asked only
    once somebody has approved it in their file.
    """
    host = urlsplit(url).hostname or ""
    name = _site_name(host)
    path = config.folder / "sites" / f"{name}.toml"
    if not host or urlsplit(url).scheme not in {"http", "https"}:
        raise CrawlError(f"{url}: no address of a list; it begins with https://")
    if path.exists():
        raise CrawlError(f"{path}: is there already; edit it, or move it away")
    if html is None and not is_loopback(url):
        raise CrawlError(
            f"{host}: not asked, for nobody has approved it yet ([legal] in its site file); save "
            "the page in a browser and name it: --html FILE"
        )
    look = page_of(url, html) if html else _fetched(url)
    text = proposed(name, url, guess(sheet_of(look.response()), url))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def _fetched(url: str) -> Look:
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=20) as answer:
            body = answer.read(_PAGE_BYTES)
            kind = answer.headers.get("Content-Type", "text/html")
    except OSError as fault:
        raise CrawlError(f"{urlsplit(url).netloc}: {fault}") from fault
    return Look(url, url, body=body, content_type=kind.encode())


def _site_name(host: str) -> str:
    parts = host.removeprefix("www.").split(".")
    name = parts[-2] if len(parts) > 1 and not parts[-1].isdigit() else host.replace(".", "-")
    return re.sub(r"[^a-z0-9_-]", "-", name.lower()).strip("-_") or "site"


def proposed(name: str, url: str, guess: Guess) -> str:
    """The text of a site file."""
    host = urlsplit(url).hostname or name
    pages = "\n".join(f"{key} = {value}    # review" for key, value in guess.pages.items())
    fields = "\n".join(f"{key} = {value}    # review" for key, value in guess.fields.items())
    legal = "# purpose, basis, terms_read, approved_by, review_by: fill in, see sites/example.toml"
    return f"""# Proposed by `faro site add` from one page: every line marked "review" is a guess.
# Then: faro site try {name}, and enabled = true.
name = {json.dumps(host)}
enabled = false

[legal]
{legal}

[list]
{pages}
# empty_marker = 'css:…'    # what a list without adverts shows

[[list.start]]
id = "all"
url = {json.dumps(url)}

[list.fields]
{fields}
"""


def guess(sheet: Node, url: str) -> Guess:
    """What the page seems to be. Raises CrawlError when no list is found on it."""
    if sheet.is_xml:
        return _feed(sheet)
    if sheet.element is None:
        return _json(sheet.value, url)
    cards = _cards(sheet.element)
    if not cards:
        raise CrawlError(
            f"{urlsplit(url).hostname}: no list of adverts found on the page; is it rendered by "
            "script? Copy sites/example.toml and edit it"
        )
    return _markup(sheet.element, cards)


def _markup(root: Any, cards: Sequence[Any]) -> Guess:
    link = _link(cards)
    hrefs = [_first(card, link).get("href") for card in cards if _first(card, link) is not None]
    at = f"css:{link}::attr(href)"
    fields = {"id": _id(at, hrefs), "url": f"'{at}'", "title": f"'css:{_title(cards, link)}'"}
    for name, selector in _small(cards):
        fields.setdefault(name, f"'css:{selector}'")
    pages = {"page_marker": f"'css:{_named(cards[0].getparent())}'"}
    pages["card"] = f"'css:{_common(cards)}'"
    if (onwards := _onwards(root)) is not None:
        pages["next"] = f"'{onwards}'"
    return Guess(pages, fields)


def _cards(root: Any) -> list[Any]:
    """The group of like siblings that says the most and links to the most different pages."""
    groups: defaultdict[tuple[Any, str, str], list[Any]] = defaultdict(list)
    for each in root.iter():
        if not isinstance(each.tag, str) or each.getparent() is None or each.tag in _NOT_LISTS:
            continue
        classes = (each.get("class") or "").split()
        groups[each.getparent(), each.tag, classes[0] if classes else ""].append(each)

    def weight(group: list[Any]) -> float:
        links = {each.get("href") for card in group for each in [card, *card.iter("a")]} - {None}
        if len(group) < _FEWEST or len(links) < 0.8 * len(group):
            return 0
        if any(each.tag in _NOT_LISTS for each in group[0].iterancestors()):
            return 0
        said = sum(min(len(" ".join(card.itertext()).strip()), 300) for card in group)
        return said * (1.5 if group[0].get("class") else 1)

    best = max(groups.values(), key=weight, default=[])
    return best if best and weight(best) else []


def _link(cards: Sequence[Any]) -> str:
    """A selector of the link to the advert: the one whose address differs from card to card."""
    tried: Counter[str] = Counter()
    for card in cards:
        tried.update({_within(each, card) for each in card.iter("a") if each.get("href")})

    def weight(selector: str) -> tuple[int, bool, int]:
        found = [each for card in cards if (each := _first(card, selector)) is not None]
        said = sum(len("".join(each.itertext()).strip()) for each in found)
        return len({each.get("href") for each in found}), "h" in selector.split()[0][:1], said

    return max(tried, key=weight, default="a")


def _id(at: str, hrefs: Sequence[str]) -> str:
    for pattern in _IDS:
        found = [match[1] for href in hrefs if (match := re.search(pattern, href))]
        if len(found) == len(hrefs) and len(set(found)) == len(set(hrefs)):
            return f"{{ select = '{at}', clean = ['regex:{pattern}'] }}"
    return f"{{ select = '{at}', clean = ['id_from_url'] }}"


def _title(cards: Sequence[Any], link: str) -> str:
    for selector in ("h2", "h3", "h4", "h1", ".title", ".titolo", link):
        found = [each for card in cards if (each := _first(card, selector)) is not None]
        if sum(bool("".join(each.itertext()).strip()) for each in found) >= 0.9 * len(cards):
            return selector
    return link


def _small(cards: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """Fields told by the names of small elements, or by what they say."""
    votes: Counter[tuple[str, str]] = Counter()
    for card in cards:
        told = set()
        for each in card.iter():
            said = "".join(each.itertext()).strip() if isinstance(each.tag, str) else ""
            classes = each.get("class") or "" if isinstance(each.tag, str) else ""
            if not said or len(said) > 60 or not (classes or each.tag == "time"):
                continue
            for name in ("price", "age", "posted", "city"):
                sign = _SIGNS.get(name)
                if (sign and sign.search(said)) or _NAMES[name].search(classes):
                    told.add((name, _within(each, card)))
        votes.update(told)
    for (name, selector), number in votes.most_common():
        if number * 3 >= len(cards):
            yield name, selector


def _onwards(root: Any) -> str | None:
    for each in root.iter("a"):
        if "next" in (each.get("rel") or "").split():
            return "css:a[rel=next]::attr(href)"
    for each in root.iter("a"):
        words = " ".join("".join(each.itertext()).split())
        if each.get("href") and words.lower() in _ONWARDS:
            classes = (each.get("class") or "").split()
            if classes and _plain(classes[0]):
                return f"css:a.{classes[0]}::attr(href)"
            return f'xpath://a[normalize-space()="{words}"]/@href'
    return None


def _first(card: Any, selector: str) -> Any:
    found = _matches(selector)(card)
    return found[0] if found else None


def _matches(selector: str) -> Callable[[Any], list[Any]]:
    from parsel.csstranslator import HTMLTranslator

    path = HTMLTranslator().css_to_xpath(selector)
    return lambda card: list(card.xpath(path))


def _within(element: Any, card: Any) -> str:
    """A selector of an element inside its card: by its class, else by the heading around it."""
    classes = [each for each in (element.get("class") or "").split() if _plain(each)]
    if classes:
        return f"{element.tag}.{classes[0]}"
    parent = element.getparent()
    if parent is not None and parent is not card and re.fullmatch("h[1-6]", str(parent.tag)):
        return f"{parent.tag} {element.tag}"
    return str(element.tag)


def _common(cards: Sequence[Any]) -> str:
    shared = set.intersection(*(set((each.get("class") or "").split()) for each in cards))
    first = next((each for each in (cards[0].get("class") or "").split() if each in shared), "")
    tag = str(cards[0].tag)
    return (
        f"{tag}.{first}" if first and _plain(first) else f"{_named(cards[0].getparent())} > {tag}"
    )


def _named(element: Any) -> str:
    """A selector of a container, from itself or the nearest around it that has a name."""
    for each in (element, *element.iterancestors()):
        classes = [name for name in (each.get("class") or "").split() if _plain(name)]
        if each.get("id") and _plain(each.get("id")):
            found = f"{each.tag}#{each.get('id')}"
        elif classes:
            found = f"{each.tag}.{classes[0]}"
        else:
            continue
        return found if each is element else f"{found} {element.tag}"
    return str(element.tag)


def _plain(name: str) -> bool:
    """A name that a person gave, not one that changes with each build of the site."""
    return re.fullmatch(r"[A-Za-z][\w-]{0,40}", name) is not None and not re.search(r"\d{3,}", name)


def _feed(sheet: Node) -> Guess:
    from lxml import etree  # type: ignore[import-untyped]

    root = str(etree.QName(sheet.element).localname)
    card, fields = _FEEDS.get(root, _FEEDS["rss"])
    told = {name: f"'css:{selector}'" for name, selector in fields.items()}
    told["id"] = f"{{ select = 'css:{fields['id']}', clean = ['id_from_url'] }}"
    return Guess({"card": f"'css:{card}'"}, told)


def _json(value: Any, url: str) -> Guess:
    path, rows = max(_lists(value, ()), key=lambda each: len(each[1]), default=((), []))
    if not rows:
        raise CrawlError(f"{urlsplit(url).hostname}: no list of adverts found in the JSON")
    fields = {}
    for name, known in _JSON_NAMES.items():
        key = next(
            (each for each in known if sum(each in row for row in rows) * 2 > len(rows)), None
        )
        if key is not None:
            fields[name] = f"'json:{key}'"
    for name in ("id", "url", "title"):
        fields.setdefault(name, "'json:id'")
    return Guess({"card": f"'json:{'.'.join(path) or '[]'}'"}, fields)


def _lists(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            if re.fullmatch(r"[A-Za-z_]\w*", key):
                yield from _lists(inner, (*path, key))
