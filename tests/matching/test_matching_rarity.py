"""The rarity table: under a frozen one, what an advert or a pair gives depends on no other."""

from __future__ import annotations

import numpy as np
import pytest

from demo.corpus import corpus
from matching import rarity as rarity_module
from matching.candidates import candidate_pairs
from matching.columns import Columns, columns
from matching.errors import MatchingError
from matching.model import WEIGHTS
from matching.rarity import Rarity
from matching.score import score
from records.linking import LinkRecord

TOWN = sorted(corpus(1500, seed=31).records, key=lambda record: (record.seen_from, record.id))


def pairs(table: Columns, touched: np.ndarray | None = None) -> dict[tuple[str, str], float]:
    scored = score(table, *candidate_pairs(table, touched), WEIGHTS)
    return {
        tuple(sorted((table.ids[a], table.ids[b]))): probability
        for a, b, probability in zip(
            scored.a.tolist(), scored.b.tolist(), scored.probability.tolist(), strict=True
        )
    }


def test_an_advert_alone_has_the_features_that_it_has_among_all() -> None:
    rarity = columns(TOWN[:800]).rarity
    every = columns(TOWN, rarity).texts
    for row in (3, 900, 1400):
        alone = columns([TOWN[row]], rarity).texts
        assert (alone.known[0] == every.known[row]).all()
        assert (alone.level[0] == every.level[row]).all()
        assert (alone.fresh[0] == every.fresh[row]).all()


def test_counting_the_adverts_at_hand_or_giving_their_table_is_the_same() -> None:
    own = columns(TOWN)
    given = columns(TOWN, own.rarity)
    assert pairs(own) == pairs(given)


def test_adverts_added_at_the_end_take_no_pair_away() -> None:
    rarity = columns(TOWN).rarity
    before = pairs(columns(TOWN[:1000], rarity))
    table = columns(TOWN, rarity)
    touched = np.arange(len(TOWN)) >= 1000
    after = pairs(table)
    assert before.keys() <= after.keys()
    assert after.keys() - before.keys() == pairs(table, touched).keys()


def test_a_table_survives_being_saved() -> None:
    rarity = columns(TOWN).rarity
    read = Rarity.from_bytes(rarity.to_bytes())
    assert pairs(columns(TOWN, read)) == pairs(columns(TOWN, rarity))
    assert (read.names, read.cities, read.ages) == (rarity.names, rarity.cities, rarity.ages)


def test_a_table_of_another_format_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as older:
        older.setattr(rarity_module, "FORMAT", 0)
        data = Rarity().to_bytes()
    with pytest.raises(MatchingError, match="faro match --all"):
        Rarity.from_bytes(data)


def test_a_title_names_her_where_the_nickname_does_not() -> None:
    named = [
        LinkRecord(id=str(place), nickname=name, title="a casa mia", phones=(f"+39311{place:07d}",))
        for place, name in enumerate(("Giulia", "Giulia bella", "Giulya", "Marta"))
    ]
    titled = [
        LinkRecord(id="titled", title="Novità GIULIA, appena arrivata", phones=("+393120000000",)),
        LinkRecord(id="rare", title="Marta ti aspetta", phones=("+393120000001",)),
        LinkRecord(id="late", title="Ti aspetto a casa mia, Giulia", phones=("+393120000002",)),
    ]
    table = columns([*named, *titled])
    assert names(table)[len(named) :] == ["giulia", None, None], "of three hands, near the start"
    assert set(table.names) == {"giulia", "marta"}, "no other word of a title is kept"
    assert dict(table.rarity.names) == {"giulia": 3, "marta": 1}, "counted are nicknames alone"
    assert names(columns(titled[:1], table.rarity)) == ["giulia"], "and the same by a frozen table"


def names(table: Columns) -> list[str | None]:
    return [table.names[code] if code >= 0 else None for code in table.name.tolist()]
