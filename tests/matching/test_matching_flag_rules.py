"""The flag rules beyond the stories: what a flag says, and what holds of any history."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from stories import Place, advert, context, day, profile

from matching.context import FlagRules, Supposed
from matching.flags import NOTHING, judge
from records.flags import FlagKind
from records.reasons import sentence


def test_doubtful_flag_is_sure_as_far_as_the_link_is_not() -> None:
    history = profile(advert(1, (5, 12), joined=5), created=5)
    flag = judge(history, context(12, doubt=0.75)).flag
    assert flag is not None
    assert flag.probability == 0.25


def test_likely_doubt_that_nobody_decided_is_supposed_to_be_true() -> None:
    """A re-post of who is still there is no news, however doubtful the link."""
    here = Supposed(profile(advert(7, (0, 12)), judged=11))
    history = profile(advert(1, (5, 12), joined=5), created=5)
    assert judge(history, context(12, doubt=0.9, supposed=here)) == NOTHING


def test_supposed_return_is_raised_as_doubtful() -> None:
    gone = Supposed(profile(advert(7, (0, 1)), judged=4))
    history = profile(advert(1, (26, 33), joined=26, changes=[("TV", 26)]), created=26)
    assert judge(history, context(30, doubt=0.9, supposed=gone)).hold_until == day(33)
    flag = judge(history, context(33, doubt=0.9, supposed=gone)).flag
    assert flag is not None
    assert (flag.kind, flag.doubtful, flag.probability) == (FlagKind.REAPPEARED, True, 0.9)
    assert flag.adverts == (1,)
    assert flag.absent_days == 25
    assert [reason.code for reason in flag.reasons][-1] == "doubtful_link"


def test_supposed_return_that_was_told_is_not_told_again() -> None:
    told = [(FlagKind.REAPPEARED, day(26))]
    back = Supposed(profile(advert(7, (0, 1), (26, 33)), judged=32), told)
    history = profile(advert(1, (26, 33), joined=26), created=26)
    assert judge(history, context(33, doubt=0.9, supposed=back)) == NOTHING


def test_who_is_supposed_to_be_somebody_unjudged_leaves_the_news_to_her() -> None:
    other = Supposed(profile(advert(7, (5, 12), joined=5), created=5))
    history = profile(advert(1, (5, 12), joined=5), created=5)
    assert judge(history, context(12, doubt=0.9, supposed=other)) == NOTHING


def test_hold_lasts_as_long_as_the_rules_say() -> None:
    history = profile(advert(1, (5, 5), joined=None), created=5)
    rules = FlagRules(doubt=timedelta(days=3))
    assert judge(history, context(5, doubt=0.6, rules=rules)).hold_until == day(8)


def test_a_faint_doubt_waits_for_the_next_day_and_leaves_no_mark() -> None:
    """Whatever its hour: the next morning's pass may begin a little before that of today."""
    first = profile(advert(1, (5, 5), joined=None), created=5.1)
    assert judge(first, context(5, faint=True)).hold_until == day(5.1) + FlagRules().faint
    flag = judge(
        profile(advert(1, (5, 6), joined=5.1), created=5.1), context(5.95, faint=True)
    ).flag
    assert flag is not None
    assert (flag.kind, flag.doubtful, flag.probability) == (FlagKind.NEW, False, 1.0)


def test_places_in_words() -> None:
    history = profile(
        advert(1, (0, 5), (26, 26), changes=[("TV", 26)]),
        judged=10,
    )
    flag = judge(history, context(26, places={1: Place("Conegliano", "TV")})).flag
    assert flag is not None
    told = [sentence(reason, "it") for reason in flag.reasons]
    assert told[0] == "assente da 21 giorni: l'ultima volta vista il 6 gennaio, a Padova"
    assert told[-1] == "ora a Conegliano, dove non era mai stata vista"


def test_date_is_local() -> None:
    from zoneinfo import ZoneInfo

    late = advert(1, (5.72, 5.72), joined=None)  # 23:17 UTC on 6 January is the 7th in Rome
    flag = judge(profile(late), context(5.8, tz=ZoneInfo("Europe/Rome"))).flag
    assert flag is not None
    assert flag.reasons[0].params["date"] == "2026-01-07"


def test_no_place_known() -> None:
    flag = judge(profile(advert(1, (5, 5), provinces=(), joined=None)), context(5)).flag
    assert flag is not None
    assert sentence(flag.reasons[0], "en") == "first advert seen on 6 January"


def test_original_stands_before_its_copy() -> None:
    history = profile(advert(1, (5, 6), site="copies", joined=None), advert(2, (5, 5), joined=None))
    flag = judge(history, context(6)).flag
    assert flag is not None
    assert flag.adverts == (2, 1)


gaps = st.lists(st.floats(0.1, 13.9), min_size=1, max_size=12)
lengths = st.floats(0.0, 20.0)


@settings(deadline=None)
@given(data=st.data(), gaps=gaps)
def test_who_stays_visible_raises_nothing(data: st.DataObject, gaps: list[float]) -> None:
    """Whatever adverts and sites carry her, without a gap of fourteen days nothing is raised."""
    adverts, at = [], 0.0
    for number, gap in enumerate(gaps):
        length = data.draw(lengths)
        site = data.draw(st.sampled_from(["alfa", "beta", "copies"]))
        adverts.append(advert(number, (at, at + length), site=site))
        at += length + gap
    last = advert(99, (at, at), joined=data.draw(st.sampled_from([None, 0.0])))
    history = profile(*adverts, last, judged=data.draw(st.floats(0, max(at, 0.1))))
    assert judge(history, context(at)).flag is None


@settings(deadline=None)
@given(
    left=st.floats(1, 20),
    away=st.floats(14.0, 200.0),
    judged=st.floats(0.0, 1.0),
    same=st.booleans(),
    site=st.sampled_from(["alfa", "beta"]),
)
def test_who_was_away_is_found_again_once(
    left: float, away: float, judged: float, same: bool, site: str
) -> None:
    """A proven absence of fourteen days or more raises one flag, and the next pass none."""
    back = left + away + 0.001
    if same:
        adverts = [advert(1, (0, left), (back, back))]
    else:
        adverts = [advert(1, (0, left)), advert(2, (back, back), site=site, joined=None)]
    history = profile(*adverts, judged=left + judged * away)
    flag = judge(history, context(back)).flag
    assert flag is not None
    assert flag.kind is FlagKind.REAPPEARED
    assert flag.proven
    assert flag.absent_days is not None
    assert flag.absent_days >= 14
    later = replace(history, judged_to=context(back).now)
    told = [(flag.kind, flag.raised_at)]
    assert judge(later, context(back + 0.5, told=told)).flag is None
