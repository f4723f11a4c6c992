"""A morning of the demo: what the night's crawls changed is matched, and the reports published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from config import Config
from demo.score import PublishedFlag
from matching.passes import match_store
from outreach.report import publish
from outreach.units import unit_of
from pipelines.places import provinces
from records.flags import FlagKind
from storage import Store


def morning(store: Store, config: Config, day: date, now: datetime) -> list[dict[str, Any]]:
    """Match, then publish the report of every unit for the local `day`; returns the documents."""
    match_store(
        store,
        config.matching,
        {site.id: site.origin for site in config.sites.values()},
        unit_of(config),
        now,
        config.timezone,
        province_name=lambda code: provinces()[code].name,
    )
    return [publish(store, config, unit.id, day, now) for unit in config.units]


def published_flags(document: Mapping[str, Any]) -> list[PublishedFlag]:
    """The flags that a report's document tells."""
    return [
        PublishedFlag(
            day=date.fromisoformat(document["report"]),
            kind=FlagKind(flag["kind"]),
            adverts=frozenset((each["site"], each["ad_id"]) for each in flag["adverts"]),
        )
        for flag in document["flags"]
    ]
