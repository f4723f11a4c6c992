"""Passes that look only at what changed find what a whole one finds; the index is made again."""

from __future__ import annotations

import multiprocessing
import os
import pkgutil
import random
import signal
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from town import CITIES, ORIGINS, START, Town, moment, shown, town

from config import load
from config.clock import Clock
from demo.corpus import corpus
from matching import index as files
from matching.beside import forked
from matching.columns import columns_of
from matching.intake import parts
from matching.link import link_columns
from matching.passes import PassSummary, match_store
from records.adverts import Advert
from records.contacts import ContactKind, FoundContact
from records.linking import LinkRecord
from records.passes import StoredLink
from records.verdicts import PartitionOutcome, PartitionVerdict, RunOutcome
from storage import Store, open_store

Partition = frozenset[frozenset[int]]


def contact(kind: ContactKind, value: str, tier: str) -> FoundContact:
    phone = kind == "phone"
    return FoundContact(
        kind,
        value,
        tier,  # type: ignore[arg-type]
        "call" if phone else "telegram",
        "field",
        value,
        "field",
        0.9,
        "mobile" if phone else None,
    )


def advert(record: LinkRecord) -> Advert:
    return Advert(
        site=record.site or "alfa",
        partition="veneto",
        ad_id=record.id,
        url=f"https://{record.site}.invalid/{record.id}",
        seen_at=record.seen_from or START,
        page=1,
        position=1,
        title=record.title,
        text=record.text,
        card=record.id,
        has_detail=True,
        nickname=record.nickname,
        age=record.age,
        price_cents=record.price_cents,
        city=record.city,
        province=record.province,
        language="it",
        contacts=(
            *(contact("phone", each, "confirmed") for each in record.phones),
            *(contact("phone", each, "candidate") for each in record.weak_phones),
            *(contact("telegram", each, "confirmed") for each in record.handles),
        ),
    )


def crowd(seed: int, count: int) -> list[LinkRecord]:
    """A corpus on two sites, with a busy switchboard, numbers that two or three names come to
    share, and a crowd of one name, age and town.
    """
    rng = random.Random(seed)
    made = []
    for record in corpus(count, seed=seed).records[:count]:
        record = replace(record, site=rng.choice(("alfa", "beta")))
        if rng.random() < 0.15:
            record = replace(record, phones=("+393111111111",))
        elif rng.random() < 0.3:
            record = replace(record, phones=(f"+39312222222{rng.randrange(9)}",))
        if rng.random() < 0.15:
            record = replace(record, nickname="Giulia", age=25, city="Padova", province="PD")
        made.append(record)
    return made


def store_and_match(
    store: Store, here: Town, records: Sequence[LinkRecord], day: float, *, whole: bool
) -> PassSummary:
    for site in ("alfa", "beta"):
        shown = [advert(each) for each in records if each.site == site]
        run = store.start_run(site, ["veneto"], moment(day), slot=None, pid=1, host="t")
        store.record(run, shown)
        verdict = PartitionVerdict.COMPLETE
        outcome = PartitionOutcome("veneto", verdict, cards=len(shown), stored=len(shown))
        store.finish_run(run, moment(day), RunOutcome((outcome,)))
        if any(each.gate == "held" for each in store.last_runs(1)):
            store.decide_held(site, "released", moment(day))
    return match_store(
        store,
        here.settings,
        ORIGINS,
        lambda _: "nave",
        moment(day + 0.1),
        UTC,
        full=whole,
        small=0,
        grown=99,
    )


def profiles(store: Store) -> Partition:
    found: dict[int, set[int]] = {}
    for each, joined in store.memberships().items():
        found.setdefault(joined.profile, set()).add(each)
    return frozenset(frozenset(each) for each in found.values())


def batch(store: Store) -> tuple[Partition, dict[tuple[int, int], StoredLink]]:
    """What linking everything at once, under the table of the index, makes of the same adverts:
    profiles, and links.
    """
    index = files.opened(store)
    assert index is not None
    table = columns_of(list(parts(store.link_records())), index.rarity)
    linked = link_columns(table)
    ids = [int(each) for each in table.ids]
    found: dict[int, set[int]] = {}
    for name, label in zip(ids, linked.cluster.tolist(), strict=True):
        found.setdefault(label, set()).add(name)
    ends = zip(linked.scored.a.tolist(), linked.scored.b.tolist(), strict=True)
    pairs = [(min(ids[a], ids[b]), max(ids[a], ids[b])) for a, b in ends]
    told = map(StoredLink, linked.alone.tolist(), linked.scored.probability.tolist())
    links = dict(zip(pairs, told, strict=True))
    return frozenset(frozenset(each) for each in found.values()), links


CROWD = crowd(7, 260)


@settings(
    max_examples=4,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    order=st.randoms(use_true_random=False),
    first=st.integers(60, 160),
    sizes=st.lists(st.integers(1, 60), min_size=1, max_size=4),
    edited=st.sampled_from((0, 0, 5)),
)
def test_any_order_and_any_passes_give_the_profiles_of_one(
    tmp_path_factory: pytest.TempPathFactory,
    order: random.Random,
    first: int,
    sizes: list[int],
    edited: int,
) -> None:
    records = order.sample(CROWD, len(CROWD))
    with town(tmp_path_factory.mktemp("any")) as here:
        store_and_match(here.store, here, records[:first], 0, whole=True)
        place = first
        for number, size in enumerate(sizes, start=1):
            some = records[place : place + size]
            for other in order.sample(records[:place], edited):
                words = order.choice(CROWD).text
                some.append(replace(other, text=f"{words} {number}", nickname="Zoe"))
            summary = store_and_match(here.store, here, some, number, whole=False)
            place += size
            assert not summary.whole
        together, links = batch(here.store)
        stored = here.store.links()
        # Only what somebody said before may tie her beyond what a linking of everything finds.
        before = here.store.edited_adverts()
        extra = {pair for pair in stored.keys() - links.keys() if before.isdisjoint(pair)}
        assert not extra
        assert {pair: stored[pair].alone for pair in links} == {
            pair: link.alone for pair, link in links.items()
        }
        if not edited:
            assert stored == links
            assert profiles(here.store) == together


GIULIA = shown("a1")
MARTA = shown("a2", number="+393125566778", name="Marta", text="un libro al mare la sera tardi")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path) as made:
        yield made


def small_pass(place: Town, day: float, **how: object) -> PassSummary:
    """A pass that goes through the index although the town is small."""
    return match_store(
        place.store,
        place.settings,
        ORIGINS,
        lambda _: "nave",
        moment(day + 0.1),
        UTC,
        province_name=lambda code: CITIES.get(code, code),
        small=0,
        grown=99,
        **how,  # type: ignore[arg-type]
    )


def test_a_new_table_is_told_apart_from_what_came(place: Town) -> None:
    place.crawl(0, [GIULIA, MARTA])
    small_pass(place, 0)
    place.crawl(1, [GIULIA, MARTA, shown("b1", site="beta")])
    summary = small_pass(place, 1, full=True)
    assert (summary.whole, summary.adverts, summary.moved, summary.known) == (True, 3, 0, 2)
    assert "0 of 2 known profiles changed (0.00%)" in summary.sentence()
    status = place.store.status()
    assert (status.relinked, status.moved, status.relinked_profiles) == (moment(1.1), 0, 2)


def index_files(place: Town) -> list[Path]:
    return sorted((place.store._vault.folder / "index").iterdir())


def test_what_the_index_says_is_followed_by_the_next_pass(place: Town) -> None:
    place.crawl(0, [GIULIA, MARTA])
    assert small_pass(place, 0).whole
    place.crawl(1, [GIULIA, MARTA, shown("b1", site="beta")])
    summary = small_pass(place, 1)
    assert (summary.whole, summary.adverts, summary.made) == (False, 1, 0)
    assert len(profiles(place.store)) == 2
    found = files.opened(place.store)
    assert found
    assert len(found) == 3


@pytest.mark.parametrize("harm", ["missing list", "missing shard", "torn", "of another", "format"])
def test_an_index_that_is_not_whole_is_made_again(place: Town, harm: str) -> None:
    place.crawl(0, [GIULIA, MARTA])
    small_pass(place, 0)
    listed = next(path for path in index_files(place) if path.name == "list")
    shard = next(path for path in index_files(place) if path.name.startswith("2026-"))
    if harm == "missing list":
        listed.unlink()
    elif harm == "missing shard":
        shard.unlink()
    elif harm == "torn":
        shard.write_bytes(shard.read_bytes()[:-9])
    elif harm == "of another":
        shard.write_bytes(listed.read_bytes())
    else:
        listed.write_bytes(b"x")
    listless = harm in {"missing list", "format"}
    assert (files.opened(place.store) is None) == listless
    place.crawl(1, [GIULIA, MARTA, shown("b1", site="beta")])
    assert small_pass(place, 1).whole == listless
    assert len(profiles(place.store)) == 2
    found = files.opened(place.store)
    assert found
    assert len(found) == 3


def test_a_pass_killed_before_its_index_was_written_is_caught_up_with(place: Town) -> None:
    place.crawl(0, [GIULIA, MARTA])
    small_pass(place, 0)
    before = {path: path.read_bytes() for path in index_files(place)}
    place.crawl(1, [GIULIA, MARTA, shown("b1", site="beta")])
    small_pass(place, 1)
    for path in index_files(place):
        path.unlink()
    for path, content in before.items():
        path.write_bytes(content)
    (place.store._vault.folder / "index" / ".draft.0a").write_bytes(b"half")
    place.crawl(2, [GIULIA, MARTA, shown("b1", site="beta"), shown("b2", site="beta")])
    summary = small_pass(place, 2)
    assert (summary.whole, summary.made) == (False, 0)
    assert len(profiles(place.store)) == 2
    assert not list((place.store._vault.folder / "index").glob(".*"))


Told = list[tuple[str, list[str]]]


def shared_or_not(folder: Path, beside: int | None) -> tuple[list[PassSummary], Told]:
    """Three days of the crowd, with what was edited on the last, and the flags by their texts."""
    folder.mkdir()
    with town(folder) as here:
        passes = []
        for day, (first, last) in enumerate(((0, 50), (50, 80), (75, 110))):
            records = [replace(each, text=f"{each.text} {day}") for each in CROWD[first:last]]
            for site in ("alfa", "beta"):
                shown_there = [advert(each) for each in records if each.site == site]
                run = here.store.start_run(
                    site, ["veneto"], moment(day), slot=None, pid=1, host="t"
                )
                here.store.record(run, shown_there)
                verdict = PartitionVerdict.PARTIAL
                outcome = PartitionOutcome("veneto", verdict, cards=1, stored=1)
                here.store.finish_run(run, moment(day), RunOutcome((outcome,)))
                if any(each.gate == "held" for each in here.store.last_runs(1)):
                    here.store.decide_held(site, "released", moment(day))
            passes.append(small_pass(here, day, beside=beside))
        named = {int(each.id): each.text for each in here.store.link_records()}
        told = [
            (each.kind.value, sorted(named[advert] for advert in each.adverts))
            for each in here.flags()
        ]
        return passes, sorted(told)


def test_two_processes_judge_as_one_does_also_when_one_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = shared_or_not(tmp_path / "alone", None)
    assert shared_or_not(tmp_path / "shared", 1) == alone
    assert "new_number" in {kind for kind, _ in alone[1]}
    monkeypatch.setattr("matching.beside._send", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    assert shared_or_not(tmp_path / "died", 1) == alone


def test_what_a_killed_helper_was_to_do_is_known_as_not_done() -> None:
    with forked(lambda: os.kill(os.getpid(), signal.SIGKILL)) as result:
        assert result() is None
    with forked(lambda: [1, "due"]) as result:
        assert result() == [1, "due"]


ANNA = shown("a3", number="+393137788990", name="Anna", text="cucino piano e leggo ad alta voce")


def _dies(folder: Path, where: str) -> None:
    """A pass of another process, killed where it calls `where`."""
    module, _, name = where.rpartition(".")
    owner = pkgutil.resolve_name(module)
    setattr(owner, name, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    with open_store(load(folder), Clock(moment(1.1))) as store:
        match_store(store, load(folder).matching, ORIGINS, str, moment(1.1), UTC, small=0)


@pytest.mark.parametrize(
    "where",
    ["storage.passes._Pass._audit", "matching.index.added", "matching.index._listed"],
    ids=["before it is saved", "before its index is written", "before that is listed"],
)
def test_a_pass_killed_anywhere_loses_nothing_and_tells_nothing_twice(
    place: Town, tmp_path: Path, where: str
) -> None:
    place.crawl(0, [GIULIA, MARTA])
    small_pass(place, 0)
    seen = [GIULIA, MARTA, ANNA, shown("b1", site="beta")]
    place.crawl(1, seen)
    child = multiprocessing.get_context("fork").Process(
        target=_dies, args=(tmp_path / "config", where)
    )
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    place.crawl(2, [*seen, shown("b2", site="beta")])
    assert not small_pass(place, 2).whole
    assert profiles(place.store) == batch(place.store)[0]
    assert sorted(map(len, profiles(place.store))) == [1, 1, 3]
    assert [kind for kind, _ in place.told()] == ["new"]
    found = files.opened(place.store)
    assert found
    assert {each for shard in found.shards.values() for each in shard.advert.tolist()} == set(
        place.store.memberships()
    )


def test_an_index_of_a_pass_that_the_database_never_had_is_foreign(place: Town) -> None:
    place.crawl(0, [GIULIA])
    small_pass(place, 0)
    found = files.opened(place.store)
    assert found
    files.added(place.store, found, files.read_shard(place.store, [], found.rarity), 12345)
    assert files.opened(place.store) is None


def test_the_index_forgets_with_the_month_and_holds_no_word(place: Town) -> None:
    place.crawl(0, [GIULIA, MARTA])
    small_pass(place, 0)
    for path in index_files(place):
        content = path.read_bytes()
        assert b"silenzio" not in content
        assert b"Giulia" not in content
        assert path.stat().st_mode & 0o077 == 0
    assert place.store.forget_index("2026-03") == 1
    assert [path.name for path in index_files(place)] == ["list", "rarity"]
    assert place.store.forget_index("2026-03") == 0
    # Whoever is still in the database is found again by what there is left of her.
    place.crawl(1, [GIULIA, MARTA, shown("b1", site="beta")])
    assert not small_pass(place, 1).whole
    assert len(profiles(place.store)) == 2


def test_many_small_passes_do_not_leave_many_files(place: Town) -> None:
    seen = [GIULIA, MARTA]
    place.crawl(0, seen)
    small_pass(place, 0)
    for day in range(1, 14):
        seen.append(shown(f"b{day}", site="beta", age=28 + day % 2))
        place.crawl(day, seen)
        assert not small_pass(place, day).whole
    found = files.opened(place.store)
    assert found
    assert len(found.shards) <= files.MOST_SHARDS + 1
    assert profiles(place.store) == batch(place.store)[0]
