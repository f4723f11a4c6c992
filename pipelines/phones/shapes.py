"""What a string of digits can be as a phone number, judged by the patterns of libphonenumber."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberType

from records.contacts import LineKind

PLUS_LIMIT = 15
"""Digits of an international number, ITU-T E.164."""
LONGEST = 17
"""Digits of the longest writing of a number: 00 and fifteen."""


_ANY = (6, LONGEST)
_NONE = (LONGEST, 0)
_BOUNDS = {
    "": (LONGEST, LONGEST),
    **dict.fromkeys(("0", "1", "3", "8"), (LONGEST, LONGEST)),
    **{f"0{digit}": (6, 11) for digit in "123456789"},
    **{f"3{digit}": (9, 10) for digit in "12345678"},
    "00": (10, LONGEST),
    "39": (9, 13),
    **dict.fromkeys(("80", "84", "89"), (6, 9)),
    **dict.fromkeys(("14", "16", "17", "19"), (9, 10)),
}


def bounds(digits: str, free: bool) -> tuple[int, int]:
    """The fewest and the most digits of a writing that begins with `digits`.

    `free` when it may begin with anything: after a +, or where the text says that digits are
    missing or turned round.
    """
    return _ANY if free else _BOUNDS.get(digits[:2], _NONE)


@dataclass(frozen=True, slots=True)
class Shape:
    """A reading of digits: the number, its line, what it weighs, and the name of the rule.

    Weights are in the unit of `choice.py`: 4 is what a reading must reach to be reported.
    """

    value: str
    line: LineKind
    weight: float
    rule: str
    needs_cue: bool = False


def _italian(*kinds: str) -> re.Pattern[str]:
    metadata = PhoneMetadata.metadata_for_region("IT")
    assert metadata is not None
    patterns = [getattr(metadata, kind).national_number_pattern for kind in kinds]
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


_MOBILE = _italian("mobile")
_FIXED = _italian("fixed_line")
_TOLLFREE = _italian("toll_free")
_PREMIUM = _italian("premium_rate", "shared_cost", "personal_number")


def national(digits: str) -> tuple[str, LineKind, int] | None:
    """An Italian national number as (E.164, line, digits), None when it is none.

    A mobile number written with the zero of before 1998 (0347…) is repaired.
    """
    first = digits[:1]
    if first == "3":
        if len(digits) in (9, 10) and _MOBILE.fullmatch(digits):
            return "+39" + digits, "mobile", len(digits)
    elif first == "0":
        if len(digits) == 11 and digits[1] == "3" and _MOBILE.fullmatch(digits, 1):
            return "+39" + digits[1:], "mobile", 11
        if len(digits) <= 11 and _FIXED.fullmatch(digits):
            return "+39" + digits, "fixed", len(digits)
    elif first == "8" or first == "1":
        if _TOLLFREE.fullmatch(digits):
            return "+39" + digits, "tollfree", len(digits)
        if _PREMIUM.fullmatch(digits):
            return "+39" + digits, "premium", len(digits)
    return None


_STRAY_PLUS = 6.0
"""Weight of a mobile number with a + before it and no 39: "+347 1234567"."""
_FIXED_WEIGHT = {6: 0.5, 7: 1.0, 8: 3.0, 9: 5.0, 10: 5.0, 11: 2.5}


@lru_cache(maxsize=65536)
def shape(digits: str, plus: bool) -> Shape | None:
    """The best reading of `digits`, written with a + before them or without; None when none is."""
    if plus:
        if not 8 <= len(digits) <= PLUS_LIMIT + 1:
            return None
        found = _international(digits, "plus", 10.0)
        if found is None and len(digits) == 10 and digits[0] == "3" and digits[1] != "9":
            bare = national(digits)
            return Shape(bare[0], "mobile", _STRAY_PLUS, "mobile") if bare else None
        return found
    length = len(digits)
    if digits.startswith("00"):
        return _international(digits[2:], "zero_zero", 8.5) if 10 <= length <= LONGEST else None
    if length > 13:
        return None
    if digits.startswith("39") and length >= 11:
        bare = national(digits[2:])
        if bare and bare[1] == "mobile" and bare[2] >= 10:
            return Shape(bare[0], "mobile", 8.0, "bare_39")
        if bare and bare[1] == "mobile":
            return Shape(bare[0], "mobile", 2.5, "bare_39")
        if bare and bare[1] == "fixed" and bare[2] >= 9:
            return Shape(bare[0], "fixed", 3.0, "bare_39", needs_cue=True)
    written = national(digits)
    if written is None:
        return None
    value, line, count = written
    if digits.startswith("01234567"):
        return None
    if line == "mobile":
        if count == 10:
            return Shape(value, line, 8.0, "mobile")
        if count == 9:
            return Shape(value, line, 3.0, "mobile_9")
        return Shape(value, line, 6.5, "legacy_zero")
    if line == "fixed":
        return Shape(value, line, _FIXED_WEIGHT.get(count, 0.0), "fixed", needs_cue=count in (6, 7))
    if count == 9:
        return Shape(value, line, 4.0, line)
    return Shape(value, line, 2.2, line, needs_cue=True)


def _international(digits: str, rule: str, weight: float) -> Shape | None:
    if digits.startswith("39"):
        found = national(digits[2:])
        if found is None and digits[2:4] == "39":
            found = national(digits[4:])
        if found is not None:
            value, line, count = found
            if line == "mobile":
                return Shape(value, line, weight - (2.0 if count == 9 else 0.0), rule)
            if line == "fixed":
                return Shape(value, line, weight - (4.0 if count < 8 else 1.0), rule)
            return Shape(value, line, weight - 2.0, rule)
        return None
    abroad = foreign(digits)
    return Shape(abroad, "foreign", weight - 1.5, rule) if abroad else None


@lru_cache(maxsize=65536)
def foreign(digits: str) -> str | None:
    """E.164 of country code and number, None when libphonenumber does not find it valid."""
    try:
        number = phonenumbers.parse("+" + digits)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


@lru_cache(maxsize=65536)
def line_kind(value: str) -> LineKind | None:
    """The line of a number in E.164, None when the number is not valid."""
    digits = value.removeprefix("+")
    if digits.startswith("39"):
        found = national(digits[2:])
        return found[1] if found else None
    if not foreign(digits):
        return None
    number = phonenumbers.parse("+" + digits)
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.TOLL_FREE:
        return "tollfree"
    if kind in (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST):
        return "premium"
    return "foreign"
