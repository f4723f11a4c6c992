"""A config folder that tests change and load."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from config import Config, ConfigError, load

SITE = r"""name = "Board"
[legal]
allow_loopback = true
[list]
page_marker = 'css:ul'
card = 'css:li'
[[list.start]]
id = "all"
url = "http://127.0.0.1:8000/"
[list.fields]
id = { select = 'css:a::attr(href)', clean = ['regex:(\d+)'] }
url = ['css:a::attr(href)', 'json:u']
title = 'css:a'
posted = 'css:time'
promoted = 'css:b'
[detail]
when = "new"
[detail.fields]
body = 'css:p'
nickname = 'css:.name'
phone = { select = 'css:.tel', many = true }
"""


@dataclass(frozen=True)
class Folder:
    """The config folder at `path`, begun as `faro init` begins it."""

    path: Path

    def faro(self, text: str) -> None:
        """Replace faro.toml."""
        (self.path / "faro.toml").write_text(text, "utf-8")
        # Its group is gone with it.
        (self.path / "sites" / "example.toml").unlink(missing_ok=True)

    def site(self, name: str, text: str) -> None:
        """Write a site file."""
        (self.path / "sites" / f"{name}.toml").write_text(text, "utf-8")

    def change(self, file: str, old: str, new: str) -> None:
        """Replace the first `old` in a file."""
        text = (self.path / file).read_text("utf-8")
        assert old in text
        (self.path / file).write_text(text.replace(old, new, 1), "utf-8")

    def load(self) -> Config:
        """What `config.load` makes of it."""
        return load(self.path)

    def problems(self) -> list[str]:
        """The lines of the ConfigError that it gives, with paths from the folder on."""
        with pytest.raises(ConfigError) as fault:
            load(self.path)
        lines = str(fault.value).split("\n")
        assert lines == list(fault.value.problems)
        return [line.removeprefix(f"{self.path}/") for line in lines]

    def warnings(self) -> list[str]:
        """The warnings that it gives, with paths from the folder on."""
        return [line.removeprefix(f"{self.path}/") for line in self.load().warnings]
