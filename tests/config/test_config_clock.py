"""The clock: real, or fixed by --now and FARO_NOW."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config import ConfigError, load, write_starter
from config.clock import clock_from
from config.secrets import read_root_key

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("option", "environ", "expected"),
    [
        ("2026-03-04T12:00Z", {}, NOON),
        ("2026-03-04T13:00+01:00", {}, NOON),
        ("2026-03-04T12:00", {"FARO_NOW": "2020-01-01"}, NOON),
        (None, {"FARO_NOW": "2026-03-04T12:00:00"}, NOON),
    ],
)
def test_fixed_time(option: str | None, environ: dict[str, str], expected: datetime) -> None:
    clock = clock_from(option, environ)
    assert clock.simulated
    assert clock.now() == expected == clock.now()


def test_real_time() -> None:
    clock = clock_from(None, {})
    assert not clock.simulated
    assert clock.now().tzinfo is UTC


def test_unreadable_time_is_one_line() -> None:
    with pytest.raises(ConfigError, match=r"--now tomorrow: not a time; write it as"):
        clock_from("tomorrow", {})


def test_root_key_faults_name_the_remedy(tmp_path: Path) -> None:
    write_starter(tmp_path / "config")
    config = load(tmp_path / "config")
    with pytest.raises(ConfigError, match="escrow"):
        read_root_key(config)
    config.data_dir.mkdir()
    key = config.data_dir / "root.key"
    key.write_text(base64.b64encode(bytes(32)).decode())
    key.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 0400"):
        read_root_key(config)
    key.chmod(0o400)
    assert read_root_key(config) == bytes(32)


def test_root_key_from_the_environment(tmp_path: Path) -> None:
    write_starter(tmp_path / "config")
    path = tmp_path / "config" / "faro.toml"
    path.write_text(path.read_text().replace("file:root.key", "env:FARO_ROOT"))
    config = load(tmp_path / "config")
    with pytest.raises(ConfigError, match=r"FARO_ROOT .* is not set"):
        read_root_key(config, {})
    with pytest.raises(ConfigError, match="not a root key"):
        read_root_key(config, {"FARO_ROOT": "abc"})
    text = base64.b64encode(bytes(range(32))).decode()
    assert read_root_key(config, {"FARO_ROOT": text}) == bytes(range(32))
