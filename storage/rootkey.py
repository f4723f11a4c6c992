"""Making the root key, and its escrow copy. Reading it: config/secrets.py."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from config.secrets import SIZE, root_key_path
from storage.errors import StorageError
from storage.keys import write_once

if TYPE_CHECKING:
    from config import Config

ESCROW = "ESCROW-root-key.txt"
"""In data_dir, mode 0400, until the admin puts it away; docs/data-classes.md says so too."""

_ESCROW_TEXT = """\
Faro: escrow copy of the root key
=================================

{key}

Put this copy away now: print it or move it to a place off this machine (a safe, the controller's
password vault), then delete this file. Without the root key nothing in the database can be read,
by nobody, ever again; with it and the key folder, everything can.
"""


def make(config: Config) -> None:
    """Make the root key where faro.toml names a file and there is none."""
    if not config.keys.root.startswith("file:"):
        return
    path = root_key_path(config)
    if path is None or path.exists():
        return
    if not path.parent.is_dir():
        raise StorageError(f"{path}: its folder is not there; make it, or change keys.root")
    write_once(path, base64.b64encode(secrets.token_bytes(SIZE)) + b"\n", 0o400)


def write_escrow(folder: Path, root: bytes) -> Path:
    """Write the escrow copy for the admin to put away; kept when there is one."""
    path = folder / ESCROW
    write_once(path, _ESCROW_TEXT.format(key=base64.b64encode(root).decode()).encode(), 0o400)
    return path
