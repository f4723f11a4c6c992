"""Every site file that ships reads its fixture as it must; one without a fixture fails."""

import shutil
from pathlib import Path

import pytest

from config import load
from crawlers.freeze import differences, has_detail

ROOT = Path(__file__).parent.parent.parent
FIXTURES = Path(__file__).parent.parent / "sitefixtures"
SHIPPED = sorted(
    [*(ROOT / "config/sites").glob("*.toml"), *(ROOT / "demo/sitefiles").glob("*.toml")]
)


def described(path, folder):
    """The site of a shipped file; the demo's name a port that is chosen when it runs."""
    (folder / "sites").mkdir(parents=True)
    shutil.copy(ROOT / "config" / "faro.toml", folder / "faro.toml")
    text = path.read_text("utf-8").replace("{port}", "8000")
    (folder / "sites" / path.name).write_text(text, "utf-8")
    return load(folder).sites[path.stem]


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_a_shipped_site_file_reads_its_fixture(path, tmp_path):
    site = described(path, tmp_path)
    assert differences(site, FIXTURES / path.stem) == []
    assert has_detail(site, FIXTURES / path.stem)


def test_no_fixture_is_of_a_site_file_that_is_gone():
    assert {path.name for path in FIXTURES.iterdir()} == {path.stem for path in SHIPPED}
