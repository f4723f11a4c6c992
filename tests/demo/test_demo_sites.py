"""The simulated sites: their markup, what changes by itself, and what their site files find."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from config import Config, load
from config.clock import Clock
from crawlers.browser import find_chromium
from crawlers.process import crawl_many
from demo.folder import prepare, write_config
from demo.incidents import Incidents, usual_incidents
from demo.sites import SiteServers
from demo.town import ALL_SITES, Showing, Town
from pipelines.text import clean_title
from records.stored import StoredAdvert
from storage import create_store, open_store

START = date(2026, 1, 5)
TOWN = Town(11, 160, 12, START)
BLOCKED_DAY, DRIFT_DAY = 8, 10
INCIDENTS = Incidents(
    blocks={"lanterna": frozenset({BLOCKED_DAY})},
    drifts={("piazzetta", "padova"): frozenset({DRIFT_DAY})},
)
LISTS = {
    "piazzetta": "/annunci/padova",
    "lanterna": "/incontri/veneto",
    "girandola": "/cerca?zona=est",
    "specchio": "/tutti",
}


@pytest.fixture(scope="module")
def servers() -> Iterator[SiteServers]:
    with SiteServers(TOWN, INCIDENTS) as running:
        yield running


def fetch(servers: SiteServers, site: str, path: str) -> tuple[int, str, str]:
    address = f"http://127.0.0.1:{servers.ports[site]}{path}"
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status, answer.url, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, address, refusal.read().decode()


def gone_by(number: int, site: str) -> str:
    """The id of an advert of day 0 that is no longer there."""
    now = {each.ad_id for each in TOWN.on(TOWN.day(number))[site]}
    return next(each.ad_id for each in TOWN.on(START)[site] if each.ad_id not in now)


@pytest.mark.parametrize("site", ALL_SITES)
def test_robots_may_read(servers: SiteServers, site: str) -> None:
    servers.show(START)
    status, _, text = fetch(servers, site, "/robots.txt")
    assert (status, text) == (200, "User-agent: *\nAllow: /\n")


@pytest.mark.parametrize("site", ALL_SITES)
def test_no_two_answers_are_the_same_to_the_byte(servers: SiteServers, site: str) -> None:
    servers.show(START)
    assert fetch(servers, site, LISTS[site])[2] != fetch(servers, site, LISTS[site])[2]


@pytest.mark.parametrize(
    ("site", "address"),
    [
        ("piazzetta", "/annuncio/{}-x"),
        ("girandola", "/annuncio/{}"),
        ("specchio", "/annunci/{}.html"),
    ],
)
def test_a_removed_advert_is_not_found(servers: SiteServers, site: str, address: str) -> None:
    ad_id = gone_by(11, site)
    servers.show(START)
    assert fetch(servers, site, address.format(ad_id))[0] == 200
    servers.show(TOWN.day(11))
    assert fetch(servers, site, address.format(ad_id))[0] == 404


def test_lanterna_sends_visitors_of_a_removed_advert_to_its_list(servers: SiteServers) -> None:
    ad_id = gone_by(11, "lanterna")
    servers.show(TOWN.day(11))
    status, landed, _ = fetch(servers, "lanterna", f"/v/{ad_id}/titolo")
    assert (status, landed.partition("?")[0][-16:]) == (200, "/incontri/veneto")


def test_a_site_refuses_on_its_day_and_only_then(servers: SiteServers) -> None:
    for number in (BLOCKED_DAY - 1, BLOCKED_DAY, BLOCKED_DAY + 1):
        servers.show(TOWN.day(number))
        expected = 403 if number == BLOCKED_DAY else 200
        assert fetch(servers, "lanterna", LISTS["lanterna"])[0] == expected
        assert fetch(servers, "piazzetta", LISTS["piazzetta"])[0] == 200


def test_girandola_shows_nothing_without_a_browser(servers: SiteServers) -> None:
    servers.show(START)
    page = fetch(servers, "girandola", LISTS["girandola"])[2]
    assert not [each for each in TOWN.on(START)["girandola"] if each.ad_id in page]


def test_days_have_their_usual_trouble() -> None:
    usual = usual_incidents(30)
    assert sum(usual.blocked("lanterna", day) for day in range(30)) == 2
    assert usual.drifted("piazzetta", 29) == {"rovigo"}
    assert not usual.blocked("lanterna", 29), "the last report must not end in a blocked day"


# What the site files find, by crawling for real.


def crawled(tmp_path: Path, servers: SiteServers, site: str, days: tuple[int, ...]) -> Config:
    folder = prepare(tmp_path)
    write_config(folder, servers.ports, left_out=())
    config = load(folder.config)
    create_store(config, simulated=True, at=at(0)).close()
    for number in days:
        servers.show(TOWN.day(number))
        (result,) = crawl_many(config, [site], Clock(at(number)))
        assert result.complete, result.sentence()
    return config


def at(number: int) -> datetime:
    return datetime.combine(TOWN.day(number), time(5, 30, tzinfo=UTC))


def stored(config: Config, site: str, number: int) -> dict[str, StoredAdvert]:
    with open_store(config, Clock(at(number))) as store:
        return {each.ad_id: each for each in store.current_adverts(site) if each.state == "active"}


def differences(showing: Showing, found: StoredAdvert) -> list[str]:
    wrong = []
    numbers = {each.value for each in found.contacts if each.kind == "phone"}
    if numbers != showing.numbers:
        wrong.append(f"numbers {sorted(numbers)} for {sorted(showing.numbers)}")
    if clean_title(showing.title) != found.title:
        wrong.append(f"title {found.title!r} for {showing.title!r}")
    if (found.city, found.province) != (showing.place.city, showing.place.province):
        wrong.append(f"place {found.city} ({found.province}) for {showing.place}")
    if (
        showing.site != "specchio"
        and str(showing.name).strip("★ ❤").lower() != str(found.nickname).strip("★ ❤").lower()
    ):
        wrong.append(f"name {found.nickname!r} for {showing.name!r}")
    euros = "".join(each for each in showing.price or "" if each.isdecimal())
    if euros and found.price_cents != int(euros) * 100:
        wrong.append(f"price {found.price_cents} for {showing.price!r}")
    if showing.age is not None and found.age != showing.age:
        wrong.append(f"age {found.age} for {showing.age}")
    return wrong


@pytest.mark.parametrize("site", ["piazzetta", "lanterna", "specchio", "girandola"])
def test_a_site_file_finds_every_advert_whole(
    tmp_path: Path, servers: SiteServers, site: str
) -> None:
    servers.show(START)
    if site == "girandola":
        write_config(prepare(tmp_path), servers.ports, left_out=())
        if find_chromium(load(tmp_path / "config")) is None:
            pytest.skip("no browser here")
    found = stored(crawled(tmp_path, servers, site, (0,)), site, 0)
    shown = {each.ad_id: each for each in TOWN.on(START)[site]}
    assert found.keys() == shown.keys()
    wrong = {
        key: differ for key, each in shown.items() if (differ := differences(each, found[key]))
    }
    # A number written in an odd way may be beyond its reader; everything else must be right.
    beyond = [key for key, differ in wrong.items() if all("numbers" in line for line in differ)]
    assert len(beyond) <= len(shown) * 0.03
    assert not {key: differ for key, differ in wrong.items() if key not in beyond}


def test_what_changes_by_itself_makes_no_version(tmp_path: Path, servers: SiteServers) -> None:
    config = crawled(tmp_path, servers, "piazzetta", (0, 1))
    found = stored(config, "piazzetta", 1)
    unchanged = [
        advert.ad_id
        for advert in TOWN.adverts
        if advert.plan.site == "piazzetta"
        and advert.plan.visible(0)
        and advert.plan.visible(1)
        and not [each for each in advert.plan.contents if each.since == 1]
    ]
    assert len(unchanged) > 10
    assert {found[ad_id].versions for ad_id in unchanged} == {1}


def test_a_changed_layout_is_drift(tmp_path: Path, servers: SiteServers) -> None:
    config = crawled(tmp_path, servers, "piazzetta", (DRIFT_DAY - 1,))
    servers.show(TOWN.day(DRIFT_DAY))
    (result,) = crawl_many(config, ["piazzetta"], Clock(at(DRIFT_DAY)))
    verdicts = {each.partition: str(each.verdict) for each in result.partitions}
    assert verdicts.pop("padova") == "drift"
    assert set(verdicts.values()) == {"complete"}
