"""Texts that must have a certain shape: ids, names, addresses, paths."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from config.wording import quoted

ID_PATTERN = r"^[a-z0-9][a-z0-9_-]*$"
_ID = re.compile(ID_PATTERN.removesuffix("$"))
_PLACEHOLDERS = frozenset({"…", "...", "https://…", "https://..."})


def is_id(value: str) -> bool:
    """Whether `value` may be a site's, partition's or unit's id: it goes into file names."""
    return _ID.fullmatch(value) is not None


def _id(value: str) -> str:
    if not is_id(value):
        raise ValueError(f"{quoted(value)} is no id; use lower-case letters, digits, - and _")
    return value


def _words(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    if value.strip() in _PLACEHOLDERS:
        raise ValueError(f"{quoted(value)} is the placeholder of the template: fill it in")
    return value.strip()


def _country(value: str) -> str:
    if not re.fullmatch("[A-Z]{2}", value):
        raise ValueError(f"{quoted(value)} is no country code; write two capitals, as IT")
    return value


def _address(value: str) -> str:
    wrong = f"{quoted(value)} is no address"
    try:
        parts = urlsplit(value)
    except ValueError as error:
        raise ValueError(f"{wrong}: {error}") from error
    try:
        port = parts.port
    except ValueError as error:
        raise ValueError(f"{wrong}: its port is no number from 1 to 65535") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise ValueError(f"{wrong}; it begins with https:// and names a host")
    if re.search(r"\s", value):
        raise ValueError(f"{wrong}: it holds a space")
    if parts.username is not None:
        raise ValueError("an address must not hold a user name or password")
    return value


def _contact(value: str) -> str:
    value = _words(value)
    # It goes into a request header as it is.
    fits = value.isascii() and value.isprintable() and not re.search(r"[\s()]", value)
    if not fits or not re.match(r"https?://[^/]+\.|(mailto:)?[^@:/]+@[^@]+\.", value):
        raise ValueError(f"{quoted(value)} is no contact; write an https:// address or an e-mail")
    return value


def _host(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[1-9]\d{0,4})?", value):
        raise ValueError(
            f"{quoted(value)} is no host; write the name alone in lower case, as static.example.org"
        )
    return value


def _parameter(value: str) -> str:
    if not re.fullmatch(r"[\w.\[\]-]+", value, re.ASCII):
        raise ValueError(f"{quoted(value)} is no parameter; write its name alone, as page")
    return value


def _path(value: Any) -> Any:
    if isinstance(value, str):
        if not value.strip() or "\0" in value:
            raise ValueError(f"{quoted(value)} is no path")
        return Path(value)
    if not isinstance(value, Path):
        raise ValueError(f"must be text, not {quoted(value)}")
    return value


Id = Annotated[str, AfterValidator(_id), WithJsonSchema({"type": "string", "pattern": ID_PATTERN})]
"""Lower-case letters, digits, - and _."""
Words = Annotated[str, AfterValidator(_words), WithJsonSchema({"type": "string", "minLength": 1})]
"""Text that is neither blank nor a template's placeholder."""
Country = Annotated[
    str, AfterValidator(_country), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$"})
]
Address = Annotated[
    str, AfterValidator(_address), WithJsonSchema({"type": "string", "pattern": "^https?://"})
]
Host = Annotated[str, AfterValidator(_host)]
"""A host's name, with its port where that is not the usual one."""
ParameterName = Annotated[str, AfterValidator(_parameter)]
"""The name of a query parameter."""
Contact = Annotated[str, AfterValidator(_contact)]
"""An https:// address or an e-mail, fit for a request header."""
AnyPath = Annotated[
    Path, BeforeValidator(_path), WithJsonSchema({"type": "string", "minLength": 1})
]
