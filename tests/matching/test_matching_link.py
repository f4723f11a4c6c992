"""Linking whole sets: small cases with one lesson each, then a corpus with known truth."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from demo.corpus import corpus
from demo.evaluation.scores import exact_number, scores
from matching.candidates import candidate_pairs
from matching.clusters import components
from matching.columns import columns
from matching.explain import ITALIAN, words
from matching.link import Linking, link
from matching.model import WEIGHTS
from matching.score import score
from records.linking import Evidence, LinkRecord

SEEN = datetime(2026, 1, 10, tzinfo=UTC)
LAKE = "amo il silenzio del lago e le cene lunghe, parlo sottovoce e rido spesso"
TANGO = "ballo il tango nelle sere di pioggia sotto i portici di questa vecchia piazza"
GIULIA = LinkRecord(
    id="giulia",
    site="alfa",
    seen_from=SEEN,
    seen_to=SEEN + timedelta(days=5),
    title="Giulia",
    text=LAKE,
    nickname="Giulia",
    age=28,
    price_cents=8000,
    city="Padova",
    province="PD",
    phones=("+393114455667",),
)
# A little town around her, so that names and words are as rare or common as they would be.
OTHERS = tuple(
    LinkRecord(
        id=f"other{place}",
        site="alfa",
        seen_from=SEEN,
        seen_to=SEEN,
        title=name,
        text=f"mi piace {thing} e ricevo {when}",
        nickname=name,
        age=20 + place,
        city=city,
        province=province,
        phones=(f"+39312{place:07d}",),
    )
    for place, (name, thing, when, (city, province)) in enumerate(
        zip(
            "Anna Berta Carla Dora Emma Flora Greta Irma Lia Mara Nora Olga".split(),
            "leggere nuotare dormire cucinare viaggiare correre".split() * 2,
            ("la sera", "al mattino", "dopo pranzo", "nel fine settimana") * 3,
            (("Padova", "PD"), ("Treviso", "TV"), ("Rovigo", "RO")) * 4,
            strict=True,
        )
    )
)
LATER = {"seen_from": SEEN + timedelta(days=40), "seen_to": SEEN + timedelta(days=44)}


def linked(*records: LinkRecord) -> Linking:
    return link([*records, *OTHERS])


def together(found: Linking, one: str, other: str) -> bool:
    profile = {member.id: member.profile for member in found.memberships}
    return profile[one] == profile[other]


@pytest.mark.parametrize(
    ("tells", "changes", "same"),
    [
        ("re-posted the week after", {"seen_from": SEEN + timedelta(days=7)}, True),
        ("other words, same number and name", {"text": TANGO, **LATER}, True),
        (
            "another number, name varied, same words",
            {"phones": ("+393125566778",), "nickname": "Giulietta", "title": "Giulietta", **LATER},
            True,
        ),
        (
            "another number and town, same words and name",
            {"phones": ("+393125566778",), "city": "Treviso", "province": "TV", **LATER},
            True,
        ),
        (
            "a stranger who copied the text",
            {
                "phones": ("+393125566778",),
                "nickname": "Wanda",
                "title": "Wanda",
                "age": 45,
                "city": "Treviso",
                "province": "TV",
                **LATER,
            },
            False,
        ),
        (
            "a namesake in the same town",
            {"phones": ("+393125566778",), "text": TANGO, "age": 35, **LATER},
            False,
        ),
        (
            "nothing but the number and the days",
            {
                "nickname": None,
                "title": "",
                "text": "",
                "age": None,
                "price_cents": None,
                "city": None,
                "province": None,
            },
            True,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_two_adverts(tells: str, changes: dict[str, object], same: bool) -> None:
    other = replace(GIULIA, id="x", **changes)  # type: ignore[arg-type]
    found = linked(GIULIA, other)
    assert together(found, "giulia", "x") == same


def test_switchboard_is_a_network_and_no_profile() -> None:
    texts = (
        "i libri gialli e il tè verde la sera tardi",
        "cucino bene e ascolto musica antica",
        "due gatti e una chitarra scordata ma allegra",
        "temporali, candele profumate e vino rosso",
        TANGO,
        "raccolgo conchiglie e scrivo lettere",
    )
    women = [
        replace(GIULIA, id=name, nickname=name, title=name, age=20 + 5 * place, text=text)
        for place, (name, text) in enumerate(
            zip("Azzurra Wanda Ketty Ofelia Ximena Irma".split(), texts, strict=True)
        )
    ]
    found = linked(*women)
    members = [member for member in found.memberships if not member.id.startswith("other")]
    assert len({member.profile for member in members}) == 6
    assert {member.network for member in members} == {"N1"}
    assert all(
        member.network is None for member in found.memberships if member.id.startswith("other")
    )


def test_template_text_makes_a_network() -> None:
    women = [
        replace(
            GIULIA,
            id=name,
            nickname=name,
            title=name,
            age=19 + 9 * place,
            city=city,
            province=city[:2],
            phones=(f"+39313000000{place}",),
        )
        for place, (name, city) in enumerate(
            (("Azzurra", "Milano"), ("Wanda", "Roma"), ("Ketty", "Bari"))
        )
    ]
    members = linked(*women).memberships[:3]
    assert len({member.profile for member in members}) == 3
    assert {member.network for member in members} == {"N1"}


def test_every_field_may_be_missing() -> None:
    found = link([LinkRecord(id="a"), LinkRecord(id="b"), LinkRecord(id="c", phones=("+1",))])
    assert [member.profile for member in found.memberships] == ["P1", "P2", "P3"]
    assert [member.probability for member in found.memberships] == [1.0, 1.0, 1.0]
    assert found.links == ()
    assert link([]) == Linking((), ())


def test_a_link_explains_itself() -> None:
    found = linked(GIULIA, replace(GIULIA, id="x", city="Treviso", province="TV", **LATER))
    best = found.links[0]
    assert {best.a, best.b} == {"giulia", "x"}
    total = WEIGHTS.prior + sum(item.weight for item in best.evidence)
    assert best.probability == pytest.approx(1 / (1 + 2**-total))
    told = words(best.evidence)
    assert told.startswith("same number +")
    assert "another province −" in told
    assert words(best.evidence, "it").startswith("stesso numero +")


def test_every_level_has_italian_words_and_its_place() -> None:
    for comparison in WEIGHTS.comparisons:
        first, *levels = comparison.levels.items()
        assert first[1] == 0.0
        assert {level for level, _ in levels} <= set(ITALIAN)
    assert words([Evidence("age", "an old wording", -1.0)], "it") == "an old wording −1.0"


def test_order_of_the_file_does_not_matter() -> None:
    made = corpus(400, seed=9)
    profiles = []
    for seed in (1, 2):
        records = random.Random(seed).sample(made.records, len(made.records))
        groups: dict[str, set[str]] = {}
        for member in link(records).memberships:
            groups.setdefault(member.profile, set()).add(member.id)
        profiles.append(sorted(map(sorted, groups.values())))
    assert profiles[0] == profiles[1]


def test_only_pairs_with_a_touched_advert_are_candidates() -> None:
    made = columns(corpus(600, seed=4).records)
    touched = np.zeros(len(made), dtype=np.bool_)
    touched[::7] = True
    every = set(zip(*(rows.tolist() for rows in candidate_pairs(made)), strict=True))
    some = set(zip(*(rows.tolist() for rows in candidate_pairs(made, touched)), strict=True))
    assert some == {(a, b) for a, b in every if touched[a] or touched[b]}


def test_levels_stay_within_the_table() -> None:
    made = columns(corpus(600, seed=4).records)
    scored = score(made, *candidate_pairs(made), WEIGHTS)
    for row, comparison in enumerate(WEIGHTS.comparisons):
        assert scored.levels[row].min() >= 0
        assert scored.levels[row].max() < len(comparison.levels)


def test_components() -> None:
    a, b = np.array([5, 1, 2, 7]), np.array([1, 2, 0, 6])
    assert components(8, a, b).tolist() == [0, 0, 0, 3, 4, 0, 6, 6]
    assert components(3, a[:0], b[:0]).tolist() == [0, 1, 2]


def test_no_cluster_holds_many_numbers_and_many_names() -> None:
    """A chain of adverts, each sure to be the next one's: it must not become one person."""
    names = "Azzurra Wanda Ketty Ofelia Ximena Irma Perla Selene Magda Gilda Fiamma Jana".split()
    chain = [
        replace(
            GIULIA,
            id=f"c{place}",
            nickname=names[place // 2],
            title="",
            text=f"{LAKE} {place // 2}",
            phones=(f"+39314000{(place + 1) // 2:04d}",),
        )
        for place in range(24)
    ]
    found = linked(*chain)
    by_profile: dict[str, list[LinkRecord]] = {}
    for record, member in zip(chain, found.memberships, strict=False):
        by_profile.setdefault(member.profile, []).append(record)
    for records in by_profile.values():
        assert (
            len({record.nickname for record in records}) <= 8
            or len({record.phones for record in records}) <= 8
        )


@pytest.mark.parametrize(("adverts", "seed", "pairs"), [(1000, 21, 0.92), (10_000, 22, 0.92)])
def test_corpus(adverts: int, seed: int, pairs: float) -> None:
    made = corpus(adverts, seed)
    found = link(made.records)
    ours = scores({member.id: member.profile for member in found.memberships}, made.person)
    peer = scores(exact_number(made.records), made.person)
    assert ours.b3 >= 0.95, str(ours)
    assert ours.pair_precision >= pairs, str(ours)
    assert ours.largest <= 1.5 * ours.largest_true
    assert ours.b3 > peer.b3 + 0.1
