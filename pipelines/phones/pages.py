"""Reads phone numbers in HTML."""

from __future__ import annotations

from pipelines.phones.reader import find_phones
from records.contacts import FoundContact


def find_phones_html(html: str) -> tuple[FoundContact, ...]:
    """Every phone number in a page."""
    return find_phones(html)
