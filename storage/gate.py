"""The gate: a run that met almost only new adverts is stored, and its flags wait for a person.

A site that changes its kind of ids overnight shows nobody new, but every advert under an id never
seen before (guide/crawling.md, Gate). Until a person has decided, adverts that a held run saw first
are no more known than on the first day: the site's next run, with the same ids, is held too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)

from records.verdicts import Gate
from storage import audit
from storage.errors import StorageError
from storage.tables import advert, partition_run, site, site_run
from storage.vault import Vault

# A site or partition known by fewer adverts than this may well be all new.
ENOUGH_KNOWN = 10
# Fewer new adverts than this flood nobody's list.
ENOUGH_NEW = 5
MAX_NEW_SHARE = 0.8

_BASELINES = select(partition_run.c.partition_id).where(
    partition_run.c.run_id == bindparam("run"), partition_run.c.baseline
)


@dataclass(frozen=True, slots=True)
class NewFacts:
    """How many adverts a partition showed in a run, how many of them were never seen on the site
    before, and how many it was known to have.
    """

    seen: int
    new: int
    known: int


def held_partitions(parts: Mapping[int, NewFacts], max_new_share: float) -> frozenset[int]:
    """The partitions of a run that have met new ids rather than new adverts; none when the run may
    be judged as it is.

    It counts over the whole site, for a site has one kind of ids. A partition that was hardly known
    before (one that the site file has just got) has nothing to compare with, and does not count.
    """
    counted = [each for each in parts.values() if each.known >= ENOUGH_KNOWN]
    new = sum(each.new for each in counted)
    if new < ENOUGH_NEW or new <= max_new_share * sum(each.seen for each in counted):
        return frozenset()
    return frozenset(
        key for key, each in parts.items() if each.new and each.new > max_new_share * each.seen
    )


def new_facts(connection: Connection, site_id: int, run: int) -> dict[int, NewFacts]:
    """What a run met, by partition; what undecided runs saw first counts as new again."""
    unknown = or_(advert.c.first_run == run, advert.c.first_run.in_(_undecided(site_id)))
    seen = advert.c.last_run == run
    rows = connection.execute(
        select(
            advert.c.partition_id,
            func.sum(case((seen, 1), else_=0)),
            func.sum(case((and_(seen, unknown), 1), else_=0)),
            func.sum(case((and_(~unknown, advert.c.state != "absent"), 1), else_=0)),
        )
        .where(advert.c.site_id == site_id)
        .group_by(advert.c.partition_id)
    )
    return {row[0]: NewFacts(*map(int, row[1:])) for row in rows}


def judge(vault: Vault, connection: Connection, run: int) -> dict[int, NewFacts]:
    """Hold the run's flags if it has met new ids; the partitions that did, with what they met."""
    site_id, name = connection.execute(
        select(site.c.id, site.c.name)
        .join(site_run, site_run.c.site_id == site.c.id)
        .where(site_run.c.id == run)
    ).one()
    facts = new_facts(connection, site_id, run)
    # What is first seen in a baseline raises nothing anyway.
    for key in connection.execute(_BASELINES, {"run": run}).scalars():
        if key in facts:
            facts[key] = replace(facts[key], known=0)
    held = held_partitions(facts, vault.new_shares.get(name, MAX_NEW_SHARE))
    if held:
        connection.execute(update(site_run).where(site_run.c.id == run).values(gate="held"))
    return {key: facts[key] for key in held}


def _undecided(site_id: int) -> Select[tuple[int]]:
    return select(site_run.c.id).where(site_run.c.site_id == site_id, site_run.c.gate == "held")


def undecided_runs() -> Select[tuple[int]]:
    """The held runs of all sites: what they were the first or the last to see is not judged."""
    return select(site_run.c.id).where(site_run.c.gate == "held")


def decide(vault: Vault, which: str, decision: Gate, at: datetime) -> list[int]:
    """See `Store.decide_held`."""
    with vault.writing() as connection:
        query = (
            select(site_run.c.id)
            .join(site, site.c.id == site_run.c.site_id)
            .where(site_run.c.gate == "held", or_(site.c.name == which, _named(which)))
            .order_by(site_run.c.id)
        )
        found = list(connection.execute(query).scalars())
        if not found:
            raise StorageError(
                f"{which}: no held run has this number, nor is it a site that has one; "
                "`faro status` shows them"
            )
        connection.execute(
            update(site_run).where(site_run.c.id.in_(found)).values(gate=decision, decided_at=at)
        )
        if decision == "discarded":
            connection.execute(
                update(advert).where(advert.c.first_run.in_(found)).values(baseline=True)
            )
        for run in found:
            audit.write(vault, connection, at, "gate", f"run:{run}", {"decision": decision})
        return found


def _named(which: str) -> ColumnElement[bool]:
    return site_run.c.id == (int(which) if which.isascii() and which.isdigit() else -1)
