"""Which unit owns a province."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import load
from outreach.units import unit_of

NAMED = '[[units]]\nid = "nord"\nname = "Nord"\nprovinces = ["TV", "BL"]\n'
ALL = '[[units]]\nid = "resto"\nname = "Resto"\nprovinces = "*"\n'


@pytest.mark.parametrize(
    ("units", "province", "owner"),
    [
        (NAMED, "TV", "nord"),
        (NAMED, "tv", "nord"),
        (NAMED, "PD", None),
        (NAMED, None, None),
        (NAMED + ALL, "TV", "nord"),
        # A unit that names the province comes first, wherever it stands in the file.
        (ALL + NAMED, "TV", "nord"),
        (NAMED + ALL, "PD", "resto"),
        (NAMED + ALL, None, "resto"),
        ("", "TV", None),
    ],
)
def test_owner(tmp_path: Path, units: str, province: str | None, owner: str | None) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "faro.toml").write_text(units, "utf-8")
    assert unit_of(load(folder))(province) == owner
