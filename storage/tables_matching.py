"""Tables of what people and passes decided: judgements, partings, passes, match weights.

They have no foreign keys: a decision outlives the adverts and profiles that it was made on.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Index, Integer, String, Table, Text

from storage.columns import Id, UtcDateTime, clear, derived
from storage.tables import _ID, _REF, _TIME, metadata

judgement = Table(
    "judgement",
    metadata,
    derived("id", Id, primary_key=True, autoincrement=False, why=_ID),
    derived("advert_a", Id, why="the smaller id"),
    derived("advert_b", Id, why="the larger id"),
    clear("verdict", String(16), why="same, different or unknown"),
    clear("actor", String(64), why="a code, never a name"),
    clear("at", UtcDateTime, why=_TIME),
    clear("undone_at", UtcDateTime, nullable=True, why=_TIME),
    clear("undone_by", String(64), nullable=True, why="a code, never a name"),
    Index(None, "advert_a"),
    Index(None, "advert_b"),
)

membership_past = Table(
    "membership_past",
    metadata,
    derived("id", Id, primary_key=True, autoincrement=False, why=_ID),
    derived("advert_id", Id, why=_REF),
    derived("profile_id", Id, why="the profile that it left"),
    clear("joined_at", UtcDateTime, why=_TIME),
    clear("left_at", UtcDateTime, why=_TIME),
    Index(None, "advert_id"),
    Index(None, "profile_id"),
)

parting = Table(
    "parting",
    metadata,
    derived("id", Id, primary_key=True, autoincrement=False, why=_ID),
    derived("kept_profile", Id, why="the one that keeps the id"),
    derived("parted_profile", Id, why="the one that left it"),
    clear("at", UtcDateTime, why=_TIME),
    derived("silent", Boolean, why="whether nobody was to call them when they parted"),
    Index(None, "kept_profile"),
    Index(None, "parted_profile"),
)

match_pass = Table(
    "match_pass",
    metadata,
    derived("id", Id, primary_key=True, autoincrement=False, why=_ID),
    clear("at", UtcDateTime, why=_TIME),
    derived("whole", Boolean, why="whether every advert was linked anew"),
    derived("adverts", Integer, why="a count"),
    derived("made", Integer, why="a count"),
    derived("merged", Integer, why="a count"),
    derived("parted", Integer, why="a count"),
    derived("moved", Integer, why="a count"),
    derived("profiles", Integer, why="a count"),
    derived("model", String(64), nullable=True, why="which weights and cuts it worked with"),
)

weight_set = Table(
    "weight_set",
    metadata,
    derived("number", Integer, primary_key=True, autoincrement=False, why="its version, from 1"),
    clear("at", UtcDateTime, why=_TIME),
    clear("actor", String(64), why="a code, never a name"),
    derived("base", String(64), why="which shipped weights it was learnt on"),
    derived("weights", Text, why="match weights by comparison and level; nobody's data"),
    derived("counts", Text, why="of how many pairs it was learnt; nobody's data"),
    clear("undone_at", UtcDateTime, nullable=True, why=_TIME),
    clear("undone_by", String(64), nullable=True, why="a code, never a name"),
)
