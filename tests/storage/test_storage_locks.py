"""Locks between processes: held by one, let go by the kernel when its holder is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storage import Busy, StorageError
from storage.locks import run_lock

_HOLDER = """
import sys
from pathlib import Path
from storage.locks import run_lock
with run_lock(Path(sys.argv[1]), "matching"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    with run_lock(tmp_path, "matching"):
        mine = f"matching: process {os.getpid()} is doing it"
        with pytest.raises(Busy, match=mine), run_lock(tmp_path, "matching"):
            pass
        with run_lock(tmp_path, "crawl-bakeca"):
            pass
    with run_lock(tmp_path, "matching"):
        pass


@pytest.mark.parametrize("name", ["", "a/b", "../x", "a b"])
def test_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageError, match="a name has letters"), run_lock(tmp_path, name):
        pass


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "locks").touch()
    with (
        pytest.raises(StorageError, match=r"matching\.lock: cannot be written"),
        run_lock(tmp_path / "locks", "matching"),
    ):
        pass


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout and holder.stdout.readline() == b"held\n"
        with pytest.raises(Busy, match=str(holder.pid)), run_lock(tmp_path, "matching"):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with run_lock(tmp_path, "matching"):
            pass
