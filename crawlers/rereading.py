"""Which detail pages are read again: the rule of a site file's [detail] when and recheck_days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from records.adverts import KnownAdvert

When = Literal["never", "new", "card_changed", "always"]


def must_read_detail(
    known: KnownAdvert | None,
    card: bytes,
    when: When,
    recheck_days: int | None,
    now: datetime,
) -> bool:
    """Whether the detail page of a listed advert is to be read.

    `known` is what storage has of it (None: never seen), `card` the fingerprint of its card as it
    is now. An advert whose detail page was never read, or that comes back after an absence, counts
    as new.
    """
    if when == "never":
        return False
    if when == "always" or known is None or known.detail_at is None or known.state == "absent":
        return True
    if when == "card_changed" and known.card != card:
        return True
    return recheck_days is not None and now - known.detail_at >= timedelta(days=recheck_days)
