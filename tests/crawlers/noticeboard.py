"""A notice board on loopback that tests fill and make misbehave, and its site file."""

from __future__ import annotations

import gzip
import html
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PER_PAGE = 5


@dataclass
class Notice:
    """One advert. Its number is an invented mobile of the prefixes that reach nobody."""

    id: int
    title: str = ""
    price: int = 80
    phone: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        self.title = self.title or f"Annuncio di prova numero {self.word}"
        self.text = self.text or f"Ciao, sono {self.word}, ricevo in zona centro su appuntamento."
        self.phone = self.phone or f"+39311{self.id:04d}{self.id % 10}{self.id % 10}{self.id % 10}"

    @property
    def word(self) -> str:
        """The id in letters, so that titles hold no digits."""
        return "".join("abcdefghij"[int(digit)] for digit in str(self.id))


@dataclass
class Answer:
    """What the board answers to one request."""

    body: str | bytes = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    # What is done on the open connection instead of a well-formed answer.
    raw: Callable[[socket.socket], None] | None = None


def reset(connection: socket.socket) -> None:
    """The connection is torn down in the middle of an answer."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n<html><body>")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def drip(connection: socket.socket) -> None:
    """A byte now and then, for as long as somebody listens (20 s at most)."""
    pause = threading.Event()
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n")
    for _ in range(400):
        connection.sendall(b" ")
        pause.wait(0.05)


def endless(connection: socket.socket) -> None:
    """50 MB without a length, as fast as they are taken."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n")
    for _ in range(50):
        connection.sendall(b"<p>aria fritta</p>" * 58_000)


def gzip_bomb(megabytes: int) -> Answer:
    """A small answer that unpacks to so many megabytes."""
    packed = gzip.compress(b"<p>aria</p>" * (95_000 * megabytes))
    return Answer(packed, headers={"Content-Encoding": "gzip"})


class NoticeBoard:
    """Lists of notices by city, served page by page. `before` may answer a request instead."""

    def __init__(self) -> None:
        self.notices: dict[str, list[Notice]] = {"torino": [], "asti": []}
        self.before: Callable[[str, dict[str, str]], Answer | None] = lambda path, query: None
        self.requests: Counter[str] = Counter()
        self.agents: set[str] = set()
        self.cookies: set[str] = set()
        self.headers: dict[str, str] = {}
        self.rendered_by_script = False
        self.robots = "User-agent: *\nAllow: /\n"
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def fill(self, city: str, ids: range) -> None:
        """Put up notices with these ids, newest id first."""
        self.notices[city] = [Notice(number) for number in reversed(ids)]

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def count(self, kind: str) -> int:
        """How many requests of a kind (`list`, `detail`, `robots`) came."""
        return sum(number for path, number in self.requests.items() if path.startswith(kind))

    def answer(self, path: str, query: dict[str, str]) -> Answer:
        """The page at a path."""
        if path == "/robots.txt":
            return Answer(self.robots, headers={"Content-Type": "text/plain"})
        _, kind, *rest = path.split("/")
        if kind == "annunci" and rest and rest[0] in self.notices:
            return Answer(self._list(rest[0], int(query.get("page", "1"))))
        if kind == "annuncio" and rest:
            return self._detail(int(rest[0].partition("-")[0]))
        if path == "/":
            return Answer("<h1>Bacheca di prova</h1>" + "<p>Benvenuti sulla bacheca.</p>" * 90)
        return Answer("<h1>Non trovato</h1>", 404)

    def _list(self, city: str, page: int) -> str:
        shown = self.notices[city][(page - 1) * PER_PAGE : page * PER_PAGE]
        cards = "".join(
            f'<li class="card"><a class="titolo" href="/annuncio/{each.id}-slug">'
            f"{html.escape(each.title)}</a><span class=prezzo>€ {each.price}</span>"
            f'<span class="data">{page} ore fa</span></li>'
            for each in shown
        )
        cards = f"<ul>{cards}</ul>" if cards else '<p class="vuoto">Nessun annuncio</p>'
        if page * PER_PAGE < len(self.notices[city]):
            cards += f'<a class="avanti" href="?page={page + 1}">Avanti</a>'
        content = f'<h1 class="elenco">Annunci a {city}</h1>{cards}'
        if self.rendered_by_script:
            return _by_script(content)
        return f"<html><body>{content}<!-- {threading.get_ident()} --></body></html>"

    def _detail(self, number: int) -> Answer:
        for each in (one for city in self.notices.values() for one in city):
            if each.id == number:
                return Answer(
                    f"<html><body><h1 class=nome>{html.escape(each.title)}</h1>"
                    f'<div class="testo"><p>{html.escape(each.text)}</p></div>'
                    f'<a class="tel" href="tel:{each.phone}">Chiama</a></body></html>'
                )
        return Answer("<h1>Annuncio rimosso</h1>", 404)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        board = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body in one packet: else each page waits 40 ms for a delayed ACK.
            wbufsize = -1

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                kind = {"annunci": "list", "annuncio": "detail", "robots.txt": "robots"}.get(
                    parts.path.split("/")[1], "other"
                )
                board.requests[f"{kind} {self.path}"] += 1
                board.cookies.add(self.headers.get("Cookie", ""))
                board.headers = dict(self.headers)
                board.agents.add(self.headers.get("User-Agent", ""))
                found = board.before(parts.path, query) or board.answer(parts.path, query)
                if found.raw is not None:
                    self.close_connection = True
                    with suppress(OSError):
                        found.raw(self.connection)
                    return
                body = found.body.encode() if isinstance(found.body, str) else found.body
                self.send_response(found.status)
                for name, value in found.headers.items():
                    self.send_header(name, value)
                if "Content-Type" not in found.headers:
                    self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


def _by_script(content: str) -> str:
    """The same content, put in place by script after a moment, with a picture beside it."""
    return (
        "<html><body><div id=app></div><script>setTimeout(() => {"
        f"document.getElementById('app').innerHTML = {content!r} + '<img src=/foto.jpg>';"
        "}, 50)</script></body></html>"
    )


SITE_FILE = """
name = "Bacheca di prova"
fetch = "{fetch}"
[legal]
allow_loopback = true
[politeness]
delay_s = 0
max_pages = {max_pages}
max_minutes = {max_minutes}
[list]
{list}
start = [{starts}]
page_marker = "css:h1.elenco"
empty_marker = "css:p.vuoto"
card = "css:li.card"
next = "css:a.avanti::attr(href)"
[list.fields]
id = {{ select = "css:a.titolo::attr(href)", clean = ['regex:/annuncio/(\\d+)'] }}
url = "css:a.titolo::attr(href)"
title = ["css:a.titolo", "css:h2"]
price = "css:.prezzo"
posted = "css:.data"
[detail]
when = "{when}"
recheck_days = {recheck_days}
probe_max = {probe_max}
gone_marker = "css:p.rimosso"
marker = "css:h1.nome"
[detail.fields]
body = "css:.testo"
phone = {{ select = "css:a.tel::attr(href)", many = true }}
[expect]
{expect}
[access]
{access}
"""


def site_file(board: NoticeBoard, **more: object) -> str:
    """The board's site file; keyword arguments set its variable parts."""
    cities = more.pop("cities", ["torino"])
    assert isinstance(cities, list)
    starts = ", ".join(
        f'{{ id = "{city}", url = "{board.url}/annunci/{city}", city = "{city.title()}" }}'
        for city in cities
    )
    values = {
        "fetch": "http",
        "max_pages": 50,
        "max_minutes": 2,
        "when": "card_changed",
        "recheck_days": 30,
        "probe_max": 50,
        "list": "",
        "expect": "",
        "access": "",
    }
    return SITE_FILE.format(**(values | {"starts": starts} | more))
