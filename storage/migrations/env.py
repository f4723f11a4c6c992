"""Alembic's way in: it runs on the connection that storage/schema.py gives it, inside its
transaction.
"""

from typing import Any, Literal

from alembic import context
from sqlalchemy import BigInteger

from storage import tables_matching, tables_queue, tables_service
from storage.columns import UtcDateTime
from storage.tables import metadata

# imported for their tables
for room in (tables_queue.profile, tables_service.notice, tables_matching.judgement):
    assert room.metadata is metadata


def _written(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """How a new migration writes our column types."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "UtcDateTime()"
    if kind == "type" and isinstance(item, BigInteger) and "sqlite" in item._variant_mapping:
        return "Id"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=_written,
)
context.run_migrations()
