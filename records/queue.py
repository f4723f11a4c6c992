"""The outreach queue's types: entries, and what a report needs of a flag and a profile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from records.flags import FlagKind, Reason


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the queue: one per profile, for life. `number` 427 is shown as F-0427.

    `unit` owns it (None: its province has no unit, so it is not queued). `state` is one of
    guide/outreach.md's.
    """

    number: int
    profile: int
    unit: str | None
    state: str
    created_at: datetime

    @property
    def short_id(self) -> str:
        """The id that people say: F-0427."""
        return f"F-{self.number:04d}"


@dataclass(frozen=True, slots=True)
class Double:
    """Two profiles that a doubtful link ties and nobody has decided: `profile` may be `older`.

    `probability` is that one person is behind both. `known_since` is when `profile` was made;
    `waits_until` until when its first flag is held back by this, None where it is not; `told`
    whether it has a flag that holds, `at_start` whether it was there when the looking began.
    """

    profile: int
    older: int
    probability: float
    known_since: datetime
    waits_until: datetime | None
    told: bool
    at_start: bool


@dataclass(frozen=True, slots=True)
class RaisedFlag:
    """A stored flag. `withdrawn_at` is set when it was proved wrong later."""

    id: int
    profile: int
    kind: FlagKind
    raised_at: datetime
    proven: bool
    doubtful: bool
    absent_days: int | None
    probability: float
    reasons: tuple[Reason, ...]
    adverts: tuple[int, ...]
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProfileAdvert:
    """An advert of a profile, as the report shows it. `phones` are masked to their last two
    digits.
    """

    advert: int
    site: str
    ad_id: str
    url: str
    title: str
    nickname: str | None
    city: str | None
    province: str | None
    language: str | None
    state: str
    first_seen: datetime
    last_seen: datetime
    phones: tuple[str, ...]
    callable_number: bool


@dataclass(frozen=True, slots=True)
class PublishedReport:
    """A report as published: `document` is the contract's JSON, `covers_to` where the next one
    begins.
    """

    unit: str
    day: str
    generated_at: datetime
    covers_from: datetime | None
    covers_to: datetime
    document: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call or message by a person. `actor` is a code, never a name; `at` is aware UTC.

    `band` is the time band (`morning`, ...), `outcome` one of guide/outreach.md's as a code,
    `notice` why the notice was not given (None: it was), `next_on` the date promised, `consent`
    whether she may be called again (None: not asked). `note` is encrypted at rest.
    """

    id: int
    entry: int
    profile: int
    at: datetime
    actor: str
    unit: str | None
    channel: str
    outcome: str
    band: str | None = None
    language: str | None = None
    mediator: bool = False
    notice: str | None = None
    next_on: date | None = None
    consent: bool | None = None
    note: str | None = None
