"""What the fork server loads once, so that each crawl starts warm. No reactor: a child's own.

`gc.freeze` keeps the collector from touching what was loaded, so that children share its memory.
"""

import gc

import alembic.runtime.migration  # noqa: F401
import scrapy_playwright.handler  # noqa: F401
from scrapy.settings import Settings
from scrapy.utils.misc import load_object

import crawlers.run  # noqa: F401
from crawlers.settings import ALWAYS
from pipelines.language import detect_language

# Scrapy imports its parts by name when a crawl begins.
_settings = Settings(ALWAYS)
for _kind in ("EXTENSIONS", "DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "ITEM_PIPELINES"):
    for _part, _place in _settings.get_component_priority_dict_with_base(_kind).items():
        if _place is not None:
            load_object(_part)
for _kind in ("SCHEDULER", "DOWNLOADER", "STATS_CLASS", "DUPEFILTER_CLASS", "ITEM_PROCESSOR"):
    load_object(_settings[_kind])
for _part in _settings.getwithbase("DOWNLOAD_HANDLERS").values():
    if "http11" in str(_part):
        load_object(_part)
# The language model is read at its first use.
detect_language("Ciao, ricevo in zona centro su appuntamento.")

gc.collect()
gc.freeze()
