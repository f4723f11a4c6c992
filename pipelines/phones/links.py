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
    ("call", "tel", r"(?:tel|callto|phone|sms|smsto|skype|facetime|facetime-audio):(?://)?"),
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
    ("call", "app", r"[a-z]{3,12}://[a-z]{2,10}/?\?(?:amp;)?(?:phone|number)="),
    ("call", "address", r"(?<=[?&;])(?:tel|telefono|phone|cell|cellulare|mobile)="),
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
    "skype:", "facetime", "tel=", "telefono=", "cell=", "cellulare=", "mobile=", "://",
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


def _dialled(written: str, *, international: bool) -> tuple[str, int] | None:
    """E.164 of a number in a link and how much of it was read: not what follows after a blank."""
    written = written.rstrip(" .-()/\n\t")
    while written:
        value = _number(written, international=international)
        if value is not None:
            return value, len(written)
        cut = max(written.rfind(" "), written.rfind("\n"), written.rfind("\t"))
        written = written[: max(cut, 0)].rstrip(" .-()/\n\t")
    return None


def phone_link(url: str) -> FoundContact | None:
    """The phone number that a link dials or writes to; `where` is "link"."""
    match = _LINK.match(url.strip())
    read = _read(match) if match else None
    return replace(read[0], raw=url) if read else None


def _read(match: re.Match[str]) -> tuple[FoundContact, int, int] | None:
    """The number of a link, and where it stands."""
    for index, (channel, rule, _) in enumerate(_SCHEMES):
        written = match[f"n{index}"]
        if written is None:
            continue
        dialled = _dialled(written, international=channel != "call")
        if dialled is None:
            return None
        value, length = dialled
        start = match.start(f"n{index}")
        end = start + length
        raw = match.string[match.start() : end]
        line = line_kind(value)
        contact = FoundContact("phone", value, "confirmed", channel, "link", raw, rule, 0.98, line)
        return contact, start, end
    return None


def links_in(source: str) -> Iterator[FoundContact]:
    """Numbers of all links in a piece of code or an attribute."""
    for match in _LINK.finditer(source):
        read = _read(match)
        if read is not None:
            yield read[0]


def may_hold_link(low: str) -> bool:
    """Whether a text in lower case holds what every such link holds."""
    return (":" in low or "/" in low) and any(map(low.__contains__, _MARKS))


def text_links(normal: Normal) -> Iterator[FoundContact]:
    """Links that are written out in a text, with their places."""
    if not may_hold_link(normal.low):
        return
    for match in _LINK.finditer(normal.text):
        read = _read(match)
        if read is None:
            continue
        contact, start, end = read
        if contact.rule == "tel" and not _is_tel_link(match[0]):
            continue
        span = normal.span(start, end)
        yield replace(contact, where="input", raw=normal.raw[span.start : span.end], span=span)


def _is_tel_link(written: str) -> bool:
    """`tel:` of a link, not the abbreviation with a colon: no space follows."""
    head, _, rest = written.partition(":")
    return head.islower() and rest[:1] not in (" ", "") and " " not in rest.strip()
