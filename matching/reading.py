"""From lines of JSON to adverts to link: any field may be missing, none has one writing only."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path
from typing import Any, TypeVar

import orjson

from matching.errors import MatchingError
from matching.intake import Adverts
from records.contacts import FoundContact

Extract = Callable[[str], Iterable[FoundContact]]
"""Reads the phone numbers of a text, with their spans in it."""

_T = TypeVar("_T")

_AGES = range(14, 100)
_NUMBER = re.compile(r"\d+(?:[.,]\d{3})*(?:[.,]\d{1,2})?")
_AGE = re.compile(r"\s*(\d{2})(?:\.0+)?\D*")
_MOST_CENTS = 10**8


def read_adverts(
    lines: Iterable[bytes],
    first: int,
    source: Path,
    extract: Extract | None,
    unread: dict[str, int],
) -> Adverts:
    """The adverts in lines of `source`, of which the first is line `first`.

    `unread` counts values that made no sense. Raises MatchingError, naming the line, for one that
    is no JSON object.
    """
    rows, numbers = [], []
    for number, line in enumerate(lines, first):
        if line.strip():
            rows.append(_object(line, source, number))
            numbers.append(number)
    read = _Reader(rows, unread)
    titles = [title or "" for title in read.text("title")]
    texts = [text or "" for text in read.text("text")]
    phones = [[_dialled(phone) for phone in dialled] for dialled in read.texts("phones")]
    weak: list[list[str]] = [[] for _ in rows]
    if extract is not None:
        for kept in (titles, texts):
            for row, text in enumerate(kept):
                kept[row] = _without_phones(text, extract, phones[row], weak[row])
    seen = read.moments("seen_at")
    return Adverts(
        ids=[name or str(number) for name, number in zip(read.text("id"), numbers, strict=True)],
        site=read.text("site"),
        seen_from=seen,
        seen_to=seen,
        title=titles,
        text=texts,
        nickname=read.text("nickname"),
        age=read.ages("age"),
        price_cents=read.cents("price"),
        city=read.text("city"),
        province=read.text("province"),
        phones=[[phone for phone in dialled if phone] for dialled in phones],
        weak_phones=weak,
        handles=[
            [name.lstrip("@").casefold() for name in names] for names in read.texts("handles")
        ],
    )


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
        return _sound(json.loads(line))
    except UnicodeDecodeError as fault:
        raise MatchingError(f"{source}, line {number}: not UTF-8; save it as UTF-8") from fault
    except ValueError as fault:
        what = fault.msg if isinstance(fault, json.JSONDecodeError) else str(fault)
        raise MatchingError(
            f"{source}, line {number}: not JSON ({what}); every line must be one object"
        ) from fault
    except RecursionError as fault:
        raise MatchingError(f"{source}, line {number}: nested too deeply") from fault


def _sound(value: object) -> object:
    """The value without lone surrogates, which are legal JSON and illegal UTF-8."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_sound(item) for item in value]
    if isinstance(value, dict):
        return {name: _sound(item) for name, item in value.items()}
    return value


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


class _Reader:
    """Reads the fields of rows, each as a column; what makes no sense is missing, and counted."""

    def __init__(self, rows: Sequence[dict[str, Any]], unread: dict[str, int]) -> None:
        self._rows, self._unread = rows, unread

    def _odd(self, name: str, instead: _T) -> _T:
        self._unread[name] = self._unread.get(name, 0) + 1
        return instead

    def _values(self, name: str) -> list[Any]:
        return list(map(dict.get, self._rows, repeat(name)))

    def text(self, name: str) -> list[str | None]:
        return [
            value.strip() or None
            if type(value) is str
            else None
            if value is None
            else self._odd(name, None)
            if isinstance(value, bool | list | dict)
            else str(value)
            for value in self._values(name)
        ]

    def texts(self, name: str) -> list[list[str]]:
        return [[] if value is None else self._texts(name, value) for value in self._values(name)]

    def _texts(self, name: str, value: Any) -> list[str]:
        if isinstance(value, str | int):
            value = [value] if value else []
        if not isinstance(value, list):
            return self._odd(name, [])
        return [str(item).strip() for item in value if isinstance(item, str | int) and str(item)]

    def ages(self, name: str) -> list[int | None]:
        return [
            value if type(value) is int and value in _AGES else self._age(name, value)
            for value in self._values(name)
        ]

    def _age(self, name: str, value: Any) -> int | None:
        if value is None or value == "":
            return None
        digits = _AGE.fullmatch(str(value))
        if digits is None or int(digits[1]) not in _AGES:
            return self._odd(name, None)
        return int(digits[1])

    def cents(self, name: str) -> list[int | None]:
        """Prices in euros as hundredths: 100, 100.0, "100 €", "1.200,50"."""
        return [
            value * 100
            if type(value) is int and 0 <= value < _MOST_CENTS // 100
            else self._cents(name, value)
            for value in self._values(name)
        ]

    def _cents(self, name: str, value: Any) -> int | None:
        if value is None or value == "":
            return None
        fits = isinstance(value, str | int | float) and not isinstance(value, bool)
        digits = _NUMBER.search(str(value)) if fits else None
        if digits is None:
            return self._odd(name, None)
        whole, _, part = re.sub(r"[.,](?=\d{3}\b)", "", digits[0]).replace(",", ".").partition(".")
        cents = int(whole) * 100 + int((part + "00")[:2])
        return cents if cents < _MOST_CENTS else self._odd(name, None)

    def moments(self, name: str) -> list[datetime | None]:
        return [
            None if value is None or value == "" else self._moment(name, value)
            for value in self._values(name)
        ]

    def _moment(self, name: str, value: Any) -> datetime | None:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            return self._odd(name, None)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
