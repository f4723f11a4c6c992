"""The last bad page of a partition, kept encrypted for a week: what an admin looks at.

One file a partition in `<data_dir>/samples`, never in the database nor in its backups: deleting the
file deletes the page (guide/protection.md, Encryption). The first line says of which run it is and
when it came; the rest is an envelope under the month's `sample` key, bound to the run.
"""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from records.stored import Sample
from storage import audit
from storage.errors import StorageError, unwritable
from storage.vault import Vault

KEPT_FOR = timedelta(days=7)

_PLACE = "sample.page"
_SUFFIX = ".page"


class Samples:
    """The bad pages of an open database: `Store.samples`."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def keep(self, run: int, site: str, partition: str, at: datetime, page: str) -> None:
        """Keep a partition's last bad page; an older one is replaced."""
        path = _path(self._vault, site, partition)
        sealer = self._vault.sealer
        key = sealer.keys.month("sample", at.astimezone(UTC).strftime("%Y-%m"))
        head = json.dumps({"run": run, "at": at.astimezone(UTC).isoformat()})
        sealed = sealer.seal(key, _PLACE, run, page)
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            made = path.with_suffix(f".{os.getpid()}")
            with open(made, "wb", opener=_private) as file:
                file.write(head.encode() + b"\n" + sealed)
            made.replace(path)
        except OSError as error:
            raise unwritable(path, error) from error

    def drop(self, site: str, partition: str) -> None:
        """Delete a partition's bad page: it is whole again."""
        _path(self._vault, site, partition).unlink(missing_ok=True)

    def forget(self, site: str) -> None:
        """Delete all bad pages of a site."""
        for path in _folder(self._vault).glob(f"{site}.*{_SUFFIX}"):
            path.unlink(missing_ok=True)

    def read(self, site: str, partition: str, at: datetime) -> Sample:
        """A partition's last bad page; reading it is audited. Raises StorageError without one."""
        path = _path(self._vault, site, partition)
        if not _is_kept(path, at):
            raise StorageError(
                f"{site}/{partition}: no bad page is kept; one is for {KEPT_FOR.days} days, until "
                "the partition is complete again"
            )
        run, came = _head(path)
        page = self._vault.sealer.open(_PLACE, run, path.read_bytes().partition(b"\n")[2])
        with self._vault.writing() as connection:
            detail = {"site": site, "partition": partition}
            audit.write(self._vault, connection, at, "sample", f"run:{run}", detail)
        return Sample(site, partition, run, came, page)

    def purge(self, now: datetime, *, dry_run: bool = False) -> int:
        """Delete the bad pages that are older than 7 days, and their keys; how many are due."""
        found = _folder(self._vault).glob(f"*{_SUFFIX}")
        gone = [path for path in found if not _is_kept(path, now)]
        if not dry_run:
            for path in gone:
                path.unlink(missing_ok=True)
            due = (now - KEPT_FOR).astimezone(UTC).strftime("sample-%Y-%m")
            for key in self._vault.sealer.keys.of_kind("sample"):
                if key.name < due:
                    self._vault.sealer.keys.destroy(key)
        return len(gone)


def is_kept(vault: Vault, site: str, partition: str) -> bool:
    """Whether a bad page of the partition can be read."""
    return _is_kept(_path(vault, site, partition), vault.clock.now())


def _is_kept(path: Path, now: datetime) -> bool:
    try:
        return now - _head(path)[1] < KEPT_FOR
    except (OSError, ValueError, KeyError):
        return False


def _head(path: Path) -> tuple[int, datetime]:
    with path.open("rb") as file:
        told = json.loads(file.readline(200))
    return int(told["run"]), datetime.fromisoformat(told["at"])


def _path(vault: Vault, site: str, partition: str) -> Path:
    if not all(re.fullmatch(r"[\w-]{1,128}", name) for name in (site, partition)):
        raise StorageError(f"{site}/{partition}: no name of a site and its partition")
    return _folder(vault) / f"{site}.{partition}{_SUFFIX}"


def _folder(vault: Vault) -> Path:
    return vault.folder / "samples"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
