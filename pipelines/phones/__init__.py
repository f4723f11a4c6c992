"""Reads phone numbers as a person reads them, however they are written: docs/phones.md."""

from pipelines.phones.jsonl import PhonesError, read_jsonl
from pipelines.phones.pages import find_phones_html
from pipelines.phones.reader import find_phones

__all__ = ["PhonesError", "find_phones", "find_phones_html", "read_jsonl"]
