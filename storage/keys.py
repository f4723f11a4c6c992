"""The key folder: data keys per purpose and per month, each wrapped by the root key.

It stands beside the database, never in it: a copy of the database alone opens nothing. A file is
`<name>.<generation>.key`; a month's name is `text-2026-03` or `note-2026-03`. The wrapping binds
the key to its file name, so that two files can't be swapped. The newest generation encrypts; older
ones only open what they made, until it is encrypted anew and their file is destroyed.
"""

from __future__ import annotations

import os
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.errors import StorageError, unwritable

PURPOSES = ("index", "content", "dnc", "audit", "contact", "advert", "flag", "report")
"""Blind index, content hash, do-not-contact and audit never encrypt; the others only encrypt."""

_MAGIC = b"FAROKEY\x01"
_SIZE = 32


@dataclass(frozen=True, slots=True)
class DataKey:
    """An unwrapped key. `id` (4 random bytes) stands in every envelope that it made."""

    name: str
    generation: int
    id: bytes
    secret: bytes = field(repr=False)


class KeyRing:
    """The unwrapped keys of one folder. Threads may share it."""

    def __init__(self, folder: Path, root: bytes) -> None:
        """Raises StorageError when a key is missing, damaged or wrapped by another root key."""
        self.folder = folder
        self._root = AESGCM(root)
        self._by_file: dict[str, DataKey] = {}
        self._by_name: dict[str, DataKey] = {}
        self._by_id: dict[bytes, DataKey] = {}
        self._changed_at = -1
        self._lock = threading.Lock()
        self._read_folder()

    def make_purposes(self) -> None:
        """Make the keys of all purposes that have none yet."""
        for name in PURPOSES:
            self._made(name)

    def check(self) -> None:
        """Raises StorageError when a purpose's key is missing."""
        for name in PURPOSES:
            if name not in self._by_name:
                raise StorageError(
                    f"{self.folder / (name + '.1.key')}: missing; put the key folder back from "
                    "its backup (without it the database can't be read)"
                )

    def purpose(self, name: str) -> DataKey:
        """The key of one of PURPOSES."""
        return self._by_name[name]

    def month(self, kind: str, month: str) -> DataKey:
        """The key of a month ("2026-03") of text or notes; made when there is none.

        Another process may have destroyed the one that this process knows: what it encrypted now
        would be lost.
        """
        name = f"{kind}-{month}"
        if self._modified() != self._changed_at:
            self._read_folder()
        return self._by_name.get(name) or self._made(name)

    def months(self, kind: str) -> tuple[str, ...]:
        """The months whose keys are there."""
        return tuple(sorted({key.name.removeprefix(f"{kind}-") for key in self.of_kind(kind)}))

    def of_kind(self, kind: str) -> tuple[DataKey, ...]:
        """The keys of all months of text or notes that are there, older generations too."""
        self._read_folder()
        return tuple(key for key in self._by_file.values() if key.name.startswith(f"{kind}-"))

    def renewed(self, kind: str, month: str) -> DataKey:
        """A new generation of a month's key, which encrypts from now on."""
        name = f"{kind}-{month}"
        self._read_folder()
        last = self._by_name.get(name)
        return self._made(name, 1 if last is None else last.generation + 1)

    def destroy(self, key: DataKey) -> None:
        """Destroy a key: what it encrypted can't be read again, in backups neither."""
        path = self.folder / _file(key.name, key.generation)
        doomed = path.with_name(f".{path.name}.destroyed")
        try:
            # Under another name first: nobody reads a key that is half overwritten.
            path.rename(doomed)
            with doomed.open("r+b") as file:
                file.write(secrets.token_bytes(doomed.stat().st_size))
                file.flush()
                os.fsync(file.fileno())
            doomed.unlink()
            sync_folder(self.folder)
        except FileNotFoundError:
            pass  # another process was faster
        except OSError as error:
            raise unwritable(path, error) from error
        self._read_folder()

    def by_id(self, key_id: bytes) -> DataKey:
        """The key that made an envelope; StorageError when it is not in the folder."""
        if key_id not in self._by_id:
            self._read_folder()  # another process may have made it
        try:
            return self._by_id[key_id]
        except KeyError:
            raise StorageError(
                f"{self.folder}: the key {key_id.hex()} is missing; put it back from the key "
                "backup, or purge the rows that it encrypts"
            ) from None

    def _modified(self) -> int:
        # A folder that is gone holds no keys; who writes one says so.
        return self.folder.stat().st_mtime_ns if self.folder.exists() else 0

    def _read_folder(self) -> None:
        with self._lock:
            self._changed_at = self._modified()
            there = {path.name: path for path in self.folder.glob("*.key")}
            for gone in self._by_file.keys() - there.keys():
                del self._by_file[gone]
            for name in there.keys() - self._by_file.keys():
                with suppress(FileNotFoundError):  # destroyed since it was listed
                    self._keep(self._unwrapped(there[name]))
            self._by_name = {
                key.name: key
                for key in sorted(self._by_file.values(), key=lambda each: each.generation)
            }

    def _keep(self, key: DataKey) -> DataKey:
        self._by_file[_file(key.name, key.generation)] = key
        self._by_name[key.name] = key
        # One that was destroyed stays here: this process may be reading what it made.
        self._by_id[key.id] = key
        return key

    def _made(self, name: str, generation: int = 1) -> DataKey:
        """Make the key `name`, or read the one that another process made at the same moment."""
        with self._lock:
            path = self.folder / _file(name, generation)
            key_id, nonce = secrets.token_bytes(4), secrets.token_bytes(12)
            wrapped = self._root.encrypt(nonce, secrets.token_bytes(_SIZE), _bound(path, key_id))
            write_once(path, _MAGIC + key_id + nonce + wrapped, 0o600)
            return self._keep(self._unwrapped(path))

    def _unwrapped(self, path: Path) -> DataKey:
        content = path.read_bytes()
        start = len(_MAGIC)
        key_id, nonce = content[start : start + 4], content[start + 4 : start + 16]
        if not content.startswith(_MAGIC):
            raise StorageError(f"{path}: not a key file; put it back from the key backup")
        try:
            secret = self._root.decrypt(nonce, content[start + 16 :], _bound(path, key_id))
        except (InvalidTag, ValueError):
            raise StorageError(
                f"{path}: the root key does not open it; put back the root key (its escrow copy) "
                "and the key folder that belong to this database"
            ) from None
        name, _, generation = path.name.removesuffix(".key").rpartition(".")
        return DataKey(name, int(generation), key_id, secret)


def _file(name: str, generation: int) -> str:
    return f"{name}.{generation}.key"


def _bound(path: Path, key_id: bytes) -> bytes:
    return b"faro data key:" + path.name.encode() + b":" + key_id


def write_once(path: Path, content: bytes, mode: int) -> bool:
    """Write a file whole, durably, and only if there is none; false when there was one.

    A crash leaves either no file or the whole file under its name; of two processes one wins.
    """
    try:
        return _write_once(path, content, mode)
    except OSError as error:
        raise unwritable(path, error) from error


def _write_once(path: Path, content: bytes, mode: int) -> bool:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return False
        sync_folder(path.parent)
        return True
    finally:
        draft.unlink()


def sync_folder(folder: Path) -> None:
    """Make the folder's entries durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
