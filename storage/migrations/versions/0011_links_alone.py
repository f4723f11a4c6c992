"""What the two adverts of a link say by themselves, beside what all adverts of their people say."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("link", sa.Column("alone", sa.Float(), nullable=True))
    op.execute(sa.text("UPDATE link SET alone = probability"))
    with op.batch_alter_table("link") as table:
        table.alter_column("alone", existing_type=sa.Float(), nullable=False)


def downgrade() -> None:
    op.drop_column("link", "alone")
