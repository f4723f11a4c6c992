"""`faro link`: a JSON lines file in, a CSV out, tolerant of anything but broken JSON."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.corpus import corpus, read_truth, write_corpus
from demo.evaluation.scores import scores
from matching.errors import MatchingError
from matching.files import link_file
from matching.intake import Adverts
from matching.reading import Extract, read_adverts
from records.contacts import FoundContact, Span


def written(tmp_path: Path, *lines: object) -> Path:
    path = tmp_path / "in.jsonl"
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def adverts_of(source: Path, extract: Extract | None, unread: dict[str, int]) -> Adverts:
    return read_adverts(source.read_bytes().splitlines(), 1, source, extract, unread)


def digits(text: str) -> Iterator[FoundContact]:
    """A reader of numbers for these tests: `+39...` is sure, `?39...` is not."""
    for found in re.finditer(r"([+?])(\d{12})", text):
        tier = "confirmed" if found[1] == "+" else "candidate"
        yield FoundContact(
            "phone",
            f"+{found[2]}",
            tier,
            "call",
            "input",
            found[0],
            "test",
            1.0,
            "mobile",
            Span(*found.span()),
        )


def test_whole_way(tmp_path: Path) -> None:
    row = {
        "id": "a",
        "site": "alfa",
        "url": "https://alfa.invalid/a",
        "seen_at": "2026-03-01T06:00:00+01:00",
        "title": "Giulia",
        "text": "amo il silenzio del lago e le cene lunghe",
        "nickname": "Giulia",
        "age": 28,
        "price": 80,
        "city": "Padova",
        "province": "PD",
        "phones": ["+393114455667"],
        "handles": ["@Lago"],
    }
    source = written(
        tmp_path,
        row,
        row | {"id": "b", "phones": ["311 4455667"], "seen_at": "2026-03-20"},
        "",
        {"id": "c", "text": "tutt'altro", "phones": ["+393125566778"]},
    )
    out = tmp_path / "out.csv"
    summary = link_file(source, out)
    rows = read(out)
    assert list(rows[0]) == ["id", "profile", "network", "probability"]
    assert [(row["id"], row["profile"], row["network"]) for row in rows] == [
        ("a", "P1", ""),
        ("b", "P1", ""),
        ("c", "P2", ""),
    ]
    assert float(rows[0]["probability"]) > 0.95
    assert rows[2]["probability"] == "1.0000"
    assert str(summary) == "3 adverts, 2 profiles, 0 networks"
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl", "out.csv"] or {
        path.name for path in tmp_path.iterdir()
    } == {"in.jsonl", "out.csv"}


def test_phones_are_read_from_the_text_when_asked(tmp_path: Path) -> None:
    source = written(
        tmp_path,
        {"id": "a", "text": "chiamami +393114455667 la sera, grazie"},
        {"id": "b", "title": "+393114455667", "text": "forse ?393125566778"},
    )
    adverts = adverts_of(source, digits, {})
    assert adverts.phones == [["+393114455667"], ["+393114455667"]]
    assert adverts.weak_phones == [[], ["+393125566778"]]
    assert adverts.text[0] == "chiamami   la sera, grazie"
    out = tmp_path / "out.csv"
    link_file(source, out, extract=digits)
    assert len({row["profile"] for row in read(out)}) == 1
    link_file(source, out)
    assert len({row["profile"] for row in read(out)}) == 2


@pytest.mark.parametrize(
    ("field", "value", "name", "expected"),
    [
        ("age", "28", "age", 28),
        ("age", "28 anni", "age", 28),
        ("age", 28.0, "age", 28),
        ("age", 7, "age", None),
        ("age", "boh", "age", None),
        ("age", True, "age", None),
        ("price", 100, "price_cents", 10_000),
        ("price", "100 €", "price_cents", 10_000),
        ("price", "1.200,50", "price_cents", 120_050),
        ("price", 99.9, "price_cents", 9_990),
        ("price", "trattabile", "price_cents", None),
        ("price", {"from": 3}, "price_cents", None),
        ("nickname", 5, "nickname", "5"),
        ("nickname", ["x"], "nickname", None),
        ("phones", "+39 311 445 5667", "phones", ["+393114455667"]),
        ("phones", ["0039 3114455667", "", None], "phones", ["+393114455667"]),
        ("phones", 3114455667, "phones", ["+393114455667"]),
        ("phones", {"x": 1}, "phones", []),
        ("handles", ["@Lago", "lago"], "handles", ["lago", "lago"]),
        ("seen_at", "ieri", "seen_from", None),
        ("text", None, "text", ""),
        ("text", "a\ud800b", "text", "a?b"),
        ("unknown", 1, "text", ""),
    ],
)
def test_values(tmp_path: Path, field: str, value: object, name: str, expected: object) -> None:
    unread: dict[str, int] = {}
    adverts = adverts_of(written(tmp_path, {field: value}), None, unread)
    assert getattr(adverts, name) == [expected]
    assert adverts.ids == ["1"]
    odd = expected in (None, []) and value is not None
    assert unread == ({field: 1} if odd else {})


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"id": 1', "line 2: not JSON (Expecting ',' delimiter); every line must be one object"),
        ("[1]", "line 2: list instead of an object"),
        ("5", "line 2: int instead of an object"),
        ("[" * 100_000, "line 2: nested too deeply"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, says: str) -> None:
    source = written(tmp_path, {"id": "a"}, line)
    with pytest.raises(MatchingError) as caught:
        link_file(source, tmp_path / "out.csv")
    assert says in str(caught.value)
    assert str(source) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out.csv").exists()


def test_what_ends_a_run_leaves_no_file(tmp_path: Path) -> None:
    def stopped(what: str, share: float) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    source = written(tmp_path, {"id": "a", "text": "uno due tre"})
    with pytest.raises(KeyboardInterrupt):
        link_file(source, tmp_path / "out.csv", progress=stopped)
    assert list(tmp_path.iterdir()) == [source]


def test_not_utf8_and_not_there(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(b'{"id": "a"}\n{"text": "citt\xe0"}\n')
    with pytest.raises(MatchingError, match="line 2: not UTF-8"):
        link_file(source, tmp_path / "out.csv")
    with pytest.raises(MatchingError, match=r"gone\.jsonl: No such file"):
        link_file(tmp_path / "gone.jsonl", tmp_path / "out.csv")
    written(tmp_path, {"id": "a"})
    with pytest.raises(MatchingError, match="not written"):
        link_file(source, tmp_path / "no" / "out.csv")


def test_empty_file(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text("")
    assert str(link_file(source, tmp_path / "out.csv")) == "0 adverts, 0 profiles, 0 networks"
    assert (tmp_path / "out.csv").read_text() == "id,profile,network,probability\n"


def test_progress_comes_to_its_end_without_turning_back(tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    source = written(tmp_path, *({"id": f"a{place}", "text": "x" * 4000} for place in range(4500)))
    link_file(source, tmp_path / "out.csv", progress=lambda what, share: told.append((share, what)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert len(shares) > 6
    assert told[-1] == (1.0, "written")
    assert any(what == "counting the phrases of 4,500 adverts" for _, what in told)


def test_a_corpus_through_files(tmp_path: Path) -> None:
    source, truth = tmp_path / "in.jsonl", tmp_path / "truth.csv"
    write_corpus(source, truth, 500, seed=8)
    person, behaviours = read_truth(truth)
    assert person == corpus(500, seed=8).person
    assert behaviours == corpus(500, seed=8).behaviours
    link_file(source, tmp_path / "out.csv")
    rows = read(tmp_path / "out.csv")
    assert [row["id"] for row in rows] == list(person)
    assert scores({row["id"]: row["profile"] for row in rows}, person).b3 >= 0.95


def test_an_id_is_no_formula_and_nobody_else_reads_the_file(tmp_path: Path) -> None:
    """The ids come from sites: a spreadsheet must not run them."""
    ids = ['=HYPERLINK("https://x.invalid","a")', "+1", "-1", "@a", "a=1", "7"]
    source = written(tmp_path, *({"id": name, "text": "uno due tre"} for name in ids))
    out = tmp_path / "out.csv"
    out.write_text("older")
    out.chmod(0o644)
    link_file(source, out)
    assert [row["id"] for row in read(out)] == [*(f"'{name}" for name in ids[:4]), "a=1", "7"]
    assert out.stat().st_mode & 0o777 == 0o600
