"""What of a nickname says who she is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.names import core

# As text() has it, but text() tries to encode every character there is: three seconds.
ANY = st.characters(exclude_categories=["Cs"])


@pytest.mark.parametrize(
    ("nickname", "expected"),
    [
        ("Giulia", "giulia"),
        ("GIULIA ❤️ bella", "giulia"),
        ("✨Giulyyya✨", "giulia"),
        ("la dolce Katia", "catia"),
        ("Catia", "catia"),
        ("𝓢𝓸𝓯𝓲𝓪", "sofia"),
        ("Chiara & Anna", "ciara"),
        ("Novità!", ""),
        ("italiana 25", ""),
        ("brasiliana Bruna", "bruna"),
        ("Giulia vera", "giulia"),
        ("Vera", "vera"),
        ("...", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_core(nickname: str | None, expected: str) -> None:
    assert core(nickname) == expected


@given(st.text(ANY, max_size=40))
def test_core_reads_anything(nickname: str) -> None:
    found = core(nickname)
    assert found == found.casefold()
    assert " " not in found
