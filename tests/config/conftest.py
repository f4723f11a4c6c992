"""A fresh config folder for each test."""

from __future__ import annotations

from pathlib import Path

import pytest
from configuring import Folder

from config import write_starter


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    write_starter(tmp_path / "config")
    return Folder(tmp_path / "config")
