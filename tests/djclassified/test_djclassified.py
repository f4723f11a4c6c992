"""A site that nobody here wrote: 2,000 adverts of django-classified against their known truth."""

import json
import os
import re
import socket
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import phonenumbers
import pytest

from config import load
from config.clock import Clock
from crawlers.process import crawl_many
from storage import create_store, open_store

HERE = Path(__file__).parent
FIRST_DAY = datetime(2026, 11, 23, 6, tzinfo=UTC)
ADVERTS = 2000


class Engine:
    """The engine on a free loopback port, with its data and truth in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.environ = {**os.environ, "SITE_DATA": str(folder), "PYTHONPATH": str(HERE / "site")}
        self.seed("--count", str(ADVERTS))
        # The server inherits a listening socket: no port can be lost in between.
        with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
            self.port = listening.getsockname()[1]
            words = "gunicorn -w 2 --threads 2 --log-level warning wsgi:application".split()
            self.server = subprocess.Popen(
                [sys.executable, "-m", *words, "-b", f"fd://{listening.fileno()}"],
                cwd=HERE / "site",
                env={**self.environ, "DJANGO_SETTINGS_MODULE": "site_settings"},
                pass_fds=[listening.fileno()],
            )

    def seed(self, *words):
        subprocess.run(
            [sys.executable, HERE / "site" / "seed.py", *words],
            cwd=HERE / "site",
            env=self.environ,
            check=True,
        )

    @property
    def truth(self):
        return json.loads((self.folder / "truth.json").read_text())

    def close(self):
        self.server.terminate()
        self.server.wait(20)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    started = Engine(tmp_path_factory.mktemp("engine"))
    yield started
    started.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory, engine):
    made = tmp_path_factory.mktemp("faro") / "config"
    (made / "sites").mkdir(parents=True)
    (made / "faro.toml").write_text('data_dir = "./var"\n')
    text = (HERE / "djclassified.toml").read_text().replace("PORT", str(engine.port))
    (made / "sites" / "djclassified.toml").write_text(text)
    create_store(load(made), simulated=True, at=FIRST_DAY).close()
    return made


def crawled(folder, day):
    """Crawl on a simulated day, and everything that is stored then, by id."""
    config, clock = load(folder), Clock(FIRST_DAY + timedelta(days=day))
    [result] = crawl_many(config, ["djclassified"], clock, concurrency=1)
    assert result.complete, result.sentence()
    with open_store(config, clock) as store:
        return result, {each.ad_id: each for each in store.current_adverts("djclassified")}


def squeezed(text):
    return " ".join(text.split())


def shows(stored, text):
    """Whether a redacted text is the text: what stands between its tokens, token by number."""
    pieces = re.split(r"⟦tel:\d+⟧", squeezed(stored))
    pattern = r"[\w+/. -]{7,70}".join(re.escape(piece) for piece in pieces)
    return re.fullmatch(pattern, squeezed(text)) is not None


def valid_phones(numbers):
    return {each for each in numbers if phonenumbers.is_valid_number(phonenumbers.parse(each))}


def advert_id(path):
    return path.split("-")[0].lstrip("/")


@dataclass
class Day:
    """One crawl: its result, everything stored after it by id, and the engine's truth then."""

    result: object
    adverts: dict
    truth: dict


@pytest.fixture(scope="module")
def days(engine, folder):
    """Three days, the engine changed between them, in whatever order the tests ask."""
    crawls = [Day(*crawled(folder, day=0), engine.truth)]
    for step in (1, 2):
        engine.seed("--step", str(step))
        crawls.append(Day(*crawled(folder, day=step), engine.truth))
    return crawls


def test_all_adverts_are_read_as_they_are(days):
    result, adverts = days[0].result, days[0].adverts
    assert len(result.partitions) == 12
    rows = {str(row["id"] + 1): row for row in days[0].truth["rows"]}
    assert len(rows) == ADVERTS
    assert adverts.keys() == rows.keys()
    wrong = []
    for ad_id, row in rows.items():
        advert = adverts[ad_id]
        found = {each.value for each in advert.contacts if each.kind == "phone"}
        for name, read, true in (
            ("title", advert.title, squeezed(row["title"])),
            ("price", (advert.price_cents, advert.currency), (row["price"] * 100, "EUR")),
            ("text", shows(advert.text, row["text"]), True),
            ("area", advert.city, row["area"]),
            ("group", advert.category, row["group"]),
            ("phones", valid_phones(found), valid_phones(row["phones"])),
        ):
            if read != true:
                wrong.append((ad_id, name, read, true))
    assert wrong == []


@pytest.mark.parametrize("step", [1, 2])
def test_exactly_what_changed_is_found(days, step):
    """Every page's bytes differ at each fetch, dates are relative, slugs are not checked."""
    before, result, after = days[step - 1].adverts, days[step].result, days[step].adverts
    log = days[step].truth["steps"][-1]
    removed = {advert_id(path) for path in log["removed"]}
    assert {ad_id for part in result.partitions for ad_id in part.gone} == removed
    gone = {ad_id for ad_id, each in after.items() if each.state == "absent"}
    assert gone - {ad_id for ad_id, each in before.items() if each.state == "absent"} == removed
    assert {each.state for each in after.values()} == {"active", "absent"}
    changed = {ad_id for ad_id, each in after.items() if each.versions > before[ad_id].versions}
    repriced = {ad_id for ad_id in changed if after[ad_id].price_cents != before[ad_id].price_cents}
    reworded = {ad_id for ad_id in changed if after[ad_id].text != before[ad_id].text}
    assert repriced == {advert_id(path) for path in log["repriced"]}
    assert reworded == {advert_id(path) for path in log["retexted"]}
    assert changed == repriced | reworded
