"""Sightings that are cheap on PostgreSQL: no look-up of the run, and room on the page for the next.

A table that is written at every sighting and half full keeps its new row beside the old one, and
its indexes as they are. SQLite writes in place, and its look-up costs nothing: there the reference
stays.
"""

from alembic import op

revision = "0005"
down_revision = "0004"

_TABLES = ("advert", "presence")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in _TABLES:
            op.drop_constraint(f"fk_{table}_last_run", table, type_="foreignkey")
            op.execute(f"ALTER TABLE {table} SET (fillfactor = 45)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in _TABLES:
            op.execute(f"ALTER TABLE {table} RESET (fillfactor)")
            op.create_foreign_key(f"fk_{table}_last_run", table, "site_run", ["last_run"], ["id"])
