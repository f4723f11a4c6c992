"""No number in any writing, and no word of hers, in any file of a database that was well used."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from stage import advert, begin, crawl, day, finish, phone

from config import Config
from records.causes import Cause
from records.flags import Flag, FlagKind, Reason
from records.passes import FoundLink, PassResult
from records.queue import PublishedReport
from records.verdicts import PartitionOutcome, PartitionVerdict, RunOutcome
from storage import Store, audit

NUMBERS = ("3114455667", "3124455668", "3134455669")
WORDS = ("Lunadimiele", "scrivimi-sotto-casa", "luna.piena@posta.invalid", "lunapiena77")


def writings(number: str) -> Iterator[tuple[str, bytes]]:
    """A number as it could stand somewhere: grouped, prefixed, turned round, encoded, hashed."""
    plain = {
        number,
        f"+39{number}",
        f"0039{number}",
        f"39{number}",
        f"{number[:3]} {number[3:6]} {number[6:]}",
        f"{number[:3]} {number[3:5]} {number[5:7]} {number[7:]}",
        f"{number[:3]}-{number[3:]}",
        f"{number[:3]}.{number[3:6]}.{number[6:]}",
        f"{number[:3]}/{number[3:]}",
        " ".join(number),
        number[::-1],
        number[3:],
    }
    for text in plain:
        yield text, text.encode()
        yield f"{text} in UTF-16", text.encode("utf-16-le")
        yield f"{text} in hex", text.encode().hex().encode()
        for shift in range(3):  # base64 depends on what stands before
            coded = base64.b64encode(b"\0" * shift + text.encode())
            yield f"{text} in base64", coded[4 if shift else 0 : len(coded) // 4 * 4 - 4]
        for name in ("md5", "sha1", "sha256"):
            hashed = hashlib.new(name, text.encode())
            yield f"{name} of {text}", hashed.digest()
            yield f"{name} of {text}, hex", hashed.hexdigest().encode()
    yield "as a number, big end first", int(f"39{number}").to_bytes(8, "big")[2:]
    yield "as a number, little end first", int(f"39{number}").to_bytes(8, "little")[:6]


def use(store: Store, anchors: object) -> None:
    """All that storage can be told, with numbers wherever a page may hide them."""
    for at in (0, 1, 2, 3, 40):
        run = begin(store, day(at))
        batch = []
        for index, number in enumerate(NUMBERS):
            raw = f"{number[:3]} {number[3:6]} {number[6:]}"
            contacts = [
                phone(f"+39{number}", raw, where="text"),
                phone(f"+39{number}", raw, where="title"),
                phone(f"+39{number}", where="link", channel="whatsapp"),
                phone(WORDS[2], where="field", kind="email", line=None),
                phone(WORDS[3], where="field", kind="telegram", line=None),
            ]
            seen = advert(
                f"tel-{number}",
                day(at),
                title=f"{WORDS[0]} {raw}",
                text=f"{WORDS[1]} {raw} giorno {at // 2}" + " e poi" * 500 * index,
                contacts=contacts,
                nickname=WORDS[0],
                extra={"note": WORDS[1], "numero": number},
                age=25,
                price_cents=5000,
            )
            if at != 2 or index:
                url = f"https://x.invalid/chiama-{number}"
                note = f'"{number}" {WORDS[1]}'
                batch.append(replace(seen, url=url, card=raw, detail_note=note))
        store.record(run, batch)
        outcome = PartitionOutcome(
            "treviso",
            PartitionVerdict.PARTIAL if at == 1 else PartitionVerdict.COMPLETE,
            Cause("no_answer", {"page": 1, "fault": f"error at x.invalid/{NUMBERS[0]}"}),
            gone=frozenset({f"tel-{NUMBERS[0]}"} if at == 2 else ()),
        )
        store.finish_run(run, day(at), RunOutcome((outcome,), {"requests": 3}))
    store.keep_list_memory("bakeca", "".join(f"tel-{number} {WORDS[1]} " for number in NUMBERS))
    one, two, three = (each.advert for each in store.current_adverts("bakeca"))
    reason = Reason("first_seen", {"date": "2026-03-01", "place": WORDS[0]})
    made = store.save_pass(
        PassResult(
            at=day(40),
            adverts=(one, two, three),
            memberships=((one, "new-1", 1.0), (two, "new-1", 0.97), (three, "new-2", 1.0)),
            links=(FoundLink(*sorted((one, two)), 0.97, 0.97, "ab"),),
            networks=(("new-1", "new-2"),),
            flags=(Flag("new-1", FlagKind.NEW, day(40), (one,), (reason,), 1.0),),
            units=(("new-1", "venezia"),),
        )
    )
    store.record_attempt(
        1,
        at=day(40),
        actor="op1",
        channel="call",
        outcome="listened",
        note=f"{WORDS[0]} ora usa {NUMBERS[1]}",
    )
    document = f'{{"phones": ["+39{NUMBERS[0]}"], "nickname": "{WORDS[0]}"}}'
    store.publish_report(PublishedReport("venezia", "2026-04-10", day(40), None, day(40), document))
    store.add_do_not_contact("phone", f"+39{NUMBERS[2]}", "herself", day(40))
    assert store.suppressed_profiles() == {made["new-2"]}
    store.query("SELECT * FROM v_adverts")
    assert store.verify_audit() is None
    assert anchors


def files(config: Config, server: object | None) -> dict[str, bytes]:
    """Every file but keys, by its path; PostgreSQL's own, too, if written since the test began."""
    began = config.folder.stat().st_mtime
    folders = [config.data_dir]
    if server is not None:
        folders.append(server.folder)  # type: ignore[attr-defined]
    found: dict[str, bytes] = {}
    for folder in folders:
        for path in folder.rglob("*"):
            mine = path.is_file() and config.keys.folder not in path.parents
            if mine and path.stat().st_mtime >= began:
                found[str(path)] = path.read_bytes()
    return found


@pytest.fixture
def server_here(request: pytest.FixtureRequest, config: Config) -> object | None:
    """The PostgreSQL that holds the database, None on SQLite."""
    if config.database_url.startswith("sqlite"):
        return None
    return request.getfixturevalue("server")[0]


def test_no_file_holds_a_number_or_a_word_of_hers(
    config: Config, store: Store, server_here: object | None
) -> None:
    use(store, audit)
    if server_here is not None:
        with store._vault.database.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("SELECT 1")
    held = files(config, server_here)
    assert any("base/" in name or name.endswith("faro.db-wal") for name in held)
    needles = {name: raw for number in NUMBERS for name, raw in writings(number)}
    needles |= {word: word.encode() for word in WORDS}
    needles |= {f"{word}, base64": base64.b64encode(word.encode())[:-4] for word in WORDS}
    # PostgreSQL compresses long values: packed words would not be found, so none may be packed.
    everything = b"\n".join(held.values())
    hits = [name for name, raw in needles.items() if raw in everything]
    assert hits == []
    store.close()
    after = b"\n".join(files(config, server_here).values())
    assert [name for name, raw in needles.items() if raw in after] == []


def test_the_search_would_find_them() -> None:
    """Each writing is found in a file that holds it."""
    number = NUMBERS[0]
    page = f"a {number[:3]} {number[3:6]} {number[6:]} b".encode()
    assert any(raw in page for _, raw in writings(number))
    for before in ("", "x", "xx", "xxx"):
        coded = base64.b64encode(f"{before}+39{number} e altro".encode())
        assert any(raw in coded for name, raw in writings(number) if "base64" in name)
    assert all(len(raw) >= 4 for _, raw in writings(number))


def test_encrypted_values_do_not_compress(store: Store, config: Config) -> None:
    """What can be packed is not encrypted: a check of the bytes, not of the code."""
    from sqlalchemy import select

    from storage.tables import metadata

    use(store, audit)
    columns = [
        column
        for table in metadata.tables.values()
        for column in table.columns
        if column.info["class"] == "encrypted"
    ]
    with store._vault.reading() as connection:
        for column in columns:
            values = [v for v in connection.execute(select(column)).scalars() if v is not None]
            assert values, column
            for value in values:
                body = bytes(value)[17:]
                assert len(zlib.compress(body, 9)) >= len(body), column


def test_faults_name_no_number(store: Store) -> None:
    """A fault of the database in the middle of a write says nothing of what was written."""
    from sqlalchemy import insert

    from storage import StorageError
    from storage.tables import contact

    number = NUMBERS[0]
    row = {"id": 1, "kind": number, "blind": b"1" * 32, "dnc": b"1" * 32, "value": number.encode()}
    with pytest.raises(StorageError) as caught, store._vault.writing() as connection:
        connection.execute(insert(contact), [row])
        connection.execute(insert(contact), [row])
    assert number not in str(caught.value)
    crawl(store, day(0), ["1"])
    run = begin(store, day(1))
    with pytest.raises(StorageError) as caught:
        store.record(run, [replace(advert(number, day(1)), partition=f"x{number[0]}")])
    assert number not in str(caught.value)
    finish(store, run, day(1))
    assert isinstance(Path(store.location), Path)
