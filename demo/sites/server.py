"""Serves the town's sites on loopback: one port a site, the day switched from outside."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from demo.incidents import Incidents
from demo.sites import girandola, lanterna, piazzetta, specchio
from demo.sites.page import Answer, View, refused
from demo.town import Town

Respond = Callable[[str, Mapping[str, str], View], Answer]

RESPONDERS: Mapping[str, Respond] = {
    "piazzetta": piazzetta.respond,
    "lanterna": lanterna.respond,
    "girandola": girandola.respond,
    "specchio": specchio.respond,
}
_POLL_S = 0.05  # how soon a server notices that it is to stop
_ROBOTS = Answer("User-agent: *\nAllow: /\n", kind="text/plain; charset=utf-8")


class SiteServers:
    """The running sites of a town: a context manager. `ports` maps each site to its port."""

    def __init__(self, town: Town, incidents: Incidents) -> None:
        """Sites are bound to free ports at once, and served until the context ends."""
        self._town = town
        self._incidents = incidents
        self._servers = {
            site: _Server(("127.0.0.1", 0), _Handler, respond)
            for site, respond in RESPONDERS.items()
        }
        self.ports = {site: int(server.server_port) for site, server in self._servers.items()}
        self.show(town.start)

    def show(self, day: date) -> None:
        """Let all sites show `day` from the next request on."""
        number = (day - self._town.start).days
        for site, showings in self._town.on(day).items():
            server = self._servers[site]
            server.view = View(day, showings, self._incidents.drifted(site, number))
            server.refusing = self._incidents.blocked(site, number)

    def __enter__(self) -> SiteServers:
        for site, server in self._servers.items():
            serve = threading.Thread(
                target=server.serve_forever, args=(_POLL_S,), name=f"site {site}", daemon=True
            )
            serve.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for server in self._servers.values():
            server.shutdown()
            server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], respond: Respond
    ) -> None:
        super().__init__(address, handler)
        self.respond = respond
        self.view = View(date.min, ())
        self.refusing = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A visitor who leaves in the middle is nothing to tell of."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "sito"
    sys_version = ""
    server: _Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if self.server.refusing:
            answer = refused()
        elif parts.path == "/robots.txt":
            answer = _ROBOTS
        else:
            query = dict(parse_qsl(parts.query))
            answer = self.server.respond(parts.path, query, self.server.view)
        content = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        if answer.location:
            self.send_header("Location", answer.location)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: the crawl has its own log."""
