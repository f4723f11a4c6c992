"""`faro phones`: lines in, lines out."""

from __future__ import annotations

import json

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
