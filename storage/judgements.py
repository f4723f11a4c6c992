"""Judgements: what people decided of two adverts, kept with its history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from records.judgements import Judgement, Verdict
from storage import audit
from storage.errors import StorageError
from storage.tables import advert
from storage.tables_matching import judgement
from storage.vault import Vault

_CHUNK = 400


def record(
    vault: Vault, one: int, other: int, verdict: Verdict, actor: str, at: datetime
) -> Judgement:
    """See `Store.judge`."""
    low, high = sorted((one, other))
    if low == high:
        raise StorageError(f"advert {low}: a judgement needs two adverts")
    with vault.writing() as connection:
        _known(connection, (low, high))
        made = Judgement(vault.ids.one(), low, high, verdict, actor, at)
        connection.execute(
            insert(judgement).values(
                id=made.id,
                advert_a=low,
                advert_b=high,
                verdict=verdict.value,
                actor=actor,
                at=at,
                undone_at=None,
                undone_by=None,
            )
        )
        _match_again(vault, connection, (low, high))
        detail = {"a": low, "b": high, "verdict": verdict.value}
        audit.write(vault, connection, at, "judge", f"judgement:{made.id}", detail, actor)
    return made


def undo(vault: Vault, one: int, other: int, actor: str, at: datetime) -> Judgement:
    """See `Store.undo_judgement`."""
    low, high = sorted((one, other))
    with vault.writing() as connection:
        standing = [
            each
            for each in _of(connection, (low,))
            if (each.b, each.actor, each.undone_at) == (high, actor, None)
        ]
        if not standing:
            raise StorageError(
                f"adverts {low} and {high}: {actor} has decided nothing of them that stands; "
                "only who gave a judgement takes it back (another word of yours is added to it)"
            )
        last = standing[-1]
        connection.execute(
            update(judgement).where(judgement.c.id == last.id).values(undone_at=at, undone_by=actor)
        )
        _match_again(vault, connection, (low, high))
        audit.write(vault, connection, at, "judge.undo", f"judgement:{last.id}", {}, actor)
    return last


def of_adverts(vault: Vault, adverts: Iterable[int] | None) -> list[Judgement]:
    """See `Store.judgements`."""
    with vault.reading() as connection:
        return _of(connection, adverts)


def _of(connection: Connection, adverts: Iterable[int] | None) -> list[Judgement]:
    query = select(judgement).order_by(judgement.c.at, judgement.c.id)
    if adverts is None:
        return [_judgement(row) for row in connection.execute(query)]
    found: dict[int, Judgement] = {}
    asked = list(dict.fromkeys(adverts))
    for start in range(0, len(asked), _CHUNK):
        chunk = asked[start : start + _CHUNK]
        either = or_(judgement.c.advert_a.in_(chunk), judgement.c.advert_b.in_(chunk))
        found.update({row.id: _judgement(row) for row in connection.execute(query.where(either))})
    return sorted(found.values(), key=lambda each: (each.at, each.id))


def _judgement(row: Any) -> Judgement:
    return Judgement(
        row.id,
        row.advert_a,
        row.advert_b,
        Verdict(row.verdict),
        row.actor,
        row.at,
        row.undone_at,
        row.undone_by,
    )


def _known(connection: Connection, adverts: tuple[int, int]) -> None:
    found = set(connection.execute(select(advert.c.id).where(advert.c.id.in_(adverts))).scalars())
    for each in adverts:
        if each not in found:
            raise StorageError(f"advert {each}: unknown; `faro explain F-...` shows the ids")


def _match_again(vault: Vault, connection: Connection, adverts: tuple[int, int]) -> None:
    """The next pass looks at them: what was decided shows in the profiles."""
    for each in adverts:
        connection.execute(
            update(advert).where(advert.c.id == each).values(pending=vault.ids.one())
        )
