"""Specchio: an aggregator that copies adverts of the other sites a day or two late."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from html import escape

from demo.sites.page import Answer, View, cut, document, in_words, missing, paragraphs
from demo.town import Showing

NAME = "Specchio"
PAGE_SIZE = 25


def respond(path: str, query: Mapping[str, str], view: View) -> Answer:
    """The answer to a GET."""
    match path.strip("/").split("/"):
        case ["tutti"]:
            return _list(query, view)
        case ["annunci", name] if found := view.find(name.removesuffix(".html")):
            return _detail(found, view)
    return missing(NAME)


def _list(query: Mapping[str, str], view: View) -> Answer:
    part = cut(view.showings, query, "da", PAGE_SIZE)
    items = "\n".join(_item(each, view) for each in part.showings)
    following = ""
    if part.number < part.pages:
        following = f'<li class="succ"><a href="/tutti?da={part.number + 1}">successiva</a></li>'
    body = f"""<section id="risultati"><h1>Tutti gli annunci</h1>
<ul class="risultati">{items or '<li class="zero">0 risultati</li>'}</ul>
<ul class="pager">{following}</ul></section>"""
    return document("Tutti gli annunci", NAME, body)


def _item(each: Showing, view: View) -> str:
    return (
        f'<li class="voce"><a class="t" href="/annunci/{each.ad_id}.html">{escape(each.title)}</a>'
        f' <span class="l">{escape(each.place.city)}</span>'
        f' <span class="q">{in_words(each.posted, view.today)}</span></li>'
    )


def _detail(each: Showing, view: View) -> Answer:
    numbers = "".join(f"<p class='n'>Tel. {escape(number)}</p>" for number in each.field)
    age = f"<p class='a'>Età {each.age}</p>" if each.age else ""
    price = f"<p class='p'>{escape(each.price)}</p>" if each.price else ""
    body = f"""<article id="copia" data-k="{secrets.token_hex(3)}"><h1>{escape(each.title)}</h1>
<p class="l">{escape(each.place.city)} ({each.place.province})</p>{age}{price}
<blockquote>{paragraphs(each.body)}</blockquote>{numbers}
<p class="fonte">Trovato {in_words(each.posted, view.today)} su un altro sito.</p></article>"""
    return document(each.title, NAME, body)
