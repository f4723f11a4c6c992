"""Tables of what Faro makes of adverts: profiles, links, flags, the queue, reports, audit."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.columns import Id, UtcDateTime, blind, clear, derived, encrypted
from storage.tables import _ID, _REF, _TIME, metadata

NOT_PERTINENT = "state = 'not_pertinent'"
"""Literally as in the index's own condition, so that it is found by it."""
_LEADS = text("merged_into IS NOT NULL")

profile = Table(
    "profile",
    metadata,
    derived("id", Id, primary_key=True, autoincrement=False, why=_ID),
    clear("created_at", UtcDateTime, why=_TIME),
    derived("merged_into", Id, ForeignKey("profile.id"), nullable=True, why=_REF),
    clear("merged_at", UtcDateTime, nullable=True, why=_TIME),
    clear("judged_to", UtcDateTime, nullable=True, why="flags are judged up to then"),
    Index(None, "merged_into"),
    Index(
        "ix_profile_unjudged",
        "id",
        sqlite_where=text("judged_to IS NULL"),
        postgresql_where=text("judged_to IS NULL"),
    ),
)

profile_advert = Table(
    "profile_advert",
    metadata,
    derived("advert_id", Id, ForeignKey("advert.id"), primary_key=True, why=_REF),
    derived("profile_id", Id, ForeignKey("profile.id"), why=_REF),
    derived("probability", Float, why="of the link that brought it here"),
    clear("joined_at", UtcDateTime, why=_TIME),
    Index(None, "profile_id"),
)

profile_seen = Table(
    "profile_seen",
    metadata,
    derived("profile_id", Id, ForeignKey("profile.id"), primary_key=True, why=_REF),
    clear("kind", String(8), primary_key=True, why="contact or province"),
    derived("value", String(32), primary_key=True, why="a contact's id or a province code"),
)

link = Table(
    "link",
    metadata,
    derived("advert_a", Id, ForeignKey("advert.id"), primary_key=True, why="the smaller id"),
    derived("advert_b", Id, ForeignKey("advert.id"), primary_key=True, why="the larger id"),
    derived("probability", Float, why="that one person stands behind both"),
    derived("alone", Float, why="the probability by these two adverts alone"),
    derived("evidence", Text, why="the level reached in each comparison, a letter each"),
    clear("decided_at", UtcDateTime, why=_TIME),
    Index(None, "advert_b"),
)

network = Table(
    "network",
    metadata,
    derived("id", Id, primary_key=True, autoincrement=False, why=_ID),
    clear("created_at", UtcDateTime, why=_TIME),
)

network_member = Table(
    "network_member",
    metadata,
    derived("network_id", Id, ForeignKey("network.id"), primary_key=True, why=_REF),
    derived("profile_id", Id, ForeignKey("profile.id"), primary_key=True, why=_REF),
    clear("joined_at", UtcDateTime, why=_TIME),
    Index(None, "profile_id"),
)

flag = Table(
    "flag",
    metadata,
    derived("id", Id, primary_key=True, autoincrement=False, why=_ID),
    derived("profile_id", Id, ForeignKey("profile.id"), why=_REF),
    clear("kind", String(16), why="new, reappeared, new_number or moved"),
    clear("raised_at", UtcDateTime, index=True, why=_TIME),
    clear("proven", Boolean, why="whether complete runs prove the absence"),
    clear("doubtful", Boolean, why="whether it rests on a doubtful link"),
    derived("absent_days", Integer, nullable=True, why="a count"),
    derived("probability", Float, why="of the link it rests on"),
    encrypted("reasons", why="sentences about her movements (flag key)"),
    clear("withdrawn_at", UtcDateTime, nullable=True, why=_TIME),
    Index(None, "profile_id"),
)

flag_advert = Table(
    "flag_advert",
    metadata,
    derived("flag_id", Id, ForeignKey("flag.id"), primary_key=True, why=_REF),
    derived("place", Integer, primary_key=True, autoincrement=False, why="best first, from 0"),
    derived("advert_id", Id, ForeignKey("advert.id"), why=_REF),
)

entry = Table(
    "entry",
    metadata,
    derived("number", Integer, primary_key=True, autoincrement=False, why="F-0427 is 427"),
    derived("profile_id", Id, ForeignKey("profile.id"), why=_REF),
    clear("unit", String(64), nullable=True, why="who owns it; an admin's choice"),
    clear("state", String(32), why="a state of the queue"),
    clear("state_at", UtcDateTime, why=_TIME),
    clear("created_at", UtcDateTime, why=_TIME),
    derived("merged_into", Integer, ForeignKey("entry.number"), nullable=True, why=_REF),
    clear("merged_state", String(32), nullable=True, why="its state before it was merged"),
    derived("first_profile", Id, nullable=True, why="the profile that it was made for"),
    Index(None, "profile_id"),
    Index(None, "unit"),
    Index("ix_entry_merged_into", "merged_into", sqlite_where=_LEADS, postgresql_where=_LEADS),
    Index(
        "ix_entry_not_pertinent",
        "profile_id",
        sqlite_where=text(NOT_PERTINENT),
        postgresql_where=text(NOT_PERTINENT),
    ),
)

attempt = Table(
    "attempt",
    metadata,
    derived("id", Id, primary_key=True, autoincrement=False, why=_ID),
    derived("entry_number", Integer, ForeignKey("entry.number"), index=True, why=_REF),
    clear("at", UtcDateTime, why="counts for rest and yearly caps"),
    clear("actor", String(64), why="a code, never a name"),
    clear("unit", String(64), nullable=True, why="an admin's choice"),
    clear("channel", String(16), why="a code"),
    clear("outcome", String(32), why="a code"),
    clear("band", String(16), nullable=True, why="a code"),
    clear("language", String(8), nullable=True, why="which language was spoken"),
    clear("mediator", Boolean, why="whether a mediator was there"),
    clear("notice", String(32), nullable=True, why="a code: why the notice was not given"),
    clear("next_on", Date, nullable=True, why="a promised date must be found by date"),
    clear("consent", Boolean, nullable=True, why="whether she may be called again"),
    clear("key_month", String(7), nullable=True, why="which month's key opens the note"),
    encrypted("note", nullable=True, why="free words about her (month key of notes)"),
)

do_not_contact = Table(
    "do_not_contact",
    metadata,
    derived("id", Id, primary_key=True, autoincrement=False, why=_ID),
    clear("kind", String(16), why="phone, email, telegram, ..."),
    blind("dnc", why="the contact under the do-not-contact key, which never rotates"),
    clear("asked_by", String(16), why="herself, third_person or unknown"),
    clear("added_at", UtcDateTime, why=_TIME),
    clear("review_due", UtcDateTime, nullable=True, why="asked by another: a person must look"),
    clear("lifted_at", UtcDateTime, nullable=True, why=_TIME),
    UniqueConstraint("kind", "dnc"),
)

report = Table(
    "report",
    metadata,
    derived("id", Id, primary_key=True, autoincrement=False, why=_ID),
    clear("unit", String(64), why="an admin's choice"),
    clear("day", String(10), why="the local date"),
    clear("generated_at", UtcDateTime, why=_TIME),
    clear("covers_from", UtcDateTime, nullable=True, why=_TIME),
    clear("covers_to", UtcDateTime, why=_TIME),
    encrypted("document", why="the report as published (report key)"),
    UniqueConstraint("unit", "day"),
)

audit = Table(
    "audit",
    metadata,
    derived("number", Integer, primary_key=True, autoincrement=False, why="counts from 1"),
    clear("at", UtcDateTime, why=_TIME),
    clear("actor", String(64), why="a code, never a name"),
    clear("action", String(64), why="a code"),
    clear("subject", String(128), why="an id"),
    clear("detail", Text, why="ids and codes only (JSON)"),
    blind("mac", why="chains the entries (audit key)"),
)
