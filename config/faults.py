"""Faults as lines: the key's path, what is wrong in plain words, the nearest spelling."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.anatomy import homes, keys, model_at, table_in
from config.wording import did_you_mean, nearest, quoted

Loc = tuple[int | str, ...]
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
# A key that is so near to a known one is a slip of the finger; below, it may be a key of another
# section.
_SLIP = 80

# Where a wrong value may be a secret in the wrong place: it is not repeated in a message.
_SECRET = ("keys", "database_url", "access", "notify")

_WRONG_TYPE = {
    "string_type": "must be text in quotes",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "date_type": "must be a date without quotes, as 2026-01-31",
    "tuple_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
}
_OUT_OF_RANGE = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
}


def lines(error: ValidationError, model: type[BaseModel], content: Any) -> Iterator[str]:
    """A line for every fault that pydantic found in a file's `content`."""
    for fault in error.errors(include_url=False):
        if fault["type"] == "too_short" and fault["input"]:
            # Pydantic counts the valid items only; those that are not have lines of their own.
            continue
        yield line(fault["loc"], content, _words(fault, model))


def line(loc: Sequence[int | str], content: Any, words: str) -> str:
    """`list.start[2].url: what is wrong`."""
    where = key_path(loc, content)
    return f"{where}: {words}" if where else words


def key_path(loc: Sequence[int | str], content: Any) -> str:
    """The path of a key as a person looks for it in the file: positions from 1, and no step that
    the file does not take (`title = 'css:h2'` is `list.fields.title`, not its `select[1]`).
    """
    path = ""
    for part in loc:
        if isinstance(content, dict) and isinstance(part, str):
            key = part if _BARE_KEY.fullmatch(part) else f"'{part}'"
            path += f".{key}" if path else key
            content = content.get(part)
        elif isinstance(content, (list, tuple)) and isinstance(part, int):
            path += f"[{part + 1}]"
            content = content[part] if part < len(content) else None
    return path


def _words(fault: ErrorDetails, model: type[BaseModel]) -> str:
    """What is wrong, and the remedy."""
    kind, value, context = fault["type"], fault["input"], fault.get("ctx", {})
    instead = "" if fault["loc"][:1] and fault["loc"][0] in _SECRET else f", not {quoted(value)}"
    if kind == "extra_forbidden":
        return _unknown_key(fault["loc"], model)
    if kind == "missing":
        return "missing"
    if kind == "value_error":
        return fault["msg"].removeprefix("Value error, ")
    if kind == "literal_error":
        known = re.findall("'([^']*)'", context["expected"])
        near = did_you_mean(value, known) if isinstance(value, str) else ""
        return f"must be {context['expected']}{instead}{near}"
    if kind == "too_short":
        return "must not be empty"
    if kind in _OUT_OF_RANGE:
        words, bound = _OUT_OF_RANGE[kind]
        return f"must be {words} {context[bound]:g}{instead}"
    words = _WRONG_TYPE.get(kind, f"{fault['msg'][:1].lower()}{fault['msg'][1:]}")
    return f"{words}{instead}{_brackets(fault, model)}"


def _brackets(fault: ErrorDetails, model: type[BaseModel]) -> str:
    """The usual slips with TOML's brackets: `[units]` for `[[units]]`, and the other way round."""
    names = [part for part in fault["loc"] if isinstance(part, str)]
    holder = model_at(model, fault["loc"][:-1])
    field = keys(holder).get(names[-1]) if holder and names else None
    inner, shape = table_in(field.annotation) if field else (None, "table")
    if inner is None:
        return ""
    path = ".".join(names)
    if shape == "list" and isinstance(fault["input"], dict):
        return f"; write [[{path}]]"
    if shape == "table" and isinstance(fault["input"], (list, tuple)):
        return f"; write [{path}]"
    return ""


def _unknown_key(loc: Loc, model: type[BaseModel]) -> str:
    *parents, last = loc
    key = str(last)
    owner = model_at(model, parents)
    known = keys(owner) if owner else {}
    if owner is not None and nearest(key, known, at_least=_SLIP) is None:
        elsewhere = homes(model, key)
        if elsewhere == [""]:
            return "unknown key here; it belongs at the top of the file, above the first [table]"
        if elsewhere:
            return f"unknown key here; it belongs in {' or '.join(elsewhere)}"
    return f"unknown key{did_you_mean(key, known)}"
