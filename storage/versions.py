"""Versions and their contacts: written sealed, read back as content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, tuple_

from records.stored import StoredContact
from storage.content import Content, opened_part
from storage.tables import contact, version, version_contact
from storage.vault import Vault

_CHUNK = 400


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version to be written. `month` is that of its sighting: whose key seals it."""

    id: int
    advert_id: int
    number: int
    content_hash: bytes
    content: Content
    month: str
    first_seen: datetime


def insert_versions(vault: Vault, connection: Connection, made: Sequence[NewVersion]) -> None:
    """Write new versions, with those of their contacts that are new."""
    if not made:
        return
    sealer = vault.sealer
    ids = _contact_ids(
        vault,
        connection,
        {(each.kind, each.value) for new in made for each in new.content.contacts},
    )
    connection.execute(
        insert(version),
        [
            {
                "id": new.id,
                "advert_id": new.advert_id,
                "number": new.number,
                "content_hash": new.content_hash,
                "content": sealer.seal(
                    sealer.keys.month("text", new.month),
                    "version.content",
                    new.id,
                    new.content.sealed_part(),
                ),
                "age": new.content.age,
                "price_cents": new.content.price_cents,
                "currency": new.content.currency,
                "city": new.content.city,
                "province": new.content.province,
                "category": new.content.category,
                "language": new.content.language,
                "key_month": new.month,
                "first_seen": new.first_seen,
            }
            for new in made
        ],
    )
    rows = [
        {
            "version_id": new.id,
            "contact_id": ids[each.kind, each.value],
            "found_in": each.where,
            "channel": each.channel,
            "token": each.token,
            "tier": each.tier,
            "line": each.line,
            "rule": rule,
            "confidence": confidence,
        }
        for new in made
        for each, (rule, confidence) in zip(new.content.contacts, new.content.rules, strict=True)
    ]
    if rows:
        connection.execute(insert(version_contact), rows)


def _contact_ids(
    vault: Vault, connection: Connection, names: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    sealer = vault.sealer
    blind = {(kind, sealer.contact_key(kind, value)): (kind, value) for kind, value in names}
    ids: dict[tuple[str, str], int] = {}
    keys = sorted(blind)
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        query = select(contact.c.kind, contact.c.blind, contact.c.id).where(
            tuple_(contact.c.kind, contact.c.blind).in_(chunk)
        )
        for row in connection.execute(query):
            ids[blind[row.kind, bytes(row.blind)]] = row.id
    rows = []
    for key, (kind, value) in blind.items():
        if (kind, value) not in ids:
            made = ids[kind, value] = vault.ids.one()
            rows.append(
                {
                    "id": made,
                    "kind": kind,
                    "blind": key[1],
                    "dnc": sealer.dnc_key(kind, value),
                    "value": sealer.seal_for("contact", "contact.value", made, value),
                }
            )
    if rows:
        connection.execute(insert(contact), rows)
    return ids


def load_content(vault: Vault, connection: Connection, version_id: int) -> Content:
    """The content of one stored version."""
    row = connection.execute(select(version).where(version.c.id == version_id)).mappings().one()
    contacts, rules = [], []
    for found in contact_rows(connection, [version_id]).get(version_id, []):
        contacts.append(stored_contact(vault, found))
        rules.append((found["rule"], found["confidence"]))
    title, text, nickname, extra = opened_part(
        vault.sealer.open("version.content", version_id, row["content"])
    )
    clear = {
        name: row[name]
        for name in ("age", "price_cents", "currency", "city", "province", "category", "language")
    }
    return Content(
        title=title,
        text=text,
        nickname=nickname,
        extra=extra,
        contacts=tuple(contacts),
        rules=tuple(rules),
        **clear,
    )


def contact_rows(
    connection: Connection, versions: Sequence[int]
) -> dict[int, list[Mapping[Any, Any]]]:
    """Rows of version_contact with their contact, by version, in the order of tokens."""
    found: dict[int, list[Mapping[Any, Any]]] = {}
    for start in range(0, len(versions), _CHUNK):
        query = (
            select(version_contact, contact.c.kind, contact.c.value)
            .join(contact, contact.c.id == version_contact.c.contact_id)
            .where(version_contact.c.version_id.in_(versions[start : start + _CHUNK]))
            .order_by(
                version_contact.c.version_id,
                version_contact.c.token,
                version_contact.c.found_in,
                version_contact.c.channel,
            )
        )
        for row in connection.execute(query).mappings():
            found.setdefault(row["version_id"], []).append(row)
    return found


def stored_contact(vault: Vault, row: Mapping[Any, Any]) -> StoredContact:
    """A contact as it leaves storage, its value in clear."""
    return StoredContact(
        kind=row["kind"],
        value=vault.sealer.open("contact.value", row["contact_id"], row["value"]),
        tier=row["tier"],
        channel=row["channel"],
        where=row["found_in"],
        line=row["line"],
        token=row["token"],
    )
