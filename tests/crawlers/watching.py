"""The folder that watches the notice board, and crawls of it on simulated days."""

import shutil
from datetime import UTC, datetime, timedelta

from noticeboard import site_file

from config import load
from config.clock import Clock
from crawlers.process import crawl_many
from storage import create_store, open_store

FIRST_DAY = datetime(2026, 3, 2, 6, tzinfo=UTC)


class Watch:
    """A config folder that watches the board, and its database."""

    def __init__(self, root, board, like=None):
        """`like`: a copy of what another one holds, whose board must be the same one."""
        self.folder = root / "config"
        self.board = board
        if like is not None:
            shutil.copytree(like.folder.parent, root, dirs_exist_ok=True)
            return
        (self.folder / "sites").mkdir(parents=True)
        (self.folder / "faro.toml").write_text('data_dir = "./var"\n')
        self.describe()
        with create_store(load(self.folder), simulated=True, at=self.at(0)):
            pass

    def describe(self, **site):
        """(Re)write the board's site file."""
        (self.folder / "sites" / "board.toml").write_text(site_file(self.board, **site))

    def tune(self, **crawler):
        """Set keys of faro.toml's [crawler]."""
        keys = "".join(f"{name} = {value}\n" for name, value in crawler.items())
        (self.folder / "faro.toml").write_text(f'data_dir = "./var"\n[crawler]\n{keys}')

    @property
    def config(self):
        return load(self.folder)

    def at(self, day):
        return FIRST_DAY + timedelta(days=day)

    def clock(self, day):
        return Clock(self.at(day))

    def crawl(self, day=0, **options):
        """Crawl the board on a simulated day."""
        self.board.requests.clear()
        [result] = crawl_many(self.config, ["board"], self.clock(day), concurrency=1, **options)
        return result

    def verdicts(self, day=0):
        """Crawl, and the verdicts by partition."""
        return {part.partition: str(part.verdict) for part in self.crawl(day).partitions}

    def store(self, day=0):
        return open_store(self.config, self.clock(day))

    def states(self, day=0):
        """The state of every stored advert by its id."""
        with self.store(day) as store:
            return {each.ad_id: each.state for each in store.current_adverts("board")}

    def pending(self, day=0):
        """How many adverts wait for a matching pass."""
        with self.store(day) as store:
            return len(store.pending_adverts(self.at(day)))

    def stats(self, day=0):
        """The counters of the last run."""
        with self.store(day) as store:
            return store.last_runs(1)[0].stats

    def adverts(self, day=0):
        with self.store(day) as store:
            return {each.ad_id: each for each in store.current_adverts("board")}
