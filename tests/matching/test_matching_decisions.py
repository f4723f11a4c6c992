"""What people decide, told day by day: profiles bind and part, and flags follow the truth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from town import MAYBE, Town, moment, shown, town

from records.judgements import Verdict

SAME, DIFFERENT = Verdict.SAME, Verdict.DIFFERENT
TEXT = "studio danza da dieci anni e preparo ottimi biscotti alla cannella ogni domenica"
GIULIA = shown("a1")
MARTA = shown("a2", number="+393125566778", name="Marta", text=TEXT, province="TV", age=41)
# Her number and her words, and yet somebody else, as a person will find out.
AGAIN = shown("b1", site="beta")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path) as made:
        yield made


def ids(place: Town) -> dict[str, int]:
    return {
        each.ad_id: each.advert
        for site in ("alfa", "beta")
        for each in place.store.current_adverts(site)
    }


def decide(place: Town, one: str, other: str, verdict: Verdict, day: float) -> None:
    """A decision, and the pass that acts on it."""
    found = ids(place)
    place.store.judge(found[one], found[other], verdict, "anna", moment(day))
    place.match(day)


def profile(place: Town, name: str) -> int:
    return place.store.memberships()[ids(place)[name]].profile


def withdrawn(place: Town) -> list[str]:
    return [each.kind.value for each in place.store.withdrawn_flags(None, moment(99))]


def test_same_binds_what_no_score_would(place: Town) -> None:
    place.days(0, 1, [GIULIA, MARTA])
    decide(place, "a1", "a2", SAME, 2)
    place.match(3, full=True)
    assert profile(place, "a1") == profile(place, "a2")


def test_different_parts_what_every_score_binds_and_keeps_them_apart(place: Town) -> None:
    place.days(0, 1, [GIULIA, AGAIN])
    assert profile(place, "a1") == profile(place, "b1")
    decide(place, "a1", "b1", DIFFERENT, 2)
    assert profile(place, "a1") != profile(place, "b1")
    # An advert that is as near to the one as to the other binds them no more.
    place.days(3, 4, [GIULIA, AGAIN, shown("b2", site="beta"), shown("a7")])
    place.match(5, full=True)
    assert profile(place, "a1") != profile(place, "b1")


def test_two_people_who_disagree_keep_them_apart(place: Town) -> None:
    place.days(0, 1, [GIULIA, MARTA])
    decide(place, "a1", "a2", SAME, 2)
    found = ids(place)
    place.store.judge(found["a1"], found["a2"], DIFFERENT, "bruno", moment(3))
    place.match(3)
    assert profile(place, "a1") != profile(place, "a2")
    place.store.undo_judgement(found["a1"], found["a2"], "bruno", moment(4))
    place.match(4)
    assert profile(place, "a1") == profile(place, "a2")


def test_a_return_that_was_somebody_elses_is_withdrawn_and_she_is_new(place: Town) -> None:
    place.days(0, 3, [GIULIA, MARTA])
    place.days(4, 24, [MARTA])
    place.days(25, 26, [MARTA, AGAIN])
    assert place.told() == [("reappeared", 25)]
    decide(place, "a1", "b1", DIFFERENT, 27)
    assert withdrawn(place) == ["reappeared"]
    assert ("new", 27) in place.told()


def test_a_first_flag_goes_with_her_whom_it_was_about(place: Town) -> None:
    place.days(0, 2, [MARTA])
    place.days(3, 4, [MARTA, AGAIN])
    place.days(5, 6, [MARTA, AGAIN, GIULIA])
    (flag,) = place.flags()
    # The older of the two keeps the profile; whoever parts from it was never told of.
    decide(place, "a1", "b1", DIFFERENT, 7)
    assert withdrawn(place) == []
    flags = {each.profile: each.kind.value for each in place.flags()}
    assert flags == {profile(place, "b1"): "new", profile(place, "a1"): "new"}
    assert flag.profile == profile(place, "b1")


@pytest.mark.parametrize("older", ["she", "the other"])
def test_her_own_return_stays_hers_when_a_wrong_same_is_taken_back(place: Town, older: str) -> None:
    place.days(0, 0, [MARTA] if older == "she" else [GIULIA])
    place.days(1, 3, [GIULIA, MARTA])
    place.days(4, 24, [GIULIA])
    place.days(25, 26, [GIULIA, MARTA])
    hers = [("reappeared", 25)]
    assert place.told()[-1:] == hers
    decide(place, "a1", "a2", SAME, 27)
    found = ids(place)
    place.store.undo_judgement(found["a1"], found["a2"], "anna", moment(28))
    place.match(28)
    flags = [each for each in place.flags() if each.kind.value == "reappeared"]
    assert [each.profile for each in flags] == [profile(place, "a2")]
    assert "reappeared" not in withdrawn(place)


def test_who_was_never_told_of_is_told_when_a_wrong_same_is_taken_back(place: Town) -> None:
    """Her first flag waited for a doubt when somebody took her for another."""
    place.days(0, 1, [GIULIA, MARTA])
    assert place.days(2, 2, [GIULIA, MARTA, MAYBE])[0].held == 1
    decide(place, "a2", "b1", Verdict.SAME, 2.5)
    place.days(3, 4, [GIULIA, MARTA, MAYBE])
    before = place.told()
    place.store.undo_judgement(ids(place)["a2"], ids(place)["b1"], "anna", moment(4.5))
    place.days(5, 9, [GIULIA, MARTA, MAYBE])
    assert [at for _, at in place.told() if (_, at) not in before] == [9]


def test_parting_makes_no_news_of_what_either_had(place: Town) -> None:
    place.days(0, 2, [GIULIA, AGAIN])
    decide(place, "a1", "b1", DIFFERENT, 3)
    place.days(4, 8, [GIULIA, AGAIN])
    assert place.told() == []


def test_an_outage_of_thirty_days_is_a_new_start(place: Town) -> None:
    place.days(0, 2, [GIULIA])
    place.days(33, 34, [GIULIA, MARTA])
    assert "new" not in [kind for kind, _ in place.told()]


def test_a_network_that_grows_raises_nothing(place: Town) -> None:
    """She joins the flat of another: the same number, another person."""
    place.days(0, 2, [GIULIA])
    flatmate = shown("b9", site="beta", name="Ofelia", age=47, province="VE", text=TEXT)
    place.days(3, 4, [GIULIA, flatmate])
    assert [kind for kind, _ in place.told()] == ["new"]
    _, rows = place.store.query("SELECT profiles, created_at, grown_at FROM v_networks")
    assert [row[0] for row in rows] == [2]
