"""`faro.toml`: what an admin decides for the whole of Faro."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from config.provinces import CODES, check_code
from config.sitefile import SiteFile, Strict
from config.times import LocalTime, LocalTimes, TimeZone, Weekdays


class KeySettings(Strict):
    """Where the root key is, and the folder of the data keys that it wraps."""

    root: str = Field(
        "file:root.key",
        pattern=r"^(file|env|credential):.+$",
        description="`file:<path in data_dir>`, `env:<variable>` or `credential:<systemd name>`.",
    )
    folder: Path = Field(
        Path("keys"), description="The key folder, in data_dir unless absolute; not in backups."
    )


def _everywhere(value: Any) -> Any:
    return ("*",) if value in ("*", ("*",), ["*"]) else value


def _code_or_all(value: str) -> str:
    return value if value == "*" else check_code(value)


Provinces = Annotated[
    tuple[Annotated[str, AfterValidator(_code_or_all)], ...],
    BeforeValidator(_everywhere),
    Field(min_length=1),
    WithJsonSchema(
        {"anyOf": [{"const": "*"}, {"type": "array", "items": {"enum": sorted(CODES)}}]}
    ),
]


class Unit(Strict):
    """A street unit and the provinces it answers for."""

    id: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]*$", description="The unit's short name, for good."
    )
    name: str = Field(description="The unit's name, for people.")
    provinces: Provinces = Field(description='Its provinces, as ["VE", "TV"], or "*" for all.')
    list_size: int = Field(20, ge=1, le=200, description="Rows of the daily list.")


class Controller(Strict):
    """Who answers for the data (GDPR); without it only this machine's sites are crawled."""

    name: str = Field(description="The controller.")
    dpo: str = Field(description="How to reach the data protection officer.")
    processors: tuple[str, ...] = Field((), description="Processors, if any.")
    dpia_reference: str = Field(description="Reference of the impact assessment.")
    dpia_date: date = Field(description="Its date.")
    notice_url: str = Field(description="Address of the privacy notice.")


class CrawlerSettings(Strict):
    """The crawler on this machine."""

    contact: str | None = Field(
        None, description="Address or e-mail that the user agent names; needed for real sites."
    )
    browser_path: Path | None = Field(
        None, description="Chromium to use; else Playwright's own, else the system's."
    )
    concurrency: int = Field(2, ge=1, le=32, description="Crawls at once.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="How much the crawl logs say."
    )

    @property
    def user_agent(self) -> str:
        """What sites see: the project's name and a contact, never a disguise."""
        return f"Faro/0.1 (+{self.contact})" if self.contact else "Faro/0.1 (test)"


class ScheduleGroup(Strict):
    """Times that several sites share."""

    at: LocalTimes = Field(min_length=1, description='Local times, as ["06:40", "18:40"].')
    days: Weekdays = Field((), description="Weekdays by name; empty: every day.")
    jitter_s: int = Field(0, ge=0, le=3600, description="Start up to this many seconds later.")


class Schedule(Strict):
    """When what runs."""

    groups: dict[str, ScheduleGroup] = Field(
        default_factory=dict, description="Named groups of times."
    )
    report_at: LocalTime = Field(
        time(8, 0), description="When matching ends and the daily report is published."
    )


class MatchingSettings(Strict):
    """Thresholds of matching and flags (their meanings: docs/architecture.md)."""

    reappear_after_days: int = Field(14, ge=1, description="Absence that makes a return a flag.")
    outage_days: int = Field(
        30, ge=1, description="A partition without a complete run for this long starts anew."
    )
    doubtful_days: int = Field(
        7, ge=0, description="How long a doubtful link waits for a person before its flag."
    )
    link_threshold: float = Field(0.95, gt=0, lt=1, description="Probability that links.")
    doubt_threshold: float = Field(0.5, gt=0, lt=1, description="Probability that is a doubt.")
    proof_gap_days: int = Field(
        3, ge=1, description="Largest gap between complete runs that still proves an absence."
    )
    baseline_cap: int = Field(50, ge=0, description="Length of the list of those there at first.")

    @model_validator(mode="after")
    def _ordered(self) -> MatchingSettings:
        if self.doubt_threshold >= self.link_threshold:
            raise ValueError("doubt_threshold must be below link_threshold")
        return self


class Retention(Strict):
    """How long what is kept (days unless said otherwise)."""

    advert_text_days: int = Field(90, ge=1, description="Advert text, after it was last seen.")
    advert_months: int = Field(12, ge=1, description="Redacted adverts, in months.")
    attempt_months: int = Field(24, ge=1, description="Attempts and notes, in months.")
    not_pertinent_days: int = Field(30, ge=1, description="Entries that were not pertinent.")
    audit_years: int = Field(5, ge=1, description="The audit trail, in years.")


class FaroFile(Strict):
    """The whole of faro.toml."""

    data_dir: Path = Field(
        Path("./var"),
        description="Database, keys, logs, reports; relative to the config folder's parent.",
    )
    database_url: str | None = Field(
        None,
        description="SQLAlchemy URL, as postgresql+psycopg://user@host/faro; "
        "default: SQLite in data_dir. A password comes from ~/.pgpass, not from here.",
    )
    timezone: TimeZone = Field("Europe/Rome", description="Local time of reports.")
    language: Literal["it", "en"] = Field("it", description="Language of the report.")
    keys: KeySettings = Field(default_factory=KeySettings, description="Keys.")
    units: tuple[Unit, ...] = Field((), description="The street units.")
    controller: Controller | None = Field(None, description="Who answers for the data.")
    crawler: CrawlerSettings = Field(default_factory=CrawlerSettings, description="The crawler.")
    schedule: Schedule = Field(default_factory=Schedule, description="When what runs.")
    matching: MatchingSettings = Field(
        default_factory=MatchingSettings, description="Thresholds of matching and flags."
    )
    retention: Retention = Field(default_factory=Retention, description="How long what is kept.")

    @model_validator(mode="after")
    def _units_are_distinct(self) -> FaroFile:
        ids = [unit.id for unit in self.units]
        twice = sorted({each for each in ids if ids.count(each) > 1})
        if twice:
            raise ValueError(f"units: two units have the id '{twice[0]}'")
        owners: dict[str, str] = {}
        for unit in self.units:
            for code in unit.provinces:
                if code in owners:
                    raise ValueError(
                        f"units: '{code}' belongs to both {owners[code]} and {unit.id}"
                    )
                owners[code] = unit.id
        return self


Warnings = Annotated[tuple[str, ...], Field(description="Lines that are no faults.")]


class Config(FaroFile):
    """The validated configuration, with absolute paths and every site by its id."""

    folder: Path
    root: Path
    sites: Mapping[str, SiteFile]
    warnings: Warnings = ()
    database_url: str
