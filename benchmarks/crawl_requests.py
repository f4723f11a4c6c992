"""What an unchanged site costs: requests of a full crawl against the next ones, and room.

    python -m benchmarks.crawl_requests [--adverts 5000] [--per-page 20] [--database postgresql]

A site of so many adverts is crawled on loopback: for the first time, with 1 % of its adverts new
and one with another text and price, and then unchanged, twelve hours apart; at last when every
detail page is due again. Requests are counted by the server. It answers conditional requests, so
that the bytes of its pages are told, too. By how much the database grew is told for every run, all
of it: sightings, run records, and what is remembered of the pages.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from benchmarks.sightings import postgresql, size
from config import load
from config.clock import Clock
from crawlers.process import crawl_many
from storage import create_store, open_store

SITE = """
name = "Benchmark"
[legal]
allow_loopback = true
[politeness]
delay_s = 0
max_pages = 1000
[list]
start = [{{ id = "all", url = "{url}/list" }}]
page_marker = "css:h1"
card = "css:li"
next = "css:a.next::attr(href)"
[list.fields]
id = {{ select = "css:a::attr(href)", clean = ['regex:(\\d+)'] }}
url = "css:a::attr(href)"
title = "css:a"
price = "css:b"
[detail]
when = "card_changed"
recheck_days = {recheck_days}
marker = "css:h2"
[detail.fields]
body = "css:p"
"""
RECHECK_DAYS = 30
FIRST = datetime(2026, 3, 2, 6, tzinfo=UTC)


class Site:
    """The site: `numbers` are its adverts, newest first; `asked` and `sent` what it was asked."""

    def __init__(self, adverts: int, per_page: int) -> None:
        self.numbers = list(range(adverts, 0, -1))
        self.per_page = per_page
        self.asked = self.sent = 0
        self.dearer = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def page(self, path: str) -> str:
        """The page at a path."""
        parts = urlsplit(path)
        if parts.path != "/list":
            words = "altre " * 60 if parts.path == f"/ad/{self.dearer}" else "parole " * 60
            return f"<h2>Annuncio</h2><p>Testo dell'annuncio, {words}</p>"
        page = int(parse_qs(parts.query).get("page", ["1"])[0])
        shown = self.numbers[(page - 1) * self.per_page : page * self.per_page]
        cards = "".join(
            f"<li><a href='/ad/{n}'>Annuncio {chr(97 + n % 26)}</a> "
            f"<b>{90 if n == self.dearer else 80} euro</b></li>"
            for n in shown
        )
        more = page * self.per_page < len(self.numbers)
        following = f"<a class=next href='/list?page={page + 1}'>Avanti</a>" if more else ""
        return f"<h1>Annunci</h1><ul>{cards}</ul>{following}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def do_GET(self) -> None:
                site.asked += 1
                robots = self.path == "/robots.txt"
                body = b"" if robots else site.page(self.path).encode()
                tag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
                same = self.headers.get("If-None-Match") == tag
                self.send_response(304 if same else 200)
                self.send_header("ETag", tag)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                if not same:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if not same:
                    self.wfile.write(body)
                    site.sent += len(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


def runs(
    adverts: int, per_page: int, unchanged: int, url: str | None
) -> Iterator[tuple[str, int, int, int, int]]:
    """What each crawl is, its requests, the bytes sent, the requests that Faro says it saved, the
    bytes of the database after it.
    """
    site = Site(adverts, per_page)
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config"
        (config / "sites").mkdir(parents=True)
        line = f'database_url = "{url}"\n' if url else ""
        (config / "faro.toml").write_text(f'data_dir = "./var"\n{line}')
        (config / "sites" / "bench.toml").write_text(
            SITE.format(url=site.url, recheck_days=RECHECK_DAYS)
        )
        create_store(load(config), simulated=True, at=FIRST).close()
        fresh = max(1, adverts // 100)
        for number, words in enumerate(("first", "1 % new", *["unchanged"] * unchanged, "recheck")):
            if words == "1 % new":
                top = site.numbers[0]
                site.numbers = [*range(top + fresh, top, -1), *site.numbers]
                site.dearer = top
            site.asked = site.sent = 0
            later = timedelta(days=RECHECK_DAYS) if words == "recheck" else timedelta()
            clock = Clock(FIRST + timedelta(hours=12 * number) + later)
            [result] = crawl_many(load(config), ["bench"], clock, concurrency=1)
            if not result.complete:
                raise SystemExit(result.sentence())
            with open_store(load(config), clock) as store:
                yield words, site.asked, site.sent, result.saved, size(store)


def main() -> None:
    """Print a line per crawl, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--adverts", type=int, default=5000)
    parser.add_argument("--per-page", type=int, default=20)
    parser.add_argument("--unchanged", type=int, default=7, help="runs in which nothing changes")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    told: dict[str, int] = {}
    before, grown = 0, []
    with ExitStack() as stack:
        server = stack.enter_context(postgresql()) if options.database != "sqlite" else None
        found = runs(options.adverts, options.per_page, options.unchanged, server)
        for words, asked, sent, saved, bytes_ in found:
            told[words] = asked
            if words == "unchanged":
                grown.append(bytes_ - before)
            print(
                f"{words:10} {asked:6} requests, {sent / 1e6:6.2f} MB sent, {saved:6} saved; "
                f"{options.database} {bytes_ / 1e3:,.0f} kB, {(bytes_ - before) / 1e3:+,.1f}",
                flush=True,
            )
            before = bytes_
    print(f"first / unchanged: {told['first'] / told['unchanged']:.1f} times fewer requests")
    # The first of them still fills pages that the runs before have begun.
    print(f"grown by {sum(grown[1:]) / max(1, len(grown) - 1) / 1e3:.1f} kB a run")


if __name__ == "__main__":
    main()
