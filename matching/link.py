"""Linking a whole set of adverts at once: from records to profiles, networks and links."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching.candidates import candidate_pairs
from matching.columns import Columns, columns
from matching.cores import settle
from matching.model import WEIGHTS, Model
from matching.networks import networks
from matching.score import Scored, Scorer, Told, evidence, score
from records.linking import Link, LinkRecord, Membership

Int64s = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Linking:
    """The profile and network of every record, and every link from the model's floor on.

    Profiles are named P1, P2, ... and networks N1, ... in the order of their first record.
    """

    memberships: tuple[Membership, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True)
class LinkedColumns:
    """What linking found, by row: `cluster` and `network` are smallest rows (network -1: none).

    `probability` is that of a row's best link into its cluster, 1 where it is alone; `scored` are
    the links, with their probability in the light of all adverts and the one that they have
    `alone`.
    """

    columns: Columns
    scored: Scored
    alone: NDArray[np.float64]
    cluster: Int64s
    network: Int64s
    probability: NDArray[np.float64]


def link_columns(
    table: Columns,
    model: Model = WEIGHTS,
    scorer: Scorer = score,
    told: Told = lambda *_: None,
) -> LinkedColumns:
    """Link columns: candidates, scores, clusters, networks. `told` hears of pairs scored."""
    a, b = candidate_pairs(table)
    scored = scorer(table, a, b, model, floor=model.floor, told=told)
    alone = scored.probability
    found = settle(table, scored.a, scored.b, alone, model)
    scored = replace(scored, probability=found.probability)
    return LinkedColumns(
        table,
        scored,
        alone,
        found.cluster,
        networks(table, found.cluster),
        best_links(scored, found.cluster),
    )


def best_links(scored: Scored, cluster: Int64s) -> NDArray[np.float64]:
    """For every row the probability of its best link within its cluster, 1 where it has none."""
    best = np.zeros(len(cluster))
    inside = cluster[scored.a] == cluster[scored.b]
    for rows in (scored.a[inside], scored.b[inside]):
        np.maximum.at(best, rows, scored.probability[inside])
    best[best == 0.0] = 1.0
    return best


def numbered(label: Int64s, prefix: str) -> list[str | None]:
    """Names `prefix`1, `prefix`2, ... in the order of first appearance; None for -1."""
    values, first, where = np.unique(label, return_index=True, return_inverse=True)
    names: list[str | None] = [None] * len(values)
    appear = [value for value in np.argsort(first).tolist() if values[value] >= 0]
    for number, value in enumerate(appear, 1):
        names[value] = f"{prefix}{number}"
    return [names[value] for value in where.tolist()]


def links_of(
    ids: list[str], scored: Scored, alone: NDArray[np.float64], model: Model
) -> tuple[Link, ...]:
    """The scored pairs as links with their evidence, surest first."""
    order = np.lexsort((scored.b, scored.a, -scored.probability))
    told = evidence(scored, model)
    return tuple(
        Link(ids[a], ids[b], probability, told[pair], by_themselves)
        for pair, a, b, probability, by_themselves in zip(
            order.tolist(),
            scored.a[order].tolist(),
            scored.b[order].tolist(),
            scored.probability[order].tolist(),
            alone[order].tolist(),
            strict=True,
        )
    )


def link(records: Iterable[LinkRecord], *, weights: Model = WEIGHTS) -> Linking:
    """Link records: who is behind them, which profiles share contacts or texts, and why."""
    found = link_columns(columns(records), weights)
    profiles, shared = numbered(found.cluster, "P"), numbered(found.network, "N")
    ids = found.columns.ids
    return Linking(
        tuple(
            Membership(ids[row], str(profiles[row]), shared[row], float(found.probability[row]))
            for row in range(len(ids))
        ),
        links_of(ids, found.scored, found.alone, weights),
    )
