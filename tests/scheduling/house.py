"""A scheduler's house for tests: a notice board on loopback, a config folder, a database."""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from config import load
from config.clock import Clock
from records.stored import RunRecord
from storage import Store, create_store, open_store


def _noticeboard() -> ModuleType:
    """The crawlers' notice board: a module of another folder of tests."""
    path = Path(__file__).parents[1] / "crawlers" / "noticeboard.py"
    spec = importlib.util.spec_from_file_location("noticeboard", path)
    assert spec and spec.loader
    module = sys.modules.setdefault("noticeboard", importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


noticeboard = _noticeboard()
BEFORE = datetime(2026, 3, 1, tzinfo=UTC)


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait for another process or thread: what it does is asked for again and again."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        pause.wait(0.02)
    raise AssertionError(f"not within {seconds} s")


class House:
    """A config folder with sites that all show the same board, and its database."""

    def __init__(self, root: Path, board: noticeboard.NoticeBoard) -> None:
        self.folder = root / "config"
        self.board = board
        (self.folder / "sites").mkdir(parents=True)
        self.faro('report_at = "12:00"')
        self.site("board", 'at = ["06:40"]')
        self.config = load(self.folder)
        with create_store(self.config, simulated=True, at=BEFORE):
            pass

    def faro(self, schedule: str, more: str = "") -> None:
        """(Re)write faro.toml."""
        unit = 'units = [{ id = "venezia", name = "Venezia", provinces = "*" }]'
        (self.folder / "faro.toml").write_text(f"{unit}\n{more}\n[schedule]\n{schedule}\n")

    def site(self, name: str, schedule: str, **more: object) -> None:
        """(Re)write a site file."""
        text = noticeboard.site_file(self.board, **{"when": "new", **more})
        (self.folder / "sites" / f"{name}.toml").write_text(f"{text}\n[schedule]\n{schedule}\n")

    def store(self) -> Store:
        """The database, looked at from after everything."""
        return open_store(self.config, Clock(datetime(2027, 1, 1, tzinfo=UTC)))

    def runs(self) -> list[RunRecord]:
        """The runs so far, oldest first."""
        with self.store() as store:
            return store.last_runs()[::-1]

    def slots(self) -> list[str | None]:
        """The slots of the runs that are over."""
        return [run.slot for run in self.runs() if run.state == "finished"]
