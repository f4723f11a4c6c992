"""Piazzetta: a table per province with numbered pages, and a page for each advert."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from html import escape

from demo.sites.page import Answer, View, cut, document, in_words, missing, paragraphs, slug
from demo.town import Showing
from demo.writings import national

NAME = "Piazzetta"
PAGE_SIZE = 10
ZONES = {
    "padova": ("PD",),
    "venezia": ("VE",),
    "treviso": ("TV",),
    "vicenza": ("VI",),
    "verona": ("VR",),
    "rovigo": ("RO",),
    "belluno": ("BL",),
    "vicine": ("UD", "PN", "TS", "FE", "MN", "BS", "TN"),
}


def respond(path: str, query: Mapping[str, str], view: View) -> Answer:
    """The answer to a GET."""
    match path.strip("/").split("/"):
        case ["annunci", zone] if zone in ZONES:
            return _list(zone, query, view)
        case ["annuncio", name]:
            found = view.find(name.partition("-")[0])
            return _detail(found, view) if found else missing(NAME)
    return missing(NAME)


def _list(zone: str, query: Mapping[str, str], view: View) -> Answer:
    here = [each for each in view.showings if each.place.province in ZONES[zone]]
    part = cut(here, query, "p", PAGE_SIZE)
    drifted = zone in view.drifted
    rows = "\n".join((_block if drifted else _row)(each, view) for each in part.showings)
    if not rows:
        listing = '<p class="nessuno">Nessun annuncio in questa zona.</p>'
    elif drifted:
        listing = f'<div class="griglia-nuova">{rows}</div>'
    else:
        listing = (
            '<table class="annunci"><thead><tr><th>Annuncio</th><th>Età</th><th>Zona</th>'
            f"<th>Prezzo</th><th>Data</th></tr></thead><tbody>{rows}</tbody></table>"
        )
    links = [
        f'<a href="/annunci/{zone}?p={number}"{_rel(number, part.number)}>{number}</a>'
        for number in range(1, part.pages + 1)
    ]
    body = f"""<main id="elenco" data-zona="{zone}"><h1>Annunci: {zone.title()}</h1>
<p class="conteggio"><b>{part.total}</b> annunci, pagina {part.number} di {part.pages}</p>
{listing}
<p class="pagine">{" ".join(links)}</p></main>"""
    return document(f"Annunci {zone}", NAME, body)


def _rel(number: int, current: int) -> str:
    return {current: ' class="qui"', current + 1: ' rel="next"'}.get(number, "")


def _href(each: Showing) -> str:
    return f"/annuncio/{each.ad_id}-{slug(each.title)}?ref={secrets.token_hex(4)}"


def _row(each: Showing, view: View) -> str:
    badge = ' <span class="vetrina">VETRINA</span>' if each.promoted else ""
    age = f"{each.age} anni" if each.age else ""
    return (
        f'<tr class="riga{" evidenza" if each.promoted else ""}"><td class="titolo">'
        f'<a href="{_href(each)}">{escape(each.title)}</a>{badge}</td><td class="eta">{age}</td>'
        f'<td class="zona">{escape(each.place.city)} ({each.place.province})</td>'
        f'<td class="prezzo">{escape(each.price or "")}</td>'
        f'<td class="data">{in_words(each.posted, view.today)}</td></tr>'
    )


def _block(each: Showing, view: View) -> str:
    """The row in a layout that nobody announced."""
    return (
        f'<section class="scheda-nuova"><h2>{escape(each.title)}</h2>'
        f"<small>{in_words(each.posted, view.today)}</small></section>"
    )


def _detail(each: Showing, view: View) -> Answer:
    facts = {
        "Nome": each.name,
        "Età": f"{each.age} anni" if each.age else None,
        "Zona": f"{each.place.city} ({each.place.province})",
        "Prezzo": each.price,
        "Telefono": " / ".join(national(number) for number in each.field) or None,
    }
    rows = "".join(
        f'<dt>{name}</dt><dd class="{name.lower().replace("à", "a")}">{escape(value)}</dd>'
        for name, value in facts.items()
        if value
    )
    body = f"""<main id="annuncio"><h1>{escape(each.title)}</h1>
<p class="meta">Pubblicato {in_words(each.posted, view.today)}. Visite: {secrets.randbelow(900)}</p>
<dl class="dati">{rows}</dl>
<div class="testo">{paragraphs(each.body)}</div>
<form action="/segnala"><input type="hidden" name="token" value="{secrets.token_hex(8)}">
<button>Segnala</button></form></main>"""
    return document(each.title, NAME, body)
