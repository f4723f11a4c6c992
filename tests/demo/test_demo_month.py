"""A whole month of the town: how good the flags must be, on the day's sites as they break."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from demo.run import run_demo
from records.flags import FlagKind


@pytest.mark.long
def test_a_month_finds_who_is_new_and_who_came_back(tmp_path: Path) -> None:
    summary = run_demo(tmp_path / "out", console=Console(file=StringIO()))
    new, back = summary.scores[FlagKind.NEW], summary.scores[FlagKind.REAPPEARED]
    assert new.true >= 60
    assert back.true >= 25
    assert (new.precision or 0) >= 0.95
    assert (new.recall or 0) >= 0.95
    assert (back.precision or 0) >= 0.85
    assert (back.recall or 0) >= 0.85
