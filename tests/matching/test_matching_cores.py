"""What all adverts of two sides together say of a doubt that two of them leave."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from demo.corpus import corpus
from demo.evaluation.scores import scores
from matching.candidates import candidate_pairs
from matching.clusters import clusters
from matching.columns import Columns, columns
from matching.cores import MOST, CorePairs, settle
from matching.model import WEIGHTS
from matching.score import Scored, score
from matching.trees import Trees
from records.linking import LinkRecord

PLAIN = Trees(())
"""What pairs of adverts say on average, and nothing else."""
MODEL = replace(WEIGHTS, cores=PLAIN, link=0.5)


def advert(name: str, **said: object) -> LinkRecord:
    return replace(LinkRecord(name, nickname="Giulia", age=28, city="Padova"), **said)  # type: ignore[arg-type]


HERS = [advert("a1"), advert("a2", price_cents=8000)]
LIKE_HER = advert("b1", price_cents=8000)
UNLIKE_HER = advert("b2", nickname="Wanda", age=45, city="Treviso", price_cents=20000)


def bits(table: Columns, a: int, b: int) -> float:
    likely = score(table, np.array([a], np.int32), np.array([b], np.int32), WEIGHTS).probability[0]
    return float(np.log2(likely / (1 - likely)))


def settled(
    rows: list[LinkRecord], links: dict[tuple[int, int], float], **decided: object
) -> tuple[list[int], list[float]]:
    a, b = (np.array(ends, dtype=np.int32) for ends in zip(*links, strict=True))
    found = settle(columns(rows), a, b, np.array([*links.values()]), MODEL, **decided)  # type: ignore[arg-type]
    return found.cluster.tolist(), found.probability.tolist()


def test_a_doubtful_link_is_worth_what_all_adverts_say_on_average() -> None:
    rows = [*HERS, LIKE_HER, UNLIKE_HER]
    _, (*_, likely) = settled(rows, {(0, 1): 0.99, (2, 3): 0.99, (0, 2): 0.7})
    table = columns(rows)
    mean = np.mean([bits(table, a, b) for a in (0, 1) for b in (2, 3)])
    assert likely == pytest.approx(1 / (1 + 2**-mean))


def test_one_likely_pair_among_many_that_speak_against_it_joins_nobody() -> None:
    two = {(0, 1): 0.99, (2, 3): 0.99, (0, 2): 0.9}
    assert settled([*HERS, LIKE_HER, UNLIKE_HER], two)[0] == [0, 0, 2, 2]


def test_two_sides_that_agree_all_over_are_one() -> None:
    rows = [*HERS, LIKE_HER, replace(LIKE_HER, id="b2", age=29)]
    model = replace(MODEL, cores=Trees((), prior=9.0))
    a, b = np.array([0, 2, 0], np.int32), np.array([1, 3, 2], np.int32)
    found = settle(columns(rows), a, b, np.array([0.99, 0.99, 0.6]), model)
    assert found.cluster.tolist() == [0, 0, 0, 0]


def test_what_was_decided_stands_whatever_all_adverts_say() -> None:
    links = {(0, 1): 0.99, (2, 3): 0.99, (0, 2): 0.9}
    rows = [*HERS, LIKE_HER, UNLIKE_HER]
    assert settled(rows, links, together=[(1, 3)])[0] == [0, 0, 0, 0]
    assert settled(rows, links, apart=[(0, 1)])[0][:2] == [0, 1]


def test_a_link_that_made_two_one_stays_down_to_where_it_may() -> None:
    rows = [*HERS, LIKE_HER, UNLIKE_HER]
    links = {(0, 1): 0.99, (2, 3): 0.99, (0, 2): 0.9}
    _, (*_, likely) = settled(rows, links)
    was = np.array([0.99, 0.99, 0.8])
    held, _ = settled(rows, links, was=was, stays=likely - 0.01)
    let, _ = settled(rows, links, was=was, stays=likely + 0.01)
    assert (held, let) == ([0, 0, 0, 0], [0, 0, 2, 2])


def test_of_a_heavy_poster_some_adverts_speak_for_all() -> None:
    rows = [advert(f"{place:03}") for place in range(70)]
    core = np.array([0] * 40 + [40] * 30, dtype=np.int64)
    pairs = CorePairs(columns(rows), core, np.array([0]), np.array([40]), WEIGHTS)
    assert len(pairs.owner) == MOST * MOST
    assert sorted(pairs.sizes[:, 0].tolist()) == [30, 40]


@pytest.fixture(scope="module")
def made() -> tuple[list[LinkRecord], dict[str, int]]:
    found = corpus(3000, seed=308)
    return found.records, found.person


def test_profiles_are_better_than_by_pairs_alone(
    made: tuple[list[LinkRecord], dict[str, int]],
) -> None:
    records, truth = made
    table = columns(records)
    scored = score(table, *candidate_pairs(table), WEIGHTS, floor=WEIGHTS.floor)
    all_in_all = settle(table, scored.a, scored.b, scored.probability, WEIGHTS).cluster
    measured = []
    for label in (all_in_all, *(_by_pairs(table, scored, cut) for cut in (0.8, 0.9, 0.95))):
        found = scores(dict(zip(table.ids, label.tolist(), strict=True)), truth)
        measured.append(found.b3)
    assert measured[0] > max(measured[1:]) + 0.001


def _by_pairs(
    table: Columns, scored: Scored, cut: float
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    sure = scored.at_least(cut)
    return clusters(table, sure.a, sure.b, sure.probability)


def test_the_order_of_adverts_changes_nothing(
    made: tuple[list[LinkRecord], dict[str, int]],
) -> None:
    records, _ = made
    rarity = columns(records).rarity
    told = []
    for seed in (1, 2):
        table = columns(random.Random(seed).sample(records, len(records)), rarity)
        scored = score(table, *candidate_pairs(table), WEIGHTS, floor=WEIGHTS.floor)
        found = settle(table, scored.a, scored.b, scored.probability, WEIGHTS)
        groups: dict[int, set[str]] = {}
        for name, label in zip(table.ids, found.cluster.tolist(), strict=True):
            groups.setdefault(label, set()).add(name)
        ends = zip(scored.a.tolist(), scored.b.tolist(), strict=True)
        links = {
            frozenset((table.ids[a], table.ids[b])): p
            for (a, b), p in zip(ends, found.probability.tolist(), strict=True)
        }
        told.append((frozenset(map(frozenset, groups.values())), links))
    assert told[0] == told[1]
