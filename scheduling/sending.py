"""How notices leave this machine: by SMTP, by Apprise's services; and the heartbeat's ping."""

from __future__ import annotations

import logging
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from functools import partial
from urllib.parse import urlsplit

from config import Config
from config.notify import MailSettings
from config.secrets import read_secret
from scheduling.errors import SchedulerError

TIMEOUT_S = 20
Channel = Callable[[str, str], None]


def channels(config: Config) -> list[Channel]:
    """The ways that the config names; each takes a subject and a body, and raises SchedulerError
    (or ConfigError, for a secret that is not there) when it could not be sent.
    """
    ways: list[Channel] = []
    if config.notify.mail is not None:
        ways.append(partial(_mail, config, config.notify.mail))
    if config.notify.services is not None:
        ways.append(partial(_services, config, config.notify.services))
    return ways


def _mail(config: Config, settings: MailSettings, subject: str, body: str) -> None:
    message = EmailMessage()
    message["Subject"], message["From"] = subject, settings.sender
    message["To"] = ", ".join(settings.to)
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=_domain(settings))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    password = None
    if settings.password is not None:
        password = read_secret(config, "notify.mail.password", settings.password)
    try:
        with _connected(settings) as server:
            if settings.user is not None and password is not None:
                server.login(settings.user, password)
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as fault:
        # A server's answer may repeat what it was given.
        code = f" {fault.smtp_code}" if isinstance(fault, smtplib.SMTPResponseException) else ""
        raise SchedulerError(
            f"notify.mail: {settings.host}:{settings.port} did not take the notice "
            f"({type(fault).__name__}{code}); check host, port, security, user and password"
        ) from fault


def _domain(settings: MailSettings) -> str:
    """What this machine calls itself; by default it would tell its name, in letter and envelope."""
    return settings.sender.rpartition("@")[2]


def _connected(settings: MailSettings) -> smtplib.SMTP:
    context = ssl.create_default_context()
    place = settings.host, settings.port, _domain(settings)
    if settings.security == "tls":
        return smtplib.SMTP_SSL(*place, timeout=TIMEOUT_S, context=context)
    server = smtplib.SMTP(*place, timeout=TIMEOUT_S)
    if settings.security == "starttls":
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def _services(config: Config, place: str, subject: str, body: str) -> None:
    addresses = read_secret(config, "notify.services", place).splitlines()
    try:
        import apprise
    except ImportError as fault:
        raise SchedulerError(
            "notify.services: needs Apprise; install it: pip install 'faro[notify]'"
        ) from fault
    # Its own log tells addresses, which hold tokens.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    sender = apprise.Apprise()
    for number, address in enumerate(addresses, start=1):
        if address.strip() and not sender.add(address.strip()):
            raise SchedulerError(
                f"notify.services: line {number} is no address that Apprise understands"
            )
    if not sender.notify(body=body, title=subject):
        raise SchedulerError(
            "notify.services: at least one service did not take the notice; check its address"
        )


def ping(address: str) -> None:
    """Ask for the heartbeat address. Raises SchedulerError, which names its host only."""
    request = urllib.request.Request(address, headers={"User-Agent": "Faro"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S):
            return
    except (OSError, ValueError) as fault:
        code = f" {fault.code}" if isinstance(fault, urllib.error.HTTPError) else ""
        raise SchedulerError(
            f"notify.heartbeat_url: {urlsplit(address).hostname} did not answer "
            f"({type(fault).__name__}{code})"
        ) from fault
