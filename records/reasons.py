"""The sentences that explain a flag, in plain Italian and English.

`REASONS[code]` is (Italian, English, Italian for files, English for files). Files are for paper
and files get lost, so their sentences name no place and no movement (guide/outreach.md).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal

from records.flags import Reason

Language = Literal["it", "en"]

_MONTHS = {
    "it": (
        *("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno"),
        *("luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}

REASONS: dict[str, tuple[str, str, str, str]] = {
    "first_seen": (
        "primo annuncio visto il {date}, a {place}",
        "first advert seen on {date}, in {place}",
        "primo annuncio visto il {date}",
        "first advert seen on {date}",
    ),
    "first_seen_somewhere": (
        "primo annuncio visto il {date}",
        "first advert seen on {date}",
        "primo annuncio visto il {date}",
        "first advert seen on {date}",
    ),
    "absent_since": (
        "assente da {days} giorni: l'ultima volta vista il {date}, a {place}",
        "absent for {days} days: last seen on {date}, in {place}",
        "assente da {days} giorni: l'ultima volta vista il {date}",
        "absent for {days} days: last seen on {date}",
    ),
    "absent_since_somewhere": (
        "assente da {days} giorni: l'ultima volta vista il {date}",
        "absent for {days} days: last seen on {date}",
        "assente da {days} giorni: l'ultima volta vista il {date}",
        "absent for {days} days: last seen on {date}",
    ),
    "absence_unproven": (
        "assenza non provata: nel frattempo i controlli hanno avuto interruzioni",
        "absence not proven: the checks were interrupted meanwhile",
        "assenza non provata: nel frattempo i controlli hanno avuto interruzioni",
        "absence not proven: the checks were interrupted meanwhile",
    ),
    "same_advert": (
        "stesso annuncio di prima",
        "the same advert as before",
        "stesso annuncio di prima",
        "the same advert as before",
    ),
    "same_number": (
        "stesso numero già visto fino al {date}",
        "same number as until {date}",
        "stesso numero già visto fino al {date}",
        "same number as until {date}",
    ),
    "same_handle": (
        "stesso contatto di messaggistica già visto fino al {date}",
        "same messenger handle as until {date}",
        "stesso contatto di messaggistica già visto fino al {date}",
        "same messenger handle as until {date}",
    ),
    "same_words": (
        "stesse frasi rare di un annuncio precedente, e altri elementi in comune",
        "same rare phrases as an earlier advert, and other things in common",
        "stesse frasi rare di un annuncio precedente, e altri elementi in comune",
        "same rare phrases as an earlier advert, and other things in common",
    ),
    "number_changed": (
        "un numero mai visto prima per questo profilo",
        "a number never seen before for this profile",
        "un numero mai visto prima per questo profilo",
        "a number never seen before for this profile",
    ),
    "place_changed": (
        "ora a {place}, dove non era mai stata vista",
        "now in {place}, where she was never seen before",
        "in una zona nuova",
        "in a new area",
    ),
    "doubtful_link": (
        "forse la stessa di un altro profilo: il legame è dubbio e nessuno ha ancora deciso",
        "maybe the same as another profile: the link is doubtful and nobody has decided yet",
        "forse la stessa di un altro profilo: il legame è dubbio e nessuno ha ancora deciso",
        "maybe the same as another profile: the link is doubtful and nobody has decided yet",
    ),
    "other_site": (
        "vista anche su un altro sito",
        "also seen on another site",
        "vista anche su un altro sito",
        "also seen on another site",
    ),
}


def day_in_words(iso_date: str, language: Language) -> str:
    """`2026-09-03` → `3 settembre` or `3 September`."""
    day = datetime.fromisoformat(iso_date)
    return f"{day.day} {_MONTHS[language][day.month - 1]}"


_BEFORE_A_VOWEL = re.compile(r"\b(il|al|dal|del) (?=(?:8|11)\b)")


def elided(text: str) -> str:
    """Italian articles before the 8th and the 11th: `dal 8 marzo` → `dall'8 marzo`."""
    short = {"il": "l'", "al": "all'", "dal": "dall'", "del": "dell'"}
    return _BEFORE_A_VOWEL.sub(lambda found: short[found.group(1)], text)


def sentence(reason: Reason, language: Language, *, for_file: bool = False) -> str:
    """The reason as a sentence without full stop. `date` params are ISO local dates."""
    template = REASONS[reason.code][(0 if language == "it" else 1) + (2 if for_file else 0)]
    params = dict(reason.params)
    if "date" in params:
        params["date"] = day_in_words(str(params["date"]), language)
    text = template.format(**params)
    return elided(text) if language == "it" else text
