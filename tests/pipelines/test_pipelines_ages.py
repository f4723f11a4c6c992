"""Stated ages."""

import pytest

from pipelines.ages import read_age

STATED = [
    ("25", 25),
    ("25 anni", 25),
    ("25anni", 25),
    ("Età: 30", 30),
    ("Età 24 anni", 24),
    ("25enne", 25),
    ("21 enne", 21),
    ("di anni 24", 24),
    ("Anna anni 25", 25),
    ("ventitré anni", 23),
    ("ventitre' anni", 23),
    ("vent'anni", 20),
    ("ventun anni", 21),
    ("ventenne", 20),
    ("dolce ventunenne", 21),
    ("diciottenne", 18),
    ("quarantunenne", 41),
    ("trentacinque anni", 35),
    ("ho appena 19 anni", 19),
    ("100 rose, 25 anni", 25),
    ("ragazza di 20 anni", 20),
    # other languages
    ("23 years old", 23),
    ("I'm 19 y.o.", 19),
    ("19yo", 19),
    ("twenty-three years old", 23),
    ("age 22, sweet", 22),
    ("23 años", 23),
    ("tengo 20 añitos", 20),
    ("veintitrés años", 23),
    ("treinta y dos años", 32),
    ("22 aninhos", 22),
    ("vinte e três anos", 23),
    ("23 de ani", 23),
    ("am douăzeci și trei de ani", 23),
    ("vingt-trois ans", 23),
    ("37 Jahre alt", 37),
    ("dreiundzwanzig Jahre", 23),
    ("22 лет", 22),
    ("22岁", 22),
    ("20 lat", 20),
    # under 18 is kept, and not passed over for another
    ("17 anni", 17),
    ("sedicenne", 16),
    ("diciassettenne", 17),
    ("ho 13 anni", 13),
    ("17-18 anni", 17),
    ("17/18 anni", 17),
    ("Anna 22 anni e Maria 16 anni", 16),
    # of several, the first
    ("Anna 22 anni e Maria 25 anni", 22),
    ("20-25 anni", 20),
]


@pytest.mark.parametrize(("text", "age"), STATED)
def test_stated(text: str, age: int) -> None:
    assert read_age(text) == age


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "150",
        "età 150",
        "maggiorenne",
        "20 anni di esperienza",
        "ho 20 anni di esperienza",
        "esperienza di 15 anni",
        "da 20 anni a Padova",
        "aperto da più di 20 anni",
        "15 anni fa",
        "10 years ago",
        "vietato ai minori di 18 anni",
        "vietato ai minori di anni 18",
        "solo maggiori di 18 anni",
        "devi avere 18 anni",
        "+18 anni",
        "solo over 30",
        "uomini dai 30 ai 60 anni",
        "per clienti 30-60 anni",
        "garanzia 10 anni",
        "ho un figlio di 12 anni",
        "musica anni 80",
        "100 rose",
        "3114455667 anni",
        "24 ore su 24",
    ],
)
def test_no_age(text: str) -> None:
    assert read_age(text) is None
