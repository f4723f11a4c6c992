"""The fault of this room: an item that can't become an advert."""

from __future__ import annotations

from records.errors import FaroError


class PipelineError(FaroError):
    """An item that can't be normalised.

    The message names site, partition, page and position, never the advert's id or text.
    """
