"""Stated ages."""

import pytest

from pipelines.ages import find_age, read_age

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


@pytest.mark.parametrize(("text", "age"), [case for case in STATED if case[1] >= 18][1:])
def test_running_text_states_it_too(text: str, age: int) -> None:
    assert find_age(text) == age


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
        "da tanti anni bel 18 anniversario",
    ],
)
def test_no_age(text: str) -> None:
    assert read_age(text) is None
    assert find_age(text) is None


# What running text states clearly of its author stays, however it goes on.
OWN = [
    ("ho 17 anni", 17),
    ("Ciao, ho appena 16 anni", 16),
    ("ho 13 anni", 13),
    ("in realtà ho 17 anni", 17),
    ("ho 17 anni di Padova", 17),
    ("ho 17 anni\ndi giorno sono libera", 17),
    ("Mi chiamo Luna, ho diciassette anni e vivo qui", 17),
    ("Vengo da Napoli, ho 17 anni", 17),
    ("cerco uomini gentili, ho 17 anni", 17),
    ("sono 17 anni.", 17),
    ("sono una 17enne", 17),
    ("dolce sedicenne", 16),
    ("età: 17", 17),
    ("Età 17 anni", 17),
    ("Anna di anni 17", 17),
    ("ragazza di 17 anni", 17),
    ("bella ragazza 17 anni nuova in città", 17),
    ("17 anni", 17),
    ("❤️ 17 anni ❤️", 17),
    ("NUOVA 17 ANNI", 17),
    ("Anna 17 anni!!!", 17),
    ("Anna, 17 anni, Padova", 17),
    ("Anna in centro, 17 anni", 17),
    ("Giulia 17 anni a Padova", 17),
    ("17-18 anni", 17),
    ("17/18 anni, nuova", 17),
    ("Anna 22 anni e Maria 16 anni", 16),
    ("I'm 17 years old", 17),
    ("17yo girl", 17),
    ("tengo 17 años", 17),
    ("j'ai 17 ans", 17),
    ("am 17 ani", 17),
    ("мне 17 лет", 17),
]


@pytest.mark.parametrize(("text", "age"), OWN)
def test_a_minor_that_running_text_states_is_kept(text: str, age: int) -> None:
    assert find_age(text) == age


@pytest.mark.parametrize(
    "text",
    [
        "17",
        "sono qui da 16 anni",
        "lavoro da ben 15 anni",
        "dopo ben 16 anni",
        "attivi ormai da quasi 15 anni",
        "sono in Italia per 15 anni",
        "sono 15 anni che lavoro",
        "sono 15 anni a Padova",
        "nei miei 15 anni a Milano",
        "nel settore ormai 15 anni con voi",
        "centro massaggi aperto 16 anni",
        "16 anni insieme a voi",
        "16 anni di passione e dolcezza",
        "ho 16 anni di studio alle spalle",
        "ho 15 anni in più di te",
        "anni 15 di carriera",
        "Esperienza: 15 anni",
        "Esperienza, 15 anni",
        "matrimonio 15 anni",
        "Festeggiamo 15 anni!",
        "con i suoi 15 anni di danza",
        "ho lavorato 15 anni in ospedale",
        "15 years in the business",
        "I have lived here 16 years",
        "il mio cane 14 anni",
        "macchina di 15 anni",
        "whisky 15 years old",
        "mio figlio 16enne",
        "cerco 17enne",
        "corpo da sedicenne",
        "sembro una 17enne",
        "non sono 17enne",
        "non ho 16 anni",
        "quando avevo 16 anni",
        "a 16 anni ho iniziato a ballare",
        "quindici anni in sala",
    ],
)
def test_no_minor_is_read_into_running_text(text: str) -> None:
    assert find_age(text) is None
