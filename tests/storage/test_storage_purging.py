"""Retention: what goes, when; what stays for matching; and that no old copy brings it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from stage import START, advert, card, crawl, day, phone, states

from config import Config
from config.models import Retention
from records.flags import Flag, FlagKind, Reason
from records.passes import PassResult, Seen
from records.stored import Purged
from records.verdicts import PartitionOutcome, PartitionVerdict, RunOutcome
from storage import StorageError, Store
from storage.tables import version
from storage.tables_queue import attempt

KEEP = Retention()
WORD = "Lunadimiele"
NUMBER = "+393114455667"


def hers(ad_id: str, at: datetime, text: str = "Ciao, scrivimi") -> object:
    """An advert with a number of its own."""
    last = sum(map(ord, ad_id)) % 10
    return advert(
        ad_id, at, title=f"{WORD} {ad_id}", text=text, contacts=[phone(f"{NUMBER[:-1]}{last}")]
    )


def texts(store: Store) -> dict[str, str]:
    return {each.ad_id: each.title for each in store.current_adverts("bakeca")}


def sealed(store: Store) -> dict[int, bytes]:
    """Every encrypted text and note as the database holds it now: what a backup would hold."""
    with store._vault.reading() as connection:
        found = {row.id: row.content for row in connection.execute(select(version))}
        notes = connection.execute(select(attempt).where(attempt.c.note.is_not(None)))
        return {**found, **{row.id: row.note for row in notes}}


def profiles_of(store: Store, at: datetime, *names: str) -> dict[str, int]:
    """Each advert in a profile of its own, with a `new` flag and a place on the queue."""
    ids = {each.ad_id: each.advert for each in store.current_adverts("bakeca")}
    histories = store.advert_histories(ids.values())
    store.pending_adverts(at)
    return store.save_pass(
        PassResult(
            at=at,
            adverts=tuple(ids[name] for name in names),
            memberships=tuple((ids[name], f"new-{name}", 1.0) for name in names),
            flags=tuple(
                Flag(f"new-{n}", FlagKind.NEW, at, (ids[n],), (Reason("other_site", {}),), 1.0)
                for n in names
            ),
            seen=tuple(
                Seen(
                    f"new-{name}",
                    frozenset(contact for contact, _ in histories[ids[name]].contacts),
                    frozenset({"TV"}),
                )
                for name in names
            ),
            units=tuple((f"new-{name}", "venezia") for name in names),
        )
    )


def test_text_goes_90_days_after_it_was_last_seen_in_old_backups_too(
    store: Store, config: Config, reopen: Callable[[datetime], Store]
) -> None:
    crawl(store, day(0), [hers("a", day(0)), hers("b", day(0))])
    crawl(store, day(20), [card("b", day(20))])
    backup = sealed(store)
    assert store.purge(KEEP, day(89)) == Purged()
    assert store.purge(KEEP, day(91), dry_run=True) == Purged(texts=1)
    assert texts(store)["a"].startswith(WORD)
    assert store.purge(KEEP, day(91)) == Purged(texts=1)
    assert texts(store) == {"a": "", "b": f"{WORD} b"}
    assert [path.name for path in config.keys.folder.glob("text-*")] == ["text-2026-03.2.key"]
    assert store.verify_audit() is None
    with reopen(day(92)) as today:
        for row, envelope in backup.items():
            with pytest.raises(StorageError, match="is missing"):
                today._vault.sealer.open("version.content", row, envelope)
        assert texts(today)["b"] == f"{WORD} b"
        assert today.purge(KEEP, day(92)) == Purged()
    assert store.purge(KEEP, day(120)) == Purged(texts=1)
    assert not list(config.keys.folder.glob("text-*"))


def test_no_file_holds_a_purged_word_or_number(
    store: Store, config: Config, tmp_path: Path
) -> None:
    crawl(store, day(0), [hers("a", day(0))])
    profiles_of(store, day(0), "a")
    store.record_attempt(1, at=day(0), actor="op", channel="call", outcome="listened", note=WORD)
    assert store.purge(KEEP, day(91)).texts == 1
    whole = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert WORD.encode() not in whole
    assert NUMBER[3:].encode() not in whole


def test_who_comes_back_after_a_purge_is_known_by_her_contact(store: Store) -> None:
    crawl(store, day(0), [hers("a", day(0)), hers("b", day(0))])
    profile = profiles_of(store, day(0), "a", "b")["new-a"]
    for at in (1, 3):
        crawl(store, day(at), [card("b", day(at))])
    assert states(store) == {"a": "absent", "b": "active"}
    [before] = store.profile_histories([profile])
    store.purge(KEEP, day(91))
    [after] = store.profile_histories([profile])
    assert after == before
    assert next(store.link_records()).phones
    known = store.known_adverts("bakeca")["a"]
    assert known.detail_at is None
    assert known.card != store.fingerprint("card", f"{WORD} a")
    crawl(store, day(92), [hers("a", day(92)), card("b", day(92))])
    assert texts(store)["a"] == f"{WORD} a"
    [now] = store.profile_histories([profile])
    assert [each.ended_at for each in now.adverts[0].absences] == [day(92)]
    assert now.adverts[0].contacts == before.adverts[0].contacts
    assert len(store.pending_adverts(day(92))) == 1


def test_a_text_that_is_still_shown_stays_however_old(store: Store) -> None:
    crawl(store, day(0), [hers("a", day(0))])
    crawl(store, day(10), [hers("a", day(10), text="Altro")])
    crawl(store, day(95), [card("a", day(95))])
    assert store.purge(KEEP, day(110)) == Purged(texts=1)  # the first version
    assert texts(store) == {"a": f"{WORD} a"}


def test_a_year_later_the_advert_goes_and_the_profile_with_it(store: Store) -> None:
    crawl(store, day(0), [hers("a", day(0)), hers("b", day(0)), hers("c", day(0))])
    made = profiles_of(store, day(0), "a", "b", "c")
    store.record_attempt(2, at=day(1), actor="op", channel="call", outcome="listened", note="x")
    crawl(store, day(300), [hers("c", day(300))])
    store.purge(KEEP, day(91))
    gone = store.purge(KEEP, day(370))
    assert gone == Purged(adverts=2, profiles=1, contacts=1)
    assert list(states(store)) == ["c"]
    assert [each.profile for each in store.entries("venezia")] == [made["new-b"], made["new-c"]]
    assert [each.note for each in store.attempts(made["new-b"])] == ["x"]
    # Two years after the last activity the attempt goes, and what is left of her.
    gone = store.purge(KEEP, day(740))
    assert (gone.attempts, gone.profiles) == (1, 1)
    assert [each.number for each in store.entries("venezia")] == [3]
    assert store.verify_audit() is None


def test_who_asked_not_to_be_called_stays_silent_for_ever(store: Store) -> None:
    crawl(store, day(0), [hers("a", day(0))])
    profiles_of(store, day(0), "a")
    store.record_attempt(
        1, at=day(1), actor="op", channel="call", outcome="do_not_contact", note="x"
    )
    store.purge(KEEP, day(800))
    assert states(store) == {}
    crawl(store, day(801), [hers("a", day(801))])
    again = profiles_of(store, day(801), "a")
    assert again["new-a"] in store.suppressed_profiles(day(801))


def test_the_words_of_the_not_pertinent_go_after_a_month(store: Store) -> None:
    crawl(store, day(0), [hers("a", day(0)), hers("b", day(0))])
    profile = profiles_of(store, day(0), "a", "b")["new-a"]
    store.record_attempt(
        1,
        at=day(1),
        actor="op",
        channel="call",
        outcome="not_pertinent",
        note="x",
        state="not_pertinent",
    )
    assert store.purge(KEEP, day(30)) == Purged()
    crawl(store, day(31), [card("a", day(31)), card("b", day(31))])
    assert store.purge(KEEP, day(32)) == Purged(not_pertinent=1, notes=1)
    assert texts(store) == {"a": "", "b": f"{WORD} b"}
    assert [each.note for each in store.attempts(profile)] == [None]
    # Read again and the same: nothing new is kept of it, and she stays suppressed.
    crawl(store, day(33), [hers("a", day(33)), card("b", day(33))])
    assert texts(store)["a"] == ""
    assert store.suppressed_profiles(day(33)) == {profile}


def test_the_trail_is_cut_after_five_years_and_still_verified(store: Store) -> None:
    for year in range(7):
        store.audit("op", "test", "x", {"year": year}, day(365 * year))
    count, _ = store.audit_head()
    assert store.purge(KEEP, day(365 * 6 + 10)).audit == 3  # init, and two years
    assert store.verify_audit() is None
    assert store.audit_head()[0] == count + 2
    with store._vault.writing() as connection:
        connection.exec_driver_sql("DELETE FROM audit WHERE number = 4")
    assert "entry 4 is missing" in str(store.verify_audit())


def test_a_purge_that_was_killed_between_keys_and_rows_is_finished_by_the_next(
    store: Store, config: Config
) -> None:
    crawl(store, START, [hers("a", START)])
    store._vault.sealer.keys.renewed("text", "2026-03")  # and then: killed
    crawl(store, day(20), [hers("b", day(20))])
    assert store.purge(KEEP, day(91)) == Purged(texts=1)
    assert texts(store)["b"] == f"{WORD} b"
    assert len(list(config.keys.folder.glob("text-*"))) == 1


def test_another_process_does_not_encrypt_with_a_destroyed_key(
    store: Store, reopen: Callable[[datetime], Store]
) -> None:
    crawl(store, START, [hers("a", START)])
    with reopen(day(1)) as other:
        key = other._vault.sealer.keys.month("text", "2026-03")
        new = store._vault.sealer.keys.renewed("text", "2026-03")
        store._vault.sealer.keys.destroy(key)
        assert other._vault.sealer.keys.month("text", "2026-03").id == new.id


def test_bad_pages_and_their_key_go_after_a_week(store: Store, config: Config) -> None:
    run = crawl(store, START, [hers("a", START)])
    store.samples.keep(run, "bakeca", "treviso", START, f"<p>{WORD}</p>")
    assert store.purge(KEEP, day(6)) == Purged()
    assert store.purge(KEEP, day(8), dry_run=True) == Purged(pages=1)
    assert store.purge(KEEP, day(38)) == Purged(pages=1)
    assert not list(config.keys.folder.glob("sample-*"))


def test_a_site_is_forgotten_and_another_stays(store: Store) -> None:
    run = crawl(store, START, [hers("a", START), hers("b", START)])
    other = store.start_run("altro", ("asti",), START, slot=None, pid=1, host="test")
    store.record(other, [replace(advert("x", START), site="altro", partition="asti")])
    done = PartitionOutcome("asti", PartitionVerdict.COMPLETE, cards=1)
    store.finish_run(other, START, RunOutcome((done,)))
    profiles_of(store, day(1), "a", "b")
    store.samples.keep(run, "bakeca", "treviso", START, f"<p>{WORD}</p>")
    store.keep_list_memory("bakeca", "pages")
    told = store.forget_site("bakeca", day(2))
    # The newest entry keeps its number for ever, and what it is known by.
    assert told == {"adverts": 2, "runs": 1, "profiles": 1, "contacts": 1}
    assert texts(store) == {}
    assert [each.ad_id for each in store.current_adverts("altro")] == ["x"]
    assert store.list_memory("bakeca") == ""
    assert not store.health()[0].sampled
    assert [row.site for row in store.health()] == ["altro"]
    with pytest.raises(StorageError, match="no bad page"):
        store.samples.read("bakeca", "treviso", day(2))
    assert store.verify_audit() is None
    # The same site may be watched again, and begins anew.
    crawl(store, day(3), [hers("a", day(3))])
    assert states(store) == {"a": "active"}
