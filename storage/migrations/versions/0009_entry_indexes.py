"""Entries that lead to another, and those not pertinent, found without reading all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_LEADS = sa.text("merged_into IS NOT NULL")
_NOT_PERTINENT = sa.text("state = 'not_pertinent'")


def upgrade() -> None:
    op.create_index(
        *("ix_entry_merged_into", "entry", ["merged_into"]),
        sqlite_where=_LEADS,
        postgresql_where=_LEADS,
    )
    op.create_index(
        *("ix_entry_not_pertinent", "entry", ["profile_id"]),
        sqlite_where=_NOT_PERTINENT,
        postgresql_where=_NOT_PERTINENT,
    )


def downgrade() -> None:
    op.drop_index("ix_entry_not_pertinent", "entry")
    op.drop_index("ix_entry_merged_into", "entry")
