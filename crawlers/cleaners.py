"""The registry of cleaners that a site file's `clean = [...]` may name: string in, string out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import parse_qsl, urljoin, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from crawlers.errors import CrawlError
from pipelines.dates import read_date
from pipelines.text import clean_text


@dataclass(frozen=True, slots=True)
class CleaningContext:
    """What a cleaner may need beside the string: the page's address, the time (aware UTC), the
    site's time zone.
    """

    url: str
    now: datetime
    timezone: str


Cleaner = Callable[[str, CleaningContext], str | None]

_NUMBER = re.compile(r"[-+]?\d[\d.,'’\s]*")
_ADDRESS = re.compile(r"(?:https?://|/)[^\s\"'<>)]+")
_LEADING_ID = re.compile(r"(\d+)(?=[-_.]|$)")
_TRAILING_ID = re.compile(r"(?<![a-z])(\d+)(?:\.\w{2,5})?$", re.I)


def _text(value: str, _: CleaningContext) -> str | None:
    return " ".join(clean_text(value).split())


def _first_line(value: str, _: CleaningContext) -> str | None:
    return next((line.strip() for line in value.splitlines() if line.strip()), None)


def _digits(value: str, _: CleaningContext) -> str | None:
    return "".join(str(int(each)) for each in value if each.isdecimal())


def _number(value: str, _: CleaningContext) -> str | None:
    """`1.026,00 €` → `1026.00`; a separator before exactly three last digits marks thousands."""
    match = _NUMBER.search(value)
    if match is None:
        return None
    written = re.sub(r"[\s'’]", "", match[0]).rstrip(".,")
    last = max(written.rfind("."), written.rfind(","))
    if last < 0:
        return written
    whole, cents = re.sub(r"[.,]", "", written[:last]), written[last + 1 :]
    thousands = len(cents) == 3 and (written[last] == "." or whole != "0")
    return whole + cents if thousands else f"{whole}.{cents}"


def _url(value: str, _: CleaningContext) -> str | None:
    match = _ADDRESS.search(value)
    return match[0] if match else None


def _absolute_url(value: str, context: CleaningContext) -> str | None:
    return urljoin(context.url, value.strip())


def _id_from_url(value: str, _: CleaningContext) -> str | None:
    """The number at the start or the end of the last path segment (the longer one); else an `id`
    in the query; else the segment itself.
    """
    parts = urlsplit(value.strip())
    segment = next((each for each in reversed(parts.path.split("/")) if each), "")
    numbers = [_LEADING_ID.match(segment), _TRAILING_ID.search(segment)]
    written = [match[1] for match in numbers if match]
    if written:
        return max(written, key=len)
    named = dict(parse_qsl(parts.query))
    return next((named[key] for key in ("id", "ad", "ad_id") if key in named), segment)


def _strip_query(value: str, _: CleaningContext) -> str | None:
    parts = urlsplit(value.strip())
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def _date(value: str, context: CleaningContext) -> str | None:
    found = read_date(value, context.now, ZoneInfo(context.timezone))
    return found.isoformat() if found else None


def _lower(value: str, _: CleaningContext) -> str | None:
    return value.lower()


CLEANERS: Mapping[str, Cleaner] = MappingProxyType(
    {
        "text": _text,
        "first_line": _first_line,
        "digits": _digits,
        "number": _number,
        "url": _url,
        "absolute_url": _absolute_url,
        "id_from_url": _id_from_url,
        "strip_query": _strip_query,
        "date": _date,
        "relative_date": _date,
        "lower": _lower,
    }
)
"""`regex:<pattern>` is a cleaner too: its first group, or the whole match."""


def clean(value: str, names: Sequence[str], context: CleaningContext) -> str | None:
    """Apply cleaners in order; None when one finds nothing to keep. Raises CrawlError for a name
    that the registry does not have.
    """
    cleaned: str | None = value
    for name in names:
        if cleaned is None:
            return None
        cleaned = _cleaner(name)(cleaned, context)
    return cleaned or None


@lru_cache(maxsize=256)
def _cleaner(name: str) -> Cleaner:
    if name.startswith("regex:"):
        pattern = re.compile(name.removeprefix("regex:"))
        group = 1 if pattern.groups else 0

        def matched(value: str, _: CleaningContext) -> str | None:
            match = pattern.search(value)
            return match[group] if match else None

        return matched
    if name not in CLEANERS:
        raise CrawlError(f"cleaner {name}: unknown; there are {', '.join(CLEANERS)}, regex:…")
    return CLEANERS[name]
