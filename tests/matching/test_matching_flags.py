"""The flag rules as stories: what happened, and what the morning's list says of it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from stories import advert, context, day, profile

from matching.context import FlagContext, Tie
from matching.flags import judge
from records.flags import FlagKind
from records.histories import ProfileHistory
from records.reasons import REASONS, sentence

NEW, REAPPEARED = FlagKind.NEW, FlagKind.REAPPEARED
NEW_NUMBER, MOVED = FlagKind.NEW_NUMBER, FlagKind.MOVED

SPARSE = {"alfa/padova": [day(number) for number in (1, 2, 3, 12, 13, 14, 15)]}


@dataclass(frozen=True)
class Story:
    tells: str
    history: ProfileHistory
    when: FlagContext
    kind: FlagKind | None = None
    reasons: tuple[str, ...] = ()
    proven: bool = True
    doubtful: bool = False
    held: bool = False
    absent_days: int | None = None


STORIES = (
    Story(
        "her first advert ever",
        profile(advert(1, (5, 5), joined=None), created=5),
        context(5),
        NEW,
        ("first_seen",),
    ),
    Story(
        "she was there when we began to look",
        profile(advert(1, (0, 0), baseline=True, joined=None)),
        context(0),
    ),
    Story(
        "one advert from the start of a site, another new elsewhere: she was there before",
        profile(
            advert(1, (0, 5), baseline=True, joined=None),
            advert(2, (5, 5), site="beta", joined=None),
        ),
        context(5),
    ),
    Story(
        "new on two sites at once",
        profile(advert(1, (5, 5), joined=None), advert(2, (5, 5), site="beta", joined=None)),
        context(5),
        NEW,
        ("first_seen", "other_site"),
    ),
    Story(
        "new, and only a site that copies others shows her",
        profile(advert(1, (5, 5), site="copies", joined=None)),
        context(5),
        NEW,
        ("first_seen",),
    ),
    Story(
        "she stays visible",
        profile(advert(1, (0, 30)), judged=29),
        context(30),
    ),
    Story(
        "her advert is bumped or reworded: the same advert, a new interval",
        profile(advert(1, (0, 10), (10, 20)), judged=19),
        context(20),
    ),
    Story(
        "re-posted under a new id the day after",
        profile(advert(1, (0, 9)), advert(2, (10, 10), joined=None), judged=9),
        context(10),
    ),
    Story(
        "copied to a second site",
        profile(advert(1, (0, 10)), advert(2, (10, 10), site="beta", joined=None), judged=9),
        context(10),
    ),
    Story(
        "back after thirteen days",
        profile(advert(1, (0, 5), (18, 18)), judged=10),
        context(18),
    ),
    Story(
        "the same advert back after three weeks, every day read",
        profile(advert(1, (0, 5), (26, 26)), judged=10),
        context(26),
        REAPPEARED,
        ("absent_since", "same_advert"),
        absent_days=21,
    ),
    Story(
        "back exactly at the fourteenth day",
        profile(advert(1, (0, 5), (19, 19)), judged=10),
        context(19),
        REAPPEARED,
        ("absent_since", "same_advert"),
        absent_days=14,
    ),
    Story(
        "back under a new advert with the old number",
        profile(advert(1, (0, 5)), advert(2, (26, 26), joined=None), judged=10),
        context(26),
        REAPPEARED,
        ("absent_since", "same_number"),
        absent_days=21,
    ),
    Story(
        "back elsewhere, with another number and in another province, known by her words",
        profile(
            advert(1, (0, 5)),
            advert(
                2,
                (26, 26),
                site="beta",
                partition="treviso",
                numbers=("n2",),
                provinces=("TV",),
                joined=None,
            ),
            judged=10,
        ),
        context(26, ties={2: Tie(0.97, words=True)}),
        REAPPEARED,
        ("absent_since", "same_words", "number_changed", "place_changed", "other_site"),
        absent_days=21,
    ),
    Story(
        "back, known by her messenger handle alone",
        profile(
            advert(1, (0, 5), numbers=("h1",)),
            advert(2, (26, 26), numbers=("h1",), joined=None),
            judged=10,
        ),
        context(26),
        REAPPEARED,
        ("absent_since", "same_handle"),
        absent_days=21,
    ),
    Story(
        "back, but the site went unread for more than three days meanwhile",
        profile(advert(1, (0, 1), (15.5, 15.5)), judged=4),
        context(15.5, complete_runs=SPARSE),
        REAPPEARED,
        ("absent_since", "absence_unproven", "same_advert"),
        proven=False,
        absent_days=14,
    ),
    Story(
        "always capped: her page was seen to be gone the next day",
        profile(advert(1, (0, 1), (20, 20), absent="probe"), judged=4),
        context(20, complete_runs={}),
        REAPPEARED,
        ("absent_since", "same_advert"),
        absent_days=19,
    ),
    Story(
        "the site was down for three weeks: our absence, not hers",
        profile(advert(1, (0, 1), (22, 22), absent=False), judged=1),
        context(22, complete_runs={}),
    ),
    Story(
        "the site was down for three weeks, and she had re-posted meanwhile",
        profile(advert(1, (0, 1), absent=False), advert(2, (22, 22), joined=None), judged=1),
        context(22, complete_runs={}),
    ),
    Story(
        "gone from one site; the other, since unread, still shows the same advert",
        profile(
            advert(1, (0, 1)),
            advert(2, (0, 1), (22, 22), site="beta", absent=False),
            judged=4,
        ),
        context(22),
    ),
    Story(
        "gone from one site; her other advert was on one that has not been read since",
        profile(
            advert(1, (0, 1)),
            advert(2, (0, 1), site="dead", absent=False),
            advert(3, (22, 22), joined=None),
            judged=4,
        ),
        context(22),
        REAPPEARED,
        ("absent_since", "absence_unproven", "same_number"),
        proven=False,
        absent_days=21,
    ),
    Story(
        "one of two adverts stayed visible",
        profile(advert(1, (0, 1), (22, 22)), advert(2, (0, 22), site="beta"), judged=20),
        context(22),
    ),
    Story(
        "after an absence only a site that copies others shows her",
        profile(
            advert(1, (0, 5)),
            advert(2, (26, 26), site="copies", numbers=("n2",), joined=None),
            judged=10,
        ),
        context(26),
    ),
    Story(
        "a copy came back first, then the original",
        profile(
            advert(1, (0, 5), (28, 28)),
            advert(2, (26, 28), site="copies", joined=26),
            judged=26,
        ),
        context(28),
        REAPPEARED,
        ("absent_since", "same_advert"),
        absent_days=23,
    ),
    Story(
        "a copy lingered while the original was gone",
        profile(
            advert(1, (0, 5), (28, 28)),
            advert(2, (0, 28), site="copies"),
            judged=26,
        ),
        context(28),
    ),
    Story(
        "back last week, and told so: nothing this week",
        profile(advert(1, (0, 5), (26, 33)), judged=32),
        context(33, told=[(REAPPEARED, day(26.1))]),
    ),
    Story(
        "seen again by a crawl that was still running during the last pass",
        profile(advert(1, (0, 5), (26, 26)), judged=26.05),
        context(26.1),
        REAPPEARED,
        ("absent_since", "same_advert"),
        absent_days=21,
    ),
    Story(
        "the same, but the last pass told it already",
        profile(advert(1, (0, 5), (26, 26)), judged=26.05),
        context(26.1, told=[(REAPPEARED, day(26.05))]),
    ),
    Story(
        "a return of a month ago that a late link brings to light is no news",
        profile(
            advert(1, (0, 5)),
            advert(2, (26, 60), joined=None),
            judged=58,
        ),
        context(60),
    ),
    Story(
        "a second number on an advert that is visible",
        profile(advert(1, (0, 20), changes=[("n2", 20)]), judged=19),
        context(20),
        NEW_NUMBER,
        ("number_changed", "same_advert"),
    ),
    Story(
        "a number where there was none",
        profile(
            advert(1, (0, 20), numbers=()),
            advert(2, (20, 20), numbers=("n2",), joined=None),
            judged=19,
        ),
        context(20, ties={2: Tie(0.98, words=True)}),
        NEW_NUMBER,
        ("number_changed", "same_words"),
    ),
    Story(
        "a new messenger handle is no new number",
        profile(advert(1, (0, 20), changes=[("h1", 20)]), judged=19),
        context(20),
    ),
    Story(
        "a number that nobody could read for sure is none yet",
        profile(advert(1, (0, 20), changes=[("doubtful", 20)]), judged=19),
        context(20),
    ),
    Story(
        "now in Treviso",
        profile(
            advert(1, (0, 19)),
            advert(2, (20, 20), partition="treviso", provinces=("TV",), joined=None),
            judged=19,
        ),
        context(20),
        MOVED,
        ("place_changed",),
    ),
    Story(
        "back in a province where she was before",
        profile(
            advert(1, (0, 9), provinces=("TV",)),
            advert(2, (9, 19)),
            advert(3, (20, 20), provinces=("TV",), joined=None),
            judged=19,
        ),
        context(20),
    ),
    Story(
        "the first province that is ever said is no move",
        profile(advert(1, (0, 19), provinces=()), advert(2, (20, 20), joined=None), judged=19),
        context(20),
    ),
    Story(
        "a new number in a new province: one flag",
        profile(
            advert(1, (0, 19)),
            advert(2, (20, 20), numbers=("n2", "h1"), provinces=("TV",), joined=None),
            judged=19,
        ),
        context(20),
        NEW_NUMBER,
        ("number_changed", "place_changed"),
    ),
    Story(
        "two profiles became one: what each had is known",
        profile(
            advert(1, (0, 20)),
            advert(2, (0, 20), numbers=("n2",), provinces=("TV",), joined=0),
            judged=19,
        ),
        context(20),
    ),
    Story(
        "she turns out to be somebody known under another number and elsewhere",
        profile(
            advert(1, (0, 20)),
            advert(2, (12, 20), numbers=("n2", "h1"), provinces=("TV",), joined=12),
            judged=19,
            known=("n1", "PD"),
        ),
        context(20, merged=frozenset({2})),
        NEW_NUMBER,
        ("number_changed", "place_changed"),
    ),
    Story(
        "so she does, but both were known for weeks: neither number is news",
        profile(
            *(advert(1, (0, 20)), advert(2, (5, 20), numbers=("n2",), provinces=("TV",))),
            advert(3, (20, 20), numbers=("n2",), provinces=("TV",), joined=None),
            judged=19,
            known=("n1", "PD"),
        ),
        context(20, merged=frozenset({2})),
    ),
    Story(
        "so she does, but both were first seen on one day: nothing has changed since",
        profile(
            *(advert(1, (0, 6)), advert(2, (0.02, 6), numbers=("n2",), joined=0)),
            judged=5,
            known=("n1",),
        ),
        context(6, merged=frozenset({2})),
    ),
    Story(
        "another number seen before the last pass, which had not yet been told of it",
        profile(
            advert(1, (0, 20), changes=[("n2", 18.9), ("TV", 18.9)]),
            judged=19,
            known=("n1", "PD"),
        ),
        context(20),
        NEW_NUMBER,
        ("number_changed", "same_advert", "place_changed"),
    ),
    Story(
        "a number seen at the very time of the last pass, and by it",
        profile(
            advert(1, (19, 20), numbers=("n2",), provinces=("TV",), joined=19),
            judged=18,
            known=("n2", "TV"),
        ),
        context(20),
    ),
    Story(
        "maybe somebody we know: a person has seven days to say so",
        profile(advert(1, (5, 6), joined=5), created=5),
        context(6, doubt=0.8),
        held=True,
    ),
    Story(
        "maybe somebody we know, and nobody said in seven days",
        profile(advert(1, (5, 12), joined=5), created=5),
        context(12, doubt=0.8),
        NEW,
        ("first_seen", "doubtful_link"),
        doubtful=True,
    ),
    Story(
        "the doubt went away",
        profile(advert(1, (5, 8), joined=5), created=5),
        context(8),
        NEW,
        ("first_seen",),
    ),
    Story(
        "a doubt about one who was there at the start holds nothing, as nothing would be raised",
        profile(advert(1, (0, 0), baseline=True, joined=None)),
        context(0, doubt=0.8),
    ),
    Story(
        "a profile whose adverts are all forgotten",
        profile(judged=3),
        context(20),
    ),
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.tells)
def test_story(story: Story) -> None:
    judgement = judge(story.history, story.when)
    flag = judgement.flag
    assert (flag and flag.kind) == story.kind
    assert (judgement.hold_until is not None) == story.held
    if flag is not None:
        assert tuple(reason.code for reason in flag.reasons) == story.reasons
        assert flag.proven == story.proven
        assert flag.doubtful == story.doubtful
        assert flag.absent_days == story.absent_days
        assert flag.profile == 7
        assert flag.raised_at == story.when.now
        assert set(flag.adverts) <= {a.advert for a in story.history.adverts}
        for reason in flag.reasons:
            for language in ("it", "en"):
                for for_file in (False, True):
                    assert "{" not in sentence(reason, language, for_file=for_file)


def test_every_reason_has_its_sentence() -> None:
    codes = {code for story in STORIES for code in story.reasons}
    assert codes | {"first_seen_somewhere", "absent_since_somewhere"} <= set(REASONS)
