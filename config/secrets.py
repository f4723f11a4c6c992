"""The root key and other secrets: read from where faro.toml says, never from the config itself."""

from __future__ import annotations

import base64
import binascii
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from config.errors import ConfigError
from config.models import Config

SIZE = 32


def root_key_path(config: Config, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The file that holds the root key; None when it comes from a variable.

    Raises ConfigError when a systemd credential is named but this process was given none.
    """
    kind, _, name = config.keys.root.partition(":")
    if kind == "env":
        return None
    if kind == "credential":
        return _credential("keys.root", name, environ)
    return config.data_dir / name


def read_secret(
    config: Config, key: str, place: str, environ: Mapping[str, str] = os.environ
) -> str:
    """The text at `place` (`file:…`, `env:…`, `credential:…`), which faro.toml names under `key`.

    Raises ConfigError, which never repeats it, when it is not there, empty, or open to others.
    """
    kind, _, name = place.partition(":")
    if kind == "env":
        text = environ.get(name, "").strip()
        where = f"the environment variable {name}"
    else:
        path = _credential(key, name, environ) if kind == "credential" else config.data_dir / name
        where = str(path)
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            text = path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            words = error.strerror if isinstance(error, OSError) else "it is no text"
            raise ConfigError(
                f"faro.toml: {key}: {path} can't be read: {words}; put the secret there"
            ) from error
        if mode & 0o077 and kind == "file":
            raise ConfigError(
                f"{path}: others than its owner may read this secret; run: chmod 0400 {path}"
            )
    if not text:
        raise ConfigError(f"faro.toml: {key}: {where} is empty or not set; put the secret there")
    return text


def _credential(key: str, name: str, environ: Mapping[str, str]) -> Path:
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        raise ConfigError(
            f"faro.toml: {key}: systemd gave no credential '{name}'; "
            f"add LoadCredential={name}:<path> to Faro's unit"
        )
    return Path(folder) / name


def read_root_key(config: Config, environ: Mapping[str, str] = os.environ) -> bytes:
    """The 32 bytes of the root key. Raises ConfigError with what is wrong and the remedy."""
    path = root_key_path(config, environ)
    if path is None:
        name = config.keys.root.removeprefix("env:")
        text = environ.get(name, "")
        if not text:
            raise ConfigError(
                f"faro.toml: keys.root: the environment variable {name} is not set; "
                "it must hold the root key"
            )
        return _decoded(text, f"environment variable {name}")
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: the root key is missing; put back its escrow copy") from error
    except OSError as error:
        raise ConfigError(
            f"{path}: the root key can't be read: {error.strerror}; check its owner and mode"
        ) from error
    # systemd guards a credential by its folder and chooses its mode itself.
    if mode & 0o077 and not config.keys.root.startswith("credential:"):
        raise ConfigError(
            f"{path}: others than its owner may use the root key; run: chmod 0400 {path}"
        )
    return _decoded(raw.decode("ascii", "replace"), str(path))


def _decoded(text: str, place: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != SIZE:
        raise ConfigError(
            f"{place}: not a root key ({SIZE} bytes in base64); put back its escrow copy"
        )
    return key
