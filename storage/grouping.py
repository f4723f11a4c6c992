"""Networks as stored: profiles that share contacts or texts, found whole or grown pass by pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from storage.sets import add_rows, among, remove_pairs
from storage.tables_queue import network, network_member
from storage.vault import Vault


def replace(
    vault: Vault, connection: Connection, networks: Iterable[Sequence[int]], at: datetime
) -> None:
    """Store these networks in place of all others.

    A network keeps its id as long as its oldest profile stays in it.
    """
    rows = connection.execute(select(network_member)).all()
    _drop(connection, _known(rows) - _store(vault, connection, networks, rows, at))


def join(
    vault: Vault, connection: Connection, bonds: Iterable[Sequence[int]], at: datetime
) -> None:
    """Let the networks of profiles that were found to be bound grow together.

    The network whose oldest profile is oldest gives its id to the whole.
    """
    bound = [list(each) for each in bonds if len(each) > 1]
    if not bound:
        return
    asked = {profile for each in bound for profile in each}
    query = select(network_member.c.network_id)
    touched = set(
        connection.execute(query.where(among(network_member.c.profile_id, asked))).scalars()
    )
    here = among(network_member.c.network_id, touched)
    rows = connection.execute(select(network_member).where(here)).all()
    members: dict[int, list[int]] = {}
    for row in rows:
        members.setdefault(row.network_id, []).append(row.profile_id)
    whole = _united([*members.values(), *bound])
    _drop(connection, touched - _store(vault, connection, whole, rows, at))


def inherit(vault: Vault, connection: Connection, merged: Mapping[int, int], at: datetime) -> None:
    """Each profile of `merged` merges into its value: whoever was bound to it is bound to that."""
    columns = network_member.c
    gone = among(columns.profile_id, merged)
    bonds: dict[int, set[int]] = {}
    for number, profile in connection.execute(
        select(columns.network_id, columns.profile_id).where(gone)
    ):
        bonds.setdefault(number, set()).add(merged[profile])
    if not bonds:
        return
    connection.execute(delete(network_member).where(gone))
    query = select(columns.network_id, columns.profile_id)
    for number, profile in connection.execute(query.where(among(columns.network_id, bonds))):
        bonds[number].add(profile)
    alone = {number for number, profiles in bonds.items() if len(profiles) == 1}
    connection.execute(delete(network_member).where(among(columns.network_id, alone)))
    _drop(connection, alone)
    join(vault, connection, [sorted(each) for each in bonds.values()], at)


def members_with(connection: Connection, profile: int) -> list[int]:
    """The profiles of the network that this one is in, the oldest first; none without one."""
    columns = network_member.c
    mine = select(columns.network_id).where(columns.profile_id == profile)
    query = select(columns.profile_id).where(columns.network_id.in_(mine))
    return sorted(set(connection.execute(query).scalars()))


def _united(groups: Iterable[Sequence[int]]) -> list[list[int]]:
    """Groups that have a member in common, made one."""
    parent: dict[int, int] = {}

    def root(node: int) -> int:
        while parent.setdefault(node, node) != node:
            parent[node] = node = parent[parent[node]]
        return node

    for group in groups:
        for each in group:
            low, high = sorted((root(group[0]), root(each)))
            parent[high] = low
    found: dict[int, list[int]] = {}
    for node in sorted(parent):
        found.setdefault(root(node), []).append(node)
    return list(found.values())


def _store(
    vault: Vault,
    connection: Connection,
    networks: Iterable[Sequence[int]],
    before: Sequence[Row[Any]],
    at: datetime,
) -> set[int]:
    """Store networks (profiles by age) in place of the members `before`; the ids in use."""
    oldest: dict[int, int] = {}
    for row in before:
        oldest[row.network_id] = min(oldest.get(row.network_id, row.profile_id), row.profile_id)
    by_oldest = {profile: number for number, profile in oldest.items()}
    since = {row.profile_id: row.joined_at for row in before}
    gone = {(row.network_id, row.profile_id) for row in before}
    made, members, used = [], [], set()
    for profiles in networks:
        if len(profiles) < 2:
            continue
        number = by_oldest.pop(profiles[0], None)
        if number is None:
            number = vault.ids.one()
            made.append((number, at))
        used.add(number)
        pairs = {(number, each) for each in profiles}
        members += [(*pair, since.get(pair[1], at)) for pair in sorted(pairs - gone)]
        gone -= pairs
    remove_pairs(connection, network_member.c.network_id, network_member.c.profile_id, gone)
    add_rows(connection, network, made)
    add_rows(connection, network_member, members)
    return used


def _known(rows: Iterable[Row[Any]]) -> set[int]:
    return {row.network_id for row in rows}


def _drop(connection: Connection, numbers: set[int]) -> None:
    if numbers:
        connection.execute(delete(network).where(among(network.c.id, numbers)))
