"""A configuration of one site on loopback."""

from __future__ import annotations

from pathlib import Path

import pytest
from bacheca import SITE

from config import Config, SiteFile, load


@pytest.fixture
def config(tmp_path: Path) -> Config:
    folder = tmp_path / "config"
    (folder / "sites").mkdir(parents=True)
    (folder / "faro.toml").write_text("")
    (folder / "sites" / "bacheca.toml").write_text(SITE)
    return load(folder)


@pytest.fixture
def site(config: Config) -> SiteFile:
    return config.sites["bacheca"]
