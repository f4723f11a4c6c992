"""Girandola: a shell that a script fills from a JSON endpoint; only a browser sees adverts."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from importlib.resources import files

from demo.sites.page import Answer, View, cut, document, in_words, missing
from demo.town import Showing

NAME = "Girandola"
PAGE_SIZE = 40
ZONES = {
    "est": ("VE", "TV", "BL", "UD", "PN", "TS"),
    "ovest": ("PD", "VI", "VR", "RO", "FE", "MN", "BS", "TN"),
}
_SHELL = '<main id="app" data-attesa="1"><p>Caricamento&hellip;</p></main>'


def respond(path: str, query: Mapping[str, str], view: View) -> Answer:
    """The answer to a GET."""
    match path.strip("/").split("/"):
        case ["app.js"]:
            script = files("demo").joinpath("data/girandola.js").read_text("utf-8")
            return Answer(script, kind="text/javascript; charset=utf-8")
        case ["cerca"] | [""]:
            return _shell("Cerca")
        case ["annuncio", ad_id]:
            return _shell("Annuncio") if view.find(ad_id) else missing(NAME)
        case ["api", "annunci"] if query.get("zona") in ZONES:
            return _list(query, view)
        case ["api", "annuncio", ad_id] if found := view.find(ad_id):
            return _json({"annuncio": _fields(found, view)})
    return missing(NAME)


def _shell(title: str) -> Answer:
    script = f'<script src="/app.js?v={secrets.token_hex(4)}" defer></script>\n'
    return document(title, NAME, _SHELL, script)


def _list(query: Mapping[str, str], view: View) -> Answer:
    zone = query["zona"]
    here = [each for each in view.showings if each.place.province in ZONES[zone]]
    part = cut(here, query, "pagina", PAGE_SIZE)
    return _json(
        {
            "zona": zone,
            "pagina": part.number,
            "pagine": part.pages,
            "totale": part.total,
            "annunci": [_fields(each, view) for each in part.showings],
        }
    )


def _fields(each: Showing, view: View) -> dict[str, object]:
    return {
        "id": each.ad_id,
        "titolo": each.title,
        "testo": each.body,
        "nome": each.name,
        "eta": each.age,
        "citta": each.place.city,
        "provincia": each.place.province,
        "prezzo": each.price,
        "telefoni": list(each.field),
        "canale": each.channel,
        "quando": in_words(each.posted, view.today),
        "top": each.promoted,
    }


def _json(value: dict[str, object]) -> Answer:
    value["richiesta"] = secrets.token_hex(6)
    text = json.dumps(value, ensure_ascii=False)
    return Answer(text, kind="application/json; charset=utf-8")
