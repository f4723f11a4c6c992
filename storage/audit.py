"""The audit trail: entries chained by a keyed hash, written in the transaction they speak of.

An entry's hash covers the one before it, so a change or a swap breaks the chain. A cut tail does
not: so (count, head) is anchored in a file beside the database at the first run of each day and at
each report, and printed in the report.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from storage.crypto import canonical
from storage.errors import unwritable
from storage.tables_queue import audit
from storage.vault import Vault

SYSTEM = "system"
_START = b"\0" * 32
_CUT = "audit.cut"


def write(
    vault: Vault,
    connection: Connection,
    at: datetime,
    action: str,
    subject: str,
    detail: Mapping[str, Any],
    actor: str = SYSTEM,
) -> None:
    """Add an entry in the caller's transaction."""
    write_all(vault, connection, at, action, [(subject, detail)], actor)


def write_all(
    vault: Vault,
    connection: Connection,
    at: datetime,
    action: str,
    told: Iterable[tuple[str, Mapping[str, Any]]],
    actor: str = SYSTEM,
) -> None:
    """Add an entry for each (subject, detail) in the caller's transaction."""
    number, head = _last(connection)
    made = []
    for subject, detail in told:
        number += 1
        values = {
            "number": number,
            "at": at,
            "actor": actor,
            "action": action,
            "subject": subject,
            "detail": canonical(dict(detail)),
        }
        head = _mac(vault, head, values)
        made.append({**values, "mac": head})
    if made:
        connection.execute(insert(audit), made)


def head(vault: Vault) -> tuple[int, str]:
    """(count, hash of the last entry in hex)."""
    with vault.reading() as connection:
        number, mac = _last(connection)
    return number, mac.hex()


def anchor(vault: Vault, at: datetime, *, daily: bool = False) -> None:
    """Write (count, head) down outside the database; `daily`: unless today has one already."""
    day = at.astimezone(UTC).date().isoformat()
    if daily and any(line.startswith(day) for line in _anchors(vault)[-1:]):
        return
    count, mac = head(vault)
    line = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ} {count} {mac}"
    proof = _hash(vault, line.encode()).hex()
    try:
        handle = os.open(anchor_path(vault), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(f"{line} {proof}\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise unwritable(anchor_path(vault), error) from error


def anchor_path(vault: Vault) -> Path:
    """The file of anchors."""
    return vault.folder / "audit-anchors.txt"


def cut(vault: Vault, connection: Connection, before: datetime, at: datetime) -> int:
    """Forget the entries of before `before`, in the caller's transaction; how many.

    An entry says where the trail was cut and how its first entry goes on, so that it can still be
    verified, and nobody without the audit key can cut more.
    """
    kept = select(func.min(audit.c.number)).where(audit.c.at >= before)
    first = connection.execute(kept).scalar()
    last = (_last(connection)[0] if first is None else first - 1) or 0
    query = select(audit.c.number, audit.c.mac).where(audit.c.number == last)
    end = connection.execute(query).first()
    if end is None:
        return 0
    detail = {"number": last, "mac": bytes(end.mac).hex()}
    write(vault, connection, at, _CUT, "audit", detail)
    return connection.execute(delete(audit).where(audit.c.number <= last)).rowcount


def verify(vault: Vault, *, anchored: bool = True) -> str | None:
    """None when the trail is whole, else one line that says where it is not.

    Without `anchored` nothing is asked of the anchors: they speak of what came after a backup.
    """
    with vault.reading() as connection:
        start, before = _start(connection)
        marks = {start: before.hex()}
        rows = connection.execute(select(audit).order_by(audit.c.number))
        for expected, row in enumerate(rows.mappings(), start=start + 1):
            if row["number"] != expected:
                return f"audit: entry {expected} is missing"
            before = _mac(vault, before, row)
            if not hmac.compare_digest(before, row["mac"]):
                return f"audit: entry {expected} was changed, swapped or put in later"
            marks[expected] = before.hex()
    last = max(marks)
    for number, line in enumerate(_anchors(vault) if anchored else (), start=1):
        text, _, proof = line.rpartition(" ")
        if not hmac.compare_digest(_hash(vault, text.encode()).hex(), proof):
            return f"{anchor_path(vault)}: line {number} was changed"
        at, counted, mac = text.split(" ")
        if int(counted) > last:
            return f"audit: cut: {last} entries are left of the {counted} of {at}"
        if int(counted) >= start and marks[int(counted)] != mac:
            return f"audit: written anew: entry {counted} is not the one of {at}"
    return None


def _start(connection: Connection) -> tuple[int, bytes]:
    """Where the trail begins: after the last cut, which the rest of the trail vouches for."""
    query = select(audit.c.detail).where(audit.c.action == _CUT)
    detail = connection.execute(query.order_by(audit.c.number.desc()).limit(1)).scalar()
    if detail is None:
        return 0, _START
    told = json.loads(detail)
    return int(told["number"]), bytes.fromhex(told["mac"])


def _last(connection: Connection) -> tuple[int, bytes]:
    query = select(audit.c.number, audit.c.mac).order_by(audit.c.number.desc()).limit(1)
    row = connection.execute(query).first()
    return (row.number, bytes(row.mac)) if row else (0, _START)


def _anchors(vault: Vault) -> list[str]:
    path = anchor_path(vault)
    return path.read_text().splitlines() if path.exists() else []


def _mac(vault: Vault, before: bytes, entry: Mapping[Any, Any]) -> bytes:
    at: datetime = entry["at"]
    words = [entry[name] for name in ("number", "actor", "action", "subject", "detail")]
    return _hash(vault, before + canonical([at.astimezone(UTC).isoformat(), *words]).encode())


def _hash(vault: Vault, content: bytes) -> bytes:
    return hmac.digest(vault.sealer.keys.purpose("audit").secret, content, "sha256")
