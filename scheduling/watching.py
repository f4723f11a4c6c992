"""Changed config files: read again as a whole, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config import Config, ConfigError, load

# Files by their path within the folder, with what tells that one changed: modification time, size
# and number.
_Traces = Mapping[Path, tuple[int, int, int]]
# What the open database and its keys hang on.
_FOR_A_RESTART = ("data_dir", "database_url", "keys")


@dataclass(slots=True)
class ConfigWatch:
    """The config in use, and what keeps the files' newer one from being it (`fault`)."""

    config: Config
    fault: str = ""
    _read: _Traces = field(default_factory=dict)
    _seen: _Traces = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> ConfigWatch:
        """Begin with what the folder says now. Raises ConfigError when that is not valid."""
        traces = _traces(folder)
        return cls(load(folder), _read=traces, _seen=traces)

    def look(self) -> bool:
        """Read files that changed since; whether `config` or `fault` is another now.

        A file is read when it has not changed between two looks, for an editor may be writing it.
        """
        traces, before = _traces(self.config.folder), self._seen
        self._seen = traces
        if traces == self._read or traces != before:
            return False
        self._read = traces
        try:
            found = load(self.config.folder)
        except ConfigError as error:
            self.fault = "\n".join(error.problems)
            return True
        changed = [
            key for key in _FOR_A_RESTART if getattr(found, key) != getattr(self.config, key)
        ]
        if changed:
            self.fault = f"faro.toml: {changed[0]} changed: restart the scheduler"
        else:
            self.config, self.fault = found, ""
        return True


def _traces(folder: Path) -> _Traces:
    found = {}
    for path in (folder / "faro.toml", *sorted((folder / "sites").glob("*.toml"))):
        try:
            status = path.stat()
        except OSError:
            continue
        found[path.relative_to(folder)] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return found
