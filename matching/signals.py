"""Signals: what in a profile's adverts studies, or the services' own experience, take note of.

Never a verdict and never part of a score or the ranking: they are shown below everything else, to
coordinators, each with the grade of its evidence and beside what speaks against it. Nationality and
ethnicity are in no rule (guide: protection, Signals). Pure.

The graded ones come from a study that tested 1,600 US adverts against negative cases (NIJ): of its
signs, obscured numbers, "trustworthy" language and youth language predicted; "new in town" made
trafficking 70 % less likely. "At least one indicator" flags 81 % of all adverts (a UK study of
17,362): one alone says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal


class Grade(StrEnum):
    """How well a signal is founded."""

    TESTED = "tested"
    IN_USE = "in use"
    COUNTER = "counter"


GRADES: dict[Grade, tuple[str, str]] = {
    Grade.TESTED: (
        "provato su casi veri e casi contrari (uno studio, annunci USA)",
        "tested against negative cases (one study, US adverts)",
    ),
    Grade.IN_USE: (
        "in uso nei servizi, non provato",
        "in use among services, not tested",
    ),
    Grade.COUNTER: ("parla contro", "speaks against"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a profile. `texts` are title and text of its adverts, contacts taken out.

    `profiles_per_number` gives for each of its numbers how many profiles show it, `obscured` how
    many adverts write a number so that it is hard to read, `template_profiles` how many profiles
    with other numbers use its text, `cities` where it was first seen when, `price_share` its lowest
    price as a share of the city's median, `number_since` when its oldest number in use was seen.
    """

    now: datetime
    texts: tuple[str, ...] = ()
    profiles_per_number: tuple[int, ...] = ()
    adverts: int = 0
    obscured: int = 0
    template_profiles: int = 0
    cities: tuple[tuple[str, datetime], ...] = ()
    price_share: float | None = None
    number_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal that holds, with its figure (None where there is none to tell)."""

    code: str
    grade: Grade
    figure: int | None = None

    def words(self, language: Literal["it", "en"]) -> str:
        """The signal as a sentence, without its grade."""
        italian, english = RULES[self.code].words
        return (italian if language == "it" else english).format(n=self.figure)


@dataclass(frozen=True, slots=True)
class Rule:
    """`holds` gives the figure to tell (0: nothing to tell of); `words` are Italian and English."""

    grade: Grade
    holds: Callable[[Facts], int]
    words: tuple[str, str]


def _said(*patterns: str) -> Callable[[Facts], int]:
    pattern = re.compile(r"\b(?:" + "|".join(patterns) + r")\b", re.IGNORECASE)
    return lambda facts: sum(bool(pattern.search(text)) for text in facts.texts)


def _cities_a_week(facts: Facts) -> int:
    """The most cities in which it was first seen within seven days, from three on."""
    moves = sorted(facts.cities, key=lambda each: each[1])
    most = 0
    for place, (_, start) in enumerate(moves):
        within = {city for city, at in moves[place:] if at - start <= timedelta(days=7)}
        most = max(most, len(within))
    return most if most >= 3 else 0


def _long_kept(facts: Facts) -> int:
    """Months for which one number was kept, from six on."""
    if facts.number_since is None:
        return 0
    months = (facts.now - facts.number_since).days // 30
    return months if months >= 6 else 0


def _at_least(least: int, count: Callable[[Facts], int]) -> Callable[[Facts], int]:
    return lambda facts: count(facts) if count(facts) >= least else 0


RULES: dict[str, Rule] = {
    "obscured_number": Rule(
        Grade.TESTED,
        lambda facts: facts.obscured,
        (
            "numero scritto in modo da non farsi leggere, in {n} annunci",
            "number written so as not to be read, in {n} adverts",
        ),
    ),
    "trustworthy_language": Rule(
        Grade.TESTED,
        _said(
            r"(?:di )?(?:massima )?fiducia",
            r"affidabil\w+",
            r"100 ?% (?:reale|vera)",
            r"no (?:trucchi|inganni|perditempo)",
            r"trustworthy",
            r"reliable",
            r"no (?:tricks|games|scam)",
            r"confiable",
        ),
        ("insiste sulla fiducia, in {n} annunci", "insists on trust, in {n} adverts"),
    ),
    "youth_language": Rule(
        Grade.TESTED,
        _said(
            r"giovanissim\w+",
            r"ragazzin\w+",
            r"appena (?:maggiorenne|diciottenne)",
            r"lolita",
            r"barely legal",
            r"very young",
            r"schoolgirl",
            r"jovencita",
        ),
        (
            "linguaggio che insiste sulla giovane età, in {n} annunci",
            "language that insists on youth, in {n} adverts",
        ),
    ),
    "number_on_many_profiles": Rule(
        Grade.IN_USE,
        lambda facts: max((each for each in facts.profiles_per_number if each >= 3), default=0),
        ("uno stesso numero su {n} profili", "one number on {n} profiles"),
    ),
    "many_numbers": Rule(
        Grade.IN_USE,
        lambda facts: len(facts.profiles_per_number) if len(facts.profiles_per_number) >= 3 else 0,
        ("{n} numeri su un profilo", "{n} numbers on one profile"),
    ),
    "template_text": Rule(
        Grade.IN_USE,
        lambda facts: facts.template_profiles,
        (
            "lo stesso testo su altri {n} profili con altri numeri",
            "the same text on {n} other profiles with other numbers",
        ),
    ),
    "plural_voice": Rule(
        Grade.IN_USE,
        _said(
            r"(?:le )?nostre ragazze",
            r"(?:siamo|abbiamo) (?:sempre )?(?:nuove|belle|delle)",
            r"ti aspettiamo",
            r"le ragazze",
            r"our girls",
            r"we have (?:new|many)",
            r"nuestras chicas",
        ),
        (
            "parla al plurale o in terza persona, in {n} annunci",
            "plural or third person voice, in {n} adverts",
        ),
    ),
    "cities_a_week": Rule(
        Grade.IN_USE, _cities_a_week, ("{n} città in una settimana", "{n} cities in one week")
    ),
    "low_price": Rule(
        Grade.IN_USE,
        lambda facts: (
            round(100 * facts.price_share)
            if facts.price_share is not None and facts.price_share <= 0.5
            else 0
        ),
        ("prezzo pari al {n} % della mediana della città", "price at {n} % of the city's median"),
    ),
    "around_the_clock": Rule(
        Grade.IN_USE,
        _said(
            r"24 ?(?:h|ore)? ?(?:su|/|x|h) ?24",
            r"24 ?h",
            r"24 ore",
            r"24 ?/ ?7",
            r"giorno e notte",
            r"día y noche",
        ),
        ("disponibile a ogni ora, in {n} annunci", "available at all hours, in {n} adverts"),
    ),
    "limits_stated": Rule(
        Grade.COUNTER,
        _said(
            r"no anonim\w*",
            r"(?:solo|sempre) (?:protett\w+|con protezione)",
            r"non (?:faccio|offro|rispondo|accetto|ricevo)",
            r"solo (?:persone )?(?:educat\w+|distint\w+|gentil\w+)",
            r"no (?:sms|whatsapp|bareback|rap+orti)",
            r"i (?:don't|do not)",
            r"no hago",
        ),
        (
            "pone condizioni e limiti, in {n} annunci",
            "states conditions and limits, in {n} adverts",
        ),
    ),
    "deposit": Rule(
        Grade.COUNTER,
        _said(r"caparra", r"acconto", r"deposito", r"anticipo", r"deposit"),
        ("chiede un acconto, in {n} annunci", "asks for a deposit, in {n} adverts"),
    ),
    "appointment": Rule(
        Grade.COUNTER,
        _said(r"(?:solo |su )?appuntamento", r"prenotazione", r"by appointment", r"con cita"),
        ("riceve su appuntamento, in {n} annunci", "by appointment, in {n} adverts"),
    ),
    "number_kept": Rule(
        Grade.COUNTER,
        _long_kept,
        ("lo stesso numero da {n} mesi", "the same number for {n} months"),
    ),
    "new_in_town": Rule(
        Grade.COUNTER,
        _said(
            r"(?:appena|nuova) (?:arrivat\w+|in citt[aà])",
            r"prima volta in citt[aà]",
            r"new in town",
            r"just arrived",
            r"reci[eé]n llegada",
        ),
        (
            "«nuova in città», in {n} annunci: nello studio, tratta del 70 % meno probabile",
            '"new in town", in {n} adverts: in the study trafficking was 70 % less likely',
        ),
    ),
}
"""Every signal, with its grade: tested ones first, what speaks against last."""


def signals(facts: Facts) -> tuple[Signal, ...]:
    """The signals that hold of a profile, in the order of RULES."""
    found = [(code, rule, rule.holds(facts)) for code, rule in RULES.items()]
    return tuple(Signal(code, rule.grade, figure) for code, rule, figure in found if figure)


def of_network(members: Sequence[Facts]) -> dict[Signal, int]:
    """The signals that half or more of a network's profiles show, with how many do.

    Each has the highest figure among them.
    """
    figures: dict[str, list[int]] = {code: [] for code in RULES}
    for each in members:
        for signal in signals(each):
            figures[signal.code].append(signal.figure or 0)
    return {
        Signal(code, RULES[code].grade, max(found)): len(found)
        for code, found in figures.items()
        if len(members) > 1 and found and 2 * len(found) >= len(members)
    }
