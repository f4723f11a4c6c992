"""Faults of configuration, all of them at once, one line each."""

from __future__ import annotations

from config.wording import one_line
from records.errors import FaroError


class ConfigError(FaroError):
    """What is wrong with the configuration. `problems` are lines that name file, key and remedy."""

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems = tuple(one_line(problem) for problem in problems)

    def __str__(self) -> str:
        return "\n".join(self.problems)
