"""The audit trail: it notices a change, a swap, a forged entry and a cut tail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, delete, insert, select, update
from stage import crawl, day

from config import Config
from records.passes import PassResult
from records.queue import PublishedReport
from storage import Store
from storage.tables_queue import audit


def fill(store: Store) -> None:
    """Entry 1 is of init; these are 2 to 5."""
    for number in range(4):
        store.audit("op1", "reveal", f"F-{number:04d}", {"reason": "call"}, day(number))


def swap(connection: Connection) -> None:
    rows = [
        dict(row)
        for row in connection.execute(select(audit).where(audit.c.number.in_((2, 3)))).mappings()
    ]
    for row, number in zip(rows, (3, 2), strict=True):
        row["number"] = number
    connection.execute(delete(audit).where(audit.c.number.in_((2, 3))))
    connection.execute(insert(audit), rows)


HARMS: list[tuple[str, Callable[[Connection], object], str]] = [
    (
        "another actor",
        lambda c: c.execute(update(audit).where(audit.c.number == 3).values(actor="op2")),
        "entry 3 was changed",
    ),
    (
        "another time",
        lambda c: c.execute(update(audit).where(audit.c.number == 2).values(at=day(9))),
        "entry 2 was changed",
    ),
    (
        "another detail",
        lambda c: c.execute(update(audit).where(audit.c.number == 4).values(detail="{}")),
        "entry 4 was changed",
    ),
    (
        "one taken out",
        lambda c: c.execute(delete(audit).where(audit.c.number == 3)),
        "entry 3 is missing",
    ),
    ("two swapped", swap, "entry 2 was changed, swapped"),
    (
        "the first cut",
        lambda c: c.execute(delete(audit).where(audit.c.number == 1)),
        "entry 1 is missing",
    ),
]


@pytest.mark.parametrize(("harm", "said"), [h[1:] for h in HARMS], ids=[h[0] for h in HARMS])
def test_harm_is_noticed(store: Store, harm: Callable[[Connection], object], said: str) -> None:
    fill(store)
    assert store.verify_audit() is None
    with store._vault.writing() as connection:
        harm(connection)
    assert said in str(store.verify_audit())


def test_an_entry_without_the_key(store: Store) -> None:
    fill(store)
    with store._vault.writing() as connection:
        connection.execute(
            insert(audit).values(
                number=6, at=day(5), actor="x", action="y", subject="z", detail="{}", mac=b"m" * 32
            )
        )
    assert store.verify_audit() == "audit: entry 6 was changed, swapped or put in later"


def publish(store: Store, number: int) -> None:
    at = day(number)
    store.publish_report(PublishedReport("venezia", at.date().isoformat(), at, None, at, "{}"))


def test_a_cut_tail_shows_against_the_anchor(store: Store, config: Config) -> None:
    fill(store)
    publish(store, 5)
    count, head = store.audit_head()
    anchors = config.data_dir / "audit-anchors.txt"
    assert anchors.read_text().splitlines()[-1].startswith(f"2026-03-06T06:00:00Z {count} {head} ")
    with store._vault.writing() as connection:
        connection.execute(delete(audit).where(audit.c.number >= 4))
    assert store.verify_audit() == "audit: cut: 3 entries are left of the 5 of 2026-03-06T06:00:00Z"
    # Written anew, even with the key, it is another chain.
    store.audit("op1", "reveal", "F-0009", {}, day(6))
    store.audit("op1", "reveal", "F-0009", {}, day(6))
    assert "written anew" in str(store.verify_audit())


def test_a_changed_anchor_shows(store: Store, config: Config) -> None:
    fill(store)
    publish(store, 5)
    anchors = config.data_dir / "audit-anchors.txt"
    anchors.write_text(anchors.read_text().replace(" 5 ", " 4 "))
    assert "audit-anchors.txt: line 1 was changed" in str(store.verify_audit())


def test_the_first_run_of_a_day_anchors(store: Store, config: Config) -> None:
    for at in (0, 0.2, 0.5, 1, 1.5):
        crawl(store, day(at))
    lines = (config.data_dir / "audit-anchors.txt").read_text().splitlines()
    assert [line[:10] for line in lines] == ["2026-03-01", "2026-03-02"]


def test_an_entry_goes_with_what_it_speaks_of(store: Store, config: Config) -> None:
    before = store.audit_head()
    with pytest.raises(RuntimeError), store.transaction():
        store.add_do_not_contact("phone", "+393114455667", "herself", day(0))
        publish(store, 0)
        raise RuntimeError
    assert store.audit_head() == before
    assert not store.is_do_not_contact("phone", "+393114455667")
    assert not (config.data_dir / "audit-anchors.txt").exists()
    with store.transaction():
        store.add_do_not_contact("phone", "+393114455667", "herself", day(0))
        publish(store, 0)
        assert not (config.data_dir / "audit-anchors.txt").exists()
    assert (config.data_dir / "audit-anchors.txt").exists()
    assert store.verify_audit() is None


def test_what_is_audited(store: Store) -> None:
    crawl(store, day(0), ["a", "b"])
    a, b = (each.advert for each in store.current_adverts("bakeca"))
    made = store.save_pass(
        PassResult(at=day(0), adverts=(a, b), memberships=((a, "new-a", 1.0), (b, "new-b", 1.0)))
    )
    store.save_pass(PassResult(at=day(0)))  # nothing happened, nothing is told
    store.save_pass(PassResult(at=day(1), merges=((made["new-a"], made["new-b"]),)))
    store.ensure_entry(made["new-a"], "venezia", day(1))
    store.record_attempt(1, at=day(1), actor="op1", channel="call", outcome="listened", note="n")
    store.add_do_not_contact("phone", "+393114455667", "herself", day(1))
    with store._vault.reading() as connection:
        rows = connection.execute(
            select(audit.c.actor, audit.c.action, audit.c.subject).order_by(audit.c.number)
        ).all()
    assert [tuple(row)[:2] for row in rows] == [
        ("system", "init"),
        ("system", "match"),
        ("system", "merge"),
        ("system", "match"),
        ("op1", "attempt"),
        ("system", "dnc.add"),
    ]
    assert rows[2].subject == f"profile:{made['new-a']}"
