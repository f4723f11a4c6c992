"""Backups: complete, without keys, rotated; and put back only where nothing is lost by it."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from stage import START, advert, card, crawl, day, phone, states

from config import Config
from config.clock import Clock
from config.models import Retention
from storage import StorageError, Store, open_store, restore_backup
from storage.tables import advert as advert_table
from storage.tables import partition_run, presence, site_run, version, version_contact

NUMBER = "+393114455667"


def use(store: Store, at: datetime = START) -> None:
    crawl(store, at, [advert("a", at, title="Lunadimiele", contacts=[phone(NUMBER)]), "b"])


def emptied(store: Store, config: Config) -> None:
    """The machine burnt down; keys and backups were put back."""
    if store._vault.database.sqlite:
        store.close()
        Path(store.location).unlink()
        return
    with store._vault.writing() as connection:
        for table in (presence, version_contact, version, advert_table, partition_run, site_run):
            connection.execute(table.delete())
    store.close()


def test_a_backup_brings_everything_back(store: Store, config: Config) -> None:
    use(store)
    made = store.backup(day(1))
    assert made.name.startswith("faro-20260302T060000Z.")
    assert made.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in made.parent.iterdir()] == [made.name]
    content = made.read_bytes()
    assert b"Lunadimiele" not in content
    assert NUMBER[3:].encode() not in content
    with pytest.raises(StorageError, match="holds data, and a backup would replace it"):
        restore_backup(config, made, Clock(day(2)))
    emptied(store, config)
    assert restore_backup(config, made, Clock(day(2))) == 0
    with open_store(config, Clock(day(2))) as back:
        assert states(back) == {"a": "active", "b": "active"}
        assert next(back.current_adverts("bakeca")).contacts[0].value == NUMBER
        assert back.verify_audit() is None
        crawl(back, day(2), [card("a", day(2))])


def test_what_was_purged_since_stays_forgotten(store: Store, config: Config) -> None:
    use(store)
    made = store.backup(day(1))
    store.purge(Retention(), day(91))
    emptied(store, config)
    assert restore_backup(config, made, Clock(day(92))) == 2
    with open_store(config, Clock(day(92))) as back:
        assert [each.title for each in back.current_adverts("bakeca")] == ["", ""]
        assert back.known_adverts("bakeca")["a"].detail_at is None


def test_backups_are_taken_while_others_write_and_the_newest_stay(
    store: Store, tmp_path: Path
) -> None:
    with store.transaction():  # a crawl in the middle of a page
        pass
    mine = tmp_path / "mine.txt"
    for number in range(4):
        made = store.backup(day(number), keep=2)
        mine = made.parent / "mine.txt"
        mine.touch()
    assert sorted(path.name for path in mine.parent.iterdir()) == [
        "faro-20260303T060000Z" + made.suffix,
        "faro-20260304T060000Z" + made.suffix,
        "mine.txt",
    ]
    elsewhere = tmp_path / "elsewhere" / "x.backup"
    with pytest.raises(StorageError, match=r"x\.backup: cannot be written \(no such file"):
        store.backup(day(5), elsewhere)


def test_other_keys_and_other_files_are_refused(
    store: Store, config: Config, tmp_path: Path
) -> None:
    use(store)
    made = store.backup(day(1))
    emptied(store, config)
    odd = tmp_path / "odd"
    odd.write_bytes(b"no backup" * 1000)
    for path, told in ((odd, "not a backup of Faro"), (tmp_path / "none", "no such file")):
        with pytest.raises(StorageError, match=told):
            restore_backup(config, path, Clock(day(2)))
    kept = tmp_path / "kept"
    shutil.copytree(config.keys.folder, kept)
    (config.keys.folder / "audit.1.key").unlink()
    with pytest.raises(StorageError, match=r"audit\.1\.key: missing"):
        restore_backup(config, made, Clock(day(2)))
    shutil.copytree(kept, config.keys.folder, dirs_exist_ok=True)
    assert restore_backup(config, made, Clock(day(2))) == 0


@contextmanager
def room(bytes_: int) -> Iterator[None]:
    """No file of this process may grow beyond so much: the nearest to a full disk without root."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_no_room_is_one_line_and_leaves_nothing_half_written(
    store: Store, reopen: Callable[[datetime], Store]
) -> None:
    if not store._vault.database.sqlite:
        return  # the server writes, and it has its own limits
    use(store)
    store.backup(day(1))
    size = Path(store.location).stat().st_size
    with room(size // 2), pytest.raises(StorageError, match=r"cannot be written|make room") as said:
        store.backup(day(2))
    assert "\n" not in str(said.value)
    folder = Path(store.location).parent / "backups"
    assert [path.name for path in folder.iterdir()] == ["faro-20260302T060000Z.db"]
    with reopen(day(2)) as other:
        assert other.verify_audit() is None
