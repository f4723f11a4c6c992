"""The simulated town: the same from the same seed, large enough to measure, true to itself."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from demo.lives import Behaviour
from demo.run import SEED
from demo.town import ALL_SITES, Town
from records.flags import FlagKind

START = date(2026, 1, 5)
SEEDS = (SEED, 1, 2, 3)


@pytest.fixture(scope="module")
def towns() -> dict[int, Town]:
    return {seed: Town(seed, 500, 30, START) for seed in SEEDS}


def everything(town: Town) -> list[object]:
    days = [town.on(town.day(number)) for number in range(town.days)]
    return [days, town.events(), town.numbers, dict(town.owners)]


def test_the_same_seed_gives_the_same_town() -> None:
    assert everything(Town(7, 90, 12, START)) == everything(Town(7, 90, 12, START))


def test_another_seed_gives_another_town() -> None:
    assert Town(7, 90, 12, START).numbers != Town(8, 90, 12, START).numbers


@pytest.mark.parametrize("seed", SEEDS)
def test_thirty_days_hold_enough_to_measure(towns: dict[int, Town], seed: int) -> None:
    town = towns[seed]
    kinds = Counter(event.kind for event in town.events())
    back = [event for event in town.events() if event.kind is FlagKind.REAPPEARED]
    assert 500 <= len(town.adverts) <= 515
    assert 2.8 <= len(town.adverts) / len(town.people) <= 3.6
    assert kinds[FlagKind.NEW] >= 60
    assert kinds[FlagKind.REAPPEARED] >= 25
    assert kinds[FlagKind.NEW_NUMBER] >= 8
    assert kinds[FlagKind.MOVED] >= 10
    assert sum(event.new_number for event in back) >= 8


@pytest.mark.parametrize("seed", SEEDS)
def test_people_go_for_shorter_times_too(towns: dict[int, Town], seed: int) -> None:
    gaps = [gap for days in seen_days(towns[seed]).values() for gap in absences(days)]
    assert sum(3 <= gap <= 11 for gap in gaps) >= 8
    assert max(gaps) <= 26


def test_numbers_are_synthetic_and_a_persons_own_unless_shared(towns: dict[int, Town]) -> None:
    town = towns[SEED]
    owners = defaultdict(set)
    for advert in town.adverts:
        for content in advert.plan.contents:
            for number in content.numbers:
                owners[number].add(advert.plan.person)
    assert all(number[:5] == "+3931" and number[5] in "12345678" for number in town.numbers)
    assert all(len(number) == 13 and number[6] == number[7] for number in town.numbers)
    shared = [people for people in owners.values() if len(people) > 1]
    assert 2 <= len(shared) <= 8
    assert max(map(len, shared)) <= 7


def test_nobody_is_young(towns: dict[int, Town]) -> None:
    ages = [c.age for town in towns.values() for a in town.adverts for c in a.plan.contents]
    assert min(age for age in ages if age is not None) >= 21


def test_her_texts_are_alike_and_strangers_texts_are_not(towns: dict[int, Town]) -> None:
    bodies = defaultdict(list)
    for advert in towns[SEED].adverts:
        bodies[advert.plan.person].append(advert.plan.contents[0].body)
    own = [
        fuzz.token_set_ratio(texts[0], other) for texts in bodies.values() for other in texts[1:]
    ]
    firsts = [texts[0] for person, texts in bodies.items() if not towns[SEED].marks[person]]
    strangers = [fuzz.token_set_ratio(a, b) for a, b in pairwise(firsts)]
    assert sum(own) / len(own) > 75
    assert sum(strangers) / len(strangers) < 60


def test_some_adverts_have_no_number_and_some_two(towns: dict[int, Town]) -> None:
    shown = Counter(len(a.plan.contents[0].numbers) for a in towns[SEED].adverts)
    assert shown[0] >= 5
    assert shown[2] >= 5
    assert shown[1] > 400


def test_behaviour_is_a_parameter() -> None:
    steady = Behaviour(arrivals={"baseline": 1}, lives={"stays": 1}, reposts=0.0, aggregated=0.0)
    town = Town(5, 60, 10, START, steady)
    assert {event.kind for event in town.events()} <= {FlagKind.NEW_NUMBER}
    assert len(town.on(START)["specchio"]) == 0


# What happened, told again from nothing but the daily lists.


def seen_days(town: Town) -> dict[str, list[int]]:
    days = defaultdict(list)
    for number in range(town.days):
        for person in {s.person for shown in town.on(town.day(number)).values() for s in shown}:
            days[person].append(number)
    return days


def absences(days: list[int]) -> list[int]:
    return [later - earlier for earlier, later in pairwise(days)]


def told_again(town: Town, sites: tuple[str, ...]) -> list[tuple[date, str, str]]:
    found = []
    shown = [
        [s for site in sites for s in town.on(town.day(number))[site]]
        for number in range(town.days)
    ]
    for person in {each.person for day in shown for each in day}:
        days = [number for number, day in enumerate(shown) if any(s.person == person for s in day)]
        for number in days:
            hers = [s for s in shown[number] if s.person == person]
            before = [s for day in shown[:number] for s in day if s.person == person]
            earlier = [each for each in days if each < number]
            if not earlier:
                kind = "new" if number > 0 else ""
            elif number - earlier[-1] >= 14:
                kind = "reappeared"
            elif {n for s in hers for n in s.numbers} - {n for s in before for n in s.numbers}:
                kind = "new_number"
            elif {s.place.province for s in hers} - {s.place.province for s in before}:
                kind = "moved"
            else:
                kind = ""
            if kind:
                found.append((START + timedelta(days=number), person, kind))
    return sorted(found)


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    days=st.integers(2, 32),
    sites=st.sampled_from((ALL_SITES, ("piazzetta", "lanterna", "specchio"), ("girandola",))),
)
def test_events_follow_from_what_the_sites_show(
    seed: int, days: int, sites: tuple[str, ...]
) -> None:
    town = Town(seed, 60, days, START)
    told = [(event.day, event.person, event.kind.value) for event in town.events(sites)]
    assert sorted(told) == told_again(town, sites)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), days=st.integers(2, 32))
def test_every_advert_is_shown_somewhere_under_an_id_of_its_own(seed: int, days: int) -> None:
    town = Town(seed, 80, days, START)
    keys = [advert.key for advert in town.adverts]
    assert len(set(keys)) == len(keys)
    shown = {
        (site, each.ad_id)
        for number in range(days)
        for site, showings in town.on(town.day(number)).items()
        for each in showings
    }
    assert shown == {advert.key for advert in town.adverts}
    for number in range(days):
        for showings in town.on(town.day(number)).values():
            assert all(each.posted.date() <= town.day(number) for each in showings)
