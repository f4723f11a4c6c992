"""Whom Faro tells when something needs an admin, and how (`[notify]` in faro.toml)."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from config.fields import Strict
from config.texts import Address, Words
from config.wording import quoted

_SECRET = r"^(file:.+|env:[A-Za-z_][A-Za-z0-9_]*|credential:[A-Za-z0-9._-]+)$"


def _place(value: str) -> str:
    # The value is not shown: somebody may have put the secret itself here.
    if not re.search(_SECRET, value) or not value.isprintable():
        raise ValueError("write file:<path>, env:<VARIABLE> or credential:<systemd name>")
    return value


def _mailbox(value: str) -> str:
    # It goes into a header as it is.
    if not value.isascii() or not re.fullmatch(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+", value):
        raise ValueError(f"{quoted(value)} is no e-mail address; write it as name@example.org")
    return value


def _one_line(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise ValueError("must be one line of text")
    return value.strip()


SecretPlace = Annotated[
    str, AfterValidator(_place), WithJsonSchema({"type": "string", "pattern": _SECRET})
]
"""Where a secret is, never the secret itself."""
Mailbox = Annotated[
    str, AfterValidator(_mailbox), WithJsonSchema({"type": "string", "pattern": "^[^@ ]+@[^@ ]+$"})
]
Line = Annotated[str, AfterValidator(_one_line), WithJsonSchema({"type": "string", "minLength": 1})]


class MailSettings(Strict):
    """The SMTP server that takes notices, and who gets them."""

    host: Words = Field(description="The SMTP server.")
    port: int = Field(587, ge=1, le=65535, description="Its port.")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="`none` is for a server on this machine only."
    )
    user: Line | None = Field(None, description="Who logs in; without it nobody does.")
    password: SecretPlace | None = Field(
        None, description="Where the password is: `file:…`, `env:…` or `credential:…`, never it."
    )
    sender: Mailbox = Field(description="The address that notices come from.")
    to: tuple[Mailbox, ...] = Field(min_length=1, description="Who gets them.")


class NotifySettings(Strict):
    """What admins are told, once: counts and names of sites, never anything of an advert."""

    mail: MailSettings | None = Field(None, description="By e-mail.")
    services: SecretPlace | None = Field(
        None,
        description="By other services: where the addresses are that Apprise understands, one a "
        "line (they hold tokens, so they are a secret); needs `pip install faro[notify]`.",
    )
    subject: Line | None = Field(
        None, description="The subject of every notice; neutral by default, for others may see it."
    )
    quiet_days: int = Field(
        7, ge=1, le=365, description="A site with nothing new for so many days is told of."
    )
    heartbeat_url: Address | None = Field(
        None,
        description="Asked for every `heartbeat_minutes` while the scheduler works, so that "
        "another host notices a dead one.",
    )
    heartbeat_minutes: int = Field(5, ge=1, le=1440, description="How often.")
