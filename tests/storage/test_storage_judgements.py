"""Judgements, and profiles that merge and part with nothing lost."""

from __future__ import annotations

import pytest
from stage import START, advert, crawl, day, phone

from records.flags import Flag, FlagKind, Reason
from records.judgements import Verdict, decisions
from records.passes import Parting, PassResult
from storage import StorageError, Store

SAME, DIFFERENT, UNKNOWN = Verdict.SAME, Verdict.DIFFERENT, Verdict.UNKNOWN
NUMBER, OTHER = "+393114455667", "+393124455668"


@pytest.fixture
def ids(store: Store) -> dict[str, int]:
    crawl(
        store,
        START,
        [
            advert("a", START, contacts=[phone(NUMBER)]),
            advert("b", START, contacts=[phone(OTHER)]),
            advert("c", START),
        ],
    )
    return {each.ad_id: each.advert for each in store.current_adverts("bakeca")}


def profiles(store: Store, ids: dict[str, int], at: float = 0) -> dict[str, int]:
    """Each advert a profile of its own, with an entry."""
    members = tuple((ids[each], f"new-{each}", 1.0) for each in "abc")
    refs = tuple(f"new-{each}" for each in "abc")
    store.pending_adverts(day(at))
    made = store.save_pass(
        PassResult(at=day(at), adverts=tuple(ids.values()), memberships=members, judged=refs)
    )
    for each in "abc":
        store.ensure_entry(made[f"new-{each}"], "venezia", day(at))
    return {each: made[f"new-{each}"] for each in "abc"}


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ((SAME,), SAME),
        ((SAME, SAME), SAME),
        ((SAME, DIFFERENT), DIFFERENT),
        ((DIFFERENT, SAME), DIFFERENT),
        ((UNKNOWN, SAME), SAME),
        ((DIFFERENT, UNKNOWN), DIFFERENT),
        ((UNKNOWN, UNKNOWN), UNKNOWN),
    ],
)
def test_what_two_people_say_together(
    store: Store, ids: dict[str, int], said: tuple[Verdict, ...], stands: Verdict
) -> None:
    for number, verdict in enumerate(said):
        store.judge(ids["b"], ids["a"], verdict, f"u{number}", day(number))
    (found,) = decisions(store.judgements([ids["a"]]))
    assert (found.a, found.b, found.verdict) == (*sorted((ids["a"], ids["b"])), stands)


def test_a_judgement_is_kept_taken_back_and_told(store: Store, ids: dict[str, int]) -> None:
    profiles(store, ids)
    assert store.pending_adverts(day(0)) == []
    store.judge(ids["a"], ids["b"], SAME, "anna", day(1))
    store.judge(ids["a"], ids["b"], DIFFERENT, "anna", day(2))
    assert sorted(store.pending_adverts(day(2))) == sorted((ids["a"], ids["b"]))
    assert [each.verdict for each in decisions(store.judgements())] == [DIFFERENT]
    with pytest.raises(StorageError, match="bruno has decided nothing"):
        store.undo_judgement(ids["a"], ids["b"], "bruno", day(3))
    store.undo_judgement(ids["a"], ids["b"], "anna", day(3))
    assert [each.verdict for each in decisions(store.judgements())] == [SAME]
    history = store.judgements([ids["b"]])
    assert [(each.verdict, each.undone_by) for each in history] == [
        (SAME, None),
        (DIFFERENT, "anna"),
    ]
    assert store.verify_audit() is None
    with pytest.raises(StorageError, match="needs two adverts"):
        store.judge(ids["a"], ids["a"], SAME, "anna", day(3))
    with pytest.raises(StorageError, match="advert 5: unknown"):
        store.judge(ids["a"], 5, SAME, "anna", day(3))


def test_merged_and_parted_again_nothing_is_lost(store: Store, ids: dict[str, int]) -> None:
    mine = profiles(store, ids)
    first, second = store.entry_of(mine["a"]), store.entry_of(mine["b"])
    assert first
    assert second
    call = {"actor": "anna", "channel": "call", "consent": True}
    store.record_attempt(first.number, at=day(1), outcome="listened", note="uno", **call)  # type: ignore[arg-type]
    store.record_attempt(
        second.number,
        at=day(1),
        outcome="brief",
        state="contacted",
        note="due",
        **call,  # type: ignore[arg-type]
    )
    store.save_pass(PassResult(at=day(2), merges=((mine["a"], mine["b"]),)))
    together = store.attempts(mine["a"])
    assert [each.note for each in together] == ["uno", "due"]
    # Consent is nobody's but hers who gave it.
    assert [each.consent for each in together] == [True, None]
    assert store.entry(second.number).number == first.number
    assert store.entry(first.number).state == "contacted"
    assert store.parts({mine["a"]: [[ids["b"]], [ids["a"]]]})[mine["a"]] == [mine["b"], mine["a"]]
    store.save_pass(
        PassResult(
            at=day(3),
            memberships=((ids["b"], mine["b"], 1.0),),
            partings=(Parting(mine["a"], mine["b"], revived=True),),
        )
    )
    assert store.entry(second.number).profile == mine["b"]
    assert store.entry(second.number).state == "contacted"
    assert {each: joined.profile for each, joined in store.memberships().items()} == {
        ids[each]: mine[each] for each in "abc"
    }
    for profile, note in ((mine["a"], "uno"), (mine["b"], "due")):
        (attempt,) = store.attempts(profile)
        assert (attempt.note, attempt.consent) == (note, None)
    assert store.verify_audit() is None


def test_the_side_that_was_called_keeps_the_id(store: Store, ids: dict[str, int]) -> None:
    made = store.save_pass(
        PassResult(
            at=day(0),
            adverts=tuple(ids.values()),
            memberships=((ids["a"], "new-1", 1.0), (ids["b"], "new-1", 1.0)),
        )
    )
    profile = made["new-1"]
    entry = store.ensure_entry(profile, "venezia", day(0))
    store.record_attempt(entry.number, at=day(1), actor="anna", channel="call", outcome="no_answer")
    store.save_pass(PassResult(at=day(2), memberships=((ids["c"], profile, 0.96),)))
    a, b, c = (ids[each] for each in "abc")
    assert store.parts({profile: [[c], [a, b]]}) == {profile: [None, profile]}
    assert store.parts({profile: [[c, b], [a]]})[profile][0] == profile


def test_who_must_not_be_called_stays_so_on_both_sides(store: Store, ids: dict[str, int]) -> None:
    made = store.save_pass(
        PassResult(
            at=day(0),
            adverts=tuple(ids.values()),
            memberships=((ids["a"], "new-1", 1.0), (ids["b"], "new-1", 1.0)),
        )
    )
    whole = made["new-1"]
    store.add_do_not_contact("phone", NUMBER, "herself", day(1))
    assert store.suppressed_profiles(day(1)) == {whole}
    flag = Flag(
        whole, FlagKind.NEW, day(0), (ids["b"],), (Reason("first_seen_somewhere", {}),), 1.0
    )
    store.save_pass(PassResult(at=day(1), flags=(flag,)))
    (raised,) = store.flags_of([whole])
    made = store.save_pass(
        PassResult(
            at=day(2),
            memberships=((ids["b"], "new-1", 1.0),),
            partings=(Parting(whole, "new-1"),),
            moved_flags=((raised.id, "new-1"),),
        )
    )
    assert store.suppressed_profiles(day(2)) == {whole, made["new-1"]}
    assert [each.id for each in store.flags_of([made["new-1"]])] == [raised.id]
    assert store.flags(None, day(9)) == []


def test_who_is_listed_after_the_parting_silences_only_herself(
    store: Store, ids: dict[str, int]
) -> None:
    mine = profiles(store, ids)
    store.save_pass(PassResult(at=day(1), merges=((mine["a"], mine["b"]),)))
    store.save_pass(
        PassResult(
            at=day(2),
            memberships=((ids["b"], mine["b"], 1.0),),
            partings=(Parting(mine["a"], mine["b"], revived=True),),
        )
    )
    store.add_do_not_contact("phone", NUMBER, "herself", day(3))
    assert store.suppressed_profiles(day(3)) == {mine["a"]}


def test_networks_grow_together(store: Store, ids: dict[str, int]) -> None:
    mine = profiles(store, ids)

    def networks() -> set[frozenset[int]]:
        _, rows = store.query("SELECT network, profile FROM v_network_members")
        found: dict[int, set[int]] = {}
        for network, profile in rows:
            found.setdefault(network, set()).add(profile)
        return {frozenset(each) for each in found.values()}

    store.save_pass(PassResult(at=day(1), bonds=((mine["a"], mine["b"]),)))
    assert networks() == {frozenset((mine["a"], mine["b"]))}
    store.save_pass(PassResult(at=day(2), bonds=((mine["c"], mine["b"]),)))
    assert networks() == {frozenset(mine.values())}
    store.save_pass(PassResult(at=day(3), merges=((mine["a"], mine["b"]),)))
    assert networks() == {frozenset((mine["a"], mine["c"]))}
    store.save_pass(PassResult(at=day(4), merges=((mine["a"], mine["c"]),)))
    assert networks() == set()


def test_an_older_entry_of_a_younger_profile_goes_back_with_her(
    store: Store, ids: dict[str, int]
) -> None:
    """Whoever was called first may have become a profile last: she takes her calls with her."""
    members = ((ids["a"], "new-a", 1.0), (ids["b"], "new-b", 1.0))
    made = store.save_pass(PassResult(at=day(0), adverts=tuple(ids.values()), memberships=members))
    a, b = made["new-a"], made["new-b"]
    hers, others = (store.ensure_entry(each, "venezia", day(0)) for each in (b, a))
    call = {"actor": "anna", "channel": "call", "outcome": "brief"}
    store.record_attempt(hers.number, at=day(1), note="due", **call)  # type: ignore[arg-type]
    store.save_pass(PassResult(at=day(2), merges=((a, b),)))
    assert store.entry(others.number).number == hers.number
    assert store.entry_adverts(hers.number) == [ids["b"]]
    assert store.entry_adverts(others.number) == [ids["a"]]
    parted = PassResult(
        at=day(3), memberships=((ids["b"], b, 1.0),), partings=(Parting(a, b, revived=True),)
    )
    store.save_pass(parted)
    assert [each.note for each in store.attempts(b)] == ["due"]
    assert store.attempts(a) == []
    assert store.entry(hers.number).profile == b
    assert (store.entry(others.number).profile, store.entry(others.number).state) == (
        a,
        others.state,
    )
