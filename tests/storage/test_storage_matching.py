"""What matching reads, and a pass that is saved whole: profiles, links, networks, flags, holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from stage import START, advert, crawl, day, phone

from records.flags import Flag, FlagKind, Reason
from records.passes import FoundLink, Joined, PassResult, Seen
from records.verdicts import PartitionVerdict
from storage import StorageError, Store
from storage.tables_queue import link, network, network_member

NUMBER, OTHER, THIRD = "+393114455667", "+393124455668", "+393134455669"


@pytest.fixture
def ids(store: Store) -> dict[str, int]:
    """Three adverts, crawled at START, by their ids on the site."""
    crawl(store, START, ["a", "b", "c"])
    return {each.ad_id: each.advert for each in store.current_adverts("bakeca")}


def flag(profile: int | str, ids: dict[str, int], **changes: object) -> Flag:
    values = {
        "kind": FlagKind.NEW,
        "raised_at": day(0),
        "adverts": (ids["a"],),
        "reasons": (Reason("first_seen", {"date": "2026-03-01", "place": "Treviso"}),),
        "probability": 1.0,
        **changes,
    }
    return Flag(profile, **values)  # type: ignore[arg-type]


def three(store: Store, ids: dict[str, int]) -> dict[str, int]:
    """Each advert a profile of its own."""
    members = tuple((ids[each], f"new-{each}", 1.0) for each in "abc")
    made = store.save_pass(PassResult(at=day(0), adverts=tuple(ids.values()), memberships=members))
    return {each: made[f"new-{each}"] for each in "abc"}


def test_link_records_hold_no_contact(store: Store) -> None:
    first = advert(
        "a",
        day(0),
        title=f"Luna {NUMBER}",
        text=f"chiama {OTHER} o luna@posta.invalid",
        contacts=[
            phone(NUMBER, where="title"),
            phone(OTHER, where="text", tier="candidate"),
            phone("luna@posta.invalid", where="text", kind="email", line=None),
        ],
        nickname="Luna",
        age=25,
        price_cents=5000,
    )
    later = advert("a", day(1), text="Sono tornata", contacts=[phone(OTHER), phone(THIRD)])
    crawl(store, day(0), [first, advert("b", day(0), contacts=[phone(NUMBER)])])
    crawl(store, day(1), [later])
    a, b = store.link_records()
    assert (a.site, a.title, a.text) == ("bakeca", "Annuncio a", "Sono tornata")
    assert (a.seen_from, a.seen_to, a.city, a.province) == (day(0), day(1), "Treviso", "TV")
    # Contacts of all versions; one that was ever read surely is no weak one.
    assert (len(a.phones), len(a.weak_phones), len(a.handles)) == (3, 0, 1)
    assert set(b.phones) < set(a.phones)
    assert not {NUMBER, OTHER, THIRD, "luna@posta.invalid"} & {*a.phones, *a.handles}
    crawl(
        store,
        day(2),
        [
            advert(
                "a",
                day(2),
                title=first.title,
                text=first.text,
                contacts=first.contacts,
                nickname="Luna",
                age=25,
                price_cents=5000,
            )
        ],
    )
    a, b = store.link_records()
    assert (a.title, a.text) == ("Luna  ", "chiama   o  ")
    assert (a.nickname, a.age, a.price_cents) == ("Luna", 25, 5000)


def test_a_weak_number(store: Store) -> None:
    crawl(store, day(0), [advert("a", day(0), contacts=[phone(NUMBER, tier="candidate")])])
    (record,) = store.link_records()
    assert (record.phones, len(record.weak_phones)) == ((), 1)


def test_a_pass_makes_profiles(store: Store, ids: dict[str, int]) -> None:
    assert store.pending_adverts(day(0)) == list(ids.values())
    assert store.memberships() == {}
    made = store.save_pass(
        PassResult(
            at=day(0),
            adverts=(ids["a"], ids["b"]),
            memberships=((ids["a"], "new-1", 1.0), (ids["b"], "new-1", 0.97)),
            judged=("new-1",),
        )
    )
    assert store.memberships() == {
        ids["a"]: Joined(made["new-1"], 1.0, day(0)),
        ids["b"]: Joined(made["new-1"], 0.97, day(0)),
    }
    assert store.pending_adverts(day(0)) == [ids["c"]]
    (history,) = store.profile_histories(made.values())
    assert (history.created_at, history.judged_to) == (day(0), day(0))
    assert [each.advert for each in history.adverts] == [ids["a"], ids["b"]]


def test_an_advert_that_stays_keeps_its_time(store: Store, ids: dict[str, int]) -> None:
    profiles = three(store, ids)
    store.save_pass(
        PassResult(
            at=day(1),
            memberships=(
                (ids["a"], profiles["a"], 0.99),
                (ids["b"], profiles["a"], 0.96),
            ),
        )
    )
    joined = store.memberships()
    assert joined[ids["a"]] == Joined(profiles["a"], 0.99, day(0))
    assert joined[ids["b"]] == Joined(profiles["a"], 0.96, day(1))


def test_histories_tell_firsts(store: Store) -> None:
    crawl(store, day(0), [advert("a", day(0), contacts=[phone(NUMBER)])])
    moved = advert("a", day(1), contacts=[phone(OTHER)], city="Padova", province="PD")
    crawl(store, day(1), [moved])
    crawl(store, day(2), [advert("a", day(2), contacts=[phone(OTHER), phone(NUMBER)])])
    (stored,) = store.current_adverts("bakeca")
    history = store.advert_histories([stored.advert])[stored.advert]
    assert [at for _, at in history.contacts] == [day(0), day(1)]
    assert history.provinces == (("TV", day(0)), ("PD", day(1)))
    assert [each.partition for each in history.intervals] == ["bakeca/treviso"] * 3
    assert (history.baseline, history.joined_at) == (True, None)


def test_what_a_profile_was_seen_with(store: Store, ids: dict[str, int]) -> None:
    def known(profile: int) -> tuple[set[str], set[str]]:
        (history,) = store.profile_histories([profile])
        return set(history.known_contacts), set(history.known_provinces)

    profiles = three(store, ids)
    a, b, c = profiles.values()
    assert known(a) == (set(), set())
    first = (
        Seen(a, frozenset({"11", "12"}), frozenset({"TV"})),
        Seen(b, frozenset({"11"}), frozenset({"PD"})),
    )
    made = store.save_pass(PassResult(at=day(1), seen=(*first, Seen("new-1", frozenset({"14"})))))
    assert known(made["new-1"]) == ({"14"}, set())
    again = Seen(a, frozenset({"12", "13"}), frozenset({"TV"}))
    store.save_pass(PassResult(at=day(2), seen=(again,)))
    assert known(a) == ({"11", "12", "13"}, {"TV"})
    # What only the other was seen with is news of the one that stays.
    store.save_pass(PassResult(at=day(3), merges=((a, b),)))
    assert known(a) == known(b) == ({"11", "12", "13"}, {"TV"})
    store.save_pass(PassResult(at=day(4), merges=((a, c),), seen=(Seen(c, frozenset({"15"})),)))
    assert known(a) == ({"11", "12", "13", "15"}, {"TV"})


def test_who_was_never_judged(store: Store, ids: dict[str, int]) -> None:
    a, b, c = three(store, ids).values()
    assert store.unjudged_profiles() == {a, b, c}
    store.save_pass(PassResult(at=day(1), merges=((a, b),), judged=(c,)))
    assert store.unjudged_profiles() == {a}


def test_a_merge_redirects(store: Store, ids: dict[str, int]) -> None:
    profiles = three(store, ids)
    store.save_pass(
        PassResult(
            at=day(1),
            flags=(flag(profiles["b"], ids), flag(profiles["c"], ids)),
            units=((profiles["b"], "venezia"), (profiles["c"], "venezia")),
            networks=((profiles["b"], profiles["c"]),),
        )
    )
    store.save_pass(PassResult(at=day(2), merges=((profiles["b"], profiles["c"]),)))
    store.save_pass(PassResult(at=day(3), merges=((profiles["a"], profiles["b"]),)))
    assert {each.profile for each in store.memberships().values()} == {profiles["a"]}
    (history,) = store.profile_histories(profiles.values())
    assert (history.profile, len(history.adverts)) == (profiles["a"], 3)
    assert {each.profile for each in store.flags(None, day(9))} == {profiles["a"]}
    # The older entry stays, whichever profile it was made for; the younger number leads to it.
    (only,) = store.entries("venezia")
    assert (only.number, only.profile) == (1, profiles["a"])
    assert store.entry(2) == store.entry(1) == only == store.entry_of(profiles["c"])
    # A merge already made is no fault: a pass may have read before it.
    store.save_pass(PassResult(at=day(4), merges=((profiles["a"], profiles["c"]),)))
    made = store.save_pass(PassResult(at=day(4), memberships=((ids["a"], profiles["c"], 1.0),)))
    assert (made, store.memberships()[ids["a"]].profile) == ({}, profiles["a"])


def test_a_merge_keeps_what_goes_further(store: Store, ids: dict[str, int]) -> None:
    profiles = three(store, ids)
    store.ensure_entry(profiles["a"], None, day(0))
    store.ensure_entry(profiles["b"], "venezia", day(0))
    store.record_attempt(
        2,
        at=day(1),
        actor="op1",
        channel="call",
        outcome="taken_in_charge",
        state="in_charge",
        note="nota",
    )
    store.save_pass(PassResult(at=day(2), merges=((profiles["a"], profiles["b"]),)))
    entry = store.entry(2)
    assert (entry.number, entry.state, entry.unit) == (1, "in_charge", "venezia")
    assert [each.note for each in store.attempts(profiles["b"])] == ["nota"]


def test_unknown_profiles_are_refused_and_nothing_is_kept(
    store: Store, ids: dict[str, int]
) -> None:
    for result in (
        PassResult(at=day(0), adverts=(ids["a"],), memberships=((ids["a"], 77, 1.0),)),
        PassResult(at=day(0), adverts=(ids["a"],), merges=((77, 78),)),
        PassResult(at=day(0), adverts=(ids["a"],), judged=(77,)),
    ):
        with pytest.raises(StorageError, match="unknown"):
            store.save_pass(result)
    assert ids["a"] in store.pending_adverts(day(0))


def test_links_from_the_doubtful_ones_on(store: Store, ids: dict[str, int]) -> None:
    a, b, c = sorted(ids.values())
    links = (FoundLink(a, b, 0.97, 0.97, "cb"), FoundLink(a, c, 0.49, 0.49, "ab"))
    store.save_pass(PassResult(at=day(0), links=links))
    again = (FoundLink(a, b, 0.6, 0.6, "bb"), FoundLink(b, c, 0.5, 0.5, "ac"))
    store.save_pass(PassResult(at=day(1), links=again))
    with store._vault.reading() as connection:
        rows = connection.execute(
            select(link.c.advert_a, link.c.advert_b, link.c.probability).order_by(link.c.advert_a)
        ).all()
    assert [tuple(row) for row in rows] == [(a, b, 0.6), (b, c, 0.5)]


def test_a_network_keeps_its_id_with_its_oldest_profile(store: Store, ids: dict[str, int]) -> None:
    def known() -> dict[int, int]:
        with store._vault.reading() as connection:
            rows = connection.execute(select(network_member)).all()
            assert {row.network_id for row in rows} == set(
                connection.execute(select(network.c.id)).scalars()
            )
            return {row.profile_id: row.network_id for row in rows}

    profiles = three(store, ids)
    a, b, c = profiles.values()
    store.save_pass(PassResult(at=day(0), networks=((a, b),)))
    first = known()
    assert set(first) == {a, b}
    store.save_pass(PassResult(at=day(1), networks=((c, a),)))
    assert known() == {a: first[a], c: first[a]}
    store.save_pass(PassResult(at=day(2)))  # None leaves them alone
    assert set(known()) == {a, c}
    store.save_pass(PassResult(at=day(3), networks=((b,),)))
    assert known() == {}


def test_a_hold_is_due_later(store: Store, ids: dict[str, int]) -> None:
    everything = tuple(store.pending_adverts(day(0)))
    until = day(7)
    store.save_pass(PassResult(at=day(0), adverts=everything, holds=((ids["b"], until),)))
    assert store.pending_adverts(until - timedelta(seconds=1)) == []
    assert store.pending_adverts(until) == [ids["b"]]
    store.save_pass(PassResult(at=until, adverts=(ids["b"],)))
    assert store.pending_adverts(day(99)) == []


def test_flags_come_back_as_they_were_raised(store: Store, ids: dict[str, int]) -> None:
    profiles = three(store, ids)
    raised = flag(
        profiles["a"],
        ids,
        kind=FlagKind.REAPPEARED,
        raised_at=day(5),
        adverts=(ids["c"], ids["a"]),
        reasons=(Reason("absent_since", {"days": 31, "place": "Mestre"}), Reason("other_site")),
        probability=0.97,
        proven=False,
        doubtful=True,
        absent_days=31,
    )
    store.save_pass(PassResult(at=day(5), flags=(raised, flag("new-1", ids))))
    older, found = store.flags(None, day(5))
    assert found.profile == profiles["a"]
    assert (found.kind, found.raised_at, found.adverts) == (
        *(FlagKind.REAPPEARED, day(5)),
        (ids["c"], ids["a"]),
    )
    assert found.reasons == raised.reasons
    assert (found.probability, found.proven, found.doubtful, found.absent_days) == (
        *(0.97, False, True),
        31,
    )
    # (since, until]
    assert store.flags(day(0), day(5)) == [found]
    assert store.flags(day(5), day(9)) == []
    store.save_pass(PassResult(at=day(6), withdrawn=(found.id,)))
    store.save_pass(PassResult(at=day(7), withdrawn=(found.id,)))
    (withdrawn,) = store.withdrawn_flags(day(5), day(6))
    assert (withdrawn.id, withdrawn.withdrawn_at) == (found.id, day(6))
    assert store.withdrawn_flags(None, day(5)) == []
    assert older.id not in {each.id for each in store.withdrawn_flags(None, day(99))}


def test_the_first_times_of_complete_runs(store: Store) -> None:
    crawl(store, day(0), ["a"])
    crawl(store, day(1), ["a"], PartitionVerdict.PARTIAL)
    crawl(store, day(2), ["a"], partitions=["treviso", "padova"])
    assert store.complete_runs(day(0)) == {
        ("bakeca", "padova"): [day(2)],
        ("bakeca", "treviso"): [day(0), day(2)],
    }


def test_many_adverts_at_once(store: Store) -> None:
    """More than fit into one page or one list of parameters."""
    crawl(
        store,
        day(0),
        [advert(str(n), day(0), contacts=[phone(f"+393114{n:06}")]) for n in range(1100)],
    )
    records = list(store.link_records())
    assert len({each.phones for each in records}) == 1100
    members = tuple((int(each.id), f"new-{n}", 1.0) for n, each in enumerate(records))
    result = PassResult(
        at=day(0),
        adverts=tuple(store.pending_adverts(day(0))),
        memberships=members,
        judged=tuple(ref for _, ref, _ in members),
        networks=(tuple(ref for _, ref, _ in members),),
    )
    made = store.save_pass(result)
    assert len(store.profile_histories(made.values())) == 1100
    assert store.pending_adverts(day(0)) == []
    crawl(store, day(1))
    crawl(store, day(2))
    assert store.status().adverts == {"absent": 1100}


def test_a_set_of_ids_may_be_larger_than_a_statement_has_parameters(
    store: Store, ids: dict[str, int]
) -> None:
    made = three(store, ids)
    asked = [*range(100_000), *ids.values()]
    assert {each.profile for each in store.memberships(asked).values()} == set(made.values())
    assert store.memberships([]) == {}


def test_a_link_that_says_what_it_said_is_not_written_again(
    store: Store, ids: dict[str, int]
) -> None:
    a, b, c = sorted(ids.values())
    for hour, evidence in enumerate(("ab", "ab", "ba")):
        at = START + timedelta(hours=hour)
        links = (FoundLink(a, b, 0.9, 0.9, evidence), FoundLink(b, c, 0.7, 0.7, "ab"))
        store.save_pass(PassResult(at=at, adverts=(a, b), links=links))
    with store._vault.reading() as connection:
        query = select(link.c.advert_a, link.c.decided_at).order_by(link.c.advert_a)
        written = {row[0]: row[1] for row in connection.execute(query)}
    assert written == {a: START + timedelta(hours=2), b: START}
