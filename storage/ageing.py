"""How a run ends: verdicts, and what its complete partitions prove of adverts they missed.

Only a complete partition closes presences and ages adverts (guide/crawling.md, Verdicts): active →
missing at the first complete run that misses an advert, → absent at the second, 24 hours after its
last sighting at the earliest. A detail page that says "gone" proves it at once, in any run. What
was sighted in this run, in whatever partition, is never aged; nor is an advert whose detail page
was seen to stand, or that another partition showed which this run did not read whole. A run whose
flags are held (storage/gate.py) has met new ids: the old ones prove nothing in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, insert, select, update

from records.causes import Cause
from records.verdicts import PartitionOutcome, PartitionVerdict, RunOutcome
from storage import gate, misread, runs
from storage.crypto import canonical
from storage.errors import StorageError
from storage.tables import absence, advert, partition_run, presence, site_run
from storage.vault import Vault

MISSED_RUNS = 2
MISSED_FOR = timedelta(hours=24)
# Some sites never take a detail page down, so its standing outweighs the lists only for so long.
ALIVE_UNLISTED_FOR = timedelta(days=7)

_CHUNK = 500


def finish(vault: Vault, run: int, at: datetime, outcome: RunOutcome) -> RunOutcome:
    """See `Store.finish_run`."""
    with vault.writing() as connection:
        plan = runs.plan(connection, run)
        held = gate.judge(vault, connection, run)
        outcomes = _matched(plan, outcome)
        misread.unread(connection, run, dict(outcomes))
        if held:
            outcomes = [(key, _in_new_ids(part, held.get(key))) for key, part in outcomes]
        for partition_id, part in outcomes:
            _write_verdict(vault, connection, run, partition_id, at, part)
        alive = _alive(vault, connection, plan, at, outcomes)
        complete = [
            partition_id
            for partition_id, part in outcomes
            if part.verdict is PartitionVerdict.COMPLETE
        ]
        for partition_id in complete:
            here = presence.c.partition_id == partition_id
            _close(connection, run, at, and_(here, presence.c.advert_id.not_in(alive)))
        for partition_id in complete:
            _age(vault, connection, plan, partition_id, at, alive)
        gone = sorted({ad_id for _, part in outcomes for ad_id in part.gone})
        _prove_gone(vault, connection, plan, at, gone)
        connection.execute(
            update(site_run)
            .where(site_run.c.id == run)
            .values(state="finished", finished_at=at, stats=canonical(dict(outcome.stats)))
        )
    return RunOutcome(tuple(part for _, part in outcomes), outcome.stats, held=bool(held))


def _in_new_ids(part: PartitionOutcome, met: gate.NewFacts | None) -> PartitionOutcome:
    """The outcome of a partition of a held run: that an old address is gone proves nothing, and one
    that has met new ids itself (`met`) has drifted, well as it was read.
    """
    part = replace(part, gone=frozenset())
    if met is None or part.verdict is not PartitionVerdict.COMPLETE:
        return part
    cause = Cause("new_ids", {"new": met.new, "seen": met.seen})
    return replace(part, verdict=PartitionVerdict.DRIFT, cause=cause)


def _matched(plan: runs.RunPlan, outcome: RunOutcome) -> list[tuple[int, PartitionOutcome]]:
    """An outcome for every partition that the run started with; none told is a failed one."""
    told = {part.partition: part for part in outcome.partitions}
    strange = sorted(set(told) - set(plan.partitions))
    if strange:
        raise StorageError(
            f"run {plan.run} of {plan.site}: got a verdict for {', '.join(strange)}, "
            "which it did not start with"
        )
    silent = Cause("silent")
    return [
        (
            partition_id,
            told.get(name) or PartitionOutcome(name, PartitionVerdict.FAILED, silent),
        )
        for name, partition_id in plan.partitions.items()
    ]


def _write_verdict(
    vault: Vault,
    connection: Connection,
    run: int,
    partition_id: int,
    at: datetime,
    part: PartitionOutcome,
) -> None:
    baseline = runs.is_baseline(
        runs.coverage(connection, partition_id, run),
        at,
        complete=part.verdict is PartitionVerdict.COMPLETE,
        outage=vault.outage,
    )
    connection.execute(
        update(partition_run)
        .where(partition_run.c.run_id == run, partition_run.c.partition_id == partition_id)
        .values(
            verdict=part.verdict.value,
            reason=runs.without_numbers(part.reason)[:500],
            cause=runs.cause_text(part.cause),
            pages=part.pages,
            cards=part.cards,
            stored=part.stored,
            gone=len(part.gone),
            baseline=baseline,
            fill=canonical(dict(part.fill)),
            selector_hits=canonical(dict(part.selector_hits)),
            details=misread.told(part.details),
        )
    )
    connection.execute(
        update(advert)
        .where(advert.c.first_run == run, advert.c.first_partition == partition_id)
        .values(baseline=baseline)
    )


def _alive(
    vault: Vault,
    connection: Connection,
    plan: runs.RunPlan,
    at: datetime,
    outcomes: Iterable[tuple[int, PartitionOutcome]],
) -> list[int]:
    """Adverts that the lists missed and whose detail page was seen to stand, for a week at most."""
    told = sorted({ad_id for _, part in outcomes for ad_id in part.alive})
    keys = [vault.sealer.ad_key(plan.site, ad_id) for ad_id in told]
    found: list[int] = []
    for chunk in _chunks(keys):
        query = select(advert.c.id).where(
            advert.c.site_id == plan.site_id,
            advert.c.ad_key.in_(chunk),
            advert.c.last_seen > at - ALIVE_UNLISTED_FOR,
        )
        found += connection.execute(query).scalars()
    return found


def _age(
    vault: Vault,
    connection: Connection,
    plan: runs.RunPlan,
    partition_id: int,
    at: datetime,
    alive: Sequence[int],
) -> None:
    run = plan.run
    missed = and_(
        advert.c.partition_id == partition_id,
        advert.c.last_run != run,
        advert.c.state != "absent",
        advert.c.id.not_in(alive),
    )
    connection.execute(
        update(advert).where(missed).values(missed=advert.c.missed + 1, state="missing")
    )
    # Another partition that showed her and that this run did not read whole may show her still.
    elsewhere = exists().where(
        presence.c.advert_id == advert.c.id,
        presence.c.closed_run.is_(None),
        presence.c.partition_id.in_(list(plan.partitions.values())),
    )
    proven = and_(
        missed,
        advert.c.missed >= MISSED_RUNS,
        advert.c.last_seen <= at - MISSED_FOR,
        ~elsewhere,
    )
    _declare(vault, connection, run, at, proven, "runs")


def _prove_gone(
    vault: Vault, connection: Connection, plan: runs.RunPlan, at: datetime, gone: Sequence[str]
) -> None:
    keys = [vault.sealer.ad_key(plan.site, ad_id) for ad_id in gone]
    for chunk in _chunks(keys):
        proven = and_(
            advert.c.site_id == plan.site_id,
            advert.c.ad_key.in_(chunk),
            advert.c.last_run != plan.run,
            advert.c.state != "absent",
        )
        _declare(vault, connection, plan.run, at, proven, "probe")


def _declare(
    vault: Vault,
    connection: Connection,
    run: int,
    at: datetime,
    proven: ColumnElement[bool],
    proof: str,
) -> None:
    """Make the adverts absent: one absence each, and no presence left open anywhere."""
    found = connection.execute(select(advert.c.id, advert.c.last_seen).where(proven)).all()
    if not found:
        return
    connection.execute(
        insert(absence),
        [
            {
                "id": made,
                "advert_id": row.id,
                "last_seen": row.last_seen,
                "declared_at": at,
                "declared_run": run,
                "ended_at": None,
                "proof": proof,
            }
            for made, row in zip(vault.ids.take(len(found)), found, strict=True)
        ],
    )
    for chunk in _chunks([row.id for row in found]):
        _close(connection, run, at, presence.c.advert_id.in_(chunk))
        connection.execute(update(advert).where(advert.c.id.in_(chunk)).values(state="absent"))


def _close(connection: Connection, run: int, at: datetime, which: ColumnElement[bool]) -> None:
    """Close the open presences that were not sighted in this run."""
    connection.execute(
        update(presence)
        .where(which, presence.c.closed_run.is_(None), presence.c.last_run != run)
        .values(closed_run=run, closed_at=at)
    )


def _chunks(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))
