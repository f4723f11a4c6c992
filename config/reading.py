"""One TOML file from disk to a plain table, or the reason why not."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

_PLACE = re.compile(r"^(?P<what>.*) \(at line (?P<line>\d+), column (?P<column>\d+)\)$", re.S)
_LARGEST = 1_000_000


def read_table(path: Path) -> dict[str, Any]:
    """The content of a TOML file; lists become tuples.

    Raises ValueError with the reason, without the file's name.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except OSError as error:
        raise ValueError(f"can't be read: {error.strerror}; check its owner and mode") from error
    if len(raw) > _LARGEST:
        raise ValueError("is larger than a megabyte: not a config file")
    try:
        # Some Windows editors put a byte order mark first; it means nothing in UTF-8.
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = raw.count(b"\n", 0, error.start) + 1
        raise ValueError(f"line {number}: not UTF-8; save it as UTF-8") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(_syntax(str(error))) from error
    except RecursionError as error:
        raise ValueError("not TOML: nested too deeply") from error
    except ValueError as error:
        # A number of thousands of digits, which Python refuses to read.
        raise ValueError(f"not TOML: {error}") from error
    return {key: _tuples(value) for key, value in table.items()}


def _syntax(message: str) -> str:
    found = _PLACE.match(message)
    what = found["what"] if found else message
    where = f"line {found['line']}, column {found['column']}: " if found else ""
    if "Unescaped '\\'" in what:
        what += "; write patterns and selectors in 'single quotes'"
    return f"{where}not TOML: {what}"


def _tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_tuples(each) for each in value)
    if isinstance(value, dict):
        return {key: _tuples(each) for key, each in value.items()}
    return value
