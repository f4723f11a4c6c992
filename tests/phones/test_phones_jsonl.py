"""`faro phones`: lines in, lines out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.phones import PhonesError, read_jsonl


def test_a_line_for_a_line() -> None:
    lines = [
        '{"id": "a", "input": "tel 311 445 5667 o 3114455667", "is_html": false}',
        "",
        '{"id": 7, "input": "<a href=\\"https://wa.me/393122233344\\">w</a>", "is_html": true}',
        '{"id": null, "input": "niente"}',
    ]
    first, second, third = map(json.loads, read_jsonl(lines))
    assert first["id"] == "a"
    assert first["phones"] == ["+393114455667"]
    assert [one["span"] for one in first["found"]] == [[4, 16], [19, 29]]
    assert second["found"] == [
        {"number": "+393122233344", "tier": "confirmed", "kind": "mobile", "channel": "whatsapp",
         "span": None, "rule": "wa.me", "confidence": 0.98}
    ]  # fmt: skip
    assert third == {"id": None, "phones": [], "found": []}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "line 2: not JSON"),
        ("[1]", "line 2: not an object"),
        ('{"id": 1}', 'line 2: "input" must be a string'),
        ('{"id": 1, "input": "x", "is_html": "yes"}', 'line 2: "is_html" must be true or false'),
    ],
)
def test_a_malformed_line_is_named(line: str, problem: str) -> None:
    with pytest.raises(PhonesError, match=problem.replace("(", r"\(")):
        list(read_jsonl(['{"id": 1, "input": "x"}', line]))


def test_half_a_character_is_written_escaped() -> None:
    (line,) = read_jsonl(
        ['{"id": "\\ud800", "input": "\\ud800 3114455667 \\u0000", "is_html": null}']
    )
    assert json.loads(line.encode())["phones"] == ["+393114455667"]


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_the_bar_moves_on_the_terminal_and_the_answers_go_to_the_file(tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"id": 1, "input": "tel 3114455667 [/x] [bold]"}\n' * 60)
    terminal, side = os.openpty()
    with source.open() as lines, out.open("w") as answers:
        subprocess.run(
            [sys.executable, "-c", "import cli; raise SystemExit(cli.main(['phones']))"],
            stdin=lines, stdout=answers, stderr=side, check=True,
        )  # fmt: skip
    os.close(side)
    shown = os.read(terminal, 100_000).decode()
    os.close(terminal)
    assert "60 strings" in shown and "100%" in shown
    answered = [json.loads(line)["phones"] for line in out.read_text().splitlines()]
    assert answered == [["+393114455667"]] * 60
