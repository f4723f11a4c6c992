"""Sets of match weights that people put in force, by version; none is ever deleted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from records.weights import WeightSet
from storage import audit
from storage.crypto import canonical
from storage.errors import StorageError
from storage.tables_matching import match_pass, weight_set
from storage.vault import Vault


def put_in_force(
    vault: Vault,
    base: str,
    weights: Mapping[str, Mapping[str, float]],
    counts: Mapping[str, int],
    actor: str,
    at: datetime,
) -> WeightSet:
    """See `Store.put_weights_in_force`."""
    with vault.writing() as connection:
        last = connection.execute(select(func.max(weight_set.c.number))).scalar() or 0
        made = WeightSet(last + 1, at, actor, base, weights, counts)
        connection.execute(
            insert(weight_set).values(
                number=made.number,
                at=at,
                actor=actor,
                base=base,
                weights=canonical(weights),
                counts=canonical(counts),
                undone_at=None,
                undone_by=None,
            )
        )
        audit.write(
            vault, connection, at, "weights.apply", f"weights:{made.number}", dict(counts), actor
        )
        vault.advance(connection, at)
    return made


def undo(vault: Vault, actor: str, at: datetime) -> WeightSet:
    """See `Store.undo_weights`."""
    with vault.writing() as connection:
        standing = _standing(connection)
        if standing is None:
            raise StorageError("match weights: the shipped ones are in force; nothing to undo")
        connection.execute(
            update(weight_set)
            .where(weight_set.c.number == standing.number)
            .values(undone_at=at, undone_by=actor)
        )
        subject = f"weights:{standing.number}"
        audit.write(vault, connection, at, "weights.undo", subject, {}, actor)
        vault.advance(connection, at)
    return standing


def standing(vault: Vault) -> WeightSet | None:
    """See `Store.weights_in_force`."""
    with vault.reading() as connection:
        return _standing(connection)


def last_model(vault: Vault) -> str | None:
    """See `Store.last_model`."""
    query = select(match_pass.c.model).order_by(match_pass.c.id.desc()).limit(1)
    with vault.reading() as connection:
        return connection.execute(query).scalar()


def _standing(connection: Connection) -> WeightSet | None:
    query = select(weight_set).where(weight_set.c.undone_at.is_(None))
    row = connection.execute(query.order_by(weight_set.c.number.desc()).limit(1)).first()
    return None if row is None else _set(row)


def _set(row: Any) -> WeightSet:
    return WeightSet(
        row.number,
        row.at,
        row.actor,
        row.base,
        json.loads(row.weights),
        json.loads(row.counts),
        row.undone_at,
        row.undone_by,
    )
