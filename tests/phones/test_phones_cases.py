"""The reader against labelled cases: the development set, ours by hand, and the held-out part."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.phones import find_phones, find_phones_html

HERE = Path(__file__).parent
ALL = sorted(path.stem for path in (HERE / "cases").glob("*.jsonl"))
BARS = [name for name in ALL if name.startswith(("held_out", "generated", "shapes"))]
"""Files of which not every row is read as labelled: what is asked of them is a share."""
OURS = [f"{name}.jsonl" for name in ALL if name not in BARS]


@dataclass(frozen=True)
class Case:
    id: str
    group: str
    input: str
    is_html: bool
    expected: frozenset[str]

    def read(self) -> frozenset[str]:
        found = find_phones_html(self.input) if self.is_html else find_phones(self.input)
        return frozenset(contact.value for contact in found)


def cases(name: str) -> list[Case]:
    rows = map(json.loads, (HERE / name).read_text("utf-8").splitlines())
    return [
        Case(row["id"], row["group"], row["input"], row["is_html"], frozenset(row["expected"]))
        for row in rows
    ]


def f1(rows: list[Case]) -> float:
    read = [(row.expected, row.read()) for row in rows]
    right = sum(len(expected & found) for expected, found in read)
    return 2 * right / sum(len(expected) + len(found) for expected, found in read)


@pytest.mark.parametrize("name", ["phones_dev.jsonl", *(f"cases/{name}" for name in OURS)])
def test_every_case_is_read_as_labelled(name: str) -> None:
    wrong = {row.id: (row.input, sorted(row.read())) for row in cases(name)
             if row.read() != row.expected}  # fmt: skip
    assert wrong == {}


@pytest.mark.parametrize("name", BARS)
def test_held_out_cases_reach_the_bar(name: str) -> None:
    rows = cases(f"cases/{name}.jsonl")
    negatives = [row for row in rows if not row.expected]
    numbers = [row for row in rows if row.expected]
    assert not numbers or f1(numbers) >= 0.97
    assert sum(not row.read() for row in negatives) >= 0.97 * len(negatives)


def test_no_group_is_left_behind() -> None:
    exact: dict[str, list[bool]] = defaultdict(list)
    for name in ("phones_dev.jsonl", *(f"cases/{name}.jsonl" for name in ALL)):
        for row in cases(name):
            exact[row.group].append(row.read() == row.expected)
    behind = {group: sum(hits) / len(hits) for group, hits in exact.items()}
    assert {group: share for group, share in behind.items() if share < 0.8} == {}
