"""From a line of JSON to a record to link: any field may be missing, none has one writing only."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import orjson

from matching.errors import MatchingError
from records.contacts import FoundContact
from records.linking import LinkRecord

Extract = Callable[[str], Iterable[FoundContact]]
"""Reads the phone numbers of a text, with their spans in it."""

_T = TypeVar("_T")

_AGES = range(14, 100)
_NUMBER = re.compile(r"\d+(?:[.,]\d{3})*(?:[.,]\d{1,2})?")
_MOST_CENTS = 10**8


def read_records(
    source: Path, extract: Extract | None, unread: dict[str, int]
) -> Iterator[LinkRecord]:
    """Records of a JSON lines file, one at a time; `unread` counts values that made no sense."""
    try:
        with source.open("rb") as lines:
            yield from records_of(lines, 1, source, extract, unread)
    except OSError as fault:
        raise MatchingError(f"{source}: {fault.strerror or fault}") from fault


def records_of(
    lines: Iterable[bytes],
    first: int,
    source: Path,
    extract: Extract | None,
    unread: dict[str, int],
) -> Iterator[LinkRecord]:
    """Records of lines of `source`, of which the first is line `first`."""
    for number, line in enumerate(lines, first):
        if line.strip():
            yield _record(_object(line, source, number), number, extract, unread)


def _object(line: bytes, source: Path, number: int) -> dict[str, Any]:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        found = _forgiven(line, source, number)
    if not isinstance(found, dict):
        raise MatchingError(
            f"{source}, line {number}: {type(found).__name__} instead of an object; "
            'a line looks like {"id": "...", "text": "..."}'
        )
    return found


def _forgiven(line: bytes, source: Path, number: int) -> object:
    """What the strict reader refuses and JSON writers give (NaN, half characters), or why not."""
    try:
        return json.loads(line)
    except UnicodeDecodeError as fault:
        raise MatchingError(f"{source}, line {number}: not UTF-8; save it as UTF-8") from fault
    except ValueError as fault:
        what = fault.msg if isinstance(fault, json.JSONDecodeError) else str(fault)
        raise MatchingError(
            f"{source}, line {number}: not JSON ({what}); every line must be one object"
        ) from fault
    except RecursionError as fault:
        raise MatchingError(f"{source}, line {number}: nested too deeply") from fault


def _record(
    row: dict[str, Any], number: int, extract: Extract | None, unread: dict[str, int]
) -> LinkRecord:
    read = _Reader(row, unread)
    title, text = read.text("title") or "", read.text("text") or ""
    phones = [_dialled(phone) for phone in read.texts("phones")]
    weak: list[str] = []
    if extract is not None:
        title = _without_phones(title, extract, phones, weak)
        text = _without_phones(text, extract, phones, weak)
    seen = read.moment("seen_at")
    return LinkRecord(
        id=read.text("id") or str(number),
        site=read.text("site"),
        seen_from=seen,
        seen_to=seen,
        title=title,
        text=text,
        nickname=read.text("nickname"),
        age=read.age("age"),
        price_cents=read.cents("price"),
        city=read.text("city"),
        province=read.text("province"),
        phones=tuple(phone for phone in phones if phone),
        weak_phones=tuple(weak),
        handles=tuple(name.lstrip("@").casefold() for name in read.texts("handles")),
    )


def _without_phones(text: str, extract: Extract, phones: list[str], weak: list[str]) -> str:
    """Add the numbers found in `text` and return it without them."""
    cut = []
    for found in extract(text):
        (phones if found.tier == "confirmed" else weak).append(found.value)
        if found.span is not None:
            cut.append(found.span)
    for span in sorted(cut, key=lambda span: span.start, reverse=True):
        text = f"{text[: span.start]} {text[span.end :]}"
    return text


def _dialled(phone: str) -> str:
    """One writing for a number: `+`, country code, digits; ten digits from 3 on are Italian."""
    if phone.startswith("+") and phone[1:].isdecimal():
        return phone
    digits = "".join(letter for letter in phone if letter.isdigit())
    if phone.strip().startswith("+"):
        return f"+{digits}" if digits else ""
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return f"+39{digits}" if len(digits) in (9, 10) and digits[0] == "3" else digits


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the fields of one object; what makes no sense is missing, and counted."""

    row: dict[str, Any]
    unread: dict[str, int]

    def _odd(self, name: str, instead: _T) -> _T:
        self.unread[name] = self.unread.get(name, 0) + 1
        return instead

    def text(self, name: str) -> str | None:
        value = self.row.get(name)
        if value is None:
            return None
        if isinstance(value, bool | list | dict):
            return self._odd(name, None)
        # A lone surrogate is legal JSON and illegal UTF-8.
        words = value if isinstance(value, str) else str(value)
        if not words.isascii():
            words = words.encode("utf-8", "replace").decode("utf-8")
        return words.strip() or None

    def texts(self, name: str) -> list[str]:
        value = self.row.get(name)
        if not value:
            return [] if value is None or isinstance(value, list | str) else self._odd(name, [])
        if isinstance(value, str | int):
            value = [value]
        if not isinstance(value, list):
            return self._odd(name, [])
        return [str(item).strip() for item in value if isinstance(item, str | int) and str(item)]

    def age(self, name: str) -> int | None:
        value = self.row.get(name)
        if value is None or value == "":
            return None
        if type(value) is int and value in _AGES:
            return value
        digits = re.fullmatch(r"\s*(\d{2})(?:\.0+)?\D*", str(value))
        if digits is None or int(digits[1]) not in _AGES:
            return self._odd(name, None)
        return int(digits[1])

    def cents(self, name: str) -> int | None:
        """A price in euros as hundredths: 100, 100.0, "100 €", "1.200,50"."""
        value = self.row.get(name)
        if value is None or value == "":
            return None
        if type(value) is int and 0 <= value < _MOST_CENTS // 100:
            return value * 100
        fits = isinstance(value, str | int | float) and not isinstance(value, bool)
        digits = _NUMBER.search(str(value)) if fits else None
        if digits is None:
            return self._odd(name, None)
        whole, _, part = re.sub(r"[.,](?=\d{3}\b)", "", digits[0]).replace(",", ".").partition(".")
        cents = int(whole) * 100 + int((part + "00")[:2])
        return cents if cents < _MOST_CENTS else self._odd(name, None)

    def moment(self, name: str) -> datetime | None:
        value = self.row.get(name)
        if value is None or value == "":
            return None
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            return self._odd(name, None)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
