"""The order of the list, as tables of candidates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.ranking import Candidate, choose, ranked, strength
from records.flags import FlagKind

NOW = datetime(2026, 3, 4, 6, tzinfo=UTC)


def lead(
    entry: str,
    kind: str = "new",
    province: str | None = "TV",
    probability: float = 1.0,
    days: float = 0,
) -> Candidate:
    return Candidate(entry, FlagKind(kind), province, probability, NOW - timedelta(days=days))


@pytest.mark.parametrize(
    ("candidates", "order"),
    [
        ([lead("B", days=2), lead("A", days=1)], "AB"),
        ([lead("B", probability=0.6), lead("A", probability=0.9)], "AB"),
        # A sure one of last week and one of today at p = 0.4: the older one still has more claim.
        ([lead("B", probability=0.4), lead("A", days=7)], "AB"),
        ([lead("B", probability=0.6, days=0), lead("A", days=7)], "BA"),
        # Reappeared and new are one kind of lead; new numbers and moves come after both.
        (
            [
                lead("D", "moved"),
                lead("C", "new_number"),
                lead("B", "reappeared", days=1),
                lead("A", "new"),
            ],
            "ABCD",
        ),
        # Two provinces: the most urgent of each before the second of either.
        (
            [
                lead("A", province="PD"),
                lead("B", province="PD"),
                lead("C", province="PD"),
                lead("D", province="TV", days=3),
                lead("E", province=None, days=5),
            ],
            "ADEBC",
        ),
        ([], ""),
    ],
)
def test_order(candidates: list[Candidate], order: str) -> None:
    assert "".join(each.entry for each in ranked(candidates, NOW)) == order


@pytest.mark.parametrize(
    ("promised", "fresh", "older", "size", "listed", "carried", "waiting"),
    [
        ("", "abc", "", 2, "ab", "", "c"),
        ("p", "abc", "", 2, "pa", "", "bc"),
        ("pq", "a", "", 1, "pq", "", "a"),
        ("", "a", "xyz", 3, "a", "xy", "z"),
        ("a", "ab", "bx", 20, "ab", "x", ""),
        ("", "", "", 20, "", "", ""),
    ],
)
def test_rows(
    promised: str, fresh: str, older: str, size: int, listed: str, carried: str, waiting: str
) -> None:
    choice = choose(
        list(promised), [lead(each) for each in fresh], [lead(each) for each in older], size, NOW
    )
    assert ("".join(choice.listed), "".join(choice.carried), "".join(choice.waiting)) == (
        *(listed, carried, waiting),
    )


CANDIDATES = st.lists(
    st.builds(
        lead,
        st.sampled_from("abcdefghijklmnop"),
        st.sampled_from([kind.value for kind in FlagKind]),
        st.sampled_from(["TV", "PD", None]),
        st.floats(0.5, 1),
        st.floats(0, 40),
    ),
    unique_by=lambda each: each.entry,
)


@given(fresh=CANDIDATES, older=CANDIDATES, promised=st.sets(st.sampled_from("abcxyz")))
def test_nobody_is_lost_and_nobody_has_two_rows(
    fresh: list[Candidate], older: list[Candidate], promised: set[str]
) -> None:
    choice = choose(sorted(promised), fresh, older, 5, NOW)
    rows = [*choice.listed, *choice.carried, *choice.waiting]
    assert len(rows) == len(set(rows))
    assert set(rows) == {each.entry for each in (*fresh, *older)} | promised
    assert len(choice.listed) + len(choice.carried) <= max(5, len(promised))
    if choice.waiting:
        assert len(choice.listed) + len(choice.carried) >= 5


def test_the_flag_that_stands_for_a_profile() -> None:
    order = sorted(["moved", "new", "new_number", "reappeared"], key=strength)
    assert order == ["reappeared", "new", "new_number", "moved"]
