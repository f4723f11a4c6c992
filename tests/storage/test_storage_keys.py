"""Keys and envelopes: bound to their place, agreed on by processes, useless without each other."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from sqlalchemy import select, update
from stage import START, advert, crawl, phone

from storage import StorageError, Store
from storage.crypto import Sealer
from storage.ids import Ids
from storage.keys import KeyRing, write_once
from storage.tables import advert as advert_table
from storage.tables import contact, version

ROOT = bytes(range(32))


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    made = KeyRing(tmp_path, ROOT)
    made.make_purposes()
    return made


def test_an_envelope_opens_only_in_its_place(ring: KeyRing) -> None:
    sealer = Sealer(ring)
    sealed = sealer.seal_for("contact", "contact.value", 7, "+393114455667")
    assert sealer.open("contact.value", 7, sealed) == "+393114455667"
    for place, row in [("contact.value", 8), ("advert.url", 7)]:
        with pytest.raises(StorageError, match=f"{place} of row {row}: changed or moved"):
            sealer.open(place, row, sealed)


def test_every_changed_byte_is_noticed(ring: KeyRing) -> None:
    sealer = Sealer(ring)
    sealed = sealer.seal_for("contact", "contact.value", 7, "x")
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(StorageError):
            sealer.open("contact.value", 7, bytes(changed))


def test_equal_values_look_different(ring: KeyRing) -> None:
    sealer = Sealer(ring)
    sealed = {sealer.seal_for("contact", "contact.value", 7, "x") for _ in range(50)}
    assert len(sealed) == 50


def test_indexes_are_keyed_and_apart(ring: KeyRing, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = KeyRing(tmp_path / "other", ROOT)
    other.make_purposes()
    here, there = Sealer(ring), Sealer(other)
    number = "+393114455667"
    keys = [
        here.contact_key("phone", number),
        there.contact_key("phone", number),
        here.dnc_key("phone", number),
        here.contact_key("telegram", number),
        here.ad_key("bakeca", number),
        here.fingerprint("phone:e164", number),
    ]
    assert len(set(keys)) == len(keys)
    assert {len(key) for key in keys} == {32}
    assert keys[0] == Sealer(KeyRing(tmp_path, ROOT)).contact_key("phone", number)


def test_a_missing_months_key(ring: KeyRing, tmp_path: Path) -> None:
    sealer = Sealer(ring)
    sealed = sealer.seal(ring.month("text", "2026-03"), "version.content", 1, "x")
    (tmp_path / "text-2026-03.1.key").unlink()
    with pytest.raises(StorageError, match=r"the key [0-9a-f]{8} is missing"):
        Sealer(KeyRing(tmp_path, ROOT)).open("version.content", 1, sealed)


def test_keys_made_by_another_process_are_found(ring: KeyRing, tmp_path: Path) -> None:
    other = KeyRing(tmp_path, ROOT)
    sealed = Sealer(other).seal(other.month("text", "2026-04"), "version.content", 1, "x")
    assert Sealer(ring).open("version.content", 1, sealed) == "x"
    assert ring.months("text") == ("2026-04",)
    assert ring.months("note") == ()


def _make_month(folder: Path, gate: object, answers: object) -> None:
    ring = KeyRing(folder, ROOT)
    gate.wait()  # type: ignore[attr-defined]
    answers.put(ring.month("text", "2026-05").secret)  # type: ignore[attr-defined]


def test_processes_that_make_a_months_key_at_once_agree(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("fork")
    gate, answers = spawn.Barrier(4), spawn.Queue()
    makers = [spawn.Process(target=_make_month, args=(tmp_path, gate, answers)) for _ in range(4)]
    for maker in makers:
        maker.start()
    secrets = {answers.get(timeout=30) for _ in makers}
    for maker in makers:
        maker.join()
    assert len(secrets) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["text-2026-05.1.key"]


def test_a_key_does_not_show_itself(ring: KeyRing) -> None:
    key = ring.purpose("contact")
    assert repr(key.secret) not in repr(key)


def test_files_are_written_once(tmp_path: Path) -> None:
    path = tmp_path / "x"
    assert write_once(path, b"one", 0o400)
    assert not write_once(path, b"two", 0o400)
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"one", [path])


def test_a_folder_that_is_gone(ring: KeyRing, tmp_path: Path) -> None:
    ring.folder = tmp_path / "gone"
    with pytest.raises(StorageError, match=r"text-2026-06\.1\.key: cannot be written \(no such"):
        ring.month("text", "2026-06")


def test_ids_rise_and_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = Ids()
    taken = [*ids.take(5000), ids.one(), *ids.take(3), ids.one()]
    monkeypatch.setattr("time.time", lambda: 1_800_000_000.0)  # a clock that was set back
    taken.append(ids.one())
    assert taken == sorted(set(taken))
    monkeypatch.setattr("time.time", lambda: 6_000_000_000.0)  # the year 2160
    assert 0 < ids.one() < 2**63


def test_rows_that_were_swapped_do_not_open(store: Store) -> None:
    numbers = ["+393114455667", "+393124455668"]
    seen = [advert(each[-1], START, contacts=[phone(each)]) for each in numbers]
    crawl(store, START, seen)
    for table, column in [
        (contact, contact.c.value),
        (advert_table, advert_table.c.url),
        (version, version.c.content),
    ]:
        with store._vault.writing() as connection:
            (one, first), (other, second) = connection.execute(select(table.c.id, column)).all()
            for row, value in ((one, second), (other, first)):
                connection.execute(update(table).where(table.c.id == row).values({column: value}))
        with pytest.raises(StorageError, match=f"{table.name}.{column.name} of row"):
            list(store.current_adverts("bakeca"))
        with store._vault.writing() as connection:
            for row, value in ((one, first), (other, second)):
                connection.execute(update(table).where(table.c.id == row).values({column: value}))
    assert len(list(store.current_adverts("bakeca"))) == 2
