"""Runs whose flags wait for a person, and the cause of an incomplete partition as a code."""

import sqlalchemy as sa
from alembic import op

from storage.columns import UtcDateTime

revision = "0004"
down_revision = "0003"

_HELD = sa.text("gate = 'held'")


def upgrade() -> None:
    op.add_column("site_run", sa.Column("gate", sa.String(length=9), nullable=True))
    op.add_column("site_run", sa.Column("decided_at", UtcDateTime(), nullable=True))
    op.create_index(
        "ix_site_run_gate", "site_run", ["gate"], sqlite_where=_HELD, postgresql_where=_HELD
    )
    op.add_column(
        "partition_run",
        sa.Column("cause", sa.String(length=200), nullable=False, server_default=""),
    )


def downgrade() -> None:
    op.drop_column("partition_run", "cause")
    op.drop_index("ix_site_run_gate", "site_run")
    op.drop_column("site_run", "decided_at")
    op.drop_column("site_run", "gate")
