"""Faults of configuration, all of them at once, one line each."""

from __future__ import annotations

from records.errors import FaroError


class ConfigError(FaroError):
    """What is wrong with the configuration. `problems` are lines that name file, key and remedy."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
