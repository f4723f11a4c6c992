"""How long a matching pass over 5,000 new adverts takes: `python -m benchmarks.incremental`.

Puts `--adverts` adverts of the demo's corpus (default 1,000,000), linked as `faro match --all`
links them, straight into a database of SQLite and of a throw-away PostgreSQL, adds `--new` through
the same door as a crawl, and times one `faro match`. Seconds are of the clock and of this process;
what PostgreSQL's own processes work is in the clock only.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.sightings import postgresql
from config import Config, load
from config.clock import Clock
from demo.corpus import stream
from matching import index as files
from matching.columns import Columns, columns_of
from matching.intake import parts
from matching.link import LinkedColumns, link_columns
from matching.passes import match_store
from matching.shards import Shard, shard_of
from records.adverts import Advert
from records.contacts import ContactKind, FoundContact
from records.linking import LinkRecord
from records.verdicts import PartitionOutcome, PartitionVerdict, RunOutcome
from storage import Store, create_store, open_store
from storage.crypto import canonical
from storage.vault import Vault

_CHUNK = 20_000
_FIRST_ID = 1_000_000


@dataclass(frozen=True)
class Made:
    """A corpus as storage would hold it, and what linking it came to."""

    known: list[LinkRecord]
    new: list[LinkRecord]
    contacts: dict[str, int]
    linked: LinkedColumns
    shard: Shard


def made(adverts: int, new: int) -> Made:
    """The corpus by ids of storage: adverts from 1,000,000 on, contacts from 1."""
    contacts: dict[str, int] = {}

    def ids(values: Sequence[str]) -> tuple[str, ...]:
        return tuple(str(contacts.setdefault(each, len(contacts) + 1)) for each in values)

    records = [each.record for each in stream(adverts + new, seed=5)]
    records.sort(key=lambda each: (each.seen_from or datetime.min.replace(tzinfo=UTC), each.id))
    known = [
        replace(
            record,
            id=str(_FIRST_ID + place),
            phones=ids(record.phones),
            weak_phones=ids(record.weak_phones),
            handles=ids(record.handles),
        )
        for place, record in enumerate(records[:adverts])
    ]
    read = list(parts(known))
    table: Columns = columns_of(read, columns_of(read).rarity)
    del read
    return Made(known, records[adverts:], contacts, link_columns(table), shard_of(table))


class _Bulk:
    """Rows straight into the tables, without a statement each."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self.sqlite = vault.database.sqlite

    def load(self, table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
        with self.vault.writing() as connection:
            raw: Any = connection.connection
            names = columns.split()
            if self.sqlite:
                marks = ", ".join("?" * len(names))
                statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - our own names
                cursor = raw.cursor()
                for chunk in _chunks(rows):
                    cursor.executemany(
                        statement, [[_text(value) for value in row] for row in chunk]
                    )
                return
            with raw.cursor().copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return value


def _chunks(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk


def fill(store: Store, corpus: Made, at: datetime) -> None:
    """The corpus as adverts, versions, presences, contacts, profiles, links and one whole pass."""
    run = store.start_run("alfa", ["veneto"], at, slot=None, pid=1, host="b")
    store.record(run, [_advert(corpus.known[0], "seed", at)])
    done = PartitionOutcome("veneto", PartitionVerdict.PARTIAL, cards=1, stored=1)
    store.finish_run(run, at, RunOutcome((done,)))
    vault = store._vault
    with vault.reading() as connection:
        (site, partition) = connection.exec_driver_sql("SELECT site_id, id FROM partition").one()
    bulk, seal = _Bulk(vault), vault.sealer
    known = corpus.known
    blob = os.urandom(60)
    bulk.load(
        "advert",
        "id site_id ad_key ad_id url card state missed first_seen last_seen last_run partition_id "
        "version_id versions pending first_run first_partition baseline matched_in",
        (
            (
                *(int(r.id), site, os.urandom(32), blob, blob, blob[:32], "active", 0),
                *(r.seen_from, r.seen_to, run, partition, int(r.id), 1, 0, run, partition),
                *(False, 1),
            )
            for r in known
        ),
    )
    key = {}
    for record in known:
        month = _month(record)
        key.setdefault(month, seal.keys.month("text", month))
    bulk.load(
        "version",
        "id advert_id number content_hash content age price_cents city province key_month "
        "first_seen",
        (
            (
                *(int(r.id), int(r.id), 1, os.urandom(32)),
                seal.seal(key[_month(r)], "version.content", int(r.id), _content(r)),
                *(r.age, r.price_cents, r.city, r.province, _month(r), r.seen_from),
            )
            for r in known
        ),
    )
    bulk.load(
        "presence",
        "id advert_id version_id partition_id first_seen last_seen first_run last_run",
        (
            (int(r.id), int(r.id), int(r.id), partition, r.seen_from, r.seen_to, run, run)
            for r in known
        ),
    )
    kinds: dict[str, str] = {}
    for record in known:
        kinds.update(dict.fromkeys((*record.phones, *record.weak_phones), "phone"))
        kinds.update(dict.fromkeys(record.handles, "telegram"))
    value_of = {number: value for value, number in corpus.contacts.items()}
    bulk.load(
        "contact",
        "id kind blind dnc value",
        (
            (int(each), kind, seal.contact_key(kind, value_of[int(each)]), os.urandom(32), blob)
            for each, kind in kinds.items()
        ),
    )
    bulk.load(
        "version_contact",
        "version_id contact_id found_in channel token tier rule confidence",
        (
            (int(r.id), int(each), "field", "call", 1, tier, "bench", 0.9)
            for r in known
            for tier, held in (
                ("confirmed", (*r.phones, *r.handles)),
                ("candidate", r.weak_phones),
            )
            for each in held
        ),
    )
    _profiles(bulk, corpus, at)
    bulk.load(
        "match_pass",
        "id at whole adverts made merged parted moved profiles",
        [(1, at, True, len(known), 0, 0, 0, 0, 0)],
    )
    files.made(store, corpus.shard, corpus.linked.columns.rarity, 1)
    with vault.writing() as connection:
        connection.exec_driver_sql("ANALYZE")


def _profiles(bulk: _Bulk, corpus: Made, at: datetime) -> None:
    cluster, scored = corpus.linked.cluster, corpus.linked.scored
    heads = np.unique(cluster).tolist()
    bulk.load("profile", "id created_at judged_to", ((each + 1, at, at) for each in heads))
    bulk.load(
        "profile_advert",
        "advert_id profile_id probability joined_at",
        (
            (int(record.id), head + 1, 1.0, at)
            for record, head in zip(corpus.known, cluster.tolist(), strict=True)
        ),
    )
    bulk.load(
        "profile_seen",
        "profile_id kind value",
        sorted(
            {
                (head + 1, "contact", each)
                for record, head in zip(corpus.known, cluster.tolist(), strict=True)
                for each in (*record.phones, *record.handles)
            }
        ),
    )
    bulk.load(
        "link",
        "advert_a advert_b probability evidence decided_at",
        (
            (_FIRST_ID + a, _FIRST_ID + b, p, "[]", at)
            for a, b, p in zip(
                scored.a.tolist(), scored.b.tolist(), scored.probability.tolist(), strict=True
            )
        ),
    )


def _month(record: LinkRecord) -> str:
    assert record.seen_to is not None
    return record.seen_to.strftime("%Y-%m")


def _content(record: LinkRecord) -> str:
    return canonical([record.title, record.text, record.nickname, {}])


def _advert(record: LinkRecord, name: str, at: datetime) -> Advert:
    return Advert(
        *("alfa", "veneto", name, f"https://alfa.invalid/{name}", at, 1, 1),
        title=record.title,
        text=record.text,
        card=name,
        has_detail=True,
        nickname=record.nickname,
        age=record.age,
        price_cents=record.price_cents,
        city=record.city,
        province=record.province,
        language="it",
    )


def add(store: Store, corpus: Made, at: datetime) -> None:
    """The new adverts as a crawl stores them; their contacts get their ids afterwards."""
    run = store.start_run("alfa", ["veneto"], at, slot=None, pid=1, host="b")
    for start in range(0, len(corpus.new), 50):
        batch = [
            replace(
                _advert(each, f"n{start + place}", at),
                contacts=tuple(_contacts(each)),
            )
            for place, each in enumerate(corpus.new[start : start + 50])
        ]
        store.record(run, batch)
    done = PartitionOutcome("veneto", PartitionVerdict.PARTIAL, cards=1, stored=1)
    store.finish_run(run, at, RunOutcome((done,)))
    if store.last_runs(1)[0].gate == "held":
        store.decide_held("alfa", "released", at)


def _contacts(record: LinkRecord) -> Iterator[FoundContact]:
    for values, tier in ((record.phones, "confirmed"), (record.weak_phones, "candidate")):
        for value in values:
            yield FoundContact("phone", value, tier, "call", "field", value, "bench", 0.9, "mobile")  # type: ignore[arg-type]
    for value in record.handles:
        kind: ContactKind = "telegram"
        yield FoundContact(kind, value, "confirmed", "telegram", "field", value, "bench", 0.9, None)


@contextmanager
def databases(only: str | None) -> Iterator[dict[str, str | None]]:
    """By name the URL of each database to measure; None is SQLite's own place."""
    with ExitStack() as stack:
        found: dict[str, str | None] = {}
        if only in (None, "sqlite"):
            found["SQLite"] = None
        if only in (None, "postgresql"):
            found["PostgreSQL"] = stack.enter_context(postgresql())
        yield found


def _config(folder: Path, url: str | None) -> Config:
    folder.mkdir()
    line = f'database_url = "{url}"\n' if url else ""
    (folder / "faro.toml").write_text(
        line + 'units = [{id = "u", name = "U", provinces = "*"}]', "utf-8"
    )
    return load(folder)


def main() -> None:
    """Print a row for each database."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--adverts", type=int, default=1_000_000)
    parser.add_argument("--new", type=int, default=5_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"))
    chosen = parser.parse_args()
    started = time.perf_counter()
    corpus = made(chosen.adverts, chosen.new)
    print(f"corpus and linking: {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    at = max(each.seen_to for each in corpus.known if each.seen_to)
    with databases(chosen.database) as found, tempfile.TemporaryDirectory() as folder:
        for name, url in found.items():
            config = _config(Path(folder) / name, url)
            with create_store(config, simulated=True, at=at) as store:
                started = time.perf_counter()
                fill(store, corpus, at)
                print(
                    f"{name} filled: {time.perf_counter() - started:.0f} s",
                    file=sys.stderr,
                    flush=True,
                )
                add(store, corpus, at + timedelta(hours=1))
            with open_store(config, Clock(at + timedelta(hours=2))) as store:
                wall, work = time.perf_counter(), time.process_time()
                summary = match_store(
                    store,
                    config.matching,
                    {"alfa": "primary"},
                    lambda _: "u",
                    at + timedelta(hours=2),
                    UTC,
                )
                wall, work = time.perf_counter() - wall, time.process_time() - work
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
            print(
                f"{name}: {chosen.new:,} against {chosen.adverts:,}: {wall:.1f} s of the clock, "
                f"{work:.1f} s of the processor, whole: {summary.whole}; {summary.sentence()} "
                f"(peak {peak:.1f} GB with the corpus)",
                flush=True,
            )


if __name__ == "__main__":
    main()
