"""`faro.toml`: what an admin decides for the whole of Faro."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from config.fields import Strict
from config.notify import NotifySettings
from config.provinces import Provinces
from config.schedules import Schedule
from config.sitefile import SiteFile
from config.texts import Address, AnyPath, Contact, Id, Words
from config.times import TimeZone

_ROOT_KEY = r"^(file:.+|env:[A-Za-z_][A-Za-z0-9_]*|credential:[A-Za-z0-9._-]+)$"
_DATABASES = r"^(sqlite(\+pysqlite)?:///.|postgresql(\+psycopg)?://.)"


def _root(value: str) -> str:
    # The value is not shown: somebody may have put the key itself here.
    if not re.search(_ROOT_KEY, value) or not value.isprintable():
        raise ValueError("write file:<path>, env:<VARIABLE> or credential:<systemd name>")
    return value


def _database(value: str) -> str:
    # The value is not shown: it may hold a password.
    if not re.search(_DATABASES, value) or not value.isprintable() or ":memory:" in value:
        raise ValueError(
            "write sqlite:////path/faro.db or postgresql+psycopg://user@host/name, "
            "or leave it out for SQLite in data_dir"
        )
    return value


RootKey = Annotated[
    str, AfterValidator(_root), WithJsonSchema({"type": "string", "pattern": _ROOT_KEY})
]
DatabaseUrl = Annotated[
    str, AfterValidator(_database), WithJsonSchema({"type": "string", "pattern": _DATABASES})
]


class KeySettings(Strict):
    """Where the root key is, and the folder of the data keys that it wraps."""

    root: RootKey = Field(
        "file:root.key",
        description="`file:<path>` (in data_dir unless absolute; mode 0400), `env:<VARIABLE>` or "
        "`credential:<systemd name>`; it holds 32 bytes in base64.",
    )
    folder: AnyPath = Field(
        Path("keys"), description="The key folder, in data_dir unless absolute; not in backups."
    )


class Unit(Strict):
    """A street unit and the provinces it answers for. A province without a unit is not queued."""

    id: Id = Field(description="The unit's short name, for good.")
    name: Words = Field(description="The unit's name, for people.")
    provinces: Provinces = Field(
        description='Its provinces, as ["VE", "TV"], or "*" for all that no other unit names.'
    )
    list_size: int = Field(20, ge=1, le=200, description="Rows of the daily list.")


class Controller(Strict):
    """Who answers for the data (GDPR); without it only sites on this machine are crawled."""

    name: Words = Field(description="The controller.")
    dpo: Words = Field(description="How to reach the data protection officer.")
    processors: tuple[Words, ...] = Field((), description="Processors, if any.")
    dpia_reference: Words = Field(description="Reference of the impact assessment.")
    dpia_date: date = Field(description="Its date.")
    notice_url: Address = Field(description="Address of the privacy notice.")


class CrawlerSettings(Strict):
    """The crawler on this machine."""

    contact: Contact | None = Field(
        None,
        description="https:// address or e-mail that the user agent names; needed for real sites.",
    )
    browser_path: AnyPath | None = Field(
        None, description="Chromium to use; else Playwright's own, else the system's."
    )
    concurrency: int = Field(2, ge=1, le=32, description="Crawls at once, each its own process.")
    memory_mb: int = Field(
        2048,
        ge=64,
        le=1_000_000,
        description="Megabytes that a crawl and its browser may take; a crawl past it stops. Half "
        "of it for a crawl without a browser.",
    )
    page_mb: float = Field(
        8.0,
        gt=0,
        le=256,
        description="Largest page, unpacked, in megabytes; more is an error.",
    )
    page_timeout_s: float = Field(
        30.0, gt=0, le=600, description="Longest wait for one page; it is asked for three times."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="How much the crawl logs say."
    )

    @property
    def user_agent(self) -> str:
        """What sites see: the project's name and a contact, never a disguise."""
        return f"Faro/0.1 (+{self.contact})" if self.contact else "Faro/0.1 (test)"


class MatchingSettings(Strict):
    """Thresholds of matching and flags."""

    reappear_after_days: int = Field(
        14, ge=1, le=3650, description="Absence that makes a return a flag."
    )
    outage_days: int = Field(
        30,
        ge=1,
        le=3650,
        description="A partition without a complete run for this long starts anew.",
    )
    doubtful_days: int = Field(
        7, ge=0, le=3650, description="How long a doubtful link waits for a person before its flag."
    )
    link_threshold: float = Field(0.7, gt=0, lt=1, description="Probability that links.")
    doubt_threshold: float = Field(0.3, gt=0, lt=1, description="Probability that is a doubt.")
    proof_gap_days: int = Field(
        3,
        ge=1,
        le=3650,
        description="Largest gap between complete runs that still proves an absence.",
    )
    baseline_cap: int = Field(
        50, ge=0, le=10_000, description="Length of the list of those there at first."
    )


class Retention(Strict):
    """How long what is kept (days unless said otherwise)."""

    advert_text_days: int = Field(
        90, ge=1, le=36_500, description="Advert text, after it was last seen."
    )
    advert_months: int = Field(12, ge=1, le=1200, description="Redacted adverts, in months.")
    attempt_months: int = Field(24, ge=1, le=1200, description="Attempts and notes, in months.")
    not_pertinent_days: int = Field(
        30, ge=1, le=36_500, description="Entries that were not pertinent."
    )
    audit_years: int = Field(5, ge=1, le=100, description="The audit trail, in years.")


class FaroFile(Strict):
    """The whole of faro.toml."""

    data_dir: AnyPath = Field(
        Path("./var"),
        description="Database, keys, logs, reports: never inside the config folder.",
    )
    database_url: DatabaseUrl | None = Field(
        None,
        description="SQLAlchemy URL, as postgresql+psycopg://user@host/faro; without it SQLite in "
        "data_dir. Keep the password in ~/.pgpass, not here.",
    )
    timezone: TimeZone = Field("Europe/Rome", description="Local time of the report.")
    language: Literal["it", "en"] = Field(
        "it",
        description="Language of the report, the desk and mailed notices; commands speak English.",
    )
    keys: KeySettings = Field(default_factory=KeySettings, description="Keys.")
    units: tuple[Unit, ...] = Field((), description="The street units.")
    controller: Controller | None = Field(None, description="Who answers for the data.")
    crawler: CrawlerSettings = Field(default_factory=CrawlerSettings, description="The crawler.")
    schedule: Schedule = Field(default_factory=Schedule, description="When what runs.")
    notify: NotifySettings = Field(
        default_factory=NotifySettings, description="What admins are told, and how."
    )
    matching: MatchingSettings = Field(
        default_factory=MatchingSettings, description="Thresholds of matching and flags."
    )
    retention: Retention = Field(default_factory=Retention, description="How long what is kept.")


class Config(FaroFile):
    """The validated configuration, with absolute paths and every site by its id.

    Made by `load` only. `folder` is the config folder and `root` its parent, where relative paths
    begin; `warnings` are lines that an admin should read and that stop nothing.
    """

    folder: Path
    root: Path
    sites: Mapping[str, SiteFile]
    warnings: tuple[str, ...] = ()
    database_url: str
