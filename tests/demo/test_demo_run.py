"""The whole demo, short: crawl, match, report and score on a small town."""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from demo.errors import DemoError
from demo.folder import MARKER, prepare
from demo.run import Summary, run_demo
from demo.writings import WRITINGS, national, write
from records.flags import FlagKind


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Summary, str]]:
    root = tmp_path_factory.mktemp("demo") / "out"
    said = StringIO()
    console = Console(file=said, width=200)
    summary = run_demo(root, days=8, adverts=80, browser=False, console=console)
    yield root, summary, said.getvalue()


def test_it_says_how_well_it_did(ran: tuple[Path, Summary, str]) -> None:
    root, summary, said = ran
    new = summary.scores[FlagKind.NEW]
    assert new.true >= 10
    assert new.precision is not None and new.precision >= 0.8
    assert new.recall is not None and new.recall >= 0.8
    assert summary.scores[FlagKind.REAPPEARED].true == 0, "eight days hold no absence of fourteen"
    assert summary.scores[FlagKind.REAPPEARED].published == 0
    for word in ("precision", "recall", "reappeared", "with a new number", str(summary.report)):
        assert word in said
    assert summary.report.is_file()
    assert summary.report.parent == root / "report"


def test_the_summary_file_has_the_contracts_shape(ran: tuple[Path, Summary, str]) -> None:
    root, summary, _ = ran
    written = json.loads((root / "summary.json").read_text())
    assert written["adverts"] == summary.adverts > 50
    assert written["profiles"] == summary.profiles > 15
    assert {"new", "reappeared"} <= written["flags"].keys()
    assert written["flags"]["new"].keys() >= {"precision", "recall"}
    assert written["flags"]["reappeared"]["recall"] is None
    assert written["flags"]["reappeared"]["with_a_new_number"]["true"] == 0
    assert written["sites"] == ["piazzetta", "lanterna", "specchio"]


def test_every_day_has_its_report(ran: tuple[Path, Summary, str]) -> None:
    root, _, _ = ran
    reports = sorted(path.name for path in (root / "report").iterdir())
    assert len(reports) == 16
    documents = [json.loads(path.read_text()) for path in sorted((root / "report").glob("*.json"))]
    assert documents[0]["counts"]["new"] == 0, "the first day is the baseline"
    assert documents[0]["counts"]["baseline"] > 5
    verdicts = [{row["site"]: row["verdict"] for row in each["health"]} for each in documents]
    assert [each["lanterna"] for each in verdicts].count("blocked") == 2
    assert "drift" in {row["verdict"] for row in documents[-1]["health"]}
    assert "girandola" not in verdicts[0]


def test_the_truth_is_beside_it(ran: tuple[Path, Summary, str]) -> None:
    root, summary, _ = ran
    numbers = (root / "truth" / "numbers.txt").read_text().split()
    assert len(numbers) > 15
    assert all(number.startswith("+3931") and len(number) == 13 for number in numbers)
    events = json.loads((root / "truth" / "events.json").read_text())
    assert sum(event["kind"] == "new" for event in events) == summary.scores[FlagKind.NEW].true
    people = json.loads((root / "truth" / "people.json").read_text())
    assert sum(len(person["adverts"]) for person in people) >= summary.adverts


def test_no_number_of_the_town_is_in_any_file_but_the_truth(
    ran: tuple[Path, Summary, str],
) -> None:
    root, _, _ = ran
    numbers = (root / "truth" / "numbers.txt").read_text().split()
    wanted = {form for number in numbers for form in (number, national(number))}
    rng = random.Random(1)
    for number in numbers:
        wanted |= {write(number, name, rng) for name in WRITINGS if name != "plain"}
    searched = [
        path
        for part in ("data", "report", "config", "summary.json")
        for path in [root / part, *(root / part).rglob("*")]
        if path.is_file()
    ]
    assert any(path.suffix == ".db" for path in searched)
    for path in searched:
        content = path.read_bytes()
        told = [each for each in wanted if each.encode() in content]
        assert not told, f"{path} holds {told}"


def test_an_earlier_demo_is_replaced(tmp_path: Path) -> None:
    root = tmp_path / "out"
    first = prepare(root)
    (first.reports / "old.html").write_text("old")
    (root / "summary.json").write_text("{}")
    prepare(root)
    assert not (root / "report" / "old.html").exists()
    assert not (root / "summary.json").exists()


def test_nothing_else_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(DemoError, match="choose another folder with --dir"):
        run_demo(tmp_path, days=2, adverts=20, console=Console(file=StringIO()))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_without_a_browser_the_other_sites_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PATH", "HOME", "PLAYWRIGHT_BROWSERS_PATH"):
        monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    said = StringIO()
    summary = run_demo(tmp_path / "out", days=2, adverts=20, console=Console(file=said, width=400))
    complaints = [line for line in said.getvalue().splitlines() if "Chromium" in line]
    assert len(complaints) == 1 and "install" in complaints[0]
    assert "girandola" not in summary.sites
    assert len(summary.sites) == 3


def test_ctrl_c_ends_it_in_one_line(tmp_path: Path) -> None:
    root = tmp_path / "out"
    script = (
        # Started in the background, a process inherits that SIGINT is ignored; a terminal's is not.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from pathlib import Path; from rich.console import Console; from demo.run import run_demo;"
        f"run_demo(Path({str(root)!r}), days=30, adverts=60, browser=False, console=Console())"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"COLUMNS": "200"},
        start_new_session=True,
    )
    assert running.stdout is not None
    assert running.stdout.readline().startswith("day 5 of 30")
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to everything in the foreground
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert err == ""
    assert out.splitlines()[-1].startswith("stopped;")
    assert (root / MARKER).exists()
    assert not (root / "summary.json").exists()
    run_demo(root, days=2, adverts=20, browser=False, console=Console(file=StringIO()))
