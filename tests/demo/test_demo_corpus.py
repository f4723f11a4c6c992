"""Corpora for linking: what they hold, that they are the same again, that they are hard enough."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import fields, replace
from pathlib import Path

import pytest

from demo.corpus import Corpus, Shares, corpus, read_truth, write_corpus
from demo.evaluation.scores import exact_number, scores
from matching.reading import read_adverts
from records.linking import LinkRecord

BEHAVIOURS = {
    "aggregator copy",
    "bumped",
    "copied text",
    "couple",
    "edited",
    "fields missing",
    "heavy poster",
    "moved",
    "name varied",
    "no contact",
    "number changed",
    "number recycled",
    "re-ordered",
    "re-posted",
    "returned",
    "returned in another city",
    "returned under a new name",
    "returned with a new number",
    "rewritten",
    "shared flat",
    "switchboard",
    "template text",
}


@pytest.fixture(scope="module")
def made() -> Corpus:
    return corpus(6000, seed=11)


def test_the_same_seed_gives_the_same_corpus(made: Corpus) -> None:
    assert corpus(6000, seed=11) == made
    assert corpus(6000, seed=12).person != made.person


def test_every_behaviour_is_there(made: Corpus) -> None:
    counts = Counter(each for shown in made.behaviours.values() for each in shown)
    assert set(counts) == BEHAVIOURS
    assert min(counts.values()) >= 30


def test_as_many_adverts_as_asked_about_three_a_person(made: Corpus) -> None:
    assert len(made.records) == len(made.person) == 6000
    assert 2.7 <= 6000 / len(set(made.person.values())) <= 3.5


def test_numbers_are_synthetic_ages_adult(made: Corpus) -> None:
    numbers = {number for each in made.records for number in (*each.phones, *each.weak_phones)}
    assert all(n[:5] == "+3931" and n[5] in "12345678" and n[6] == n[7] for n in numbers)
    assert all(len(number) == 13 for number in numbers)
    assert min(each.age for each in made.records if each.age is not None) >= 18


def test_it_is_as_hard_as_the_project_notes_say(made: Corpus) -> None:
    """Exact phone alone .80; a shared number alone .53 of pairs; identical text alone .26 to .5."""
    assert 0.74 <= scores(exact_number(made.records), made.person).b3 <= 0.86
    by_number: dict[str, list[int]] = defaultdict(list)
    by_text: dict[str, list[int]] = defaultdict(list)
    for each in made.records:
        for number in each.phones:
            by_number[number].append(made.person[each.id])
        named = each.nickname or "\0"
        by_text[each.text.replace(named, "").replace(each.city or "\0", "")].append(
            made.person[each.id]
        )
    assert 0.35 <= right_pairs(by_number) <= 0.75
    assert 0.2 <= right_pairs(by_text) <= 0.55


def right_pairs(groups: dict[str, list[int]]) -> float:
    """Of the pairs within groups, the share that is of one person."""
    pairs = [(a, b) for group in groups.values() for i, a in enumerate(group) for b in group[:i]]
    return sum(a == b for a, b in pairs) / len(pairs)


def test_shares_are_parameters() -> None:
    easy = replace(Shares(), languages={"es": 1.0}, boards=0.0, flats=0.0, couples=0.0, copies=0.0)
    shown = {each for made in corpus(600, 3, easy).behaviours.values() for each in made}
    assert not shown & {"switchboard", "shared flat", "couple", "copied text"}
    assert Shares().harder(2.0).boards == 2 * Shares().boards
    assert Shares.named({"boards": 0.3, "vocabulary": 50}).vocabulary == 50
    with pytest.raises(KeyError, match="langage"):
        Shares.named({"langage": 1.0})


def test_files_hold_the_same_as_memory(tmp_path: Path, made: Corpus) -> None:
    source, truth = tmp_path / "corpus.jsonl", tmp_path / "truth.csv"
    told: list[int] = []
    write_corpus(source, truth, 6000, seed=11, told=told.append)
    assert told == [6000]
    assert read_truth(truth) == (made.person, made.behaviours)
    unread: dict[str, int] = {}
    read = read_adverts(source.read_bytes().splitlines(), 1, source, None, unread)
    assert unread == {}
    rows = {
        row[0]: row
        for row in zip(*(getattr(read, each.name) for each in fields(read)), strict=True)
    }
    for each in made.records:
        written = replace(each, seen_to=each.seen_from, weak_phones=())
        *said, phones, weak, handles = rows[each.id]
        assert LinkRecord(*said, tuple(phones), tuple(weak), tuple(handles)) == written
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus.jsonl", "truth.csv"]
