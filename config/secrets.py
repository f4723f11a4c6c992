"""The root key: read from where faro.toml says, never from the config folder."""

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
        folder = environ.get("CREDENTIALS_DIRECTORY")
        if not folder:
            raise ConfigError(
                f"faro.toml: keys.root: credential '{name}' is named, but systemd gave none; "
                "add LoadCredential= to the unit"
            )
        return Path(folder) / name
    return config.data_dir / Path(name).expanduser()


def read_root_key(config: Config, environ: Mapping[str, str] = os.environ) -> bytes:
    """The 32 bytes of the root key. Raises ConfigError with what is wrong and the remedy."""
    path = root_key_path(config, environ)
    if path is None:
        name = config.keys.root.removeprefix("env:")
        source, text = f"environment variable {name}", environ.get(name, "")
        if not text:
            raise ConfigError(
                f"{source} (keys.root in faro.toml) is not set; it holds the root key"
            )
    else:
        source = str(path)
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            text = path.read_text("ascii")
        except FileNotFoundError as error:
            raise ConfigError(
                f"{source}: the root key is missing; put back its escrow copy"
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{source}: the root key can't be read: {error}") from error
        if mode & 0o077:
            raise ConfigError(f"{source}: others may read the root key; run: chmod 0400 {source}")
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != SIZE:
        raise ConfigError(f"{source}: not a root key ({SIZE} bytes in base64); use the escrow copy")
    return key
