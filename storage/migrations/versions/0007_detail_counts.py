"""What the detail pages of a run held, field by field, so that few of them add up over runs."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column(
        "partition_run", sa.Column("details", sa.Text(), server_default="{}", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("partition_run", "details")
