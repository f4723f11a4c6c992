"""What the simulated sites have in common: answers, paging, dates in words, bytes that change."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape

from demo.town import Showing


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; `location` is for redirects."""

    body: str
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    location: str | None = None


@dataclass(frozen=True, slots=True)
class View:
    """What one site has to show on one day. `drifted` are partitions with a changed layout."""

    today: date
    showings: tuple[Showing, ...]
    drifted: frozenset[str] = frozenset()

    def find(self, ad_id: str) -> Showing | None:
        """The advert of this id, None when it is gone."""
        return next((each for each in self.showings if each.ad_id == ad_id), None)


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of a list. `number` and `pages` count from 1; an empty list has one page."""

    showings: Sequence[Showing]
    number: int
    pages: int
    total: int


def cut(showings: Sequence[Showing], query: Mapping[str, str], key: str, size: int) -> Slice:
    """The page that the query's `key` asks for, in pages of `size`; the first if it is unclear."""
    pages = max(1, -(-len(showings) // size))
    asked = query.get(key, "1")
    number = int(asked) if asked.isdecimal() and 1 <= int(asked) <= pages else 1
    return Slice(showings[(number - 1) * size : number * size], number, pages, len(showings))


def in_words(posted: datetime, today: date) -> str:
    """When an advert was posted, as sites say it: `oggi, 03:12`, `ieri, 18:40`, `5 giorni fa`."""
    days = (today - posted.date()).days
    if days <= 0:
        return f"oggi, {posted:%H:%M}"
    if days == 1:
        return f"ieri, {posted:%H:%M}"
    if days < 14:
        return f"{days} giorni fa"
    return f"{days // 7} settimane fa"


def document(title: str, site: str, body: str, head: str = "") -> Answer:
    """A whole page around `body` (markup); no two are the same to the byte."""
    token = secrets.token_hex(8)
    return Answer(
        f"""<!DOCTYPE html>
<html lang="it"><head><meta charset="utf-8"><title>{escape(title)}</title>
<meta name="viewport" content="width=device-width"><meta name="csrf-token" content="{token}">
{head}</head>
<body data-sessione="{token[:6]}"><header><a class="logo" href="/">{escape(site)}</a>
<nav><a href="/regole">Regole</a> <a href="/aiuto">Aiuto</a></nav></header>
{body}
<footer>&copy; {escape(site)}. Annunci inventati di una città simulata.</footer>
<!-- pagina generata: {secrets.token_hex(6)}, {secrets.randbelow(90) + 8} ms -->
</body></html>
"""
    )


def missing(site: str) -> Answer:
    """The 404 page."""
    body = "<main><h1>Annuncio non trovato</h1><p>La pagina richiesta non esiste.</p></main>"
    answer = document("Pagina non trovata", site, body)
    return Answer(answer.body, 404)


def paragraphs(text: str) -> str:
    """Plain text as markup, its line breaks kept."""
    return "<br>\n".join(escape(line) for line in text.split("\n"))


def slug(text: str) -> str:
    """A title as part of an address; sites do not check it."""
    words = "".join(c if c.isascii() and c.isalpha() else " " for c in text.lower()).split()
    return "-".join(words[:6]) or "annuncio"


def refused() -> Answer:
    """What a site answers that has had enough of us."""
    return Answer(
        "<html><head><title>403 Forbidden</title></head><body>Accesso negato</body></html>", 403
    )
