"""How long a site asks to be left alone: the Retry-After of its refusals (RFC 9110, 10.2.3)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Response

STAT = "faro/retry_after_s"
_REFUSALS = frozenset({403, 429, 503})


def note_retry_after(crawler: Crawler) -> None:
    """Keep the longest Retry-After of the crawl's refusals among its counters."""

    def received(response: Response) -> None:
        if response.status in _REFUSALS:
            header = (response.headers.get("Retry-After") or b"").decode("latin-1")
            seconds = retry_after_s(header, datetime.now(UTC))
            if seconds > 0:
                crawler.stats.max_value(STAT, seconds)

    # Signals hold their receivers weakly; the crawler keeps this one alive.
    crawler.faro_received = received  # type: ignore[attr-defined]
    crawler.signals.connect(received, signals.response_received)


def retry_after_s(header: str, now: datetime) -> int:
    """Seconds that a Retry-After asks for, as a number or a date; 0 when it says nothing."""
    header = header.strip()
    if header.isascii() and header.isdigit():
        return int(header[:9])
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return 0
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0, round((at - now).total_seconds()))
