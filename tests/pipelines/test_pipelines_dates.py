"""Posting dates, absolute and relative."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.dates import read_date

# As text() has it, but text() tries to encode every character there is: three seconds.
ANY = st.characters(exclude_categories=["Cs"])

ROME = ZoneInfo("Europe/Rome")
NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)  # Monday, 21:00 in Rome

READ = [
    ("oggi 10:35", "2026-11-23T09:35"),
    ("Oggi, alle 10.35", "2026-11-23T09:35"),
    ("ieri", "2026-11-21T23:00"),
    ("ieri alle 23:10", "2026-11-22T22:10"),
    ("l’altro ieri", "2026-11-20T23:00"),
    ("Yesterday at 5 pm", "2026-11-22T16:00"),
    ("lunedì 10:00", "2026-11-23T09:00"),
    ("sabato", "2026-11-20T23:00"),
    ("10:35", "2026-11-23T09:35"),
    ("3 ore fa", "2026-11-23T17:00"),
    ("2 giorni fa", "2026-11-21T20:00"),
    ("un'ora fa", "2026-11-23T19:00"),
    ("una settimana fa", "2026-11-16T20:00"),
    ("2 settimane, 3 giorni fa", "2026-11-06T20:00"),
    ("2\u00a0weeks, 3\u00a0days ago", "2026-11-06T20:00"),
    ("an hour ago", "2026-11-23T19:00"),
    ("a few minutes ago", "2026-11-23T19:59"),
    ("hace 3 horas", "2026-11-23T17:00"),
    ("il y a 2 jours", "2026-11-21T20:00"),
    ("vor 3 Stunden", "2026-11-23T17:00"),
    ("acum 3 ore", "2026-11-23T17:00"),
    ("adesso", "2026-11-23T20:00"),
    ("2026-11-20", "2026-11-19T23:00"),
    ("2026-11-20 10:00", "2026-11-20T09:00"),
    ("2026-11-20T10:00:00Z", "2026-11-20T10:00"),
    ("2026-11-20T10:00:00.123+02:00", "2026-11-20T08:00"),
    ("23/11/2026", "2026-11-22T23:00"),
    ("23/11/26 08:15", "2026-11-23T07:15"),
    ("Pubblicato il 12/11/2026 alle 09:30", "2026-11-12T08:30"),
    ("12.11.2026", "2026-11-11T23:00"),
    ("23 novembre", "2026-11-22T23:00"),
    ("30 dicembre", "2025-12-29T23:00"),
    ("30/12", "2025-12-29T23:00"),
    ("24 novembre 2025", "2025-11-23T23:00"),
    ("Inserito: 5 mag", "2026-05-04T22:00"),
    ("29 febbraio", "2024-02-28T23:00"),
    ("Nov 20, 2026", "2026-11-19T23:00"),
    ("November 20, 2026, 3:05 p.m.", "2026-11-20T14:05"),
    ("20 Nov 2026 14:00", "2026-11-20T13:00"),
    ("1795392000", "2026-11-23T00:00"),
]


@pytest.mark.parametrize(("text", "moment"), READ)
def test_read(text: str, moment: str) -> None:
    assert read_date(text, NOW, ROME) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "boh",
        "31/02/2026",
        "32/13/2026",
        "2027-01-01",
        "25 anni",
        "100 €",
        "23.50 €",
        "3114455667",
        "ore pasti",
    ],
)
def test_unreadable_or_in_the_future(text: str) -> None:
    assert read_date(text, NOW, ROME) is None


@given(st.text(ANY, max_size=40))
def test_any_text_gives_a_past_moment_or_none(text: str) -> None:
    found = read_date(text, NOW, ROME)
    assert found is None or (found.tzinfo is UTC and (found - NOW).days < 1)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2026, 11, 20)))
def test_what_is_written_is_read(moment: datetime) -> None:
    moment = moment.replace(second=0, microsecond=0, fold=0, tzinfo=ROME)
    expected = moment.astimezone(UTC)
    for form in ("%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M", "%d-%m-%Y, ore %H.%M"):
        assert read_date(moment.strftime(form), NOW, ROME) == expected
