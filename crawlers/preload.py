"""What the fork server loads once, so that each crawl starts warm. No reactor: a child's own.

`gc.freeze` keeps the collector from touching what was loaded, so that children share its memory.
"""

import gc
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime

import scrapy_playwright.handler  # noqa: F401
from scrapy.settings import Settings
from scrapy.utils.misc import load_object

import crawlers.run  # noqa: F401
from config import SiteFile
from crawlers.settings import ALWAYS
from pipelines.normalise import normalise
from records.adverts import RawAdvert, Snippet

# Scrapy imports its parts by name when a crawl begins.
_settings = Settings(ALWAYS)
for _kind in ("EXTENSIONS", "DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "ITEM_PIPELINES"):
    for _part, _place in _settings.get_component_priority_dict_with_base(_kind).items():
        if _place is not None:
            load_object(_part)
for _kind in (
    *("SCHEDULER", "SCHEDULER_PRIORITY_QUEUE", "SCHEDULER_MEMORY_QUEUE", "DUPEFILTER_CLASS"),
    *("DOWNLOADER", "STATS_CLASS", "ITEM_PROCESSOR"),
):
    load_object(_settings[_kind])
for _part in _settings.getwithbase("DOWNLOAD_HANDLERS").values():
    if "http11" in str(_part):
        load_object(_part)

# The pipelines read their tables and models when they meet their first advert: an invented one.
_fields = {"id": "css:a", "url": "css:a", "title": "css:a"}
_site = SiteFile.model_validate(
    {
        "id": "warm",
        "name": "warm",
        "list": {
            "start": [{"id": "warm", "url": "http://127.0.0.1/"}],
            "card": "css:li",
            "fields": _fields,
        },
    }
)
_values = {
    "title": (Snippet("Ciao, sono Giulia, 25 anni"),),
    "body": (Snippet("<p>Ricevo a Torino in zona centro, 80 euro. Tel. 311 4444555.</p>", True),),
    "posted": (Snippet("2 ore fa"),),
}
_seen = datetime(2026, 3, 2, tzinfo=UTC)
with suppress(OSError):  # a full disk is told by what needs it
    normalise(RawAdvert("warm", "warm", "1", "", _seen, 1, 1, _values, "", True), _site, Counter())

gc.collect()
gc.freeze()
