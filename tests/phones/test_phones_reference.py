"""The shapes and the vocabulary against references: libphonenumber, and counting."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType

from pipelines.phones import find_phones
from pipelines.phones.shapes import foreign, national

RARE = (PhoneNumberType.VOIP,)
"""Valid, but nobody's own number and no beginning of an Italian mobile or fixed line."""
DIGITS = {
    "it": "zero uno due tre quattro cinque sei sette otto nove",
    "en": "zero one two three four five six seven eight nine",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "pt": "zero um dois três quatro cinco seis sete oito nove",
    "ro": "zero unu doi trei patru cinci șase șapte opt nouă",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun",
}


@settings(max_examples=400, deadline=None)
@given(st.from_regex(r"[0138][0-9]{5,10}", fullmatch=True))
def test_italian_numbers_are_those_of_libphonenumber(digits: str) -> None:
    found = national(digits)
    number = phonenumbers.PhoneNumber(
        country_code=39,
        national_number=int(digits),
        italian_leading_zero=True if digits[0] == "0" else None,
        number_of_leading_zeros=None
        if (zeros := len(digits) - len(digits.lstrip("0"))) < 2
        else zeros,
    )
    if found is None:
        kind = phonenumbers.number_type(number)
        assert kind in (PhoneNumberType.UNKNOWN, PhoneNumberType.VOICEMAIL) or kind in RARE
    elif found[0] == "+39" + digits:
        assert phonenumbers.is_valid_number(number)
    else:
        assert found[0] == "+39" + digits[1:]
        assert phonenumbers.is_valid_number(phonenumbers.parse(found[0]))


@settings(max_examples=200, deadline=None)
@given(st.from_regex(r"[1-9][0-9]{7,13}", fullmatch=True))
def test_foreign_numbers_are_those_of_libphonenumber(digits: str) -> None:
    value = foreign(digits)
    if value is not None:
        assert phonenumbers.is_valid_number(phonenumbers.parse(value))


@pytest.mark.parametrize("language", sorted(DIGITS))
@settings(max_examples=25, deadline=None)
@given(number=st.from_regex(r"31[1-8][0-9]{7}", fullmatch=True))
def test_digits_told_one_by_one_in_every_language(language: str, number: str) -> None:
    words = DIGITS[language].split()
    told = " ".join(words[int(digit)] for digit in number)
    assert "+39" + number in {contact.value for contact in find_phones(f"tel: {told}")}
