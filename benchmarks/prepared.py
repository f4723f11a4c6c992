"""Databases of any size for measuring passes, made in bulk once and kept in a folder.

Adverts of the demo's corpus, linked as `faro match --all` links them, go straight into the tables:
with the ids, sealed texts, blind indexes, profiles, links, networks, flags and queue entries that
they would have after months of crawls. The latest adverts then come through the door of a crawl
and wait for a pass.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from config import Config, load
from demo.corpus import stream
from matching import index as files
from matching.columns import columns_of
from matching.intake import parts
from matching.link import LinkedColumns, link_columns
from matching.score import letters
from matching.shards import Shard, shard_of
from records.adverts import Advert
from records.contacts import ContactKind, FoundContact
from records.linking import LinkRecord
from records.verdicts import PartitionOutcome, PartitionVerdict, RunOutcome
from storage import Store, create_store
from storage.crypto import canonical
from storage.vault import Vault

SEED = 5
RUNS_A_DAY = 4
_CHUNK = 20_000


def advert_number(place: int) -> int:
    """An id as far from its neighbours as those of a crawl are."""
    return 10**15 + place * 7_000_003


@dataclass(frozen=True)
class Corpus:
    """`known` as storage would hold them, ids and all; `new` are to come, `changed` are known ones
    with another text. `contacts` are the ids of the known ones' contacts. The rarity table is
    counted over the first `counted` of the known.
    """

    known: list[LinkRecord]
    new: list[LinkRecord]
    changed: list[LinkRecord]
    contacts: dict[str, int]
    counted: int

    @cached_property
    def at(self) -> datetime:
        """When the last of the known ones was seen."""
        return max(each.seen_to for each in self.known if each.seen_to)

    @cached_property
    def linked(self) -> tuple[LinkedColumns, Shard]:
        """What linking the known ones comes to, and their part of the index."""
        rarity = columns_of(list(parts(self.known[: self.counted]))).rarity
        table = columns_of(list(parts(self.known)), rarity)
        return link_columns(table), shard_of(table)


def corpus(adverts: int, new: int, changed: int, counted: float = 1.0) -> Corpus:
    """`adverts` known ones, then `new` later ones; `changed` of the known have another text, the
    first `counted` of the known (a share) are in the rarity table.
    """
    contacts: dict[str, int] = {}

    def ids(values: Sequence[str]) -> tuple[str, ...]:
        for each in values:
            contacts.setdefault(each, 10**14 + len(contacts) * 9_000_011)
        return tuple(str(contacts[each]) for each in values)

    records = [each.record for each in stream(adverts + new, seed=SEED)]
    records.sort(key=lambda each: (each.seen_from or datetime.min.replace(tzinfo=UTC), each.id))
    plain = records[:adverts]
    known = [
        replace(
            record,
            id=str(advert_number(place)),
            phones=ids(record.phones),
            weak_phones=ids(record.weak_phones),
            handles=ids(record.handles),
        )
        for place, record in enumerate(plain)
    ]
    edited = [
        replace(
            plain[place], id=str(place), text=f"{plain[place].text} da oggi anche la sera tardi"
        )
        for place in range(adverts - changed, adverts)
    ]
    new_ones = records[adverts : adverts + new]
    return Corpus(known, new_ones, edited, contacts, round(adverts * counted))


class _Bulk:
    """Rows straight into the tables, without a statement each."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self.sqlite = vault.database.sqlite

    def load(self, table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
        names = columns.split()
        with self.vault.writing() as connection:
            raw: Any = connection.connection
            if self.sqlite:
                marks = ", ".join("?" * len(names))
                statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - our own names
                cursor = raw.cursor()
                # Random keys: their index is written in memory, and once.
                cursor.execute("PRAGMA cache_size = -1000000")
                for chunk in _chunks(rows):
                    cursor.executemany(statement, chunk)
                return
            with raw.cursor().copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)

    def time(self, moment: datetime | None) -> Any:
        """A time as this database's driver takes it."""
        if moment is None or not self.sqlite:
            return moment
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _chunks(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk


def fill(store: Store, made: Corpus) -> None:
    """The known adverts, and all that crawls and one whole pass made of them."""
    at = made.at
    for site in sorted({_site(each) for each in made.known}):
        _crawled(store, site, [], at)
    vault = store._vault
    with vault.reading() as connection:
        rows = connection.exec_driver_sql(
            "SELECT site.name, site.id, partition.id, site_run.id FROM site "
            "JOIN partition ON partition.site_id = site.id "
            "JOIN site_run ON site_run.site_id = site.id"
        ).all()
    places = {name: _Place(*ids) for name, *ids in rows}
    bulk = _Bulk(vault)
    _runs(bulk, places, made.at)
    _adverts(bulk, made, places)
    _contacts_of(bulk, made)
    linked, shard = made.linked
    _profiles(bulk, made, linked)
    bulk.load(
        "match_pass",
        "id at whole adverts made merged parted moved profiles",
        [(1, bulk.time(at), True, len(made.known), 0, 0, 0, 0, 0)],
    )
    files.made(store, shard, linked.columns.rarity, 1)
    with vault.writing() as connection:
        connection.exec_driver_sql("ANALYZE")


@dataclass(frozen=True)
class _Place:
    """The ids of a site, of its partition, and of the run that saw its adverts."""

    site: int
    partition: int
    run: int


def _runs(bulk: _Bulk, places: Mapping[str, _Place], at: datetime) -> None:
    """Complete runs over fourteen months."""
    times = [at - timedelta(hours=24 // RUNS_A_DAY * back) for back in range(1, 425 * RUNS_A_DAY)]
    runs = [(place, each) for each in times for place in places.values()]
    bulk.load(
        "site_run",
        "id site_id state started_at finished_at heartbeat_at pid host stats",
        (
            (number, place.site, "finished", *[bulk.time(each)] * 3, 1, "b", "{}")
            for number, (place, each) in enumerate(runs, 1)
        ),
    )
    bulk.load(
        "partition_run",
        "run_id partition_id verdict reason pages cards stored gone baseline fill selector_hits",
        (
            (number, place.partition, "complete", "", 1, 1, 1, 0, False, "{}", "{}")
            for number, (place, _) in enumerate(runs, 1)
        ),
    )


def _adverts(bulk: _Bulk, made: Corpus, places: Mapping[str, _Place]) -> None:
    seal, blob, time = bulk.vault.sealer, os.urandom(32), bulk.time
    sealed = partial(seal.seal, seal.keys.purpose("advert"))
    bulk.load(
        "advert",
        "id site_id ad_key ad_id url card state missed first_seen last_seen last_run partition_id "
        "version_id versions pending first_run first_partition baseline matched_in",
        (
            (
                *(int(r.id), at.site, seal.ad_key(_site(r), f"k{place}")),
                sealed("advert.ad_id", int(r.id), f"k{place}"),
                sealed("advert.url", int(r.id), _url(r, f"k{place}")),
                *(blob, "active", 0, time(r.seen_from), time(r.seen_to), at.run, at.partition),
                *(int(r.id), 1, 0, at.run, at.partition, False, 1),
            )
            for place, r in enumerate(made.known)
            for at in [places[_site(r)]]
        ),
    )
    months = {_month(record) for record in made.known}
    key = {month: seal.keys.month("text", month) for month in months}
    bulk.load(
        "version",
        "id advert_id number content_hash content age price_cents city province key_month "
        "first_seen",
        (
            (
                *(int(r.id), int(r.id), 1, os.urandom(32)),
                seal.seal(key[_month(r)], "version.content", int(r.id), _content(r)),
                *(r.age, r.price_cents, r.city, r.province, _month(r), time(r.seen_from)),
            )
            for r in made.known
        ),
    )
    bulk.load(
        "presence",
        "id advert_id version_id partition_id first_seen last_seen first_run last_run",
        (
            (
                *(*[int(r.id)] * 3, at.partition, time(r.seen_from), time(r.seen_to)),
                *(at.run, at.run),
            )
            for r in made.known
            for at in [places[_site(r)]]
        ),
    )


def _contacts_of(bulk: _Bulk, made: Corpus) -> None:
    seal, blob = bulk.vault.sealer, os.urandom(60)
    kinds: dict[str, ContactKind] = {}
    for record in made.known:
        kinds.update(dict.fromkeys((*record.phones, *record.weak_phones), "phone"))
        kinds.update(dict.fromkeys(record.handles, "telegram"))
    value_of = {number: value for value, number in made.contacts.items()}
    bulk.load(
        "contact",
        "id kind blind dnc value",
        (
            (
                *(int(each), kind, seal.contact_key(kind, value_of[int(each)])),
                *(seal.dnc_key(kind, value_of[int(each)]), blob),
            )
            for each, kind in kinds.items()
        ),
    )
    bulk.load(
        "version_contact",
        "version_id contact_id found_in channel token tier rule confidence",
        (
            (int(r.id), int(each), "field", "call", 1, tier, "bench", 0.9)
            for r in made.known
            for tier, held in (
                ("confirmed", (*r.phones, *r.handles)),
                ("candidate", r.weak_phones),
            )
            for each in held
        ),
    )


def _profiles(bulk: _Bulk, made: Corpus, linked: LinkedColumns) -> None:
    """Profiles, links and networks; each profile has had its first flag and an entry."""
    at, seal = bulk.time(made.at), bulk.vault.sealer
    owner = [advert_number(head) for head in linked.cluster.tolist()]
    heads = [advert_number(head) for head in np.unique(linked.cluster).tolist()]
    bulk.load("profile", "id created_at judged_to", ((each, at, at) for each in heads))
    bulk.load(
        "profile_advert",
        "advert_id profile_id probability joined_at",
        ((int(r.id), head, 1.0, at) for r, head in zip(made.known, owner, strict=True)),
    )
    seen = {
        (head, kind, value)
        for record, head in zip(made.known, owner, strict=True)
        for kind, values in (
            ("contact", (*record.phones, *record.weak_phones, *record.handles)),
            ("province", (record.province,) if record.province else ()),
        )
        for value in values
    }
    bulk.load("profile_seen", "profile_id kind value", sorted(seen))
    del seen
    scored = linked.scored
    bulk.load(
        "link",
        "advert_a advert_b probability alone evidence decided_at",
        (
            (advert_number(a), advert_number(b), *told, at)
            for a, b, *told in zip(
                scored.a.tolist(),
                scored.b.tolist(),
                scored.probability.tolist(),
                linked.alone.tolist(),
                letters(scored),
                strict=True,
            )
        ),
    )
    bound = np.flatnonzero(linked.network >= 0)
    pairs = {(int(linked.network[row]) + 1, owner[row]) for row in bound.tolist()}
    bulk.load("network", "id created_at", ((each, at) for each in sorted({n for n, _ in pairs})))
    bulk.load(
        "network_member", "network_id profile_id joined_at", ((*each, at) for each in sorted(pairs))
    )
    key = seal.keys.purpose("flag")
    bulk.load(
        "flag",
        "id profile_id kind raised_at proven doubtful probability reasons",
        (
            (each, each, "new", at, True, False, 1.0, seal.seal(key, "flag.reasons", each, "[]"))
            for each in heads
        ),
    )
    bulk.load("flag_advert", "flag_id place advert_id", ((each, 0, each) for each in heads))
    bulk.load(
        "entry",
        "number profile_id unit state state_at created_at first_profile",
        (
            (number, each, "u", "to_review", at, at, each)
            for number, each in enumerate(heads, start=1)
        ),
    )


def _month(record: LinkRecord) -> str:
    assert record.seen_to is not None
    return record.seen_to.strftime("%Y-%m")


def _content(record: LinkRecord) -> str:
    return canonical([record.title, record.text, record.nickname, {}])


def _site(record: LinkRecord) -> str:
    assert record.site is not None
    return record.site


def _url(record: LinkRecord, name: str) -> str:
    return f"https://{record.site}.invalid/{name}"


def _advert(record: LinkRecord, name: str, at: datetime) -> Advert:
    return Advert(
        *(_site(record), "italia", name, _url(record, name), at, 1, 1),
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


def add(store: Store, made: Corpus, at: datetime) -> None:
    """The new and the changed adverts as crawls store them."""
    waiting: dict[str, list[Advert]] = {}
    named = [(f"n{place}", each) for place, each in enumerate(made.new)]
    named += [(f"k{each.id}", each) for each in made.changed]
    for name, each in named:
        advert = replace(_advert(each, name, at), contacts=tuple(_contacts(each)))
        waiting.setdefault(_site(each), []).append(advert)
    for site, adverts in waiting.items():
        _crawled(store, site, adverts, at)


def _crawled(store: Store, site: str, adverts: Sequence[Advert], at: datetime) -> None:
    run = store.start_run(site, ["italia"], at, slot=None, pid=1, host="b")
    for start in range(0, len(adverts), 50):
        store.record(run, adverts[start : start + 50])
    done = PartitionOutcome("italia", PartitionVerdict.PARTIAL, cards=1, stored=1)
    store.finish_run(run, at, RunOutcome((done,)))
    if any(each.gate == "held" for each in store.last_runs(1)):
        store.decide_held(site, "released", at)


def _contacts(record: LinkRecord) -> Iterator[FoundContact]:
    for values, tier in ((record.phones, "confirmed"), (record.weak_phones, "candidate")):
        for value in values:
            yield FoundContact("phone", value, tier, "call", "field", value, "bench", 0.9, "mobile")  # type: ignore[arg-type]
    for value in record.handles:
        kind: ContactKind = "telegram"
        yield FoundContact(kind, value, "confirmed", "telegram", "field", value, "bench", 0.9, None)


def configured(folder: Path, url: str | None) -> Config:
    """A config folder in `folder`, its data beside it; `url` None is SQLite's own place."""
    place = folder / "config"
    place.mkdir(parents=True, exist_ok=True)
    line = f'database_url = "{url}"\n' if url else ""
    units = 'units = [{id = "u", name = "U", provinces = "*"}]'
    (place / "faro.toml").write_text(line + units, "utf-8")
    return load(place)


def prepare(folder: Path, url: str | None, made: Corpus) -> None:
    """A whole installation in `folder`, its adverts linked and `new` ones waiting."""
    config = configured(folder, url)
    with create_store(config, simulated=True, at=made.at) as store:
        fill(store, made)
        add(store, made, made.at + timedelta(hours=1))
    (folder / "at").write_text((made.at + timedelta(hours=2)).isoformat(), "utf-8")
