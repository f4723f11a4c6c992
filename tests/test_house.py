"""The house keeps its shape: what the import contracts can't hold, and the size of files."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("records", "config", "storage", "pipelines", "matching", "outreach", "analysis")
ABOVE = {
    "crawlers": {"scheduling", "scheduler", "demo", "commands", "cli"},
    "scheduling": {"scheduler", "demo", "commands", "cli"},
    "demo": {"commands", "cli"},
    "commands": {"cli"},
}
FORBIDDEN = {room: {"crawlers", *ABOVE["crawlers"]} for room in ROOMS} | ABOVE
LONGEST = 450


def tracked(pattern: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", pattern], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("room", sorted(FORBIDDEN))
def test_nothing_is_imported_from_a_higher_floor(room: str) -> None:
    for path in (ROOT / room).rglob("*.py"):
        assert not imported(path) & FORBIDDEN[room], path


@pytest.mark.parametrize(
    ("module", "never"), [("scheduler", {"cli", "commands", "demo"}), ("cli", set())]
)
def test_scheduler_and_cli_leave_libraries_to_the_rooms(module: str, never: set[str]) -> None:
    names = imported(ROOT / f"{module}.py")
    assert not names & ({"sqlalchemy", "alembic", "sqlite3", "scrapy", "twisted"} | never)


def test_no_file_has_two_subjects() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked("*.py")
        if (lines := len(path.read_text("utf-8").splitlines())) > LONGEST
    }
    assert not long


def test_constraints_are_versions_without_addresses() -> None:
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line), line


def test_every_first_line_says_the_subject() -> None:
    for path in tracked("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        assert not tree.body or ast.get_docstring(tree), path
