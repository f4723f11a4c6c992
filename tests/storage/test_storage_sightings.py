"""Recording sightings: versions, presence, what counts as content, and what a token is."""

from dataclasses import replace
from datetime import timedelta
from itertools import starmap
from typing import Any

import pytest
from stage import START, advert, begin, card, crawl, day, finish, phone, states

from records.adverts import Advert
from records.contacts import FoundContact, Span
from records.stored import RecordCounts, StoredAdvert
from records.verdicts import PartitionVerdict
from storage import Store

NUMBER = "+393114455667"
OTHER = "+393124455668"


def only(store: Store) -> StoredAdvert:
    (found,) = store.current_adverts("bakeca")
    return found


def presences(store: Store) -> list[tuple[object, ...]]:
    """(version, first day, last day, closed day) of every interval."""
    _, rows = store.query(
        "SELECT version, round(julianday(first_seen) - julianday('2026-03-01 06:00'), 3),"
        " round(julianday(last_seen) - julianday('2026-03-01 06:00'), 3),"
        " round(julianday(closed_at) - julianday('2026-03-01 06:00'), 3)"
        " FROM v_presence ORDER BY 2, 1, 3 DESC"
    )
    return rows


def test_every_sighting_is_counted_once(store: Store) -> None:
    run = begin(store, day(0))
    assert store.record(run, []) == RecordCounts()
    assert store.record(run, [advert("1", day(0)), advert("2", day(0))]) == RecordCounts(new=2)
    finish(store, run, day(0))
    run = begin(store, day(1))
    batch = [card("1", day(1)), advert("2", day(1), text="Altro"), advert("3", day(1))]
    assert store.record(run, batch) == RecordCounts(new=1, changed=1, unchanged=1)


def test_the_same_batch_again_changes_nothing(store: Store) -> None:
    run = begin(store, day(0))
    batch = [advert("1", day(0)), advert("2", day(0)), advert("1", day(0))]
    assert store.record(run, batch) == RecordCounts(new=2, unchanged=1)
    before = (list(store.current_adverts("bakeca")), presences(store))
    assert store.record(run, batch) == RecordCounts(unchanged=3)
    assert (list(store.current_adverts("bakeca")), presences(store)) == before


def test_unchanged_content_adds_no_row(store: Store) -> None:
    crawl(store, day(0), ["1"])
    for number in range(1, 5):
        crawl(store, day(number), ["1"])
        crawl(store, day(number + 0.5), [card("1", day(number + 0.5))])
    assert presences(store) == [(1, 0, 4.5, None)]
    assert only(store).versions == 1


def test_a_b_and_a_again(store: Store) -> None:
    for number, text in enumerate(["A", "B", "A", "A"]):
        crawl(store, day(number), [advert("1", day(number), text=text)])
    assert presences(store) == [(1, 0, 0, 1), (2, 1, 1, 2), (1, 2, 3, None)]
    assert (only(store).text, only(store).versions) == ("A", 2)


CONTENT: list[dict[str, Any]] = [
    {"title": "Altro"},
    {"text": "Altro"},
    {"nickname": "Luna"},
    {"age": 30},
    {"price_cents": 5000, "currency": "EUR"},
    {"city": "Padova", "province": "PD"},
    {"category": "massaggi"},
    {"extra": {"orario": "9-20"}},
    {"contacts": [phone(NUMBER)]},
]
NO_CONTENT: list[dict[str, Any]] = [
    {"page": 7, "position": 3},
    {"promoted": True},
    {"posted_at": START},
    {"language": "en"},
    {"card": "another card"},
    {"url": "https://bakeca.invalid/slug-1"},
]


def test_what_is_content_and_what_is_not(store: Store) -> None:
    crawl(store, day(0), ["1"])
    cases = [*((each, 1) for each in CONTENT), *((each, 0) for each in NO_CONTENT)]
    for at, (changes, changed) in enumerate(cases, start=1):
        crawl(store, day(at), ["1"])
        run = begin(store, day(at + 0.5))
        assert store.record(run, [advert("1", day(at + 0.5), **changes)]).changed == changed, (
            changes
        )


def test_how_a_number_is_written_is_no_content(store: Store) -> None:
    def wrote(raw: str, at: float) -> Advert:
        contact = phone(NUMBER, raw, where="text")
        return advert("1", day(at), text=f"chiama {raw} ora", contacts=[contact])

    crawl(store, day(0), [wrote("311 445 5667", 0)])
    crawl(store, day(1), [wrote("tre11-4455667", 1)])
    assert presences(store) == [(1, 0, 1, None)]
    assert only(store).text == "chiama ⟦tel:1⟧ ora"


def test_an_advert_that_moves_to_another_partition(store: Store) -> None:
    both = ["treviso", "padova"]
    crawl(store, day(0), ["1"], partitions=both)
    for number in (1, 2, 3):
        crawl(store, day(number), [advert("1", day(number), partition="padova")], partitions=both)
    assert states(store) == {"1": "active"}
    assert presences(store) == [(1, 0, 0, 1), (1, 1, 3, None)]
    assert store.known_adverts("bakeca")["1"].partition == "padova"


def test_one_advert_listed_twice_in_a_run(store: Store) -> None:
    both = ["treviso", "padova"]
    for number in (0, 1):
        seen = [advert("1", day(number)), advert("1", day(number), partition="padova")]
        crawl(store, day(number), seen, partitions=both)
    assert presences(store) == [(1, 0, 1, None), (1, 0, 1, None)]
    # It leaves the partition where it was last seen, and stays in the other.
    for number in (2, 3, 4):
        crawl(store, day(number), ["1"], partitions=both)
    assert states(store) == {"1": "active"}
    assert presences(store) == [(1, 0, 4, None), (1, 0, 1, 2)]


def test_a_killed_run_loses_and_doubles_nothing(store: Store) -> None:
    crawl(store, day(0), ["1", "2"])
    killed = begin(store, day(1))
    store.record(killed, [card("1", day(1)), advert("3", day(1))])
    run = begin(store, day(1.1))
    counts = store.record(run, [advert(each, day(1.1)) for each in "123"])
    assert counts == RecordCounts(unchanged=3)
    finish(store, run, day(1.1))
    assert presences(store) == [(1, 0, 1.1, None), (1, 0, 1.1, None), (1, 1, 1.1, None)]
    assert set(states(store).values()) == {"active"}


def test_a_return_after_an_absence(store: Store) -> None:
    crawl(store, day(0), ["1"])
    crawl(store, day(1))
    crawl(store, day(2))
    store_pending(store, [])
    run = begin(store, day(20))
    counts = store.record(run, [advert("1", day(20))])
    assert counts == RecordCounts(unchanged=1, returned=1)
    assert store.record(run, [advert("1", day(20))]) == RecordCounts(unchanged=1)
    finish(store, run, day(20))
    (history,) = store.advert_histories([only(store).advert]).values()
    (absence,) = history.absences
    assert (absence.last_seen, absence.declared_at, absence.ended_at, absence.proof) == (
        *(day(0), day(2), day(20)),
        "runs",
    )
    assert presences(store) == [(1, 0, 0, 1), (1, 20, 20, None)]
    assert store.pending_adverts(day(20)) == [only(store).advert]


def store_pending(store: Store, left: list[int]) -> None:
    """Have a pass handle everything."""
    from records.passes import PassResult

    at = store.status().last_now
    store.save_pass(PassResult(at=at, adverts=tuple(store.pending_adverts(at))))
    assert store.pending_adverts(at) == left


def test_what_matching_must_look_at_again(store: Store) -> None:
    crawl(store, day(0), ["1", "2"])
    store_pending(store, [])
    crawl(store, day(1), ["1", card("2", day(1))])
    assert store.pending_adverts(day(1)) == []
    crawl(store, day(2), ["1", advert("2", day(2), text="Altro")])
    changed = next(each.advert for each in store.current_adverts("bakeca") if each.ad_id == "2")
    assert store.pending_adverts(day(2)) == [changed]


def test_what_is_known_before_a_crawl(store: Store) -> None:
    crawl(store, day(0), [advert("id/+39 311", day(0)), advert("2", day(0), has_detail=False)])
    known = store.known_adverts("bakeca")
    first, second = known["id/+39 311"], known["2"]
    assert first.url == "https://bakeca.invalid/id/+39 311"
    assert (first.detail_at, second.detail_at) == (day(0), None)
    assert first.card == store.fingerprint("card", "Annuncio id/+39 311")
    assert first.card != store.fingerprint("page", "Annuncio id/+39 311")
    assert (first.last_seen, first.state, first.partition) == (day(0), "active", "treviso")
    assert store.known_adverts("nowhere") == {}


def test_a_changed_card_without_its_detail_page_keeps_what_only_that_says(store: Store) -> None:
    contacts = [phone(NUMBER, where="text"), phone(OTHER, where="title")]
    whole = advert(
        "1",
        day(0),
        title=f"Luna {OTHER}",
        text=f"Lungo testo, {NUMBER}",
        contacts=contacts,
        nickname="Luna",
        price_cents=5000,
    )
    crawl(store, day(0), [whole])
    seen = advert("1", day(1), title="Luna è tornata", text="", has_detail=False, price_cents=8000)
    crawl(store, day(1), [seen])
    now = only(store)
    assert (now.title, now.text, now.nickname) == ("Luna è tornata", "Lungo testo, ⟦tel:2⟧", "Luna")
    assert (now.price_cents, now.versions) == (8000, 2)
    assert [(each.value, each.token) for each in now.contacts] == [(NUMBER, 2)]
    # Its fingerprint is no card's: whatever the next run sees, it reads the detail page.
    kept = store.known_adverts("bakeca")["1"].card
    assert kept not in {store.fingerprint("card", each.card) for each in (whole, seen)}
    crawl(store, day(2), [replace(seen, seen_at=day(2))])
    assert only(store).versions == 2
    crawl(store, day(3), [replace(whole, seen_at=day(3))])
    assert (only(store).text, only(store).versions) == ("Lungo testo, ⟦tel:2⟧", 2)


def test_the_same_card_without_its_detail_page_is_a_sighting(store: Store) -> None:
    crawl(store, day(0), [advert("1", day(0), nickname="Luna")])
    crawl(store, day(1), [advert("1", day(1), text="", has_detail=False)])
    assert (only(store).nickname, only(store).versions, only(store).last_seen) == (
        *("Luna", 1),
        day(1),
    )


def contact(kind: str, value: str, where: str, start: int, end: int) -> FoundContact:
    return FoundContact(
        *(kind, value, "confirmed", "call", where, "", "rule", 0.9),  # type: ignore[arg-type]
        span=Span(start, end),
    )


TOKENS = [
    # (story, title, text, contacts, expected title, expected text)
    ("one", "t", "a 311 b", [("phone", NUMBER, "text", 2, 5)], "t", "a ⟦tel:1⟧ b"),
    (
        "the same number is the same token",
        "311",
        "311 e 312",
        [
            ("phone", NUMBER, "text", 0, 3),
            ("phone", OTHER, "text", 6, 9),
            ("phone", NUMBER, "title", 0, 3),
        ],
        "⟦tel:1⟧",
        "⟦tel:1⟧ e ⟦tel:2⟧",
    ),
    (
        "every kind",
        "t",
        "x@y.it @luna 311",
        [
            ("email", "x@y.it", "text", 0, 6),
            ("telegram", "luna", "text", 7, 12),
            ("phone", NUMBER, "text", 13, 16),
        ],
        "t",
        "⟦mail:1⟧ ⟦handle:2⟧ ⟦tel:3⟧",
    ),
    (
        "readings that overlap leave nothing over",
        "t",
        "a 311445566 b",
        [("phone", NUMBER, "text", 2, 8), ("phone", OTHER, "text", 5, 11)],
        "t",
        "a ⟦tel:1⟧ b",
    ),
    (
        "one reading inside another",
        "t",
        "a 311445566 b",
        [("phone", OTHER, "text", 4, 8), ("phone", NUMBER, "text", 2, 11)],
        "t",
        "a ⟦tel:1⟧ b",
    ),
    (
        "a forged token",
        "t",
        "⟦tel:1⟧ 311",
        [("phone", NUMBER, "text", 8, 11)],
        "t",
        "[tel:1] ⟦tel:1⟧",
    ),
    (
        "beyond the basic plane",
        "💋",
        "💋 311 💋",
        [("phone", NUMBER, "text", 2, 5)],
        "💋",
        "💋 ⟦tel:1⟧ 💋",
    ),
]


def test_tokens(store: Store) -> None:
    batch = [
        replace(
            advert(story, day(0), title=title, text=text), contacts=tuple(starmap(contact, found))
        )
        for story, title, text, found, _, _ in TOKENS
    ]
    crawl(store, day(0), batch)
    stored = {each.ad_id: (each.title, each.text) for each in store.current_adverts("bakeca")}
    assert stored == {case[0]: case[4:] for case in TOKENS}


def test_contacts_come_back_whole(store: Store) -> None:
    contacts = [
        phone(NUMBER, "311", where="text"),
        phone(NUMBER, where="link", channel="whatsapp", confidence=1.0),
        phone(OTHER, tier="candidate", line=None),
    ]
    crawl(store, day(0), [advert("1", day(0), text="chiama 311", contacts=contacts)])
    assert [
        (each.value, each.where, each.channel, each.tier, each.line, each.token)
        for each in only(store).contacts
    ] == [
        (NUMBER, "link", "whatsapp", "confirmed", "mobile", 1),
        (NUMBER, "text", "call", "confirmed", "mobile", 1),
        (OTHER, "field", "call", "candidate", None, 2),
    ]


def test_of_two_readings_of_one_place_the_surer_stays(store: Store) -> None:
    twice = [phone(NUMBER, tier="candidate", confidence=0.9), phone(NUMBER, confidence=0.8)]
    crawl(store, day(0), [advert("1", day(0), contacts=twice)])
    assert [each.tier for each in only(store).contacts] == ["confirmed"]


HOSTILE = [
    "a\0b",
    "half \ud83d pair",
    "'; DROP TABLE advert; --",
    "x" * 200_000,
    "",
    "\u202e\ufeff",
]


def test_hostile_text_is_stored(store: Store) -> None:
    for at in (0, 1):
        batch = [
            advert(
                str(number),
                day(at),
                title=text,
                text=text,
                nickname=text,
                category=text,
                city=text,
                extra={"x": text},
            )
            for number, text in enumerate(HOSTILE)
        ]
        ids = [text or "nothing" for text in HOSTILE]
        batch = [replace(each, ad_id=ad, url=ad) for ad, each in zip(ids, batch, strict=True)]
        crawl(store, day(at), batch)
    for ad, text, stored in zip(ids, HOSTILE, store.current_adverts("bakeca"), strict=True):
        assert (stored.title, stored.text, stored.ad_id, stored.url) == (text, text, ad, ad)
        assert (stored.nickname, dict(stored.extra), stored.versions) == (text, {"x": text}, 1)


def test_a_price_beyond_any_is_none(store: Store) -> None:
    prices = (10**12, 2**63, -1)
    crawl(store, day(0), [advert(str(p), day(0), price_cents=p, age=10**6) for p in prices])
    for stored in store.current_adverts("bakeca"):
        assert (stored.price_cents, stored.age) == (None, None)


def test_text_lies_under_the_key_of_the_month_of_its_last_sighting(store: Store) -> None:
    crawl(store, day(0), ["1", "2"])
    assert store.status().text_months == ("2026-03",)
    crawl(store, day(40), [card("1", day(40))], PartitionVerdict.PARTIAL)
    assert store.status().text_months == ("2026-03", "2026-04")
    assert months(store) == {"1": "2026-04", "2": "2026-03"}
    assert [each.text for each in store.current_adverts("bakeca")] == [
        "Ciao, chiamami quando vuoi"
    ] * 2


def months(store: Store) -> dict[str, str]:
    from sqlalchemy import select

    from storage.tables import version

    numbers = {each.advert: each.ad_id for each in store.current_adverts("bakeca")}
    with store._vault.reading() as connection:
        rows = connection.execute(select(version.c.advert_id, version.c.key_month))
        return {numbers[row[0]]: row[1] for row in rows}


def test_a_whole_batch_or_nothing(store: Store) -> None:
    from storage import StorageError

    run = begin(store, day(0))
    with pytest.raises(StorageError, match="never stored"):
        store.record(run, [advert("1", day(0)), card("2", day(0))])
    assert store.known_adverts("bakeca") == {}


def test_an_inner_transaction_can_fail_alone(store: Store) -> None:
    from storage import StorageError

    run = begin(store, day(0))
    with store.transaction():
        store.record(run, [advert("1", day(0))])
        with pytest.raises(StorageError):
            store.record(run, [advert("2", day(0)), card("9", day(0))])
    with pytest.raises(ZeroDivisionError), store.transaction():
        store.record(run, [advert("3", day(0))])
        raise ZeroDivisionError
    assert set(store.known_adverts("bakeca")) == {"1"}


def test_times_go_in_and_out_as_utc(store: Store) -> None:
    from zoneinfo import ZoneInfo

    from storage import StorageError

    local = day(0).astimezone(ZoneInfo("Europe/Rome")) + timedelta(microseconds=123456)
    crawl(store, day(1), [advert("1", local)])
    assert only(store).first_seen == local
    assert only(store).first_seen.utcoffset() == timedelta()
    run = begin(store, day(2))
    with pytest.raises(StorageError, match="without a time zone"):
        store.record(run, [advert("2", day(2).replace(tzinfo=None))])
