"""Detail pages that were read by a layout that is no more (crawlers/detail_layout.py).

Without its number or its text an advert passes for somebody new. So what was misread counts as not
read, and is not matched (`waiting`): the next runs read it again, and once one reads it well it is
judged like any.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, and_, select, update

from records.verdicts import DetailRun, Filled, PartitionOutcome, PartitionVerdict
from storage.crypto import canonical
from storage.tables import advert, partition, partition_run, site, site_run
from storage.vault import Vault


def detail_runs(vault: Vault, name: str, part: str, limit: int) -> tuple[DetailRun, ...]:
    """See `Store.detail_runs`."""
    with vault.reading() as connection:
        rows = connection.execute(
            select(site_run.c.started_at, partition_run.c.details)
            .join(partition_run, partition_run.c.run_id == site_run.c.id)
            .join(partition, partition.c.id == partition_run.c.partition_id)
            .join(site, site.c.id == partition.c.site_id)
            .where(site.c.name == name, partition.c.name == part)
            .where(partition_run.c.verdict.is_not(None))
            .where(partition_run.c.verdict != PartitionVerdict.DRIFT.value)
            .where(partition_run.c.details != "{}")
            .order_by(partition_run.c.run_id.desc())
            .limit(limit)
        )
        return tuple(
            DetailRun(
                row.started_at,
                {field: Filled(*counts) for field, counts in json.loads(row.details).items()},
            )
            for row in rows
        )


def told(details: Mapping[str, Filled]) -> str:
    """Counts as their column holds them."""
    return canonical({name: [each.found, each.of] for name, each in details.items()})


def unread(connection: Connection, run: int, parts: Mapping[int, PartitionOutcome]) -> None:
    """Take what the partitions of a run misread as not read."""
    misread = {key: part.reread_since for key, part in parts.items() if part.reread_since}
    for key, since in misread.items():
        connection.execute(
            update(advert)
            .where(advert.c.partition_id == key, advert.c.detail_at >= since)
            .values(detail_at=None)
        )
    if misread:
        # A run that has met new ids stays held: that is a person's to decide.
        connection.execute(
            update(site_run)
            .where(site_run.c.id == run, site_run.c.gate.is_(None))
            .values(gate="misread")
        )


def waiting() -> ColumnElement[bool]:
    """Whether an advert, joined with its last run, waits for its page to be read well."""
    return and_(advert.c.detail_at.is_(None), site_run.c.gate.is_not_distinct_from("misread"))
