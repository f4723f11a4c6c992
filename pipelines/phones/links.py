"""Phone numbers in links: tel:, wa.me, api.whatsapp.com, t.me, viber:, in attributes or in text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote

from pipelines.phones.normal import Normal
from pipelines.phones.shapes import line_kind, shape
from records.contacts import Channel, FoundContact

_SCHEMES: tuple[tuple[Channel, str, str], ...] = (
    ("call", "tel", r"(?:tel|callto|phone|sms|smsto):(?://)?"),
    ("whatsapp", "wa.me", r"(?:https?://)?(?:www\.)?(?:wa\.me|wa\.link|whatsapp\.me)/(?:message/)?"),
    (
        "whatsapp", "whatsapp",
        r"(?:https?://)?(?:api|web|chat|www)\.whatsapp\.com/(?:send|message)?/?[^\s\"']{0,80}?[?&](?:amp;)?phone=",
    ),
    ("whatsapp", "whatsapp", r"whatsapp:(?://)?send/?[^\s\"']{0,80}?[?&](?:amp;)?phone="),
    ("whatsapp", "whatsapp", r"intent://send/"),
    ("telegram", "t.me", r"(?:https?://)?(?:www\.)?(?:t|telegram)\.(?:me|dog)/(?=\+|%2b)"),
    ("telegram", "tg", r"tg:(?://)?resolve/?\?(?:amp;)?phone="),
    ("viber", "viber", r"viber:(?://)?[a-z]{2,10}/?\?(?:amp;)?(?:number|chat|contact|phone)="),
    ("viber", "viber", r"(?:https?://)?(?:www\.)?viber\.(?:me|click)/"),
)  # fmt: skip
_NUMBER = r"(?P<n{0}>(?:\+|%2b|%20|[\s().\-/]|\d){{6,40}})"
_LINK = re.compile(
    "|".join(
        rf"(?:(?<![a-z])(?:{prefix}){_NUMBER.format(index)})"
        for index, (_, _, prefix) in enumerate(_SCHEMES)
    ),
    re.IGNORECASE,
)
_MARKS = (
    "wa.me/", "wa.link/", "tel:", "callto:", "phone=", "phone:", "sms:", "smsto:", "whatsapp.",
    "whatsapp:", "viber.", "viber:", "t.me/", "t.dog/", "telegram.", "intent:", "tg:",
)  # fmt: skip


def _number(written: str, *, international: bool) -> str | None:
    """E.164 of a number in a link, where the plus is often left out."""
    plain = unquote(written).strip()
    digits = "".join(char for char in plain if char.isdigit())
    if digits.startswith("00"):
        digits, plain = digits[2:], "+"
    if international and digits.startswith("0"):
        digits = digits.lstrip("0")
    found = None
    if "+" in plain or international:
        found = shape(digits, True)
    if found is None or (found.rule == "plus" and line_kind(found.value) is None):
        found = shape(digits, False) or found
    if found is None and not international and len(digits) > 10:
        found = shape(digits, True)
    return found.value if found else None


def phone_link(url: str) -> FoundContact | None:
    """The phone number that a link dials or writes to; `where` is "link"."""
    match = _LINK.match(url.strip())
    return _contact(match, url) if match else None


def _contact(match: re.Match[str], raw: str) -> FoundContact | None:
    for index, (channel, rule, _) in enumerate(_SCHEMES):
        written = match[f"n{index}"]
        if written is None:
            continue
        value = _number(written, international=channel != "call")
        if value is None:
            return None
        return FoundContact(
            "phone", value, "confirmed", channel, "link", raw, rule, 0.98, line_kind(value)
        )
    return None


def links_in(source: str) -> Iterator[FoundContact]:
    """Numbers of all links in a piece of code or an attribute."""
    for match in _LINK.finditer(source):
        contact = _contact(match, match[0])
        if contact is not None:
            yield contact


def may_hold_link(low: str) -> bool:
    """Whether a text in lower case holds what every such link holds."""
    return (":" in low or "/" in low) and any(map(low.__contains__, _MARKS))


def text_links(normal: Normal) -> Iterator[FoundContact]:
    """Links that are written out in a text, with their places."""
    if not may_hold_link(normal.low):
        return
    for match in _LINK.finditer(normal.text):
        contact = _contact(match, match[0])
        if contact is None or (contact.rule == "tel" and not _is_tel_link(match[0])):
            continue
        index = next(i for i in range(len(_SCHEMES)) if match[f"n{i}"] is not None)
        start, end = match.span(f"n{index}")
        written = match[f"n{index}"]
        end -= len(written) - len(written.rstrip(" .-()/\n\t"))
        span = normal.span(start, end)
        yield replace(contact, where="input", raw=normal.raw[span.start : span.end], span=span)


def _is_tel_link(written: str) -> bool:
    """`tel:` of a link, not the abbreviation with a colon: no space follows."""
    head, _, rest = written.partition(":")
    return head.islower() and rest[:1] not in (" ", "") and " " not in rest.strip()
