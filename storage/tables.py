"""Tables of what sites show: sites, runs, adverts, versions, presences, contacts."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.columns import Id, UtcDateTime, blind, clear, derived, encrypted

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_HELD = text("gate = 'held'")
_ID = "made by Faro; says nothing but the order of making"
_REF = "an id made by Faro"
# Each sighting writes it: PostgreSQL would look up the run, and lock it, for each of them.
_LAST_RUN = "the run that saw it last; no reference, for that would be checked at every sighting"
# What sightings write: with room on the page, PostgreSQL keeps a new row beside the old one, and
# its indexes as they are.
_WITH_ROOM = {"fillfactor": 45}
_TIME = "when Faro saw or did it; nobody's habit without the encrypted columns"

meta = Table(
    "meta",
    metadata,
    derived("id", Integer, primary_key=True, autoincrement=False, why="always 1: there is one row"),
    clear("simulated", Boolean, why="whether --now may be used on this database"),
    clear("created_at", UtcDateTime, why="when the database was made"),
    clear("last_now", UtcDateTime, why="the clock may not go back behind it"),
)

site = Table(
    "site",
    metadata,
    derived("id", Id, primary_key=True, autoincrement=False, why=_ID),
    clear("name", String(64), unique=True, why="the site file's name, an admin's choice"),
)

partition = Table(
    "partition",
    metadata,
    derived("id", Id, primary_key=True, autoincrement=False, why=_ID),
    derived("site_id", Id, ForeignKey("site.id"), why=_REF),
    clear("name", String(128), why="the partition's id in the site file, an admin's choice"),
    UniqueConstraint("site_id", "name"),
)

list_memory = Table(
    "list_memory",
    metadata,
    derived("site_id", Id, ForeignKey("site.id"), primary_key=True, autoincrement=False, why=_REF),
    encrypted("pages", why="addresses of list pages, the ids of the adverts on them"),
)

site_run = Table(
    "site_run",
    metadata,
    derived("id", Id, primary_key=True, autoincrement=False, why=_ID),
    derived("site_id", Id, ForeignKey("site.id"), why=_REF),
    clear("slot", String(64), nullable=True, why="the local time it was planned for"),
    clear("state", String(16), why="running, finished or failed"),
    clear("started_at", UtcDateTime, why=_TIME),
    clear("finished_at", UtcDateTime, nullable=True, why=_TIME),
    clear("heartbeat_at", UtcDateTime, why="last sign of life, real time"),
    clear("pid", Integer, why="the crawl process, for an admin"),
    clear("host", String(255), why="the machine, for an admin"),
    derived("stats", Text, why="counters of the crawl (JSON of numbers)"),
    clear("gate", String(9), nullable=True, why="held, released, discarded or misread; else null"),
    clear("decided_at", UtcDateTime, nullable=True, why="when a person released or discarded it"),
    UniqueConstraint("site_id", "slot"),
    Index("ix_site_run_gate", "gate", sqlite_where=_HELD, postgresql_where=_HELD),
)

partition_run = Table(
    "partition_run",
    metadata,
    derived("run_id", Id, ForeignKey("site_run.id"), primary_key=True, why=_REF),
    derived("partition_id", Id, ForeignKey("partition.id"), primary_key=True, why=_REF),
    clear("verdict", String(16), nullable=True, why="the partition's verdict, null while it runs"),
    clear("reason", String(500), why="why it is not complete; digits of numbers are taken out"),
    clear("cause", String(200), server_default="", why="the same as a code and numbers (JSON)"),
    derived("pages", Integer, why="a count"),
    derived("cards", Integer, why="a count"),
    derived("stored", Integer, why="a count"),
    derived("gone", Integer, why="a count"),
    derived("baseline", Boolean, why="whether what is first seen here was there at the start"),
    derived("fill", Text, why="share of adverts with each field (JSON of numbers)"),
    derived("selector_hits", Text, why="which selector hit how often (JSON of numbers)"),
    derived("details", Text, server_default="{}", why="fields of detail pages (JSON of counts)"),
    Index(None, "partition_id"),
)

advert = Table(
    "advert",
    metadata,
    derived("id", Id, primary_key=True, autoincrement=False, why=_ID),
    derived("site_id", Id, ForeignKey("site.id"), why=_REF),
    blind("ad_key", why="finds an advert by its id on the site; ids can hold numbers"),
    encrypted("ad_id", why="the id on the site leads to the page, and can hold a number"),
    encrypted("url", why="the address leads to the page, and can hold a number"),
    blind("card", why="tells whether a card changed (content key)"),
    clear("state", String(8), why="active, missing or absent"),
    derived("missed", Integer, why="complete runs that missed it since it was seen"),
    clear("first_seen", UtcDateTime, why=_TIME),
    clear("last_seen", UtcDateTime, why=_TIME),
    derived("last_run", Id, why=_LAST_RUN),
    derived("partition_id", Id, ForeignKey("partition.id"), why="where it was last seen"),
    # No foreign key: advert and version point at each other, and SQLite can't add one later.
    derived("version_id", Id, why="its current version"),
    derived("versions", Integer, why="how many different contents it had"),
    clear("detail_at", UtcDateTime, nullable=True, why="when its detail page was last read"),
    encrypted(
        "detail_note", nullable=True, why="how to ask whether that page changed (ETag, date)"
    ),
    derived("pending", BigInteger, why="mark of the last change that no pass has handled; 0: none"),
    derived("held_until", UtcDateTime, nullable=True, why="when a doubtful link may be used"),
    derived(
        "matched_in", BigInteger, server_default="0", why="the last pass that handled it; 0: none"
    ),
    derived("first_run", Id, ForeignKey("site_run.id"), why=_REF),
    derived("first_partition", Id, ForeignKey("partition.id"), why="where it was first seen"),
    derived("baseline", Boolean, why="first seen in a baseline of that partition"),
    UniqueConstraint("site_id", "ad_key"),
    Index(None, "partition_id"),
    Index(None, "first_run", "first_partition"),
    Index(None, "matched_in"),
    Index(
        "ix_advert_pending",
        "id",
        sqlite_where=text("pending != 0"),
        postgresql_where=text("pending != 0"),
    ),
    Index(
        "ix_advert_held",
        "held_until",
        sqlite_where=text("held_until IS NOT NULL"),
        postgresql_where=text("held_until IS NOT NULL"),
    ),
    postgresql_with=_WITH_ROOM,
)

version = Table(
    "version",
    metadata,
    derived("id", Id, primary_key=True, autoincrement=False, why=_ID),
    derived("advert_id", Id, ForeignKey("advert.id"), why=_REF),
    derived("number", Integer, why="counts an advert's versions from 1"),
    blind("content_hash", why="finds a content seen before (content key)"),
    encrypted(
        "content", why="title, text, nickname and other fields, under the key of `key_month`"
    ),
    clear("age", Integer, nullable=True, why="as stated; needed by analysts, and to spot minors"),
    clear("price_cents", BigInteger, nullable=True, why="as stated; needed by analysts"),
    clear("currency", String(3), nullable=True, why="of the price"),
    clear("city", Text, nullable=True, why="a recognised place name, never free text"),
    clear("province", String(2), nullable=True, why="a province code"),
    clear("category", Text, nullable=True, why="the site file's, or the site's own word"),
    clear("language", String(8), nullable=True, why="of the text; needed by analysts"),
    clear("key_month", String(7), why="which month's key opens the content"),
    clear("first_seen", UtcDateTime, why=_TIME),
    UniqueConstraint("advert_id", "content_hash"),
    Index(
        "ix_version_young",
        "advert_id",
        sqlite_where=text("age < 18"),
        postgresql_where=text("age < 18"),
    ),
)

presence = Table(
    "presence",
    metadata,
    derived("id", Id, primary_key=True, autoincrement=False, why=_ID),
    derived("advert_id", Id, ForeignKey("advert.id"), why=_REF),
    derived("version_id", Id, ForeignKey("version.id"), why=_REF),
    derived("partition_id", Id, ForeignKey("partition.id"), why=_REF),
    clear("first_seen", UtcDateTime, why=_TIME),
    clear("last_seen", UtcDateTime, why=_TIME),
    derived("first_run", Id, ForeignKey("site_run.id"), why=_REF),
    derived("last_run", Id, why=_LAST_RUN),
    derived(
        "closed_run", Id, ForeignKey("site_run.id"), nullable=True, why="the run that ended it"
    ),
    clear("closed_at", UtcDateTime, nullable=True, why=_TIME),
    Index(None, "advert_id"),
    Index(
        "ix_presence_open",
        "partition_id",
        sqlite_where=text("closed_run IS NULL"),
        postgresql_where=text("closed_run IS NULL"),
    ),
    postgresql_with=_WITH_ROOM,
)

absence = Table(
    "absence",
    metadata,
    derived("id", Id, primary_key=True, autoincrement=False, why=_ID),
    derived("advert_id", Id, ForeignKey("advert.id"), why=_REF),
    clear("last_seen", UtcDateTime, why=_TIME),
    clear("declared_at", UtcDateTime, why=_TIME),
    derived("declared_run", Id, ForeignKey("site_run.id"), why=_REF),
    clear("ended_at", UtcDateTime, nullable=True, why=_TIME),
    clear("proof", String(8), why="runs or probe"),
    Index(None, "advert_id"),
)

contact = Table(
    "contact",
    metadata,
    derived("id", Id, primary_key=True, autoincrement=False, why=_ID),
    clear("kind", String(16), why="phone, email, telegram, ..."),
    blind("blind", why="finds equal contacts (index key)"),
    blind("dnc", index=True, why="finds it on the do-not-contact list (do-not-contact key)"),
    encrypted("value", why="the number, address or handle"),
    UniqueConstraint("kind", "blind"),
)

version_contact = Table(
    "version_contact",
    metadata,
    derived("version_id", Id, ForeignKey("version.id"), primary_key=True, why=_REF),
    derived("contact_id", Id, ForeignKey("contact.id"), primary_key=True, why=_REF),
    clear("found_in", String(8), primary_key=True, why="title, text, field or link"),
    clear("channel", String(16), primary_key=True, why="call, whatsapp, telegram or viber"),
    derived("token", Integer, why="its number in the redacted text"),
    clear("tier", String(16), why="confirmed or candidate"),
    clear("line", String(16), nullable=True, why="mobile, fixed, ...; of a phone"),
    clear("rule", String(64), why="the name of the rule that read it"),
    clear("confidence", Float, why="how sure the reading is"),
    Index(None, "contact_id"),
)
