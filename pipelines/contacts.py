"""Messenger handles and e-mail addresses in text, and contacts of any kind in links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from pipelines.phones.links import phone_link
from pipelines.phones.normal import Normal
from records.contacts import Channel, ContactKind, FoundContact

_AT_WORDS = "chiocciola|chiocciolina|arroba|arobase|arobas|klammeraffe|coada de maimuta"
_DOT_WORDS = "dot|punto|point|ponto|punkt|punct"
_AT = (
    rf"(?:@|\s@\s|\s?[\[({{<]\s?(?:@|at|et|a|{_AT_WORDS})\s?[\])}}>]\s?|[\s_-](?:{_AT_WORDS})[\s_-]"
    rf"|[_-]at[_-]|\sat\s(?=[a-z0-9-]+(?:\s(?:{_DOT_WORDS})\s|\s?[\[({{]\s?(?:{_DOT_WORDS}))))"
)
_DOT = (
    rf"(?:\.|\s\.\s|\s?[\[({{<]\s?(?:\.|{_DOT_WORDS})\s?[\])}}>]\s?|[\s_-](?:{_DOT_WORDS})[\s_-])"
)
_EMAIL = re.compile(
    rf"(?<![\w.+-])[a-z0-9][a-z0-9._+-]{{0,63}}?{_AT}"
    rf"[a-z0-9](?:[a-z0-9-]{{0,62}}?{_DOT}){{1,5}}[a-z]{{2,12}}(?![a-z0-9])"
)

_SERVICES: tuple[tuple[ContactKind, str, str], ...] = (
    (
        "telegram",
        r"(?:t|telegram)\.(?:me|dog)/(?:s/)?|tg://resolve/?\?domain=",
        r"telegram|tg|tlgrm|telegr",
    ),
    ("instagram", r"(?:instagram\.com|instagr\.am|ig\.me/m)/(?:_u/)?", r"instagram|insta|ig"),
    ("onlyfans", r"onlyfans\.com/", r"only ?fans?|of"),
    ("twitter", r"(?:twitter|x)\.com/", r"twitter|x"),
    ("facebook", r"(?:facebook|fb)\.(?:com|me)/|m\.me/", r"facebook|fb|messenger"),
    (
        "other_handle",
        r"(?:snapchat\.com/add|fansly\.com|mym\.fans|tiktok\.com|linktr\.ee|allmylinks\.com"
        r"|beacons\.ai)/@?",
        r"snapchat|snap|kik|tik ?tok|fansly|mym|wechat|line|signal|skype|discord|session|threema"
        r"|wickr",
    ),
)  # fmt: skip
"""Kind, the addresses of its pages, and the words that stand before a handle."""

_NO_HANDLES = frozenset(
    (
        "joinchat share addstickers explore p reel reels stories accounts home login intent sharer"
        " sharer.php tr plugins pages groups privacy about help search hashtag i watch profile.php"
        " policies terms legal dialog my files c"
    ).split()
)
_LINK = re.compile(
    "|".join(
        rf"(?P<{kind}>(?<![\w.])(?:https?:)?(?://)?(?:www\.|m\.|mobile\.)?(?:{pages})@?(?P<{kind}_name>[a-z0-9_][a-z0-9_.]{{1,39}}))"
        for kind, pages, _ in _SERVICES
    )
)
_NAME = r"(?:live:)?[a-z0-9_](?:[a-z0-9_.]{1,38}[a-z0-9_])(?:#[0-9]{4}(?![0-9]))?"
_INTRODUCED = (
    r"(?:(?:nick|user(?:name)?|profil[oe]?|nome|contatto|canale|account|id|io sono|sono|e|is|es|ist"
    r"|est)[\s:]{1,3})?"
)
_GAP = r"(?:[^\w\n@]|\ue020){0,5}"
_MARKS = ":=>"
_NAMED = re.compile(
    "|".join(
        rf"(?P<{kind}>(?<![a-z0-9@./_])(?:{words})(?![a-z0-9_])"
        rf"(?P<{kind}_gap>{_GAP}{_INTRODUCED})(?P<{kind}_at>@?)(?P<{kind}_name>{_NAME}))"
        for kind, _, words in _SERVICES
    )
)
_BARE = re.compile(r"(?<![\w@./])@(?P<name>[a-z_](?:[a-z0-9_.]{2,38}[a-z0-9_]))(?![\w@])")
_TELLING = tuple(
    (
        "@ .me/ .com/ .am/ .ee/ .fans/ .ai/ .dog/ telegram tg tlgrm insta only twitter facebook fb"
        " messenger snap kik tik fansly mym wechat signal skype discord session line threema wickr"
        " chiocciol arroba arobas klammer maimuta [ ( {"
    ).split()
)
_SHORT_TELLING = re.compile(r"ig\b|\b(?:of|x|at)\b")
"""Without one of these no contact is written; a regex of them all would take ten times as long."""
_NAME_LIKE = re.compile(r"(?=.*[a-z])(?:.*[0-9_.].*|.{4,})")
_WORDS_AFTER = frozenset(
    (
        "e o per con solo anche whatsapp telegram instagram chiamami scrivimi scrivi contattami"
        " disponibile attivo only fans and or tutti sempre foto video chat call mio mia qui numero"
        " privato si no su se al alla the"
    ).split()
)


def find_contacts(text: str) -> tuple[FoundContact, ...]:
    """Handles and e-mail addresses in `text`, in order, with exact spans; phones are left out.

    A name after a service ("telegram: luna_bella", "IG luna.bella") needs an @, a colon or a
    character that no word has; a name with an @ and no service is `other_handle`, a candidate.
    """
    normal = Normal(text)
    low = normal.low
    if not any(map(low.__contains__, _TELLING)) and not _SHORT_TELLING.search(low):
        return ()
    found: list[FoundContact] = []
    taken = bytearray(len(low))
    for start, end, contact in _candidates(normal):
        if any(taken[start:end]):
            continue
        taken[start:end] = bytes([1]) * (end - start)
        found.append(contact)
    return tuple(sorted(found, key=lambda contact: contact.span.start if contact.span else 0))


def _candidates(normal: Normal) -> Iterator[tuple[int, int, FoundContact]]:
    """Readings in the order in which they take their place from one another."""
    low = normal.low
    for match in _EMAIL.finditer(low):
        value = _plain_address(match[0])
        plain = match[0] == value
        yield _made(
            normal, "email", value, match.span(), "email" if plain else "email_spelt", plain
        )
    for match in _LINK.finditer(low):
        kind = _kind(match)
        name = match[f"{kind}_name"].rstrip(".")
        if name not in _NO_HANDLES and not name.isdigit():
            start = match.start(f"{kind}_name")
            yield _made(normal, kind, name, (match.start(), start + len(name)), "link", True)
    for match in _NAMED.finditer(low):
        kind = _kind(match)
        name = match[f"{kind}_name"]
        gap = match[f"{kind}_gap"]
        marked = bool(match[f"{kind}_at"]) or any(sign in _MARKS or sign > "\x7f" for sign in gap)
        telling = any(char in "_." or char.isdigit() for char in name) and not name.isdigit()
        if name in _WORDS_AFTER or not _NAME_LIKE.fullmatch(name) or not (marked or telling):
            continue
        if not marked and (not gap or normal.text.startswith("of", match.start())):
            continue
        start = match.start(f"{kind}_name") - len(match[f"{kind}_at"])
        yield _made(normal, kind, name, (start, match.end(f"{kind}_name")), "named", marked)
    for match in _BARE.finditer(low):
        yield _made(normal, "other_handle", match["name"], match.span(), "at", False)


def _kind(match: re.Match[str]) -> ContactKind:
    return next(kind for kind, _, _ in _SERVICES if match[kind])


def _plain_address(written: str) -> str:
    name, _, domain = re.sub(_AT, "@", written, count=1).partition("@")
    return name + "@" + re.sub(_DOT, ".", domain)


def _made(
    normal: Normal, kind: ContactKind, value: str, place: tuple[int, int], rule: str, sure: bool
) -> tuple[int, int, FoundContact]:
    span = normal.span(*place)
    contact = FoundContact(
        kind=kind,
        value=value,
        tier="confirmed" if sure else "candidate",
        channel=_channel(kind),
        where="input",
        raw=normal.raw[span.start : span.end],
        rule=rule,
        confidence=0.95 if sure else 0.6,
        span=span,
    )
    return *place, contact


def _channel(kind: ContactKind) -> Channel:
    return "telegram" if kind == "telegram" else "call"


def link_contacts(url: str) -> FoundContact | None:
    """The phone, e-mail or handle that a link leads to, None when to none; `where` is "link"."""
    address = unquote(url.strip())
    phone = phone_link(url)
    if phone is not None:
        return phone
    low = address.lower()
    if low.startswith("mailto:"):
        match = _EMAIL.match(low.removeprefix("mailto:").lstrip())
        if match is None:
            return None
        return FoundContact("email", match[0], "confirmed", "call", "link", url, "mailto", 0.98)
    match = _LINK.match(low)
    if match is None:
        return None
    kind = _kind(match)
    name = match[f"{kind}_name"].rstrip(".")
    if name in _NO_HANDLES or name.isdigit():
        return None
    return FoundContact(kind, name, "confirmed", _channel(kind), "link", url, "link", 0.98)
