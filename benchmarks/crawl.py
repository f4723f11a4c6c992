"""Pages a second of a Faro crawl against a bare Scrapy spider: `python -m benchmarks.crawl`.

Both read the same site of list and detail pages of 30 kB from one local server, without delay, with
as many requests at once, and take the same 12 fields; each crawl is a child of the same warm fork
server. Faro does all that it does: verdicts, normalising, phones, encrypted storage of new adverts
to SQLite in one transaction a page. In each round the two take turns, for the ratio by the clock,
and then run at once on one core, for the ratio by their own processor time: whatever else the
machine does slows both alike. Printed are the medians. `--profile FILE` writes a profile of one
Faro crawl instead.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from config import load
from config.clock import Clock

CARDS = 20
PAGE_BYTES = 30_000
START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
_CITIES = {"Treviso": "TV", "Padova": "PD", "Verona": "VR", "Vicenza": "VI", "Rovigo": "RO"}
_WORDS = (
    "sono appena arrivata in zona e ricevo su appuntamento in ambiente riservato e pulito",
    "massaggi rilassanti con olio caldo, senza fretta, anche la domenica e nei giorni festivi",
    "solo persone educate e puntuali, niente messaggi di notte, rispondo quando posso",
    "vicino alla stazione, parcheggio comodo, primo piano, citofono senza nome",
)

SITE = """
name = "Bench"
enabled = true
[legal]
allow_loopback = true
[politeness]
delay_s = 0.0
max_minutes = 30
[list]
page_marker = 'css:ul.results'
card = 'css:ul.results > li.ad'
next = 'css:a[rel=next]::attr(href)'
start = [{{id = "all", url = "{url}/list/1"}}]
[list.fields]
id = 'css:::attr(data-id)'
url = 'css:a.title::attr(href)'
title = 'css:a.title'
price = 'css:span.price'
city = 'css:span.city'
posted = 'css:time::attr(datetime)'
[detail]
when = "new"
marker = 'css:h1.name'
[detail.fields]
body = {{select = 'css:div.body', html = true}}
phone = {{select = 'css:a.tel::attr(href)', many = true}}
nickname = 'css:h1.name'
age = 'css:dd.age'
category = 'css:dd.category'
province = 'css:dd.province'
"""


def _padded(content: str) -> bytes:
    """A page of PAGE_BYTES, its rest a menu and scripts as pages have them."""
    link = '<li class="menu"><a href="/x/{0}" title="voce {0}"><span>Voce {0}</span></a></li>'
    menu = ""
    rest = PAGE_BYTES - len(content) - 400
    while len(menu) < rest // 2:
        menu += link.format(len(menu))
    script = "<script>" + "var a = {b: [1, 2, 3]};" * (max(0, rest - len(menu)) // 23) + "</script>"
    return (
        f"<!doctype html><html><head><title>Bench</title>{script}</head><body><ul>{menu}</ul>"
        f"{content}</body></html>"
    ).encode()


def _list_page(page: int, pages: int) -> bytes:
    first = (page - 1) * CARDS
    cards = "".join(
        f'<li class="ad" data-id="{number}"><a class="title" href="/ad/{number}">'
        f"Annuncio {_WORDS[number % 4][:30]} {'abcdefghij'[number % 10]}</a>"
        f'<span class="price">€ {50 + number % 20 * 10}</span><span class="city">'
        f"{[*_CITIES][number % 5]}</span>"
        f'<time datetime="2026-03-0{1 + number % 2}">ieri</time></li>'
        for number in range(first, first + CARDS)
    )
    following = f'<a rel="next" href="/list/{page + 1}">Avanti</a>' if page < pages else ""
    return _padded(f'<ul class="results">{cards}</ul>{following}')


def _detail_page(number: int) -> bytes:
    phone = f"31{1 + number % 8}{number % 10_000:04d}{number % 10}{number % 10}{number % 10}"
    body = ". ".join(_WORDS[(number + each) % 4] for each in range(6))
    return _padded(
        f'<h1 class="name">Giulia {"abcdefghij"[number % 10]}</h1><div class="body"><p>Ciao, '
        f"{body}.</p><p>Chiamami al {phone[:3]} {phone[3:6]} {phone[6:]}</p></div>"
        f'<a class="tel" href="tel:+39{phone}">Chiama</a><dl>'
        f'<dd class="age">{20 + number % 20}</dd>'
        '<dd class="category">Incontri</dd><dd class="province">'
        f"{[*_CITIES.values()][number % 5]}</dd></dl>"
    )


def _serve(connection: Connection, pages: int) -> None:
    """Answer from memory: the server must not be what is measured."""
    answers = {b"/list/%d" % page: _list_page(page, pages) for page in range(1, pages + 1)}
    answers |= {b"/ad/%d" % number: _detail_page(number) for number in range(pages * CARDS)}
    head = b"HTTP/1.1 %d OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n"

    class Site(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport: Any = transport
            self.received = b""

        def data_received(self, data: bytes) -> None:
            self.received += data
            while b"\r\n\r\n" in self.received:
                request, _, self.received = self.received.partition(b"\r\n\r\n")
                page = answers.get(request.split(b" ", 2)[1])
                body = page or b""
                self.transport.write(head % (200 if page else 404, len(body)) + body)

    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(Site, "127.0.0.1", 0)
        connection.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


def _faro(folder: str, profile: str | None) -> int:
    from crawlers.run import crawl

    config = load(Path(folder))
    profiler = cProfile.Profile(time.process_time) if profile else None
    if profiler:
        profiler.enable()
    _, outcome = crawl(config, config.sites["bench"], Clock(START))
    if profiler:
        profiler.disable()
        profiler.dump_stats(profile or "")
    for part in outcome.partitions:
        if part.verdict != "complete":
            raise SystemExit(f"not complete: {part.reason}")
    return int(outcome.stats["downloader/response_count"])


def _bare(url: str, _profile: str | None) -> int:
    import scrapy
    from scrapy.crawler import AsyncCrawlerProcess

    class Bare(scrapy.Spider):
        name = "bare"
        start_urls = (f"{url}/list/1",)

        def parse(self, response: Any) -> Any:
            for card in response.css("ul.results > li.ad"):
                item = {
                    "id": card.css("::attr(data-id)").get(),
                    "url": response.urljoin(card.css("a.title::attr(href)").get()),
                    "title": card.css("a.title::text").get(),
                    "price": card.css("span.price::text").get(),
                    "city": card.css("span.city::text").get(),
                    "posted": card.css("time::attr(datetime)").get(),
                }
                yield scrapy.Request(item["url"], self.detail, cb_kwargs={"item": item}, priority=1)
            following = response.css("a[rel=next]::attr(href)").get()
            if following:
                yield response.follow(following, self.parse)

        def detail(self, response: Any, item: dict[str, Any]) -> Any:
            yield {
                **item,
                "body": response.css("div.body").get(),
                "phone": response.css("a.tel::attr(href)").getall(),
                "nickname": response.css("h1.name::text").get(),
                "age": response.css("dd.age::text").get(),
                "category": response.css("dd.category::text").get(),
                "province": response.css("dd.province::text").get(),
            }

    from crawlers.settings import LOOPBACK_PAGES

    together = LOOPBACK_PAGES["http"]
    process = AsyncCrawlerProcess(
        {
            "CONCURRENT_REQUESTS": together,
            "CONCURRENT_REQUESTS_PER_DOMAIN": together,
            "DOWNLOAD_DELAY": 0,
            "LOG_LEVEL": "WARNING",
            "TELNETCONSOLE_ENABLED": False,
        }
    )
    crawler = process.create_crawler(Bare)
    process.crawl(crawler)
    process.start()
    stats = crawler.stats
    assert stats is not None
    return int(stats.get_value("downloader/response_count"))


def _child(
    connection: Connection,
    target: Callable[[str, str | None], int],
    told: str,
    profile: str | None,
    core: int | None,
) -> None:
    if core is not None:
        os.sched_setaffinity(0, {core})
    connection.send(None)
    connection.recv()  # the word to begin
    began, worked = time.perf_counter(), time.process_time()
    pages = target(told, profile)
    connection.send((pages, time.perf_counter() - began, time.process_time() - worked))


Crawl = tuple[Callable[[str, str | None], int], str]
"""A crawl, and what it is told: a config folder, or an address."""


def _run(
    context: Any, *crawls: Crawl, core: int | None = None, profile: str | None = None
) -> list[tuple[float, float]]:
    """Pages a second of crawls that run at once: of the clock, of each one's own processor time."""
    children = []
    for target, told in crawls:
        ours, theirs = context.Pipe()
        child = context.Process(target=_child, args=(theirs, target, told, profile, core))
        child.start()
        theirs.close()
        children.append((child, ours))
    for _, ours in children:
        ours.recv()
    for _, ours in children:
        ours.send(None)
    found = []
    for child, ours in children:
        pages, took, worked = ours.recv()
        child.join()
        found.append((pages / took, pages / worked))
    return found


def _config(folder: Path, url: str) -> str:
    """A config folder with an empty database."""
    from storage import create_store

    (folder / "config" / "sites").mkdir(parents=True)
    (folder / "config" / "faro.toml").write_text('data_dir = "data"\n')
    (folder / "config" / "sites" / "bench.toml").write_text(SITE.format(url=url))
    create_store(load(folder / "config"), simulated=True, at=START).close()
    return str(folder / "config")


def main() -> None:
    """Print a line a round, and the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=30, help="list pages, with 20 adverts each")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", help="write a profile of one Faro crawl here")
    options = parser.parse_args()
    context: Any = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["crawlers.preload", "benchmarks.crawl"])
    port, told = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.get_context("fork").Process(
        target=_serve, args=(told, options.pages), daemon=True
    )
    server.start()
    url = f"http://127.0.0.1:{port.recv()}"
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if options.profile:
                crawl = (_faro, _config(folder / "p", url))
                _run(context, crawl, profile=str(Path(options.profile).absolute()))
                return
            ratios, cores = [], sorted(os.sched_getaffinity(0))
            for number in range(options.rounds):
                [faro] = _run(context, (_faro, _config(folder / f"{number}", url)))
                [bare] = _run(context, (_bare, url))
                crawl = (_faro, _config(folder / f"{number} at once", url))
                ours, theirs = _run(context, crawl, (_bare, url), core=cores[number % len(cores)])
                ratios.append((faro[0] / bare[0], ours[1] / theirs[1]))
                print(
                    f"in turns: Faro {faro[0]:4.0f} pages/s, bare {bare[0]:4.0f}, ratio "
                    f"{ratios[-1][0]:.2f}   at once: Faro {ours[1]:4.0f} a processor second, "
                    f"bare {theirs[1]:4.0f}, ratio {ratios[-1][1]:.2f}",
                    flush=True,
                )
            clock, processor = (statistics.median(each) for each in zip(*ratios, strict=True))
            print(f"median ratio {clock:.2f} by the clock, {processor:.2f} by processor time")
    finally:
        server.terminate()


if __name__ == "__main__":
    main()
