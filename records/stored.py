"""What storage tells of what it holds: counts, runs, adverts as stored, and the state of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Literal

from records.adverts import AdvertState
from records.contacts import Channel, ContactKind, LineKind, Tier, Where
from records.verdicts import Gate


@dataclass(frozen=True, slots=True)
class RecordCounts:
    """What a batch of sightings was: every sighting is one of `new`, `changed`, `unchanged`.

    `returned` counts those of them that ended a proven absence.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    returned: int = 0

    @property
    def sightings(self) -> int:
        """How many sightings were stored."""
        return self.new + self.changed + self.unchanged

    def __add__(self, other: RecordCounts) -> RecordCounts:
        return RecordCounts(
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.returned + other.returned,
        )


@dataclass(frozen=True, slots=True)
class StoredContact:
    """A contact of a stored version. `token` is its number in the redacted text: `⟦tel:1⟧`."""

    kind: ContactKind
    value: str
    tier: Tier
    channel: Channel
    where: Where
    line: LineKind | None
    token: int


@dataclass(frozen=True, slots=True)
class StoredAdvert:
    """An advert's current version. `title` and `text` are redacted; the rest as in `Advert`.

    `versions` counts the different contents it ever had.
    """

    advert: int
    site: str
    partition: str
    ad_id: str
    url: str
    title: str
    text: str
    nickname: str | None
    age: int | None
    price_cents: int | None
    currency: str | None
    city: str | None
    province: str | None
    category: str | None
    language: str | None
    extra: Mapping[str, str]
    contacts: tuple[StoredContact, ...]
    state: AdvertState
    versions: int
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as stored. `verdicts` maps partitions to their verdict, None while it runs.

    `state` is `running` until a final record is written; a run that never wrote one is `failed` as
    soon as somebody asks how things are. `heartbeat_at` is real time. `gate` is set for a run whose
    flags are or were held.
    """

    id: int
    site: str
    slot: str | None
    state: Literal["running", "finished", "failed"]
    started_at: datetime
    finished_at: datetime | None
    heartbeat_at: datetime
    verdicts: Mapping[str, str | None]
    stats: Mapping[str, int | float] = field(default_factory=dict)
    gate: Gate | None = None


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge took away, counted. `texts` are versions whose words went after their time,
    `not_pertinent` those of profiles found not pertinent.
    """

    texts: int = 0
    not_pertinent: int = 0
    adverts: int = 0
    profiles: int = 0
    contacts: int = 0
    attempts: int = 0
    notes: int = 0
    reports: int = 0
    pages: int = 0
    audit: int = 0

    @property
    def total(self) -> int:
        """How many things went."""
        return sum(asdict(self).values())

    def sentence(self, *, dry_run: bool = False) -> str:
        """The purge in one line."""
        if not self.total:
            return "nothing is due"
        names = {
            "texts": "advert texts",
            "not_pertinent": "texts of the not pertinent",
            "pages": "bad pages",
            "audit": "audit entries",
        }
        told = ", ".join(
            f"{count:,} {names.get(name, name)}" for name, count in asdict(self).items() if count
        )
        return f"would go: {told}" if dry_run else f"purged: {told}"


@dataclass(frozen=True, slots=True)
class Sample:
    """The last bad list page of a partition, as it came in `run` at `at`."""

    site: str
    partition: str
    run: int
    at: datetime
    page: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """Facts for `faro status`. `adverts` and `entries` count by state; `reports` maps units to the
    last published day; `text_months` are the months whose text can still be read. `relinked` is
    when every advert was last linked anew, None before; that changed `moved` of
    `relinked_profiles`.
    """

    location: str
    simulated: bool
    created_at: datetime
    last_now: datetime
    runs: int
    adverts: Mapping[str, int]
    pending: int
    profiles: int
    flags: int
    entries: Mapping[str, int]
    do_not_contact: int
    reports: Mapping[str, str]
    text_months: tuple[str, ...]
    audit_count: int
    audit_head: str
    relinked: datetime | None = None
    moved: int = 0
    relinked_profiles: int = 0
