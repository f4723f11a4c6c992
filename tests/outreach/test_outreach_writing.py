"""Files: where they go, who can read them, and what is said of formats that are not there."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
import sample

from outreach.errors import OutreachError
from outreach.writing import write_report

DOCUMENT: dict[str, Any] = sample.full("it", flags=5)


def test_writes_each_format_into_the_folder_for_its_owner_only(tmp_path: Path) -> None:
    paths = write_report(DOCUMENT, ["html", "json", "html"], None, folder=tmp_path / "reports")
    assert [path.name for path in paths] == [
        "faro-treviso-2026-03-04.html",
        "faro-treviso-2026-03-04.json",
    ]
    assert json.loads(paths[1].read_text(encoding="utf-8")) == DOCUMENT
    assert paths[0].read_text(encoding="utf-8").startswith("<!doctype html>")
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    assert sorted(path.name for path in paths[0].parent.iterdir()) == sorted(
        path.name for path in paths
    )


@pytest.mark.parametrize("out", ["today.html", "deep/er/today.html"])
def test_a_file_can_be_named(tmp_path: Path, out: str) -> None:
    target = str(tmp_path / out)
    assert write_report(DOCUMENT, ["html"], target, folder=tmp_path) == [Path(target)]
    # Written again it is the same file.
    before = Path(target).read_bytes()
    write_report(DOCUMENT, ["html"], target, folder=tmp_path)
    assert Path(target).read_bytes() == before


def test_a_draft_has_a_name_of_its_own(tmp_path: Path) -> None:
    (path,) = write_report(DOCUMENT | {"draft": True}, ["json"], str(tmp_path), folder=tmp_path)
    assert path.name == "faro-treviso-2026-03-04-draft.json"


def test_a_units_id_cannot_leave_the_folder(tmp_path: Path) -> None:
    (path,) = write_report(DOCUMENT | {"unit": "../../x"}, ["json"], None, folder=tmp_path)
    assert path.parent == tmp_path


def test_standard_output(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert write_report(DOCUMENT, ["json"], "-", folder=tmp_path) == []
    assert json.loads(capsys.readouterr().out) == DOCUMENT


@pytest.mark.parametrize(
    ("formats", "out", "alone", "says"),
    [
        (["pdf"], None, True, "--format pdf: not there yet"),
        (["html", "xlsx"], None, True, "--format xlsx: not there yet"),
        (["docx"], None, True, "--format docx: unknown; there are html, json"),
        (["html", "json"], "-", True, "one format and one unit"),
        (["html"], "-", False, "one format and one unit"),
        (["html", "json"], "today.html", True, "name a folder"),
        (["json"], "today.html", True, "name a folder"),
        (["html"], "today.html", False, "name a folder"),
        (["html"], "taken/x", True, "cannot be written"),
    ],
)
def test_refusals_are_one_line_and_write_nothing(
    tmp_path: Path, formats: list[str], out: str | None, alone: bool, says: str
) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    target = out if out in (None, "-") else str(tmp_path / str(out))
    with pytest.raises(OutreachError, match=says) as refused:
        write_report(DOCUMENT, formats, target, folder=tmp_path, alone=alone)
    assert "\n" not in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
