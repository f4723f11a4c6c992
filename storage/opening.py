"""Making a database and opening one: folders, keys, schema, and the guard of the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert, inspect, select

from config.clock import Clock
from config.secrets import read_root_key
from storage import audit, rootkey, schema
from storage.crypto import Sealer
from storage.engine import Database
from storage.errors import StorageError, unwritable
from storage.keys import KeyRing
from storage.tables import meta
from storage.vault import Vault

if TYPE_CHECKING:
    from config import Config

# Real clocks are set back a little by time servers; that is no simulated day.
_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True)
class Opened:
    """An open vault, and what `Store` tells of it."""

    vault: Vault
    simulated: bool
    created_at: datetime
    escrow: Path | None


def create(config: Config, *, simulated: bool, at: datetime) -> Opened:
    """See `storage.create_store`. Killed half-way, it can be run again."""
    _make_folder(config.data_dir)
    _make_folder(config.keys.folder)
    database = Database(config.database_url)
    if database.sqlite:
        # Its mode is that of the files beside it, too (-wal, -shm).
        Path(database.location).touch(mode=0o600)
    try:
        with database.reading() as connection:
            if _meta(connection) is not None:
                raise StorageError(
                    f"{database.location}: there is a database already; use it, or choose another "
                    "data_dir in faro.toml"
                )
        rootkey.make(config)
        root = read_root_key(config)
        keys = KeyRing(config.keys.folder, root)
        keys.make_purposes()
        in_file = config.keys.root.startswith("file:")
        escrow = rootkey.write_escrow(config.data_dir, root) if in_file else None
        clock = Clock(at) if simulated else Clock()
        vault = _vault(config, database, keys, clock)
        with vault.writing() as connection:
            schema.upgrade(connection)
            connection.execute(
                insert(meta).values(id=1, simulated=simulated, created_at=at, last_now=at)
            )
            audit.write(vault, connection, at, "init", "database", {"simulated": simulated})
    except BaseException:
        database.close()
        raise
    return Opened(vault, simulated, at, escrow)


def open_(config: Config, clock: Clock) -> Opened:
    """See `storage.open_store`."""
    database = Database(config.database_url)
    try:
        if database.sqlite and not Path(database.location).exists():
            raise StorageError(f"{database.location}: not initialised; run `faro init`")
        with database.reading() as connection:
            schema.check(connection, database.location)
            row = _meta(connection)
        if row is None:
            raise StorageError(f"{database.location}: not initialised; run `faro init`")
        simulated, created_at, last_now = row
        _guard(database.location, clock, simulated=simulated, last_now=last_now)
        if not config.keys.folder.is_dir():
            raise StorageError(
                f"{config.keys.folder}: the key folder is missing; put it back from its backup"
            )
        keys = KeyRing(config.keys.folder, read_root_key(config))
        keys.check()
        return Opened(_vault(config, database, keys, clock), simulated, created_at, _escrow(config))
    except BaseException:
        database.close()
        raise


def _vault(config: Config, database: Database, keys: KeyRing, clock: Clock) -> Vault:
    outage = timedelta(days=config.matching.outage_days)
    shares = {site.id: site.expect.max_new_share for site in config.sites.values()}
    return Vault(database, Sealer(keys), clock, config.data_dir, outage, shares)


def _escrow(config: Config) -> Path | None:
    path = config.data_dir / rootkey.ESCROW
    return path if path.exists() else None


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise unwritable(folder, error) from error


def _meta(connection: Connection) -> tuple[bool, datetime, datetime] | None:
    if not inspect(connection).has_table("meta"):
        return None
    row = connection.execute(select(meta.c.simulated, meta.c.created_at, meta.c.last_now)).first()
    return None if row is None else (row[0], row[1], row[2])


def _guard(location: str, clock: Clock, *, simulated: bool, last_now: datetime) -> None:
    if clock.simulated and not simulated:
        raise StorageError(
            f"{location}: holds real days, so --now is refused; leave --now (and FARO_NOW) out, or "
            "make a house of simulated days: faro --now … init DIR"
        )
    slack = timedelta() if simulated else _TOLERANCE
    if clock.now() < last_now - slack:
        raise StorageError(
            f"{location}: the time {clock.now():%Y-%m-%dT%H:%MZ} is before its last run "
            f"({last_now:%Y-%m-%dT%H:%MZ}); "
            + ("give a later --now" if clock.simulated else "set this machine's clock")
        )
