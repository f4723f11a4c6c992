"""Lanterna: cards with a link to the next page, JSON-LD, `tel:` and `wa.me` links.

A removed advert's page sends the visitor to the list.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from html import escape

from demo.sites.page import Answer, View, cut, document, in_words, missing, paragraphs, slug
from demo.town import Showing

NAME = "Lanterna"
PAGE_SIZE = 12
ZONES = {
    "veneto": ("PD", "VE", "TV", "VI", "VR", "RO", "BL"),
    "friuli": ("UD", "PN", "TS"),
    "altre": ("FE", "MN", "BS", "TN"),
}
_EXCERPT = 110


def respond(path: str, query: Mapping[str, str], view: View) -> Answer:
    """The answer to a GET."""
    match path.strip("/").split("/"):
        case ["incontri", zone] if zone in ZONES:
            return _list(zone, query, view)
        case ["v", ad_id, _]:
            found = view.find(ad_id)
            return _detail(found, view) if found else Answer("", 302, location="/incontri/veneto")
    return missing(NAME)


def _list(zone: str, query: Mapping[str, str], view: View) -> Answer:
    here = [each for each in view.showings if each.place.province in ZONES[zone]]
    part = cut(here, query, "pagina", PAGE_SIZE)
    cards = "\n".join(_card(each, view) for each in part.showings)
    following = ""
    if part.number < part.pages:
        address = f"/incontri/{zone}?pagina={part.number + 1}"
        following = f'<a class="avanti" href="{address}">Avanti &raquo;</a>'
    body = f"""<div class="lista-annunci" data-n="{secrets.token_hex(3)}">
<h1>{zone.title()}</h1>
{cards or '<p class="lista-vuota">Non ci sono annunci.</p>'}
</div>
<nav class="paginazione">{following}</nav>"""
    return document(f"Lanterna {zone}", NAME, body)


def _link(each: Showing, number: str) -> str:
    if each.channel == "wa":
        address = f"https://wa.me/{number.removeprefix('+')}?text=Ciao"
        return f'<a class="wa" rel="nofollow" href="{address}">WhatsApp</a>'
    return f'<a class="tel" href="tel:{number}">Chiama</a>'


def _card(each: Showing, view: View) -> str:
    badge = '<span class="badge-top">TOP</span>' if each.promoted else ""
    excerpt = each.body.replace("\n", " ")[:_EXCERPT].rsplit(" ", 1)[0]
    name = f'<p class="nome">{escape(each.name)}</p>' if each.name else ""
    age = f'<span class="eta">{each.age}</span>' if each.age else ""
    price = f'<span class="prezzo">{escape(each.price)}</span>' if each.price else ""
    return f"""<article class="card" data-id="{each.ad_id}">{badge}
<h3><a href="/v/{each.ad_id}/{slug(each.title)}">{escape(each.title)}</a></h3>
{name} {age}
<p class="dove">{escape(each.place.city)}</p>
<p class="estratto">{escape(excerpt)}&hellip;</p>
{price}
<time>{in_words(each.posted, view.today)}</time></article>"""


def _detail(each: Showing, view: View) -> Answer:
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Service",
        "name": each.title,
        "areaServed": {"@type": "City", "name": each.place.city},
    }
    if each.name:
        data["provider"] = {"@type": "Person", "name": each.name}
    if each.field:
        data["telephone"] = each.field[0]
    script = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    links = " ".join(_link(each, number) for number in each.field)
    name = f'<li class="nome">{escape(each.name)}</li>' if each.name else ""
    age = f'<li class="eta">Età: {each.age}</li>' if each.age else ""
    price = f'<li class="prezzo">{escape(each.price)}</li>' if each.price else ""
    body = f"""<article class="scheda" id="scheda"><h1>{escape(each.title)}</h1>
<ul>{name}{age}
<li class="dove">{escape(each.place.city)} ({each.place.province})</li>{price}</ul>
<div class="descrizione"><p>{paragraphs(each.body)}</p></div>
<div class="contatti">{links}</div>
<p class="agg">Aggiornato: {in_words(each.posted, view.today)}</p></article>"""
    head = f'<script type="application/ld+json">{script}</script>\n'
    return document(each.title, NAME, body, head)
