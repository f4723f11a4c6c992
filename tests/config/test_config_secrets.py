"""The root key: where it may be, who may read it, and what is said when it is not there."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from configuring import Folder

from config import ConfigError
from config.secrets import read_root_key, read_secret

KEY = bytes(range(32))
TEXT = base64.b64encode(KEY).decode()


def fault(folder: Folder, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as error:
        read_root_key(folder.load(), environ or {})
    (line,) = error.value.problems
    assert TEXT not in line
    return line


@pytest.fixture
def key_file(folder: Folder) -> Path:
    data_dir = folder.load().data_dir
    data_dir.mkdir()
    path = data_dir / "root.key"
    path.write_text(TEXT + "\n")
    return path


@pytest.mark.parametrize("mode", [0o400, 0o600])
def test_a_file_that_only_its_owner_reads(folder: Folder, key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    assert read_root_key(folder.load(), {}) == KEY


@pytest.mark.parametrize("mode", [0o644, 0o440, 0o404, 0o420, 0o402])
def test_a_file_that_others_may_read_or_write(folder: Folder, key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    assert fault(folder) == (
        f"{key_file}: others than its owner may use the root key; run: chmod 0400 {key_file}"
    )


def test_no_file(folder: Folder) -> None:
    path = folder.load().data_dir / "root.key"
    assert fault(folder) == f"{path}: the root key is missing; put back its escrow copy"


def test_a_folder_in_its_place(folder: Folder) -> None:
    path = folder.load().data_dir / "root.key"
    path.mkdir(parents=True, mode=0o700)
    assert fault(folder).startswith(f"{path}: the root key can't be read: Is a directory")


@pytest.mark.parametrize(
    "text",
    ["", "abc", TEXT[:-4], TEXT + TEXT, "€" * 32, base64.b64encode(bytes(31)).decode(), "!" * 44],
)
def test_no_key_in_the_file(folder: Folder, key_file: Path, text: str) -> None:
    key_file.write_text(text, "utf-8")
    key_file.chmod(0o400)
    assert fault(folder) == (
        f"{key_file}: not a root key (32 bytes in base64); put back its escrow copy"
    )


def test_the_environment(folder: Folder) -> None:
    folder.change("faro.toml", "file:root.key", "env:FARO_ROOT")
    assert fault(folder) == (
        "faro.toml: keys.root: the environment variable FARO_ROOT is not set; "
        "it must hold the root key"
    )
    assert fault(folder, {"FARO_ROOT": "abc"}) == (
        "environment variable FARO_ROOT: not a root key (32 bytes in base64); "
        "put back its escrow copy"
    )
    assert read_root_key(folder.load(), {"FARO_ROOT": TEXT}) == KEY


def test_a_systemd_credential(folder: Folder, tmp_path: Path) -> None:
    folder.change("faro.toml", "file:root.key", "credential:faro-root")
    assert fault(folder) == (
        "faro.toml: keys.root: systemd gave no credential 'faro-root'; "
        "add LoadCredential=faro-root:<path> to Faro's unit"
    )
    (tmp_path / "faro-root").write_text(TEXT)
    # systemd's own mode, for a folder that only the unit's user can enter.
    (tmp_path / "faro-root").chmod(0o440)
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert read_root_key(folder.load(), environ) == KEY


SECRET_FAULTS = [
    ("env:NO_SUCH", "the environment variable NO_SUCH is empty or not set"),
    ("file:none.txt", "can't be read: No such file or directory"),
    ("file:open.txt", "others than its owner may read this secret"),
    ("file:empty.txt", "is empty or not set"),
    ("credential:smtp", "systemd gave no credential 'smtp'"),
]


@pytest.mark.parametrize(("place", "words"), SECRET_FAULTS)
def test_a_secret_that_is_not_there_or_not_secret(folder: Folder, place: str, words: str) -> None:
    config = folder.load()
    config.data_dir.mkdir()
    for name, content, mode in (("open", "hunter2", 0o644), ("empty", "\n", 0o400)):
        path = config.data_dir / f"{name}.txt"
        path.write_text(content)
        path.chmod(mode)
    with pytest.raises(ConfigError, match=words) as fault:
        read_secret(config, "notify.mail.password", place, {})
    assert "hunter2" not in str(fault.value)


def test_a_secret_from_a_file_a_variable_and_systemd(folder: Folder, tmp_path: Path) -> None:
    config = folder.load()
    config.data_dir.mkdir()
    path = config.data_dir / "smtp.txt"
    path.write_text("a secret\n")
    path.chmod(0o400)
    environ = {"SMTP": "a secret", "CREDENTIALS_DIRECTORY": str(config.data_dir)}
    for place in ("file:smtp.txt", "env:SMTP", "credential:smtp.txt"):
        assert read_secret(config, "notify.mail.password", place, environ) == "a secret"
