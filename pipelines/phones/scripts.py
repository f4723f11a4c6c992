"""Numbers that a page's code puts together, read without running it: a whitelist of decoders.

Understood are string literals, names given one, `+`, lists, atob, decodeURIComponent, unescape,
String.fromCharCode, and split, reverse, join, replace, concat. Everything else has no value.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from urllib.parse import unquote

Value = str | list[str]

PHONE_NAME = re.compile(
    r"(?:phone|telefon|(?<![a-z])tel(?!e)|(?:^|[^a-z])tel(?:efono)?|cell|mobile|whats|wapp|numero|number|contact|call|(?<![a-z])num(?![a-z])|(?<![a-z])nr(?![a-z])|sms)(?!.*(?:id|count|type)$)",
    re.IGNORECASE,
)
_DEPTH = 8
_LONGEST_VALUE = 2000
"""Characters, or items, of a value that is kept: no script grows one without end."""
_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\'((?:[^\'\\\n]|\\.)*)\'|`([^`$\\]*)`')
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u\{?([0-9a-fA-F]{4,5})\}?|(.))", re.DOTALL)
_NAME = re.compile(r"(?:window\.|self\.)?([A-Za-z_$][\w$]*)")
_SPACE = re.compile(r"(?:\s|/\*[^*]{0,200}\*/)*")
_NUMBER = re.compile(r"0x[0-9a-fA-F]{1,8}|\d{1,20}")
_ITEM = re.compile(r"\[(\d{1,3})\]")
_CALL = re.compile(
    r"(?:window\.|self\.)?(atob|decodeURIComponent|decodeURI|unescape|String\.fromCharCode|String)\s*\("
)
_METHOD = re.compile(r"\.(split|reverse|join|replaceAll|replace|concat|toString|trim)\s*\(")
_PATTERN = re.compile(r"/((?:[^/\\\n]|\\.){1,40})/[gim]*")
_PLACE = re.compile(
    r"(?=\b(?:atob|unescape|decodeURI|String\.fromCharCode)\b)|([A-Za-z_$][\w$.\[\]\"'-]{0,80}?)[\"']?\s*(?:(\+)?=(?!=)|:)\s*|([\w$.]{0,60})\(\s*|\breturn\s+|,\s*"
)


def decode_base64(text: str) -> str | None:
    """The printable text that `text` encodes, None when it encodes none."""
    compact = text.strip().replace("-", "+").replace("_", "/")
    if (
        len(compact) < 8
        or len(compact) > 4000
        or not re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", compact)
    ):
        return None
    try:
        plain = base64.b64decode(compact + "=" * (-len(compact) % 4)).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return plain if plain.isprintable() else None


def _unescaped(literal: str) -> str:
    if "\\" not in literal:
        return literal

    def char(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        if code:
            value = int(code, 16)
            return chr(value) if value < 0x110000 and not 0xD800 <= value < 0xE000 else ""
        return {"n": "\n", "t": "\t", "r": "\r"}.get(match[3], match[3])

    return _ESCAPE.sub(char, literal)


class _Reader:
    """Reads expressions of a script; `names` are the values given so far."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.names: dict[str, Value] = {}
        self.derived = False

    def skip(self, place: int) -> int:
        match = _SPACE.match(self.code, place)
        return match.end() if match else place

    def expression(self, place: int, depth: int = 0) -> tuple[Value, int] | None:
        """Value and end of the sum of terms at `place`."""
        first = self._chained(place, depth)
        if first is None:
            return None
        value, place = first
        while True:
            ahead = self.skip(place)
            if self.code[ahead : ahead + 1] != "+" or self.code[ahead + 1 : ahead + 2] in (
                "+",
                "=",
            ):
                return value, place
            term = self._chained(self.skip(ahead + 1), depth)
            if term is None:
                return value, place
            value = _joined(value) + _joined(term[0])
            place = term[1]
            self.derived = True

    def _chained(self, place: int, depth: int) -> tuple[Value, int] | None:
        term = self._term(place, depth)
        while term is not None:
            value, place = term
            match = _METHOD.match(self.code, self.skip(place))
            if match is None:
                return term
            called = self._arguments(match.end(), depth + 1)
            if called is None:
                return term
            arguments, end = called
            term = _method(match[1], value, arguments), end
            self.derived = True
        return None

    def _term(self, place: int, depth: int) -> tuple[Value, int] | None:
        if depth > _DEPTH:
            return None
        code = self.code
        char = code[place : place + 1]
        if char in ("'", '"', "`"):
            match = _LITERAL.match(code, place)
            if match is None:
                return None
            return _unescaped(match[1] or match[2] or match[3] or ""), match.end()
        if char == "[":
            listed = self._arguments(place + 1, depth + 1, "]")
            return ([_joined(item) for item in listed[0]], listed[1]) if listed else None
        if char == "(":
            inner = self.expression(self.skip(place + 1), depth + 1)
            if inner is None:
                return None
            end = self.skip(inner[1])
            return (inner[0], end + 1) if code[end : end + 1] == ")" else None
        if match := _NUMBER.match(code, place):
            return str(int(match[0], 16)) if match[0][:2] == "0x" else match[0], match.end()
        if match := _CALL.match(code, place):
            called = self._arguments(match.end(), depth + 1)
            self.derived = True
            return (_call(match[1], called[0]), called[1]) if called else None
        if match := _PATTERN.match(code, place):
            return "\x01" + match[1], match.end()
        if (match := _NAME.match(code, place)) and match[1] in self.names:
            end = match.end()
            value = self.names[match[1]]
            if item := _ITEM.match(code, end):
                known = isinstance(value, list) and int(item[1]) < len(value)
                return (value[int(item[1])], item.end()) if known else None
            if code[end : end + 1] in ("(", "["):
                return None
            return value, end
        return None

    def _arguments(
        self, place: int, depth: int, close: str = ")"
    ) -> tuple[list[Value], int] | None:
        found: list[Value] = []
        place = self.skip(place)
        while self.code[place : place + 1] != close:
            argument = self.expression(place, depth)
            if argument is None:
                return None
            found.append(argument[0])
            place = self.skip(argument[1])
            if self.code[place : place + 1] == ",":
                place = self.skip(place + 1)
            elif self.code[place : place + 1] != close:
                return None
        return found, place + 1


def _joined(value: Value) -> str:
    return value if isinstance(value, str) else ",".join(value)


def _call(name: str, arguments: list[Value]) -> Value:
    text = _joined(arguments[0]) if arguments else ""
    if name == "atob":
        return decode_base64(text) or ""
    if name == "String.fromCharCode":
        codes = [int(_joined(one)) for one in arguments if _joined(one).isdecimal()]
        return "".join(chr(code) for code in codes if 0 < code < 0xD800)
    return text if name == "String" else unquote(text)


def _method(name: str, value: Value, arguments: list[Value]) -> Value:
    first = _joined(arguments[0]) if arguments else ""
    if name == "split" and isinstance(value, str):
        return value.split(first) if first else list(value)
    if name == "reverse":
        return value[::-1]
    if name == "join":
        return (first if arguments else ",").join(value)
    if name in ("replace", "replaceAll"):
        second = _joined(arguments[1]) if len(arguments) > 1 else ""
        return _replaced(_joined(value), first, second)
    if name == "concat":
        return _joined(value) + "".join(map(_joined, arguments))
    return _joined(value).strip()


_SIMPLE_PATTERN = re.compile(
    r"(?:[\w \-#*@~|]|\\[sDW\-.*+|/])+|\[(?:[\w \-#*@~|.^]|\\[sdDwW\-.*+|/])+\]\+?"
)


def _replaced(text: str, pattern: str, second: str) -> str:
    if not pattern.startswith("\x01"):
        return text.replace(pattern, second) if pattern else text
    if not _SIMPLE_PATTERN.fullmatch(pattern[1:]):
        return text
    return re.sub(pattern[1:], lambda _: second, text)


def strings(code: str) -> Iterator[tuple[str, str, bool]]:
    """(name it is given to, text, whether the code put it together) of the strings of a script."""
    reader = _Reader(code)
    grown: dict[str, str] = {}
    consumed = 0
    for match in _PLACE.finditer(code):
        if match.end() < consumed:
            continue
        reader.derived = False
        found = reader.expression(match.end())
        if found is None:
            continue
        value, end = found
        name = match[1] or match[3] or ""
        if match[1]:
            known = name.rsplit(".", 1)[-1]
            if match[2]:
                value = _joined(reader.names.get(known, "")) + _joined(value)
                reader.derived = True
            reader.names[known] = value[:_LONGEST_VALUE]
            if match[2]:
                grown[known] = name
        if reader.derived or isinstance(value, str):
            consumed = end
        if not match[2]:
            yield name, _joined(value), reader.derived
    for known, name in grown.items():
        yield name, _joined(reader.names[known]), True


def json_phones(code: str) -> Iterator[str]:
    """Values of keys that name a phone in a JSON document, or in what looks like one."""
    try:
        document = json.loads(code)
    except (json.JSONDecodeError, RecursionError):
        for match in re.finditer(r'"(\w{2,30})"\s*:\s*"([^"\\]{6,40})"', code):
            if PHONE_NAME.search(match[1]):
                yield match[2]
        return
    stack: list[tuple[str, object]] = [("", document)]
    while stack:
        name, value = stack.pop()
        if isinstance(value, dict):
            stack.extend((str(key), item) for key, item in value.items())
        elif isinstance(value, list):
            stack.extend((name, item) for item in value)
        elif isinstance(value, str | int) and name and PHONE_NAME.search(name):
            yield str(value)
