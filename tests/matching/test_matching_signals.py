"""Signals as a table of cases: what is taken note of, with which grade, and what never is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from matching.signals import GRADES, RULES, Facts, Grade, Signal, of_network, signals

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def facts(*texts: str, **more: object) -> Facts:
    return Facts(NOW, texts, **more)  # type: ignore[arg-type]


def on(*days: int) -> tuple[tuple[str, datetime], ...]:
    return tuple((f"città {each}", NOW + timedelta(days=each)) for each in days)


@pytest.mark.parametrize(
    ("case", "found"),
    [
        (facts("amo il mare e la montagna"), {}),
        (facts(obscured=2), {"obscured_number": 2}),
        (facts("massima fiducia", "100% reale"), {"trustworthy_language": 2}),
        (facts("giovanissima studentessa"), {"youth_language": 1}),
        (facts("ho 22 anni"), {}),
        (facts(profiles_per_number=(1, 2)), {}),
        (facts(profiles_per_number=(1, 5)), {"number_on_many_profiles": 5}),
        (facts(profiles_per_number=(1, 1, 1)), {"many_numbers": 3}),
        (facts(template_profiles=4), {"template_text": 4}),
        (facts("le nostre ragazze ti aspettano"), {"plural_voice": 1}),
        (facts(cities=on(0, 3)), {}),
        (facts(cities=on(0, 3, 6)), {"cities_a_week": 3}),
        (facts(cities=on(0, 10, 20)), {}),
        (facts(price_share=0.45), {"low_price": 45}),
        (facts(price_share=0.8), {}),
        (facts("disponibile 24h su 24"), {"around_the_clock": 1}),
        (facts("sempre protetto, no anonimi"), {"limits_stated": 1}),
        (facts("solo su appuntamento, con caparra"), {"deposit": 1, "appointment": 1}),
        (facts(number_since=NOW - timedelta(days=400)), {"number_kept": 13}),
        (facts("appena arrivata in città"), {"new_in_town": 1}),
        # Nationality and ethnicity are in no rule.
        (facts("bella ragazza orientale, brasiliana, nigeriana, italiana, russa, cinese"), {}),
    ],
)
def test_signals(case: Facts, found: dict[str, int]) -> None:
    assert {each.code: each.figure for each in signals(case)} == found


def test_what_speaks_against_stands_beside_and_comes_last() -> None:
    told = signals(facts("giovanissima, solo su appuntamento", obscured=1))
    assert [each.grade for each in told] == [Grade.TESTED, Grade.TESTED, Grade.COUNTER]


def test_every_signal_has_words_in_both_languages_and_a_grade() -> None:
    for code, rule in RULES.items():
        assert rule.grade in GRADES, code
        assert all(words.strip() for words in rule.words), code


def test_of_a_network_what_half_of_it_shows() -> None:
    members = [facts(obscured=1), facts(obscured=2), facts("24h"), facts()]
    assert of_network(members) == {Signal("obscured_number", Grade.TESTED, 2): 2}
    assert of_network(members[:1]) == {}
