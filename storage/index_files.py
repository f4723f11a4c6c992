"""Sealed files of what matching derives of adverts, beside the database (`index` in data_dir).

They can be made again from the database, so whatever is wrong with one (missing, torn, of another
database, its month's key destroyed) is answered with None. A file is encrypted whole under the text
key of its month: destroying that key, or `forget`, erases what it says of that month's adverts.
"""

from __future__ import annotations

import mmap
import os
import secrets
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.errors import StorageError, unwritable
from storage.keys import sync_folder
from storage.vault import Vault

_MAGIC = b"FAROIDX\x01"
_NONCE, _TAG = 12, 16
_HEAD = len(_MAGIC) + 4 + _NONCE


def folder(vault: Vault) -> Path:
    """Where the files are."""
    return vault.folder / "index"


def write(vault: Vault, name: str, month: str | None, content: bytes) -> None:
    """Write a file whole and durably; `month` None takes the key of advert columns."""
    keys = vault.sealer.keys
    key = keys.purpose("advert") if month is None else keys.month("text", month)
    nonce = os.urandom(_NONCE)
    sealed = AESGCM(key.secret).encrypt(nonce, content, _bound(name))
    path = folder(vault) / name
    draft = path.with_name(f".{name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(_MAGIC + key.id + nonce)
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise unwritable(path, error) from error


def read(vault: Vault, name: str) -> mmap.mmap | None:
    """What a file holds; None when it is not there, not whole, or can't be opened any more."""
    try:
        with (folder(vault) / name).open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            if size <= _HEAD + _TAG:
                return None
            sealed = _room(size)
            file.readinto(sealed)
    except FileNotFoundError:
        return None
    head = sealed[:_HEAD]
    key_id, nonce = head[len(_MAGIC) : _HEAD - _NONCE], head[_HEAD - _NONCE :]
    if not head.startswith(_MAGIC):
        return None
    content = _room(size - _HEAD - _TAG)
    try:
        key = vault.sealer.keys.by_id(key_id)
        AESGCM(key.secret).decrypt_into(
            nonce, memoryview(sealed)[_HEAD:], _bound(name), memoryview(content)
        )
    except (StorageError, InvalidTag):
        return None
    return content


def _room(size: int) -> mmap.mmap:
    """Memory in large pages, where there are any: to be given it in small ones takes longer than to
    decrypt into it.
    """
    room = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with suppress(OSError):  # the kernel may not know what Python does
            room.madvise(mmap.MADV_HUGEPAGE)
    return room


def keep_only(vault: Vault, names: Collection[str]) -> None:
    """Remove every other file, drafts of a killed process too."""
    if folder(vault).is_dir():
        for path in folder(vault).iterdir():
            if path.name not in names:
                path.unlink(missing_ok=True)


def forget(vault: Vault, month: str) -> int:
    """Remove the files of a month ("2026-03"); how many there were."""
    gone = list(folder(vault).glob(f"{month}.*")) if folder(vault).is_dir() else []
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _bound(name: str) -> bytes:
    return b"faro index:" + name.encode()
