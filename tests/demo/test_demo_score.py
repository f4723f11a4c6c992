"""Precision and recall of flags, as a table of small stories."""

from datetime import date, timedelta

import pytest

from demo.score import TOLERANCE_DAYS, PublishedFlag, score
from demo.truth import Event
from records.flags import FlagKind

DAY = date(2026, 3, 1)
NEW, BACK = FlagKind.NEW, FlagKind.REAPPEARED
OWNERS = {("s", "a1"): "ann", ("s", "a2"): "ann", ("s", "b1"): "bea", ("t", "b2"): "bea"}


def flag(days: int, kind: FlagKind, *adverts: str) -> PublishedFlag:
    keys = frozenset(("t" if name == "b2" else "s", name) for name in adverts)
    return PublishedFlag(DAY + timedelta(days=days), kind, keys)


def event(days: int, kind: FlagKind, person: str) -> Event:
    return Event(DAY + timedelta(days=days), person, kind)


# flags, events, and of kind new: published, true, matched
CASES = {
    "nothing happened": ([], [], (0, 0, 0)),
    "right on the day": ([flag(0, NEW, "a1")], [event(0, NEW, "ann")], (1, 1, 1)),
    "as late as may be": (
        [flag(TOLERANCE_DAYS, NEW, "a1")],
        [event(0, NEW, "ann")],
        (1, 1, 1),
    ),
    "a day too late": ([flag(TOLERANCE_DAYS + 1, NEW, "a1")], [event(0, NEW, "ann")], (1, 1, 0)),
    "before it happened": ([flag(-1, NEW, "a1")], [event(0, NEW, "ann")], (1, 1, 0)),
    "of another kind": ([flag(0, BACK, "a1")], [event(0, NEW, "ann")], (0, 1, 0)),
    "of another person": ([flag(0, NEW, "b1")], [event(0, NEW, "ann")], (1, 1, 0)),
    "any of its adverts will do": (
        [flag(0, NEW, "a1", "b2")],
        [event(0, NEW, "bea")],
        (1, 1, 1),
    ),
    "told twice, counted once": (
        [flag(0, NEW, "a1"), flag(2, NEW, "a2")],
        [event(0, NEW, "ann")],
        (2, 1, 1),
    ),
    "one flag for two people tells of one": (
        [flag(0, NEW, "a1", "b1")],
        [event(0, NEW, "ann"), event(0, NEW, "bea")],
        (1, 2, 1),
    ),
    "as many as can be, whatever the order": (
        [flag(3, NEW, "a1", "b1"), flag(3, NEW, "a1")],
        [event(0, NEW, "ann"), event(0, NEW, "bea")],
        (2, 2, 2),
    ),
    "two events of one person, two flags": (
        [flag(4, NEW, "a1"), flag(5, NEW, "a2")],
        [event(0, NEW, "ann"), event(4, NEW, "ann")],
        (2, 2, 2),
    ),
    "an advert of nobody": ([flag(0, NEW, "x9")], [], (1, 0, 0)),
}


@pytest.mark.parametrize("story", CASES)
def test_counts(story: str) -> None:
    flags, events, expected = CASES[story]
    found = score(flags, events, OWNERS)
    scored = found.scores[NEW]
    assert (scored.published, scored.true, scored.matched) == expected
    assert len(set(found.pairs.values())) == len(found.pairs)


def test_shares() -> None:
    flags = [flag(0, NEW, "a1"), flag(0, NEW, "x9"), flag(0, NEW, "x8"), flag(1, BACK, "b1")]
    events = [event(0, NEW, "ann"), event(0, NEW, "bea"), event(1, BACK, "bea")]
    scores = score(flags, events, OWNERS).scores
    assert (scores[NEW].precision, scores[NEW].recall) == (1 / 3, 1 / 2)
    assert (scores[BACK].precision, scores[BACK].recall) == (1.0, 1.0)
    assert (scores[FlagKind.MOVED].precision, scores[FlagKind.MOVED].recall) == (None, None)


def test_returns_with_a_new_number_are_counted_by_themselves() -> None:
    """Of two, one is told; a return with her old number and a number alone are none of them."""
    told = [flag(0, BACK, "a1"), flag(1, FlagKind.NEW_NUMBER, "b1"), flag(30, BACK, "a2")]
    events = [
        Event(DAY, "ann", BACK, 14, new_number=True),
        Event(DAY, "bea", BACK, 20, new_number=True),
        Event(DAY + timedelta(days=1), "bea", FlagKind.NEW_NUMBER, new_number=True),
        Event(DAY + timedelta(days=30), "ann", BACK, 15),
    ]
    found = score(told, events, OWNERS)
    assert found.scores[BACK].matched == 2
    assert (found.renumbered.matched, found.renumbered.total) == (1, 2)
