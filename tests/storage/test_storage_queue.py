"""The queue: entries for life, attempts, reports, and who was there at the start."""

from __future__ import annotations

import pytest
from stage import START, advert, crawl, day, phone

from records.passes import PassResult
from records.queue import PublishedReport
from records.verdicts import PartitionVerdict
from storage import AlreadyPublished, StorageError, Store

NUMBER, OTHER = "+393114455667", "+393124455668"


def profiles_of(store: Store, *groups: str, at: float = 0) -> list[int]:
    """One profile for each group of ad ids ("ab" is adverts a and b)."""
    ids = {each.ad_id: each.advert for each in store.current_adverts("bakeca")}
    members = tuple((ids[each], f"new-{group}", 1.0) for group in groups for each in group)
    made = store.save_pass(PassResult(at=day(at), memberships=members))
    return [made[f"new-{group}"] for group in groups]


@pytest.fixture
def profiles(store: Store) -> list[int]:
    """Two profiles: of adverts a and b, and of c."""
    crawl(store, START, ["a", "b", "c"])
    return profiles_of(store, "ab", "c")


def test_an_entry_is_made_once_and_numbered(store: Store, profiles: list[int]) -> None:
    first = store.ensure_entry(profiles[0], "venezia", day(0))
    second = store.ensure_entry(profiles[1], None, day(0))
    assert (first.short_id, second.short_id, first.state) == ("F-0001", "F-0002", "to_review")
    assert store.ensure_entry(profiles[0], "padova", day(1)) == first
    assert store.entries("venezia") == [first]
    assert store.entries(None) == [second]
    assert store.entries("padova") == []
    # A province that gets a unit later: its entries do, too.
    assert store.ensure_entry(profiles[1], "padova", day(1)).unit == "padova"
    assert store.entry_of(profiles[1]) == store.entry(2) == store.entries("padova")[0]
    with pytest.raises(StorageError, match="F-0099: no such entry"):
        store.entry(99)
    with pytest.raises(StorageError, match="profile 5: unknown"):
        store.ensure_entry(5, None, day(0))


def test_a_pass_puts_flagged_profiles_on_the_queue(store: Store, profiles: list[int]) -> None:
    store.save_pass(PassResult(at=day(1), units=((profiles[0], "venezia"), (profiles[1], None))))
    assert [each.profile for each in store.entries("venezia")] == [profiles[0]]
    assert [each.profile for each in store.entries(None)] == [profiles[1]]


def test_attempts(store: Store, profiles: list[int]) -> None:
    store.ensure_entry(profiles[0], "venezia", day(0))
    assert store.attempts(profiles[0]) == []
    later = store.record_attempt(
        1,
        at=day(2),
        actor="op1",
        channel="call",
        outcome="listened",
        unit="venezia",
        band="morning",
        language="es",
        mediator=True,
        notice="too_short",
        next_on=day(9).date(),
        consent=True,
        note="Chiede della salute: +39 311 44 55 667",
        state="contacted",
    )
    first = store.record_attempt(1, at=day(1), actor="op2", channel="call", outcome="no_answer")
    assert store.attempts(profiles[0]) == [first, later]
    assert (later.note, later.next_on) == ("Chiede della salute: +39 311 44 55 667", day(9).date())
    assert store.entry(1).state == "contacted"
    assert store.attempts(profiles[1]) == []
    with pytest.raises(StorageError, match="no such entry"):
        store.record_attempt(9, at=day(1), actor="op2", channel="call", outcome="no_answer")


def test_the_adverts_of_a_profile(store: Store) -> None:
    a = advert("a", day(0), nickname="Luna", contacts=[phone(NUMBER), phone(NUMBER, where="link")])
    b = advert("b", day(0), contacts=[phone(OTHER, tier="candidate")], title=f"chiama {OTHER}")
    crawl(store, day(0), [a, b])
    crawl(store, day(1), [advert("b", day(1), contacts=[phone(OTHER, tier="candidate")])])
    (profile,) = profiles_of(store, "ab", at=1)
    second, first = store.profile_adverts(profile)
    assert (first.ad_id, first.url, first.nickname) == ("a", "https://bakeca.invalid/a", "Luna")
    assert (first.site, first.city, first.province, first.language) == (
        *("bakeca", "Treviso", "TV"),
        "it",
    )
    assert (first.state, first.first_seen, first.last_seen) == ("missing", day(0), day(0))
    assert (first.phones, first.callable_number) == (("•••67",), True)
    assert (second.phones, second.callable_number) == (("•••68",), False)
    assert store.profile_adverts(123) == []


def test_who_was_there_at_the_start(store: Store) -> None:
    crawl(store, day(0), ["a", "b", "c", "d"])
    a, bc, d = profiles_of(store, "a", "bc", "d")
    crawl(store, day(1), ["a", "b", "e"])
    (e,) = profiles_of(store, "e", at=1)
    # d is missing, not gone. e came after the start.
    assert store.baseline_profiles(None, day(1)) == [a, bc, d]
    assert store.baseline_profiles(day(0), day(1)) == []
    crawl(store, day(2), ["a", "b", "e"])
    assert store.baseline_profiles(None, day(2)) == [a, bc]
    crawl(store, day(3), ["b"], PartitionVerdict.PARTIAL)
    assert store.baseline_profiles(None, day(3)) == [bc, a]
    store.add_do_not_contact("phone", NUMBER, "herself", day(3))
    assert e not in store.baseline_profiles(None, day(9))


def report(unit: str, on: str, at: float, document: str = "{}") -> PublishedReport:
    return PublishedReport(unit, on, day(at), None if at == 0 else day(at - 1), day(at), document)


def test_a_report_is_published_once(store: Store) -> None:
    first = report("venezia", "2026-03-01", 0, '{"parole": "più"}')
    assert store.last_report("venezia") is None
    store.publish_report(first)
    with pytest.raises(AlreadyPublished, match="report of venezia for 2026-03-01"):
        store.publish_report(first)
    other = report("padova", "2026-03-01", 0)
    second = report("venezia", "2026-03-02", 1)
    store.publish_report(other)
    store.publish_report(second)
    assert store.last_report("venezia") == second
    assert store.report("venezia", "2026-03-01") == first
    assert store.report("venezia", day(0).date()) == first
    assert store.report("venezia", "2026-03-05") is None
    assert dict(store.status().reports) == {"padova": "2026-03-01", "venezia": "2026-03-02"}
    assert store.status().last_now == day(1)


def test_the_state_of_everything(store: Store, profiles: list[int]) -> None:
    store.ensure_entry(profiles[0], None, day(0))
    crawl(store, day(1), ["a"])
    status = store.status()
    assert (status.location, status.simulated, status.created_at) == (store.location, True, START)
    assert (status.last_now, status.runs, status.profiles, status.flags) == (day(1), 2, 2, 0)
    assert dict(status.adverts) == {"active": 1, "missing": 2}
    assert dict(status.entries) == {"to_review": 1}
    assert (status.pending, status.do_not_contact) == (3, 0)
