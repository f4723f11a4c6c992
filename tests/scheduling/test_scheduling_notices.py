"""What admins are told: when, in which words, once; by a real SMTP server and a real service."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from house import House, noticeboard

from config import Config, load
from records.causes import Cause
from records.service import Notice, SiteWatch
from records.stored import RunRecord
from records.verdicts import PartitionHealth
from scheduling.errors import SchedulerError
from scheduling.notices import Facts, Trouble, after_telling, merged, troubles, untold
from scheduling.sending import ping
from scheduling.telling import tell
from scheduling.timetable import Visit

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)


def hours(ago: float) -> datetime:
    return NOW - timedelta(hours=ago)


def runs(*verdicts: str, every: float = 12) -> list[RunRecord]:
    """Runs of `board`, newest first: a verdict each."""
    return [
        RunRecord(
            number,
            "board",
            None,
            "finished",
            hours(every * number + 1),
            hours(every * number),
            hours(0),
            {"torino": verdict},
        )
        for number, verdict in enumerate(verdicts)
    ]


def health(verdict: str, complete_ago: float | None, **more: Any) -> PartitionHealth:
    complete = hours(complete_ago).isoformat() if complete_ago is not None else None
    return PartitionHealth(
        "board", "torino", verdict, "", hours(0).isoformat(), complete, 5, **more
    )


WELL = health("complete", 0)
CASES: list[tuple[str, Facts, list[str]]] = [
    ("well", Facts([WELL], {"board": runs("complete", "blocked")}), []),
    ("bad once", Facts([health("blocked", 12)], {"board": runs("blocked", "complete")}), []),
    (
        "bad twice",
        Facts([health("blocked", 24)], {"board": runs("blocked", "drift", "complete")}),
        ["board: 1 of 1 lists not read whole (blocked), since 09/03 10:00"],
    ),
    (
        "a feed of the newest",
        Facts(
            [health("partial", None, cause=Cause("newest"))], {"board": runs("partial", "partial")}
        ),
        ["board: lists never read to their end, which prove no absence: torino"],
    ),
    (
        "bad once, and for more than 48 hours",
        Facts([health("drift", 72)], {"board": runs("drift", "complete", every=72)}),
        ["board: 1 of 1 lists not read whole (drift), since 07/03 10:00"],
    ),
    (
        "a weekly site that is well",
        Facts([health("complete", 160)], {"board": runs("complete", every=160)}),
        [],
    ),
    (
        "never complete",
        Facts([health("failed", None)], {"board": runs("failed", "failed")}),
        ["board: 1 of 1 lists not read whole (failed), since 09/03 21:00"],
    ),
    (
        "always capped",
        Facts([health("partial", None)], {"board": runs(*["partial"] * 6)}),
        ["board: lists never read to their end, which prove no absence: torino"],
    ),
    (
        "held",
        Facts([replace(WELL, held=True)], {"board": runs("complete")}),
        ["board: a run waits for a decision (almost everything in it is new)"],
    ),
    (
        "nothing new",
        Facts([WELL], {"board": runs("complete")}, {"board": SiteWatch(hours(999), hours(200))}),
        ["board: nothing new for 7 days"],
    ),
    (
        "nothing new, but not watched for long",
        Facts([WELL], {"board": runs("complete")}, {"board": SiteWatch(hours(100), None)}),
        [],
    ),
    (
        "a missed slot",
        Facts(visits=[Visit(hours(2), "board", "2026-03-10 08:00", hours(2))]),
        ["board: its crawl of 2026-03-10 08:00 has not started"],
    ),
    ("a slot just now", Facts(visits=[Visit(hours(0.1), "board", "x", hours(0.1))]), []),
    ("a missing report", Facts(unreported=["venezia"]), ["venezia: today's report is missing"]),
    (
        "faults in the config",
        Facts(config_faults=2),
        ["the config files have 2 faults: the version before stays in use"],
    ),
]


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """The config of a house that speaks English."""
    board = noticeboard.NoticeBoard()
    house = House(tmp_path_factory.mktemp("english"), board)
    house.faro('report_at = "12:00"', 'language = "en"')
    yield load(house.folder)
    board.close()


@pytest.mark.parametrize(("facts", "told"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_is_told(english: Config, facts: Facts, told: list[str]) -> None:
    assert [each.text for each in troubles(english, facts, NOW)] == told


def test_what_was_taken_out_of_the_config_is_not_told_of(house: House) -> None:
    facts = Facts([health("blocked", 24)], {"board": runs("blocked", "blocked")})
    assert troubles(house.config, facts, NOW)
    house.site("board", 'at = ["06:40"]', cities=["asti"])
    assert troubles(load(house.folder), facts, NOW) == []


def test_told_once_and_once_more_when_it_is_over() -> None:
    bad = Trouble("bad", "board", "board: bad")
    known: list[Notice] = []
    told = []
    for number, found in enumerate([[bad], [bad], [], [], [bad], []]):
        now = NOW + timedelta(hours=number)
        known = merged(known, found, now)
        told.append([("over" if each.well_at else "new") for each in untold(known)])
        known = after_telling(known, now)
    assert told == [["new"], [], ["over"], [], ["new"], ["over"]]


def test_what_is_over_before_anybody_was_told_is_not_told() -> None:
    known = merged([], [Trouble("bad", "board", "board: bad")], NOW)
    assert merged(known, [], NOW) == []


def test_what_flaps_while_nobody_can_be_told_is_not_told_twice() -> None:
    bad = Trouble("bad", "board", "board: bad")
    known = after_telling(merged([], [bad], NOW), NOW)
    known = merged(known, [], NOW)
    known = merged(known, [bad], NOW)
    assert untold(known) == []


class Mailbox:
    """Keeps what a real SMTP server is given."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.logins: list[tuple[bytes, bytes]] = []

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        self.mails.append(envelope.content.decode())
        return "250 OK"

    def __call__(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> Any:
        self.logins.append((data.login, data.password))
        # Not handled: the server itself answers, else the client waits for that.
        return AuthResult(success=data.password == b"hunter2", handled=False)


@contextmanager
def serving(box: Mailbox, **how: Any) -> Iterator[int]:
    """A mail server on loopback; its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, authenticator=box, **how)
    controller.start()
    yield port
    controller.stop()


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    with serving(box, auth_require_tls=False) as port:
        yield box, port


def by_mail(house: House, port: int, password: str = "hunter2", security: str = "none") -> Config:
    """The house's config with a mail server that asks for a password."""
    secret = house.config.data_dir / "smtp.txt"
    secret.unlink(missing_ok=True)
    secret.write_text(password + "\n")
    secret.chmod(0o400)
    house.faro(
        'report_at = "12:00"',
        f'notify.mail = {{ host = "127.0.0.1", port = {port}, security = "{security}", '
        'user = "faro", password = "file:smtp.txt", sender = "faro@example.org", '
        'to = ["a@example.org"] }',
    )
    return load(house.folder)


BAD = Facts([health("blocked", 24)], {"board": runs("blocked", "blocked", "complete")})


def test_a_mail_once_with_a_neutral_subject(house: House, mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    config = by_mail(house, port)
    with house.store() as store:
        for number in range(3):
            tell(config, store, NOW + timedelta(hours=number), BAD)
        assert len(box.mails) == 1
        tell(config, store, NOW + timedelta(hours=4), Facts())
        tell(config, store, NOW + timedelta(hours=5), Facts())
        assert store.notices() == []
    bad, well = box.mails
    assert box.logins[0] == (b"faro", b"hunter2")
    assert "Subject: Avviso di servizio" in bad and "Subject: Avviso di servizio" in well
    assert "Richiede attenzione (1):" in bad and "Di nuovo in ordine (1):" in well
    assert "- board: 1 elenchi su 1 non letti per intero (blocked)" in bad
    # Nothing that tells what Faro is, where its sites are, or on which machine it runs.
    for word in ("127.0.0.1", "http", "tratta", "outreach", "localhost"):
        assert word not in bad.lower().replace("received:", "")


def test_what_another_scheduler_is_telling_is_not_told_twice(
    house: House, mailbox: tuple[Mailbox, int]
) -> None:
    box, port = mailbox
    config = by_mail(house, port)
    with house.store() as store, house.store() as other:
        with other.telling():
            tell(config, store, NOW, BAD)
            assert box.mails == [] and store.notices() == []
        tell(config, other, NOW, BAD)
        tell(config, store, NOW, BAD)
        assert len(box.mails) == 1


def test_what_could_not_be_sent_is_sent_later(house: House, mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    with house.store() as store:
        with pytest.raises(SchedulerError, match="did not take the notice") as fault:
            tell(by_mail(house, port, "wrong"), store, NOW, BAD)
        assert "wrong" not in str(fault.value)
        [notice] = store.notices()
        assert notice.told_at is None
        tell(by_mail(house, port), store, NOW, BAD)
        assert store.notices()[0].told_at == NOW
    assert len(box.mails) == 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine that nobody trusts by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of the tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path: Path = tmp_path_factory.mktemp("mail") / "mail.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + made.public_bytes(Encoding.PEM)
    )
    return path


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_mail_server_is_trusted_by_its_certificate_only(
    house: House, certificate: Path, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    box, context = Mailbox(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    how = (
        {"ssl_context": context, "auth_require_tls": False}
        if security == "tls"
        else {"tls_context": context, "require_starttls": True}
    )
    with serving(box, **how) as port, house.store() as store:
        config = by_mail(house, port, security=security)
        with pytest.raises(SchedulerError, match="SSLCertVerificationError"):
            tell(config, store, NOW, BAD)
        assert (box.logins, box.mails) == ([], [])
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        tell(config, store, NOW, BAD)
    assert box.logins == [(b"faro", b"hunter2")]
    assert len(box.mails) == 1


def test_a_server_without_tls_gets_no_password(house: House, mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    with house.store() as store, pytest.raises(SchedulerError, match="SMTPNotSupportedError"):
        tell(by_mail(house, port, security="starttls"), store, NOW, BAD)
    assert box.logins == []


def test_nobody_to_tell_yet(house: House, mailbox: tuple[Mailbox, int]) -> None:
    """Who sets up mail later is told of what is wrong then."""
    box, port = mailbox
    with house.store() as store:
        tell(house.config, store, NOW, BAD)
        assert [each.told_at for each in store.notices()] == [None]
        tell(by_mail(house, port), store, NOW, BAD)
    assert len(box.mails) == 1


class Ear:
    """A web service on loopback that hears what is posted or asked for."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.status = 200
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                ear.heard.append((self.path, self.rfile.read(length).decode()))
                self.send_response(ear.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST  # noqa: N815 - http.server's name

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def ear() -> Iterator[Ear]:
    made = Ear()
    yield made
    made.server.shutdown()
    made.server.server_close()


def by_service(house: House, addresses: str) -> Config:
    secret = house.config.data_dir / "services.txt"
    secret.unlink(missing_ok=True)
    secret.write_text(addresses)
    secret.chmod(0o400)
    house.faro('report_at = "12:00"', 'notify = { services = "file:services.txt" }')
    return load(house.folder)


def test_any_service_that_apprise_knows(house: House, ear: Ear) -> None:
    config = by_service(house, f"\njson://127.0.0.1:{ear.port}/a-token\n")
    with house.store() as store:
        tell(config, store, NOW, BAD)
    [(path, body)] = ear.heard
    assert path == "/a-token"
    assert json.loads(body)["title"] == "Avviso di servizio"
    assert "board: 1 elenchi su 1" in json.loads(body)["message"]


@pytest.mark.parametrize("addresses", ["nonsense-a-token", "json://127.0.0.1:9/a-token"])
def test_a_service_that_does_not_take_it_is_one_line_without_its_token(
    house: House, addresses: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with house.store() as store, pytest.raises(SchedulerError, match=r"notify\.services") as fault:
        tell(by_service(house, addresses), store, NOW, BAD)
    assert "a-token" not in str(fault.value) + "".join(capfd.readouterr())


def test_a_ping_and_one_that_is_not_answered(ear: Ear) -> None:
    ping(f"http://127.0.0.1:{ear.port}/a-token")
    assert ear.heard == [("/a-token", "")]
    ear.status = 500
    with pytest.raises(
        SchedulerError, match=r"127\.0\.0\.1 did not answer \(HTTPError 500\)"
    ) as fault:
        ping(f"http://127.0.0.1:{ear.port}/a-token")
    assert "a-token" not in str(fault.value)


def test_the_shipped_file_shows_how_to_be_told(house: House) -> None:
    import config as room

    text = Path(room.__file__).with_name("faro.toml").read_text()
    assert "[notify.mail]" in text and "heartbeat_url" in text
