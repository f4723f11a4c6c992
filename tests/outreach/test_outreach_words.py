"""Both languages are complete, and the health line says what an operator needs."""

from __future__ import annotations

import re
import string
from datetime import UTC, date, datetime
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

import outreach
from outreach.calling import Obstacle
from outreach.health import _TROUBLE, health_lines, health_sentence
from outreach.times import long_day, since_words, when_words
from outreach.words import LANGUAGES, WORDS, language_name
from records.flags import FlagKind
from records.verdicts import PartitionHealth, PartitionVerdict

ROME = ZoneInfo("Europe/Rome")
NOW = datetime(2026, 3, 4, 5, 45, tzinfo=UTC)
SOURCES = Path(outreach.__file__).parent


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("table", [WORDS, LANGUAGES, _TROUBLE])
def test_every_phrase_is_there_in_both_languages(table: dict[str, tuple[str, str]]) -> None:
    for key, (italian, english) in table.items():
        assert italian.strip(), key
        assert english.strip(), key
        assert fields(italian) == fields(english), key


def test_every_word_is_used() -> None:
    sources = "".join(
        path.read_text(encoding="utf-8")
        for path in [*SOURCES.glob("*.py"), *SOURCES.glob("templates/*.html")]
        if path.name != "words.py"
    )
    families = ("kind.", "why.", "outcome.", "count.", "tick.", "change.", "language_", "health_")
    unused = [
        key
        for key in WORDS
        if not key.startswith(families)
        and f'"{key}"' not in sources
        and f'"{re.sub(r".(one|many)$", "", key)}"' not in sources
    ]
    assert unused == []


def test_no_phrase_is_missing() -> None:
    for kind in FlagKind:
        assert f"kind.{kind}" in WORDS
    for why in get_args(Obstacle):
        assert f"why.{why}" in WORDS
    for key in WORDS:
        if key.endswith(".one"):
            assert key.removesuffix(".one") + ".many" in WORDS
    assert set(_TROUBLE) >= {each.value for each in PartitionVerdict} - {"complete"}


def test_language_names() -> None:
    assert language_name("es", "it") == "spagnolo"
    assert language_name("es", "en") == "Spanish"
    assert language_name("xx", "it") == "xx"


@pytest.mark.parametrize(
    ("iso", "when", "since", "english"),
    [
        ("2026-03-04T06:10:00+01:00", "oggi alle 06:10", "dalle 06:10", "today at 06:10"),
        ("2026-03-04T05:10:00+00:00", "oggi alle 06:10", "dalle 06:10", "today at 06:10"),
        # 23:30 UTC is already the next day in Rome.
        ("2026-03-03T23:30:00+00:00", "oggi alle 00:30", "dalle 00:30", "today at 00:30"),
        (
            "2026-03-03T18:40:00+01:00",
            *("ieri alle 18:40", "da ieri alle 18:40", "yesterday at 18:40"),
        ),
        ("2026-03-01T18:40:00+01:00", "il 1 marzo", "dal 1 marzo", "on 1 March"),
        ("2026-02-08T18:40:00+01:00", "l'8 febbraio", "dall'8 febbraio", "on 8 February"),
        (
            "2025-11-11T18:40:00+01:00",
            *("l'11 novembre 2025", "dall'11 novembre 2025", "on 11 November 2025"),
        ),
    ],
)
def test_moments_in_words(iso: str, when: str, since: str, english: str) -> None:
    assert when_words(iso, "it", NOW, ROME) == when
    assert since_words(iso, "it", NOW, ROME) == since
    assert when_words(iso, "en", NOW, ROME) == english


def test_long_days() -> None:
    assert long_day(date(2026, 3, 4), "it") == "mercoledì 4 marzo 2026"
    assert long_day(date(2026, 3, 4), "en") == "Wednesday 4 March 2026"


def health(
    verdict: str = "complete",
    last_complete: str | None = "2026-03-04T06:07:00+01:00",
    *,
    site: str = "bakeca",
    partition: str = "treviso",
    last_run: str | None = "2026-03-04T06:10:00+01:00",
    adverts: int = 120,
    reason: str = "",
    held: bool = False,
) -> PartitionHealth:
    return PartitionHealth(
        site, partition, verdict, reason, last_run, last_complete, adverts, held=held
    )


NOTHING = "l'assenza dei suoi annunci non significa nulla"
EVENING = "2026-03-03T18:40:00+01:00"


@pytest.mark.parametrize(
    ("row", "italian", "english"),
    [
        (
            health(),
            "bakeca, treviso: completo, controllato oggi alle 06:07, 120 annunci",
            "bakeca, treviso: complete, checked today at 06:07, 120 adverts",
        ),
        (
            health(adverts=1),
            "bakeca, treviso: completo, controllato oggi alle 06:07, 1 annuncio",
            "bakeca, treviso: complete, checked today at 06:07, 1 advert",
        ),
        (
            health("blocked", None),
            f"bakeca, treviso: bloccato dalle 06:10; {NOTHING}",
            "bakeca, treviso: blocked since 06:10; the absence of its adverts means nothing",
        ),
        (
            health("partial", EVENING),
            "bakeca, treviso: letto solo in parte dalle 06:10 (ultimo controllo completo ieri alle "
            f"18:40); {NOTHING}",
            "bakeca, treviso: read only in part since 06:10 (last complete check yesterday at "
            "18:40); the absence of its adverts means nothing",
        ),
        (
            health("drift", EVENING, reason="0 schede"),
            "bakeca, treviso: il sito ha cambiato aspetto e non si legge dalle 06:10 (0 schede; "
            f"ultimo controllo completo ieri alle 18:40); {NOTHING}",
            "bakeca, treviso: the site has changed its look and cannot be read since 06:10 (0 "
            "schede; last complete check yesterday at 18:40); the absence of its adverts means "
            "nothing",
        ),
        (
            health("complete", held=True),
            "bakeca, treviso: quasi solo annunci mai visti: le loro segnalazioni aspettano una "
            f"decisione dalle 06:10 (ultimo controllo completo oggi alle 06:07); {NOTHING}",
            "bakeca, treviso: almost only adverts never seen before: their flags wait for a "
            "decision since 06:10 (last complete check today at 06:07); the absence of its adverts "
            "means nothing",
        ),
        (
            health("complete", "2026-03-01T06:07:00+01:00", last_run="2026-03-01T06:07:00+01:00"),
            f"bakeca, treviso: nessun controllo completo dal 1 marzo; {NOTHING}",
            "bakeca, treviso: no complete check since 1 March; the absence of its adverts means "
            "nothing",
        ),
        (
            health("never", None, last_run=None),
            f"bakeca, treviso: mai controllato; {NOTHING}",
            "bakeca, treviso: never checked; the absence of its adverts means nothing",
        ),
        (
            health("a verdict of tomorrow", None),
            f"bakeca, treviso: controllo non concluso dalle 06:10; {NOTHING}",
            "bakeca, treviso: check not concluded since 06:10; the absence of its adverts means "
            "nothing",
        ),
    ],
)
def test_health_in_words(row: PartitionHealth, italian: str, english: str) -> None:
    assert health_sentence(row, "it", NOW, ROME) == italian
    assert health_sentence(row, "en", NOW, ROME) == english


@pytest.mark.parametrize("verdict", [each.value for each in PartitionVerdict])
def test_every_verdict_but_complete_says_that_absence_means_nothing(verdict: str) -> None:
    text = health_sentence(health(verdict), "it", NOW, ROME)
    assert (NOTHING in text) == (verdict != "complete")


def test_trouble_comes_first_and_names_the_whole_site() -> None:
    lines = health_lines(
        [
            (health(site="annunci"), None),
            (health(site="annunci", partition="padova", adverts=30), None),
            (health("blocked", None, partition="treviso"), EVENING),
            (health("blocked", None, partition="padova"), "2026-03-04T06:10:00+01:00"),
            (health(site="vetrina"), None),
            (health("partial", None, site="vetrina", partition="padova"), None),
        ],
        "it",
        NOW,
        ROME,
    )
    assert [(line.tone, line.text) for line in lines] == [
        ("bad", f"bakeca: bloccato da ieri alle 18:40; {NOTHING}"),
        ("bad", f"vetrina (padova): letto solo in parte dalle 06:10; {NOTHING}"),
        ("good", "annunci: completo, controllato oggi alle 06:07, 150 annunci"),
        ("good", "vetrina (treviso): completo, controllato oggi alle 06:07, 120 annunci"),
    ]
