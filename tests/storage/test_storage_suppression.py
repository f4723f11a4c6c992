"""Do-not-contact: it finds her whatever number she uses later, and outlives every merge."""

from __future__ import annotations

import pytest
from stage import advert, crawl, day, phone

from records.flags import Flag, FlagKind
from records.passes import FoundLink, PassResult
from storage import StorageError, Store

NUMBER, OTHER, THIRD = "+393114455667", "+393124455668", "+393134455669"


@pytest.fixture
def ids(store: Store) -> dict[str, int]:
    """Adverts: a and b with NUMBER, c with OTHER, d with none."""
    numbers = {"a": [NUMBER], "b": [NUMBER], "c": [OTHER], "d": []}
    seen = [
        advert(ad, day(0), contacts=[phone(each) for each in held]) for ad, held in numbers.items()
    ]
    crawl(store, day(0), seen)
    return {each.ad_id: each.advert for each in store.current_adverts("bakeca")}


@pytest.fixture
def profiles(store: Store, ids: dict[str, int]) -> dict[str, int]:
    """One profile for each advert, all flagged."""
    members = tuple((key, f"new-{ad}", 1.0) for ad, key in ids.items())
    flags = tuple(
        Flag(f"new-{ad}", FlagKind.NEW, day(0), (key,), (), 1.0) for ad, key in ids.items()
    )
    made = store.save_pass(PassResult(at=day(0), memberships=members, flags=flags))
    return {ad: made[f"new-{ad}"] for ad in ids}


def names(profiles: dict[str, int], found: set[int]) -> str:
    return "".join(ad for ad, key in profiles.items() if key in found)


def test_every_profile_with_the_contact(store: Store, profiles: dict[str, int]) -> None:
    assert store.suppressed_profiles() == set()
    store.add_do_not_contact("phone", NUMBER, "herself", day(1))
    assert names(profiles, store.suppressed_profiles()) == "ab"
    assert {each.profile for each in store.flags(None, day(9))} == {profiles["c"], profiles["d"]}
    assert store.is_do_not_contact("phone", NUMBER)
    assert not store.is_do_not_contact("phone", OTHER)


@pytest.mark.parametrize(("probability", "found"), [(0.5, "abd"), (0.49, "ab"), (0.97, "abd")])
def test_who_is_linked_to_her(
    store: Store, ids: dict[str, int], profiles: dict[str, int], probability: float, found: str
) -> None:
    links = (
        FoundLink(*sorted((ids["a"], ids["d"])), probability, probability),
        FoundLink(*sorted((ids["d"], ids["c"])), 0.6, 0.6),  # linked to one who is linked: too far
    )
    store.save_pass(PassResult(at=day(0), links=links))
    store.add_do_not_contact("phone", NUMBER, "unknown", day(1))
    assert names(profiles, store.suppressed_profiles()) == found


def test_a_new_number_does_not_bring_her_back(
    store: Store, ids: dict[str, int], profiles: dict[str, int]
) -> None:
    store.add_do_not_contact("phone", NUMBER, "herself", day(1))
    changed = advert("a", day(2), text="Nuovo testo", contacts=[phone(THIRD)])
    again = advert("e", day(2), contacts=[phone(THIRD)])
    crawl(store, day(2), [changed, again])
    e = next(each.advert for each in store.current_adverts("bakeca") if each.ad_id == "e")
    # Its old version still holds the number; the new advert is hers once matching has linked it.
    assert profiles["a"] in store.suppressed_profiles()
    store.save_pass(PassResult(at=day(2), memberships=((e, profiles["a"], 0.96),)))
    assert store.memberships()[e].profile in store.suppressed_profiles()


def test_it_acts_on_adverts_that_come_later(store: Store) -> None:
    store.add_do_not_contact("phone", NUMBER, "herself", day(0))
    crawl(store, day(1), [advert("z", day(1), contacts=[phone(NUMBER)])])
    (stored,) = store.current_adverts("bakeca")
    flag = Flag("new-1", FlagKind.NEW, day(1), (stored.advert,), (), 1.0)
    made = store.save_pass(
        PassResult(
            at=day(1),
            memberships=((stored.advert, "new-1", 1.0),),
            flags=(flag,),
            units=(("new-1", "venezia"),),
        )
    )
    assert store.suppressed_profiles() == set(made.values())
    assert store.flags(None, day(9)) == []
    assert store.entries("venezia") == []  # never on the queue, not even for a moment


@pytest.mark.parametrize("kept", ["a", "d"])
def test_it_outlives_merges(store: Store, profiles: dict[str, int], kept: str) -> None:
    store.add_do_not_contact("phone", NUMBER, "herself", day(1))
    dropped = "d" if kept == "a" else "a"
    merge = (profiles[kept], profiles[dropped])
    store.save_pass(PassResult(at=day(2), merges=(merge,)))
    assert profiles[kept] in store.suppressed_profiles()


def test_who_asked(store: Store) -> None:
    with pytest.raises(StorageError, match="herself, third_person, unknown"):
        store.add_do_not_contact("phone", NUMBER, "the police", day(0))
    store.add_do_not_contact("phone", NUMBER, "herself", day(0))
    store.add_do_not_contact("phone", NUMBER, "third_person", day(1))
    store.add_do_not_contact("telegram", "Luna", "unknown", day(1))
    assert store.is_do_not_contact("telegram", "luna")
    assert store.status().do_not_contact == 2
    assert store.verify_audit() is None


def test_a_number_that_is_not_e164(store: Store) -> None:
    for value in ("3114455667", "+39 311 4455667", "", "+39"):
        with pytest.raises(StorageError, match=r"written as E.164") as caught:
            store.add_do_not_contact("phone", value, "herself", day(0))
        assert "4455667" not in str(caught.value)
        with pytest.raises(StorageError):
            store.is_do_not_contact("phone", value)


def test_an_age_under_18(store: Store) -> None:
    seen = [
        advert("a", day(0), age=17, contacts=[phone(NUMBER)]),
        advert("b", day(0), age=30, contacts=[phone(NUMBER)]),
        advert("c", day(0), age=18, contacts=[phone(OTHER)]),
    ]
    crawl(store, day(0), seen)
    ids = {each.ad_id: each.advert for each in store.current_adverts("bakeca")}
    members = tuple((key, f"new-{ad}", 1.0) for ad, key in ids.items())
    made = store.save_pass(PassResult(at=day(0), memberships=members))
    assert store.suppressed_profiles() == {made["new-a"], made["new-b"]}
    crawl(store, day(1), [advert("a", day(1), age=19, contacts=[phone(NUMBER)])])
    assert made["new-a"] in store.suppressed_profiles()  # what was once stated stays suspected


OUTCOMES = [
    ("minor_suspected", None, "ab", "ab"),
    ("do_not_contact", None, "a", "a"),
    ("wrong_number", None, "a", ""),
    ("listened", "not_pertinent", "a", ""),
    ("listened", None, "", ""),
]


@pytest.mark.parametrize(("outcome", "state", "soon", "in_a_year"), OUTCOMES)
def test_what_an_attempt_says(
    store: Store,
    profiles: dict[str, int],
    outcome: str,
    state: str | None,
    soon: str,
    in_a_year: str,
) -> None:
    entry = store.ensure_entry(profiles["a"], "venezia", day(0))
    store.record_attempt(
        entry.number, at=day(1), actor="op1", channel="call", outcome=outcome, state=state
    )
    assert names(profiles, store.suppressed_profiles(day(2))) == soon
    assert names(profiles, store.suppressed_profiles(day(366))) == in_a_year
    assert names(profiles, store.suppressed_profiles()) == soon
