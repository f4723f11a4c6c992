"""Tables of the scheduler: its signs of life, and what admins were told."""

from __future__ import annotations

from sqlalchemy import Integer, String, Table, Text

from storage.columns import UtcDateTime, clear
from storage.tables import _TIME, metadata

scheduler_life = Table(
    "scheduler_life",
    metadata,
    clear("host", String(255), primary_key=True, why="the machine, for an admin"),
    clear("pid", Integer, why="the scheduler's process, for an admin"),
    clear("started_at", UtcDateTime, why="real time"),
    clear("heartbeat_at", UtcDateTime, why="last sign of life, real time"),
    clear("stopped_at", UtcDateTime, nullable=True, why="when it ended as told, real time"),
    clear("fault", Text, why="what is wrong in the config files: names of files and keys"),
)

notice = Table(
    "notice",
    metadata,
    clear("kind", String(32), primary_key=True, why="a code"),
    clear("subject", String(255), primary_key=True, why="a site's name, or a code"),
    clear("text", Text, why="what admins are told: counts and names of config files"),
    clear("raised_at", UtcDateTime, why=_TIME),
    clear("told_at", UtcDateTime, nullable=True, why=_TIME),
    clear("well_at", UtcDateTime, nullable=True, why=_TIME),
)
