"""Flags and their reasons: why a profile is on the list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

LIKELY = 0.5
"""From this probability on, flags suppose after the days of doubt that a doubtful link is true."""


class FlagKind(StrEnum):
    """In the order in which they apply: the first that holds is the flag, the others become
    reasons.
    """

    REAPPEARED = "reappeared"
    NEW = "new"
    NEW_NUMBER = "new_number"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason as a code of `records.reasons` and its parameters (JSON values; never a contact
    detail).
    """

    code: str
    params: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag as the rules raise it.

    `profile` is a stored profile's id, or the `new-N` of one that the same pass makes. `adverts`
    are the advert ids (storage's) that raised it, best first. `absent_days` is whole
    days since the last sighting, for `reappeared` only. `proven` is false when complete runs leave
    a gap over 3 days in the absence; true for the other kinds. `probability` is that of the link
    that brought the advert here (1.0 when none was needed).
    """

    profile: int | str
    kind: FlagKind
    raised_at: datetime
    adverts: tuple[int, ...]
    reasons: tuple[Reason, ...]
    probability: float
    proven: bool = True
    doubtful: bool = False
    absent_days: int | None = None
