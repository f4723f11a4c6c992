"""The evidence of a link is a letter a comparison, a tenth of what its words took: what was written
before is told anew when its adverts are matched again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute(sa.text("UPDATE link SET evidence = ''"))


def downgrade() -> None:
    op.execute(sa.text("UPDATE link SET evidence = '[]'"))
