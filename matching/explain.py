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
    "some phrases in common, which many use": "alcune frasi in comune, usate da molti",
    "some rare phrases in common": "alcune frasi rare in comune",
    "half the phrases in common, which many use": "metà delle frasi in comune, usate da molti",
    "half the rare phrases in common": "metà delle frasi rare in comune",
    "nearly the same text, which many use": "testo quasi uguale, usato da molti",
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
    "no contact shared, among 1,000 adverts": "nessun contatto in comune, tra 1.000 annunci",
    "no contact shared, among 3,000 adverts": "nessun contatto in comune, tra 3.000 annunci",
    "no contact shared, among 10,000 adverts": "nessun contatto in comune, tra 10.000 annunci",
    "no contact shared, among 30,000 adverts": "nessun contatto in comune, tra 30.000 annunci",
    "no contact shared, among 100,000 adverts": "nessun contatto in comune, tra 100.000 annunci",
    "no contact shared, among more adverts": "nessun contatto in comune, tra molti annunci",
    "ages over five years apart": "età distanti più di cinque anni",
    "ages three to five years apart": "età distanti tre-cinque anni",
    "ages one or two years apart": "età distanti uno o due anni",
    "same age": "stessa età",
    "another province": "altra provincia",
    "same province": "stessa provincia",
    "same city": "stessa città",
    "other price": "altro prezzo",
    "similar price": "prezzo simile",
    "same price": "stesso prezzo",
    "over 200 days between": "oltre 200 giorni di distanza",
    "three to six months between": "da tre a sei mesi di distanza",
    "one to three months between": "da uno a tre mesi di distanza",
    "one to four weeks between": "da una a quattro settimane di distanza",
    "within a week": "a meno di una settimana",
    "shown at the same time": "visibili nello stesso periodo",
}


def words(evidence: Iterable[Evidence], language: Literal["it", "en"] = "en") -> str:
    """The evidence of a link as one line, heaviest first. A level without translation stays."""
    return "; ".join(
        f"{ITALIAN.get(item.level, item.level) if language == 'it' else item.level} "
        f"{_signed(item.weight)}"
        for item in evidence
    )


def _signed(weight: float) -> str:
    return f"{weight:+.1f}".replace("-", "−")
