"""Records to link, the links between them, and what they make up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """One advert as matching sees it. Every field but `id` may be missing (None or empty).

    `phones`, `weak_phones` (tier candidate) and `handles` are opaque: equal strings are equal
    contacts; in the database they are contact ids, never numbers. `text` has contact details taken
    out. `seen_from` and `seen_to` are the first and last sighting, aware UTC. `price_cents` as in
    `Advert`.
    """

    id: str
    site: str | None = None
    seen_from: datetime | None = None
    seen_to: datetime | None = None
    title: str = ""
    text: str = ""
    nickname: str | None = None
    age: int | None = None
    price_cents: int | None = None
    city: str | None = None
    province: str | None = None
    phones: tuple[str, ...] = ()
    weak_phones: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """One comparison's part in a score: `weight` is log2 of its Bayes factor (a match weight)."""

    comparison: str
    level: str
    weight: float


@dataclass(frozen=True, slots=True)
class Link:
    """Two records and the probability that one person stands behind both.

    `evidence` is what the two say by themselves, and `alone` the probability by that; `probability`
    allows for all else that their people's adverts say. None: it is the same.
    """

    a: str
    b: str
    probability: float
    evidence: tuple[Evidence, ...] = ()
    alone: float | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """Where a record ended up. `probability` is that of its best link into the profile (1.0 when
    alone).
    """

    id: str
    profile: str
    network: str | None
    probability: float
