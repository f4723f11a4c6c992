"""Clean text, titles and nicknames."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.text import clean_nickname, clean_text, clean_title

CASES = [
    ("nothing to do", "Ciao, sono Anna", "Ciao, sono Anna"),
    ("composed accents", "citta\u0300", "città"),
    ("NBSP and exotic spaces", "a\u00a0b\u2003c\u202fd\u3000e", "a b c d e"),
    ("Hangul filler and braille blank", "a\u3164b\u2800c", "a b c"),
    ("spaces and tabs collapse", "  a \t  b  ", "a b"),
    ("line ends of every kind", "a\r\nb\rc\u2028d\x85e", "a\nb\nc\nd\ne"),
    ("paragraph separator", "a\u2029b", "a\n\nb"),
    ("at most one blank line", "a\n \n\t\n\n\nb", "a\n\nb"),
    ("edges", "\n\n a \n\n", "a"),
    ("zero width in a word", "mas\u200bsag\u00adgio\ufeff", "massaggio"),
    ("zero width in a number keeps it readable", "311\u200c445\u200c5667", "311 445 5667"),
    ("zero width never merges an age and a number", "25\u200b3114455667", "25 3114455667"),
    ("zero width between letter and digit", "tel\u200b333", "tel333"),
    ("NUL and controls", "a\x00b\x07c", "abc"),
    ("lone surrogates", "a\ud800b", "ab"),
    ("bidi overrides", "\u202e333\u202c", "333"),
    ("emoji family stays whole", "👩\u200d❤️\u200d👨", "👩\u200d❤️\u200d👨"),
    ("joiner elsewhere goes", "a\u200db", "ab"),
    ("keycaps stay", "3️⃣3️⃣", "3️⃣3️⃣"),
    ("digits of other scripts stay", "３３３ 𝟛𝟛 ٣", "３３３ 𝟛𝟛 ٣"),
    ("our token brackets can't be forged", "⟦tel:1⟧", "[tel:1]"),
    ("empty", "", ""),
]


@pytest.mark.parametrize(("text", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_clean_text(text: str, expected: str) -> None:
    assert clean_text(text) == expected


AWKWARD = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from(list("  \n\r\t\u200b\u200d\u00ad\u00a0\u0301\ufe0f\u20e3⟦❤👩039ae")),
    ),
    max_size=60,
)


@given(AWKWARD)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once


@given(AWKWARD)
def test_clean_text_is_normal_and_storable(text: str) -> None:
    clean = clean_text(text)
    assert unicodedata.is_normalized("NFC", clean)
    assert "\n\n\n" not in clean
    assert not any(
        unicodedata.category(c) in ("Cc", "Cs") and c != "\n" for c in clean.encode().decode()
    )


@given(AWKWARD)
def test_no_digit_is_lost_or_added(text: str) -> None:
    def digits(value: str) -> list[str]:
        return [c for c in unicodedata.normalize("NFC", value) if c.isdecimal()]

    assert digits(clean_text(text)) == digits(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Anna \n bella\u00a0mora ", "Anna bella mora"),
        ("NOVITÀ!!! ❤️", "NOVITÀ!!! ❤️"),
        ("\n", ""),
    ],
)
def test_clean_title(text: str, expected: str) -> None:
    assert clean_title(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Anna", "Anna"),
        ("  ❤️ Anna ❤️ ", "Anna"),
        ("*** Lady\nSonia ***", "Lady Sonia"),
        ("«Maria J.»", "Maria J."),
        ("❤️❤️", None),
        ("3114455667", None),
        ("", None),
    ],
)
def test_clean_nickname(text: str, expected: str | None) -> None:
    assert clean_nickname(text) == expected
