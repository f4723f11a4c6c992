"""Locks between processes of one machine: a file each in the data folder, let go by the kernel."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.errors import Busy, StorageError, unwritable


def crawl_name(site: str) -> str:
    """The name of the lock that a crawl of the site holds."""
    return f"crawl-{site}"


def is_free(folder: Path, name: str) -> bool:
    """Whether nobody on this machine holds `name`."""
    try:
        with run_lock(folder, name):
            return True
    except Busy:
        return False


@contextmanager
def run_lock(folder: Path, name: str) -> Iterator[None]:
    """Hold `name` exclusively; raises Busy at once when another holder has it.

    A killed process holds nothing: the kernel lets go of its locks.
    """
    if not re.fullmatch(r"[\w.-]{1,100}", name):
        raise StorageError(f"lock {name!r}: a name has letters, digits, '.', '_' and '-' only")
    path = folder / f"{name}.lock"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 20, 0).decode(errors="replace").strip()
            raise Busy(
                f"{name}: process {holder or 'unknown'} is doing it; wait until it ends"
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
