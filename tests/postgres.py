"""A throw-away PostgreSQL for tests: a cluster in a temporary folder, on a Unix socket there.

It never runs as root (PostgreSQL refuses): then it runs as `postgres`, or else as `nobody`. Tests
connect as a user who is no superuser. FARO_TEST_POSTGRES=off leaves these tests out.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

USER = "faro"

# Speed over safety: nothing here outlives the tests.
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "32MB",
    "max_connections": "50",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "logging_collector": "off",
}


_QUICKLY = ("--no-sync", "--wal-segsize=1")
# Else it would be this machine's: with none set, an encoding that takes any bytes for text.
_ALIKE = ("--encoding=UTF8", "--locale=C")


class NoPostgres(Exception):  # noqa: N818 - named for what it says
    """The binaries are not there, or do not start."""


def wanted() -> bool:
    """Whether tests on PostgreSQL are to run."""
    return os.environ.get("FARO_TEST_POSTGRES", "on") != "off"


def binaries() -> Path:
    """The folder of initdb and postgres, the newest version first."""
    on_path = shutil.which("initdb")
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    candidates = [*([Path(on_path)] if on_path else []), *reversed(found)]
    for path in candidates:
        folder = path.resolve().parent
        if (folder / "postgres").exists():
            return folder
    raise NoPostgres(
        "PostgreSQL is not installed: apt-get install postgresql (FARO_TEST_POSTGRES=off runs the "
        "tests without it)"
    )


@dataclass
class Cluster:
    """A running server. `template` databases are copied, which is faster than making them."""

    folder: Path
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://{USER}@/{name}?host={self.folder}"

    def create(self, template: str | None = None, name: str | None = None) -> str:
        """Make a database, and return its name."""
        name = name or f"faro_{next(self._numbers)}"
        query = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template or "template0")
        )
        self._administer(query)
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is connected to it."""
        self._administer(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )

    def _administer(self, query: sql.Composed, user: str = USER) -> None:
        place = f"host={self.folder} dbname=postgres user={user}"
        with psycopg.connect(place, autocommit=True) as connection:
            connection.execute(query)


@contextmanager
def cluster(kept: Path | None = None) -> Iterator[Cluster]:
    """Start a server, and end it with everything in it; in the folder `kept`, what it holds stays.

    A kept one has the memory that PostgreSQL takes by itself.
    """
    programs = binaries()
    # Not pytest's tmp_path: the server's user could not enter it.
    folder = kept or Path(tempfile.mkdtemp(prefix="faro-pg-"))
    fresh = not (folder / "data").exists()
    who = _other_user()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if who:
            shutil.chown(folder, *who)
        made = [programs / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust"]
        if fresh:
            _run([*made, *_QUICKLY, *_ALIKE], who)
        settings = _SETTINGS | ({"shared_buffers": "128MB"} if kept else {})
        options = [f"-c{name}={value}" for name, value in settings.items()]
        server = subprocess.Popen(
            [
                *_dying_with_us(),
                *(programs / "postgres", "-D", folder / "data", "-k", folder),
                *options,
            ],
            stdout=subprocess.DEVNULL,
            stderr=(folder / "log").open("wb"),
            cwd="/",
            **_as(who),
        )
        try:
            _wait(programs, folder, server)
            running = Cluster(folder)
            role = sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(USER))
            if fresh:
                running._administer(role, "postgres")
            yield running
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    finally:
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)


def _other_user() -> tuple[int, int] | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return found.pw_uid, found.pw_gid
    raise NoPostgres("PostgreSQL does not run as root, and there is no user postgres or nobody")


def _as(who: tuple[int, int] | None) -> dict[str, object]:
    return {"user": who[0], "group": who[1], "extra_groups": []} if who else {}


def _dying_with_us() -> list[str]:
    """A killed test run must leave no server behind; where Linux's setpriv is missing it may."""
    found = shutil.which("setpriv")
    return [found, "--pdeathsig", "INT"] if found else []


def _run(command: list[object], who: tuple[int, int] | None) -> None:
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, cwd="/", **_as(who)
    )
    if done.returncode:
        raise NoPostgres(f"{command[0]}: {done.stderr.strip() or done.stdout.strip()}")


def _wait(programs: Path, folder: Path, server: subprocess.Popen[bytes]) -> None:
    # pg_isready itself waits for an answer; a server that is not there yet refuses at once.
    for _ in range(600):
        if server.poll() is not None:
            break
        ready = [str(programs / "pg_isready"), "-q", "-h", str(folder), "-t", "1"]
        if subprocess.run(ready, cwd="/").returncode == 0:
            return
        try:
            server.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
    raise NoPostgres((folder / "log").read_text(errors="replace").strip() or "it does not start")
