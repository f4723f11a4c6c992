"""What the fork server loads once, so that each crawl starts warm. No reactor: a child's own.

`gc.freeze` keeps the collector from touching what was loaded, so that children share its memory.
"""

import gc

import alembic.runtime.migration  # noqa: F401
import scrapy.core.downloader.handlers.http11
import scrapy.crawler  # noqa: F401

import crawlers.run  # noqa: F401
import pipelines.stages  # noqa: F401

gc.collect()
gc.freeze()
