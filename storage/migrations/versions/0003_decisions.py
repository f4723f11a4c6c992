"""What people decide of profiles, and what a matching pass looks up in a large database."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.columns import Id, UtcDateTime

revision = "0003"
down_revision = "0002"

_PARTIAL = (
    ("ix_advert_pending", "advert", "id", "pending != 0"),
    ("ix_advert_held", "advert", "held_until", "held_until IS NOT NULL"),
    ("ix_version_young", "version", "advert_id", "age < 18"),
    ("ix_profile_unjudged", "profile", "id", "judged_to IS NULL"),
)


def _id(name: str) -> sa.Column[int]:
    return sa.Column(name, Id, autoincrement=False, nullable=False)


def _network_member(*more: sa.Column[Any]) -> None:
    op.create_table(
        "network_member",
        sa.Column("network_id", Id, nullable=False),
        sa.Column("profile_id", Id, nullable=False),
        *more,
        sa.ForeignKeyConstraint(
            ["network_id"], ["network.id"], name="fk_network_member_network_id"
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["profile.id"], name="fk_network_member_profile_id"
        ),
        sa.PrimaryKeyConstraint("network_id", "profile_id", name="pk_network_member"),
    )
    op.create_index("ix_network_member_profile_id", "network_member", ["profile_id"])


def upgrade() -> None:
    op.create_table(
        "judgement",
        _id("id"),
        _id("advert_a"),
        _id("advert_b"),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("undone_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_judgement"),
    )
    op.create_index("ix_judgement_advert_a", "judgement", ["advert_a"])
    op.create_index("ix_judgement_advert_b", "judgement", ["advert_b"])
    op.create_table(
        "membership_past",
        _id("id"),
        _id("advert_id"),
        _id("profile_id"),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.Column("left_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_membership_past"),
    )
    op.create_index("ix_membership_past_advert_id", "membership_past", ["advert_id"])
    op.create_index("ix_membership_past_profile_id", "membership_past", ["profile_id"])
    op.create_table(
        "parting",
        _id("id"),
        _id("kept_profile"),
        _id("parted_profile"),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_parting"),
    )
    op.create_index("ix_parting_kept_profile", "parting", ["kept_profile"])
    op.create_index("ix_parting_parted_profile", "parting", ["parted_profile"])
    op.create_table(
        "match_pass",
        _id("id"),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("adverts", "made", "merged", "parted", "moved", "profiles")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_match_pass"),
    )
    # The next `faro match --all` finds the networks again, with the time at which each grew.
    op.drop_table("network_member")
    _network_member(sa.Column("joined_at", UtcDateTime(), nullable=False))
    op.add_column("entry", sa.Column("merged_state", sa.String(length=32), nullable=True))
    op.add_column("entry", sa.Column("first_profile", Id, nullable=True))
    op.add_column(
        "advert", sa.Column("matched_in", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.create_index("ix_advert_matched_in", "advert", ["matched_in"])
    for name, table, column, where in _PARTIAL:
        op.create_index(
            name, table, [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )


def downgrade() -> None:
    for name, table, _, _ in _PARTIAL:
        op.drop_index(name, table)
    op.drop_index("ix_advert_matched_in", "advert")
    op.drop_column("advert", "matched_in")
    op.drop_column("entry", "first_profile")
    op.drop_column("entry", "merged_state")
    op.drop_table("network_member")
    _network_member()
    for name in ("match_pass", "parting", "membership_past", "judgement"):
        op.drop_table(name)
