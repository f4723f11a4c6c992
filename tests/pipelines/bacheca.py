"""An invented site on loopback, and raw adverts of it."""

from __future__ import annotations

from datetime import UTC, datetime

from records.adverts import RawAdvert, Snippet

SEEN = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)

SITE = """
name = "Bacheca"
timezone = "Europe/Rome"
[legal]
allow_loopback = true
[politeness]
delay_s = 0.0
[list]
start = [
  {id = "padova", url = "http://127.0.0.1/1", city = "Padova", province = "PD", category = "donne"},
  {id = "veneto", url = "http://127.0.0.1/2"},
]
page_marker = "css:ul.list"
card = "css:li"
[list.fields]
id = "css:li::attr(id)"
url = "css:a::attr(href)"
title = "css:a::text"
"""

Values = str | Snippet | tuple[str | Snippet, ...]


def make_raw(ad_id: str = "41", partition: str = "veneto", **fields: Values) -> RawAdvert:
    """A raw advert with `fields`; a title is given unless it is set to an empty tuple."""
    values: dict[str, tuple[Snippet, ...]] = {"title": (Snippet("Ciao"),)}
    for name, shown in fields.items():
        several = shown if isinstance(shown, tuple) else (shown,)
        values[name] = tuple(s if isinstance(s, Snippet) else Snippet(s) for s in several)
    values = {name: snippets for name, snippets in values.items() if snippets}
    url = f"http://127.0.0.1:9/annuncio/{ad_id}"
    return RawAdvert("bacheca", partition, ad_id, url, SEEN, 1, 3, values, "card", True)
