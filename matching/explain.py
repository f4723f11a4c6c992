"""Weights in words: `same number +10.2; same rare name +5.9; another province −2.5`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from records.linking import Evidence

ITALIAN = {
    "other number": "altro numero",
    "same number, on ten names or more": "stesso numero, su dieci nomi o più",
    "same number, on five to nine names": "stesso numero, su cinque-nove nomi",
    "same number, on three or four names": "stesso numero, su tre o quattro nomi",
    "same number": "stesso numero",
    "same number, read with doubt": "stesso numero, di lettura dubbia",
    "other messenger handle": "altro contatto di messaggistica",
    "same handle, on ten names or more": "stesso contatto, su dieci nomi o più",
    "same handle, on five to nine names": "stesso contatto, su cinque-nove nomi",
    "same handle, on three or four names": "stesso contatto, su tre o quattro nomi",
    "same messenger handle": "stesso contatto di messaggistica",
    "other name": "altro nome",
    "similar name": "nome simile",
    "same common name": "stesso nome, comune",
    "same name": "stesso nome",
    "same rare name": "stesso nome, raro",
    "no rare phrase in common": "nessuna frase rara in comune",
    "half the rare phrases in common": "metà delle frasi rare in comune",
    "nearly the same text": "testo quasi uguale",
    "like text, but name, age and place differ": "testo simile, ma nome, età e luogo diversi",
    "like text, but most of name, age and place differ": (
        "testo simile, ma nome, età e luogo in gran parte diversi"
    ),
    "like text, but one of name, age and place differs": (
        "testo simile, ma uno tra nome, età e luogo è diverso"
    ),
    "like text, name, age and place do not decide": (
        "testo simile, nome, età e luogo non decidono"
    ),
    "like text, and one of name, age and place fits": (
        "testo simile, e uno tra nome, età e luogo coincide"
    ),
    "like text, and most of name, age and place fit": (
        "testo simile, e nome, età e luogo in gran parte coincidono"
    ),
    "like text, and name, age and place fit": "testo simile, e nome, età e luogo coincidono",
    "ages over five years apart": "età distanti più di cinque anni",
    "ages three to five years apart": "età distanti tre-cinque anni",
    "ages one or two years apart": "età distanti uno o due anni",
    "same age": "stessa età",
    "another province": "altra provincia",
    "same province": "stessa provincia",
    "same city": "stessa città",
    "other price": "altro prezzo",
    "same price": "stesso prezzo",
    "over 200 days between": "oltre 200 giorni di distanza",
    "three to six months between": "da tre a sei mesi di distanza",
    "one to three months between": "da uno a tre mesi di distanza",
    "one to four weeks between": "da una a quattro settimane di distanza",
    "within a week": "a meno di una settimana",
    "shown at the same time": "visibili nello stesso periodo",
    "same number, on two names": "stesso numero, su due nomi",
    "number on many names, no name said": "numero di molti nomi, nome non detto",
    "number on many names, and another name": "numero di molti nomi, e un altro nome",
    "number on many names, and a similar name": "numero di molti nomi, e un nome simile",
    "number on many names, and the same name": "numero di molti nomi, e lo stesso nome",
    "same handle, on two names": "stesso contatto, su due nomi",
    "same very common name": "stesso nome, molto comune",
    "same very rare name": "stesso nome, molto raro",
    "few phrases in common": "poche frasi in comune",
    "a fifth of the rare phrases in common": "un quinto delle frasi rare in comune",
    "a third of the rare phrases in common": "un terzo delle frasi rare in comune",
    "most of the rare phrases in common": "quasi tutte le frasi rare in comune",
    "hardly any rare wording in common": "quasi nessuna espressione rara in comune",
    "little rare wording in common": "poche espressioni rare in comune",
    "some rare wording in common": "alcune espressioni rare in comune",
    "quite some rare wording in common": "diverse espressioni rare in comune",
    "much rare wording in common": "molte espressioni rare in comune",
    "very much rare wording in common": "moltissime espressioni rare in comune",
    "most rare wording in common": "gran parte delle espressioni rare in comune",
    "long rare wording in common": "un lungo testo raro in comune",
    "a phrase of one hand in common": "in comune una frase che usa una persona sola",
    "a phrase of two hands in common": "in comune una frase che usano in due",
    "a phrase of three or four hands in common": "in comune una frase che usano in tre o quattro",
    "a phrase of five to eight hands in common": "in comune una frase che usano in cinque-otto",
    "a phrase of up to 24 hands in common": "in comune una frase che usano al massimo in 24",
    "a phrase of up to 64 hands in common": "in comune una frase che usano al massimo in 64",
    "only phrases that many use in common": "in comune solo frasi usate da molti",
    "hardly a stranger looks so alike": "quasi nessun'altra si presenta così",
    "few strangers look so alike": "poche altre si presentano così",
    "a stranger in four or so looks alike": "forse un'altra si presenta così",
    "about one stranger looks so alike": "circa un'altra si presenta così",
    "some strangers look so alike": "alcune altre si presentano così",
    "many strangers look so alike": "molte altre si presentano così",
    "very many strangers look so alike": "moltissime altre si presentano così",
    "no contact shared, among more hands": "nessun contatto in comune, tra ancora più persone",
    "on another site": "su un altro sito",
    "on the same site": "sullo stesso sito",
    "price within a quarter": "prezzo entro un quarto",
    "price within an eighth": "prezzo entro un ottavo",
    "no contact shared, among 500 hands or fewer": (
        "nessun contatto in comune, tra non più di 500 persone"
    ),
    "no contact shared, among 1,000 hands or fewer": (
        "nessun contatto in comune, tra non più di 1.000 persone"
    ),
    "no contact shared, among 2,000 hands or fewer": (
        "nessun contatto in comune, tra non più di 2.000 persone"
    ),
    "no contact shared, among 4,000 hands or fewer": (
        "nessun contatto in comune, tra non più di 4.000 persone"
    ),
    "no contact shared, among 8,000 hands or fewer": (
        "nessun contatto in comune, tra non più di 8.000 persone"
    ),
    "no contact shared, among 16,000 hands or fewer": (
        "nessun contatto in comune, tra non più di 16.000 persone"
    ),
    "no contact shared, among 32,000 hands or fewer": (
        "nessun contatto in comune, tra non più di 32.000 persone"
    ),
    "no contact shared, among 64,000 hands or fewer": (
        "nessun contatto in comune, tra non più di 64.000 persone"
    ),
    "no contact shared, among 128,000 hands or fewer": (
        "nessun contatto in comune, tra non più di 128.000 persone"
    ),
    "no contact shared, among 256,000 hands or fewer": (
        "nessun contatto in comune, tra non più di 256.000 persone"
    ),
    "no contact shared, among 512,000 hands or fewer": (
        "nessun contatto in comune, tra non più di 512.000 persone"
    ),
    "no contact shared, among 1,024,000 hands or fewer": (
        "nessun contatto in comune, tra non più di 1.024.000 persone"
    ),
}


def words(evidence: Iterable[Evidence], language: Literal["it", "en"] = "en") -> str:
    """The evidence of a link as one line, heaviest first. A level without translation stays."""
    return "; ".join(
        f"{ITALIAN.get(item.level, item.level) if language == 'it' else item.level} "
        f"{signed(item.weight)}"
        for item in evidence
    )


def signed(weight: float) -> str:
    """A weight with its sign, as it is read."""
    return f"{weight:+.1f}".replace("-", "−")
