"""The fault of this room: a crawl that cannot start, or a page that cannot be read for a person."""

from records.errors import FaroError


class CrawlError(FaroError):
    """A crawl, a preview or a fixture that cannot be made; the message names the site and why."""
