"""The command line as a newcomer and an admin use it: one clear line for every misuse."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from cli import main
from commands.later import LATER


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["init", str(tmp_path / "config")]) == 0
    capsys.readouterr()
    return tmp_path / "config"


def test_init_makes_config_keys_and_database(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(tmp_path / "config")]) == 0
    out = capsys.readouterr().out
    assert (tmp_path / "config" / "faro.toml").exists()
    assert (tmp_path / "var" / "faro.db").exists()
    assert "escrow" in out.lower()
    assert not list((tmp_path / "config").rglob("*.key"))
    modes = {path.name: path.stat().st_mode & 0o077 for path in (tmp_path / "var").rglob("*")}
    assert set(modes.values()) == {0}, modes


def test_init_again_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (folder.parent / "var" / "root.key").read_bytes()
    assert main(["init", str(folder)]) == 2
    assert "there is a database already" in capsys.readouterr().err
    assert (folder.parent / "var" / "root.key").read_bytes() == before


MISUSES = [
    (["bogus"], "No such command 'bogus'"),
    (["crawl", "--bogus"], "No such option"),
    (["--config", "nowhere", "status"], "make a config folder with: faro init DIR"),
    (["--config", "{config}", "crawl", "exampel"], "did you mean 'example'"),
    (["--config", "{config}", "crawl"], "no site is enabled"),
    (["--config", "{config}", "report", "--date", "yesterday"], "write it as 2026-03-04"),
    (["--config", "{config}", "report", "--unit", "nobody"], "it has unita-di-strada"),
    (["--config", "{config}", "report", "--format", "docx"], "unknown; there are html, json"),
    (["--config", "{config}", "--now", "noon", "status"], "write it as 2026-03-04T06:40Z"),
    (["--config", "{config}", "--now", "2031-01-01", "status"], "--now is refused"),
    (["--config", "{config}", "query", "delete from v_adverts"], "query:"),
    (["--config", "{config}", "query", "select * from contact"], "may only read v_"),
    (["link", "nowhere.jsonl", "--out", "x.csv"], "nowhere.jsonl"),
    *(([name], "not there yet") for name in LATER),
    (["--config", "{config}", "site", "add", "https://example.org"], "is there already"),
    (["demo", "--serve"], "the desk is not there yet"),
]


@pytest.mark.parametrize(("words", "line"), MISUSES, ids=lambda value: str(value)[:60])
def test_misuse_is_one_line_and_exit_2(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], line: str
) -> None:
    assert main([word.replace("{config}", str(folder)) for word in words]) == 2
    captured = capsys.readouterr()
    assert line in captured.err
    assert len(captured.err.splitlines()) == 1
    assert captured.out == ""


def test_global_options_may_stand_anywhere(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["site", "list", "--config", str(folder)]) == 0
    assert main(["site", "list", f"--config={folder}"]) == 0
    assert "example" in capsys.readouterr().out


def test_status_of_an_empty_house(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", str(folder), "status"]) == 0
    out = capsys.readouterr().out
    for word in ("example", "never", "queue", "keys", "retention", "audit", "browser"):
        assert word in out


def test_phones_reads_lines_and_writes_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        {"id": "a", "input": "chiama il 311 44 55 667", "is_html": False},
        {"id": "b", "input": "<p>150 euro</p>", "is_html": True},
    ]
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(json.dumps(x) + "\n" for x in lines)))
    assert main(["phones"]) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first["id"] == "a"
    assert first["phones"] == ["+393114455667"]
    assert set(first["found"][0]) == {
        *("number", "tier", "kind", "channel", "span", "rule", "confidence")
    }
    assert second == {"id": "b", "phones": [], "found": []}


def test_phones_names_the_broken_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('{"id": 1, "input": "x"}\n{oops\n'))
    assert main(["phones"]) == 2
    assert "line 2" in capsys.readouterr().err


def test_link_joins_adverts_of_one_person(tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.csv"
    text = "Massaggio ai petali con tè alla menta in mansarda accogliente dietro la fiera"
    rows = [
        {"id": "1", "text": text, "nickname": "Perla", "city": "Treviso", "age": 31},
        {"id": "2", "text": f"{text}. Cell 311 44 55 667", "nickname": "Perla", "city": "Treviso"},
        {"id": "3", "text": "Compagnia elegante 312 11 22 334", "nickname": "Olga", "age": 45},
        {"id": "4", "text": f"{text} 3114455667", "nickname": "Perla", "city": "Treviso"},
    ]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert main(["link", str(source), "--out", str(out), "--extract"]) == 0
    header, *lines = out.read_text().splitlines()
    assert header == "id,profile,network,probability"
    profile = {line.split(",")[0]: line.split(",")[1] for line in lines}
    assert profile["2"] == profile["4"]
    assert profile["3"] != profile["2"]
    assert set(profile) == {"1", "2", "3", "4"}


def test_a_warning_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "sites" / "example.toml"
    text = path.read_text().replace("enabled = false", "enabled = true")
    path.write_text(text.replace('group = "twice-daily" ', 'at = ["02:30"] '))
    assert main(["--config", str(folder), "site", "check"]) == 0
    told = capsys.readouterr().err.splitlines()
    assert [line for line in told if not line.startswith("warning: ")] == []
    assert any("02:30 is skipped or comes twice when the clocks change" in line for line in told)


def test_status_says_first_what_to_do(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from config import load
    from config.clock import Clock
    from storage import open_store

    path = folder / "sites" / "example.toml"
    text = path.read_text().replace("enabled = false", "enabled = true")
    path.write_text(
        text.replace('group = "twice-daily" ', 'group = "twice-daily"\nat = ["02:30"] ')
    )
    assert main(["--config", str(folder), "status"]) == 0
    before = capsys.readouterr().out
    assert "never started: start it with `faro run`" in before
    assert "not crawled: faro.toml has no [controller]" in before
    assert "02:30 is skipped or comes twice when the clocks change" in before
    with open_store(load(folder), Clock()) as store:
        store.scheduler_beat("here", 7, store.created_at, "faro.toml: timzone: unknown key")
    assert main(["--config", str(folder), "status"]) == 0
    assert "on the config of before: faro.toml: timzone" in capsys.readouterr().out
    with open_store(load(folder), Clock()) as store:
        store.scheduler_stopped("here")
    assert main(["--config", str(folder), "status"]) == 0
    assert "not running, stopped on" in capsys.readouterr().out
