"""How to ask for a detail page only if it changed, beside the advert it belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("advert", sa.Column("detail_note", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("advert", "detail_note")
