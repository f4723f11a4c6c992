"""What the list pages of a site showed when they were last read, for conditional requests."""

import sqlalchemy as sa
from alembic import op

from storage.columns import Id

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "list_memory",
        sa.Column("site_id", Id, autoincrement=False, nullable=False),
        sa.Column("pages", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_list_memory_site_id"),
        sa.PrimaryKeyConstraint("site_id", name="pk_list_memory"),
    )


def downgrade() -> None:
    op.drop_table("list_memory")
