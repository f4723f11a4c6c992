"""Who can be called today, what is masked, and which addresses are left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from outreach.calling import advert_obstacle, due_on, masked, queue_obstacle, without_number
from records.queue import Attempt, Entry, ProfileAdvert

NOW = datetime(2026, 3, 4, 6, tzinfo=UTC)


def advert(
    state: str = "active",
    hours: float = 1,
    phones: tuple[str, ...] = ("•••67",),
    callable_number: bool = True,
) -> ProfileAdvert:
    seen = NOW - timedelta(hours=hours)
    return ProfileAdvert(
        **{"advert": 1, "site": "s", "ad_id": "1", "url": "http://127.0.0.1/1", "title": "t"},
        **{"nickname": None, "city": None, "province": "TV", "language": "it"},
        state=state,
        first_seen=seen,
        last_seen=seen,
        phones=phones,
        callable_number=callable_number,
    )


@pytest.mark.parametrize(
    ("adverts", "why"),
    [
        ([advert()], None),
        ([advert("active", hours=13 * 24)], None),
        ([advert("active", hours=15 * 24)], "not_checked"),
        ([advert("missing", hours=30)], None),
        ([advert("missing", hours=80)], "not_visible"),
        ([advert("absent")], "not_visible"),
        ([advert("absent"), advert()], None),
        ([advert(phones=(), callable_number=False)], "no_number"),
        ([advert(callable_number=False)], "number_unconfirmed"),
        # The confirmed number is on an advert that is gone: it may be somebody else's by now.
        ([advert("absent"), advert(callable_number=False)], "number_unconfirmed"),
        ([], "not_visible"),
    ],
)
def test_an_advert_must_be_visible_with_a_confirmed_number(
    adverts: list[ProfileAdvert], why: str | None
) -> None:
    assert advert_obstacle(adverts, NOW) == why


def attempt(days: float, outcome: str = "no_answer", **more: object) -> Attempt:
    return Attempt(
        id=1,
        entry=1,
        profile=1,
        at=NOW - timedelta(days=days),
        actor="op1",
        unit="u",
        channel="call",
        outcome=outcome,
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("state", "attempts", "why"),
    [
        ("to_review", [], None),
        ("contacted", [attempt(5)], None),
        ("claimed", [], "not_open"),
        ("closed", [], "not_open"),
        ("not_reached", [attempt(0.3)], "resting"),
        ("not_reached", [attempt(0.4)], None),
        ("not_reached", [attempt(20), attempt(10), attempt(5)], "resting"),
        ("not_reached", [attempt(31), attempt(10), attempt(5)], None),
        ("contacted", [attempt(9, "listened", consent=False)], "no_consent"),
        ("contacted", [attempt(9, consent=False), attempt(5)], "no_consent"),
        ("contacted", [attempt(9, consent=False), attempt(5, consent=True)], None),
        ("contacted", [attempt(9, "threats")], "needs_coordinator"),
    ],
)
def test_the_queue_holds_back(state: str, attempts: list[Attempt], why: str | None) -> None:
    entry = Entry(1, 1, "u", state, NOW)
    assert queue_obstacle(entry, attempts, NOW) == why


DAY = (NOW + timedelta(days=1)).date()


@pytest.mark.parametrize(
    ("attempts", "due"),
    [
        ([], None),
        ([attempt(5, "listened", next_on=DAY)], DAY),
        ([attempt(5, "listened", next_on=DAY), attempt(1, "listened")], None),
        # A promise is kept by speaking with her, not by letting it ring.
        ([attempt(5, "listened", next_on=DAY), attempt(1, "no_answer")], DAY),
        ([attempt(5, "listened"), attempt(1, "no_answer")], None),
    ],
)
def test_a_promise_stays_until_it_is_kept(attempts: list[Attempt], due: object) -> None:
    assert due_on(attempts) == due


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("•••67", "•••67"), ("+39 311 445 5667", "•••67"), ("67", "•••67"), ("7", "•••"), ("", "•••")],
)
def test_masks(phone: str, shown: str) -> None:
    assert masked(phone) == shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.org/annuncio/v427", True),
        ("https://example.org/a/12345678", True),
        ("https://example.org/2026/03/04/a-77", True),
        ("https://example.org/a/311445566", False),
        ("https://example.org/a/3114455667", False),
        ("https://example.org/a/+39-311-445-5667", False),
        ("https://example.org/a?tel=%2B393114455667", False),
        ("https://example.org/a?q=311%20445%2055%2067", False),
        ("https://example.org/a?q=311%2520445%252055%252067", False),
        ("https://example.org/311.445.56.67/x", False),
        ("https://example.org/a/٣١١٤٤٥٥٦٦٧", False),
        ("https://example.org/a/0422445566", False),
        ("https://example.org/a/40712345678", False),
    ],
)
def test_an_address_that_could_hold_a_number_is_left_out(url: str, shown: bool) -> None:
    assert without_number(url) == (url if shown else None)
