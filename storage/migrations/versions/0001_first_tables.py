"""The first tables."""

import sqlalchemy as sa
from alembic import op

from storage.columns import Id, UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
    op.create_table(
        "contact",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("blind", sa.LargeBinary(length=32), nullable=False),
        sa.Column("dnc", sa.LargeBinary(length=32), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contact"),
        sa.UniqueConstraint("kind", "blind", name="uq_contact_kind_blind"),
    )
    op.create_index("ix_contact_dnc", "contact", ["dnc"])
    op.create_table(
        "do_not_contact",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("dnc", sa.LargeBinary(length=32), nullable=False),
        sa.Column("asked_by", sa.String(length=16), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("review_due", UtcDateTime(), nullable=True),
        sa.Column("lifted_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_do_not_contact"),
        sa.UniqueConstraint("kind", "dnc", name="uq_do_not_contact_kind_dnc"),
    )
    op.create_table(
        "meta",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_now", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_meta"),
    )
    op.create_table(
        "network",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_network"),
    )
    op.create_table(
        "profile",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("merged_into", Id, nullable=True),
        sa.Column("merged_at", UtcDateTime(), nullable=True),
        sa.Column("judged_to", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["merged_into"], ["profile.id"], name="fk_profile_merged_into"),
        sa.PrimaryKeyConstraint("id", name="pk_profile"),
    )
    op.create_index("ix_profile_merged_into", "profile", ["merged_into"])
    op.create_table(
        "profile_seen",
        sa.Column("profile_id", Id, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["profile_id"], ["profile.id"], name="fk_profile_seen_profile_id"),
        sa.PrimaryKeyConstraint("profile_id", "kind", "value", name="pk_profile_seen"),
    )
    op.create_table(
        "report",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("generated_at", UtcDateTime(), nullable=False),
        sa.Column("covers_from", UtcDateTime(), nullable=True),
        sa.Column("covers_to", UtcDateTime(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_report"),
        sa.UniqueConstraint("unit", "day", name="uq_report_unit_day"),
    )
    op.create_table(
        "site",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_site"),
        sa.UniqueConstraint("name", name="uq_site_name"),
    )
    op.create_table(
        "entry",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("profile_id", Id, nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("state_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["merged_into"], ["entry.number"], name="fk_entry_merged_into"),
        sa.ForeignKeyConstraint(["profile_id"], ["profile.id"], name="fk_entry_profile_id"),
        sa.PrimaryKeyConstraint("number", name="pk_entry"),
    )
    op.create_index("ix_entry_profile_id", "entry", ["profile_id"])
    op.create_index("ix_entry_unit", "entry", ["unit"])
    op.create_table(
        "flag",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("profile_id", Id, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.Column("absent_days", sa.Integer(), nullable=True),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("reasons", sa.LargeBinary(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["profile_id"], ["profile.id"], name="fk_flag_profile_id"),
        sa.PrimaryKeyConstraint("id", name="pk_flag"),
    )
    op.create_index("ix_flag_profile_id", "flag", ["profile_id"])
    op.create_index("ix_flag_raised_at", "flag", ["raised_at"])
    op.create_table(
        "network_member",
        sa.Column("network_id", Id, nullable=False),
        sa.Column("profile_id", Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["network_id"], ["network.id"], name="fk_network_member_network_id"
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["profile.id"], name="fk_network_member_profile_id"
        ),
        sa.PrimaryKeyConstraint("network_id", "profile_id", name="pk_network_member"),
    )
    op.create_index("ix_network_member_profile_id", "network_member", ["profile_id"])
    op.create_table(
        "partition",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("site_id", Id, nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_partition_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_partition"),
        sa.UniqueConstraint("site_id", "name", name="uq_partition_site_id_name"),
    )
    op.create_table(
        "site_run",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("site_id", Id, nullable=False),
        sa.Column("slot", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("heartbeat_at", UtcDateTime(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("stats", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_site_run_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_site_run"),
        sa.UniqueConstraint("site_id", "slot", name="uq_site_run_site_id_slot"),
    )
    op.create_table(
        "advert",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("site_id", Id, nullable=False),
        sa.Column("ad_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("ad_id", sa.LargeBinary(), nullable=False),
        sa.Column("url", sa.LargeBinary(), nullable=False),
        sa.Column("card", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.Column("last_run", Id, nullable=False),
        sa.Column("partition_id", Id, nullable=False),
        sa.Column("version_id", Id, nullable=False),
        sa.Column("versions", sa.Integer(), nullable=False),
        sa.Column("detail_at", UtcDateTime(), nullable=True),
        sa.Column("pending", sa.BigInteger(), nullable=False),
        sa.Column("held_until", UtcDateTime(), nullable=True),
        sa.Column("first_run", Id, nullable=False),
        sa.Column("first_partition", Id, nullable=False),
        sa.Column("baseline", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["first_partition"], ["partition.id"], name="fk_advert_first_partition"
        ),
        sa.ForeignKeyConstraint(["first_run"], ["site_run.id"], name="fk_advert_first_run"),
        sa.ForeignKeyConstraint(["last_run"], ["site_run.id"], name="fk_advert_last_run"),
        sa.ForeignKeyConstraint(["partition_id"], ["partition.id"], name="fk_advert_partition_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_advert_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_advert"),
        sa.UniqueConstraint("site_id", "ad_key", name="uq_advert_site_id_ad_key"),
    )
    op.create_index(
        "ix_advert_first_run_first_partition", "advert", ["first_run", "first_partition"]
    )
    op.create_index("ix_advert_partition_id", "advert", ["partition_id"])
    op.create_table(
        "attempt",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("entry_number", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=True),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("band", sa.String(length=16), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("mediator", sa.Boolean(), nullable=False),
        sa.Column("notice", sa.String(length=32), nullable=True),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("consent", sa.Boolean(), nullable=True),
        sa.Column("key_month", sa.String(length=7), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["entry_number"], ["entry.number"], name="fk_attempt_entry_number"),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
    )
    op.create_index("ix_attempt_entry_number", "attempt", ["entry_number"])
    op.create_table(
        "partition_run",
        sa.Column("run_id", Id, nullable=False),
        sa.Column("partition_id", Id, nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("cards", sa.Integer(), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.Column("baseline", sa.Boolean(), nullable=False),
        sa.Column("fill", sa.Text(), nullable=False),
        sa.Column("selector_hits", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partition_id"], ["partition.id"], name="fk_partition_run_partition_id"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["site_run.id"], name="fk_partition_run_run_id"),
        sa.PrimaryKeyConstraint("run_id", "partition_id", name="pk_partition_run"),
    )
    op.create_index("ix_partition_run_partition_id", "partition_run", ["partition_id"])
    op.create_table(
        "absence",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("advert_id", Id, nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.Column("declared_at", UtcDateTime(), nullable=False),
        sa.Column("declared_run", Id, nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("proof", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["advert_id"], ["advert.id"], name="fk_absence_advert_id"),
        sa.ForeignKeyConstraint(["declared_run"], ["site_run.id"], name="fk_absence_declared_run"),
        sa.PrimaryKeyConstraint("id", name="pk_absence"),
    )
    op.create_index("ix_absence_advert_id", "absence", ["advert_id"])
    op.create_table(
        "flag_advert",
        sa.Column("flag_id", Id, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("advert_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["advert_id"], ["advert.id"], name="fk_flag_advert_advert_id"),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name="fk_flag_advert_flag_id"),
        sa.PrimaryKeyConstraint("flag_id", "place", name="pk_flag_advert"),
    )
    op.create_table(
        "link",
        sa.Column("advert_a", Id, nullable=False),
        sa.Column("advert_b", Id, nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["advert_a"], ["advert.id"], name="fk_link_advert_a"),
        sa.ForeignKeyConstraint(["advert_b"], ["advert.id"], name="fk_link_advert_b"),
        sa.PrimaryKeyConstraint("advert_a", "advert_b", name="pk_link"),
    )
    op.create_index("ix_link_advert_b", "link", ["advert_b"])
    op.create_table(
        "profile_advert",
        sa.Column("advert_id", Id, nullable=False),
        sa.Column("profile_id", Id, nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["advert_id"], ["advert.id"], name="fk_profile_advert_advert_id"),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["profile.id"], name="fk_profile_advert_profile_id"
        ),
        sa.PrimaryKeyConstraint("advert_id", name="pk_profile_advert"),
    )
    op.create_index("ix_profile_advert_profile_id", "profile_advert", ["profile_id"])
    op.create_table(
        "version",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("advert_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("age", sa.Integer(), nullable=True),
        sa.Column("price_cents", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("province", sa.String(length=2), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("key_month", sa.String(length=7), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["advert_id"], ["advert.id"], name="fk_version_advert_id"),
        sa.PrimaryKeyConstraint("id", name="pk_version"),
        sa.UniqueConstraint("advert_id", "content_hash", name="uq_version_advert_id_content_hash"),
    )
    op.create_table(
        "presence",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("advert_id", Id, nullable=False),
        sa.Column("version_id", Id, nullable=False),
        sa.Column("partition_id", Id, nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.Column("first_run", Id, nullable=False),
        sa.Column("last_run", Id, nullable=False),
        sa.Column("closed_run", Id, nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["advert_id"], ["advert.id"], name="fk_presence_advert_id"),
        sa.ForeignKeyConstraint(["closed_run"], ["site_run.id"], name="fk_presence_closed_run"),
        sa.ForeignKeyConstraint(["first_run"], ["site_run.id"], name="fk_presence_first_run"),
        sa.ForeignKeyConstraint(["last_run"], ["site_run.id"], name="fk_presence_last_run"),
        sa.ForeignKeyConstraint(
            ["partition_id"], ["partition.id"], name="fk_presence_partition_id"
        ),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name="fk_presence_version_id"),
        sa.PrimaryKeyConstraint("id", name="pk_presence"),
    )
    op.create_index("ix_presence_advert_id", "presence", ["advert_id"])
    op.create_index(
        "ix_presence_open",
        "presence",
        ["partition_id"],
        sqlite_where=sa.text("closed_run IS NULL"),
        postgresql_where=sa.text("closed_run IS NULL"),
    )
    op.create_table(
        "version_contact",
        sa.Column("version_id", Id, nullable=False),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("found_in", sa.String(length=8), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("line", sa.String(length=16), nullable=True),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name="fk_version_contact_contact_id"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name="fk_version_contact_version_id"
        ),
        sa.PrimaryKeyConstraint(
            "version_id", "contact_id", "found_in", "channel", name="pk_version_contact"
        ),
    )
    op.create_index("ix_version_contact_contact_id", "version_contact", ["contact_id"])


def downgrade() -> None:
    for name in (
        "version_contact",
        "presence",
        "version",
        "profile_seen",
        "profile_advert",
        "link",
        "flag_advert",
        "absence",
        "partition_run",
        "attempt",
        "advert",
        "site_run",
        "partition",
        "network_member",
        "flag",
        "entry",
        "site",
        "report",
        "profile",
        "network",
        "meta",
        "do_not_contact",
        "contact",
        "audit",
    ):
        op.drop_table(name)
