"""Weights learnt from a site's own data: how far they move, what they never learn, and undoing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from test_matching_incremental import profiles, store_and_match
from town import Town, moment, shown, town

import cli
from demo.corpus import Corpus, Shares, corpus
from matching import index as files
from matching.candidates import candidate_pairs
from matching.columns import columns, columns_of
from matching.errors import MatchingError
from matching.fitting import Floats, ordered
from matching.intake import parts
from matching.learning import Decided, learnt, weights
from matching.lessons import held_back
from matching.link import link_columns
from matching.model import WEIGHTS, Model
from matching.seeds import LEANT_ON, Seeds, compared, seeds
from matching.weights import fingerprint, in_force
from storage import Store

REWRITING = {"same": 15.0, "edited": 15.0, "re-ordered": 5.0, "rewritten": 30.0, "fresh": 35.0}
SHARES = replace(Shares(), texts=REWRITING)


@dataclass
class Known:
    """A corpus of people who write everything anew, and what is true of its candidate pairs."""

    made: Corpus
    seeds: Seeds
    levels: np.ndarray[tuple[int, int], np.dtype[np.int8]]
    truth: Floats


@pytest.fixture(scope="module")
def known() -> Known:
    made = corpus(1_400, 77, SHARES)
    table = columns(made.records)
    a, b = candidate_pairs(table)
    who = np.array([made.person[name] for name in table.ids])
    levels = compared(table, a, b, WEIGHTS)
    found = seeds(table, WEIGHTS, np.ones(len(table), dtype=np.bool_))
    return Known(made, found, levels, (who[a] == who[b]).astype(np.float64))


def loss(model: Model, known: Known) -> float:
    """Bits a pair, over all candidates, against the truth."""
    likely = np.clip(1 / (1 + np.exp2(-weights(model, known.levels))), 1e-6, 1 - 1e-6)
    return float(-np.log2(np.where(known.truth == 1, likely, 1 - likely)).mean())


def decided(known: Known, count: int, *, right: bool = True) -> Decided:
    """Decisions on doubtful pairs, all right or all wrong."""
    likely = 1 / (1 + np.exp2(-weights(WEIGHTS, known.levels)))
    asked = np.flatnonzero((likely > 0.5) & (likely < 0.95))
    asked = np.random.default_rng(1).choice(asked, count, replace=False)
    levels = known.levels[asked]
    return Decided(levels, (known.truth[asked] == 1) == right, weights(WEIGHTS, levels))


def test_what_is_learnt_foresees_the_truth_better(known: Known) -> None:
    model = learnt(WEIGHTS, known.seeds, decided(known, 0)).model
    assert loss(model, known) < loss(WEIGHTS, known)


def test_what_labels_lean_on_keeps_its_weight_and_levels_their_order(known: Known) -> None:
    model = learnt(WEIGHTS, known.seeds, decided(known, 0)).model
    for now, before in zip(model.comparisons, WEIGHTS.comparisons, strict=True):
        if now.name in LEANT_ON:
            assert now.levels == before.levels
        then, here = list(before.levels.values())[1:], list(now.levels.values())[1:]
        assert (np.diff(here) * np.sign(np.diff(then)) >= 0).all(), now.name
        assert next(iter(now.levels.values())) == 0.0


def test_thirty_decisions_help_and_cannot_wreck_it(known: Known) -> None:
    without = loss(learnt(WEIGHTS, known.seeds, decided(known, 0)).model, known)
    right = learnt(WEIGHTS, known.seeds, decided(known, 30)).model
    assert loss(right, known) < without
    # Thirty that are as good as tossed coins do little harm.
    coins = replace(said := decided(known, 30), same=np.arange(len(said)) % 2 == 0)
    assert loss(learnt(WEIGHTS, known.seeds, coins).model, known) < 1.2 * loss(WEIGHTS, known)
    # Sixty of which each is wrong are seen through by what was held back.
    with pytest.raises(MatchingError, match="nothing to learn"):
        held_back(known.seeds, decided(known, 60, right=False))


@pytest.mark.parametrize(
    ("given", "before", "kept"),
    [
        ((1.0, 2.0, 3.0), (0.0, 1.0, 2.0), (1.0, 2.0, 3.0)),
        ((2.0, 1.0, 3.0), (0.0, 1.0, 2.0), (1.5, 1.5, 3.0)),
        ((3.0, 2.0, 1.0), (0.0, 1.0, 2.0), (2.0, 2.0, 2.0)),
        # Where the order fell it may fall, and equals stay free.
        ((2.0, 1.0, 3.0), (2.0, 1.0, 2.0), (2.0, 1.0, 3.0)),
        ((1.0, 2.0, 0.0), (2.0, 1.0, 1.0), (1.5, 1.5, 0.0)),
    ],
)
def test_levels_keep_their_order(
    given: tuple[float, ...], before: tuple[float, ...], kept: tuple[float, ...]
) -> None:
    found = ordered(np.array(given), np.array(before), np.ones(len(given), dtype=np.int64))
    assert found.tolist() == list(kept)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path) as made:
        yield made


def batch(store: Store, model: Model) -> frozenset[frozenset[int]]:
    """What linking everything at once makes of it, under the table of the index."""
    index = files.opened(store)
    assert index is not None
    table = columns_of(list(parts(store.link_records())), index.rarity)
    found: dict[int, set[int]] = {}
    for name, label in zip(table.ids, link_columns(table, model).cluster.tolist(), strict=True):
        found.setdefault(label, set()).add(int(name))
    return frozenset(map(frozenset, found.values()))


def test_learnt_shown_applied_used_and_undone(
    place: Town, known: Known, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = place.store
    sites = ("alfa", "beta")
    records = [replace(each, site=sites[n % 2]) for n, each in enumerate(known.made.records)]

    def faro(*words: str, day: float = 1, status: int = 0) -> str:
        config = str(tmp_path / "config")
        assert cli.main(["--config", config, "--now", moment(day).isoformat(), *words]) == status
        told = capsys.readouterr()
        return told.err if status else told.out

    store_and_match(store, place, records[:1_200], 0, whole=True)
    shipped = profiles(store)

    # Whoever asked not to be contacted teaches nothing.
    silent = next(each for each in records if each.phones)
    store.add_do_not_contact("phone", silent.phones[0], "herself", moment(0.2))
    told = faro("match", "--learn")
    assert "adverts of whom nobody must call" in told
    assert "nothing is applied yet" in told
    assert store.weights_in_force() is None
    assert profiles(store) == shipped

    assert "applied as set 1" in faro("match", "--learn", "--apply")
    found = store.weights_in_force()
    assert found is not None
    assert (found.number, found.counts["left_out"] > 0) == (1, True)
    assert found.actor.startswith("cli:")
    model = in_force(store, place.settings)
    assert model != WEIGHTS
    told = faro("match")
    assert "every advert linked anew, for weights have changed" in told
    # That weights are other ones is no news of anybody.
    assert "flags: none" in told
    assert profiles(store) == batch(store, model) != shipped
    assert store.last_model() == fingerprint(model)

    # Passes that look only at what changed find what a whole one finds, under these weights too.
    for number, start in enumerate((1_200, 1_260), 2):
        summary = store_and_match(store, place, records[start : start + 60], number, whole=False)
        assert not summary.whole
        assert profiles(store) == batch(store, model)

    here = profiles(store)
    assert "set 1 is taken back" in faro("match", "--learn", "--undo", day=5)
    assert store.weights_in_force() is None
    assert "linked anew" in faro("match", day=5)
    assert profiles(store) == batch(store, in_force(store, place.settings)) != here
    assert store.verify_audit() is None


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--learn",), "too little to learn from: 1 people by a number of their own"),
        (("--learn", "--apply"), "the weights stay as they are"),
        (("--learn", "--undo"), "nothing to undo"),
        (("--apply",), "--apply goes with --learn"),
        (("--learn", "--undo", "--apply"), "it stands alone"),
    ],
)
def test_what_cannot_be_learnt_is_said_in_one_line(
    place: Town,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    says: str,
) -> None:
    place.days(0, 1, [shown("a1"), shown("b1", site="beta")])
    now = moment(2).isoformat()
    assert cli.main(["--config", str(tmp_path / "config"), "--now", now, "match", *words]) == 2
    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1
