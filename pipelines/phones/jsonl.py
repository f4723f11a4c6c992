"""`faro phones`: a line of JSON in, a line of JSON out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from pipelines.phones.pages import find_phones_html
from pipelines.phones.reader import find_phones
from records.contacts import FoundContact
from records.errors import FaroError

_WANTED = (
    'each line is {"id": ..., "input": "a text", "is_html": false}, the lines before it are done'
)
_HALF = re.compile("[\ud800-\udfff]")
"""Halves of a character, which no encoding can write: lines with them are written escaped."""


class PhonesError(FaroError):
    """Input of `faro phones` that cannot be read."""


def read_jsonl(lines: Iterable[str]) -> Iterator[str]:
    """For each `{"id","input","is_html"}` the line `{"id","phones","found"}`, lazily.

    `phones` is every number a person would dial, of either tier, each once, in the order of the
    text. Blank lines are skipped.
    Raises `PhonesError` with the number of the line that is not such an object.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        identity, text, is_html = _parse(line, number)
        found = find_phones_html(text) if is_html else find_phones(text)
        phones = list(dict.fromkeys(contact.value for contact in found))
        answer = {"id": identity, "phones": phones, "found": [_shown(one) for one in found]}
        plain = json.dumps(answer, ensure_ascii=False)
        yield json.dumps(answer) if _HALF.search(plain) else plain


def _parse(line: str, number: int) -> tuple[object, str, bool]:
    try:
        record = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise PhonesError(f"line {number}: not JSON ({error}); {_WANTED}") from error
    if not isinstance(record, dict):
        raise PhonesError(f"line {number}: not an object; {_WANTED}")
    text = record.get("input")
    if not isinstance(text, str):
        raise PhonesError(f'line {number}: "input" must be a string; {_WANTED}')
    is_html = record.get("is_html") or False
    if not isinstance(is_html, bool):
        raise PhonesError(f'line {number}: "is_html" must be true or false; {_WANTED}')
    return record.get("id"), text, is_html


def _shown(contact: FoundContact) -> dict[str, object]:
    span = [contact.span.start, contact.span.end] if contact.span else None
    return {
        "number": contact.value,
        "tier": contact.tier,
        "kind": contact.line,
        "channel": contact.channel,
        "span": span,
        "rule": contact.rule,
        "confidence": contact.confidence,
    }
