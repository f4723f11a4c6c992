"""The fault of this room: a report that cannot be made or written."""

from records.errors import FaroError


class OutreachError(FaroError):
    """A report that cannot be built, published or written, and the remedy."""
